"""`bench forecast`: what cannot be asked is refused in a sentence, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from bench.cli.commands import forecast, score
from bench.core import ConfigError, DataError
from bench.data import schema
from tests.data.open_election import AS_OF, open_election

GONE = "brook,withdrawn,2019-03-20T12:00,stated,made up\n"
RECORD = Path(__file__).parents[1] / "audit/records/toy_format_2.json"


def withdrawn(folder: Path) -> list[str]:
    return [str(open_election(folder, candidacies=GONE)), "--slate", "s1"]


def undeclared(folder: Path) -> list[str]:
    return [str(open_election(folder)), "--slate", "s7"]


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


def half_a_weight(folder: Path) -> list[str]:
    path = folder / "weights.csv"
    path.write_text("slate,weight,reason\ns1,0.5,so I think\n", encoding="utf-8")
    return [str(open_election(folder)), "--weights", str(path)]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (
            withdrawn,
            r"slate 's1' of round 1 .* names who had withdrawn: Odile Brook \(2019-03-20\)",
        ),
        (undeclared, "slate 's7' was in no public poll of round 1"),
        (from_the_future, "the poll 'p_without_brook' was published on 2031-"),
        (half_a_weight, r"the weights sum to 0\.5; accepted: 1"),
    ],
)
def test_it_is_said_in_a_sentence_and_nothing_is_written(
    tmp_path: Path,
    asked: Callable[[Path], list[str]],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(schema, "MOST_YEARS", 20)  # one of them moves the vote by twelve
    results = tmp_path / "results"
    typed = [*asked(tmp_path), f"as_of={AS_OF}", f"results={results}", "predictor=[last_poll]"]
    settings = ["settings.headline=last_poll", "settings.average=last_poll"]
    with pytest.raises(ConfigError, match=words) as refusal:
        forecast.main([*typed, *settings])
    assert "\n" not in str(refusal.value)
    assert not results.exists()


def test_a_record_that_was_edited_is_scored_by_nobody(tmp_path: Path) -> None:
    text = RECORD.read_text("utf-8")
    edited = tmp_path / "edited.json"
    edited.write_text(text.replace('"thorne": 0.', '"thorne": 0.1', 1), encoding="utf-8")
    assert edited.read_text("utf-8") != text
    with pytest.raises(DataError, match="does not match its seal"):
        score.main([str(edited)])
    assert [one.name for one in tmp_path.iterdir()] == ["edited.json"]
