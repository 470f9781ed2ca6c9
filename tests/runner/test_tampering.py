"""Whatever a predictor does to the process, the numbers of the others stay what they are."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest

from bench.core import Evidence, Forecast, Predictor
from bench.core.batch import BatchTable, EvidenceBatch
from bench.core.settings import Execution
from bench.data.task import Task
from bench.metrics import score_forecast
from bench.runner import Prediction, Results, predict, predict_batch, prediction
from bench.runner.cache import Entry
from bench.runner.wire import pack, unpack

TASK = Task("toy", 1, "2031-04-04T20:00")
APART = Execution(isolate=True, time_limit_s=20, memory_limit_mb=1000)


@dataclass(frozen=True, kw_only=True)
class Plug(Predictor):
    """Came with another package; equal shares, after it has done something."""

    family: ClassVar[str] = "x"
    needs: ClassVar[frozenset[str]] = frozenset({"polls"})
    does: Callable[..., Any]

    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        self.does(evidence)
        names = list(evidence.candidates)
        return Forecast(share=pd.Series(1 / len(names), index=names))

    def predict_batch(self, batch: EvidenceBatch) -> Any:
        return self.does(batch)


def nothing(*_: Any) -> None:
    """Do nothing."""


def batch() -> EvidenceBatch:
    """Three replicates of two polls."""
    rows = pd.DataFrame({"candidate": ["quill", "thorne"]})
    values = {"share": np.tile([0.6, 0.4], (3, 1))}
    tables = {"polls": BatchTable(rows=rows, values=values)}
    return EvidenceBatch(evidence=TASK.evidence(), tables=tables, size=3)


def test_a_function_of_the_harness_is_put_back_and_the_predictor_fails() -> None:
    true = score_forecast.score_forecast

    def patch(_: Any) -> None:
        score_forecast.score_forecast = nothing  # type: ignore[assignment]

    done = predict(TASK, Plug(does=patch))
    assert done.status == "failed"
    assert "changed bench.metrics.score_forecast.score_forecast" in done.message
    assert score_forecast.score_forecast is true
    assert predict(TASK, Plug(does=nothing)).status == "ok"


def test_so_is_what_a_function_does_and_what_a_class_consists_of() -> None:
    code, label = score_forecast.score_forecast.__code__, Task.label

    def patch(_: Any) -> None:
        score_forecast.score_forecast.__code__ = nothing.__code__
        Task.label = property(lambda _: None)  # type: ignore[assignment,method-assign]

    done = predict(TASK, Plug(does=patch))
    assert "and 1 others" in done.message
    assert score_forecast.score_forecast.__code__ is code
    assert Task.label is label


def test_the_check_of_forecasts_cannot_be_switched_off() -> None:
    def patch(_: Any) -> None:
        prediction.check_forecast = lambda answer, *_: answer  # type: ignore[assignment]

    assert predict(TASK, Plug(does=patch)).status == "failed"


def test_in_a_process_of_its_own_a_predictor_may_change_what_it_likes() -> None:
    true = score_forecast.score_forecast

    def patch(_: Any) -> None:
        score_forecast.score_forecast = nothing  # type: ignore[assignment]

    predict(TASK, Plug(does=patch), execution=APART)
    assert score_forecast.score_forecast is true


def write(given: EvidenceBatch) -> np.ndarray[Any, Any]:
    """Write into the arrays of a batch, then answer."""
    given.tables["polls"].values["share"][...] = 0.9
    return np.tile([0.25] * 4, (given.size, 1))


@pytest.mark.parametrize("execution", [Execution(), APART], ids=["here", "apart"])
def test_a_batch_that_is_written_into_stays_the_same_for_others(execution: Execution) -> None:
    given = batch()
    done = predict_batch(Plug(does=write), given, np.random.default_rng(0), execution=execution)
    assert "changed the table 'polls' in place" in done.message
    assert given.tables["polls"].values["share"].tolist() == [[0.6, 0.4]] * 3


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([[0.2] * 5], r"returned shape \(1, 5\); accepted: \(3, 5\)"),
        ([[25.0] * 5] * 3, "a fraction of the valid votes, not percent"),
        ([[-0.1, 0.5, 0.3, 0.2, 0.1]] * 3, "accepted: 0 to 1"),
        ([[np.inf, 0, 0, 0, 0]] * 3, "accepted: 0 to 1"),
        ([[0.5, 0.5, 0.5, 0, 0]] * 3, "sum to 1.5"),
        ("shares", "must return numbers"),
    ],
)
@pytest.mark.parametrize("execution", [Execution(), APART], ids=["here", "apart"])
def test_shares_of_a_batch_are_checked(answer: Any, words: str, execution: Execution) -> None:
    plug, rng = Plug(does=lambda _: answer), np.random.default_rng(0)
    done = predict_batch(plug, batch(), rng, execution=execution)
    assert done.status == "failed"
    assert re.search(words, done.message)


@pytest.mark.parametrize("ending", [lambda _: os._exit(0), lambda _: os.abort()])
def test_a_batch_predictor_that_ends_its_process_is_only_a_failure(ending: Any) -> None:
    done = predict_batch(Plug(does=ending), batch(), np.random.default_rng(0), execution=APART)
    assert done.status == "failed"
    assert done.message


def test_the_end_of_the_process_is_no_answer() -> None:
    done = predict(TASK, Plug(does=lambda _: os._exit(0)))
    assert (done.status, done.message) == ("failed", "SystemExit: predict called os._exit(0)")


@pytest.mark.parametrize(
    "content", [b"", b"\x80\x04\x8c\x02os\x8c\x06system\x93.", b"{}\n", b'{"status": "ok"}\n']
)
def test_bytes_that_are_no_answer_are_a_failure(content: bytes) -> None:
    assert unpack(content).status == "failed"


def test_an_answer_survives_the_way_between_processes_to_the_bit() -> None:
    names = list(TASK.ballot)
    draws = np.random.default_rng(0).dirichlet(np.ones(len(names)), 50)
    areas = pd.DataFrame(draws[:2], index=["x", "y"], columns=names)
    forecast = Forecast(share=pd.Series(draws[3], index=names), draws=draws, areas=areas)
    back = unpack(pack(Prediction(status="ok", forecast=forecast, wall_s=0.1))).forecast
    assert back is not None
    assert back.draws is not None
    assert back.areas is not None
    pd.testing.assert_series_equal(back.share, forecast.share, check_exact=True)
    assert back.draws.tobytes() == draws.tobytes()
    pd.testing.assert_frame_equal(back.areas, areas, check_exact=True)


def test_results_from_the_cache_are_those_that_were_computed() -> None:
    table = pd.DataFrame({"value": [0.1, np.nan], "name": ["a", None], "when": [pd.NaT, pd.NaT]})
    entry = Entry.of(Results(tables={"t": table}, facts={"n": 1}))
    pd.testing.assert_frame_equal(entry.results().tables["t"], _read_back(entry), check_exact=True)


def _read_back(entry: Entry) -> pd.DataFrame:
    from bench.runner.cache import decode

    again = decode(entry.encode("k"), "k")
    assert again is not None
    return again.results().tables["t"]
