"""Every constant of a YAML says where it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.core import paths
from tools.constants import constants, inherited, page, table


def configs(tmp_path: Path, predictor: str, experiment: str = "") -> Path:
    for folder, text in (("predictor", predictor), ("experiment", experiment)):
        (tmp_path / folder).mkdir()
        if text:
            (tmp_path / folder / "mine.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_constant_without_an_origin_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = configs(tmp_path, "width: 3   # days\nheight: 2   # days; origin: a friend told me\n")
    monkeypatch.setattr(paths, "configs", lambda: made)
    with pytest.raises(SystemExit, match=r"mine: width = 3: no origin\nmine: height = 2: 'a frie"):
        page()


def test_an_origin_stands_behind_the_value_or_at_the_head_or_with_the_same_value_elsewhere(
    tmp_path: Path,
) -> None:
    made = configs(
        tmp_path,
        "source: app\nflag: true\nwidth: 3   # days; origin: chosen by hand\n"
        "grid: [1, 2]   # origin: published: X\n",
        "# origin: design\npredictors:\n  other: {width: 3, depth: 4}\nseed: 1\n",
    )
    predictors, experiments = (list(constants(made / one)) for one in ("predictor", "experiment"))
    every = [*predictors, *experiments]
    assert [(one.key, one.value) for one in predictors] == [("width", "3"), ("grid", "1, 2")]
    found = inherited(experiments, every)
    assert [(one.key, one.origin, one.meaning) for one in found] == [
        ("predictors.other.width", "chosen by hand", "days"),
        ("predictors.other.depth", "design", ""),
    ]
    assert "| `grid` | 1, 2 | `mine` |  | published: X |" in table(predictors)


def test_every_shipped_constant_has_an_origin() -> None:
    assert "## Experiments" in page()
