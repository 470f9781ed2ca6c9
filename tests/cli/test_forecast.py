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


def test_all_prints_what_one_screen_leaves_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = [str(open_election(tmp_path)), f"as_of={AS_OF}", f"results={tmp_path / 'results'}"]
    quick = ["n_draws=100", "settings.fan_days=5", "settings.since_days=3"]
    methods = ["predictor=[poll_tracker,poll_tracker_alone]"]
    printed = []
    for more in ([], ["--all"]):
        assert forecast.main([*typed, *quick, *methods, *more]) == 0
        printed.append(" ".join(capsys.readouterr().out.split()))
    assert "More with --all" in printed[0]
    for words in ("What institutes choose to ask does not forecast", "The ballot tested most"):
        assert words not in printed[0]
        assert words in printed[1]


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
