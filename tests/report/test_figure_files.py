"""A figure is drawn once per size, and the page shows what the files hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.report.figure import Axis, DrawnBy, Figure, Mark, plain
from bench.report.plotting import layout as canvas
from bench.report.plotting.layout import render
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


def test_the_same_description_is_drawn_once_and_another_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def counted(drawing: Any, kinds: Any) -> canvas.Rendered:
        calls.append(drawing.get_label())
        return render(drawing, kinds)

    monkeypatch.setattr("bench.report.report.render", counted)
    rows = pd.DataFrame({"x": [1.0, 2.0], "y": [1.0, 2.0]})
    outlines = tmp_path / "areas.geojson"
    outlines.write_text("{}")

    def drawings(**changed: Any) -> tuple[Drawings, int]:
        looks = {"title": "A title", "caption": "n = 2", **changed}
        figures = {
            "described": Figure(marks=[Mark("dot", rows, "x", "y")], **looks),
            "by_hand": DrawnBy(figure, {}, [outlines]),
        }
        before = len(calls)
        return draw_figures(report(figures), store=tmp_path / "store"), len(calls) - before

    first, n = drawings()
    again, none = drawings()
    assert (n, none) == (4, 0)
    assert again == first
    assert drawings(x=Axis(write=plain))[1] == 2
    assert drawings(x=Axis(write=lambda value: "?"))[1] == 2  # code without a name
    assert drawings(x=Axis(write=lambda value: "!"))[1] == 2
    rows.loc[0, "x"] = 1.5
    assert drawings()[1] == 2
    outlines.write_text("[]")
    assert drawings()[1] == 2
