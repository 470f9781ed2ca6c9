"""The charts of the site, in the grammar of Vega-Lite: drawn by the page, and once as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from bench.core.options import label
from bench.data.country import family_colours
from bench.data.election import Election
from bench.data.outcome import outcome_of
from bench.site.words import Language

DAYS = 240  # before the vote, in the chart of polls
LEAST = 0.02  # share of a poll below which a candidate has no line
PERCENT = 100
AROUND = 5  # polls before and after that a running mean takes in
INK = "#1d2129"
OTHER = "#767676"
PALETTE = ("#8c564b", "#17becf", "#bcbd22", "#9467bd", "#e377c2")
Spec = dict[str, Any]


def polls_over_time(election: Election, number: int, language: Language) -> Spec | None:
    """Every poll of a ballot, a running mean of each candidate, and the outcome.

    Parameters
    ----------
    election : Election
    number : int
        The round.
    language : Language

    Returns
    -------
    dict or None
        A Vega-Lite specification with its data; None where nobody polled this ballot.
    """
    import altair as alt

    this = election.round(number)
    polls = election.polls
    if polls.empty or this.is_open:
        return None
    polls = polls[polls["round"].eq(number) & polls["candidate"].isin(this.candidates)]
    polls = polls[polls["fieldwork_end"] >= this.vote_on - pd.Timedelta(days=DAYS)]
    asked = polls.groupby("poll_id")["candidate"].nunique()
    polls = polls[polls["poll_id"].isin(asked.index[asked >= min(len(this.candidates), 2)])]
    seen = polls.groupby("candidate")["share"].max()
    polls = polls[polls["candidate"].isin(seen.index[seen >= LEAST])]
    if polls.empty:
        return None
    people = election.people.set_index("candidate")
    data = pd.DataFrame(
        {
            "who": polls["candidate"].map(people["name"]),
            "day": polls["fieldwork_end"].dt.strftime("%Y-%m-%d"),
            "public": polls["published_on"].dt.strftime("%Y-%m-%d"),
            "institute": polls["institute"],
            "n": polls["sample_size"],
            "share": (polls["share"] * PERCENT).round(2),
        }
    )
    candidates = list(dict.fromkeys(polls.sort_values("share", ascending=False)["candidate"]))
    scale = alt.Scale(
        domain=[people["name"][one] for one in candidates], range=_colours(election, candidates)
    )
    chosen = alt.selection_point(fields=["who"], bind="legend", name="chosen")
    colour = alt.Color("who:N", scale=scale, title=language("Candidate"))
    faded = alt.when(chosen)
    day = alt.X("day:T", title=language("End of the interviews"))
    share = alt.Y("share:Q", title=language("Share of the valid votes, percent"))
    tips = [
        alt.Tooltip("who:N", title=language("Candidate")),
        alt.Tooltip("share:Q", title="%"),
        alt.Tooltip("institute:N", title=language("Institute")),
        alt.Tooltip("day:T", title=language("End of the interviews")),
        alt.Tooltip("public:T", title=language("Public on")),
        alt.Tooltip("n:Q", title=language("Interviews")),
    ]
    base = alt.Chart(data).encode(color=colour)
    points = base.mark_circle(size=22).encode(
        x=day, y=share, tooltip=tips, opacity=faded.then(alt.value(0.45)).otherwise(alt.value(0.04))
    )
    line = (
        base.transform_window(
            mean="mean(share)", frame=[-AROUND, AROUND], groupby=["who"], sort=[{"field": "day"}]
        )
        .mark_line()
        .encode(x=day, y="mean:Q", opacity=faded.then(alt.value(1)).otherwise(alt.value(0.08)))
    )
    layers = [points, line]
    official = _official(election, number, candidates)
    if official is not None:
        marks = alt.Chart(official).mark_point(shape="diamond", size=90, filled=True)
        told = [tips[0], alt.Tooltip("share:Q", title=language("Official result, percent"))]
        layers.append(
            marks.encode(
                x="day:T",
                y="share:Q",
                color=colour,
                tooltip=told,
                opacity=faded.then(alt.value(1)).otherwise(alt.value(0.08)),
            )
        )
    chart = alt.layer(*layers).add_params(chosen).properties(width="container", height=380)
    return _finished(chart)


def _official(election: Election, number: int, candidates: list[str]) -> pd.DataFrame | None:
    if election.is_open or election.round(number).is_open:
        return None
    share = outcome_of(election, number).share
    names = election.people.set_index("candidate")["name"]
    return pd.DataFrame(
        {
            "who": [names[one] for one in candidates],
            "day": f"{election.round(number).vote_on:%Y-%m-%d}",
            "share": [round(PERCENT * float(share[one]), 2) for one in candidates],
        }
    )


def _colours(election: Election, candidates: list[str]) -> list[str]:
    """The colour of each candidate's family; who shares one takes the next of a palette."""
    known = family_colours()
    families = election.people.set_index("candidate")["family"]
    palette, colours = iter(PALETTE), list[str]()
    for one in candidates:
        colour = known.get(str(families[one]), "")
        colours.append(colour if colour and colour not in colours else next(palette, OTHER))
    return colours


