"""Ctrl-C: told apart from a predictor that raises KeyboardInterrupt, and never swallowed by one."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_pressed = threading.Event()


@contextmanager
def watching() -> Iterator[None]:
    """Remember, while this lasts, whether the person at the keyboard asked for an end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handler(number: int, frame: FrameType | None) -> None:
        del number, frame
        _pressed.set()
        raise KeyboardInterrupt

    _pressed.clear()
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def stop_if_asked() -> None:
    """Raise KeyboardInterrupt if it was asked for and something swallowed it."""
    if _pressed.is_set():
        raise KeyboardInterrupt


def forget() -> None:
    """In a child process: whatever happened to the parent is not its affair."""
    _pressed.clear()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
