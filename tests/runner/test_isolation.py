"""A fault of one predictor costs its own cells and nobody else's."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from bench.core.registry import make_predictor
from bench.core.settings import Execution, Experiment
from bench.data.task import Task
from bench.runner.prediction import predict
from bench.runner.process import limits
from bench.runner.results import Results
from tests.conftest import Compose
from tests.runner.conftest import done
from tests.runner.faults import Faulty

ANSWERS = {
    "raises": "ZeroDivisionError: nothing to divide by",
    "unprintable": "Unprintable",
    "recurses": "RecursionError",
    "sys_exit": "SystemExit: 0",
    "asserts_nothing": "predict returned str",
    "nan": "no candidate is named",
    "stranger": "who is not on the ballot",
    "draws_shape": "draws have shape (10, 1)",
    "areas_of_objects": "areas has the code 7; accepted: text",
    "converted_unprintable": "ValueError: no words",
    "mutates_array": "ValueError: assignment destination is read-only",
    "mutates_table": "",
}
COSTLY = {
    "raises": "ZeroDivisionError: nothing to divide by",
    "interrupts": "KeyboardInterrupt",
    "os_exit": "ended itself with status 0 before it gave an answer",
    "segfaults": "ended by SIGSEGV",
    "kills_group": "ended by SIGKILL",
    "closes_files": "ended itself with status",
    "eats_memory": "MemoryError",
    "prints_forever": "File too large",
    "answers_forever": "its answer has",
}
HARMLESS = ("prints-leaves_thread-changes_folder-closes_output",)
GOOD = ("uniform", "last_poll", "quota_poll")
LIMITS = ("execution.time_limit_s=60", "execution.memory_limit_mb=600")


def _with_faults(composed: Compose, folder: Path, faults: list[str], *overrides: str) -> Results:
    # the faulty stand between the good, so that whatever they leave behind meets somebody
    experiment = composed(
        "+experiment=quickstart",
        "predictor=[uniform,last_poll,quota_poll]",
        "n_draws=200",
        "days_before=[2]",
        f"results={folder}",
        *overrides,
    )
    good = experiment.predictors
    experiment.predictors = {"uniform": good["uniform"]}
    for fault in faults:
        experiment.predictors[f"f_{fault}"] = {"method": "faulty", "fault": fault}
    experiment.predictors |= {name: good[name] for name in GOOD[1:]}
    return done(experiment)


@pytest.fixture(scope="module")
def disturbed(composed: Compose, faulty: Path, tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = tmp_path_factory.mktemp("apart")
    return _with_faults(composed, folder, [*COSTLY, *HARMLESS], *LIMITS)


@pytest.mark.parametrize("fault", ANSWERS)
def test_what_is_no_answer_is_a_failure_here_as_there(fault: str) -> None:
    task = Task("toy", 1, "2031-04-04T20:00")
    before = task.evidence()["polls"].copy()
    said = predict(task, Faulty(fault=fault))
    assert said.status == ("failed" if ANSWERS[fault] else "ok")
    assert ANSWERS[fault] in said.message
    pd.testing.assert_frame_equal(task.evidence()["polls"], before, check_exact=True)


@pytest.mark.parametrize("fault", [*COSTLY, *HARMLESS])
def test_a_fault_costs_only_its_own_forecasts_and_what_is_rude_none(
    disturbed: Results, fault: str
) -> None:
    rows = disturbed.tables["methods"].set_index("predictor").loc[[f"f_{fault}"]]
    assert rows["status"].tolist() == ["failed" if fault in COSTLY else "ok"], rows["message"]
    assert COSTLY.get(fault, "") in rows["message"].iloc[0]


@pytest.mark.parametrize("fault", ["hangs_and_ignores", "stops_itself"])
def test_one_that_gives_no_answer_is_ended(faulty: Path, fault: str) -> None:
    with limits(limit := Execution(time_limit_s=2)):
        plug = make_predictor("f", {"method": "faulty", "fault": fault})
        said = predict(Task("toy", 1, "2031-04-04T20:00"), plug, name="f", execution=limit)
    assert said.message.startswith("TimeLimit: no answer after 2 s")


def test_the_others_keep_their_numbers_to_the_byte(
    composed: Compose, disturbed: Results, tmp_path: Path
) -> None:
    undisturbed = _with_faults(composed, tmp_path, [])
    for table in ("errors", "forecasts", "methods"):
        rows = disturbed.tables[table]
        rows = rows[rows["predictor"].isin(GOOD)].reset_index(drop=True)
        assert rows.to_csv() == undisturbed.tables[table].to_csv()


def test_the_traceback_and_the_last_line_before_a_crash_are_among_the_failures(
    disturbed: Results,
) -> None:
    traces = disturbed.failures
    assert "in _raises" in traces["f_raises"]
    assert "Segmentation fault" in traces["f_segfaults"].splitlines()[0]
    assert not [name for name in sys.modules if name.startswith("bench_faults")]


def test_a_failed_forecast_is_computed_again_and_no_other(
    quick: Callable[..., Experiment], faulty: Path, tmp_path: Path
) -> None:
    experiment = quick("predictor=[uniform]")
    experiment.predictors["f"] = {"method": "faulty", "fault": "raises"}
    assert done(experiment).tables["methods"]["status"].tolist() == ["ok", "failed"]
    cached = sorted((tmp_path / "results" / ".cache").rglob("*.entry"))
    ages = [path.stat().st_mtime_ns for path in cached]
    assert done(experiment).tables["methods"]["status"].tolist() == ["ok", "failed"]
    changed = [path.stat().st_mtime_ns != age for path, age in zip(cached, ages, strict=True)]
    assert sorted(changed) == [False, True]
