"""`bench forecast`: what cannot be asked is refused in a sentence, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from bench.cli.commands import forecast
from bench.core import ConfigError
from bench.data import schema
from bench.data.board import read_board_file
from bench.data.election import load_election
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


def test_all_prints_what_one_screen_leaves_out_and_to_writes_rows_of_a_board(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = [str(open_election(tmp_path)), f"as_of={AS_OF}", f"results={tmp_path / 'results'}"]
    quick = ["n_draws=100", "settings.fan_days=5", "settings.since_days=3"]
    methods = ["predictor=[poll_tracker,poll_tracker_alone]"]
    printed = []
    file = tmp_path / "boards" / "toy_open" / "own_model.csv"
    for more in ([], ["--all", "--to", str(file)]):
        assert forecast.main([*typed, *quick, *methods, *more]) == 0
        printed.append(" ".join(capsys.readouterr().out.split()))
    assert "More with --all" in printed[0]
    for words in ("What institutes choose to ask does not forecast", "The ballot tested most"):
        assert words not in printed[0]
        assert words in printed[1]
    rows = read_board_file(file, load_election(tmp_path / "toy_open")).set_index("person")
    table = max((tmp_path / "results").rglob("mixture.csv"))
    people = pd.read_csv(table).set_index("candidate")
    columns = {"stands": "p_runs", "through": "p_qualify", "elected": "p_elected"}
    for quantity, column in columns.items():
        values = rows.loc[rows["quantity"].eq(quantity), "value"]
        pd.testing.assert_series_equal(
            values, people[column], check_names=False, atol=1e-6, check_like=True
        )
    of_share = rows[rows["quantity"].eq("share")].fillna({"quantile": 0})
    assert sorted(of_share["quantile"].unique()) == [0, 0.05, 0.5, 0.95]
    assert set(rows["public_on"]) == {pd.Timestamp(AS_OF)}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--to", "My model.csv"], "--to is 'My model.csv'; accepted: a file such as my_model.csv"),
        (["--to", "mine.csv", "--slate", "s1"], "chances of persons and --slate supposes a ballot"),
    ],
)
def test_a_file_that_no_board_could_read_is_refused(
    tmp_path: Path, more: list[str], words: str
) -> None:
    results = tmp_path / "results"
    with pytest.raises(ConfigError, match=words):
        forecast.main([str(open_election(tmp_path)), f"results={results}", *more])
    assert not results.exists()


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
