"""What the tables' memory holds is below what an audit replaces, or is not used during one."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import sys
from typing import Any

import pandas as pd
import pytest

import bench.data
from bench.core.settings import Experiment
from bench.data import tables
from bench.data.readers import forget, remembered
from bench.data.task import Task, ranked_on_task

TASKS = (
    ("toy", 1, "2031-04-04T20:00"),
    ("toy", 2, "2031-04-18T20:00"),
    ("gb2015", 1, "2015-05-01T20:00"),
)


def memories() -> dict[str, Any]:
    """Every memoised function of the data room, by its name."""
    by_name = {}
    for module in pkgutil.iter_modules(bench.data.__path__, "bench.data."):
        if not module.ispkg:
            for member in vars(importlib.import_module(module.name)).values():
                function = member
                if inspect.isfunction(member) and hasattr(member, "__wrapped__"):  # off in audits
                    function = inspect.getclosurevars(member).nonlocals.get("cached")
                if isinstance(function, functools._lru_cache_wrapper):
                    by_name[f"{function.__module__}.{function.__qualname__}"] = function
    return by_name


@remembered()
def planted(election: str) -> pd.DataFrame:
    """A leak: what it remembers of the polls stays the same in an audit."""
    return tables.polls_of(Task(election, 1, "2031-04-04T20:00").election)


def test_no_memory_lies_above_what_an_audit_replaces_but_the_planted_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    above: set[Any] = set()
    plain = tables.uncut

    def uncut(name: str, rows: pd.DataFrame) -> pd.DataFrame:
        frame: Any = sys._getframe(1)
        while frame is not None:
            above.add(frame.f_code)
            frame = frame.f_back
        return plain(name, rows)

    for module in list(sys.modules.values()):
        if getattr(module, "uncut", None) is plain:
            monkeypatch.setattr(module, "uncut", uncut)
    forget()
    with tables.replaced(lambda name, rows: rows.iloc[: len(rows) // 2]):
        for given in TASKS:
            task = Task(*given)
            task.assembled()
            ranked_on_task(Experiment(ranked_on="polled_10"), task)
            task.outcome()
        planted("toy")
    filled = {
        name
        for name, function in {**memories(), "planted": planted}.items()
        if function.cache_info().currsize
        and getattr(function.__wrapped__, "__code__", None) in above
    }
    forget()
    assert filled == {"planted"}
