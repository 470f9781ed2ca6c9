"""Experiments on the made-up country, each run once for all tests that look at it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

from bench.studies.run import Run
from tests.conftest import made_once
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


def shared_run(factory: pytest.TempPathFactory, name: str) -> Run:
    """The run of an experiment on the made-up country, made in one of several test processes."""
    return made_once(factory, f"toy_{name}", lambda: toy_run(name))


@pytest.fixture(scope="session")
def run(name: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Its run."""
    return shared_run(tmp_path_factory, name)


@pytest.fixture(scope="session")
def reference(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what its pages are made of, as of a reviewed result."""
    folder = tmp_path_factory.mktemp("reference")
    facts.keep(run, folder)
    return folder
