"""A figure is drawn once per size, and the page shows what the files hold."""

from __future__ import annotations

import re
from typing import Any

import pytest

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


def test_a_figure_is_drawn_once_per_size_and_only_the_first_two_for_narrow_screens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "bench.report.report.render",
        lambda size, kinds: canvas.Rendered(
            title=size, caption="", box=(), files=dict.fromkeys(kinds, b"")
        ),
    )
    figures = {name: lambda size: size for name in "abc"}
    found = {
        name: {size: tuple(one.files) for size, one in sizes.items()}
        for name, sizes in draw_figures(report(figures), ["slide"]).items()
    }
    assert found["a"] == {USUAL: ("svg", "png"), "slide": ("svg", "png"), NARROW: ("svg",)}
    assert found["b"] == {USUAL: ("svg",), "slide": ("svg",), NARROW: ("svg",)}
    assert found["c"] == {USUAL: ("svg",), "slide": ("svg",)}


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


def test_every_colour_of_a_figure_is_replaced_on_dark_paper() -> None:
    text = inline_svg(drawn("point")["point"][USUAL], "k-")
    kept = {"#1f77b4"}  # of matplotlib, as this figure asks for none
    assert set(re.findall(r"#[0-9a-f]{6}\b", text)) - kept <= set(canvas.dark_colours())


def test_the_same_figure_gives_the_same_bytes() -> None:
    assert drawn("a") == drawn("a")
