"""Institutes over votes: published estimates, simulated samples, counts alone for few votes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.core.errors import DataError
from bench.metrics.institutes import MIN_VOTES, herding, institutes, last_polls, shrunk

PEOPLE = 1000


def made_polls(rng: np.random.Generator, votes: int, factor: float = 1.0) -> pd.DataFrame:
    """Last polls of six institutes; `factor` 1: simple random samples, 0: all say the same."""
    rows = []
    for vote in range(votes):
        outcome = np.array([0.4, 0.35, 0.25])
        center = outcome + np.array([0.02, -0.01, -0.01])
        for name in "abcdef":
            share = center + factor * (rng.multinomial(PEOPLE, center) / PEOPLE - center)
            for k, candidate in enumerate("xyz"):
                rows.append(
                    {
                        "election": f"v{vote}",
                        "round": 1,
                        "country": "ZZ",
                        "vote_on": pd.Timestamp("2031-04-06") + pd.Timedelta(days=vote),
                        "institute": name,
                        "poll_id": f"{vote}{name}",
                        "days_before": 3,
                        "ballot": "official",
                        "candidate": candidate,
                        "valid": share[k],
                        "outcome": outcome[k],
                        "error": share[k] - outcome[k],
                        "sample_size": 1200.0,
                        "sample_expressed": PEOPLE,
                    }
                )
    return pd.DataFrame(rows)


def test_batting_averages_are_shrunk_as_published() -> None:
    # Efron and Morris (1977), Scientific American 236(5): 18 players, 45 times at bat; the factor
    # is .212, Clemente .400 becomes .294
    hits = np.array([18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7])
    means = hits / 45
    middle = means.mean()
    estimates, deviations = shrunk(means, np.full(18, middle * (1 - middle) / 45))
    assert (estimates - middle) / (means - middle) == pytest.approx(np.full(18, 0.212), abs=5e-4)
    assert estimates[0] == pytest.approx(0.294, abs=5e-4)
    assert (deviations > 0).all()


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(1)
    inside = []
    for _ in range(400):
        variances = rng.uniform(0.002, 0.02, 9)
        truth = rng.normal(1, 0.08, 9)
        estimates, deviations = shrunk(rng.normal(truth, np.sqrt(variances)), variances)
        inside.append(np.abs(estimates - truth) <= 1.645 * deviations)
    assert 0.87 <= np.mean(inside) <= 0.95


def test_samples_have_a_ratio_of_one_and_copies_of_nought() -> None:
    rng = np.random.default_rng(2)
    (of_country,) = herding(made_polls(rng, 200), ["country"]).itertuples()
    assert of_country.n_votes == 200
    assert of_country.spread_ratio == pytest.approx(1, abs=0.05)
    assert of_country.spread_low < 1 < of_country.spread_high
    by_institute = herding(made_polls(rng, 200), ["country", "institute"])
    assert by_institute["spread_ratio"].tolist() == pytest.approx([1] * 6, abs=0.12)
    half = herding(made_polls(rng, 200, 0.5), ["election", "round"])
    assert len(half) == 200
    assert half["spread_ratio"].mean() == pytest.approx(0.5, abs=0.05)
    assert half[["spread_low", "spread_high"]].isna().all(axis=None)  # one vote has no interval


def test_intervals_of_five_votes_hold_a_ratio_of_one() -> None:
    polls = made_polls(np.random.default_rng(6), 5 * 400)
    of_five = polls.assign(country=polls["election"].str[1:].astype(int) // 5)
    table = herding(of_five, ["country"])
    assert table["n_votes"].eq(5).all()
    is_inside = table["spread_low"].le(1) & table["spread_high"].ge(1)
    assert 0.86 <= is_inside.mean() <= 0.94  # with the quantile of the normal distribution: .81


def test_states_that_vote_on_one_day_count_once_in_an_interval() -> None:
    polls = made_polls(np.random.default_rng(7), 20)
    twice = pd.concat([polls, polls.assign(election="other " + polls["election"])])
    columns = ["spread_ratio", "spread_low", "spread_high"]
    single, double = (herding(rows, ["country"]) for rows in (polls, twice))
    assert double["n_votes"].tolist() == [40]
    assert double[columns].iloc[0].tolist() == pytest.approx(single[columns].iloc[0].tolist())
    of_four_days = twice[twice["vote_on"].isin(sorted(twice["vote_on"].unique())[:4])]
    few = herding(of_four_days, ["country"])
    assert few["n_votes"].tolist() == [8]
    assert few[["spread_low", "spread_high"]].isna().all(axis=None)


def test_races_of_one_day_that_err_alike_widen_the_interval_of_an_error() -> None:
    races = made_polls(np.random.default_rng(3), 12)
    later = races.assign(
        election=races["election"] + "b",
        poll_id=races["poll_id"] + "b",
        vote_on=races["vote_on"] + pd.Timedelta(days=100),
    )
    same_day = later.assign(vote_on=races["vote_on"])
    apart, together = (institutes(pd.concat([races, twice])) for twice in (later, same_day))
    assert together["mean_error_pp"].tolist() == pytest.approx(apart["mean_error_pp"].tolist())
    ratio = (together["high"] - together["low"]).mean() / (apart["high"] - apart["low"]).mean()
    assert ratio > 1.2  # each day is there twice: a variance of twice as much, less the shrinkage


def test_a_table_by_name_with_counts_alone_below_five_votes() -> None:
    polls = made_polls(np.random.default_rng(3), MIN_VOTES)
    polls = polls[~(polls["institute"].eq("f") & polls["election"].eq("v0"))]
    table = institutes(polls).set_index("institute")
    assert list(table.index) == list("abcdef")
    assert table["n_votes"].tolist() == [5, 5, 5, 5, 5, 4]
    estimates = table.drop(columns=["country", "n_votes", "n_polls"])
    assert estimates.loc["f"].isna().all()
    assert estimates.drop("f").notna().all(axis=None)
    assert (estimates["low"] < estimates["relative_error"]).drop("f").all()
    is_unknown = polls["institute"].eq("e") & polls["election"].eq("v0")
    unknown = polls.copy()
    unknown.loc[is_unknown, ["sample_size", "sample_expressed"]] = np.nan
    of_four = institutes(unknown).set_index("institute").loc["e"]
    assert np.isnan(of_four["spread_ratio"])
    assert of_four["relative_error"] > 0
    by_hand = (
        polls[polls["institute"].eq("a")]
        .groupby("election")["error"]
        .apply(lambda error: error.abs().mean())
    )
    assert table.loc["a", "mean_error_pp"] == pytest.approx(100 * by_hand.mean())


def test_only_the_last_poll_of_the_last_weeks_counts() -> None:
    polls = made_polls(np.random.default_rng(4), 1)
    older = polls.assign(days_before=10, poll_id="old" + polls["poll_id"], error=0.3)
    early = polls.assign(days_before=22, poll_id="early" + polls["poll_id"], institute="g")
    rows = last_polls(pd.concat([older, early, polls]))
    assert set(rows["poll_id"]) == set(polls["poll_id"])


def test_too_little_is_refused() -> None:
    polls = made_polls(np.random.default_rng(5), 1)
    with pytest.raises(DataError, match="last polls of 3 institutes"):
        institutes(polls[polls["institute"].isin(["a", "b"])])
    with pytest.raises(DataError, match="accepted: 4 or more"):
        shrunk(np.ones(3), np.ones(3))
    with pytest.raises(DataError, match="variance above 0"):
        shrunk(np.ones(5), np.zeros(5))
