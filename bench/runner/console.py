"""Progress: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from time import monotonic
from typing import TextIO

from bench.core.options import duration

EVERY_S = 30.0
"""Seconds between two lines, where there is no terminal."""


@cache
def announce(experiment: str) -> None:
    """Say once how long an experiment takes, if its YAML knows."""
    if time := duration(experiment):
        words = "of processor time, where nothing is cached"
        print(f"{experiment}: {time} {words}", file=sys.stderr, flush=True)


@contextmanager
def progress(
    total: int, words: str, *, file: TextIO | None = None
) -> Iterator[Callable[[int], None]]:
    """Say how much is done and how long the rest takes.

    Nothing is said of a single item; `NO_COLOR` is obeyed, and `CI` gets lines.

    Parameters
    ----------
    total : int
        How many there are.
    words : str
        What they are, in a word or two.
    file : TextIO, optional
        Where to print; standard error if left out.

    Yields
    ------
    callable
        To be called with the number that has just been done.

    Examples
    --------
    >>> with progress(3, "letters") as advance:
    ...     for _ in "abc":
    ...         advance(1)
    """
    stream = file or sys.stderr
    if not stream.isatty() or os.environ.get("CI"):
        yield _lines(total, words, stream)
        return
    if total < 2:
        yield lambda number: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("done, "),
        TimeElapsedColumn(),
        TextColumn("elapsed, "),
        TimeRemainingColumn(),
        TextColumn("to go"),
    )
    with Progress(*columns, console=Console(file=stream), transient=True) as bar:
        task = bar.add_task(words, total=total)
        yield lambda number: bar.advance(task, number)


def _lines(total: int, words: str, stream: TextIO) -> Callable[[int], None]:
    """What prints a line when some have been done and the last line is old."""
    done, start = 0, monotonic()
    next_line = start + EVERY_S

    def advance(number: int) -> None:
        nonlocal done, next_line
        done += number
        now = monotonic()
        if now < next_line or done >= total:
            return
        next_line = now + EVERY_S
        passed = now - start
        rest = passed * (total - done) / done
        print(
            f"{words}: {done} of {total} done, {passed:.0f} s elapsed, about {rest:.0f} s to go",
            file=stream,
            flush=True,
        )

    return advance
