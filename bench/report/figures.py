"""The figures of a report: each drawn once per size, for files and page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.core.write import write_bytes
from bench.report.html.svg import inline_svg
from bench.report.plotting.layout import as_bytes, words_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("svg", "pdf", "png")
USUAL = "double"  # the size of files without a size in their name


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """One figure in every form in which a run shows it.

    Attributes
    ----------
    name : str
        Of the figure and of its files.
    title, caption : str
        Words above and below.
    files : mapping of str to bytes
        By name of the file.
    wide, narrow : str
        SVG elements for the page, without title and caption.
    """

    name: str
    title: str
    caption: str
    files: Mapping[str, bytes]
    wide: str
    narrow: str


def draw_figures(
    figures: Mapping[str, Callable[[str], Figure]], sizes: Sequence[str] = ()
) -> list[Drawing]:
    """Draw every figure in the two sizes of the page, and in others that are asked for.

    Parameters
    ----------
    figures : mapping of str to function
        By name, a function of the size preset.
    sizes : sequence of str
        Presets that get files of their own, ``NAME_slide.pdf``; ``"double"`` always has files.
    """
    drawings = []
    for number, (name, draw) in enumerate(figures.items()):
        files: dict[str, bytes] = {}
        inline: dict[str, str] = {}
        words = ("", "")
        for size in dict.fromkeys((USUAL, "single", *sizes)):
            figure = draw(size)
            words = words_of(figure) if size == USUAL else words
            svg = as_bytes(figure, "svg")
            if size in ("single", USUAL):
                inline[size] = inline_svg(figure, svg.decode("utf-8"), f"{size[0]}{number}-")
            if size in (USUAL, *sizes):
                stem = name if size == USUAL else f"{name}_{size}"
                others = {f"{stem}.{kind}": as_bytes(figure, kind) for kind in KINDS[1:]}
                files |= {f"{stem}.svg": svg, **others}
        drawings.append(
            Drawing(
                name=name,
                title=words[0],
                caption=words[1],
                files=files,
                wide=inline[USUAL],
                narrow=inline["single"],
            )
        )
    return drawings


def write_drawings(folder: Path, drawings: Sequence[Drawing]) -> list[Path]:
    """Write the files of every drawing."""
    return [
        write_bytes(folder / name, content)
        for drawing in drawings
        for name, content in drawing.files.items()
    ]
