"""Whatever stands in the three files of one's own election: a clear error, or an election."""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bench.core import BenchError
from bench.data.election import load_election
from bench.data.evidence import evidence_for
from bench.data.minimal_election import Facts
from bench.data.tables import outcomes_of
from tests.fuzz.replay import fuzzed
from tests.fuzz.test_tables import NASTY

FACTS: dict[str, Any] = {
    "name": "Freedonia",
    "rounds": {1: "2030-05-12", 2: "2030-05-26"},
    "country": "FR",
    "names": {"ana_rowe": "Ána Rowe"},
    "families": {"Ana Rowe": "green"},
    "tested": ["Dee Fox"],
    "leave_out": {1: ["others"]},
    "same_as": {"Bo Ek": "macron"},
}
POLLS = """round,hypothesis,institute,fieldwork_end,sample_size,sample_expressed,candidate,share
1,,Nord,2030-05-08,1000,,Ana Rowe,0.4
1,,Nord,2030-05-08,1000,,Bo Ek,0.3
1,,Nord,2030-05-08,1000,,Cy Orr,0.2
1,,Nord,2030-05-08,1000,,others,0.1
1,with Dee,Nord,2030-05-08,1000,900.5,Ana Rowe,0.5
1,with Dee,Nord,2030-05-08,1000,900.5,Dee Fox,0.5
2,,Nord,2030-05-08,,,Ana Rowe,0.5
2,,Nord,2030-05-08,,,Cy Orr,0.5
"""
OUTCOME = (
    "round,candidate,votes\n1,Ana Rowe,40\n1,Bo Ek,35\n1,Cy Orr,25\n2,Ana Rowe,52\n2,Bo Ek,48\n"
)
PLACES = count()
cell = st.sampled_from(NASTY) | st.text(max_size=12)
value = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.text(max_size=8)
    | st.sampled_from(["FR", "2030-05-12", "Ana Rowe", "others", "green", "macron", "share"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4) | st.integers(1, 2), inner, max_size=3)
    ),
    max_leaves=5,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "freedonia"
    place.mkdir()
    (place / "election.yaml").write_text(yaml.safe_dump(FACTS), encoding="utf-8")
    (place / "polls.csv").write_text(POLLS)
    (place / "outcome.csv").write_text(OUTCOME)
    return place


def usable_or_refused(files: Path) -> bool:
    # in a place where nothing was read yet: shipped elections are then read once for all examples
    folder = files.parent / str(next(PLACES)) / files.name
    shutil.copytree(files, folder)
    try:
        election = load_election(str(folder))
        for number, this in election.rounds.items():
            assert 0 < this.seats < len(this.candidates)
            polls = evidence_for(election, number, this.vote_on)["polls"]
            people = set(election.people["candidate"])
            assert set(polls["candidate"]) <= people
            assert set(this.candidates) <= people
            assert polls["share"].between(0, 1).all()
            assert (polls.groupby("poll_id")["share"].sum() <= 1.0201).all()
            assert (polls["fieldwork_end"] <= this.vote_on).all()
        outcomes_of(election)
    except BenchError as error:
        words = str(error)
    else:
        return True
    assert str(folder) in words
    assert len(words) < 3000
    return False


@pytest.mark.parametrize("name", ["polls.csv", "outcome.csv"])
@fuzzed
@given(data=st.data())
def test_any_cell(folder: Path, name: str, data: Any) -> None:
    lines = (POLLS if name == "polls.csv" else OUTCOME).splitlines()
    row = data.draw(st.integers(0, len(lines) - 1))
    cells = lines[row].split(",")
    cells[data.draw(st.integers(0, len(cells) - 1))] = data.draw(cell)
    lines[row] = ",".join(cells)
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8", errors="replace")
    usable_or_refused(folder)


@pytest.mark.parametrize("name", ["polls.csv", "outcome.csv", "election.yaml"])
@fuzzed
@given(data=st.data())
def test_any_place_of_a_file_overwritten(folder: Path, name: str, data: Any) -> None:
    text = {"polls.csv": POLLS, "outcome.csv": OUTCOME, "election.yaml": yaml.safe_dump(FACTS)}
    content = bytearray(text[name].encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        piece = data.draw(st.sampled_from([b",", b'"', b"\n", b"\0", b"\xff", b"", b";", b"\r"]))
        content[place : place + data.draw(st.integers(0, 30))] = piece
    (folder / name).write_bytes(bytes(content))
    usable_or_refused(folder)


@fuzzed
@given(key=st.sampled_from(list(Facts.model_fields)), given_value=value)
def test_any_value_of_any_key(folder: Path, key: str, given_value: Any) -> None:
    facts = FACTS | {key: given_value}
    text = yaml.safe_dump(facts, allow_unicode=True)
    (folder / "election.yaml").write_text(text, encoding="utf-8", errors="replace")
    usable_or_refused(folder)
