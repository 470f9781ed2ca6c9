"""Progress is a bar on a terminal, and a line now and then elsewhere."""

from __future__ import annotations

import io

import pytest

from bench.runner import console
from bench.runner.console import progress


class Terminal(io.StringIO):
    """Text that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def seen(file: io.StringIO, total: int = 3) -> str:
    with progress(total, "cells", file=file) as advance:
        for _ in range(total):
            advance(1)
    return file.getvalue()


def test_a_terminal_sees_a_bar_and_a_pipe_or_ci_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "3/3" in seen(Terminal())
    assert seen(io.StringIO()) == ""
    assert seen(Terminal(), total=1) == ""
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in seen(Terminal())
    monkeypatch.setenv("CI", "true")
    assert seen(Terminal()) == ""
    monkeypatch.setattr(console, "EVERY_S", 0.0)
    first, second = seen(io.StringIO()).splitlines()
    assert first.startswith("cells: 1 of 3 done, 0 s elapsed, about 0 s to go")
    assert second.startswith("cells: 2 of 3 done")
