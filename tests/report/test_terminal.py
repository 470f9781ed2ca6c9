"""The headline table in a terminal."""

import io
import re
from typing import Any

import pytest

from bench.report.terminal import print_headline
from bench.studies.backtest.headline import headline


def printed(run: Any, file: io.StringIO, ballot: str = "common") -> str:
    """Text of the printed table."""
    table = headline(run.errors, run.forecasts, run.methods, run.facts, ballot=ballot)
    print_headline(table, run.facts, ballot=ballot, file=file)
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
    assert "Left out for want of room: # all, RMSE" in text
    assert all(name in text for name in run.methods["predictor"])


def test_every_reason_is_printed(run: Any) -> None:
    text = printed(run, io.StringIO())
    assert "brand_analytics: does not name Faugère" in text
    assert "vote_transfer: failed: ValueError" in text


def test_markup_in_names_is_printed_as_it_is(run: Any) -> None:
    run.methods["predictor"] = run.methods["predictor"].replace("uniform", "[red]x[/red]")
    for table in (run.errors, run.forecasts):
        table["predictor"] = table["predictor"].replace("uniform", "[red]x[/red]")
    assert "[red]x[/red]" in printed(run, io.StringIO())
