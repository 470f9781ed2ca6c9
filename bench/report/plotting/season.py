"""How sealed forecasts moved over a season, and how far each was from the vote: still and live."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from bench.core.language import _
from bench.core.options import labels
from bench.report.charts import (
    PERCENT,
    Chart,
    Panels,
    Spec,
    colours_of,
    curves,
    labelled,
    layer,
    quantity,
    shown_of,
)
from bench.report.figure import Axis, Figure, Mark
from bench.report.plotting import style

LEAST = 0.05  # share of the vote from which a candidate has a panel
MOST = 6  # panels
MOST_METHODS = 7  # that are told apart
DOTS = {"marker": ".", "markersize": 3}
BAND = {"color": style.GRID, "alpha": 1}


def moved(
    forecasts: pd.DataFrame,
    *,
    headline: str,
    names: Mapping[str, str],
    title: str,
    source: str,
    claim: str = "",
) -> Figure:
    """A panel per leading candidate: every method from seal to seal, and the vote.

    Parameters
    ----------
    forecasts : DataFrame
        Of one vote: predictor, days_before, candidate, share, q05, q95, outcome.
    headline : str
        The method whose interval is drawn.
    names : mapping
        Candidates' names.
    title, source, claim : str
    """
    called = _in_order(forecasts, headline)
    rows = forecasts.sort_values("days_before")
    rows[["share", "q05", "q95"]] *= PERCENT
    of_headline = rows[rows["predictor"].eq(headline)].dropna(subset=["q05", "q95"])
    votes = (PERCENT * _outcomes(forecasts)).reset_index()
    return Figure(
        title=_("How the sealed forecasts moved: {title}", title=title),
        claim=claim,
        subtitle=_("percent of the valid votes on the assumed ballot"),
        caption=_(
            "{n} seals. Shaded: 90% interval of {method}. Dashed: the vote. A line begins "
            "where polls had asked about the candidate on the slate most tested; before "
            "that nobody could be asked. {source}",
            n=forecasts["days_before"].nunique(),
            method=called[headline],
            source=source,
        ),
        panel="candidate",
        panels={name: names.get(name, name) for name in _with_panel(forecasts)},
        height=1.2,
        more=0.3,
        per_line=2,
        marks=(
            Mark("band", of_headline, "days_before", "q05", "q95", look=BAND),
            Mark("at", votes, y="outcome", look={"color": style.SOFT, "linestyle": "--"}),
            _lines(rows, called, "share"),
        ),
        **_over_days(rows, called),
    )


def scored(
    errors: pd.DataFrame, *, headline: str, title: str, source: str, claim: str = ""
) -> Figure:
    """The mean absolute error of every method by days before the vote.

    Parameters
    ----------
    errors : DataFrame
        Of one vote: predictor, days_before, candidate, absolute_error (fractions).
    headline : str
        The method in the strong colour.
    title, source, claim : str
    """
    called = _in_order(errors, headline)
    mean = PERCENT * errors.groupby(["predictor", "days_before"])["absolute_error"].mean()
    rows = mean.reset_index()
    return Figure(
        title=_("How far the sealed forecasts were from the vote: {title}", title=title),
        claim=claim,
        subtitle=_("mean absolute error, percentage points"),
        caption=_(
            "Candidates who were on the assumed slate and on the final ballot, their shares "
            "divided by their sum. One vote is one draw. {source}",
            source=source,
        ),
        height=1.9,
        grid="y",
        marks=(_lines(rows, called, "absolute_error"),),
        **_over_days(rows, called),
    )


def _lines(rows: pd.DataFrame, called: Mapping[str, str], value: str) -> Mark:
    mine = rows[rows["predictor"].isin(called)]
    mine = mine.assign(method=mine["predictor"].map(called))
    return Mark("line", mine, "days_before", value, by="method")


def _over_days(rows: pd.DataFrame, called: Mapping[str, str]) -> dict[str, Any]:
    """Axes and looks that both figures share."""
    looks = {name: _look(place) for place, name in enumerate(called.values())}
    first, last = (float(rows["days_before"].agg(end)) for end in ("max", "min"))
    edge = 0.04 * (first - last)
    return {
        "x": Axis(label=_("days before the vote"), low=first + edge, high=last - edge),
        "y": Axis(low=0),
        "looks": looks,
        "legend": looks,
    }


def moved_chart(forecasts: pd.DataFrame, *, headline: str, names: Mapping[str, str]) -> Chart:
    """Every method from seal to seal, a panel for each leading candidate, and the vote.

    Parameters
    ----------
    forecasts : DataFrame
        As of `moved`.
    headline : str
        The method whose interval is drawn where none is followed.
    names : mapping
        Candidates' names.
    """
    called = _in_order(forecasts, headline)
    people = _with_panel(forecasts)
    known = forecasts[forecasts["predictor"].isin(called) & forecasts["candidate"].isin(people)]
    known = known[known["share"].notna()].sort_values("days_before", ascending=False)
    rows, columns = labelled(
        candidate=(_("Candidate"), known["candidate"].map(lambda key: names.get(key, key))),
        method=(_("Method"), known["predictor"].map(called)),
        days=(_("Days before the vote"), known["days_before"].astype(int)),
        value=(_("Forecast, %"), (PERCENT * known["share"]).round(2)),
        low=(_("90% interval from"), (PERCENT * known["q05"]).round(2)),
        high=(_("90% interval to"), (PERCENT * known["q95"]).round(2)),
        outcome=(_("Outcome, %"), (PERCENT * known["outcome"]).round(2)),
    )
    days, colours = _days(columns["days"]), _colours(called)
    spread = layer(
        {"type": "area", "opacity": 0.18},
        [
            {"filter": f"datum.method === {shown_of('method', list(called.values()))}"},
            {"filter": "isValid(datum.low)"},
        ],
        x=days,
        y=quantity("low"),
        y2={"field": "high"},
        color=colours_of("method", colours),
    )
    top = {"op": "max", "field": "outcome", "as": "outcome"}
    vote = layer(
        {"type": "rule", "strokeDash": [5, 4], "color": style.SOFT, "strokeWidth": 1.5},
        [{"aggregate": [top], "groupby": ["candidate"]}],
        y=quantity("outcome"),
    )
    order = [names.get(one, one) for one in people]
    return curves(
        rows,
        columns,
        across=days,
        title=None,
        colours=colours,
        behind=[spread, vote],
        panels=Panels(field="candidate", order=order, most=2, ratio=0.45, room=40),
    )


def scored_chart(errors: pd.DataFrame, *, headline: str) -> Chart:
    """The mean absolute error of every method by days before the vote.

    Parameters
    ----------
    errors : DataFrame
        As of `scored`.
    headline : str
        The method in the strong colour.
    """
    called = _in_order(errors, headline)
    known = errors[errors["predictor"].isin(called)]
    grouped = known.groupby(["predictor", "days_before"])["absolute_error"]
    mean = grouped.agg(["mean", "size"]).reset_index()
    mean = mean.sort_values("days_before", ascending=False)
    error = (PERCENT * mean["mean"]).round(2)
    rows, columns = labelled(
        method=(_("Method"), mean["predictor"].map(called)),
        days=(_("Days before the vote"), mean["days_before"].astype(int)),
        value=(_("Mean absolute error, percentage points"), error),
        n=(_("Candidates"), mean["size"]),
    )
    across, colours = _days(columns["days"]), _colours(called)
    return curves(rows, columns, across=across, title=columns["value"], colours=colours)


def _outcomes(forecasts: pd.DataFrame) -> pd.Series:
    """The vote by candidate."""
    return forecasts.dropna(subset="outcome").groupby("candidate")["outcome"].first()


def _with_panel(forecasts: pd.DataFrame) -> list[str]:
    """The leading candidates, by votes."""
    outcome = _outcomes(forecasts)
    shown = list(outcome[outcome >= LEAST].sort_values(ascending=False).index)[:MOST]
    return shown or list(outcome.nlargest(1).index)


def _in_order(rows: pd.DataFrame, headline: str) -> dict[str, str]:
    """The methods in words, the headline first; those beyond `MOST_METHODS` are left out.

    Sorted, so that a method has the same look in both figures, whatever the order of their rows.
    """
    others = sorted(set(rows["predictor"]) - {headline})
    return labels("predictor", [headline, *others][:MOST_METHODS])


def _look(place: int) -> dict[str, Any]:
    """Colour, width and dashes of the method in this place."""
    if place == 0:
        return {**DOTS, "color": style.INK, "linewidth": 1.6, "linestyle": "-"}
    colour = style.STRANGER_COLOURS[(place - 1) % len(style.STRANGER_COLOURS)]
    dashes = style.DASHES[place % len(style.DASHES)]
    return {**DOTS, "color": colour, "linewidth": 0.9, "linestyle": dashes}


def _colours(called: Mapping[str, str]) -> dict[str, str]:
    """The headline in ink, the others in turn."""
    return {name: _look(place)["color"] for place, name in enumerate(called.values())}


def _days(title: str) -> Spec:
    return quantity(
        "days",
        title=title,
        scale={"reverse": True, "zero": False},
        axis={"grid": False, "tickCount": 6, "titleAnchor": "middle"},
    )
