"""What a person brings is read back in words, or refused with line and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.cli.commands.check import main
from bench.core import BenchError, paths
from bench.core.settings import Experiment
from tests.data.open_election import open_election

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
    assert "Round 1: 12 May 2030; 2 candidates, one wins" in words
    assert "polls: 1 of 1 institutes (Nord), last interviews 8 May 2030 to 8 May 2030" in words
    assert "1 of them: when they became public is set by rule, not stated" in words
    assert "outcome, in percent of 1,000 votes: Ana Rowe 52.00, Bo 48.00" in words
    line = next(line for line in words.splitlines() if "can forecast it on the eve" in line)
    assert "quota_poll" in line
    assert "last_election" not in line
    assert "learns from no other election" in words


def test_an_open_election_says_what_is_still_to_come(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = "brook,withdrawn,2031-03-20T12:00,stated,made up\n"
    coming = open_election(tmp_path, candidacies=gone, future=True)
    assert main([str(coming), "--quick"]) == 0
    words = capsys.readouterr().out
    assert "Round 1: 30 March or 6 April 2031, not set yet; open ballot, 2 get through" in words
    assert "polls have tested 2 ballots (slates), of which 1 stand" in words
    assert "withdrawn: Odile Brook (brook), 20 March 2031" in words
    assert "a forecast supposes the one most tested, s2: " in words
    assert words.count("outcome: still to come") == 2


def test_abstentions_are_told_once_for_each_reason(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(folder)])
    words = capsys.readouterr().out
    assert "  lacks buzz: " in words
    assert "  lacks claims: " in words
    assert "last_election, " not in words.partition("abstains")[0]
    assert len(words.splitlines()) <= 24


def test_how_candidates_are_linked_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("polls.csv", "outcome.csv"):
        text = (folder / name).read_text().replace("Ana Rowe", "Marine Le Pen")
        (folder / name).write_text(text.replace("bo,", "Zoé Nobody,"))
    with (folder / "election.yaml").open("a") as stream:
        stream.write("country: FR\n")
    main([str(folder), "--quick"])
    words = capsys.readouterr().out
    assert "learns from the 11 earlier ones of FR: fr1965, " in words
    assert "by full name or `same_as`: Marine Le Pen is le_pen" in words
    assert "no shipped candidate of FR, or one under another name (`same_as`): Zoé Nobody" in words
    assert "without a family (`families`), so votes" in words


def test_shares_are_not_said_to_be_votes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "outcome.csv").write_text("candidate,share\nAna Rowe,0.52\nbo,0.4798\n")
    main([str(folder), "--quick"])
    words = capsys.readouterr().out
    assert "outcome, in percent, as shares alone: " in words
    assert "votes:" not in words


def test_a_broken_outcome_is_not_still_to_come(folder: Path) -> None:
    (folder / "outcome.csv").write_text("candidate,votes\nAna Rowe,0.52\nbo,0.48\n")
    with pytest.raises(BenchError, match=r"outcome\.csv:2: column 'votes' is 0\.52 but must be"):
        main([str(folder), "--quick"])


def test_what_is_doubted_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "polls.csv").write_text(POLLS.replace("1000", "200000"))
    assert main([str(folder), "--quick"]) == 0
    assert "Polls of more than 100,000 people: r1_nord_2030-05-08_200000" in capsys.readouterr().out


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
        ("mine.csv", "candidate,pct\nmacron,24\n", "if 'pct' is it, call it 'share'"),
        ("mine.csv", "candidate,share\nmacron,0.7\nle_pen,0.57\n", "shares sum to 1.2700"),
        ("mine.csv", "candidate,share,email\nmacron,0.7,x\n", "'email' is no part of a forecast"),
        ("polls.csv", POLLS, "belongs to an election; check the folder"),
    ],
)
def test_what_cannot_be_used_is_refused(folder: Path, name: str, text: str, words: str) -> None:
    path = folder / name
    path.write_text(text)
    with pytest.raises(BenchError) as caught:
        main([str(path)])
    assert words in str(caught.value)


def test_a_name_that_is_nobodys_is_a_fault_of_the_forecast(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("candidate,share\nmacorn,.3\nle_pen,.2\nfillon,.2\n")
    assert main([str(path)]) == 3
    assert "did you mean 'macron'" in capsys.readouterr().out


def test_a_path_that_does_not_exist_is_named() -> None:
    with pytest.raises(BenchError, match="nowhere does not exist"):
        main(["nowhere"])


def test_a_forecast_file_is_recognised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "stan.csv"
    path.write_text("candidate,share\nash,0.6\nbirch,0.4\n")
    main([str(path)])
    words = capsys.readouterr().out
    assert "a forecast made elsewhere, 2 rows" in words
    assert "of no shipped election; check it against yours: --election FOLDER" in words


def test_a_forecast_file_is_checked_against_an_election_of_yours(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "mine.csv"
    path.write_text("candidate,share\nAna Rowe,0.6\nbo,0.4\n")
    main([str(path), "--election", str(folder)])
    assert "round 1 of " in capsys.readouterr().out
    path.write_text("candidate,share\nAna Row,0.6\nbo,0.4\n")
    assert main([str(path), "--election", str(folder)]) == 3  # as a run of it
    assert "did you mean 'ana_rowe'" in capsys.readouterr().out


def test_a_predictor_that_fails_does_not_abstain(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = Experiment(predictors={"uniform": {}, "last_poll": {"window_days": -3.0, "n_draws": 50}})
    monkeypatch.setattr("bench.cli.commands.check.options", lambda _: ["uniform", "last_poll"])
    monkeypatch.setattr("bench.cli.commands.check.compose", lambda _: bad)
    assert main([str(folder)]) == 3
    before, after = capsys.readouterr().out.split("fails, which is a fault")
    assert "can forecast it on the eve: uniform" in before
    assert " last_poll" in after
