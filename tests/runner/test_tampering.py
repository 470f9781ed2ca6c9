"""Whatever a predictor does to the process, the numbers of the others stay what they are."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest

from bench.core import Abstain, Evidence, Forecast, Predictor
from bench.core.evidence import BatchTable, EvidenceBatch
from bench.core.registry import make_predictor
from bench.core.settings import Execution
from bench.data.task import Task
from bench.runner.cache import decode, encode
from bench.runner.child import packed, read_message, unpacked
from bench.runner.prediction import Prediction, predict_batch
from bench.runner.process import _believed
from bench.runner.results import Results

TASK = Task("toy", 1, "2031-04-04T20:00")
LIMITS = Execution(time_limit_s=20, memory_limit_mb=1000)


def batch() -> EvidenceBatch:
    """Three replicates of two polls."""
    rows = pd.DataFrame({"candidate": ["quill", "thorne"]})
    values = {"share": np.tile([0.6, 0.4], (3, 1))}
    tables = {"polls": BatchTable(rows=rows, values=values)}
    return EvidenceBatch(evidence=TASK.evidence(), tables=tables, size=3)


def asked(fault: str) -> tuple[Prediction, EvidenceBatch]:
    """What the faulty plug-in says of a batch, and the batch afterwards."""
    plug = make_predictor("f", {"method": "faulty", "fault": fault})
    given = batch()
    return predict_batch(plug, given, np.random.default_rng(0), execution=LIMITS), given


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("batch_writes", "changed the table 'polls' in place"),
        ("batch_shape", r"returned shape \(1, 5\); accepted: \(3, 5\)"),
        ("batch_percent", "a fraction of the valid votes, not percent"),
        ("batch_words", "must return numbers"),
        ("raises", "ZeroDivisionError"),
        ("os_exit", "ended itself with status 0"),
        ("segfaults", "ended by SIGSEGV"),
        ("shallow", ""),
    ],
)
def test_a_fault_in_a_batch_costs_only_its_own_rows(faulty: Path, fault: str, words: str) -> None:
    said, given = asked(fault)
    assert (said.status == "failed") == bool(words)
    assert re.search(words, said.message)
    assert given.tables["polls"].values["share"].tolist() == [[0.6, 0.4]] * 3


@dataclass(frozen=True, kw_only=True)
class Plug(Predictor):
    """Reads batches; returns what it is told to, after it has done something."""

    family: ClassVar[str] = "x"
    needs: ClassVar[frozenset[str]] = frozenset({"polls"})
    does: Callable[..., Any]

    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        raise Abstain("only batches")

    def predict_batch(self, batch: EvidenceBatch) -> Any:
        return self.does(batch)


def write(given: EvidenceBatch) -> np.ndarray[Any, Any]:
    """Write into the arrays of a batch, then answer."""
    given.tables["polls"].values["share"][...] = 0.9
    return np.tile([0.25] * 4, (given.size, 1))


def test_a_batch_that_is_written_into_stays_the_same_for_others() -> None:
    given = batch()
    done = predict_batch(Plug(does=write), given, np.random.default_rng(0))
    assert "changed the table 'polls' in place" in done.message
    assert given.tables["polls"].values["share"].tolist() == [[0.6, 0.4]] * 3


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([[-0.1, 0.5, 0.3, 0.2, 0.1]] * 3, "accepted: 0 to 1"),
        ([[np.inf, 0, 0, 0, 0]] * 3, "accepted: 0 to 1"),
        ([[0.5, 0.5, 0.5, 0, 0]] * 3, "sum to 1.5"),
    ],
)
def test_shares_of_a_batch_are_checked(answer: Any, words: str) -> None:
    done = predict_batch(Plug(does=lambda _: answer), batch(), np.random.default_rng(0))
    assert done.status == "failed"
    assert re.search(words, done.message)


HEAD = {
    **dict.fromkeys(("message", "trace", "printed"), ""),
    "status": "ok",
    "ballot": ["a", "b"],
    "events": [],
    "names": [],
    "read": [],
    "forecast": {"converted": "", "order_only": False},
    "wall_s": 0,
    "cpu_s": 0,
}
SHARE = {"share": np.array([0.5, 0.5]).tobytes()}


@pytest.mark.parametrize(
    ("head", "body", "is_answer"),
    [
        (HEAD, SHARE, True),
        ({}, SHARE, False),
        (HEAD | {"status": "leaks"}, SHARE, False),
        (HEAD | {"status": "failed"}, SHARE, False),
        (HEAD | {"forecast": 3}, SHARE, False),
        (HEAD | {"cpu_s": "much"}, SHARE, False),
        (HEAD | {"ballot": None}, SHARE, False),
        (HEAD, {}, False),
        (HEAD, {"share": b"x"}, False),
        ({"status": "ok", "message": "", "trace": "", "printed": "", "read": []}, {}, False),
    ],
)
def test_a_message_that_is_no_answer_is_a_failure(
    head: dict[str, Any], body: dict[str, bytes], is_answer: bool
) -> None:
    said = _believed(head, body, replace(TASK.evidence(), candidates=("a", "b")), None)
    assert said.message.startswith("Died: the process left no readable answer") != is_answer


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x04\x8c\x02os\x8c\x06system\x93.",
        b"[" * 100_000 + b"\n",
        b'{"sizes": {"share": 9999999999}}\n',
        b'{"sizes": {"share": -1}}\n',
        b'{"sizes": {"share": 8}}\n1234567',
        b'{"sizes": 3}\n',
    ],
)
def test_bytes_that_are_no_message_are_refused(content: bytes) -> None:
    with pytest.raises((AttributeError, EOFError, RecursionError, TypeError, ValueError)):
        read_message(io.BytesIO(content))


def test_an_answer_survives_the_way_between_processes_to_the_bit() -> None:
    names = list(TASK.ballot)
    draws = np.random.default_rng(0).dirichlet(np.ones(len(names)), 50)
    areas = pd.DataFrame(draws[:2], index=["x", "y"], columns=names)
    forecast = Forecast(share=pd.Series(draws[3], index=names), draws=draws, areas=areas)
    sent = packed(Prediction(status="ok", forecast=forecast, wall_s=0.1))
    back = unpacked(*sent, None).forecast
    assert back is not None
    assert back.draws is not None
    assert back.areas is not None
    pd.testing.assert_series_equal(back.share, forecast.share, check_exact=True)
    assert back.draws.tobytes() == draws.tobytes()
    pd.testing.assert_frame_equal(back.areas, areas, check_exact=True)


def test_results_from_the_cache_are_those_that_were_computed() -> None:
    table = pd.DataFrame({"value": [0.1, np.nan], "name": ["a", None], "when": [pd.NaT, pd.NaT]})
    results = Results(tables={"t": table}, facts={"n": 1}).settled()
    again = decode(encode(results, "k"), "k")
    assert again is not None
    pd.testing.assert_frame_equal(results.tables["t"], again.tables["t"], check_exact=True)
