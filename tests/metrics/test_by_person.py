"""One forecast over several slates: sums of the draws of each, by hand; scores of persons."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.metrics.by_person import mixture, scores_by_person


def joint(slate: str, shares: dict[str, list[float]]) -> pd.DataFrame:
    """Draws of a slate, of which the two largest shares get through."""
    wide = pd.DataFrame(shares)
    place = wide.rank(axis=1, ascending=False)
    rows = wide.reset_index(names="draw").melt("draw", var_name="candidate", value_name="share")
    through = place.reset_index(names="draw").melt("draw", value_name="place")["place"] <= 2
    return rows.assign(slate=slate, qualifies=through.astype(float), elected=np.nan)


def both() -> pd.DataFrame:
    one = joint("one", {"ash": [0.5, 0.5], "birch": [0.3, 0.2], "cedar": [0.2, 0.3]})
    two = joint(
        "two", {"ash": [0.6, 0.6, 0.2, 0.6], "birch": [0.3] * 4, "dog": [0.1, 0.1, 0.5, 0.1]}
    )
    return pd.concat([one, two], ignore_index=True)


def test_a_chance_is_the_weighted_mean_over_slates_and_nobody_gets_through_who_does_not_run() -> (
    None
):
    people = mixture(both(), {"one": 0.7, "two": 0.3}).set_index("candidate")
    assert people.loc["birch", "p_qualify"] == pytest.approx(0.7 * 0.5 + 0.3 * 1)
    assert people.loc["cedar", "p_qualify"] == pytest.approx(0.7 * 0.5)
    assert people.loc["cedar", "p_qualify_if_runs"] == pytest.approx(0.5)
    assert people.loc["dog", "p_runs"] == pytest.approx(0.3)
    assert people["p_qualify"].sum() == pytest.approx(2)


def test_the_share_is_given_a_candidacy() -> None:
    people = mixture(both(), {"one": 0.7, "two": 0.3}).set_index("candidate")
    assert people.loc["dog", "share"] == pytest.approx(0.2)
    assert people.loc["ash", "share"] == pytest.approx(0.7 * 0.5 + 0.3 * 0.5)


def test_weights_that_leave_a_rest_leave_chances_that_are_the_least() -> None:
    people = mixture(both(), {"one": 0.35, "two": 0.15}).set_index("candidate")
    assert people["p_qualify"].sum() == pytest.approx(1)
    assert people.loc["birch", "p_qualify_if_runs"] == pytest.approx(0.7 * 0.5 + 0.3)


def test_a_slate_without_a_weight_is_left_out() -> None:
    people = mixture(both(), {"two": 1.0})
    assert set(people["candidate"]) == {"ash", "birch", "dog"}


def test_quantiles_are_those_of_the_weighted_draws() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(0.4, 0.05, 4000), rng.normal(0.2, 0.05, 1000)
    rows = pd.concat(
        [
            joint("one", {"ash": list(a), "birch": list(1 - a)}),
            joint("two", {"ash": list(b), "birch": list(1 - b)}),
        ]
    )
    people = mixture(rows, {"one": 0.5, "two": 0.5}).set_index("candidate")
    # both halves count the same though one has four times as many draws
    repeated = np.concatenate([a, np.repeat(b, 4)])
    assert people.loc["ash", "q50"] == pytest.approx(np.quantile(repeated, 0.5), abs=2e-3)
    assert people.loc["ash", "q05"] == pytest.approx(np.quantile(repeated, 0.05), abs=2e-3)


def test_a_chance_of_standing_takes_the_place_of_the_weights() -> None:
    weights = {"one": 0.7, "two": 0.3}
    stands = pd.Series({"ash": 0.9, "birch": 1.0, "cedar": 0.2, "dog": 0.3})
    people = mixture(both(), weights, stands).set_index("candidate")
    without = mixture(both(), weights).set_index("candidate")
    assert people["p_runs"].to_dict() == stands.to_dict()
    assert people.loc["ash", "p_listed"] == pytest.approx(1)
    assert people.loc["cedar", "p_qualify"] == pytest.approx(0.2 * 0.5)
    given_standing = ["share", "q05", "q95", "p_qualify_if_runs"]
    pd.testing.assert_frame_equal(people[given_standing], without.loc[people.index, given_standing])


def test_a_person_is_scored_with_no_votes_for_the_chance_of_not_standing() -> None:
    weights, stands = {"one": 0.7, "two": 0.3}, pd.Series(0.8, ["ash", "birch", "cedar", "dog"])
    outcome = pd.Series({"ash": 0.55, "dog": 0.35, "elm": 0.1})
    scores = scores_by_person(both(), weights, stands, outcome, 2)
    # two draws with .35 each and four with .075 each, in 8 of 10 cases
    shares = np.array([0.3, 0.2, 0.3, 0.3, 0.3, 0.3, 0.0])
    weight = np.array([*[0.28] * 2, *[0.06] * 4, 0.2])
    spread = (weight[:, None] * weight * np.abs(shares[:, None] - shares)).sum() / 2
    assert scores.loc["birch", "crps"] == pytest.approx(weight @ shares - spread)
    assert scores.loc["birch", "share"] == pytest.approx(weight @ shares)
    assert scores.loc["birch", "brier_runs"] == pytest.approx(0.64)
    assert scores.loc["dog", "brier_qualify"] == pytest.approx((0.8 * 0.25 - 1) ** 2)
    # of elm nothing was forecast
    of_elm = scores.loc["elm", ["p_runs", "absolute_error", "crps", "brier_runs"]]
    assert of_elm.tolist() == [0, 0.1, 0.1, 1]
