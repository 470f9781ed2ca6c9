"""How the error shrinks as the vote comes near: this file draws the horizon curves."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.report.context import RunFacts
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.studies.backtest import selection as cells

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation


ERROR_TICKS = (0, 1, 4, 10, 20, 30, 50)  # points, far enough apart on a root scale
FEW_DATES = 15  # up to which dots have their full size
SMALL_TICKS = (0, 0.5, 1, 2, 4, 6)


def error_by_day(errors: pd.DataFrame, facts: RunFacts, *, ballot: str = "common") -> pd.DataFrame:
    """Mean absolute error by predictor and days before the vote.

    Returns
    -------
    DataFrame
        predictor, days, mae_pp, low_pp, high_pp, n: mean, first and third quartile of the
        absolute errors over candidates and replicates, and how many there are.
    """
    wrong = cells.national(cells.one_cell(errors, facts, any_date=True))
    wrong = wrong[wrong["ballot"].eq(ballot) & wrong["score"].eq(cells.SIGNED_ERROR)]
    wrong = wrong.dropna(subset="value")
    wrong = wrong.assign(
        days=cells.days_before(wrong["as_of"], facts.vote_on), size_pp=100 * wrong["value"].abs()
    )
    sizes = wrong.groupby(["predictor", "days"])["size_pp"]
    table = pd.DataFrame(
        {"mae_pp": sizes.mean(), "low_pp": sizes.quantile(0.25), "high_pp": sizes.quantile(0.75),
         "n": sizes.size()}
    )  # fmt: skip
    return table.reset_index()


@canvas.styled
def horizon(
    errors: pd.DataFrame,
    facts: RunFacts,
    *,
    families: Mapping[str, str],
    predictors: Sequence[str],
    ballot: str = "common",
    size: str = "double",
) -> "Figure":
    """Draw error by days before the vote, one panel per family of methods.

    Parameters
    ----------
    errors
        Long table with several dates.
    facts
        The run.
    families
        Predictor to its family of methods.
    predictors
        Whom to draw; families appear in the order of their first member.
    ballot
        Which errors.
    size
        Size preset.
    """
    table = error_by_day(errors, facts, ballot=ballot)
    table = table[table["predictor"].isin(predictors)]
    drawn = set(table["predictor"])
    order = list(dict.fromkeys(families[name] for name in predictors if name in drawn))
    per_line = 1 if size == "single" else min(len(order), 2)
    lines = -(-len(order) // per_line)
    days = sorted(table["days"].unique())
    top = float(table["mae_pp"].quantile(0.98)) * 1.12
    beyond = f" Curves run on above {top:.0f} points." if table["mae_pp"].max() > top else ""
    on = facts.ballots.get(ballot, ballot)
    if ballot == "full":
        by_date = (
            ", since the candidates ranked on differ by date" if "common" in facts.ballots else ""
        )
        on += f"{by_date}, gaps filled by rule"
    figure, axes, _ = canvas.sheet(
        size, 0.25 + lines * 1.25,
        title=f"How the error changed as the vote came near: {facts.name}, {facts.round_words}",
        caption=(
            f"Mean absolute error on {on}; {len(days)} dates from "
            f"{max(days)} to {min(days)} days before. Band: middle half of the errors of the "
            f"candidates, for the panel's first method (n = {canvas.span(table['n'])} "
            f"per point). Grey: all other methods. Both axes are square-root scales, so that small "
            f"errors and the last days can be told apart.{beyond} {facts.source}"
        ),
        rows=lines, columns=per_line, sharex=True, sharey=True,
        subtitle="mean absolute error, percentage points", x_label="days before the vote",
    )  # fmt: skip
    labels: list[tuple[Axes, list[tuple[Annotation, float]]]] = []
    for axis, family in zip(axes.flat, order, strict=False):
        mine = [n for n in predictors if families[n] == family and n in drawn]
        axis.set_yscale("function", functions=(_root, _square))
        axis.set_ylim(0, top)
        ticks = [t for t in (ERROR_TICKS if top > 8 else SMALL_TICKS) if t <= top]
        axis.set_yticks(ticks, [f"{t:g}" for t in ticks])
        axis.set_xscale("function", functions=(_root, _square))
        axis.set_xlim(max(days) * 1.05 + 0.1, 0)
        labels.append((axis, _panel(axis, table, mine, family, top)))
        for day in days:  # unseen in files; a page shows that of its slider
            axis.axvline(day, color=style.INK, linewidth=0.9, alpha=0, zorder=6,
                         gid=f"{canvas.AS_OF}{day}-{len(labels)}")  # fmt: skip
        axis.set_title(family)
        axis.set_xticks(_ticks(days), [str(d) for d in _ticks(days)])
        axis.tick_params(labelbottom=True)
    for axis in axes.flat[len(order) :]:
        axis.set_visible(False)
    canvas.settle(figure)
    for axis, ends in labels:
        _spread(axis, ends, figure.get_figheight(), style.FONT_PT[size])
    return figure


def _spread(
    axis: "Axes", labels: "list[tuple[Annotation, float]]", height_in: float, font: float
) -> None:
    """Move the labels of a panel apart, now that its height is known."""
    height_pt = axis.get_position().height * height_in * 72
    places = canvas.spread_out([end for _, end in labels], 1.3 * font / height_pt, 0.02, 1.02)
    for (label, _), place in zip(labels, places, strict=True):
        label.set_position((1.04, float(place)))


def _panel(
    axis: "Axes", table: pd.DataFrame, mine: Sequence[str], family: str, top: float
) -> "list[tuple[Annotation, float]]":
    """Draw the curves of one family; return the label and the relative height of each end."""
    import matplotlib as mpl

    font = float(mpl.rcParams["font.size"])
    colour = style.METHOD_COLOURS.get(family, style.OTHER_METHOD)
    canvas.tidy(axis, grid="y")
    for name, rows in table.groupby("predictor"):
        if name not in mine:
            axis.plot(rows["days"], rows["mae_pp"], color=style.GRID, linewidth=font / 9, zorder=1)
    dashes: tuple[Any, ...] = ("-", "--", ":", "-.", (0, (6, 1, 1, 1, 1, 1)))
    ends: list[tuple[Annotation, float]] = []
    # many dates: dots so small that dashes can be told apart
    dot = font / 3 * min(1.0, (FEW_DATES / table["days"].nunique()) ** 0.8)
    for i, name in enumerate(mine):
        rows = table[table["predictor"].eq(name)].sort_values("days")
        if i == 0:
            axis.fill_between(rows["days"], rows["low_pp"], rows["high_pp"], color=colour,
                              alpha=0.16, linewidth=0, zorder=2)  # fmt: skip
        axis.plot(rows["days"], rows["mae_pp"], color=colour, linestyle=dashes[i % len(dashes)],
                  zorder=4 if i else 5)  # fmt: skip
        axis.plot(rows["days"], rows["mae_pp"], "o", color=colour, markersize=dot, zorder=5)
        nearest, end = float(rows["days"].iloc[0]), min(float(rows["mae_pp"].iloc[0]), top)
        label = axis.annotate(
            canvas.cut(name), xy=(nearest, end), xycoords="data", xytext=(1.04, 0.5),
            textcoords="axes fraction", va="center", ha="left", color=style.INK,
            fontsize=font * 0.95, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.5, "shrinkA": 1,
                        "shrinkB": 2, "relpos": (0, 0.5)},
        )  # fmt: skip
        ends.append((label, float(np.sqrt(end / top))))
    return ends


def _root(x: np.ndarray) -> np.ndarray:
    root: np.ndarray = np.sqrt(np.clip(np.asarray(x, dtype=float), 0, None))
    return root


def _square(x: np.ndarray) -> np.ndarray:
    return np.asarray(x, dtype=float) ** 2


def _ticks(days: Sequence[int]) -> list[int]:
    """Few round numbers of days inside the range."""
    wanted = [0, 2, 7, 14, 30, 60, 100, 200, 300]
    return [d for d in wanted if d <= max(days) * 1.05] or list(days)
