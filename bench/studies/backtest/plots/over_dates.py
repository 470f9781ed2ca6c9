"""Figures over the dates of a vote: error by days before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.core.language import _, in_form, listed
from bench.report.plotting import layout, style
from bench.studies.backtest.headline import Vote

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation

ERROR_TICKS = (0, 1, 4, 10, 20, 30, 50)  # points, far enough apart on a root scale
SMALL_TICKS = (0, 0.5, 1, 2, 4, 6)
MOST_PANELS = 6
FLOORS = "floors"  # the family without a panel where there are more
LONGEST = 31  # signs of a label beside a curve
FEW_DATES = 15  # up to which dots have their full size


def error_by_day(vote: Vote, *, ballot: str = "common") -> pd.DataFrame:
    """Mean absolute error by predictor and days before the vote.

    Returns
    -------
    DataFrame
        predictor, days, mae_pp, low_pp, high_pp, n: mean, first and third quartile of the
        absolute errors over candidates, and how many there are.
    """
    errors = vote.signed_errors(ballot)
    days = (vote.context.vote_on.normalize() - errors["as_of"].dt.normalize()).dt.days
    sizes = errors["error_pp"].abs().groupby([errors["predictor"], days.rename("days")])
    table = pd.DataFrame(
        {
            "mae_pp": sizes.mean(),
            "low_pp": sizes.quantile(0.25),
            "high_pp": sizes.quantile(0.75),
            "n": sizes.size(),
        }
    )
    return table.reset_index()


def ballot_words(vote: Vote, ballot: str) -> str:
    """On whom the errors over dates are taken, and why not on whom each date ranks on."""
    on = vote.context.ballots.get(ballot, ballot)
    if ballot != "full":
        return on
    if "common" in vote.context.ballots:
        return _(
            "{ballot}, since the candidates ranked on differ by date, gaps filled by rule",
            ballot=on,
        )
    return _("{ballot}, gaps filled by rule", ballot=on)


@layout.styled
def horizon(
    vote: Vote,
    *,
    families: Mapping[str, str],
    predictors: Sequence[str],
    ballot: str = "common",
    claim: str = "",
    size: str = "double",
) -> Figure:
    """Draw error by days before the vote, one panel per family of methods, at most six.

    Parameters
    ----------
    vote
        With several dates.
    families
        Predictor to its family of methods.
    predictors
        Whom to draw; families appear in the order of their first member.
    ballot
        Which errors.
    claim
        What the figure shows.
    size
        Size preset.
    """
    from matplotlib.collections import LineCollection

    context, font = vote.context, style.FONT_PT[size]
    longest = layout.NARROW if size == "single" else LONGEST
    shown_names = {name: layout.cut(vote.labels[name], longest) for name in predictors}
    table = error_by_day(vote, ballot=ballot)
    table = table[table["predictor"].isin(predictors)]
    drawn = set(table["predictor"])
    order = list(dict.fromkeys(families[name] for name in predictors if name in drawn))
    families_drawn = order
    if len(order) > MOST_PANELS:
        order = [name for name in order if name != FLOORS][:MOST_PANELS]
    days = sorted(table["days"].unique())
    top = float(table["mae_pp"].quantile(0.98)) * 1.12
    caption = [
        _(
            "Mean absolute error on {ballot}; {n} dates from {first} to {last} days before. Band: "
            "middle half of the errors of the candidates, for the panel's first method (n = "
            "{points} per point). Grey: all other methods. Both axes are square-root scales, so "
            "that small errors and the last days can be told apart.",
            ballot=ballot_words(vote, ballot),
            n=len(days),
            first=max(days),
            last=min(days),
            points=layout.span(table["n"]),
        )
    ]
    without = [name for name in families_drawn if name not in order]
    if without:
        caption.append(_("Without a panel of their own: {names}.", names=listed(without)))
    if table["mae_pp"].max() > top:
        caption.append(_("Curves run on above {top:.0f} points.", top=top))
    figure, axes, _room = layout.panels(
        order,
        size,
        1.25,
        per_line=2,
        more_in=0.25,
        title=_(
            "How the error changed as the vote came near: {election}, {round}",
            election=context.name,
            round=context.round_words,
        ),
        claim=claim,
        caption=" ".join([*caption, context.source]),
        grid="y",
        sharex=True,
        sharey=True,
        subtitle=_("mean absolute error, percentage points"),
        x_label=_("days before the vote"),
    )
    ticks = [t for t in (ERROR_TICKS if top > 8 else SMALL_TICKS) if t <= top]
    every = [rows[["days", "mae_pp"]].to_numpy() for _, rows in table.groupby("predictor")]
    labels: list[tuple[Axes, list[tuple[Annotation, float]]]] = []
    for axis, family in zip(axes.flat, order, strict=False):
        mine = [n for n in predictors if families[n] == family and n in drawn]
        axis.set_yscale("function", functions=(_root, _square))
        axis.set_ylim(0, top)
        axis.set_yticks(ticks, [in_form(f"{t:g}") for t in ticks])
        axis.set_xscale("function", functions=(_root, _square))
        axis.set_xlim(max(days) * 1.05 + 0.1, 0)
        axis.add_collection(
            LineCollection(every, colors=style.GRID, linewidths=font / 9, zorder=1), autolim=False
        )
        named = {name: shown_names[name] for name in mine}
        labels.append((axis, _curves(axis, table, named, family, top)))
        axis.set_xticks(_day_ticks(days), [str(d) for d in _day_ticks(days)])
        axis.tick_params(labelbottom=True)
    layout.settle(figure)
    for axis, ends in labels:
        _spread(axis, ends, figure.get_figheight(), font)
    return figure


def _spread(
    axis: Axes, labels: list[tuple[Annotation, float]], height_in: float, font: float
) -> None:
    """Move the labels of a panel apart, now that its height is known."""
    height_pt = axis.get_position().height * height_in * 72
    places = layout.spread_out([end for _, end in labels], 1.3 * font / height_pt, 0.02, 1.02)
    for (label, _end), place in zip(labels, places, strict=True):
        label.set_position((1.04, float(place)))


def _curves(
    axis: Axes, table: pd.DataFrame, mine: Mapping[str, str], family: str, top: float
) -> list[tuple[Annotation, float]]:
    """Draw the curves of one family; return the label and the relative height of each end."""
    import matplotlib as mpl

    font = float(mpl.rcParams["font.size"])
    colour = style.METHOD_COLOURS.get(family, style.OTHER_METHOD)
    ends: list[tuple[Annotation, float]] = []
    # many dates: dots so small that dashes can be told apart
    dot = font / 3 * min(1.0, (FEW_DATES / table["days"].nunique()) ** 0.8)
    for i, name in enumerate(mine):
        rows = table[table["predictor"].eq(name)].sort_values("days")
        if i == 0:
            axis.fill_between(
                rows["days"],
                rows["low_pp"],
                rows["high_pp"],
                color=colour,
                alpha=0.16,
                linewidth=0,
                zorder=2,
            )
        axis.plot(
            rows["days"],
            rows["mae_pp"],
            color=colour,
            linestyle=style.DASHES[i % len(style.DASHES)],
            marker="o",
            markersize=dot,
            zorder=4 if i else 5,
        )
        nearest, end = float(rows["days"].iloc[0]), min(float(rows["mae_pp"].iloc[0]), top)
        label = axis.annotate(
            mine[name],
            xy=(nearest, end),
            xycoords="data",
            xytext=(1.04, 0.5),
            textcoords="axes fraction",
            va="center",
            ha="left",
            color=style.INK,
            fontsize=font * 0.95,
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": colour,
                "linewidth": 0.5,
                "shrinkA": 1,
                "shrinkB": 2,
                "relpos": (0, 0.5),
            },
        )
        ends.append((label, float(np.sqrt(end / top))))
    return ends


def _root(x: FloatArray) -> FloatArray:
    root: FloatArray = np.sqrt(np.clip(np.asarray(x, dtype=float), 0, None))
    return root


def _square(x: FloatArray) -> FloatArray:
    square: FloatArray = np.square(np.asarray(x, dtype=float))
    return square


def _day_ticks(days: Sequence[int]) -> list[int]:
    """Few round numbers of days inside the range."""
    wanted = [0, 2, 7, 14, 30, 60, 100, 200, 300]
    return [d for d in wanted if d <= max(days) * 1.05] or list(days)
