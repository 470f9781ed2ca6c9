"""What a person brings is read back in words, or refused with line and remedy."""

from __future__ import annotations

import shutil
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
    assert "Ana Rowe 52.00, Bo 48.00" in words
    line = next(line for line in words.splitlines() if "can forecast on the eve" in line)
    assert "quota_poll" in line
    assert " last_election" not in line


def test_an_open_election_says_what_is_still_to_come(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = "brook,withdrawn,2031-03-20T12:00,stated,made up\n"
    coming = open_election(tmp_path, candidacies=gone, future=True)
    assert main([str(coming), "--quick"]) == 0
    words = capsys.readouterr().out
    assert "Odile Brook (brook), 20 March 2031" in words
    assert "the one most tested, s2: " in words
    assert words.count("outcome: still to come") == 2


def test_what_no_method_sees_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "one"
    shutil.copytree(paths.datasets() / "toy", copy)
    ratings = copy / "inputs" / "ratings.csv"
    rows = ratings.read_text().splitlines()
    alone = [rows[0], *(row for row in rows if ",thorne," in row)]
    ratings.write_text("\n".join(alone) + "\n")
    yaml = (copy / "election.yaml").read_text()
    (copy / "election.yaml").write_text(yaml.replace("election: toy", "election: one"))
    assert main([str(copy), "--quick"]) == 0
    words = capsys.readouterr().out
    assert "ratings: withheld, as each names one person: thumbs" in words
    assert "claims: withheld" not in words


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("mine.csv", "candidate,share\nash,60\n", ":2: column 'share' is 60"),
        ("mine.csv", "colour,size\nred,1\n", "does not look like a table of evidence"),
        ("mine.csv", "candidate,pct\nmacron,24\n", "if 'pct' is it, call it 'share'"),
        ("mine.csv", "candidate,share\nmacron,0.7\nle_pen,0.57\n", "shares sum to 1.2700"),
        ("mine.csv", "candidate,share,email\nmacron,0.7,x\n", "'email' is no part of a forecast"),
        ("polls.csv", POLLS, "belongs to an election; check the folder"),
        ("outcome.csv", "candidate,votes\nAna Rowe,0.52\nbo,0.48\n", ":2: column 'votes' is 0.52"),
        ("nowhere", None, "nowhere does not exist"),
        ("folder", None, "no election.yaml in "),
    ],
)
def test_what_cannot_be_used_is_refused(
    folder: Path, name: str, text: str | None, words: str
) -> None:
    path = folder / name
    (folder / "folder").mkdir()
    if text is not None:
        path.write_text(text)
    asked = [str(folder), "--quick"] if name == "outcome.csv" else [str(path)]
    with pytest.raises(BenchError) as caught:
        main(asked)
    assert words in str(caught.value)


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
    path.write_text("candidate,share\nmacorn,.3\nle_pen,.2\nfillon,.2\n")
    assert main([str(path)]) == 3
    assert "did you mean 'macron'" in capsys.readouterr().out


def test_a_predictor_that_fails_does_not_abstain(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = Experiment(predictors={"uniform": {}, "last_poll": {"window_days": -3.0, "n_draws": 50}})
    monkeypatch.setattr("bench.cli.commands.check.options", lambda _: ["uniform", "last_poll"])
    monkeypatch.setattr("bench.cli.commands.check.compose", lambda _: bad)
    assert main([str(folder)]) == 3
    before, after = capsys.readouterr().out.split("fails, which is a fault")
    assert "can forecast on the eve: uniform" in before
    assert " last_poll" in after
