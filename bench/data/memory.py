"""What a process remembers of files that it read, all forgotten when they may have changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_emptied: list[Callable[[], Any]] = []


def remembered(maxsize: int | None = None) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Remember what a function that reads files returned, until `forget`.

    Parameters
    ----------
    maxsize : int, optional
        How many answers are kept, the latest used; all if left out.

    Examples
    --------
    >>> asked = []
    >>> @remembered()
    ... def table(name):
    ...     asked.append(name)
    ...     return name.upper()
    >>> table("polls"), table("polls"), asked
    ('POLLS', 'POLLS', ['polls'])
    >>> forget()
    >>> table("polls"), asked
    ('POLLS', ['polls', 'polls'])
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        cached: Any = lru_cache(maxsize)(function)
        _emptied.append(cached.cache_clear)
        answer: Callable[P, T] = cached
        return answer

    return decorate


def forget() -> None:
    """Read every file again when it is next asked for: it may have been changed since."""
    for empty in _emptied:
        empty()
