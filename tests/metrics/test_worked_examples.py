"""The worked examples in docstrings, run against whatever the module holds now.

The normal suite runs them as doctests already; mutation runs collect only this folder.
"""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import pytest

import bench.core
import bench.metrics


def modules() -> Iterator[ModuleType]:
    for room in (bench.core, bench.metrics):
        for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if found.name != "bench.core.batch":  # which warns of its new name
                yield importlib.import_module(found.name)
    yield importlib.import_module("bench.data.cut")


def examples() -> list[doctest.DocTest]:
    finder = doctest.DocTestFinder(exclude_empty=True)
    tests = [test for module in modules() for test in finder.find(module)]
    # mutants carry the docstrings of what they were made from
    return [test for test in tests if test.examples and "mutmut" not in test.name]


@pytest.mark.parametrize("example", examples(), ids=lambda test: test.name)
def test_the_worked_example_holds(example: doctest.DocTest) -> None:
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    failed, tried = doctest.DocTestRunner(verbose=False, optionflags=flags).run(
        example, clear_globs=False, out=lambda words: None
    )
    assert tried > 0
    assert failed == 0, example.docstring
