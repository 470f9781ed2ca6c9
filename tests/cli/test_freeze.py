"""`bench freeze --stamp`: the hook by which a record gets a date that others can prove."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.cli.commands import freeze
from bench.core import ConfigError

TYPED = ["+experiment=quickstart", "predictor=[uniform]"]


@pytest.mark.parametrize("command", ["sha256sum", "no_such_tool {}", ""])
def test_a_stamp_that_cannot_be_made_is_refused_and_nothing_is_written(
    tmp_path: Path, command: str
) -> None:
    path = tmp_path / "a.json"
    with pytest.raises(ConfigError, match=r"accepted: a command that is installed, with {} for"):
        freeze.main([*TYPED, "--out", str(path), "--stamp", command])
    assert not path.exists()


@pytest.mark.parametrize("status", [0, 3])
def test_a_record_is_stamped_and_stays_if_that_fails(tmp_path: Path, status: int) -> None:
    path, proof = tmp_path / "a.json", tmp_path / "a.json.ots"
    program = f"import shutil, sys; shutil.copy(sys.argv[1], r'{proof}'); sys.exit({status})"
    stamp = f'{sys.executable} -c "{program}" {{}}'
    assert freeze.main([*TYPED, "--out", str(path), "--stamp", stamp]) == (1 if status else 0)
    assert proof.read_bytes() == path.read_bytes()
    with pytest.raises(ConfigError, match="a record is never overwritten"):
        freeze.main([*TYPED, "--out", str(path)])
