"""Scores of two-candidate maps from sums over areas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bench.core.errors import ForecastError
from bench.metrics.shares import area_mean_absolute_error
from bench.studies.runoff_by_station.area_sums import (
    FEW_CLUSTERS,
    SUMS,
    area_sums,
    clustered_scores,
    scores_of,
)

SEEDS = st.integers(0, 2**32 - 1)


def made_up(seed: int, n: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    outcome = rng.uniform(0.1, 0.9, n)
    share = np.clip(outcome + rng.normal(0.03, 0.08, n), 0, 1)
    return share, outcome, rng.integers(20, 900, n).astype(float), rng.integers(0, 15, n)


def scores(sums: pd.DataFrame) -> dict[str, float]:
    return {key: float(one) for key, one in scores_of(sums[list(SUMS)].sum()).items()}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"votes": [10, 0]}, r"votes\[1\] is 0; accepted: above 0"),
        ({"share": [0.4, np.nan]}, r"^share\[1\] is nan"),
        ({"share": [55.0, 0.4]}, r"^share\[0\] is 55"),
        ({"outcome": [0.5, 60.0]}, r"^outcome\[1\] is 60; it must lie between 0 and 1"),
        ({"outcome": [0.5, np.nan]}, r"^outcome\[1\] is nan"),
        ({"votes": [10, np.inf]}, r"^votes\[1\] is inf"),
        ({"votes": [[10, 10]]}, r"^votes has 2 dimensions"),
        ({"outcome": [0.5]}, r"^share has shape \(2,\) but outcome has \(1,\)"),
        ({"votes": [10]}, r"^share has shape \(2,\) but votes has \(1,\)"),
        ({"votes": [10, -3]}, r"^votes\[1\] is -3; accepted: above 0$"),
    ],
)
def test_what_is_wrong_is_named(changed: dict[str, list[float]], words: str) -> None:
    given = {"share": [0.5, 0.4], "outcome": [0.5, 0.6], "votes": [10, 10], **changed}
    with pytest.raises(ForecastError, match=words):
        area_sums(**given, labels={"g": [1, 1]})


def test_every_sum_by_hand() -> None:
    # place b, listed first: f .75, y .25, 8 votes; place a: f .5, y 1 with 4, f .25, y .25 with 16
    sums = area_sums([0.75, 0.5, 0.25], [0.25, 1, 0.25], [8, 4, 16], {"place": ["b", "a", "a"]})
    assert sums.columns.tolist() == ["place", *SUMS]
    assert sums["place"].tolist() == ["a", "b"]  # in order
    a = [2, 20, 4 * -0.5, 4 * 0.5, 4 * 0.25, 0.5, 0.5 + 1, 4 + 4, 4 + 16 / 16, 2 + 4, 1 + 1, 2 + 1]
    b = [1, 8, 8 * 0.5, 8 * 0.5, 8 * 0.25, 0.5, 0, 2, 8 / 16, 6, 8 * 9 / 16, 8 * 3 / 16]
    assert sums[list(SUMS)].to_numpy().tolist() == [a, b]


def test_where_all_areas_vote_alike_there_is_nothing_to_explain() -> None:
    found = scores(area_sums([0.5, 0.7], [0.4, 0.4], [10, 30], {"g": [0, 0]}))
    assert np.isnan(found["explained"])
    assert np.isnan(found["correlation"])
    assert found["spread"] == pytest.approx(0.1 * np.sqrt(3) / 2)  # errors .1 and .3, 1 to 3


def test_three_stations_by_hand() -> None:
    # errors .1, -.2, 0 with 100, 100, 200 votes; first and last outcome are ties, which count half
    found = scores(area_sums([0.6, 0.4, 0.5], [0.5, 0.6, 0.5], [100, 100, 200], {"g": [0] * 3}))
    assert found["first_right"] == pytest.approx((0.5 + 0 + 0.5) / 3)
    assert found["mae"] == pytest.approx((10 + 20 + 0) / 400)
    assert found["mae_areas"] == pytest.approx(0.3 / 3)
    assert found["bias"] == pytest.approx((10 - 20) / 400)
    assert found["rmse"] == pytest.approx(np.sqrt((1 + 4) / 400))
    assert found["forecast"] == pytest.approx((60 + 40 + 100) / 400)
    assert found["outcome"] == pytest.approx((50 + 60 + 100) / 400)
    # variance of .5, .6, .5 by votes: .25 * .75 * .01; squared error .0125
    assert found["explained"] == pytest.approx(1 - 0.0125 / 0.001875)


@given(seed=SEEDS)
@settings(deadline=None)
def test_sums_give_what_the_arrays_give(seed: int) -> None:
    share, outcome, votes, group = made_up(seed)
    found = scores(area_sums(share, outcome, votes, {"g": group, "h": group % 2}))
    one = (share[:, None], outcome[:, None], votes)
    assert found["mae"] == pytest.approx(area_mean_absolute_error(*one)[0])
    error = share - outcome
    assert found["rmse"] ** 2 == pytest.approx(np.average(error**2, weights=votes))
    assert found["spread"] ** 2 == pytest.approx(np.cov(error, aweights=votes, ddof=0), abs=1e-9)
    moments = np.cov(share, outcome, aweights=votes, ddof=0)
    expected = moments[0, 1] / np.sqrt(moments[0, 0] * moments[1, 1])
    assert found["correlation"] == pytest.approx(expected)
    assert found["explained"] == pytest.approx(1 - found["rmse"] ** 2 / moments[1, 1])
    assert found["first_right"] == pytest.approx(((share > 0.5) == (outcome > 0.5)).mean())


def test_with_equal_votes_the_correlation_is_that_of_scipy() -> None:
    share, outcome, votes, group = made_up(1)
    found = scores(area_sums(share, outcome, np.ones_like(votes), {"g": group}))
    assert found["correlation"] == pytest.approx(stats.pearsonr(share, outcome).statistic)


def test_one_share_everywhere_has_no_correlation_and_explains_at_most_nothing() -> None:
    _, outcome, votes, group = made_up(2)
    level = float(votes @ outcome / votes.sum())
    right = scores(area_sums(np.full(60, level), outcome, votes, {"g": group}))
    wrong = scores(area_sums(np.full(60, level + 0.1), outcome, votes, {"g": group}))
    assert np.isnan(right["correlation"])
    assert right["explained"] == pytest.approx(0, abs=1e-9)
    assert wrong["explained"] < 0
    assert wrong["spread"] == pytest.approx(right["spread"])


def two_methods(n_clusters: int, seed: int = 3) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Sums of a good and a bad method, and by cluster votes and votes times absolute error."""
    share, outcome, votes, _ = made_up(seed, 600)
    cluster = np.arange(600) % n_clusters
    bad = np.clip(share + 0.05 * np.sin(cluster), 0, 1)
    tables = [area_sums(s, outcome, votes, {"place": cluster}) for s in (share, bad)]
    names = ("good", "bad")
    both = pd.concat([t.assign(method=m) for t, m in zip(tables, names, strict=True)])
    absolute = np.stack([t["absolute"].to_numpy() for t in tables])
    return both, tables[0]["votes"].to_numpy(), absolute


