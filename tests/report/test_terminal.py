"""A report in a terminal: within the width, every fact once, no colour where none is wanted."""

import io
import re
from typing import Any

import pandas as pd
import pytest

from bench.report.report import Report
from bench.report.tables import Table, table
from bench.report.terminal import print_report
from bench.studies.backtest.tables import headline_table


def printed(run: Any, file: io.StringIO, ballot: str = "common") -> str:
    """Text of the printed table."""
    rows = run.headline(ballot=ballot)
    shown = headline_table(rows, run.facts, ballot=ballot)
    print_report(Report(title="", findings=(), tables=(shown,)), file=file)
    return file.getvalue()


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        """Always."""
        return True


@pytest.mark.parametrize("ballot", ["common", "full"])
def test_no_line_is_wider_than_100_columns(run: Any, ballot: str) -> None:
    assert max(map(len, printed(run, io.StringIO(), ballot).splitlines())) <= 100


def test_a_pipe_gets_no_colour(run: Any) -> None:
    assert "\x1b" not in printed(run, io.StringIO())


def test_no_color_is_respected_on_a_terminal(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    text = printed(run, Terminal())
    assert "\x1b[32m" not in text
    assert "\x1b[31m" not in text


def test_a_terminal_gets_colour(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[32m" in printed(run, Terminal())


def test_a_narrow_terminal_gets_fewer_columns_but_every_predictor(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "72")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    text = re.sub(r"\x1b\[[0-9;]*m", "", printed(run, Terminal()))
    assert max(map(len, text.splitlines())) <= 72
    assert "RMSE" not in text.split("\n\n")[1]
    assert "Left out for want of room (tables/headline.csv has them): RMSE" in " ".join(
        text.split()
    )
    assert all(name in text for name in run.methods["predictor"])


def test_every_reason_is_printed(run: Any) -> None:
    text = printed(run, io.StringIO())
    assert "brand_analytics: does not name Faugère" in text
    assert "vote_transfer: failed: ValueError" in text


def test_markup_in_names_is_printed_as_it_is(run: Any) -> None:
    run.methods["predictor"] = run.methods["predictor"].replace("uniform", "[red]x[/red]")
    for rows in (run.errors, run.forecasts):
        rows["predictor"] = rows["predictor"].replace("uniform", "[red]x[/red]")
    assert "[red]x[/red]" in printed(run, io.StringIO())


ROWS = pd.DataFrame(
    {"predictor": ["last_poll", "uniform"], "mae_pp": [1.25, 9.0], "why": ["word " * 60, ""]}
)


def report_of(*tables: Table) -> Report:
    """A report with these tables."""
    return Report(title="A title", findings=("A finding.",), tables=tables, source="A source.")


def text_of(report: Report) -> str:
    """What is printed into a pipe."""
    out = io.StringIO()
    print_report(report, file=out)
    return out.getvalue()


def test_the_first_table_is_printed_or_those_that_are_marked() -> None:
    first, second, third = (table(name, ROWS, title=f"Table {name}") for name in "abc")
    text = text_of(report_of(first, second))
    assert "A title" in text
    assert "A finding." in text
    assert "A source." in text
    assert "Table a" in text
    assert "Table b" not in text
    second, third = (table(name, ROWS, title=f"Table {name}", terminal=True) for name in "bc")
    text = text_of(report_of(first, second, third))
    assert "Table a" not in text
    assert text.index("Table b") < text.index("Table c")
    assert text.count("mean absolute error") == 1


def test_long_words_are_broken_between_words_and_numbers_never() -> None:
    text = text_of(report_of(table("t", ROWS, title="T")))
    assert max(map(len, text.splitlines())) <= 100
    assert text.count("word") == 60
    assert {"1.25", "9.00"} <= set(text.split())


def test_a_table_that_is_too_wide_goes_on_below_with_its_names() -> None:
    wide = ROWS.drop(columns="why").assign(**{f"column number {i}": i + 0.5 for i in range(12)})
    text = text_of(report_of(table("t", wide, title="T")))
    assert max(map(len, text.splitlines())) <= 100
    for i in range(12):
        assert f"column number {i}" in text
        assert text.split().count(f"{i + 0.5}") == 2
    assert text.count("last_poll") > 1


def test_every_part_of_a_wide_table_repeats_all_that_tells_its_rows_apart() -> None:
    numbers = {f"column number {i}": [1.5, 2.5, 3.5] for i in range(12)}
    flows = pd.DataFrame({"from_candidate": ["ash", "ash", "oak"], "to": ["elm", "fir", "elm"]})
    text = text_of(report_of(table("t", flows.assign(**numbers), title="T")))
    heads = [line for line in text.splitlines() if line.startswith("voters of to ")]
    assert len(heads) > 1
    assert text.split().count("fir") == len(heads)


def test_methods_of_one_row_stand_under_one_another() -> None:
    rows = ROWS.assign(predictor=["a = b", "c"], note=["", "late"])
    text = text_of(report_of(table("t", rows, title="T", row_notes="note", show=["predictor"])))
    lines = [line.strip() for line in text.splitlines()]
    assert lines[lines.index("a") + 1] == "= b"
    assert "c [1]" in lines
    assert "1 c: late" in lines
