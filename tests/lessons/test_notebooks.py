"""The notebooks run from top to bottom; what they assert holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "docs" / "notebooks").glob("*.ipynb"))


def codes_of(path: Path) -> list[str]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def run(path: Path, codes: list[str]) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": path.stem}
    for number, code in enumerate(codes):
        exec(compile(code, f"{path.name}, code cell {number}", "exec"), names)
    return names


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_runs_from_top_to_bottom(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    codes = codes_of(path)
    assert any("assert " in code for code in codes)
    run(path, codes)


def test_the_first_forecast_can_be_moved_to_another_day_as_it_suggests() -> None:
    path = NOTEBOOKS[0]
    assert path.stem == "first_forecast"
    assert "move `as_of` to 1 March" in path.read_text(encoding="utf-8")
    codes = [code.replace("2017-04-21T20:00", "2017-03-01T20:00") for code in codes_of(path)]
    found = run(path, codes)
    assert found["error"][["fillon", "le_pen", "macron", "melenchon"]].notna().all()
    assert found["ours"] > 1  # no poll of that day knew what was to come


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs")


def test_there_are_three() -> None:
    assert len(NOTEBOOKS) == 3
