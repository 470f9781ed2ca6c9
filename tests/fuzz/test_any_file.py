"""Whatever stands in the files that a person brings: a clear error, or what can be used."""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bench.core import BenchError, DataError, paths
from bench.data.election import load_election
from bench.data.minimal_election import Facts
from tests.fuzz.replay import fuzzed, replay
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
SIMPLE = """published_on,draw,candidate,share,elected
2031-04-01,1,brook,0.4,0.5
2031-04-01,1,Anselm Ferrier,0.3,0.5
2031-04-01,1,hollow,0.3,
2031-04-01,2,brook,0.5,0.5
2031-04-01,2,Anselm Ferrier,0.2,0.5
2031-04-01,2,hollow,0.3,
"""
HUBVERSE = """reference_date,target,candidate,output_type,output_type_id,value
2031-04-01,share,brook,quantile,0.1,0.3
2031-04-01,share,brook,quantile,0.9,0.5
2031-04-01,share,quill,mean,NA,0.4
2031-04-01,qualify,thorne,pmf,yes,0.4
2031-04-01,qualify,thorne,pmf,no,0.6
"""
GOOD = [
    ("election_yaml", yaml.safe_dump(FACTS)),
    ("polls_csv", POLLS),
    ("outcome_csv", OUTCOME),
    ("forecast_csv", SIMPLE),
    ("forecast_csv", HUBVERSE),
]
BESIDE = {f"{name}.csv": text.encode() for name, text in (("polls", POLLS), ("outcome", OUTCOME))}
BESIDE |= {"election.yaml": yaml.safe_dump(FACTS).encode()}
WORDS = [*NASTY, "mean", "sample", "pmf", "qualify", "yes", "0.999", "2031-04-02", "Odile Brook"]
PIECES = [b",", b'"', b"\n", b"\0", b"\xff", b"", b";", b"\r"]
KEYS = st.text(max_size=4) | st.integers(1, 2)
value = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats()
    | st.text(max_size=8)
    | st.dates()
    | st.sampled_from(["../../x", "2031-04-06", "now", "NaT", "=1+1", "<b>", "9999-12-31"])
    | st.sampled_from(["FR", "2030-05-12", "Ana Rowe", "others", "green", "macron", "share"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize(("kind", "good"), GOOD)
@fuzzed
@given(data=st.data())
def test_any_place_overwritten(tmp_path: Path, kind: str, good: str, data: Any) -> None:
    content = bytearray(good.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        piece = data.draw(st.sampled_from(PIECES))
        content[place : place + data.draw(st.integers(0, 30))] = piece
    replay(kind, bytes(content), tmp_path, BESIDE)


@pytest.mark.parametrize(("kind", "good"), GOOD[1:])
@fuzzed
@given(data=st.data())
def test_any_cell(tmp_path: Path, kind: str, good: str, data: Any) -> None:
    lines = good.splitlines()
    row = data.draw(st.integers(0, len(lines) - 1))
    cells = lines[row].split(",")
    place = data.draw(st.integers(0, len(cells) - 1))
    cells[place] = data.draw(st.sampled_from(WORDS) | st.text(max_size=12))
    lines[row] = ",".join(cells)
    replay(kind, "\n".join([*lines, ""]).encode("utf-8", "replace"), tmp_path, BESIDE)


@fuzzed
@given(key=st.sampled_from(list(Facts.model_fields)), given_value=value)
def test_any_value_of_any_key(tmp_path: Path, key: str, given_value: Any) -> None:
    text = yaml.safe_dump(FACTS | {key: given_value}, allow_unicode=True)
    replay("election_yaml", text.encode("utf-8", "replace"), tmp_path, BESIDE)


TOY = paths.datasets() / "toy"
PLACES = count()


@fuzzed
@given(data=st.data())
def test_any_value_anywhere_in_the_full_form(tmp_path: Path, data: Any) -> None:
    facts = yaml.safe_load((TOY / "election.yaml").read_text())
    place: Any = facts
    key = data.draw(st.sampled_from(list(place)))
    while isinstance(place[key], dict) and data.draw(st.booleans()):
        place = place[key]
        key = data.draw(st.sampled_from(list(place)))
    change = data.draw(st.sampled_from(["value", "remove", "add"]))
    if change == "remove":
        del place[key]
    else:
        place[key if change == "value" else data.draw(st.text(max_size=3))] = data.draw(value)
    folder = tmp_path / str(next(PLACES)) / "mine"
    shutil.copytree(TOY, folder)
    text = yaml.safe_dump(facts, allow_unicode=True)
    (folder / "election.yaml").write_text(text, encoding="utf-8", errors="replace")
    try:
        election = load_election(str(folder))
    except BenchError:
        return
    for number, entry in election.rounds.items():
        assert number in (1, 2)
        assert 0 < entry.n_advance < len(entry.candidates)
        assert entry.vote_on <= entry.known_at
        assert list(entry.candidates) == sorted(set(entry.candidates))
    assert "/" not in election.name
    assert not election.name.startswith(".")


@fuzzed
@given(name=st.text(max_size=40) | st.sampled_from(["~nobody_at_all", "x" * 5000, "\0", ".", "/"]))
def test_any_name_of_an_election(name: str) -> None:
    with pytest.raises(BenchError):
        load_election(name)


def test_a_second_round_before_the_first_is_refused(tmp_path: Path) -> None:
    shutil.copytree(TOY, tmp_path / "mine")
    path = tmp_path / "mine" / "election.yaml"
    path.write_text(path.read_text().replace("2031-04-20", "2031-03-20"))
    with pytest.raises(DataError, match="round 2 votes on 2031-03-20, round 1 on 2031-04-06"):
        load_election(str(path.parent))
