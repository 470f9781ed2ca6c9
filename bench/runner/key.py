"""Keys: one SHA-256 of everything that the result of a cell depends on."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
import uuid
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

# what the numbers are computed by; a plot or a command line changes no number
ROOMS = ("core", "data", "metrics", "models", "runner", "simulation", "studies")
LIBRARIES = (
    "numpy",
    "pandas",
    "pyarrow",
    "scikit-learn",
    "scipy",
    "scoringrules",
    "statsmodels",
    "numba",
)


def key_of(parts: Mapping[str, Any]) -> str:
    """The key of a set of named values, whatever their order.

    Examples
    --------
    >>> key_of({"a": 1, "b": 2}) == key_of({"b": 2, "a": 1}) != key_of({"a": 2, "b": 1})
    True
    """
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


@cache
def harness_sum() -> str:
    """The sum of the harness's own source, of Python and of the libraries that compute."""
    package = Path(__file__).resolve().parents[1]
    files = sorted(
        file
        for room in ROOMS
        for file in ([package / room] if room.endswith(".py") else (package / room).rglob("*.py"))
        if file.is_file()
    )
    named = {file.relative_to(package).as_posix(): file for file in files}
    libraries = {name: _version(name) for name in LIBRARIES}
    return key_of(
        {"files": _sums(named), "libraries": libraries, "python": list(sys.version_info[:2])}
    )


def source_sum(kind: type) -> str:
    """The sum of the source of a predictor.

    For a file of `predictors/` that one file, which may import no other; for a guest every
    Python file of its package and the version that is installed. Where no source is found the sum
    is new each time, and nothing is ever taken up.
    """
    top = kind.__module__.partition(".")[0]
    own = top == "predictors"
    spec = importlib.util.find_spec(kind.__module__ if own else top)
    files: Iterable[Path] = []
    if spec is not None and spec.submodule_search_locations and not own:
        files = (f for place in spec.submodule_search_locations for f in Path(place).rglob("*.py"))
    elif spec is not None and spec.has_location and spec.origin:
        files = [Path(spec.origin)]
    sums = _sums({str(file): file for file in files})
    if not sums:
        return uuid.uuid4().hex
    return key_of({"files": sums, "version": "" if own else _version(top)})


def _sums(files: Mapping[str, Path]) -> dict[str, str]:
    return {
        name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in sorted(files.items())
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
