"""How much spoiling each method withstands: this file draws error by dose and breaking points."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.report.context import RunFacts
from bench.report.numbers import plain
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.studies.backtest import selection as cells

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def error_by_dose(errors: pd.DataFrame, facts: RunFacts, *, ballot: str = "common") -> pd.DataFrame:
    """Mean absolute error by scenario, dose and predictor over replicates.

    Returns
    -------
    DataFrame
        scenario, dose, predictor, mae_pp (median over replicates), low_pp, high_pp (5 and 95%
        quantiles), n (replicates).
    """
    cells.require(errors, cells.ERRORS, "errors")
    rows = errors[
        errors["election"].eq(facts.election) & errors["round"].eq(facts.round)
        & pd.to_datetime(errors["as_of"]).eq(facts.as_of) & errors["area"].eq("national")
        & errors["ballot"].eq(ballot) & errors["score"].eq(cells.SIGNED_ERROR)
        & errors["scenario"].ne(facts.scenario)
    ].dropna(subset="value")  # fmt: skip
    size_pp = rows.assign(mae_pp=100 * rows["value"].abs())
    each = size_pp.groupby(["scenario", "dose", "predictor", "replicate"])["mae_pp"].mean()
    by = each.groupby(["scenario", "dose", "predictor"])
    return pd.DataFrame(
        {"mae_pp": by.median(), "low_pp": by.quantile(0.05), "high_pp": by.quantile(0.95),
         "n": by.size()}
    ).reset_index()  # fmt: skip


def breaking_points(curves: pd.DataFrame, level_pp: float) -> pd.DataFrame:
    """Dose at which the median error first exceeds a level, between two doses by straight line.

    Parameters
    ----------
    curves
        From `error_by_dose`.
    level_pp
        Error of the reference, percentage points.

    Returns
    -------
    DataFrame
        scenario, predictor, breaking_dose (NaN where it never breaks in the tested range).
    """
    rows = []
    for (scenario, predictor), curve in curves.groupby(["scenario", "predictor"]):
        dose, size = curve.sort_values("dose")[["dose", "mae_pp"]].to_numpy().T
        above = np.flatnonzero(size > level_pp)
        point = np.nan
        if len(above):
            k = int(above[0])
            point = float(
                dose[0] if k == 0 else np.interp(level_pp, size[k - 1 : k + 1], dose[k - 1 : k + 1])
            )
        rows.append({"scenario": scenario, "predictor": predictor, "breaking_dose": point})
    return pd.DataFrame(rows, columns=["scenario", "predictor", "breaking_dose"])


def reference_level(errors: pd.DataFrame, facts: RunFacts, *, ballot: str = "common") -> float:
    """Mean absolute error of the reference on clean evidence, percentage points; NaN if absent."""
    wrong = cells.national(cells.one_cell(errors, facts))
    mine = wrong["predictor"].eq(facts.reference) & wrong["ballot"].eq(ballot)
    values = wrong.loc[mine & wrong["score"].eq(cells.SIGNED_ERROR), "value"]
    return 100 * float(values.abs().mean())


@canvas.styled
def dose_response(
    errors: pd.DataFrame,
    facts: RunFacts,
    *,
    families: Mapping[str, str],
    ballot: str = "common",
    size: str = "double",
) -> "Figure":
    """Draw error by dose, one panel per scenario, with breaking points against the reference.

    Parameters
    ----------
    errors
        Long table with scenarios.
    facts
        The run.
    families
        Predictor to its family of methods.
    ballot
        Which errors.
    size
        Size preset.
    """
    from matplotlib.lines import Line2D

    curves = error_by_dose(errors, facts, ballot=ballot)
    level = reference_level(errors, facts, ballot=ballot)
    breaks = breaking_points(curves, level)
    scenarios = list(dict.fromkeys(curves["scenario"]))
    drawn_as = looks(curves, families)
    per_line = 1 if size == "single" else min(len(scenarios), 3)
    lines = -(-len(scenarios) // per_line)
    n_legend = 2 if size == "single" else 4
    figure, axes, top = canvas.sheet(
        size, lines * (1.9 if size != "single" else 1.5),
        title=f"Error under growing doses of bad evidence: {facts.name}",
        subtitle="mean absolute error, percentage points", x_label="dose",
        caption=(
            f"Lines: median of {canvas.span(curves['n'])} replicates; bands: 5 to 95%. "
            f"Dashed: {facts.reference} on clean evidence ({level:.1f} points); crosses: "
            f"breaking points, where a method becomes worse than that; those above it at dose 0 "
            f"are worse from the start. {facts.source}"
        ),
        rows=lines, columns=per_line, sharey=True, legend_lines=-(-len(drawn_as) // n_legend),
    )  # fmt: skip
    for axis, scenario in zip(axes.flat, scenarios, strict=False):
        _panel(axis, curves[curves["scenario"].eq(scenario)], level, drawn_as)
        mine = breaks[breaks["scenario"].eq(scenario) & breaks["breaking_dose"].gt(0)]
        for name, dose in zip(mine["predictor"], mine["breaking_dose"], strict=True):
            axis.plot(dose, level, "X", color=drawn_as[name][0], zorder=6,
                      markeredgecolor=style.PAPER, markersize=style.FONT_PT[size])  # fmt: skip
        axis.set_title(scenario.replace("_", " "))
        axis.tick_params(labelbottom=True)
    for axis in axes.flat[len(scenarios) :]:
        axis.set_visible(False)
    handles = [Line2D([], [], color=c, linestyle=dash, marker="o", markersize=3)
               for c, dash in drawn_as.values()]  # fmt: skip
    canvas.legend(figure, handles, [canvas.cut(name) for name in drawn_as], top, n_legend)
    return figure


DASHES: tuple[Any, ...] = (
    "-", "--", ":", "-.", (0, (8, 1.5)), (0, (3, 1, 1, 1, 1, 1)),
)  # fmt: skip


def looks(curves: pd.DataFrame, families: Mapping[str, str]) -> dict[str, tuple[str, Any]]:
    """Colour by family of methods, dashes within it: of a family, the first six differ."""
    found: dict[str, tuple[str, Any]] = {}
    seen: dict[str, int] = {}
    for name in dict.fromkeys(curves["predictor"]):
        family = families.get(name, "")
        colour = style.METHOD_COLOURS.get(family, style.OTHER_METHOD)
        found[name] = (colour, DASHES[seen.get(family, 0) % len(DASHES)])
        seen[family] = seen.get(family, 0) + 1
    return found


def _panel(
    axis: "Axes", curves: pd.DataFrame, level: float, looks: Mapping[str, tuple[str, Any]]
) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    canvas.tidy(axis, grid="y")
    for name, (colour, dashes) in looks.items():
        rows = curves[curves["predictor"].eq(name)].sort_values("dose")
        axis.fill_between(rows["dose"], rows["low_pp"], rows["high_pp"], color=colour, alpha=0.15,
                          linewidth=0)  # fmt: skip
        axis.plot(rows["dose"], rows["mae_pp"], color=colour, linestyle=dashes, marker="o",
                  markersize=2.8)  # fmt: skip
    if not np.isnan(level):
        axis.axhline(level, color=style.SOFT, linestyle="--", linewidth=0.8, zorder=1)
    axis.set_ylim(bottom=0)
    axis.set_xlim(0, float(curves["dose"].max()) * 1.04 or 1)
    axis.xaxis.set_major_locator(MaxNLocator(5))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: plain(value)))
    axis.yaxis.set_major_locator(MaxNLocator(5))
    axis.yaxis.set_major_formatter("{x:g}")
