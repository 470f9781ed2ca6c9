"""How sealed forecasts moved over a season, and how far each was from the vote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from bench.core.language import _
from bench.core.options import label
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
    outcome = outcomes(forecasts)
    shown = with_panel(forecasts)
    methods = in_order(forecasts, headline)
    n = forecasts["days_before"].nunique()
    words = [label("predictor", one) for one in methods]
    side_by_side = layout.legend_columns(words, size, MOST_IN_LINE[size])
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
            n=n,
            method=label("predictor", headline),
            source=source,
        ),
        legend_lines=-(-len(methods) // side_by_side),
        grid="x",
        sharex=True,
        sharey=True,
    )
    handles = {}
    for axis, name in zip(axes.flat, shown, strict=False):
        here = forecasts[forecasts["candidate"] == name].sort_values("days_before")
        band = here[here["predictor"] == headline].dropna(subset=["q05", "q95"])
        axis.fill_between(
            band["days_before"], 100 * band["q05"], 100 * band["q95"], color=style.GRID, linewidth=0
        )
        for place, method in enumerate(methods):
            line = here[here["predictor"] == method]
            colour, width, dashes = _look(place)
            handles[method] = axis.plot(
                line["days_before"],
                100 * line["share"],
                color=colour,
                linewidth=width,
                linestyle=dashes,
                marker=".",
                markersize=3,
            )[0]
        axis.axhline(100 * outcome[name], color=style.RIGHT, linewidth=0.9, linestyle="--")
        axis.tick_params(labelbottom=True)
    axes[0, 0].set_ylim(bottom=0)
    axes[0, 0].invert_xaxis()
    layout.legend(figure, [handles[one] for one in methods], words, top, side_by_side)
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
    methods = in_order(errors, headline)
    mean = errors.groupby(["predictor", "days_before"])["absolute_error"].mean()
    words = [label("predictor", one) for one in methods]
    side_by_side = layout.legend_columns(words, size, MOST_IN_LINE[size])
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
        legend_lines=-(-len(methods) // side_by_side),
        grid="y",
    )
    axis = axes[0, 0]
    handles = []
    for place, method in enumerate(methods):
        line = 100 * mean[method]
        colour, width, dashes = _look(place)
        handles += axis.plot(
            line.index, line, color=colour, linewidth=width, linestyle=dashes, marker="."
        )
    axis.invert_xaxis()
    axis.set_ylim(bottom=0)
    layout.legend(figure, handles, words, top, side_by_side)
    return figure


def outcomes(forecasts: pd.DataFrame) -> pd.Series:
    """The vote by candidate."""
    return forecasts.dropna(subset="outcome").groupby("candidate")["outcome"].first()


def with_panel(forecasts: pd.DataFrame) -> list[str]:
    """The leading candidates, by votes."""
    outcome = outcomes(forecasts)
    shown = list(outcome[outcome >= LEAST].sort_values(ascending=False).index)[:MOST]
    return shown or list(outcome.nlargest(1).index)


def in_order(rows: pd.DataFrame, headline: str) -> list[str]:
    """The methods, the headline first; those beyond `MOST_METHODS` are left out."""
    others = [str(one) for one in rows["predictor"].unique() if one != headline]
    return [headline, *others][:MOST_METHODS]


def _look(place: int) -> tuple[str, float, object]:
    """Colour, width and dashes of the method in this place."""
    if place == 0:
        return style.INK, 1.6, "-"
    colours = style.STRANGER_COLOURS
    return colours[(place - 1) % len(colours)], 0.9, style.DASHES[place % len(style.DASHES)]
