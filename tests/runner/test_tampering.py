"""Whatever a predictor does to the process, the numbers of the others stay what they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
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
from bench.runner.prediction import Prediction, predict_batch
from bench.runner.results import Results
from bench.runner.wire import pack, unpack

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
        ("batch_writes", "assignment destination is read-only"),
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


HEAD = (
    b'{"status": "ok", "message": "", "trace": "", "printed": "", "ballot": ["a", "b"], '
    b'"read": [], "until": null, "converted": "", "order_only": false, "shapes": {"share": %s}, '
    b'"seconds": [0, %s]}'
)


def test_bytes_that_are_an_answer_are_read() -> None:
    assert unpack(HEAD % (b"[2]", b"0") + b"\n" + bytes(16)).status == "ok"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x04\x8c\x02os\x8c\x06system\x93.",
        b"{}\n",
        b'{"status": "ok"}\n',
        b"[" * 100_000 + b"\n",
        HEAD % (b"[9999999999, 9999999999]", b"0") + b"\n",
        HEAD % (b"[-1]", b"0") + b"\n" + bytes(8),
        HEAD % (b"[2]", b"Infinity") + b"\n" + bytes(16),
        HEAD % (b"[2]", b"1" + b"0" * 5000) + b"\n" + bytes(16),
        HEAD.replace(b'"ok"', b'"leaks"') % (b"[2]", b"0") + b"\n" + bytes(16),
    ],
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
    results = Results(tables={"t": table}, facts={"n": 1}).settled()
    again = decode(encode(results, "k"), "k")
    assert again is not None
    pd.testing.assert_frame_equal(results.tables["t"], again.tables["t"], check_exact=True)
