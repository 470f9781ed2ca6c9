"""Every constant of a YAML says where it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.core import paths
from tools.constants import page


def test_a_constant_without_an_origin_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("predictor", "experiment"):
        (tmp_path / folder).mkdir()
    text = "width: 3   # days\nheight: 2   # days; origin: a friend told me\n"
    (tmp_path / "predictor" / "mine.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(paths, "configs", lambda: tmp_path)
    with pytest.raises(SystemExit, match=r"mine: width = 3: no origin\nmine: height = 2: 'a frie"):
        page()


def test_every_shipped_constant_has_an_origin() -> None:
    assert "## Experiments" in page()
