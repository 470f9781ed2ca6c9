"""What a process sets up once for many pieces, and again only if settings or data differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from bench.core.settings import Experiment
from bench.data.checksums import sum_of
from bench.runner.key import key_of
from bench.runner.pieces import settings_that_count

T = TypeVar("T")
_kept: dict[str, tuple[str, Any]] = {}


def remembered(
    name: str, experiment: Experiment, folders: Sequence[Path], make: Callable[[], T]
) -> T:
    """What `make` gives; the value of an earlier call if settings and files are the same.

    Parameters
    ----------
    name : str
        One value is kept per name.
    experiment : Experiment
        All settings on which a number may depend count.
    folders : sequence of Path
        Folders of data that `make` reads.
    make : callable
        Depends on nothing else.
    """
    key = key_of({"settings": settings_that_count(experiment), "data": sum_of(folders)})
    if name not in _kept or _kept[name][0] != key:
        _kept[name] = (key, make())
    value: T = _kept[name][1]
    return value
