"""Whether intervals hold what they promise: this file draws coverage and PIT."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.report.context import RunFacts
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.studies.backtest import selection as cells

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEVELS = {0.5: ("q25", "q75"), 0.8: ("q10", "q90"), 0.9: ("q05", "q95"), 0.95: ("q025", "q975")}
N_BINS = 5


def coverage(errors: pd.DataFrame, forecasts: pd.DataFrame, facts: RunFacts) -> pd.DataFrame:
    """Share of outcomes inside the central intervals, by predictor and nominal level.

    The outcome of every row is its share minus its signed error on the full ballot, so any date
    and area of the tables counts.

    Returns
    -------
    DataFrame
        predictor, nominal, observed (fractions), n.
    """
    keys = [*cells.CELL, "predictor", "area", "candidate"]
    wrong = cells.one_cell(errors, facts, any_date=True)
    wrong = wrong[wrong["ballot"].eq("full") & wrong["score"].eq(cells.SIGNED_ERROR)]
    shares = cells.one_cell(forecasts, facts, any_date=True)
    shares = shares[~shares["filled"].astype(bool)].dropna(subset=["q05", "q95"])
    rows = shares.merge(wrong[[*keys, "value"]], on=keys, validate="one_to_one")
    observed = rows["share"] - rows["value"]
    parts = []
    for nominal, (low, high) in LEVELS.items():
        inside = observed.between(rows[low], rows[high])
        by = inside.groupby(rows["predictor"])
        parts.append(pd.DataFrame({"nominal": nominal, "observed": by.mean(), "n": by.size()}))
    return pd.concat(parts).reset_index()


@canvas.styled
def calibration(
    errors: pd.DataFrame,
    forecasts: pd.DataFrame,
    facts: RunFacts,
    *,
    predictors: Sequence[str],
    size: str = "double",
) -> "Figure":
    """Draw interval coverage (above) and probability integral transforms (below).

    Parameters
    ----------
    errors, forecasts
        Long tables; all dates and areas of the election count.
    facts
        The run.
    predictors
        Those with intervals, in reading order.
    size
        Size preset.
    """
    held = coverage(errors, forecasts, facts)
    pit = cells.one_cell(errors, facts, any_date=True)
    pit = pit[pit["score"].eq(cells.PIT) & pit["ballot"].eq("full")].dropna(subset="value")
    shown = [name for name in predictors if name in set(held["predictor"])]
    per_line = min(len(shown), 2 if size == "single" else 3)
    lines = -(-len(shown) // per_line)
    figure, axes, _ = canvas.sheet(
        size, lines * 2.05,
        title=f"Did the intervals hold what they promised? {facts.name}, {facts.round_words}",
        subtitle="upper: share of outcomes inside the intervals, by nominal level; lower: PIT",
        caption=(
            f"All candidates named, dates and areas: n = {canvas.span(held['n'])} "
            "outcomes per method. Grey: 95% range of a calibrated forecast if outcomes were "
            "independent, which candidates and dates of one vote are not. Below the diagonal: "
            "intervals too narrow. PIT: place of the outcome in the forecast; U-shape: too narrow, "
            "slope: "
            f"biased. {facts.source}"
        ),
        rows=2 * lines, columns=per_line,
    )  # fmt: skip
    for k, name in enumerate(shown):
        line, column = divmod(k, per_line)
        upper, lower = axes[2 * line, column], axes[2 * line + 1, column]
        _coverage_panel(upper, held[held["predictor"].eq(name)].sort_values("nominal"))
        text, letter = canvas.fitted(
            name, 72 * style.WIDTHS_IN[size] / (per_line + 0.5), style.FONT_PT[size]
        )
        upper.set_title(text, fontsize=letter)
        _pit_panel(lower, pit.loc[pit["predictor"].eq(name), "value"].to_numpy())
        if column:
            upper.tick_params(labelleft=False)
    for k in range(len(shown), lines * per_line):
        line, column = divmod(k, per_line)
        axes[2 * line, column].set_visible(False)
        axes[2 * line + 1, column].set_visible(False)
    return figure


def _coverage_panel(axis: "Axes", rows: pd.DataFrame) -> None:
    from scipy.stats import binom

    canvas.tidy(axis, grid="y")
    nominal = np.linspace(0.4, 1, 241)
    n = int(rows["n"].iloc[0])
    axis.fill_between(nominal, binom.ppf(0.025, n, nominal) / n, binom.ppf(0.975, n, nominal) / n,
                      color=style.GRID, linewidth=0)  # fmt: skip
    axis.plot([0.4, 1], [0.4, 1], color=style.SOFT, linewidth=0.7, linestyle="--")
    axis.plot(rows["nominal"], rows["observed"], "o-", color=style.METHOD_COLOURS["quota polls"],
              markersize=3.2, clip_on=False)  # fmt: skip
    axis.set_xlim(0.42, 1)
    axis.set_ylim(0, 1.02)
    axis.set_xticks([0.5, 0.8, 0.95], ["50", "80", "95%"])
    axis.set_yticks([0, 0.5, 1], ["0", "50", "100%"])


def _pit_panel(axis: "Axes", values: np.ndarray) -> None:
    from scipy.stats import binom

    n = len(values)
    for spine in ("left",):
        axis.spines[spine].set_visible(False)
    axis.set_yticks([])
    axis.set_xlim(0, 1)
    axis.set_xticks([0, 0.5, 1], ["0", ".5", "1"])
    if n == 0:
        axis.text(0.5, 0.5, "no PIT", ha="center", va="center", transform=axis.transAxes,
                  color=style.SOFT)  # fmt: skip
        return
    counts, edges = np.histogram(values, bins=N_BINS, range=(0, 1))
    low, high = (float(binom.ppf(q, n, 1 / N_BINS)) for q in (0.025, 0.975))
    axis.axhspan(low, high, color=style.GRID, linewidth=0)
    axis.axhline(n / N_BINS, color=style.SOFT, linewidth=0.7, linestyle="--")
    axis.bar(edges[:-1], counts, width=0.94 / N_BINS, align="edge", alpha=0.75,
             color=style.METHOD_COLOURS["quota polls"], linewidth=0)  # fmt: skip
    axis.set_ylim(0, 1.1 * max(high, float(counts.max())))
