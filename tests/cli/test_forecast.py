"""`bench forecast`: what cannot be asked is refused in a sentence, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from bench.cli.commands import forecast
from bench.core import ConfigError
from bench.data import schema
from tests.data.open_election import AS_OF, open_election


def from_the_future(folder: Path) -> list[str]:
    coming = open_election(folder)
    facts = (coming / "election.yaml").read_text("utf-8").replace("2019-", "2031-")
    (coming / "election.yaml").write_text(facts, encoding="utf-8")
    path = coming / "inputs/polls.csv"
    polls = pd.read_csv(path, dtype=str, keep_default_na=False)
    last = polls["poll_id"] == polls["poll_id"].iloc[-1]
    for column in ("fieldwork_start", "fieldwork_end", "published_on"):
        polls.loc[last, column] = polls.loc[last, column].str.replace("2019", "2031")
    polls.to_csv(path, index=False)
    return [str(coming)]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        # what else is wrong with slates and weights: tests/data/test_slates.py
        (
            lambda folder: [str(open_election(folder)), "--slate", "s7"],
            "slate 's7' was in no public poll of round 1",
        ),
        (from_the_future, "the poll 'p_without_brook' was published on 2031-"),
    ],
)
def test_it_is_said_in_a_sentence_and_nothing_is_written(
    tmp_path: Path,
    asked: Callable[[Path], list[str]],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(schema, "MAX_YEARS", 20)  # one of them moves the vote by twelve
    results = tmp_path / "results"
    typed = [*asked(tmp_path), f"as_of={AS_OF}", f"results={results}", "predictor=[last_poll]"]
    settings = ["settings.headline=last_poll", "settings.average=last_poll"]
    with pytest.raises(ConfigError, match=words) as refusal:
        forecast.main([*typed, *settings])
    assert "\n" not in str(refusal.value)
    assert not results.exists()
