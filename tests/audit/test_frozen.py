"""Records made before the vote: sealed, checked, and the only forecasts that are scored."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.audit import look_ahead, preregistration
from bench.audit.look_ahead import Verdict
from bench.audit.preregistration import (
    check_record,
    check_scored,
    forecast_sum,
    freeze,
    sealed,
)
from bench.core import ConfigError, DataError, Forecast, check_forecast
from bench.core.settings import Experiment
from bench.data.task import Task
from bench.metrics.score_forecast import forecast_rows
from bench.runner.runner import tasks_of
from bench.studies.backtest.analysis import analyse
from tests.conftest import Compose


@pytest.fixture(scope="module")
def settings(composed: Compose) -> Experiment:
    return composed("+experiment=quickstart", "predictor=[uniform,quota_poll]", "n_draws=100")


@pytest.fixture(scope="module")
def record(settings: Experiment) -> dict[str, Any]:
    return freeze(settings)


def changed(record: dict[str, Any]) -> dict[str, Any]:
    other: dict[str, Any] = json.loads(json.dumps(record))
    (said,) = other["forecasts"].values()
    for name, more in (("thorne", 0.001), ("quill", -0.001)):
        said["quota_poll"]["share"][name] += more
    said["quota_poll"]["sum"] = "0" * 64
    return other


def test_the_same_code_and_evidence_make_the_same_record_and_what_changed_is_named(
    record: dict[str, Any],
) -> None:
    (vote,) = record["forecasts"]
    assert set(record["code"]["predictors"]) == {"uniform", "quota_poll"}
    assert {"polls", "outcomes", "ballots"} <= set(record["evidence"][vote])
    other = changed(record)
    other["code"]["harness"] = "f" * 64
    code, *forecasts = check_record(other)  # and nothing else differs
    assert code.startswith("code/harness (ffffffffffff → ")
    assert "quota_poll/sum (000000000000 → " in " | ".join(forecasts)
    assert all("/quota_poll/" in one for one in forecasts)
    del other["code"]["harness"]
    assert check_record(other)[0].startswith("code/harness (new → ")


def test_the_frozen_forecasts_are_scored_and_no_others(
    settings: Experiment, record: dict[str, Any], tmp_path: Path
) -> None:
    tasks, forecasts = tasks_of(settings), analyse(settings).tables["forecasts"]
    path, others = tmp_path / "a.json", tmp_path / "b.json"
    path.write_text(json.dumps(record))
    others.write_text(json.dumps(sealed(changed(record))))
    assert check_scored(path, tasks, forecasts)["seal"] == record["seal"]
    with pytest.raises(DataError, match="not the frozen forecast: quota_poll"):
        check_scored(others, tasks, forecasts)
    more = forecasts[forecasts["predictor"].eq("uniform")].assign(predictor="last_poll")
    with pytest.raises(DataError, match="not the frozen forecast: last_poll"):
        check_scored(path, tasks, pd.concat([forecasts, more], ignore_index=True))


def test_an_election_without_an_outcome_can_be_frozen(
    settings: Experiment, toy_folder: Path
) -> None:
    shutil.rmtree(toy_folder / "outcome")
    coming = replace(settings, elections=[str(toy_folder)])
    found = freeze(coming, present=datetime(2031, 4, 5))
    # `toy` itself is a neighbour now, and says nothing of this vote
    assert found["outcome_known"] is False
    assert found["forecasts"]
    with pytest.raises(ConfigError, match=r"as_of 2031-04-04 23:59 .* has not come"):
        freeze(coming, present=datetime(2031, 4, 1, 9, 30))


@pytest.mark.parametrize(
    ("status", "files_hidden", "outcome_known", "words"),
    [
        ("leaks", True, True, r"quota_poll is not sealed, as .*bench audit quota_poll"),
        ("fails", True, True, r"quota_poll is not sealed, as .*bench audit quota_poll"),
        ("passed", True, True, ""),
        ("passed", False, True, r"not sealed \(assurance: audited\).*install bubblewrap"),
        ("passed", False, False, ""),
    ],
)
def test_a_method_that_does_not_ship_is_sealed_if_it_passes_the_audit_of_past_votes_behind_a_wall(
    settings: Experiment,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
    files_hidden: bool,
    outcome_known: bool,
    words: str,
) -> None:
    def found(asked: Experiment, tasks: list[Task]) -> list[Verdict]:
        assert list(asked.predictors) == ["quota_poll"]
        about = {"predictor": "quota_poll", "vote": tasks[0].label, "status": status}
        return [
            Verdict(
                **about,
                data_used_until=None,
                findings=("opens a file",),
                message="no",
                files_hidden=files_hidden,
            )
        ]

    for module in (preregistration, look_ahead):
        monkeypatch.setattr(module, "third_party", lambda _: ["quota_poll"])
    monkeypatch.setattr(preregistration, "verdicts_of", found)
    monkeypatch.setattr(preregistration, "is_known", lambda _: outcome_known)
    eve = datetime(2031, 4, 6)
    if not words:
        assert freeze(settings, present=eve)["forecasts"]
        return
    with pytest.raises(ConfigError, match=words):
        freeze(settings, present=eve)


def test_stated_chances_are_sealed() -> None:
    names = ("ash", "birch", "cedar")
    first, second = (
        forecast_rows(check_forecast(Forecast(chances={"elected": {"ash": p}}), names), 2)
        for p in (0.6, 0.7)
    )
    assert forecast_sum(first) != forecast_sum(second)
