"""`bench freeze`: a record, and what lies beside it to prove its date."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.cli.commands import freeze


def test_a_proof_beside_a_record_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.json"
    typed = ["+experiment=quickstart", "predictor=[uniform]", "--out", str(path)]
    assert freeze.main(typed) == 0
    (tmp_path / "a.json.ots").touch()
    freeze.main(["--check", str(path)])
    assert "a.json.ots lies beside it" in capsys.readouterr().out
