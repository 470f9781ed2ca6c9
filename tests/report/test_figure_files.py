"""A figure is drawn once per size, and the page shows what the files hold."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from bench.report.figures import draw_figures, write_drawings
from bench.report.plotting import layout as canvas


@canvas.styled
def figure(*, size: str = "double") -> Any:
    """Two panels on a sheet, whose letters are partly those of the title."""
    sheet, axes, _ = canvas.sheet(
        size, 1.5, title="A title: of a figure", caption="A caption, n = 1.", columns=2
    )
    for axis in axes[0]:
        axis.plot([1, 2], [1, 2], "o-")
        axis.set_title("A title")
    return sheet


def test_a_figure_is_drawn_once_per_size(tmp_path: Path) -> None:
    asked = []

    def draw(size: str) -> Any:
        asked.append(size)
        return figure(size=size)

    found = draw_figures({"point": draw}, sizes=["slide", "single", "double"])
    assert sorted(asked) == ["double", "single", "slide"]
    names = [path.name for path in write_drawings(tmp_path, found)]
    stems = ("point", "point_slide", "point_single")
    assert sorted(names) == sorted(f"{s}.{kind}" for s in stems for kind in ("svg", "pdf", "png"))


def test_the_page_shows_the_figure_without_its_title_and_caption() -> None:
    drawing = draw_figures({"point": lambda size: figure(size=size)})[0]
    assert (drawing.title, drawing.caption) == ("A title: of a figure", "A caption, n = 1.")
    for text in (drawing.wide, drawing.narrow):
        assert 'aria-label="A title: of a figure"' in text
        used = set(re.findall(r'href="#([^"]+)"', text))
        assert used <= set(re.findall(r' id="([^"]+)"', text))
        box = [float(x) for x in re.findall(r'viewBox="([^"]+)"', text)[0].split()]
        assert 60 < box[3] < 150  # points: 1.5 inches, less for smaller letters
    whole = drawing.files["point.svg"].decode()
    assert whole.count("<use ") > drawing.wide.count("<use ")


def test_two_figures_of_a_page_share_no_id() -> None:
    found = draw_figures({name: lambda size: figure(size=size) for name in ("a", "b")})
    ids = [
        one
        for drawing in found
        for text in (drawing.wide, drawing.narrow)
        for one in re.findall(r' id="([^"]+)"', text)
    ]
    assert len(ids) == len(set(ids))


def test_the_same_figure_gives_the_same_bytes() -> None:
    first, again = (draw_figures({"a": lambda size: figure(size=size)})[0] for _ in range(2))
    assert first == again
