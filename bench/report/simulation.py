"""Curves of error by dose, the heat map of methods and attacks, and plain tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.report.write import write_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PANELS_PER_LINE = 3
STYLE: Any = {"svg.hashsalt": "election-bench", "font.size": 8, "axes.titlesize": 9}
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
DASHES: list[Any] = ["-", "--", ":"]


def markdown_table(table: pd.DataFrame, digits: int = 4) -> str:
    """A table in Markdown, numbers to so many significant digits.

    Examples
    --------
    >>> print(markdown_table(pd.DataFrame({"n": [3], "share": [0.123456]})))
    | n | share |
    | --- | --- |
    | 3 | 0.1235 |
    <BLANKLINE>
    """
    lines = [f"| {' | '.join(map(str, table.columns))} |", f"|{' --- |' * table.shape[1]}"]
    for row in table.itertuples(index=False):
        lines.append(f"| {' | '.join(_cell(value, digits) for value in row)} |")
    return "\n".join(lines) + "\n"


def _cell(value: object, digits: int) -> str:
    if isinstance(value, float | np.floating):
        if np.isnan(value):
            return "–"
        whole = abs(value) >= 10**digits
        return f"{value:,.0f}" if whole else f"{value:.{digits}g}"
    return str(value)


def draw_dose_response(response: pd.DataFrame, folder: Path, title: str) -> list[Path]:
    """One panel per scenario: mean absolute error by dose, 5 to 95 % of replicates as a band."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib.lines import Line2D

    rows = response[response["scenario"] != "none"]
    scenarios = list(dict.fromkeys(rows["scenario"]))
    methods = sorted(rows["predictor"].unique())
    looks = {m: (COLOURS[i % 7], DASHES[i // 7 % 3]) for i, m in enumerate(methods)}
    lines = -(-len(scenarios) // PANELS_PER_LINE)
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(
            lines, PANELS_PER_LINE, figsize=(10, 2.6 * lines + 0.8), squeeze=False, sharey=True
        )
        for axis, scenario in zip(axes.flat, scenarios, strict=False):
            part = rows[rows["scenario"] == scenario]
            for method, curve in part.groupby("predictor"):
                colour, dash = looks[str(method)]
                axis.plot(curve["dose"], curve["mae_pp"], dash, color=colour, label=method, lw=1.2)
                axis.fill_between(
                    curve["dose"],
                    curve["mae_q05_pp"],
                    curve["mae_q95_pp"],
                    color=colour,
                    alpha=0.12,
                )
            positive = part.loc[part["dose"] > 0, "dose"]
            if positive.max() > 50 * positive.min():
                axis.set_xscale("symlog", linthresh=float(positive.min()))
            axis.set_title(scenario.replace("_", " "))
            axis.set_xlabel(str(part["unit"].iloc[0]))
        for axis in axes.flat[len(scenarios) :]:
            axis.set_visible(False)
        for axis in axes[:, 0]:
            axis.set_ylabel("mean absolute error, points")
        handles = [Line2D([], [], color=c, linestyle=d) for c, d in looks.values()]
        figure.suptitle(title)
        figure.legend(handles, methods, loc="lower center", ncols=6, frameon=False)
        figure.tight_layout(rect=(0, 0.6 / (2.6 * lines + 0.8), 1, 1))
        return _save(figure, folder, "dose_response")


def draw_heat_map(response: pd.DataFrame, folder: Path, title: str) -> list[Path]:
    """Methods by scenarios: error added by the largest dose, in points; blank where unread."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    rows = response[response["scenario"] != "none"].sort_values("dose")
    by = rows.groupby(["predictor", "scenario"])["mae_pp"]
    added = (by.last() - by.first()).unstack()
    with mpl.rc_context(STYLE):
        figure, axis = plt.subplots(figsize=(1.6 + 0.9 * added.shape[1], 1.8 + 0.32 * len(added)))
        image = axis.imshow(added.to_numpy(), cmap="Reds", aspect="auto", vmin=0)
        axis.set_xticks(range(added.shape[1]), [s.replace("_", "\n") for s in added.columns])
        axis.set_yticks(range(len(added)), list(added.index))
        for (i, j), value in np.ndenumerate(added.to_numpy()):
            if not np.isnan(value):
                dark = value > 0.6 * np.nanmax(added.to_numpy())
                axis.text(
                    j,
                    i,
                    f"{value:+.1f}",
                    ha="center",
                    va="center",
                    color="white" if dark else "black",
                )
        figure.colorbar(image, label="points of error added by the largest dose")
        axis.set_title(title)
        figure.tight_layout()
        return _save(figure, folder, "heat_map")


def _save(figure: Figure, folder: Path, name: str) -> list[Path]:
    import io

    from matplotlib import pyplot as plt

    paths = []
    for kind, facts in (
        ("svg", {"Date": None}),
        ("pdf", {"CreationDate": None}),
        ("png", {"Software": None}),
    ):
        stream = io.BytesIO()
        figure.savefig(stream, format=kind, dpi=150, metadata=facts)
        paths.append(write_bytes(folder / f"{name}.{kind}", stream.getvalue()))
    plt.close(figure)
    return paths
