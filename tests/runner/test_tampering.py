"""Whatever a predictor does to the process, the numbers of the others stay what they are."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.core import Forecast
from bench.core.evidence import BatchTable, EvidenceBatch
from bench.core.registry import make_predictor
from bench.core.settings import Execution
from bench.data.task import Task
from bench.runner.attempt import Prediction
from bench.runner.cache import decode, encode
from bench.runner.child import message, packed, read_message
from bench.runner.prediction import predict_batch
from bench.runner.process import _validated
from bench.runner.results import Results
from tests.runner.faults import Faulty

TASK = Task("toy", 1, "2031-04-04T20:00")
LIMITS = Execution(time_limit_s=20, memory_limit_mb=1000)


def batch() -> EvidenceBatch:
    """Three replicates of two polls."""
    rows = pd.DataFrame({"candidate": ["quill", "thorne"]})
    values = {"share": np.tile([0.6, 0.4], (3, 1))}
    tables = {"polls": BatchTable(rows=rows, values=values)}
    return EvidenceBatch(evidence=TASK.evidence(), tables=tables, size=3)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("batch_writes", "read-only"),
        ("batch_shape", r"returned shape \(1, 5\); accepted: \(3, 5\)"),
        ("batch_percent", "not percent"),
        ("batch_too_much", "sum to 1.5"),
        ("batch_words", "must return numbers"),
        ("raises", "ZeroDivisionError"),
        ("none", ""),
    ],
)
def test_a_fault_in_a_batch_costs_only_its_own_rows(fault: str, words: str) -> None:
    given = batch()
    said = predict_batch(Faulty(fault=fault), given, np.random.default_rng(0))
    assert said.status == ("failed" if words else "ok")
    assert re.search(words, said.message)
    assert given.tables["polls"].values["share"].tolist() == [[0.6, 0.4]] * 3


@pytest.mark.parametrize(("fault", "words"), [("none", ""), ("os_exit", "ended itself")])
def test_a_batch_is_answered_in_a_process_of_its_own(faulty: Path, fault: str, words: str) -> None:
    plug = make_predictor("f", {"method": "faulty", "fault": fault})
    said = predict_batch(plug, batch(), np.random.default_rng(0), execution=LIMITS)
    assert words in said.message
    assert (said.shares is None) == bool(words)


NAMES = list(TASK.ballot)
DRAWS = np.random.default_rng(0).dirichlet(np.ones(len(NAMES)), 50)
SAID = Forecast(
    share=pd.Series(DRAWS.mean(axis=0), index=NAMES),
    draws=DRAWS,
    areas=pd.DataFrame(DRAWS[:2], index=["x", "y"], columns=NAMES),
)


def received(**other: object) -> Prediction:
    """An answer after the way between processes, with some of it replaced."""
    sent = message({**packed(Prediction(status="ok", forecast=SAID, wall_s=0.1)), **other})
    return _validated(read_message(io.BytesIO(sent), tables=False), TASK.evidence())


def test_an_answer_survives_the_way_between_processes_to_the_bit() -> None:
    back = received().forecast
    assert back is not None
    assert back.draws is not None
    assert back.areas is not None
    pd.testing.assert_series_equal(back.share, SAID.share, check_exact=True)
    assert back.draws.tobytes() == DRAWS.tobytes()
    pd.testing.assert_frame_equal(back.areas, SAID.areas, check_exact=True)


FORECAST = packed(Prediction(status="ok", forecast=SAID))["forecast"]


@pytest.mark.parametrize(
    "other",
    [
        {"status": "leaks"},
        {"status": "failed"},
        {"forecast": None},
        {"forecast": 3},
        {"forecast": FORECAST | {"share": None}},
        {"forecast": FORECAST | {"share": {"data": [["a"]], "index": 3}}},
        {"forecast": FORECAST | {"draws": "x"}},
        {"forecast": FORECAST | {"areas": pd.DataFrame({"a": [1]})}},
        {"shares": np.ones((1, 5))},
        {"cpu_s": "much"},
        {"reads": None},
        {"reads": [["polls", "tomorrow", []]]},
        {"reads": [["polls", "", [["source"]]]]},
    ],
)
def test_a_message_that_is_no_answer_is_a_failure(other: dict[str, object]) -> None:
    assert received(**other).status == "failed"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x04\x8c\x02os\x8c\x06system\x93.",
        b"[" * 100_000 + b"\n",
        b'{"share": {"$array": 9999999999, "shape": [1]}}\n',
        b'{"share": {"$array": -1, "shape": [1]}}\n',
        b'{"share": {"$array": 8, "shape": [1]}}\n1234567',
        b'{"share": {"$array": 8}}\n12345678',
        b'{"share": {"$moment": 3}}\n',
    ],
)
def test_bytes_that_are_no_message_are_refused(content: bytes) -> None:
    with pytest.raises((EOFError, KeyError, RecursionError, TypeError, ValueError)):
        read_message(io.BytesIO(content))


def test_results_from_the_cache_are_those_that_were_computed() -> None:
    table = pd.DataFrame({"value": [0.1, np.nan], "name": ["a", None], "when": [pd.NaT, pd.NaT]})
    results = Results(tables={"t": table}, facts={"n": 1}).settled()
    again = decode(encode(results, "k"), "k")
    assert again is not None
    pd.testing.assert_frame_equal(results.tables["t"], again.tables["t"], check_exact=True)
