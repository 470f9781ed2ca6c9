"""Figures over the dates of a vote: error by days before it, and the calibration of intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.report.plotting import layout, style
from bench.studies.backtest.headline import Vote

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation

ERROR_TICKS = (0, 1, 4, 10, 20, 30, 50)  # points, far enough apart on a root scale
SMALL_TICKS = (0, 0.5, 1, 2, 4, 6)
FEW_DATES = 15  # up to which dots have their full size
N_BINS = 5  # of the histograms of PIT


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


@layout.styled
def horizon(
    vote: Vote,
    *,
    families: Mapping[str, str],
    predictors: Sequence[str],
    ballot: str = "common",
    size: str = "double",
) -> Figure:
    """Draw error by days before the vote, one panel per family of methods.

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
    size
        Size preset.
    """
    context = vote.context
    table = error_by_day(vote, ballot=ballot)
    table = table[table["predictor"].isin(predictors)]
    drawn = set(table["predictor"])
    order = list(dict.fromkeys(families[name] for name in predictors if name in drawn))
    per_line = 1 if size == "single" else min(len(order), 2)
    lines = -(-len(order) // per_line)
    days = sorted(table["days"].unique())
    top = float(table["mae_pp"].quantile(0.98)) * 1.12
    beyond = f" Curves run on above {top:.0f} points." if table["mae_pp"].max() > top else ""
    on = context.ballots.get(ballot, ballot)
    if ballot == "full":
        varies = "common" in context.ballots
        on += ", since the candidates ranked on differ by date" if varies else ""
        on += ", gaps filled by rule"
    figure, axes, _ = layout.sheet(
        size,
        0.25 + lines * 1.25,
        title=f"How the error changed as the vote came near: {context.name}, {context.round_words}",
        caption=(
            f"Mean absolute error on {on}; {len(days)} dates from "
            f"{max(days)} to {min(days)} days before. Band: middle half of the errors of the "
            f"candidates, for the panel's first method (n = {layout.span(table['n'])} "
            f"per point). Grey: all other methods. Both axes are square-root scales, so that small "
            f"errors and the last days can be told apart.{beyond} {context.source}"
        ),
        rows=lines,
        columns=per_line,
        sharex=True,
        sharey=True,
        subtitle="mean absolute error, percentage points",
        x_label="days before the vote",
    )
    labels: list[tuple[Axes, list[tuple[Annotation, float]]]] = []
    ticks = [t for t in (ERROR_TICKS if top > 8 else SMALL_TICKS) if t <= top]
    for axis, family in zip(axes.flat, order, strict=False):
        mine = [n for n in predictors if families[n] == family and n in drawn]
        axis.set_yscale("function", functions=(_root, _square))
        axis.set_ylim(0, top)
        axis.set_yticks(ticks, [f"{t:g}" for t in ticks])
        axis.set_xscale("function", functions=(_root, _square))
        axis.set_xlim(max(days) * 1.05 + 0.1, 0)
        labels.append((axis, _curves(axis, table, mine, family, top)))
        for day in days:  # unseen in files; a page shows that of its slider
            axis.axvline(
                day,
                color=style.INK,
                linewidth=0.9,
                alpha=0,
                zorder=6,
                gid=f"{layout.AS_OF}{day}-{len(labels)}",
            )
        axis.set_title(family)
        axis.set_xticks(_day_ticks(days), [str(d) for d in _day_ticks(days)])
        axis.tick_params(labelbottom=True)
    for axis in axes.flat[len(order) :]:
        axis.set_visible(False)
    layout.settle(figure)
    for axis, ends in labels:
        _spread(axis, ends, figure.get_figheight(), style.FONT_PT[size])
    return figure


def _spread(
    axis: Axes, labels: list[tuple[Annotation, float]], height_in: float, font: float
) -> None:
    """Move the labels of a panel apart, now that its height is known."""
    height_pt = axis.get_position().height * height_in * 72
    places = layout.spread_out([end for _, end in labels], 1.3 * font / height_pt, 0.02, 1.02)
    for (label, _), place in zip(labels, places, strict=True):
        label.set_position((1.04, float(place)))


def _curves(
    axis: Axes, table: pd.DataFrame, mine: Sequence[str], family: str, top: float
) -> list[tuple[Annotation, float]]:
    """Draw the curves of one family; return the label and the relative height of each end."""
    import matplotlib as mpl

    font = float(mpl.rcParams["font.size"])
    colour = style.METHOD_COLOURS.get(family, style.OTHER_METHOD)
    layout.tidy(axis, grid="y")
    for name, rows in table.groupby("predictor"):
        if name not in mine:
            axis.plot(rows["days"], rows["mae_pp"], color=style.GRID, linewidth=font / 9, zorder=1)
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
            zorder=4 if i else 5,
        )
        axis.plot(rows["days"], rows["mae_pp"], "o", color=colour, markersize=dot, zorder=5)
        nearest, end = float(rows["days"].iloc[0]), min(float(rows["mae_pp"].iloc[0]), top)
        label = axis.annotate(
            layout.cut(name),
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


def coverage_by_level(vote: Vote) -> pd.DataFrame:
    """Share of outcomes inside the central intervals, over all dates and the candidates named.

    Returns
    -------
    DataFrame
        predictor, nominal, observed (fractions), n.
    """
    keys = ["as_of", "predictor", "candidate"]
    rows = vote.national_errors
    inside = rows[rows["ballot"].eq("full") & rows["score"].str.startswith("inside_")]
    shares = vote.national_forecasts
    named = shares.loc[~shares["filled"].astype(bool), keys]
    by = inside.merge(named, on=keys).groupby(["predictor", "score"])["value"]
    table = pd.DataFrame({"observed": by.mean(), "n": by.size()}).reset_index()
    nominal = table.pop("score").str.removeprefix("inside_").astype(float) / 100
    return table.assign(nominal=nominal).sort_values(["predictor", "nominal"], ignore_index=True)


@layout.styled
def calibration(vote: Vote, *, predictors: Sequence[str], size: str = "double") -> Figure:
    """Draw interval coverage (above) and probability integral transforms (below).

    Parameters
    ----------
    vote
        All its dates count.
    predictors
        Those with intervals, in reading order.
    size
        Size preset.
    """
    context = vote.context
    held = coverage_by_level(vote)
    rows = vote.national_errors
    pit = rows[rows["score"].eq("pit") & rows["ballot"].eq("full")].dropna(subset="value")
    shown = [name for name in predictors if name in set(held["predictor"])]
    per_line = min(len(shown), 2 if size == "single" else 3)
    lines = -(-len(shown) // per_line)
    figure, axes, _ = layout.sheet(
        size,
        lines * 2.05,
        title=f"Did the intervals hold what they promised? {context.name}, {context.round_words}",
        subtitle="upper: share of outcomes inside the intervals, by nominal level; lower: PIT",
        caption=(
            f"All candidates named and dates: n = {layout.span(held['n'])} "
            "outcomes per method. Grey: 95% range of a calibrated forecast if outcomes were "
            "independent, which candidates and dates of one vote are not. Below the diagonal: "
            "intervals too narrow. PIT: place of the outcome in the forecast; U-shape: too narrow, "
            "slope: "
            f"biased. {context.source}"
        ),
        rows=2 * lines,
        columns=per_line,
    )
    room = 72 * style.WIDTHS_IN[size] / (per_line + 0.5)
    for k in range(lines * per_line):
        line, column = divmod(k, per_line)
        upper, lower = axes[2 * line, column], axes[2 * line + 1, column]
        if k >= len(shown):
            upper.set_visible(False)
            lower.set_visible(False)
            continue
        name = shown[k]
        _coverage_panel(upper, held[held["predictor"].eq(name)])
        text, letter = layout.fitted(name, room, style.FONT_PT[size])
        upper.set_title(text, fontsize=letter)
        _pit_panel(lower, pit.loc[pit["predictor"].eq(name), "value"].to_numpy())
        if column:
            upper.tick_params(labelleft=False)
    return figure


def _coverage_panel(axis: Axes, rows: pd.DataFrame) -> None:
    from scipy.stats import binom

    layout.tidy(axis, grid="y")
    nominal = np.linspace(0.4, 1, 241)
    n = int(rows["n"].iloc[0])
    low, high = (binom.ppf(q, n, nominal) / n for q in (0.025, 0.975))
    axis.fill_between(nominal, low, high, color=style.GRID, linewidth=0)
    axis.plot([0.4, 1], [0.4, 1], color=style.SOFT, linewidth=0.7, linestyle="--")
    axis.plot(
        rows["nominal"],
        rows["observed"],
        "o-",
        color=style.METHOD_COLOURS["quota polls"],
        markersize=3.2,
        clip_on=False,
    )
    axis.set_xlim(0.42, 1)
    axis.set_ylim(0, 1.02)
    axis.set_xticks([0.5, 0.8, 0.95], ["50", "80", "95%"])
    axis.set_yticks([0, 0.5, 1], ["0", "50", "100%"])


def _pit_panel(axis: Axes, values: FloatArray) -> None:
    from scipy.stats import binom

    n = len(values)
    axis.spines["left"].set_visible(False)
    axis.set_yticks([])
    axis.set_xlim(0, 1)
    axis.set_xticks([0, 0.5, 1], ["0", ".5", "1"])
    if n == 0:
        where: dict[str, Any] = {"ha": "center", "va": "center", "transform": axis.transAxes}
        axis.text(0.5, 0.5, "no PIT", color=style.SOFT, **where)
        return
    counts, edges = np.histogram(values, bins=N_BINS, range=(0, 1))
    low, high = (float(binom.ppf(q, n, 1 / N_BINS)) for q in (0.025, 0.975))
    axis.axhspan(low, high, color=style.GRID, linewidth=0)
    axis.axhline(n / N_BINS, color=style.SOFT, linewidth=0.7, linestyle="--")
    axis.bar(
        edges[:-1],
        counts,
        width=0.94 / N_BINS,
        align="edge",
        alpha=0.75,
        color=style.METHOD_COLOURS["quota polls"],
        linewidth=0,
    )
    axis.set_ylim(0, 1.1 * max(high, float(counts.max())))
