"""What a forecast shows: chances, what is not known yet, what changed, and how such have done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core.options import label
from bench.core.settings import Experiment
from bench.data.election import load_election
from bench.report.context import names_of
from bench.report.formatting import MISSING, days_in_words, format_fixed, format_probability
from bench.report.report import FigureSection, Report, Sentences
from bench.report.text import Text
from bench.report.view import view_report, view_tables
from bench.runner.results import Results
from bench.studies.base import settings_of
from bench.studies.forecast.analysis import Settings
from bench.studies.forecast.break_even import EVENS, MOST_SHARE, N_POLLS, RESPONDENTS
from bench.studies.forecast.context import MAX_OFF_BALLOT, ForecastView
from bench.studies.forecast.plots import fan

MIN_NAMED = 10  # percent: the chance, as it is printed, from which a candidate is named
SMALL_SHARE = 0.03  # in the polls below which no earlier vote shows what a chance is worth
SMALL_CHANGE = 0.005  # of a share that is not worth a word
QUIET_DAYS = 30  # without a poll, after which a forecast says that it is old
MAX_PAIRS = 5
N_LEADING = 4  # candidates whose chance on other slates a terminal shows
PAIR = 2  # candidates of a ballot that needs no name
FIRST = ("mixture", "weights", "forecast")
text = Text("forecast")


def forecast_report(experiment: Experiment, results: Results) -> Report:
    """Title, findings, tables, figure and page of a forecast."""
    view = ForecastView(
        vote=results.facts["vote"],
        tables=results.tables,
        settings=settings_of(Settings, experiment),
    )
    facts, frames = facts_of(view), frames_of(view)
    tables = view_tables("forecast", frames, facts, names=view.names)
    figures = {} if view.polls.empty else {"fan": fan(view, facts)}
    first = [one for one in tables if one.name in FIRST]
    changed = Sentences(
        name="changed", heading=text("changed_heading"), lines=text.lines("changed", **facts)
    )
    unknown = Sentences(
        name="unknown",
        heading=text("unknown_heading"),
        lines=text.lines("unknown", **facts),
        nav=text("unknown_nav"),
    )
    return view_report(
        "forecast",
        facts,
        frames,
        figures,
        title=text("title", **facts),
        source=view.source,
        tables=tables,
        sections=(
            *(FigureSection(name, text("fan_reading")) for name in figures),
            *first,
            changed,
            unknown,
            *(one for one in tables if one not in first),
        ),
    )


def percentage(chance: float) -> int:
    """A chance in whole percent, as tables print it: 0 stands for <1%, 100 for >99%.

    Examples
    --------
    >>> percentage(0.3476), percentage(0.005), percentage(0.0051), percentage(0.995)
    (35, 0, 1, 100)
    """
    return 100 if chance >= 0.995 else min(round(100 * chance), 99)


def chance_words(chance: float) -> str:
    """A chance in words: one word for all chances that are printed as the same percentage.

    Examples
    --------
    >>> chance_words(0.97), chance_words(0.5), chance_words(0.2), chance_words(0.001)
    ('very likely', 'about even', 'unlikely', 'all but impossible')
    >>> chance_words(0.3451), chance_words(0.3549)
    ('less likely than not', 'less likely than not')
    """
    percent = percentage(chance)
    return next(
        words for least, words in text.words("chance_words").items() if percent >= int(least)
    )


def in_ten(chance: float) -> str:
    """A chance as so many times in ten, or in a hundred where it is near 0 or 1.

    Examples
    --------
    >>> in_ten(0.62), in_ten(0.97), in_ten(0.03), in_ten(0.001)
    ('6 in 10', '97 in 100', '3 in 100', 'under 1 in 100')
    >>> in_ten(0.3451), in_ten(0.3549)
    ('4 in 10', '4 in 10')
    """
    percent = percentage(chance)
    n, of = ((percent + 5) // 10, 10) if 5 < percent < 95 else (percent, 100)
    return text("times", n=n, of=of, below=percent == 0, above=percent == 100)


def facts_of(view: ForecastView) -> dict[str, Any]:
    """What the texts know.

    Parameters
    ----------
    view
        What was asked and found.
    """
    vote, last = view.vote, view.last_interview_on
    moment, vote_on = view.as_of.normalize(), view.days[-1]
    age = None if last is None else (moment - last).days
    public = view.polls.drop_duplicates("poll_id")["published_on"]
    pairs = view.tables.get("pairs")
    return {
        "election": view.title,
        "round": int(vote["round"]),
        "as_of": view.as_of,
        "hour": f"{view.as_of:%H:%M}",
        "method": view.method,
        "average": label("predictor", view.settings.average),
        "names": view.names,
        "to_runoff": view.round.seats > 1,
        "vote_days": days_in_words(view.days),
        "last_day": vote_on,
        "is_unset": len(view.days) > 1,
        "announced_on": view.round.announced_on,
        "slate": vote["slate_name"],
        "is_supposed": bool(vote["slate"]),
        "is_pair": bool(vote["slate"]) and len(vote["ballot"]) == PAIR,
        "is_open": vote["is_open"],
        "is_listed": view.is_listed,
        "n_slates": vote["slates_standing"],
        "ballot": [view.names[name] for name in vote["ballot"]],
        "n_polls": view.polls["poll_id"].nunique(),
        "last_interview_on": last,
        "poll_age": age,
        "is_quiet": age is not None and age > QUIET_DAYS,
        "days_left": (vote_on.normalize() - moment).days,
        "days_of_polls": None if last is None else (vote_on - last).days,
        "leader": view.names[str(view.now.index[0])],
        "chances": _likely(view, view.now["p_qualify"].dropna(), view.round.seats + 2),
        "elected": _likely(view, view.elected),
        "weights": _weights(view),
        "past": _past(view),
        "since": view.since,
        "has_earlier": not view.before.empty,
        "n_new": int((public > view.since).sum()),
        "moved": _moved(view),
        "gap": _gap(view),
        "break_even": _break_even(view),
        "n_new_polls": N_POLLS,
        "n_respondents": RESPONDENTS,
        "max_share": MOST_SHARE,
        "max_off_ballot": MAX_OFF_BALLOT,
        "small_share": SMALL_SHARE,
        "has_small": view.round.seats > 1 and bool((view.now["share"] < SMALL_SHARE).any()),
        "is_transferred": pairs is not None and not pairs["basis"].eq("polls").all(),
    }


def _likely(view: ForecastView, chances: pd.Series, most: int = 3) -> list[dict[str, Any]]:
    """The likeliest: those whose chance is printed as `MIN_NAMED` or more, at least the first."""
    chances = chances.sort_values(ascending=False, kind="stable")
    named = [name for name in chances.index if percentage(chances[name]) >= MIN_NAMED]
    return [
        {
            "name": view.names[str(name)],
            "words": chance_words(chances[name]),
            "times": in_ten(chances[name]),
        }
        for name in (named or list(chances.index[:1]))[:most]
    ]


def _weights(view: ForecastView) -> dict[str, Any] | None:
    """What is said under the weights of a file, if there are any."""
    if view.mixture.empty:
        return None
    rows, slates = view.mixture.set_index("candidate"), view.tables["weights"]
    elected = rows["p_elected"].dropna() if view.round.seats > 1 else pd.Series(dtype=float)
    return {
        "file": Path(view.settings.weights).name,
        "n_slates": int((slates["slate"] != "").sum()),
        "unlisted": float(slates.loc[slates["slate"] == "", "weight"].sum()),
        "chances": _likely(view, rows["p_qualify"], view.round.seats + 2),
        "elected": _likely(view, elected),
    }


def _past(view: ForecastView) -> dict[str, Any] | None:
    """How the headline's forecasts from polls as old did before earlier votes."""
    rows = view.tables.get("fared")
    if rows is None:
        return None
    chances = pd.Series([one for row in rows["chances"] for one in numbers(row)])
    return {
        "n": len(rows),
        "error": 100 * rows["mae_leading"].mean(),
        "n_through": len(chances),
        "n_below": int((chances.fillna(0) < EVENS).sum()),
    }