def latest_polls(specification: Spec) -> list[list[str]]:
    """The newest poll of each institute in a chart of polls: a head, then a row for each.

    Parameters
    ----------
    specification : dict
        As `polls_over_time` made it.
    """
    table = max((pd.DataFrame(rows) for rows in specification["datasets"].values()), key=len)
    newest = table[table["day"].eq(table.groupby("institute")["day"].transform("max"))]
    wide = newest.pivot_table(index=["day", "institute"], columns="who", values="share", sort=False)
    wide = wide.sort_index(ascending=False)
    head = ["", *map(str, wide.columns)]
    rows = [
        [f"{institute}, {day}", *("" if pd.isna(one) else f"{one:g}" for one in values)]
        for (day, institute), values in zip(wide.index, wide.to_numpy(), strict=True)
    ]
    return [head, *rows]


def errors(headline: pd.DataFrame, language: Language, *, most: int = 14) -> Spec:
    """The error of every method of a backtest: on the candidates compared, and on all.

    Parameters
    ----------
    headline : pandas.DataFrame
        With ``predictor``, ``family``, ``mae_pp`` and ``mae_full_pp`` (percentage points).
    language : Language
    most : int
        Methods shown, in the order of the table.
    """
    import altair as alt

    rows = headline[headline["mae_pp"].notna()].head(most)
    data = pd.DataFrame(
        {
            "method": [label("predictor", name, language.code) for name in rows["predictor"]],
            "family": [language(str(family)) for family in rows["family"]],
            "compared": rows["mae_pp"].round(2),
            "all": rows["mae_full_pp"].round(2),
        }
    )
    method = alt.Y("method:N", sort=None, title=None, axis=alt.Axis(labelLimit=260))
    points = language("Mean absolute error, percentage points")
    hover = alt.selection_point(fields=["family"], bind="legend", name="chosen")
    tips = [
        alt.Tooltip("method:N", title=language("Method")),
        alt.Tooltip("family:N", title=language("Family")),
        alt.Tooltip("compared:Q", title=language("Error on the candidates compared")),
        alt.Tooltip("all:Q", title=language("Error on the whole ballot")),
    ]
    base = alt.Chart(data).encode(y=method, tooltip=tips)
    bars = base.mark_bar(height={"band": 0.55}).encode(
        x=alt.X("compared:Q", title=points),
        color=alt.Color("family:N", title=language("Family"), scale=alt.Scale(scheme="tableau10")),
        opacity=alt.when(hover).then(alt.value(0.9)).otherwise(alt.value(0.15)),
    )
    ticks = base.mark_tick(thickness=3).encode(x="all:Q")
    size = {"width": "container", "height": alt.Step(24)}
    return _finished(alt.layer(bars, ticks).add_params(hover).properties(**size))


