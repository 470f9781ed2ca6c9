"""How sealed forecasts moved over a season, and how far each was from the vote: still and live."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

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
from bench.report.plotting import layout, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEAST = 0.05  # share of the vote from which a candidate has a panel
MOST = 6  # panels
MOST_METHODS = 7  # that are told apart
MOST_IN_LINE = {"single": 2, "double": 4, "slide": 4}  # names in a line of the legend


@layout.styled
def moved(
    forecasts: pd.DataFrame,
    *,
    headline: str,
    names: Mapping[str, str],
    title: str,
    source: str,
    claim: str = "",
    size: str = "double",
) -> Figure:
    """Draw a panel per leading candidate: every method from seal to seal, and the vote.

    Parameters
    ----------
    forecasts : DataFrame
        Of one vote: predictor, days_before, candidate, share, q05, q95, outcome.
    headline : str
        The method whose interval is drawn.
    names : mapping
        Candidates' names.
    title, source, claim : str
    size : str
        Preset.
    """
    outcome = _outcomes(forecasts)
    shown = _with_panel(forecasts)
    called = _in_order(forecasts, headline)
    side_by_side = layout.legend_columns(list(called.values()), size, MOST_IN_LINE[size])
    figure, axes, top = layout.panels(
        [names.get(name, name) for name in shown],
        size,
        1.2,
        per_line=2,
        more_in=0.3,
        title=_("How the sealed forecasts moved: {title}", title=title),
        claim=claim,
        subtitle=_("percent of the valid votes on the assumed ballot"),
        x_label=_("days before the vote"),
        caption=_(
            "{n} seals. Shaded: 90% interval of {method}. Dashed: the vote. A line begins "
            "where polls had asked about the candidate on the slate most tested; before "
            "that nobody could be asked. {source}",
            n=forecasts["days_before"].nunique(),
            method=called[headline],
            source=source,
        ),
        legend_lines=-(-len(called) // side_by_side),
        grid="x",
        sharex=True,
        sharey=True,
    )
    handles = {}
    for axis, name in zip(axes.flat, shown, strict=False):
        here = forecasts[forecasts["candidate"] == name].sort_values("days_before")
        band = here[here["predictor"] == headline].dropna(subset=["q05", "q95"])
        low, high = PERCENT * band["q05"], PERCENT * band["q95"]
        axis.fill_between(band["days_before"], low, high, color=style.GRID, linewidth=0)
        for place, method in enumerate(called):
            line = here[here["predictor"] == method]
            x, y = line["days_before"], PERCENT * line["share"]
            handles[method] = axis.plot(x, y, marker=".", markersize=3, **_look(place))[0]
        axis.axhline(PERCENT * outcome[name], color=style.SOFT, linewidth=0.9, linestyle="--")
        axis.tick_params(labelbottom=True)
    axes[0, 0].set_ylim(bottom=0)
    axes[0, 0].invert_xaxis()
    layout.legend(figure, list(handles.values()), list(called.values()), top, side_by_side)
    return figure


@layout.styled
def scored(
    errors: pd.DataFrame,
    *,
    headline: str,
    title: str,
    source: str,
    claim: str = "",
    size: str = "double",
) -> Figure:
    """Draw the mean absolute error of every method by days before the vote.

    Parameters
    ----------
    errors : DataFrame
        Of one vote: predictor, days_before, candidate, absolute_error (fractions).
    headline : str
        The method in the strong colour.
    title, source, claim : str
    size : str
        Preset.
    """
    called = _in_order(errors, headline)
    mean = errors.groupby(["predictor", "days_before"])["absolute_error"].mean()
    side_by_side = layout.legend_columns(list(called.values()), size, MOST_IN_LINE[size])
    figure, axes, top = layout.sheet(
        size,
        1.9,
        title=_("How far the sealed forecasts were from the vote: {title}", title=title),
        claim=claim,
        subtitle=_("mean absolute error, percentage points"),
        x_label=_("days before the vote"),
        caption=_(
            "Candidates who were on the assumed slate and on the final ballot, their shares "
            "divided by their sum. One vote is one draw. {source}",
            source=source,
        ),
        legend_lines=-(-len(called) // side_by_side),
        grid="y",
    )
    axis = axes[0, 0]
    handles = []
    for place, method in enumerate(called):
        line = PERCENT * mean[method]
        handles += axis.plot(line.index, line, marker=".", **_look(place))
    axis.invert_xaxis()
    axis.set_ylim(bottom=0)
    layout.legend(figure, handles, list(called.values()), top, side_by_side)
    return figure


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
        return {"color": style.INK, "linewidth": 1.6, "linestyle": "-"}
    colour = style.STRANGER_COLOURS[(place - 1) % len(style.STRANGER_COLOURS)]
    dashes = style.DASHES[place % len(style.DASHES)]
    return {"color": colour, "linewidth": 0.9, "linestyle": dashes}


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