def _moved(view: ForecastView) -> list[dict[str, str]]:
    """Whose share moved most since the earlier forecast."""
    if view.before.empty:
        return []
    moved = (view.now["share"] - view.before["share"]).dropna()
    moved = moved[moved.abs() >= SMALL_CHANGE].sort_values(key=abs, ascending=False)
    return [
        {"name": view.names[str(name)], "change": signed(100 * change)}
        for name, change in moved.head(4).items()
    ]


def _gap(view: ForecastView) -> dict[str, Any] | None:
    """Between the last who gets through and the first who does not, in points."""
    around = view.now["share"].dropna().iloc[view.round.seats - 1 : view.round.seats + 1]
    if len(around) < 2:
        return None
    gap = 100 * float(around.iloc[0] - around.iloc[1])
    ahead, behind = (view.names[str(name)] for name in around.index)
    return {"ahead": ahead, "behind": behind, "gap": gap, "shift": gap / 2}


def _break_even(view: ForecastView) -> list[dict[str, Any]]:
    """What new polls would have to show so that a chance becomes one half."""
    return [
        {
            "name": view.names[row["candidate"]],
            "times": in_ten(row["p_qualify"]),
            "needed": None if pd.isna(row["needed"]) else row["needed"],
            "share": row["share"],
            "falls": row["p_qualify"] >= EVENS,
        }
        for row in view.tables.get("break_even", pd.DataFrame()).to_dict("records")
    ]


