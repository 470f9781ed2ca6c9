"""A study hands over words, tables and figures: its page, its files, and the same again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.core.errors import DataError
from bench.report.figure_export import drawn
from bench.report.html.build import page_text
from bench.report.html.from_table import from_table
from bench.report.plain_table import plain_table
from bench.report.plotting import layout as canvas
from bench.report.report import Report, study_page, write_study
from bench.runner.results import Results
from tests.report.html.test_page import NASTY, checked

ROWS = pd.DataFrame(
    {"order": ["a", "a", "b", "b", "b"], "method": ["x", "y", "x", "y", "z"],
     "error": [3.0, 1.25, float("nan"), 2.0, 0.5], "n": [5, 5, 4, 4, 4]}
)  # fmt: skip
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
            plain_table("by_order", rows, title=f"{text}: errors", notes=(text,),
                        formats={"error": "1"}, meanings={"error": text}),
            plain_table("few", rows.head(2), title="Few"),
        ),
        figures={"point": lambda size: figure("A point", size=size)},
        source=text,
        kicker=text,
        counts=((text, text),),
    )  # fmt: skip


def text_of(one: Report, cite: str = "Cite") -> str:
    """The page."""
    return page_text(study_page(one, drawn(one.figures, ()), MANIFEST, cite))


def test_the_page_is_balanced_with_every_part_in_the_contents() -> None:
    text = text_of(report())
    found = checked(text)
    assert len(found.ids) == len(set(found.ids))
    for key in ("point", "table-by_order", "table-few", "manifest", "cite"):
        assert f'<section id="{key}"' in text
        assert f'href="#{key}"' in text
    assert len(text.encode()) < 3_000_000


def test_what_repeats_becomes_a_choice_and_numbers_do_not() -> None:
    part = from_table(report().tables[0])
    assert [choice.label for choice in part.choices] == ["order", "method"]
    assert part.heads[part.name_column].label == "method"
    assert from_table(plain_table("t", ROWS, title="T", filters=["order"])).choices[0].any


def test_a_page_can_begin_with_one_of_the_choices() -> None:
    table = plain_table("t", ROWS.assign(round=[1, 1, 1, 2, 2]), title="T", first={"round": "2"})
    chosen = {choice.label: choice.value for choice in from_table(table).choices}
    assert chosen == {"order": "", "method": "", "round": "2"}


def test_names_that_attack_stay_text() -> None:
    found = checked(text_of(report(NASTY), NASTY))
    assert found.count["script"] == 2
    assert "img" not in found.count
    assert found.handlers == []


def test_every_table_in_four_formats_and_every_figure_in_three(tmp_path: Path) -> None:
    write_study(tmp_path, report(), MANIFEST, "Cite")
    tables = {path.name for path in (tmp_path / "tables").iterdir()}
    assert tables == {f"{n}.{k}" for n in ("by_order", "few") for k in ("csv", "md", "tex", "html")}
    figures = {path.suffix for path in (tmp_path / "figures").iterdir()}
    assert figures == {".svg", ".pdf", ".png"}
    assert (tmp_path / "report.html").is_file()


def test_what_is_kept_is_read_back_whole(tmp_path: Path) -> None:
    kept = Results(tables={"rows": ROWS, "none": ROWS.head(0)}, facts={"n": 3, "of": ["a"]})
    kept.save(tmp_path)
    again = Results.load(tmp_path)
    assert again.facts == kept.facts
    # the oldest versions give text back as objects
    pd.testing.assert_frame_equal(again.tables["rows"].astype(ROWS.dtypes), ROWS)


@pytest.mark.parametrize("broken", ["facts.json", "rows.parquet"])
def test_a_folder_that_is_not_whole_is_refused_by_name(broken: str, tmp_path: Path) -> None:
    Results(tables={"rows": ROWS}).save(tmp_path)
    (tmp_path / "kept" / broken).write_text("half")
    with pytest.raises(DataError, match=rf"{broken} cannot be read .*; run the experiment again"):
        Results.load(tmp_path)
