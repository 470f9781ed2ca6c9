"""Tasks that are asked, scored and cached together say what each says alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest

from bench.core import Evidence, Forecast, Predictor
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.data.task import Task
from bench.runner import runner
from bench.runner.results import Results, of_chunks
from bench.runner.runner import tasks_of
from tests.runner.conftest import done

Quick = Callable[..., Experiment]
DAYS = list(range(1, 10))
TABLES = ("errors", "forecasts", "methods")


def many(quick: Quick, *overrides: str) -> Experiment:
    return quick(f"days_before={DAYS}", "predictor=[uniform,last_poll]", *overrides)


def test_few_tasks_are_parts_of_their_own_and_many_come_in_chunks_of_one_election(
    quick: Quick,
) -> None:
    def chunks(tasks: list[Task]) -> list[list[int]]:
        return runner._chunks([task.folders for task in tasks])

    assert [len(chunk) for chunk in chunks(tasks_of(many(quick)))] == [2, 2, 2, 2, 1]
    few = tasks_of(quick("days_before=[1,2,3,5,8,13]"))
    assert chunks(few) == [[0], [1], [2], [3], [4], [5]]
    same = [Task("toy", 1, "2031-04-04T20:00")] * 400
    assert {len(chunk) for chunk in chunks(same)} == {runner.MAX_TASKS}
    tasks = tasks_of(many(quick, "elections=[toy,fr2017]"))
    for chunk in chunks(tasks):
        assert len({tasks[number].election.name for number in chunk}) == 1


def test_chunks_say_what_each_forecast_says_alone_and_only_the_missing_one_is_computed(
    quick: Quick,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = done(many(quick)).tables
    entries = sorted(tmp_path.rglob("*.entry"))
    assert len(entries) == 2 * 5
    (first, *others) = entries
    first.unlink()
    ages = [path.stat().st_mtime_ns for path in others]
    after = done(many(quick)).tables
    assert [path.stat().st_mtime_ns for path in others] == ages
    assert re.search("forecasts: 1[67] of 18 from the cache", capsys.readouterr().err)
    monkeypatch.setattr(runner, "MAX_TASKS", 1)
    alone = done(many(quick)).tables
    assert len(list(tmp_path.rglob("*.entry"))) == 2 * (5 + 8)  # one chunk has one task
    for name in TABLES:
        pd.testing.assert_frame_equal(after[name], found[name], check_exact=True)
        # a block of forecasts may add in another order than one of them
        pd.testing.assert_frame_equal(found[name], alone[name], rtol=1e-12, atol=1e-14)


@dataclass(frozen=True, kw_only=True)
class Fragile(Predictor):
    """Raises five days before the vote, names nobody who counts seven days before it."""

    family: ClassVar[str] = "floor"
    needs: ClassVar[frozenset[str]] = frozenset()

    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        if evidence.days_to_vote == 5:
            raise ZeroDivisionError("planted")
        share = pd.Series(1 / len(evidence.candidates), index=list(evidence.candidates))
        if evidence.days_to_vote == 7:
            share[:] = 0.0
            share.iloc[0] = 1.0  # brook, who is not among those compared
        return Forecast(share=share)


def test_a_method_that_fails_on_one_task_loses_that_row_only(
    quick: Quick, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(name: str, settings: dict[str, Any]) -> Predictor:
        return Fragile() if name == "fragile" else make_predictor(name, settings)

    monkeypatch.setattr("bench.studies.backtest.forecasts.make_predictor", make)
    monkeypatch.setattr("bench.runner.cache.kind_of", lambda name, given: Fragile)
    monkeypatch.setattr("bench.runner.cache.files_in", lambda name, given: [])
    experiment = many(quick, "ranked_on=[quill,thorne]")
    experiment.predictors = {"fragile": {}, "uniform": experiment.predictors["uniform"]}
    found = done(experiment)
    methods = found.tables["methods"].set_index(["predictor", "as_of"])["status"].unstack()
    failed = methods.columns[methods.loc["fragile"].eq("failed")]
    assert [(pd.Timestamp("2031-04-06") - day.normalize()).days for day in failed] == [7, 5]
    assert methods.loc["uniform"].eq("ok").all()
    assert "planted" in found.failures["fragile"]
    assert "all shares are 0 on the candidates compared" in found.failures["fragile"]
    scored = found.tables["errors"].groupby("predictor")["as_of"].nunique().to_dict()
    assert scored == {"fragile": len(DAYS) - 2, "uniform": len(DAYS)}


def test_a_table_that_only_some_chunks_have_keeps_its_labels() -> None:
    rows = pd.DataFrame({"task": [1, 1], "value": [0.1, 0.2]})
    labels = pd.DataFrame({"predictor": list("abab")})
    found = of_chunks([Results(), Results(tables={"draws": rows})], [[0, 2], [1, 3]], labels)
    assert found.tables["draws"].to_numpy().tolist() == [["b", 0.1], ["b", 0.2]]
