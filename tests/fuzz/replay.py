"""One hostile file read as a run would read it: the sentence that refuses it, or None."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings

from bench.core.compose import predictor_settings
from bench.core.errors import Abstain, BenchError
from bench.core.read import visible
from bench.core.registry import make_predictor
from bench.data.election import load_election
from bench.data.evidence import evidence_for
from bench.data.tables import outcomes_of
from bench.data.task import Task

fuzzed = settings(
    max_examples=6,
    deadline=20_000,  # milliseconds; a hang is a failure
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ELECTION = {
    "election.yaml": b"name: Freedonia\nvote_on: 2030-05-12\n",
    "polls.csv": b"institute,fieldwork_end,sample_size,candidate,share\n"
    b"Ifop,2030-05-08,1000,Ana Rowe,0.52\nIfop,2030-05-08,1000,Bo Ek,0.48\n",
    "outcome.csv": b"candidate,votes\nAna Rowe,5200\nBo Ek,4800\n",
}
OF_ELECTIONS = ("election_yaml", "polls_csv", "outcome_csv")
NUMBERS = itertools.count()
MAX_WORDS = 3_000  # letters of a sentence, lists of names included


def replay(
    kind: str, content: bytes, folder: Path, beside: Mapping[str, bytes] = ELECTION
) -> str | None:
    """Read these bytes as one kind of file in a new folder; what refuses them, if anything.

    Whatever else is raised is a bug, and so is a sentence that does not name the file.
    """
    folder = folder / f"freedonia_{next(NUMBERS)}"  # nothing is remembered of a new folder
    folder.mkdir()
    path = folder / FILES[kind]
    if kind in OF_ELECTIONS:
        for name, good in beside.items():
            (folder / name).write_bytes(good)
    path.write_bytes(content)
    before = set(folder.iterdir())
    try:
        READERS[kind](path)
    except (BenchError, Abstain) as error:
        said = str(error)
        assert str(folder) in said, said  # the file, or another one that it does not go with
        assert len(said) < MAX_WORDS, said[:200]
        assert visible(said) == said, ascii(said)
        assert "Traceback" not in said
        return said
    finally:
        assert set(folder.iterdir()) == before
        shutil.rmtree(folder)
    return None


def _election(path: Path) -> None:
    election = load_election(str(path.parent))
    people = set(election.people["candidate"])
    for number, this in election.rounds.items():
        assert 0 < this.n_advance < len(this.candidates)
        assert set(this.candidates) <= people
        polls = evidence_for(election, number, this.vote_on)["polls"]
        assert set(polls["candidate"]) <= people
        assert polls["share"].between(0, 1).all()
        assert (polls.groupby("poll_id")["share"].sum() <= 1.0201).all()
        assert (polls["fieldwork_end"] <= this.vote_on).all()
    outcomes_of(election)


def _forecast(path: Path) -> None:
    settings = _settings() | {"path": str(path)}
    evidence = Task("toy", 1, "2031-04-05T20:00").evidence()
    predictor = make_predictor("forecast_file", settings)
    said = predictor.predict(evidence.only(predictor.needs), np.random.default_rng(0))
    assert said.share is None or said.share.between(0, 1).all()


@cache
def _settings() -> dict[str, Any]:
    return predictor_settings("forecast_file")


FILES = {
    "election_yaml": "election.yaml",
    "polls_csv": "polls.csv",
    "outcome_csv": "outcome.csv",
    "forecast_csv": "forecast.csv",
}
READERS: dict[str, Callable[[Path], None]] = {
    "election_yaml": _election,
    "polls_csv": _election,
    "outcome_csv": _election,
    "forecast_csv": _forecast,
}
