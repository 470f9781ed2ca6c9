"""Errors summed up: in the units of the registry, by group, replicates counting alike."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.core.errors import ForecastError
from bench.metrics.registry import metrics
from bench.metrics.summary import skill, summaries, summarise


def rows(errors: dict[str, list[float]], **more: object) -> pd.DataFrame:
    """Long table: one row per predictor, candidate and score."""
    parts = [
        pd.DataFrame(
            {
                "predictor": name,
                "area": "national",
                "ballot": "full",
                "candidate": [f"c{place}" for place in range(len(values))],
                "score": score,
                "value": [take(value) for value in values],
                "replicate": 0,
            }
        )
        for name, values in errors.items()
        for score, take in (("signed_error", float), ("absolute_error", abs))
    ]
    return pd.concat(parts, ignore_index=True).assign(**more)


def test_errors_are_summed_up_by_group() -> None:
    table = rows({"b": [0.01, -0.01], "a": [0.03, -0.04, 0.0]})
    found = summarise(table, names=["mae", "rmse", "bias", "crps"])
    assert found.index.tolist() == ["a", "b"]
    assert found.loc["a", "mae"] == pytest.approx(0.07 / 3)
    assert found.loc["a", "rmse"] == pytest.approx(np.sqrt((9 + 16) / 3) / 100)
    assert found.loc["a", "bias"] == pytest.approx(-0.01 / 3)
    assert found["crps"].isna().all()


def test_roots_are_taken_within_replicates_if_asked() -> None:
    table = pd.concat([rows({"a": [0.03, -0.03]}), rows({"a": [0.01, -0.01]}, replicate=1)])
    assert summarise(table, names=["rmse"]).loc["a", "rmse"] == pytest.approx(np.sqrt(5) / 100)
    each = summarise(table, names=["rmse"], within=["replicate"])
    assert each.loc["a", "rmse"] == pytest.approx(0.02)


def test_ballots_and_areas_are_kept_apart() -> None:
    table = pd.concat(
        [
            rows({"a": [0.01, -0.01]}),
            rows({"a": [0.05]}, ballot="common"),
            rows({"a": [0.03]}, area="01"),
            rows({"a": [0.04, 0.08]}, area="02"),
        ]
    )
    assert summarise(table, names=["mae"]).loc["a", "mae"] == pytest.approx(0.01)
    common = summarise(table, names=["mae"], ballot="common")
    assert common.loc["a", "mae"] == pytest.approx(0.05)
    assert summarise(table, names=["mae"], area=None).loc["a", "mae"] == pytest.approx(0.05)
    by_area = summarise(table, ["predictor", "area"], ["mae"], area=None)
    assert by_area["mae"].tolist() == pytest.approx([0.03, 0.06])


def test_every_metric_can_be_summed_up_under_a_name_with_a_label() -> None:
    found = summaries()
    assert {summary.of for summary in found.values()} == set(metrics())
    for name, summary in found.items():
        assert name == summary.name
        assert summary.label
        assert summary.label_fr
        assert summary.unit == metrics()[summary.of].unit
    assert found["coverage_80"].best == 0.8


def test_what_is_not_there_is_named() -> None:
    table = rows({"a": [0.01]})
    with pytest.raises(ForecastError, match=r"no summary is called 'rmsd'.*rmse"):
        summarise(table, names=["rmsd"])
    with pytest.raises(ForecastError, match="no column 'election'"):
        summarise(table, by=["election"])


def test_skill_is_what_is_saved_of_the_baselines_loss() -> None:
    loss = pd.Series({"a": 0.01, "b": 0.04, "c": 0.08})
    assert skill(loss, "b").tolist() == [0.75, 0.0, -1.0]
    assert skill(loss, "d").isna().all()
    assert skill(loss * 0, "b").isna().all()
