"""`bench freeze --stamp`: the hook by which a record gets a date that others can prove."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.cli.commands import freeze
from bench.core import ConfigError

TYPED = ["+experiment=quickstart", "predictor=[uniform]"]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("sha256sum", "names no record; accepted: a command that is installed, with {} for"),
        ("no_such_tool {}", "'no_such_tool' is not installed"),
    ],
)
def test_a_stamp_that_cannot_be_made_is_refused_and_nothing_is_written(
    tmp_path: Path, command: str, words: str
) -> None:
    path = tmp_path / "a.json"
    with pytest.raises(ConfigError, match=words):
        freeze.main([*TYPED, "--out", str(path), "--stamp", command])
    assert not path.exists()


def test_a_stamp_lies_beside_its_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.json"
    program = "import shutil, sys; shutil.copy(sys.argv[1], sys.argv[1] + '.ots')"
    command = f'{sys.executable} -c "{program}" {{}}'
    assert freeze.main([*TYPED, "--out", str(path), "--stamp", command]) == 0
    assert "stamped: a.json.ots" in capsys.readouterr().out
    assert (tmp_path / "a.json.ots").read_bytes() == path.read_bytes()
    freeze.main(["--check", str(path)])
    assert "a.json.ots lies beside it" in capsys.readouterr().out


def test_a_stamp_that_fails_leaves_the_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.json"
    command = f'{sys.executable} -c "raise SystemExit(3)" {{}}'
    assert freeze.main([*TYPED, "--out", str(path), "--stamp", command]) == 1
    assert path.is_file()
    assert "is written, and" in capsys.readouterr().out