def signed(points: float) -> str:
    """A change of so many points, with its sign.

    Examples
    --------
    >>> signed(1.23), signed(-0.5), signed(0.01)
    ('+1.2', '−0.5', '0.0')
    """
    number = format_fixed(points, 1)
    return f"+{number}" if points >= 0.05 else number


def numbers(row: str) -> list[float]:
    """Numbers that were joined by commas.

    Examples
    --------
    >>> numbers("0.5, 0.25")
    [0.5, 0.25]
    """
    return [float(one) for one in row.split(", ")]


def frames_of(view: ForecastView) -> dict[str, pd.DataFrame]:
    """The tables, each with the rows that people see."""
    found = {
        "mixture": _mixture(view),
        "forecast": _forecast(view),
        "likely_pairs": _pairs(view),
        "slates": _slates(view),
        "methods_now": _methods(view),
        "fared": _fared(view),
        "history": (view.tables["history"], _history(view.tables["history"])),
        "polls_read": _polls(view),
    }
    frames = {name: data for name, (data, _shown) in found.items()}
    weights = view.tables["weights"] if len(view.mixture) else pd.DataFrame()
    shown = {f"{name}_shown": rows for name, (_data, rows) in found.items()}
    return {**frames, **shown, "weights": weights}


Both = tuple[pd.DataFrame, pd.DataFrame]
NOTHING: Both = (pd.DataFrame(), pd.DataFrame())


def _intervals(rows: pd.DataFrame) -> list[str]:
    return [
        MISSING if pd.isna(low) else text("interval", low=100 * low, high=100 * high)
        for low, high in zip(rows["q05"], rows["q95"], strict=True)
    ]


def _mixture(view: ForecastView) -> Both:
    """Who runs, gets through and is elected under stated weights."""
    rows = view.mixture
    if rows.empty:
        return NOTHING
    shown = rows.assign(interval=_intervals(rows))
    if view.elected.empty:
        shown = shown.drop(columns=["p_elected", "p_elected_if_runs"])
    return rows, shown


def _forecast(view: ForecastView) -> Both:
    """Share, interval and chances of every candidate."""
    rows = view.now.reset_index()
    before = view.before["share"] if len(view.before) else pd.Series(dtype=float)
    rows["change"] = rows["share"] - rows["candidate"].map(before)
    rows["p_elected"] = rows["candidate"].map(view.elected)
    shown = rows.assign(
        interval=_intervals(rows),
        words=["" if pd.isna(chance) else chance_words(chance) for chance in rows["p_qualify"]],
        signed=[signed(100 * change) for change in rows["change"]],
    )
    gone = ["p_first"] * (view.round.seats == 1) + ["p_elected"] * view.elected.empty
    return rows, shown.drop(columns=gone + ["change"] * view.before.empty)


