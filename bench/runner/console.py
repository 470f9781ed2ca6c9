"""Whoever waits for a run, or asks for its end: progress, Ctrl-C and other signals.

An end that was asked for is told apart from a predictor that raises KeyboardInterrupt, and never
swallowed by one.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TextIO

ENDS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""Ctrl-C; SLURM, `docker stop` and `kill`; a terminal that was closed."""


PARENT_SEEN_EVERY_S = 0.5


class Stopped(KeyboardInterrupt):
    """Somebody outside asked for the end of the process.

    Parameters
    ----------
    number : int
        The signal that said so.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


class _Asked:
    number = 0  # the last signal; none
    watched = 0  # blocks under way that hear an end, one inside the other
    put_off = 0  # blocks under way that must not be torn apart
    cache: Path | None = None


def _stop(number: int, frame: FrameType | None) -> None:
    del frame
    _Asked.number = number
    if not _Asked.put_off:
        raise Stopped(number)


@contextmanager
def watching(*numbers: int) -> Iterator[None]:
    """Hear, while this lasts, whether somebody asks for an end: by Ctrl-C, or by these signals.

    What the process was told to ignore (`nohup`) it goes on ignoring.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in {signal.SIGINT, *numbers}}
    _Asked.watched += 1
    try:
        for number, handler in before.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, _stop)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
        _Asked.watched -= 1
        if not _Asked.watched:
            _Asked.number = 0


@contextmanager
def undisturbed() -> Iterator[None]:
    """Put the end off that somebody asks for meanwhile, so that no half of something is left.

    Raises
    ------
    Stopped
        Afterwards, if it was asked for.
    """
    earlier = _Asked.number
    _Asked.put_off += 1
    try:
        yield
    finally:
        _Asked.put_off -= 1
    if _Asked.number != earlier:
        stop_if_asked()


def stop_if_asked() -> None:
    """Raise `Stopped` if an end was asked for and something swallowed it."""
    if _Asked.number:
        raise Stopped(_Asked.number)


def finished_work_is_in(cache: Path | None) -> None:
    """Say where the rest of this process keeps what it has finished, for whoever stops it."""
    _Asked.cache = cache and cache.absolute()


@contextmanager
def until_the_end() -> Iterator[None]:
    """The life of a process: a signal ends it at any moment, in a sentence and with its status.

    Raises
    ------
    SystemExit
        With 128 and the number of the signal, as shells count.
    """
    try:
        with watching(*ENDS):
            try:
                yield
            except SystemExit:
                raise
            except BaseException as error:
                _Asked.put_off += 1  # it is leaving, and needs no further word to do so
                # what a signal broke off may say so in its own way, such as ImportError
                interrupted = isinstance(error, KeyboardInterrupt)
                number = _Asked.number or (signal.SIGINT if interrupted else 0)
                if not number:
                    raise
                print(_farewell(number), file=sys.stderr)
                raise SystemExit(128 + number) from None
    finally:
        for number in ENDS:
            signal.signal(number, signal.SIG_IGN)
        _Asked.put_off = 0


def _farewell(number: int) -> str:
    words = f"stopped ({signal.Signals(number).name}); nothing half-written is left"
    if _Asked.cache is None:
        return words
    if not _Asked.cache.is_dir():
        return f"{words}, and nothing was finished yet"
    return f"{words}; what is finished is in {_Asked.cache}: the same command goes on"


def forget_interrupts() -> None:
    """In a child process: whatever happened to the parent is not its affair."""
    _Asked.number = 0
    for number in ENDS:
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def deaf_children() -> Iterator[None]:
    """Processes that are started meanwhile hear no Ctrl-C and its like: this one ends them.

    Otherwise each would end with a traceback of its own on the terminal, some before any line of
    ours runs in it.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)  # which children inherit
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_with(run: int) -> None:
    """In a worker process: end within a second of the run that started it, even of one killed.

    Parameters
    ----------
    run : int
        The number of its process. On Windows, where nothing can be read off a parent's number,
        this does nothing, and a worker ends when its engine finds it idle.
    """
    leave = os._exit  # which is replaced while a predictor works

    def watch() -> None:
        while os.getppid() == run:
            time.sleep(PARENT_SEEN_EVERY_S)
        leave(1)

    threading.Thread(target=watch, daemon=True).start()


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
