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


def test_a_stamp_lies_beside_its_record_and_one_that_fails_leaves_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, stamp = tmp_path / "a.json", tmp_path / "a.json.ots"
    program = "import shutil, sys; shutil.copy(sys.argv[1], sys.argv[1] + '.ots')"
    command = f'{sys.executable} -c "{program}" {{}}'
    assert freeze.main([*TYPED, "--out", str(path), "--stamp", command]) == 0
    assert stamp.read_bytes() == path.read_bytes()
    assert "stamped: a.json.ots" in capsys.readouterr().out
    other = tmp_path / "b.json"
    command = f'{sys.executable} -c "raise SystemExit(3)" {{}}'
    assert freeze.main([*TYPED, "--out", str(other), "--stamp", command]) == 1
    assert other.is_file()
