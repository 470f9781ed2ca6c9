"""What it takes to turn a forecast: this file draws breaking points with their intervals."""

from typing import TYPE_CHECKING

import pandas as pd

from bench.report.figures import canvas, style
from bench.report.figures.simulated_doses import short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EVENTS = {"first": ("o", "comes first"), "pair": ("D", "gets into the runoff")}


@canvas.styled
def breaking_doses(
    points: pd.DataFrame, title: str, source: str, *, size: str = "double"
) -> "Figure":
    """Draw one panel per scenario: dose by method, for the cheapest beneficiary of each event.

    Parameters
    ----------
    points
        scenario, beneficiary, predictor, event, status, dose, low, high, unit.
    title, source
        Heading; where the electorate comes from.
    size
        Size preset.
    """
    from matplotlib.lines import Line2D
    from matplotlib.ticker import FuncFormatter, NullLocator

    found = points[points["status"].eq("found")].sort_values("dose", kind="stable")
    cheapest = found.drop_duplicates(["scenario", "predictor", "event"])
    scenarios = [s for s in dict.fromkeys(points["scenario"]) if s in set(cheapest["scenario"])]
    names = {s: sorted(points.loc[points["scenario"].eq(s), "predictor"].unique())
             for s in scenarios}  # fmt: skip
    per_line = 1 if size == "single" else 2
    lines = max(-(-len(scenarios) // per_line), 1)
    tall = max((len(one) for one in names.values()), default=1)
    figure, axes, top = canvas.sheet(
        size, lines * (0.75 + 0.2 * tall), title=f"What it takes to turn each forecast: {title}",
        caption=(
            "Dose at which the event is more likely than not, for whichever candidate needs least; "
            "lines: 95% interval. A method without a mark was not turned within the doses tried, "
            f"or was wrong from the start. {len(points)} searches. {source}"
        ),
        rows=lines, columns=per_line, legend_lines=1,
    )  # fmt: skip
    canvas.widen_margins(figure)
    colour = style.METHOD_COLOURS["quota polls"]
    for axis, scenario in zip(axes.flat, scenarios, strict=False):
        canvas.tidy(axis)
        rows = cheapest[cheapest["scenario"].eq(scenario)]
        for row in rows.to_dict("records"):
            marker = EVENTS[row["event"]][0]
            y = names[scenario].index(row["predictor"]) + (
                0.16 if row["event"] == "first" else -0.16
            )
            axis.plot([max(row["low"], 1e-12), row["high"]], [y, y], color=colour)
            face = colour if row["event"] == "first" else style.PAPER
            axis.plot(row["dose"], y, marker, color=colour, markerfacecolor=face,
                      markersize=style.FONT_PT[size] * 0.45)  # fmt: skip
        axis.set_xscale("log")
        _decades(axis, rows)
        axis.xaxis.set_minor_locator(NullLocator())
        axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
        axis.set_yticks(range(len(names[scenario])), [canvas.cut(n) for n in names[scenario]])
        axis.set_ylim(len(names[scenario]) - 0.4, -0.6)
        axis.set_title(scenario.replace("_", " "))
        axis.set_xlabel(str(rows["unit"].iloc[0]), color=style.SOFT)
    for axis in axes.flat[len(scenarios) :]:
        axis.set_visible(False)
    handles = [
        Line2D([], [], color=colour, marker=marker,
               markerfacecolor=colour if event == "first" else style.PAPER)
        for event, (marker, _) in EVENTS.items()
    ]  # fmt: skip
    canvas.legend(figure, handles, [words for _, words in EVENTS.values()], top, 2)
    return figure


def _decades(axis: "object", rows: pd.DataFrame) -> None:
    """Whole powers of ten around all intervals, few of them labelled."""
    low, high = float(rows["low"].clip(lower=1e-12).min()), float(rows["high"].max())
    powers = [10.0**k for k in range(-4, 10)]
    start = max([p for p in powers if p <= low], default=powers[0])
    end = min([p for p in powers if p >= high], default=powers[-1])
    kept = [p for p in powers if start <= p <= end]
    step = -(-len(kept) // 6)
    axis.set_xticks(kept[::step])  # type: ignore[attr-defined]
    axis.set_xlim(start * 0.8, end * 1.25)  # type: ignore[attr-defined]
