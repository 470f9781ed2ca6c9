"""Which files a predictor in the sandbox may read."""

from __future__ import annotations

import importlib.util
import os
import site
import sys
import sysconfig
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from bench.core import paths
from bench.core.registry import PREDICTORS, methods_in
from bench.data.collection import FACTS
from bench.data.columns import COLLECTION_TABLES
from bench.runner.confinement import beside

SYSTEM = (
    *("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/localtime"),
    *(
        f"/usr/{name}"
        for name in ("bin", "include", "lib", "lib32", "lib64", "libexec", "sbin", "share")
    ),
    *("/usr/local/bin", "/usr/local/lib"),
    *("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"),
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system/cpu"),
)
TABLES_OF_AN_ELECTION = (
    *("candidates.csv", "election.yaml", "inputs", "outcome", "outcome.csv", "polls.csv", FACTS),
    *(f"{name}{suffix}" for name in COLLECTION_TABLES for suffix in (".csv", ".parquet")),
)
BENCH = Path(__file__).resolve().parents[1]
CONTESTANTS = BENCH.parent / "predictors"
OFFERED = (
    *(BENCH / name for name in ("__init__.py", "core", "models")),
    CONTESTANTS,
)


def forbidden() -> list[str]:
    """Where a predictor has no business."""
    folders = {paths.datasets(), paths.configs()}
    for home in (paths.datasets().parent, Path.cwd()):
        folders |= {home / "results", home / ".git"}
    return sorted(os.path.realpath(folder) for folder in folders)


def readable() -> list[str]:
    """Python, its libraries, and what a predictor may use of the bench."""
    return list(_readable_beside(tuple(forbidden())))


@cache
def _readable_beside(forbidden_too: tuple[str, ...]) -> tuple[str, ...]:
    known = sysconfig.get_paths()
    libraries = {known[name] for name in ("purelib", "platlib")}
    libraries |= {*site.getsitepackages(), site.getusersitepackages()}
    headers = {known["include"], known["platinclude"]}  # some libraries compile
    roots = {known["stdlib"], known["platstdlib"], *libraries, *headers, *SYSTEM}
    roots |= {f"{prefix}/lib" for prefix in (sys.prefix, sys.base_prefix)}
    # another copy of the bench, which may be installed beside the one that runs, has outcomes too;
    # without one the libraries can be listed, as is done to look up the version of another
    copies = {Path(os.path.realpath(place)) / "bench" for place in libraries}
    copies = {copy for copy in copies if copy.exists()}
    places = beside(roots, {*map(Path, forbidden_too), BENCH, CONTESTANTS, *copies})
    return tuple(sorted(map(str, [*OFFERED, *places])))


def package_of(module: str) -> list[str]:
    """Where the package of a module lies, found without running a line of it.

    As far as that is no part of the bench or its data, whatever the package is called.
    """
    top = module.partition(".")[0]
    if top == PREDICTORS.package:
        return []  # which every worker may read
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return []
    if spec is None:
        return []
    found = spec.submodule_search_locations or (spec.origin if spec.has_location else None,)
    hidden = {*map(Path, forbidden()), BENCH, CONTESTANTS}
    return [str(place) for place in beside(filter(None, found), hidden)]


def files_named(name: str, settings: Mapping[str, Any]) -> set[str]:
    """Files that settings name and that `is_free` lets a predictor read."""
    found = set()
    for value in settings.values():
        if isinstance(value, Mapping) and "method" in value:
            found |= files_named("", value)
    for key in PREDICTORS.load(methods_in(name, settings)[0]).files:
        if settings.get(key):
            path = Path(str(settings[key])).expanduser().resolve()
            if path.is_file() and is_free(path):
                found.add(str(path))
    return found


def is_free(path: Path) -> bool:
    """Whether a file that a setting names holds no data of an election.

    A forecast that was brought along may lie beside the tables of its election and is read there;
    what ships with the bench, results, and the tables themselves stay out of reach.
    """
    ours = [paths.datasets(), *(one / "results" for one in (paths.datasets().parent, Path.cwd()))]
    if any(path.is_relative_to(folder.resolve()) for folder in ours):
        return False
    elections = [
        one for one in path.parents if any((one / f).is_file() for f in ("election.yaml", FACTS))
    ]
    return not any(path.relative_to(one).parts[0] in TABLES_OF_AN_ELECTION for one in elections)