def clustered(sums: pd.DataFrame, n_resamples: int = 4000) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return clustered_scores(
        sums, cluster="place", baseline="bad", n_resamples=n_resamples, level=0.9, rng=rng
    ).set_index("method")


def test_intervals_are_those_of_drawing_clusters_one_by_one() -> None:
    sums, votes, absolute = two_methods(25)
    found = clustered(sums)
    rng = np.random.default_rng(9)
    drawn = []
    for _ in range(4000):
        some = rng.integers(0, 25, 25)
        drawn.append(absolute[:, some].sum(axis=1) / votes[some].sum())
    good, bad = np.array(drawn).T
    assert found.loc["good", "se"] == pytest.approx(good.std(), rel=0.06)
    low, high = np.quantile(good, [0.05, 0.95])
    assert found.loc["good", ["low", "high"]].to_numpy(float) == pytest.approx(
        [low, high], rel=0.01
    )
    low, high = np.quantile(good - bad, [0.05, 0.95])
    ends = found.loc["good", ["gain_low", "gain_high"]].to_numpy(float)
    assert ends == pytest.approx([low, high], rel=0.06)
    assert found.loc["bad", ["gain", "gain_low", "gain_high"]].eq(0).all()


def test_stations_that_err_together_make_wider_intervals() -> None:
    rng = np.random.default_rng(5)
    place = np.repeat(np.arange(40), 50)
    outcome = np.full(2000, 0.5)
    share = 0.5 + np.abs(rng.normal(0, 0.05, 40))[place]
    few, many = (
        area_sums(share, outcome, np.ones(2000), {"place": label}).assign(method="bad")
        for label in (place, np.arange(2000))
    )
    assert clustered(few).loc["bad", "se"] > 4 * clustered(many, 500).loc["bad", "se"]


def test_few_clusters_give_no_intervals() -> None:
    found = clustered(two_methods(FEW_CLUSTERS - 1)[0])
    assert found[["low", "high", "se", "gain_low", "gain_high"]].isna().all(axis=None)
    assert found["mae"].notna().all()
    assert found.dtypes.eq("float").drop("n").all()


def test_methods_on_other_areas_are_not_compared() -> None:
    sums, _, _ = two_methods(12)
    lacking = sums[~(sums["method"].eq("good") & sums["place"].eq(3))]
    with pytest.raises(ForecastError, match=r"^'bad' was not scored on the same areas as 'good'"):
        clustered(lacking)
    third = sums[sums["method"].eq("good")].assign(method="third")
    with pytest.raises(ForecastError, match=r"^no method is called 'bad'; known: good, third$"):
        clustered(pd.concat([sums[sums["method"].eq("good")], third]))
