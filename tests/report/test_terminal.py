"""A report in a terminal: within the width, every fact once, no colour where none is wanted."""

import io
import re

import pandas as pd
import pytest

from bench.report.report import Report
from bench.report.tables import Table, table
from bench.report.terminal import print_report
from tests.made_up_run import Run
from tests.studies.backtest.pages import headline_table


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        """Always."""
        return True


def text_of(*tables: Table, file: io.StringIO | None = None, everything: bool = False) -> str:
    """What is printed of a report with these tables, into a pipe where no file is given."""
    report = Report(
        title="A title", findings=("The claim.", "More."), tables=tables, source="A source."
    )
    out = file or io.StringIO()
    print_report(report, file=out, everything=everything)
    return out.getvalue()


@pytest.fixture(scope="module")
def headline(whole_run: Run) -> Table:
    """The headline table of a run."""
    return headline_table(whole_run.vote())


@pytest.mark.parametrize("everything", [True, False])
def test_a_pipe_gets_100_columns_without_colour(headline: Table, everything: bool) -> None:
    text = text_of(headline, everything=everything)
    assert max(map(len, text.splitlines())) <= 100
    assert "\x1b" not in text


def test_who_abstained_stands_in_one_sentence_and_who_failed_with_the_reason(
    headline: Table,
) -> None:
    *_others, silent, failed = headline.blocks
    assert {row.look for row in silent.rows} == {"silent"}
    assert {row.look for row in failed.rows} == {"failed"}
    names = [row.cells[headline.name_at].text for row in silent.rows]
    plain = " ".join(text_of(headline).split())
    assert f"{silent.heading}: {', '.join(names)}." in plain
    assert silent.rows[0].note not in plain
    assert silent.rows[0].note in " ".join(text_of(headline, everything=True).split())
    assert f"({failed.rows[0].note})" in plain


@pytest.mark.parametrize("no_color", ["1", ""])
def test_a_terminal_gets_colour_unless_that_is_not_wanted(
    headline: Table, no_color: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", no_color)
    assert ("\x1b[32m" in text_of(headline, file=Terminal())) is not bool(no_color)


def test_a_narrow_terminal_gets_fewer_columns_but_every_predictor(
    headline: Table, whole_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"COLUMNS": "72", "TERM": "xterm-256color", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    text = re.sub(r"\x1b\[[0-9;]*m", "", text_of(headline, file=Terminal(), everything=True))
    assert max(map(len, text.splitlines())) <= 72
    shown, _, left_out = text.partition("tables/headline.csv has them")
    assert "skill" not in shown
    assert "skill" in left_out
    assert all(name in text for name in whole_run.methods["predictor"])


def test_markup_in_names_is_printed_as_it_is() -> None:
    rows = ROWS.replace("uniform", "[red]x[/red]")
    assert "[red]x[/red]" in text_of(table("t", rows, title="T"))


ROWS = pd.DataFrame(
    {"predictor": ["last_poll", "uniform"], "mae_pp": [1.25, 9.0], "why": ["word " * 60, ""]}
)


def test_one_screen_has_the_claim_the_first_table_and_the_first_notes() -> None:
    notes = [f"Note {i}." for i in range(6)]
    first, second, third = (
        table(name, ROWS, title=f"Table {name}", notes=notes, terminal=name != "a" or None)
        for name in "abc"
    )
    text = text_of(first)
    assert "Table a" in text
    text = text_of(first, second, third)
    for part in ("A title", "The claim.", "Table b", "Note 0.", "Note 2.", "A source."):
        assert part in text
    for part in ("More.", "Table a", "Table c", "Note 3."):
        assert part not in text
    text = text_of(first, second, third, everything=True)
    assert "Table a" not in text
    assert text.index("More.") < text.index("Table b") < text.index("Note 3.")
    assert text.index("Table b") < text.index("Table c")
    assert text.count("mean absolute error") == 1


def test_one_screen_has_the_columns_of_the_document_each_explained_and_few_rows(
    headline: Table,
) -> None:
    text = text_of(headline)
    labels = [column.label for column in headline.columns if column.key in headline.brief]
    head, *below = [line for line in text.splitlines() if all(label in line for label in labels)]
    assert not below
    assert "RMSE" not in head
    assert all(f"\n{label} " in text for label in labels)
    long = table("long", pd.concat([ROWS] * 30), title="T")
    assert "tables/long.csv has 42 more rows." in text_of(long)
    assert "more rows" not in text_of(long, everything=True)
