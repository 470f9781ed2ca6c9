"""A figure is drawn once per size, and the page shows what the files hold."""

from __future__ import annotations

from typing import Any

import pytest

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


def test_letters_of_an_svg_are_text_and_those_of_a_pdf_embedded() -> None:
    files = drawn("point", kinds=("pdf",))["point"][USUAL].files
    assert b">A caption, n = 1.</text>" in files["svg"]
    assert b"CIDFontType2" in files["pdf"]
    assert b"/Type3" not in files["pdf"]
    assert b"<dc:date>" not in files["svg"]
    assert b"CreationDate" not in files["pdf"]


def test_the_same_figure_gives_the_same_bytes() -> None:
    assert drawn("a") == drawn("a")
