"""One file read as a run would read it: the sentence that refuses it, or None."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, settings

from bench.core.errors import Abstain, BenchError
from bench.core.read import visible
from bench.data.election import load_election
from bench.data.evidence import evidence_for
from bench.data.tables import outcomes_of
from bench.data.task import Task
from predictors.forecast_file import ForecastFile

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
NUMBERS = itertools.count()
MAX_WORDS = 3_000  # letters of a sentence, lists of names included


def replay(
    name: str, content: bytes, folder: Path, beside: Mapping[str, bytes] = ELECTION
) -> str | None:
    """Read these bytes as the file of that name in a new folder; what refuses them, if anything.

    Whatever else is raised is a bug, and so is a sentence that does not name the file.
    """
    folder = folder / f"freedonia_{next(NUMBERS)}"  # nothing is remembered of a new folder
    for path, good in {**beside, name: content}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(good)
    try:
        if name == "forecast.csv":
            _forecast(folder / name)
        else:
            _election(folder)
    except (BenchError, Abstain) as error:
        said = str(error)
        assert str(folder) in said, said  # the file, or another one that it does not go with
        assert len(said) < MAX_WORDS, said[:200]
        assert visible(said) == said, ascii(said)
        return said
    return None


def _election(folder: Path) -> None:
    election = load_election(str(folder))
    people = set(election.people["candidate"])
    for number, this in election.rounds.items():
        assert 0 < this.n_advance < len(this.candidates)
        assert set(this.candidates) <= people
        assert this.vote_on <= this.known_at
        polls = evidence_for(election, number, this.vote_on)["polls"]
        assert set(polls["candidate"]) <= people
        assert polls["share"].between(0, 1).all()
        assert (polls.groupby("poll_id")["share"].sum() <= 1.0201).all()
        assert (polls["fieldwork_end"] <= this.vote_on).all()
    outcomes_of(election)


def _forecast(path: Path) -> None:
    evidence = Task("toy", 1, "2031-04-05T20:00").evidence()
    predictor = ForecastFile(path=str(path), model="", location="national", n_draws=9)
    said = predictor.predict(evidence.only(predictor.needs), np.random.default_rng(0))
    assert said.share is None or said.share.between(0, 1).all()
