"""The README promises nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bench.data.election import election_names, folder_names, load_election

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("page", ["README.md", "docs/index.md", "docs/paper/paper.md"])
def test_elections_with_a_result_are_counted(page: str) -> None:
    made_up = {name for name in folder_names() if name.startswith("toy")}
    to_come = {name for name in folder_names() if load_election(name).is_open}
    n = len(set(election_names()) - made_up - to_come)
    assert f"{n:,} elections" in (ROOT / page).read_text(encoding="utf-8")


def test_the_lines_of_python_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    assert list(names["run"].headline["predictor"]) == ["last_poll", "uniform"]
    assert names["forecast"].share.sum() == pytest.approx(1)
