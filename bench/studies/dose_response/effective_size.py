"""A million ratings are worth n interviews: this file draws Meng's effective sample size."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.report.numbers import plain
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.studies.backtest.words import listed
from bench.studies.dose_response.plots import short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZES = (25_000.0, 1_000_000.0)
MILLION = SIZES[1]
REAL = "real ballot"
POLL = 1_000.0


def effective(n: float, rho: np.ndarray | float, n_voters: float) -> np.ndarray:
    """Simple random interviews with the same mean squared error, at most `n`.

        n_eff = f / ((1 - f) rho²),   f = n / n_voters

    Examples
    --------
    >>> round(float(effective(1e6, 0.005, 36e6)))
    1143
    """
    f = n / n_voters
    return np.asarray(np.minimum(f / (1 - f) / np.square(rho), n))


@canvas.styled
def effective_size(worth: pd.DataFrame, n_voters: float, *, size: str = "double") -> "Figure":
    """Draw effective against |rho| for some sizes, the real self-selected ballot marked.

    Parameters
    ----------
    worth
        sample, candidate, n, rho, n_eff; the "real ballot" is marked where it has an effective
        size.
    n_voters
        Valid votes.
    size
        Size preset.
    """
    from matplotlib.ticker import FuncFormatter, NullLocator

    real = worth[worth["sample"].eq(REAL) & worth["candidate"].ne("all")]
    unsure = [str(name) for name in real.loc[real["n_eff"].isna(), "candidate"]]
    real = real[real["n_eff"].notna()].assign(rho=lambda t: t["rho"].abs())
    real = real.sort_values("rho", ascending=False)
    marks = effective(MILLION, real["rho"].to_numpy(), n_voters)
    figure, axes, _ = canvas.sheet(
        size, 3.4, title="What self-selected ratings are worth",
        subtitle="interviews of a simple random sample with the same error",
        x_label="|ρ|, correlation over all voters between voting for the candidate and taking part",
        caption=(
            f"Dots: a million ratings with the ρ of each candidate in the self-selected ballot of "
            f"{int(real['n'].iloc[0]):,} volunteers: {plain(marks.min(), 2)} interviews "
            f"for {real['candidate'].iloc[int(marks.argmin())]}. {_left_out(unsure)}"
            f"Dashed: a poll of {POLL:,.0f}. {n_voters:,.0f} voters; n = f / ((1 − f) ρ²) "
            "and at most the ratings, Meng 2018, doi:10.1214/18-AOAS1161SF."
        ),
    )
    axis = axes[0, 0]
    canvas.tidy(axis, grid="y")
    low, high = 2e-5, 0.3
    rho = np.geomspace(low, high, 200)
    for n, shade in zip(SIZES, (style.SOFT, style.METHOD_COLOURS["app ratings"]),
                        strict=True):
        axis.plot(rho, effective(n, rho, n_voters), color=shade, linestyle="-")
        axis.annotate(f"{short(n)} ratings", (low, n), xytext=(2, 3), textcoords="offset points",
                      color=shade, ha="left", va="bottom")
    axis.axhline(POLL, color=style.SOFT, linestyle="--", linewidth=0.8, zorder=1)
    axis.plot(real["rho"], marks, "o", color=style.METHOD_COLOURS["app ratings"], zorder=5)
    _label(axis, real, marks)
    axis.set(xscale="log", yscale="log", xlim=(low, high), ylim=(0.3, 3e6))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.yaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: plain(value)))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    return figure


def _left_out(names: list[str]) -> str:
    return f"No dot: {listed(names)}, an error near zero is no size. " if names else ""


def _label(axis: "object", real: pd.DataFrame, marks: np.ndarray) -> None:
    """Names to the right of the line, moved apart along the logarithmic axis."""
    heights = canvas.spread_out(list(np.log10(marks)), 0.33, -0.4, 6.3)
    for name, rho, mark, height in zip(real["candidate"], real["rho"], marks, heights, strict=True):
        axis.annotate(  # type: ignore[attr-defined]
            f"{name} {plain(mark, 2)}", (rho, mark), xytext=(0.04, 10**height),
            va="center", ha="left", color=style.INK,
            arrowprops={"arrowstyle": "-", "color": style.GRID, "linewidth": 0.6},
        )
