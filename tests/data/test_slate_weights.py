"""Stated weights of slates: every way in which a file is wrong, then what is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from bench.core import ConfigError, DataError
from bench.data.election import load_election
from bench.data.slate_weights import WeighedSlate, weighed_slates
from tests.data.open_election import AS_OF, open_election

GONE = "brook,withdrawn,2019-03-20T12:00,stated,made up\n"
HALVES = "- {slate: s1, weight: 0.5, reason: a}\n- {slate: s2, weight: 0.5, reason: b}\n"
TABLE = 'slate,weight,reason\ns1,0.75,"a, b"\nferrier hollow quill thorne,0.25,c\n'
Read = Callable[..., list[WeighedSlate]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_(text: str, *, ending: str = "yaml", candidacies: str = "") -> list[WeighedSlate]:
        election = load_election(str(open_election(tmp_path, candidacies=candidacies)))
        path = tmp_path / f"weights.{ending}"
        path.write_text(text, encoding="utf-8")
        return weighed_slates(path, election, 1, pd.Timestamp(AS_OF))

    return read_


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file of weights; accepted: a list of entries"):
        weighed_slates(tmp_path / "w.yaml", load_election("toy"), 1, pd.Timestamp("2031-04-01"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("slate: s1", "holds no entries; accepted: a list"),
        ("- [", "not readable"),
        (HALVES.replace("s2", "s9"), "entry 2: slate 's9' was in no public poll of round 1"),
        (HALVES.replace("s2", "[brook, nobody]"), "entry 2: the slate names 'nobody', whom nobody"),
        (HALVES.replace("s2", "s1"), "slate 's1' is there twice"),
        (HALVES.replace("0.5", "0.4"), "the weights sum to 0.8; accepted: 1"),
        (HALVES.replace("0.5", "-1", 1), "entry 1: the weight is -1; accepted: above 0, at most 1"),
        (HALVES.replace("0.5", "half", 1), "entry 1: the weight is half; accepted"),
        (HALVES.replace("0.5", "0", 1), "entry 1: the weight is 0; accepted"),
        (HALVES.replace("reason: b", "reason: ' '"), "entry 2: no reason; accepted"),
        (HALVES.replace("reason: b", "why: b"), r"entry 2: 'why' \(known: reason"),
        ("- {slate: other, weight: 1, reason: a}", "lists no slate but 'other'"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(read: Read, text: str, words: str) -> None:
    with pytest.raises((ConfigError, DataError), match=words):
        read(text)


def test_a_slate_with_somebody_who_withdrew_has_no_weight(read: Read) -> None:
    with pytest.raises(ConfigError, match=r"entry 1: slate 's1' .* who had withdrawn: Odile Brook"):
        read(HALVES, candidacies=GONE)


def test_the_heaviest_comes_first_and_the_rest_last(read: Read) -> None:
    text = (
        "- {slate: other, weight: 0.5, reason: a}\n- {slate: s1, weight: 0.2, reason: b}\n"
        "- {slate: [quill, thorne, hollow, ferrier], weight: 0.3, reason: c}\n"
    )
    found = read(text)
    assert [one.slate.name if one.slate else "" for one in found] == ["s2", "s1", ""]
    assert [one.weight for one in found] == [0.3, 0.2, 0.5]
    assert [one.reason for one in found] == ["c", "b", "a"]


def test_a_table_is_read_like_a_list(read: Read) -> None:
    found = read(TABLE, ending="csv")
    assert [one.slate.name if one.slate else "" for one in found] == ["s1", "s2"]
    assert found[0].reason == "a, b"
