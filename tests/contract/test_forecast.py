"""What a forecast must be, and how a partial ballot is completed."""

import numpy as np
import pandas as pd
import pytest

from bench.contract import Forecast, ForecastError, check_forecast, on_ballot

BALLOT = ("ash", "birch", "cedar")


def shares(**given: float) -> pd.Series:
    return pd.Series(given, dtype=float)


@pytest.mark.parametrize(
    ("forecast", "words"),
    [
        (None, "returned NoneType; accepted: a Forecast"),
        (Forecast(share=shares(oak=0.5)), "'oak', who is not on the ballot"),
        (Forecast(share=shares(birtch=0.5)), "did you mean 'birch'"),
        (Forecast(share=shares(ash=-0.1)), "share of 'ash' is -0.1"),
        (Forecast(share=shares(ash=24.01)), "not percent"),
        (Forecast(share=shares(ash=0.7, birch=0.7)), "sum to 1.400000"),
        (Forecast(share=shares(ash=0.2, birch=0.2, cedar=0.2)), "every candidate is named"),
        (Forecast(share=shares(ash=np.nan)), "raises Abstain"),
        (Forecast(share=pd.Series([0.5, 0.5], index=["ash", "ash"])), "one entry per candidate"),
        (Forecast(share=pd.Series({"ash": "many"})), "must hold numbers"),
    ],
)
def test_a_malformed_share_is_refused_with_its_reason(forecast: object, words: str) -> None:
    with pytest.raises(ForecastError, match=words):
        check_forecast(forecast, BALLOT)


@pytest.mark.parametrize(
    ("draws", "words"),
    [
        (np.ones((5, 2)) / 2, r"accepted: \[S, 3\]"),
        (np.ones((0, 3)), "shape"),
        (np.full((5, 3), np.nan), "finite"),
        (np.full((5, 3), 0.5), "a draw sums to 1.5"),
        (np.tile([1.2, -0.2, 0.0], (2, 1)), "within 0 to 1"),
    ],
)
def test_malformed_draws_are_refused(draws: np.ndarray, words: str) -> None:
    share = shares(ash=0.2, birch=0.3, cedar=0.5)
    with pytest.raises(ForecastError, match=words):
        check_forecast(Forecast(share=share, draws=draws), BALLOT)


def test_draws_follow_their_shares_into_ballot_order() -> None:
    share = shares(cedar=0.5, ash=0.2, birch=0.3)
    draws = np.array([[0.6, 0.1, 0.3]])
    checked = check_forecast(Forecast(share=share, draws=draws), BALLOT)
    assert checked.share.tolist() == [0.2, 0.3, 0.5]
    assert checked.draws is not None
    assert checked.draws.tolist() == [[0.1, 0.3, 0.6]]


def test_draws_of_a_partial_ballot_are_nan_where_nobody_is_named() -> None:
    checked = check_forecast(
        Forecast(share=shares(birch=0.4, ash=0.5), draws=np.array([[0.3, 0.6]])), BALLOT
    )
    assert checked.draws is not None
    assert checked.draws[0, :2].tolist() == [0.6, 0.3]
    assert np.isnan(checked.draws[0, 2])


def test_chances_without_shares_are_a_forecast() -> None:
    checked = check_forecast(
        Forecast(share=shares(ash=np.nan), win_probability=shares(ash=0.7)), BALLOT
    )
    assert checked.win_probability is not None
    assert checked.win_probability["ash"] == 0.7


@pytest.mark.parametrize("chance", [shares(oak=0.5), shares(ash=0.7, birch=0.7), shares(ash=-0.1)])
def test_impossible_chances_are_refused(chance: pd.Series) -> None:
    with pytest.raises(ForecastError, match="win_probability"):
        check_forecast(Forecast(share=shares(ash=np.nan), win_probability=chance), BALLOT)


@pytest.mark.parametrize(
    "areas",
    [
        pd.DataFrame({"ash": [0.5], "birch": [0.5]}, index=["a"]),
        pd.DataFrame({"ash": [0.5], "birch": [0.5], "cedar": [0.5]}, index=["a"]),
    ],
)
def test_area_shares_must_cover_the_ballot_and_sum_to_one(areas: pd.DataFrame) -> None:
    with pytest.raises(ForecastError, match="area"):
        check_forecast(Forecast(share=shares(ash=0.2, birch=0.3, cedar=0.5), areas=areas), BALLOT)


def test_what_is_left_goes_in_equal_parts_to_those_not_named() -> None:
    full = on_ballot([0.6, np.nan, np.nan], [1, 0, 0], [1, 1, 1])
    assert full.tolist() == pytest.approx([0.6, 0.2, 0.2])


def test_those_not_named_get_nothing_where_nothing_is_left() -> None:
    full = on_ballot([0.6, 0.4, np.nan], [1, 1, 0], [1, 1, 1])
    assert full.tolist() == pytest.approx([0.6, 0.4, 0.0])


def test_a_subset_is_renormalised_draw_by_draw() -> None:
    draws = np.array([[0.2, 0.2, 0.6], [0.1, 0.3, 0.6]])
    kept = on_ballot(draws, [1, 1, 1], [1, 1, 0])
    assert kept == pytest.approx(np.array([[0.5, 0.5], [0.25, 0.75]]))


def test_a_subset_with_no_share_at_all_is_refused() -> None:
    with pytest.raises(ForecastError, match="all shares are 0"):
        on_ballot([0.0, 0.0, 1.0], [1, 1, 1], [1, 1, 0])
