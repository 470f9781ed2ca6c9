"""The list of claims and pictures: whole, and true of the experiments that take seconds."""

from __future__ import annotations

import pytest

from bench.core.options import labels, options
from bench.studies.run import execute
from tests.golden.reference import experiment_of
from tests.golden.ten_seconds import PICTURES, listed


def test_every_line_has_its_picture_and_every_picture_its_line() -> None:
    lines = listed()
    assert set(lines) == {path.stem for path in PICTURES.glob("*.png")}
    assert set(lines) <= set(options("experiment"))
    assert {"2017_r1", "2017_r1_horizon", "history"} <= set(lines)
    called = labels("experiment", lines)
    for name, line in lines.items():
        _empty, label, claim, _picture, _end = map(str.strip, line.split("|"))
        assert label == called[name]
        assert len(claim) > 20
    assert sum(path.stat().st_size for path in PICTURES.glob("*.png")) < 1.5e6


@pytest.mark.golden
@pytest.mark.parametrize("name", ["quickstart", "2017_r1", "2017_chain"])
def test_the_claims_are_those_of_the_runs(name: str) -> None:
    assert f"| {execute(experiment_of(name)).shown.findings[0]} |" in listed()[name]
