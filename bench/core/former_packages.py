"""Packages by the names they had before, for plug-ins written for an earlier version."""

from __future__ import annotations

import importlib
import sys
import warnings
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

FORMER = {
    "bench.contract": "bench.core",
    "bench.kit": "bench.models",
    "bench.testing": "bench.audit",
    "bench.core.batch": "bench.core.evidence",
}
_POLLS = "national_polls poll_filter poll_table"
MOVED = {f"bench.kit.{name}": f"bench.models.polls.{name}" for name in _POLLS.split()} | {
    "bench.contract.batch": "bench.core.evidence",
    "bench.contract.names": "bench.core.errors",
    "bench.contract.seeds": "bench.core.predictor",
    "bench.kit.cell_raking": "bench.models.raking",
    "bench.kit.last_polls": "bench.models.polls.national_polls",
    "bench.kit.memory": "bench.models.memoize",
    "bench.kit.half_life": "bench.models.polls.national_polls",
    "bench.kit.poll_mean": "bench.models.polls.poll_table",
    "bench.kit.past_areas": "bench.models.area_patterns",
    "bench.kit.swing": "bench.models.area_patterns",
    "bench.kit.quantile_draws": "bench.models.stated_forecast",
    "bench.kit.poll_batch": "bench.models.polls.poll_table",
    "bench.kit.pooled": "bench.models.forecast_combination",
}
"""Modules that are not where the name of their package says."""


def stand_in(former: str) -> None:
    """Make a package of today answer to its former name, and say so once.

    `import former` and everything below it then give the very modules of today, so that a class
    has one identity whatever name it was imported by.

    Parameters
    ----------
    former : str
        The name of the module that calls, a key of ``FORMER``.
    """
    present = FORMER[former]
    warnings.warn(
        f"{former} is called {present} now; the former name will go in the next version",
        FutureWarning,
        stacklevel=3,
    )
    if not any(isinstance(finder, _FormerNames) for finder in sys.meta_path):
        sys.meta_path.insert(0, _FormerNames())
    sys.modules[former] = importlib.import_module(present)


class _FormerNames(MetaPathFinder):
    """Finds modules below a former name."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        package = ".".join(name.split(".")[:2])
        if package == name or package not in FORMER:
            return None
        present = MOVED.get(name, FORMER[package] + name.removeprefix(package))
        return ModuleSpec(name, _Present(present))


class _Present(Loader):
    """Loads a module of today under a former name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        self.module = importlib.import_module(self.name)
        self.spec = self.module.__spec__
        return self.module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.spec  # the machinery has put that of the former name there
