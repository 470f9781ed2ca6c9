"""A figure is drawn once per size, and the page shows what the files hold."""

from __future__ import annotations

import re
from typing import Any

from bench.report.html.page import inline_svg
from bench.report.plotting import layout as canvas
from bench.report.report import NARROW, USUAL, Drawings, Report, draw_figures


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


def report(figures: Any) -> Report:
    return Report(title="T", findings=(), tables=(), figures=figures)


def drawn(*names: str, kinds: tuple[str, ...] = ()) -> Drawings:
    figures = {name: lambda size: figure(size=size) for name in names}
    return draw_figures(report(figures), kinds=kinds)


def test_a_figure_is_drawn_once_per_size() -> None:
    asked = []

    def draw(size: str) -> Any:
        asked.append(size)
        return figure(size=size)

    sizes = ["slide", "single", "double"]
    found = draw_figures(report({"point": draw, "other": draw}), sizes)
    assert sorted(asked) == 2 * ["double"] + 2 * ["single"] + 2 * ["slide"]
    kinds = {name: {tuple(one.files) for one in of.values()} for name, of in found.items()}
    assert kinds == {"point": {("svg", "png")}, "other": {("svg",)}}


def test_only_the_figures_that_lead_a_page_are_drawn_for_narrow_screens_too() -> None:
    first, second, third = drawn("a", "b", "c").values()
    assert set(first) == set(second) == {NARROW, USUAL}
    assert set(third) == {USUAL}
    assert set(first[NARROW].files) == {"svg"}


def test_the_page_shows_the_figure_without_its_title_and_caption() -> None:
    for one in drawn("point")["point"].values():
        assert (one.title, one.caption) == ("A title: of a figure", "A caption, n = 1.")
        text = inline_svg(one, "k-")
        assert 'aria-label="A title: of a figure"' in text
        assert ">A title<" in text  # of a panel
        assert "of a figure<" not in text
        assert "A caption" not in text.split(">", 1)[1]
        used = set(re.findall(r'href="#([^"]+)"', text))
        assert used
        assert used <= set(re.findall(r' id="([^"]+)"', text))
        box = [float(x) for x in re.findall(r'viewBox="([^"]+)"', text)[0].split()]
        assert 60 < box[3] < 150  # points: 1.5 inches, less for smaller letters


def test_letters_of_an_svg_are_text_and_those_of_a_pdf_embedded() -> None:
    files = drawn("point", kinds=("pdf",))["point"][USUAL].files
    assert b">A caption, n = 1.</text>" in files["svg"]
    assert b"CIDFontType2" in files["pdf"]
    assert b"/Type3" not in files["pdf"]


def test_two_figures_of_a_page_share_no_id() -> None:
    ids = [
        one
        for name, sizes in drawn("a", "b").items()
        for size, each in sizes.items()
        for one in re.findall(r' id="([^"]+)"', inline_svg(each, f"{name}-{size}-"))
    ]
    assert ids
    assert len(ids) == len(set(ids))


def test_every_colour_of_a_figure_is_replaced_on_dark_paper() -> None:
    text = inline_svg(drawn("point")["point"][USUAL], "k-")
    kept = {"#1f77b4"}  # of matplotlib, as this figure asks for none
    assert set(re.findall(r"#[0-9a-f]{6}\b", text)) - kept <= set(canvas.dark_colours())


def test_the_same_figure_gives_the_same_bytes() -> None:
    assert drawn("a") == drawn("a")
