"""What a person brings is read back in words, or refused with line and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import paths
from bench.commands.check import main
from bench.contract import BenchError

YAML = "name: Election of Freedonia, 2030\nvote_on: 2030-05-12\n"
POLLS = """institute,fieldwork_end,sample_size,candidate,share
Nord,2030-05-08,1000,Ana Rowe,0.55
Nord,2030-05-08,1000,bo,0.45
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "election.yaml").write_text(YAML)
    (tmp_path / "polls.csv").write_text(POLLS)
    (tmp_path / "outcome.csv").write_text("candidate,votes\nAna Rowe,520\nbo,480\n")
    return tmp_path


def test_an_election_is_read_back_in_words(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(folder)]) == 0
    words = capsys.readouterr().out
    assert "Round 1: 12 May 2030, 2 candidates, one wins" in words
    assert "polls: 1 of 1 institutes (Nord), last interviews 8 May 2030 to 8 May 2030" in words
    assert "1 of them count as public on the day after the last interview (by rule)" in words
    assert "outcome, in percent of 1,000 votes: Ana Rowe 52.00, Bo 48.00" in words
    line = next(line for line in words.splitlines() if "something to say" in line)
    assert "quota_poll" in line
    assert "last_election" not in line
    assert "last_election: no earlier first round with a known outcome" in words


def test_one_table_is_read_back_column_by_column(capsys: pytest.CaptureFixture[str]) -> None:
    main([str(paths.datasets() / "toy" / "inputs" / "claims.csv")])
    words = capsys.readouterr().out
    assert "a table 'claims' of 47 rows, in order" in words
    assert "loudmeter" in words


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("mine.csv", "candidate,share\nash,60\n", ":2: column 'share' is 60; accepted: a fraction"),
        ("mine.csv", "colour,size\nred,1\n", "looks like no table of evidence"),
        ("polls.csv", POLLS, "belongs to an election; check the folder"),
    ],
)
def test_what_cannot_be_used_is_refused(folder: Path, name: str, text: str, words: str) -> None:
    path = folder / name
    path.write_text(text)
    with pytest.raises(BenchError) as caught:
        main([str(path)])
    assert words in str(caught.value)


def test_a_path_that_does_not_exist_is_named() -> None:
    with pytest.raises(BenchError, match="nowhere does not exist"):
        main(["nowhere"])


def test_a_forecast_file_is_recognised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "stan.csv"
    path.write_text("candidate,share\nash,0.6\nbirch,0.4\n")
    main([str(path)])
    assert "a forecast made elsewhere, 2 rows" in capsys.readouterr().out


def test_a_predictor_that_fails_does_not_abstain(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def settings(name: str) -> dict[str, object]:
        return {"window_days": -3.0, "n_draws": 50} if name == "last_poll" else {}

    monkeypatch.setattr("bench.hydra_setup.options", lambda _: ["uniform", "last_poll"])
    monkeypatch.setattr("bench.commands.check.predictor_settings", settings)
    assert main([str(folder)]) == 3
    before, after = capsys.readouterr().out.split("these fail, which is a fault")
    assert "something to say on the eve: uniform" in before
    assert "    last_poll: " in after
