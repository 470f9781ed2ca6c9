"""Sheets to draw upon, and the one way to save them."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, cast

import numpy as np

from bench.core.write import write_bytes
from bench.report.plotting import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

P = ParamSpec("P")
AS_OF = "as-of-"  # of lines at a date: days before the vote and a number follow
METADATA: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": "election-bench"},
    "pdf": {"CreationDate": None, "ModDate": None, "Producer": None, "Creator": "election-bench"},
    "png": {"Software": "election-bench"},
}


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draw under the settings of the keyword `size` and of nothing else on this machine."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
        import matplotlib as mpl

        size = str(kwargs.get("size", "double"))
        with mpl.rc_context():
            mpl.rcdefaults()
            mpl.rcParams.update(cast("Any", style.settings(size)))
            figure = draw(*args, **kwargs)
            settle(figure)
            return figure

    return drawn


def settle(figure: Figure) -> None:
    """Lay out once and round, so that the last digits of the solver never reach a file."""
    engine = figure.get_layout_engine()
    if engine is None:
        return
    engine.execute(figure)
    # no engine at all: a placeholder would have every file drawn twice
    figure.set_layout_engine(None)
    for axes in figure.axes:
        rounded = np.round(axes.get_position(original=True).bounds, 4)
        left, low, width, height = map(float, rounded)
        axes.set_position((left, low, width, height))


def cut(text: str, most: int = 26) -> str:
    """Shorten a label that would leave no room for the drawing.

    Examples
    --------
    >>> cut("ecological_regression"), cut("abcdefgh", 5)
    ('ecological_regression', 'abcd…')
    """
    return text if len(text) <= most else text[: most - 1] + "…"


def sheet(
    size: str,
    height_in: float,
    *,
    title: str,
    caption: str,
    subtitle: str = "",
    x_label: str = "",
    rows: int = 1,
    columns: int = 1,
    legend_lines: int = 0,
    **grid: Any,
) -> tuple[Figure, np.ndarray, float]:
    """Open a figure with a title above and a caption below that never meet the axes.

    Parameters
    ----------
    size
        Preset, see `bench.report.plotting.style.settings`.
    height_in
        Height of the drawing in inches at double-column letter size; title and caption come on
        top of it.
    title, caption
        Words above and below; wrapped to the width.
    subtitle, x_label
        What the vertical and the horizontal axes measure, once for all panels.
    rows, columns
        Grid of axes.
    legend_lines
        Lines to keep free between title and axes.
    **grid
        Passed on to `Figure.subplots`.

    Returns
    -------
    (Figure, ndarray of Axes, float)
        Figure, axes [rows, columns], and the top of the axes area in figure fraction.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    width, font = style.WIDTHS_IN[size], style.FONT_PT[size]
    height_in *= font / style.FONT_PT["double"]
    signs = width * 72 / (font * 0.56)
    heading = textwrap.wrap(title, int(signs / 1.32))
    foot = textwrap.wrap(caption, int(signs / 0.9))
    measured = textwrap.wrap(subtitle, int(signs)) if subtitle else []
    line_in = font * 1.35 / 72
    title_in = 0.05 + len(heading) * line_in * 1.22 + len(measured) * line_in
    above = title_in + legend_lines * line_in * 1.25 + 0.05
    foot_in = len(foot) * line_in * 0.92 + 0.14
    horizontal = textwrap.wrap(x_label, int(signs / 1.1))
    below = foot_in + line_in * 1.1 * len(horizontal)
    total = height_in + above + below
    figure = Figure(figsize=(width, total), layout="constrained")
    FigureCanvasAgg(figure)
    engine = cast("ConstrainedLayoutEngine", figure.get_layout_engine())
    engine.set(
        rect=(0.005, below / total, 0.99, height_in / total),
        w_pad=0.03,
        h_pad=0.03,
        wspace=0.03,
        hspace=0.04,
    )
    figure.text(
        0.012,
        1 - 0.05 / total,
        "\n".join(heading),
        ha="left",
        va="top",
        gid="title",
        fontsize=font * 1.22,
        fontweight="bold",
        linespacing=1.2,
    )
    figure.text(
        0.012,
        1 - (title_in - len(measured) * line_in) / total,
        "\n".join(measured),
        ha="left",
        va="top",
        color=style.SOFT,
        linespacing=1.2,
    )
    if x_label:
        figure.text(
            0.5, foot_in / total, "\n".join(horizontal), ha="center", va="bottom", linespacing=1.1
        )
    figure.text(
        0.012,
        0.05 / total,
        "\n".join(foot),
        ha="left",
        va="bottom",
        gid="caption",
        fontsize=font * 0.88,
        color=style.SOFT,
        linespacing=1.25,
    )
    axes = figure.subplots(rows, columns, squeeze=False, **grid)
    return figure, axes, 1 - (title_in + 0.03) / total


