"""Every study begins its page with the figure that tells its story, and says how to read it."""

from __future__ import annotations

import re
from functools import cache

import pytest

from bench.report.report import FigureSection
from bench.studies.base import load_study, study_names
from bench.studies.run import Run, execute
from tests.golden.reference import experiment_of
from tests.golden.studies import TOY


@cache
def example_of() -> dict[str, str]:
    """An experiment of every study."""
    found: dict[str, str] = {}
    for name in TOY:
        found.setdefault(experiment_of(name).study, name)
    return found


def run_of(name: str) -> Run:
    return execute(experiment_of(name, *TOY[name], "execution=serial"))


def begins_with_its_story(run: Run) -> None:
    shown, first = run.shown, load_study(run.experiment.study).first
    begin = shown.page_sections[0]
    assert isinstance(begin, FigureSection)
    assert begin.name == shown.first
    assert begin.name == next((name for name in first if name in shown.figures), begin.name)
    assert len(re.findall(r"[.?](?: |$)", begin.reading)) == 2


def test_a_first_run_begins_with_its_story() -> None:
    begins_with_its_story(run_of("quickstart"))


@pytest.mark.golden
@pytest.mark.parametrize("name", study_names())
def test_the_page_of_every_study_begins_with_its_story(name: str) -> None:
    begins_with_its_story(run_of(example_of()[name]))
