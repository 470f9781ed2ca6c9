"""Progress on long work: a bar with the time left, on a terminal and nowhere else."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TextIO, TypeVar

Item = TypeVar("Item")


def watched(
    items: Iterable[Item],
    total: int,
    words: str,
    *,
    by: Callable[[Item], int] = lambda _: 1,
    file: TextIO | None = None,
) -> Iterator[Item]:
    """The items, one by one, with a bar that says how many are done and how long the rest takes.

    Nothing is printed in a pipe, where `CI` is set, or for a single item; `NO_COLOR` is obeyed.

    Parameters
    ----------
    items : iterable
        What is worked on while it is handed out.
    total : int
        How many there are.
    words : str
        What they are, in a word or two.
    by : callable
        How much of the total an item stands for.
    file : TextIO, optional
        Where to print; standard error if left out.

    Examples
    --------
    >>> list(watched("abc", 3, "letters"))
    ['a', 'b', 'c']
    """
    stream = file or sys.stderr
    if total < 2 or not stream.isatty() or os.environ.get("CI"):
        yield from items
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
        TextColumn("gone, "),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    with Progress(*columns, console=Console(file=stream), transient=True) as bar:
        task = bar.add_task(words, total=total)
        for item in items:
            yield item
            bar.advance(task, by(item))
