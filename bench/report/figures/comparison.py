"""Methods over many votes: this file draws mean error with its resamples."""

from typing import TYPE_CHECKING

import pandas as pd

from bench.report.figures import canvas, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@canvas.styled
def comparison(summary: pd.DataFrame, title: str, source: str, *, size: str = "double") -> "Figure":
    """Draw one panel per set of votes, one row per method.

    Parameters
    ----------
    summary
        group, predictor, votes, crps_pp, and where there are resamples low_pp, high_pp.
    title, source
        Heading, and where evidence and outcome come from.
    size
        Size preset.
    """
    groups = [int(group) for group in sorted(summary["group"].unique())]
    sizes = [int(summary["group"].eq(group).sum()) for group in groups]
    held = {"low_pp", "high_pp"} <= set(summary) and bool(summary["low_pp"].notna().any())
    spread = "lines: 90% of the resamples" if held else "too few votes for an interval"
    figure, axes, _ = canvas.sheet(
        size, 0.2 + 0.3 * len(groups) + 0.19 * sum(sizes),
        title=f"Mean error of every method: {title}",
        caption=(
            f"Dots: mean of {canvas.span(summary['votes'].astype(int))} votes and dates; {spread}. "
            "Methods are compared within a set only: its members answered the same votes and "
            f"candidates. {source}"
        ),
        rows=len(groups), sharex=True, gridspec_kw={"height_ratios": [n + 0.6 for n in sizes]},
        x_label="mean CRPS, percentage points",
    )  # fmt: skip
    canvas.widen_margins(figure)
    dot = style.FONT_PT[size] * 0.5
    for axis, group in zip(axes[:, 0], groups, strict=True):
        rows = summary[summary["group"].eq(group)].sort_values("crps_pp", kind="stable")
        canvas.tidy(axis)
        for y, row in enumerate(rows.to_dict("records")):
            if held and not pd.isna(row["low_pp"]):
                axis.plot([row["low_pp"], row["high_pp"]], [y, y],
                          color=style.METHOD_COLOURS["quota polls"])  # fmt: skip
            axis.plot(row["crps_pp"], y, "o", color=style.METHOD_COLOURS["quota polls"],
                      markersize=dot)  # fmt: skip
        axis.set_yticks(range(len(rows)), [canvas.cut(str(name)) for name in rows["predictor"]])
        axis.set_ylim(len(rows) - 0.4, -0.6)
        axis.set_title(f"set {group}: {int(rows['votes'].iloc[0])} votes and dates")
        axis.tick_params(labelbottom=axis is axes[-1, 0])
    axes[0, 0].set_xlim(left=0)
    return figure
