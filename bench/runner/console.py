"""Progress on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO


@contextmanager
def progress(
    total: int, words: str, *, file: TextIO | None = None
) -> Iterator[Callable[[int], None]]:
    """A bar that says how much is done and how long the rest takes.

    Nothing is printed in a pipe, where `CI` is set, or for a single item; `NO_COLOR` is obeyed.

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
    if total < 2 or not stream.isatty() or os.environ.get("CI"):
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
