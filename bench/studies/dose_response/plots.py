"""Error by dose where every replicate is simulated: this file draws one panel per scenario."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from bench.report.numbers import plain
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.studies.backtest.plots.dose_response import DASHES, looks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE = 50  # largest over smallest positive dose from which the axis is logarithmic
MARKS = dict(zip(DASHES, "oD^sXP", strict=True))  # told apart without colour


@canvas.styled
def simulated_doses(
    response: pd.DataFrame, families: Mapping[str, str], title: str, *, size: str = "double"
) -> "Figure":
    """Draw the mean error of every method that reads what a scenario spoils.

    Parameters
    ----------
    response
        scenario, dose, unit, predictor, replicates, mae_pp, mae_q05_pp, mae_q95_pp.
    families
        Predictor to its family of methods.
    title
        Of the experiment.
    size
        Size preset.
    """
    from matplotlib.lines import Line2D

    order = sorted(response["predictor"].unique(), key=lambda name: (families.get(name, ""), name))
    shown_as = looks(pd.DataFrame({"predictor": order}), families)
    scenarios = list(dict.fromkeys(response["scenario"]))
    per_line = 1 if size == "single" else min(len(scenarios), 3)
    lines = -(-len(scenarios) // per_line)
    n_legend = 2 if size == "single" else 6
    figure, axes, top = canvas.sheet(
        size, lines * 1.75, title=f"How the error grows with the dose: {title}",
        subtitle="mean absolute error over all candidates, percentage points",
        caption=(
            f"Lines: mean of {response['replicates'].max():,} replicates, fewer where a method "
            "abstains; bands: 5 to 95% of them, often narrower than the line. "
            "Only methods that read what the scenario "
            "changes; of curves that coincide only the last can be seen. Doses that span powers of "
            "ten stand on a logarithmic axis after 0."
        ),
        rows=lines, columns=per_line, sharey=True, legend_lines=-(-len(order) // n_legend),
    )
    for axis, scenario in zip(axes.flat, scenarios, strict=False):
        _panel(axis, response[response["scenario"].eq(scenario)], shown_as)
        axis.set_title(scenario.replace("_", " "))
        axis.tick_params(labelleft=axis in axes[:, 0])
    # one axis for all panels: its top must be known before the first is fixed
    highest = response[["mae_pp", "mae_q95_pp"]].max().max()
    axes[0, 0].set_ylim(0, 1.05 * float(highest))
    for axis in axes.flat[len(scenarios) :]:
        axis.set_visible(False)
    handles = [
        Line2D([], [], color=colour, linestyle=dash, marker=MARKS[dash], markersize=3)
        for colour, dash in shown_as.values()
    ]
    canvas.legend(figure, handles, [canvas.cut(name) for name in shown_as], top, n_legend)
    return figure


def _panel(axis: "Axes", rows: pd.DataFrame, shown_as: Mapping[str, tuple[str, Any]]) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    canvas.tidy(axis, grid="y")
    for name, (colour, dash) in shown_as.items():
        curve = rows[rows["predictor"].eq(name)].sort_values("dose")
        axis.fill_between(curve["dose"], curve["mae_q05_pp"], curve["mae_q95_pp"], color=colour,
                          alpha=0.15, linewidth=0)
        axis.plot(curve["dose"], curve["mae_pp"], color=colour, linestyle=dash,
                  marker=MARKS[dash], markersize=2.4)
    most = float(rows["dose"].max())
    least = float(rows.loc[rows["dose"] > 0, "dose"].min())
    if most > WIDE * least:
        axis.set_xscale("symlog", linthresh=least, linscale=0.5)
        powers = [10.0**k for k in range(-3, 9) if least <= 10.0**k <= most]
        axis.set_xticks([0, *powers])
        axis.set_xticks([], minor=True)
        axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    else:
        axis.xaxis.set_major_locator(MaxNLocator(5))
        axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: plain(value)))
    axis.set_xlim(left=-0.02 * most if most <= WIDE * least else -0.3 * least)
    axis.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axis.set_xlabel(str(rows["unit"].iloc[0]), color=style.SOFT)


def short(value: float) -> str:
    """A number as a tick label.

    Examples
    --------
    >>> short(0.5), short(300.0), short(20000.0), short(3e6)
    ('0.5', '300', '20k', '3M')
    """
    for size, sign in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{plain(value / size)}{sign}"
    return plain(value)
