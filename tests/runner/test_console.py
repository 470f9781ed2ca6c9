"""Progress is seen on a terminal, and nowhere else."""

from __future__ import annotations

import io

import pytest

from bench.runner.console import progress


class Terminal(io.StringIO):
    """Text that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _outside_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")


def seen(file: io.StringIO, total: int = 3) -> str:
    with progress(total, "cells", file=file) as advance:
        for _ in range(total):
            advance(1)
    return file.getvalue()


def test_a_terminal_sees_how_many_are_done_and_what_is_left() -> None:
    words = seen(Terminal())
    assert "3/3" in words
    assert "elapsed" in words
    assert "to go" in words


def test_a_pipe_sees_nothing() -> None:
    assert seen(io.StringIO()) == ""


def test_ci_sees_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    assert seen(Terminal()) == ""


def test_a_single_item_needs_no_bar() -> None:
    assert seen(Terminal(), total=1) == ""


def test_no_color_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in seen(Terminal())
