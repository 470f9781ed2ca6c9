"""One row of scores per forecast."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.core.errors import DataError
from bench.core.forecast import Forecast
from bench.metrics.score_forecast import score_forecast
from bench.metrics.summary import score_summary

OUTCOME = pd.Series({"ash": 0.5, "birch": 0.3, "cedar": 0.2})
BALLOTS = {"all": ("ash", "birch", "cedar"), "compared": ("ash", "birch")}
KEYS = ["round", "predictor", "ballot"]


def scored(predictor: str, share: list[float], draws: np.ndarray | None = None) -> pd.DataFrame:
    forecast = Forecast(share=pd.Series(share, OUTCOME.index), draws=draws)
    rows = score_forecast(forecast, OUTCOME, 1, ballots=BALLOTS)
    return rows.assign(round=1, predictor=predictor)


def test_scores_of_candidates_are_averaged_and_those_of_a_ballot_stay() -> None:
    draws = np.random.default_rng(1).dirichlet([10, 6, 4], 50)
    drawn = scored("drawn", draws.mean(axis=0).tolist(), draws)
    point = scored("point", [0.54, 0.27, 0.19])
    names = ["largest_error", "mean_absolute_error", "crps", "inside_90", "first_right"]
    table = score_summary(pd.concat([drawn, point]), KEYS, names)
    assert list(table.columns) == [*KEYS, *names]
    table = table.set_index(["predictor", "ballot"])
    assert len(table) == 4
    for name in ("crps", "inside_90"):
        is_meant = drawn["metric"].eq(name) & drawn["ballot"].eq("compared")
        assert is_meant.sum() == 2
        mean = drawn.loc[is_meant, "value"].mean()
        assert table.loc[("drawn", "compared"), name] == pytest.approx(mean)
    assert table.loc[("point", "all"), "largest_error"] == pytest.approx(0.04)
    assert table.loc[("point", "all"), "mean_absolute_error"] == pytest.approx(0.08 / 3)
    assert table.loc[("point", "all"), "first_right"] == 1


def test_what_nobody_took_is_missing() -> None:
    table = score_summary(scored("point", [0.54, 0.27, 0.19]), KEYS, ["inside_90", "largest_error"])
    assert table["inside_90"].isna().all()
    assert table["largest_error"].notna().all()


def test_errors_of_an_older_version_are_refused_and_an_order_alone_is_not() -> None:
    rows = scored("point", [0.54, 0.27, 0.19])
    older = rows[rows["metric"].ne("mean_absolute_error")]
    with pytest.raises(DataError, match=r"no 'mean_absolute_error': an older version .* run"):
        score_summary(older, KEYS, ["largest_error"])
    order = rows[rows["metric"].eq("kendall_tau")]
    assert score_summary(order, KEYS, ["mean_absolute_error"])["mean_absolute_error"].isna().all()