def widen_margins(figure: Figure, inches: float = 0.1) -> None:
    """Keep labels that stand outside of the axes this far from the edge of the sheet.

    Hinted letters are up to 8% wider in a file than laid out, so that long names need it.
    """
    cast("ConstrainedLayoutEngine", figure.get_layout_engine()).set(w_pad=inches)


def legend(
    figure: Figure, handles: Sequence[Any], labels: Sequence[str], top: float, columns: int
) -> None:
    """Put a frameless legend between title and axes."""
    figure.legend(
        handles,
        labels,
        loc="upper left",
        bbox_to_anchor=(0.009, top),
        ncols=columns,
        frameon=False,
        handlelength=1.5,
        handletextpad=0.5,
        columnspacing=1.3,
        borderaxespad=0,
        borderpad=0.2,
        labelspacing=0.25,
    ).set_in_layout(False)


def save(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write a figure as `name`.svg, .pdf and .png; the same figure gives the same bytes.

    Parameters
    ----------
    figure
        Any of this room's figures.
    folder, name
        Target folder and file name without ending.

    Returns
    -------
    list of Path
        The three files.
    """
    return [
        write_bytes(folder / f"{name}.{kind}", as_bytes(figure, kind))
        for kind in ("svg", "pdf", "png")
    ]


def words_of(figure: Figure) -> tuple[str, str]:
    """Title and caption of a figure."""
    texts = {str(text.get_gid()): text.get_text().replace("\n", " ") for text in figure.texts}
    return texts["title"], texts["caption"]


def as_bytes(figure: Figure, kind: str) -> bytes:
    """Bytes of a figure as ``svg``, ``pdf`` or ``png``, without dates.

    Parameters
    ----------
    figure
        Any of this room's figures.
    kind
        ``"svg"``, ``"pdf"`` or ``"png"``.
    """
    import matplotlib as mpl

    buffer = io.BytesIO()
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(cast("Any", style.settings("double")))
        figure.savefig(buffer, format=kind, metadata=METADATA[kind])
    return buffer.getvalue()


def inner_box(figure: Figure) -> tuple[float, float, float, float]:
    """What lies between title and caption: left, top, width and height in points of an SVG."""
    texts = {str(text.get_gid()): text for text in figure.texts}
    to_inches = figure.dpi_scale_trans.inverted()
    title, caption = (
        texts[key].get_window_extent().transformed(to_inches) for key in ("title", "caption")
    )
    top = figure.get_figheight() - title.y0 + 0.02
    bottom = figure.get_figheight() - caption.y1 - 0.02
    return 0.0, 72 * top, 72 * figure.get_figwidth(), 72 * (bottom - top)


def spread_out(places: Sequence[float], gap: float, low: float, high: float) -> np.ndarray:
    """Move labels apart until none is nearer than `gap` to the next, as little as possible.

    Examples
    --------
    >>> [round(float(x), 3) for x in spread_out([0.0, 0.1, 5.0], 1.0, -10, 10)]
    [-0.45, 0.55, 5.0]
    """
    wanted = np.asarray(places, dtype=float)
    order = np.argsort(wanted, kind="stable")
    clusters: list[list[float]] = []  # [sum of wanted - offset, members]
    for place in wanted[order]:
        clusters.append([place, 1])
        while len(clusters) > 1:
            (left, n), (right, m) = clusters[-2:]
            if right / m >= left / n + n * gap:
                break
            clusters[-2:] = [[left + right - m * n * gap, n + m]]
    placed: list[float] = []
    for total, members in clusters:
        placed += [total / members + i * gap for i in range(int(members))]
    out = np.asarray(placed)
    steps = gap * np.arange(len(out))
    out = np.maximum(out, low + steps)
    out = np.minimum(out, high - steps[::-1])
    moved = np.empty_like(wanted)
    moved[order] = out
    return moved


def span(counts: Iterable[int]) -> str:
    """Write how many there are, as one number or from least to most.

    Examples
    --------
    >>> span([6, 6]), span([4, 5])
    ('6', '4 to 5')
    """
    least, most = min(counts := list(counts)), max(counts)
    return str(least) if least == most else f"{least} to {most}"


def fitted(text: str, width_pt: float, font_pt: float) -> tuple[str, float]:
    """Letter size, and if need be a shortened text, with which a label fits a width.

    Examples
    --------
    >>> fitted("short", 100, 8), fitted("very long name", 49, 8)
    (('short', 8), ('very long n…', 6.0))
    """
    per_sign = 0.68
    size = min(font_pt, max(0.75 * font_pt, width_pt / (per_sign * max(len(text), 1))))
    room = int(width_pt / (per_sign * size) + 1e-9)
    return (text if len(text) <= room else text[: max(room - 1, 2)] + "…"), size


def tidy(axes: Axes, *, grid: str = "x") -> None:
    """Grid on one axis, no frame on the others."""
    axes.grid(True, axis=grid)  # type: ignore[arg-type]
    axes.spines["left"].set_visible(grid != "x")
