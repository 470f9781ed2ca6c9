"""Which source a number depends on: the modules that some work imports, and no others."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import sys
import uuid
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.core.registry import plug_ins
from bench.metrics.registry import own_modules

ROOT = Path(__file__).resolve().parents[2]
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
LISTS_METRICS = "bench.metrics.registry"  # loads every module of its package, and plug-ins


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
def code_sum(*modules: str) -> str:
    """The sum of everything that these modules import of the bench, of Python and the libraries.

    Parameters
    ----------
    modules : str
        Dotted names, for example that of the module in which some work is defined.
    """
    names = imported(*modules)
    files = {name: _file(name) for name in names}
    points = plug_ins("bench.metrics") if LISTS_METRICS in names else {}
    return key_of(
        {
            "metrics": {name: _plug_in(point.module)[0] for name, point in points.items()},
            "files": _sums({name: file for name, file in files.items() if file}),
            "libraries": {name: _version(name) for name in LIBRARIES},
            "python": list(sys.version_info[:2]),
        }
    )


@cache
def imported(*modules: str) -> frozenset[str]:
    """The modules of the bench that some modules import, directly or through others.

    The source is read, not run. An import of a name from a package leads to the module that
    defines the name; what else a package re-exports is left out, as is what only type checkers
    import.

    Examples
    --------
    >>> sorted(imported("bench.core.seeds"))
    ['bench.core.seeds']
    >>> "bench.core.forecast" in imported("bench.metrics.forecast_rows")
    True
    """
    found: set[str] = set()
    ahead = list(modules)
    while ahead:
        name = ahead.pop()
        if name in found or _file(name) is None:
            continue
        found.add(name)
        ahead += _imports(name)
        if name == LISTS_METRICS:
            ahead += own_modules()
    return frozenset(found)


def source_sum(kind: type) -> str:
    """The sum of the source of a predictor, a distortion or an instrument.

    For one that ships with the bench that is what its module imports; for a plug-in every Python
    file of its package, the version that is installed, and what these files import of the bench.
    Where no source is found the sum is new each time, and nothing is ever read from the cache.
    """
    if _file(kind.__module__):
        return code_sum(kind.__module__)
    installed, files = _plug_in(kind.__module__)
    top = kind.__module__.partition(".")[0]
    used = sorted({name for file in files for name in _imports_of(file, top)})
    return key_of({"installed": installed, "imports": code_sum(*used)})


def _plug_in(module: str) -> tuple[str, list[Path]]:
    """The sum of the package of a module and of its version, and its files."""
    top = module.partition(".")[0]
    spec = importlib.util.find_spec(module if top == "predictors" else top)
    files: list[Path] = []
    if spec is not None and spec.submodule_search_locations:
        files = [f for place in spec.submodule_search_locations for f in Path(place).rglob("*.py")]
    elif spec is not None and spec.has_location and spec.origin:
        files = [Path(spec.origin)]
    sums = _sums({str(file): file for file in files})
    if not sums:
        return uuid.uuid4().hex, []
    return key_of({"files": sums, "version": _version(top)}), files


@cache
def _imports(name: str) -> tuple[str, ...]:
    """What the source of one module of the bench imports."""
    file = _path(name)
    package = name if file.stem == "__init__" else name.rpartition(".")[0]
    return tuple(_imports_of(file, package))


def _imports_of(file: Path, package: str) -> Iterator[str]:
    for node in _executed(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            for alias in node.names:
                yield _home(base, alias.name)


def _home(module: str, name: str) -> str:
    """The module that defines a name which is imported from a module or a package."""
    if _file(f"{module}.{name}"):
        return f"{module}.{name}"
    file = _file(module)
    if file is None or file.stem != "__init__":
        return module
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.ImportFrom) and name in {a.asname or a.name for a in node.names}:
            return node.module or module
    return module


def _executed(tree: ast.AST) -> Iterator[ast.AST]:
    """All statements but those that only type checkers see."""
    ahead = [tree]
    while ahead:
        node = ahead.pop()
        for block in ("body", "orelse", "finalbody", "handlers", "cases"):
            for inner in getattr(node, block, ()):
                if isinstance(inner, ast.If) and ast.unparse(inner.test).endswith("TYPE_CHECKING"):
                    continue
                yield inner
                ahead.append(inner)


def _path(name: str) -> Path:
    file = _file(name)
    assert file is not None
    return file


@cache
def _file(name: str) -> Path | None:
    if name.partition(".")[0] not in ("bench", "predictors"):
        return None
    place = ROOT / name.replace(".", "/")
    for file in (place.with_suffix(".py"), place / "__init__.py"):
        if file.is_file():
            return file
    return None


def _sums(files: Mapping[str, Path]) -> dict[str, str]:
    return {
        name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in sorted(files.items())
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
