"""Answers remembered by content: never a wrong one, never too many, whatever the threads do."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from bench.models.memoize import Memory, table_digest
from bench.models.polls.past_votes import votes
from tests.models.polls import past

TABLE = pd.DataFrame(
    {
        "vote": ["a", "a", "b"],
        "name": ["ash", None, "elm"],
        "share": [0.5, np.nan, 0.25],
        "day": pd.to_datetime(["2031-04-01", None, "2031-04-02"]),
        "rolling": [True, False, True],
    }
)


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        (0, "name", "asH"),
        (1, "name", "nan"),
        (0, "share", np.nextafter(0.5, 1)),
        (1, "share", 0.0),
        (0, "day", pd.Timestamp("2031-04-01T00:00:01")),
        (1, "rolling", True),
    ],
)
def test_any_changed_cell_of_a_table_changes_its_digest(
    row: int, column: str, value: object
) -> None:
    changed = TABLE.copy()
    changed.loc[row, column] = value
    assert table_digest(changed, list(TABLE)) != table_digest(TABLE, list(TABLE))


@pytest.mark.parametrize("storage", ["pyarrow", "python"])
def test_texts_enter_the_digest_of_a_table_however_they_lie_in_memory(storage: str) -> None:
    text = pd.StringDtype(storage, na_value=np.nan)

    def found(*names: str | None) -> bytes:
        return table_digest(pd.DataFrame({"name": pd.array(names, text)}), ["name"])

    parts = [pd.DataFrame({"name": pd.array(["ash", "elm", None], text)})] * 2
    both = pd.concat(parts, ignore_index=True).iloc[1:4]
    assert table_digest(both, ["name"]) == found("elm", None, "ash")
    others = [("el", "m", "ash"), ("elm", "", "ash"), ("elm", "ash", None), ("elm", None, "asH")]
    assert len({found("elm", None, "ash"), *(found(*each) for each in others)}) == 5


def test_many_threads_get_the_right_answers() -> None:
    memory: Memory[int] = Memory(max_answers=3)
    start = threading.Barrier(8)

    def work(seed: int) -> bool:
        start.wait()
        numbers = np.random.default_rng(seed).integers(0, 6, 400)
        return all(memory.get(bytes([n]), lambda n=n: int(n) ** 2) == n**2 for n in numbers)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


def test_another_poll_of_a_vote_is_another_vote_and_others_keep_their_key() -> None:
    polls, outcomes = past(3, 0.05)
    before = votes(polls, outcomes)
    changed = polls.assign(share=polls["share"].where(polls.index != 0, 0.4))
    after = votes(changed, outcomes)
    assert [a.key == b.key for a, b in zip(before, after, strict=True)] == [False, True, True]
    assert not np.array_equal(before[0].table()[0].share, after[0].table()[0].share)
