"""Whatever stands in an `election.yaml`: a clear error, or an election that can be used."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bench.core import BenchError, DataError, paths
from bench.data.election import load_election
from bench.data.readers import forget
from tests.fuzz.replay import fuzzed

value = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.dates()
    | st.sampled_from(["../../x", "2031-04-06", "now", "NaT", "=1+1", "<b>", "9999-12-31"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)


@pytest.fixture
def toy_copy(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    shutil.copytree(paths.datasets() / "toy", folder)
    return folder


def usable_or_refused(folder: Path) -> bool:
    forget()
    try:
        election = load_election(str(folder))
    except BenchError:
        return False
    for number, entry in election.rounds.items():
        assert number in (1, 2)
        assert 0 < entry.seats < len(entry.candidates)
        assert entry.vote_on <= entry.known_at
        assert list(entry.candidates) == sorted(set(entry.candidates))
    assert "/" not in election.name
    assert not election.name.startswith(".")
    return True


@fuzzed
@given(data=st.data())
def test_any_value_anywhere(toy_copy: Path, data: Any) -> None:
    facts = yaml.safe_load((paths.datasets() / "toy" / "election.yaml").read_text())
    place: Any = facts
    while True:
        key = data.draw(st.sampled_from(list(place)))
        if isinstance(place[key], dict) and data.draw(st.booleans()):
            place = place[key]
            continue
        break
    change = data.draw(st.sampled_from(["value", "remove", "add"]))
    if change == "remove":
        del place[key]
    else:
        place[key if change == "value" else data.draw(st.text(max_size=3))] = data.draw(value)
    text = yaml.safe_dump(facts, allow_unicode=True)
    (toy_copy / "election.yaml").write_text(text, encoding="utf-8", errors="replace")
    usable_or_refused(toy_copy)


@fuzzed
@given(name=st.text(max_size=40) | st.sampled_from(["~nobody_at_all", "x" * 5000, "\0", ".", "/"]))
def test_any_name_of_an_election(name: str) -> None:
    with pytest.raises(BenchError):
        load_election(name)


def test_a_second_round_before_the_first_is_refused(toy_copy: Path) -> None:
    path = toy_copy / "election.yaml"
    path.write_text(path.read_text().replace("2031-04-20", "2031-03-20"))
    words = "round 2 votes on 2031-03-20, round 1 on 2031-04-06; accepted: the second after"
    with pytest.raises(DataError, match=words):
        load_election(str(toy_copy))