def _pairs(view: ForecastView) -> Both:
    """The likeliest pairs of the runoff, and who wins each."""
    if "pairs" not in view.tables:
        return NOTHING
    rows = view.on_slate(view.tables["pairs"]).head(MAX_PAIRS)
    ahead = rows["first_wins"] >= EVENS
    rows = rows.assign(
        ahead=rows["first"].where(ahead, rows["second"]),
        p_ahead=rows["first_wins"].where(ahead, 1 - rows["first_wins"]),
        share_ahead=rows["first_share"].where(ahead, 1 - rows["first_share"]),
    )
    both = rows[["first", "second"]].replace(view.names)
    return rows, rows.assign(
        pair=both["first"] + " – " + both["second"],
        ahead=rows["ahead"].map(view.names),
        # without polls of the pair only its own draws count, and they are few
        chance=[
            (format_probability if basis == "polls" else in_ten)(chance)
            for basis, chance in zip(rows["basis"], rows["p_ahead"], strict=True)
        ],
    )


def _slates(view: ForecastView) -> Both:
    """What the headline says if another slate stands."""
    slates = view.tables["slates"]
    found = []
    for row in slates.to_dict("records"):
        rows = view.rows(view.settings.headline, slate=row["slate"])
        if len(rows):
            found.append({**row, **rows["p_qualify"].dropna().to_dict()})
    if len(slates) < 2 or not found:
        return NOTHING
    rows = pd.DataFrame(found)
    most = rows.drop(columns=slates.columns, errors="ignore").max()
    most = most.sort_values(ascending=False, kind="stable")
    named = [str(name) for name in most.index if percentage(most[name]) >= MIN_NAMED]
    heads = {
        name: f"{'lead' if place < N_LEADING else 'rest'}_{name}"
        for place, name in enumerate(named)
    }
    what = [_against(view, row["slate"].split()) for row in found]
    shown = rows[["name", "n_recent", *named]].rename(columns=heads)
    return rows, shown.assign(what=what)


def _against(view: ForecastView, slate: Sequence[str]) -> str:
    """What a slate has that the ballot asked about has not, in words."""
    ballot = view.vote["ballot"]
    new = [view.names[name] for name in slate if name not in ballot]
    gone = [view.names[name] for name in ballot if name not in slate]
    return text("against", new=new, gone=gone)


def _methods(view: ForecastView) -> Both:
    """What every method says of the leading candidates."""
    found, leading = [], view.leading
    methods = view.on_slate(view.tables["methods"])
    for row in methods[methods["as_of"] == view.as_of].to_dict("records"):
        rows = view.rows(row["predictor"]).reindex(leading)
        found.append(
            {
                "predictor": row["predictor"],
                **rows["share"].add_prefix("share_").to_dict(),
                **rows["p_qualify"].add_prefix("p_").to_dict(),
                "message": row["message"],
            }
        )
    data = pd.DataFrame(found)
    return data, data.drop(columns=[f"p_{name}" for name in leading[view.round.seats + 2 :]])


def _fared(view: ForecastView) -> Both:
    """What the headline said from polls as old before earlier votes of the country."""
    rows = view.tables.get("fared")
    if rows is None:
        return NOTHING
    names = names_of(list(rows["address"]))
    years = [
        f"{load_election(str(row['address'])).round(row['round']).vote_on:%Y}"
        for row in rows.to_dict("records")
    ]
    who = [_chances(row, names) for row in rows.to_dict("records")]
    return rows, rows.assign(election=years, who=who)


def _chances(row: Mapping[Any, Any], names: Mapping[str, str]) -> str:
    """The chances that those who got through had been given."""
    who = zip(row["through"].split(", "), numbers(row["chances"]), strict=True)
    return " · ".join(
        text("not_asked", name=names.get(key, key))
        if pd.isna(chance)
        else f"{names.get(key, key)} {format_probability(chance)}"
        for key, chance in who
    )


def _history(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values(["votes_in", "horizon_days"], ascending=False, kind="stable")


def _polls(view: ForecastView) -> Both:
    """The last poll of every institute, as read on the ballot."""
    rows = view.polls
    wide = rows.pivot_table(
        index=["fieldwork_end", "institute", "poll_id"], columns="candidate", values="share"
    ).reset_index()
    size = rows.drop_duplicates("poll_id").set_index("poll_id")["respondents"]
    wide["respondents"] = wide["poll_id"].map(size)
    wide = wide.sort_values("fieldwork_end", ascending=False, kind="stable")
    order = [str(name) for name in view.now.index if name in wide]
    shown = wide[["institute", "respondents", *order]]
    shown = shown.rename(columns={name: f"of_{name}" for name in order})
    return wide, shown.assign(fieldwork_end=wide["fieldwork_end"].dt.strftime("%Y-%m-%d"))
