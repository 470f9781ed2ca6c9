"""Figures of distortions: what they show can be recomputed."""

from __future__ import annotations

import pandas as pd
import pytest

from bench.report.simulated import effective
from bench.studies.distortions.view import added_error, facts_of, heat_map

FAMILIES = {"naive": "app ratings", "hardened": "app ratings", "poll": "quota polls"}


@pytest.fixture
def response() -> pd.DataFrame:
    rows = [
        {
            "distortion": distortion,
            "dose": dose,
            "unit": unit,
            "predictor": name,
            "replicates": 9,
            "mae_pp": base + slope * dose / max(doses[-1], 1),
            "mae_se_pp": 0.1,
            "mae_q05_pp": base,
            "mae_q95_pp": base + 4,
        }
        for distortion, unit, doses, names in (
            ("none", "", [0.0], FAMILIES),
            ("bot_crowd", "accounts", [0.0, 10.0, 100.0, 1000.0], ["naive", "hardened"]),
            ("late_news", "points", [0.0, 1.0, 2.0], ["poll"]),
        )
        for name, base, slope in zip(names, (2.0, 3.0, 1.0), (4.0, -1.0, 2.0), strict=False)
        for dose in doses
    ]
    return pd.DataFrame(rows)


def test_the_map_says_what_the_largest_dose_adds_and_nothing_where_unread(
    response: pd.DataFrame,
) -> None:
    rows = response[response["distortion"] != "none"]
    added = added_error(rows)
    assert added.loc["naive", "bot_crowd"] == pytest.approx(4)
    assert added.isna().loc["naive", "late_news"]
    drawn = heat_map(rows, FAMILIES, facts_of({"response": rows}) | {"title": "Spoilt"}).marks[0]
    assert drawn.rows is not None
    assert sorted(drawn.rows["words"]) == ["+4.0", "+4.0", "−1.0"]


def test_ten_times_the_correlation_is_worth_a_hundredth() -> None:
    # 1e6 of 1e7 voters: f / (1 - f) = 1/9; divided by 0.01 squared: 1111.1
    assert effective(1e6, 0.01, 1e7) == pytest.approx(10_000 / 9)
    assert effective(1e6, 0.1, 1e7) == pytest.approx(100 / 9)
    assert effective(1e6, 1e-9, 1e7) == 1e6
