"""Methods by scenarios: this file draws the error that the largest dose adds."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.report.numbers import plain
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def added_error(response: pd.DataFrame) -> pd.DataFrame:
    """Mean error at the largest dose minus that at dose 0, points; NaN where unread or silent.

    Examples
    --------
    >>> rows = pd.DataFrame({"predictor": ["a", "a"], "scenario": ["bots", "bots"],
    ...                      "dose": [9.0, 0.0], "mae_pp": [3.5, 1.0]})
    >>> float(added_error(rows).loc["a", "bots"])
    2.5
    """
    by = response.sort_values("dose").groupby(["predictor", "scenario"])["mae_pp"]
    # NaN where the method abstained; last() would step back to a smaller dose
    return by.agg(lambda values: values.iloc[-1] - values.iloc[0]).unstack()


@canvas.styled
def heat_map(
    response: pd.DataFrame, families: Mapping[str, str], title: str, *, size: str = "double"
) -> "Figure":
    """Draw one cell per method and scenario, red where the error grows, blue where it shrinks.

    Parameters
    ----------
    response
        scenario, dose, unit, predictor, mae_pp.
    families
        Predictor to its family of methods; families stand together.
    title
        Of the experiment.
    size
        Size preset.
    """
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    added = added_error(response)
    order = sorted(added.index, key=lambda name: (families.get(name, ""), name))
    added = added.loc[order, list(dict.fromkeys(response["scenario"]))]
    figure, axes, _ = canvas.sheet(
        size, 0.55 + 0.24 * len(added) + 0.9 * (size == "single"),
        title=f"What the largest dose adds: {title}",
        subtitle="percentage points of mean absolute error that the largest dose adds",
        caption=(
            "Largest doses: " + ", ".join(_largest(response)) + ". Blank: the method does not read "
            "what the scenario changes, or abstains at that dose. "
            "Doses of different scenarios cost differently, so columns "
            "cannot be compared; an attack may also push a wrong forecast towards the vote (blue)."
        ),
    )  # fmt: skip
    if size != "single":  # whose cells need the room
        canvas.widen_margins(figure)
    axis, values = axes[0, 0], added.to_numpy()
    most = max(float(np.nanmax(np.abs(values))), 1e-9)
    colours = colormaps["RdBu_r"]
    cell_pt = 0.7 * 72 * style.WIDTHS_IN[size] / added.shape[1]
    figures_pt = canvas.fitted("+12.3", cell_pt, style.FONT_PT[size])[1]
    axis.imshow(np.where(np.isnan(values), 0, values), cmap=colours, aspect="auto", vmin=-most,
                vmax=most, alpha=(~np.isnan(values)).astype(float))  # fmt: skip
    for (i, j), value in np.ndenumerate(values):
        if not np.isnan(value):
            ground = to_hex(colours(0.5 + 0.5 * value / most))
            # adding 0 turns a rounded -0.0 into 0.0
            shown = f"{round(value, 1) + 0.0:+.1f}".replace("-", "−")
            axis.text(j, i, shown, ha="center", va="center", fontsize=figures_pt,
                      color=style.readable_on(ground))  # fmt: skip
    names = [str(name) for name in added.columns]
    if size == "single":  # no room beside one another
        axis.set_xticks(range(len(names)), [n.replace("_", " ") for n in names], rotation=90)
    else:
        heads = [name.replace("_", "\n") for name in names]
        room_pt = 0.85 * 72 * style.WIDTHS_IN[size] / len(names)
        longest = max((word for head in heads for word in head.split("\n")), key=len)
        letters = canvas.fitted(longest, room_pt, style.FONT_PT[size])[1]
        axis.set_xticks(range(len(heads)), heads, fontsize=letters)
    axis.set_yticks(range(len(added)), [canvas.cut(str(name)) for name in added.index])
    axis.tick_params(length=0)
    axis.xaxis.tick_top()
    axis.set_xticks(np.arange(added.shape[1] + 1) - 0.5, minor=True)
    axis.set_yticks(np.arange(len(added) + 1) - 0.5, minor=True)
    axis.grid(True, which="minor", color=style.GRID)
    axis.tick_params(which="minor", length=0)
    for spine in axis.spines.values():
        spine.set_visible(False)
    return figure


def _largest(response: pd.DataFrame) -> list[str]:
    last = response.sort_values("dose").groupby("scenario", sort=False).last()
    last = last.loc[list(dict.fromkeys(response["scenario"]))]
    return [
        f"{str(name).replace('_', ' ')} {plain(dose)} {unit}"
        for name, dose, unit in zip(last.index, last["dose"], last["unit"], strict=True)
    ]
