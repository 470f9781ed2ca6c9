"""The slope of log odds that quotes should have had, against an independent library."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.models.quoted_chances import SLOPE_PRIOR, learned_slope, logit, sharpened


def quotes(n: int, slope: float, *, days: int = 7, seed: int = 0) -> pd.DataFrame:
    """Races on days of their own whose events happen with log odds `slope` times those quoted."""
    rng = np.random.default_rng(seed)
    chance = rng.uniform(0.05, 0.95, n)
    true = 1.0 / (1.0 + np.exp(-slope * logit(chance)))
    return pd.DataFrame(
        {
            "election": [f"race{k}" for k in range(n)],
            "round": 1,
            "vote_on": pd.Timestamp("1990-01-01") + pd.to_timedelta(np.arange(n), "D"),
            "horizon_days": days,
            "chance": chance,
            "happened": rng.uniform(size=n) < true,
        }
    )


def test_without_quotes_prices_stay_as_they_are() -> None:
    assert learned_slope(quotes(0, 1.0), 7) == 1.0
    chance = pd.Series({"ash": 0.7, "birch": 0.3})
    pd.testing.assert_series_equal(sharpened(chance, "elected", 1, 1.0), chance)


@pytest.mark.parametrize("slope", [0.7, 1.0, 1.4])
def test_the_slope_that_made_the_outcomes_is_found(slope: float) -> None:
    assert learned_slope(quotes(6000, slope), 7) == pytest.approx(slope, abs=0.08)


def test_it_is_the_penalised_logistic_regression_of_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression

    rows = quotes(400, 1.3)
    # eight days ahead the term of the days is zero; 1 + s is drawn to 1: the offset moves to the
    # penalty by a change of variable, so that a very weak prior must agree
    strong = pd.concat([rows.assign(election=rows["election"] + f"_{k}") for k in range(200)])
    strong["vote_on"] = pd.Timestamp("1900-01-01") + pd.to_timedelta(np.arange(len(strong)), "D")
    z = logit(rows["chance"].to_numpy())[:, None]
    plain = LogisticRegression(C=np.inf, fit_intercept=False).fit(z, rows["happened"])
    assert learned_slope(strong, 7) == pytest.approx(float(plain.coef_[0, 0]), rel=2e-3)


def test_few_races_are_drawn_to_one_as_their_posterior_mode_says() -> None:
    rows = quotes(30, 1.8)
    found = learned_slope(rows, 7)
    z, y = logit(rows["chance"].to_numpy()), rows["happened"].to_numpy(dtype=float)

    def posterior(slope: float) -> float:
        p = 1.0 / (1.0 + np.exp(-slope * z))
        fit = (y * np.log(p) + (1 - y) * np.log(1 - p)).sum()
        return float(fit - 0.5 * ((slope - 1.0) / SLOPE_PRIOR[0]) ** 2)

    grid = np.linspace(0.3, 3.0, 5401)
    assert found == pytest.approx(grid[np.argmax([posterior(one) for one in grid])], abs=1e-3)


def test_races_of_one_day_count_for_few_and_quotes_of_one_race_for_one() -> None:
    rows = quotes(200, 1.6)
    apart, together = learned_slope(rows, 7), learned_slope(rows.assign(vote_on="1990-01-01"), 7)
    assert 1.0 < together < apart
    twice = pd.concat([rows, rows], ignore_index=True)
    assert learned_slope(twice, 7) == pytest.approx(apart)


def test_of_two_the_slope_is_one_of_log_odds_and_of_a_part_no_more_than_all_is_given() -> None:
    one = sharpened(pd.Series({"ash": 0.8, "birch": 0.2}), "elected", 1, 2.0)
    assert one["ash"] == pytest.approx(0.64 / 0.68)
    part = sharpened(pd.Series({"ash": 0.6, "birch": 0.3}), "elected", 1, 0.2)
    assert part.sum() <= 1.0
    through = sharpened(pd.Series({"a": 0.9, "b": 0.8, "c": 0.3}), "qualify", 2, 1.3)
    assert through.sum() == pytest.approx(2.0)
    assert through.is_monotonic_decreasing
