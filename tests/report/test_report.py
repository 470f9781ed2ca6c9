"""A study hands over words, tables and figures: its page, its files, and the same again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.core.errors import DataError
from bench.report.columns import ColumnSpec
from bench.report.html.page import page_text
from bench.report.plotting import layout as canvas
from bench.report.report import (
    Report,
    draw_figures,
    write_report,
)
from bench.report.tables import table
from bench.runner.results import Results
from tests.report.html.parsed import NASTY, checked

ROWS = pd.DataFrame(
    {
        "order": ["a", "a", "b", "b", "b"],
        "method": ["x", "y", "x", "y", "z"],
        "error": [3.0, 1.25, float("nan"), 2.0, 0.5],
        "n": [5, 5, 4, 4, 4],
    }
)
MANIFEST = {"commit": "0" * 12}


@canvas.styled
def figure(text: str, *, size: str = "double") -> Any:
    """A point on a sheet."""
    sheet, axes, _ = canvas.sheet(size, 1.5, title=f"{text}: title", caption=f"{text}, n = 1.")
    axes[0, 0].plot([1], [1], "o")
    return sheet


def report(text: str = "A study") -> Report:
    """Two tables and a figure, with one text everywhere."""
    rows = ROWS.replace({"x": text, "a": text})
    return Report(
        title=text,
        findings=(text, f"{text} again"),
        tables=(
            table(
                "by_order",
                rows,
                title=f"{text}: errors",
                notes=(text,),
                columns={"error": ColumnSpec("error", text, "1")},
            ),
            table("few", rows.head(2), title="Few"),
        ),
        figures={"point": lambda size: figure("A point", size=size)},
        source=text,
        kicker=text,
        counts=((text, text),),
    )


def text_of(one: Report, cite: str = "Cite") -> str:
    """The page."""
    return page_text(one, draw_figures(one), MANIFEST, cite)


def test_names_that_attack_stay_text() -> None:
    found = checked(text_of(report(NASTY), NASTY))
    assert found.count["script"] == 3
    assert "img" not in found.count
    assert found.handlers == []


def test_every_table_in_four_formats_and_figures_in_those_asked_for(tmp_path: Path) -> None:
    two = {name: lambda size: figure("A point", size=size) for name in ("point", "other")}
    one = replace(report(), figures=two)
    write_report(tmp_path, one, MANIFEST, "Cite", sizes=["slide"])
    tables = {path.name for path in (tmp_path / "tables").iterdir()}
    assert tables == {f"{n}.{k}" for n in ("by_order", "few") for k in ("csv", "md", "tex", "html")}
    figures = {path.name for path in (tmp_path / "figures").iterdir()}
    first = {f"point{size}.{kind}" for size in ("", "_slide") for kind in ("svg", "png")}
    assert figures == first | {"other.svg", "other_slide.svg"}
    write_report(tmp_path / "all", one, MANIFEST, "Cite", kinds=["pdf", "png"])
    assert len(list((tmp_path / "all" / "figures").iterdir())) == 6
    assert (tmp_path / "report.html").is_file()


def test_one_citation_stands_in_page_tables_and_bibtex(tmp_path: Path) -> None:
    entry = "@software{key,\n  year = {2031},\n}"
    write_report(tmp_path, replace(report(), figures={}), MANIFEST, f"Who (2031): what.\n\n{entry}")
    assert (tmp_path / "cite.bib").read_text("utf-8") == f"{entry}\n"
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "<blockquote>Who (2031): what.</blockquote>" in page
    assert f">{entry}</pre>" in page
    for path in (tmp_path / "tables").glob("*.tex"):
        assert path.read_text("utf-8").startswith("% Who (2031): what.\n")


# what a CSV alone would not give back: signs that a spreadsheet acts upon, empty and missing cells,
# a last digit, numbers without decimals, moments, flags
MIXED = ROWS.assign(
    text=["=1+1", "'=x", "'tis", "", "a\r\nb"],
    note=["NA", None, "-", "1.0", '"'],
    third=[1 / 3, -0.0, 1e-300, float("nan"), float("-inf")],
    whole=[1.0, 2.0, 3.0, 4.0, 5.0],
    day=pd.to_datetime(["2031-04-06", None, "2031-04-07", "2031-04-08", "2031-04-09"]),
    moment=pd.to_datetime("2031-04-06T20:00:00.25"),
    right=[True, False, True, True, False],
    perhaps=[True, None, None, False, None],
    nothing=[None] * 5,
)


@pytest.mark.parametrize("kind", ["", "csv"])
def test_what_is_kept_is_read_back_whole(kind: str, tmp_path: Path) -> None:
    none = MIXED.head(0)
    kept = Results(tables={"rows": MIXED, "none": none}, facts={"n": 3, "of": ["a"]})
    files = kept.save(tmp_path, {"rows": kind, "none": kind})
    assert files == sorted(path for path in tmp_path.rglob("*") if path.is_file())
    again = Results.load(tmp_path)
    assert again.facts == kept.facts
    assert list(again.tables) == ["rows", "none"]
    for name, rows in kept.settled().tables.items():
        pd.testing.assert_frame_equal(again.tables[name], rows, check_exact=True)
    assert again.tables["rows"].dtypes.equals(MIXED.dtypes)


@pytest.mark.parametrize("broken", ["kept/facts.json", "kept/rows.parquet", "few.csv"])
def test_a_folder_that_is_not_whole_is_refused_by_name(broken: str, tmp_path: Path) -> None:
    Results(tables={"rows": ROWS, "few": ROWS}).save(tmp_path, {"few": "csv"})
    (tmp_path / broken).write_text("half")
    with pytest.raises(DataError, match=rf"{broken}: cannot be read .*; run the experiment again"):
        Results.load(tmp_path)
