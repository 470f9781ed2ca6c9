"""Experiments on the made-up country, each run once for all tests that look at it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

from bench.studies.run import Run
from tests.golden import facts
from tests.golden.studies import SLOW, toy_run


def on_toy(names: Collection[str], in_golden: Collection[str] = SLOW) -> pytest.MarkDecorator:
    """Ask a test about these experiments, one after the other; some in golden alone."""
    params = [
        pytest.param(name, marks=pytest.mark.golden if name in in_golden else ()) for name in names
    ]
    return pytest.mark.parametrize("name", params, indirect=True, scope="session")


@pytest.fixture(scope="session")
def name(request: pytest.FixtureRequest) -> str:
    """The experiment; pytest runs all tests of one before those of the next."""
    return str(request.param)


@pytest.fixture(scope="session")
def run(name: str) -> Run:
    """Its run."""
    return toy_run(name)


@pytest.fixture(scope="session")
def reference(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what its pages are made of, as of a reviewed result."""
    folder = tmp_path_factory.mktemp("reference")
    facts.keep(run, folder)
    return folder