def record(families: pd.DataFrame, labels: Mapping[str, str], language: Language) -> Spec:
    """The error of every family of methods beside that of the last polls, over all elections.

    Parameters
    ----------
    families : pandas.DataFrame
        Of the track record: ``family``, ``block``, ``relative``, ``low``, ``high``, ``elections``.
    labels : mapping of str to str
        The families in words.
    language : Language
    """
    import altair as alt

    rows = families[families["block"].eq("shares") & families["relative"].notna()]
    data = pd.DataFrame(
        {
            "family": [labels.get(name, name) for name in rows["family"]],
            "ratio": rows["relative"].round(2),
            "low": rows["low"].round(2),
            "high": rows["high"].round(2),
            "days": rows["elections"],
        }
    ).sort_values("ratio")
    title = language("Error as a multiple of that of the last polls")
    scale = alt.Scale(type="log", base=2)
    family = alt.Y("family:N", sort=list(data["family"]), title=None, axis=alt.Axis(labelLimit=260))
    tips = [
        alt.Tooltip("family:N", title=language("Family")),
        alt.Tooltip("ratio:Q", title=language("Ratio of errors")),
        alt.Tooltip("low:Q", title=language("95% interval from")),
        alt.Tooltip("high:Q", title=language("95% interval to")),
        alt.Tooltip("days:Q", title=language("Election days")),
    ]
    base = alt.Chart(data).encode(y=family, tooltip=tips)
    bars = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", scale=scale, title=title), x2="high:Q"
    )
    points = base.mark_point(filled=True, size=80).encode(x=alt.X("ratio:Q", scale=scale))
    one = alt.Chart(pd.DataFrame({"x": [1]})).mark_rule(strokeDash=[4, 4]).encode(x="x:Q")
    size = {"width": "container", "height": alt.Step(24)}
    return _finished(alt.layer(one, bars, points).properties(**size))


def record_rows(specification: Spec, language: Language) -> list[list[str]]:
    """The numbers of the chart of the track record as a table."""
    table = max((pd.DataFrame(rows) for rows in specification["datasets"].values()), key=len)
    head = [
        language("Family"),
        language("Ratio of errors"),
        language("95% interval from"),
        language("95% interval to"),
        language("Election days"),
    ]
    cells = [
        ["–" if pd.isna(one) else language.number(one, 2) for one in table[key]]
        for key in ("ratio", "low", "high")
    ]
    days = [language.number(one) for one in table["days"]]
    return [head, *map(list, zip(table["family"], *cells, days, strict=True))]


def error_rows(headline: pd.DataFrame, language: Language) -> list[list[str]]:
    """The numbers of the chart of errors as a table: a head, then a row for each method."""
    head = [
        language("Method"),
        language("Error on the candidates compared"),
        language("Error on the whole ballot"),
    ]
    rows = headline[headline["mae_pp"].notna()]
    names = [label("predictor", name, language.code) for name in rows["predictor"]]
    cells = [
        ["–" if pd.isna(one) else language.number(one, 2) for one in rows[key]]
        for key in ("mae_pp", "mae_full_pp")
    ]
    return [head, *map(list, zip(names, *cells, strict=True))]


def _finished(chart: Any) -> Spec:
    import altair as alt

    look = chart.configure_view(stroke=None).configure_axis(
        labelFontSize=12, titleFontSize=12, titleFontWeight="normal", grid=True
    )
    look = look.configure_legend(labelFontSize=12, labelLimit=240)
    with alt.data_transformers.enable("default", max_rows=None):
        specification: Spec = look.to_dict(validate=False)
    return specification


def picture(specification: Spec, width: int = 560) -> bytes:
    """A chart as a PNG picture with a white ground.

    Parameters
    ----------
    specification : dict
        Of Vega-Lite.
    width : int
        Pixels, before it is scaled by two.
    """
    import vl_convert

    drawn: bytes = vl_convert.vegalite_to_png(
        {
            **specification,
            "width": width,
            "background": "white",
            "config": {**specification["config"], "tick": {"color": INK}, "rule": {"color": INK}},
        },
        scale=1.5,
    )
    return drawn


def library() -> str:
    """The JavaScript that draws a specification, whole, so that no page asks for any."""
    import vl_convert

    script: str = vl_convert.javascript_bundle(None)  # type: ignore[arg-type]  # as its default
    return script
