"""What a forecast must be, and how a partial ballot is completed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.core import Forecast, ForecastError, check_forecast, on_ballot
from bench.core.forecast import SUM_TOLERANCE

BALLOT = ("ash", "birch", "cedar")


def shares(**given: float) -> pd.Series:
    return pd.Series(given, dtype=float)


WHOLE = shares(ash=0.2, birch=0.3, cedar=0.5)


def drawn(draws: np.ndarray, share: pd.Series = WHOLE) -> Forecast:
    return Forecast(share=share, draws=draws)


def by_area(*rows: list[float], index: Sequence[str] = ("01",)) -> Forecast:
    return Forecast(share=WHOLE, areas=pd.DataFrame(rows, columns=BALLOT, index=list(index)))


@pytest.mark.parametrize(
    ("forecast", "words"),
    [
        (None, "predict returned NoneType"),
        ([0.5, 0.5], "predict returned list"),
        (Forecast(share={"ash": 0.5}), "share must be a pandas Series"),  # type: ignore[arg-type]
        (Forecast(share=pd.Series({"ash": "many"})), "share must hold numbers"),
        (Forecast(share=shares(birtch=0.5)), "'birtch', who is not on .*did you mean 'birch'"),
        (Forecast(share=shares(ash=-0.1)), "share of 'ash' is -0.1"),
        (Forecast(share=shares(ash=24.01)), "not percent"),
        (Forecast(share=shares(ash=0.7, birch=0.7)), "sum to 1.400000"),
        (Forecast(share=shares(ash=0.2, birch=0.2, cedar=0.2)), "every candidate is named"),
        (Forecast(share=shares(ash=np.nan)), "raises Abstain"),
        (Forecast(share=pd.Series([0.5, 0.5], index=["ash", "ash"])), "one entry per candidate"),
        (drawn(np.ones((5, 2)) / 2), r"accepted: \[S, 3\]"),
        (drawn(np.ones((0, 3))), "shape"),
        (drawn(np.full((5, 3), np.nan)), "finite"),
        (drawn(np.full((5, 3), 0.5)), "a draw sums to 1.5"),
        (drawn(np.tile([1.2, -0.2, 0.0], (2, 1))), "within 0 to 1"),
        (drawn(np.tile([0.8, 0.1, 0.1], (9, 1))), "'ash' is 0.2 and the mean of the draws 0.8; ac"),
        (drawn(np.tile([0.2, 0.3, 0.5], (9, 1)) + 0j), "draws must hold numbers: some are complex"),
        (Forecast(share=WHOLE + 0.1j), "share must hold numbers: some are complex"),
        (Forecast(chances={"first": WHOLE + 0.1j}), "chances must hold numbers: some are complex"),
        (Forecast(share=WHOLE, areas=WHOLE.to_frame("1").T + 0j), "areas must hold .*complex"),
        (drawn(np.full((2, 2), 0.6), shares(ash=0.2, birch=0.3)), "a draw sums to 1.2"),
        (by_area([0.2, 0.3, np.nan]), "area shares must be finite"),
        (by_area([-0.1, 0.6, 0.5]), "area shares must be finite, at least 0"),
        (by_area([0.2, 0.3, 0.50001]), "area shares must be .*sum"),
        (by_area([0.2, 0.3, 0.5], [0.2, 0.3, 0.5], index=["01", "01"]), "one row per area code"),
    ],
)
def test_a_malformed_forecast_is_refused_with_its_reason(forecast: object, words: str) -> None:
    with pytest.raises(ForecastError, match=words):
        check_forecast(forecast, BALLOT)


def test_draws_lie_around_their_shares_but_for_the_noise_of_few() -> None:
    wide = np.random.default_rng(0).dirichlet([2.0, 3.0, 5.0], size=4000)  # around `WHOLE`, sd .12
    off = wide @ np.array([[0.7, 0.3, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])  # .06 away from it
    with pytest.raises(ForecastError, match=r"mean of the draws 0\.1406; accepted: 0\.055 apart"):
        check_forecast(drawn(off), BALLOT)
    assert check_forecast(drawn(off[:25]), BALLOT).draws is not None


def test_draws_and_areas_follow_their_shares_into_ballot_order() -> None:
    areas = pd.DataFrame({"cedar": [0.5], "ash": [0.2], "birch": [0.3]}, index=["01"])
    said = Forecast(
        share=WHOLE[["cedar", "ash", "birch"]],
        draws=np.array([[0.48, 0.17, 0.35]]),
        areas=areas,
        converted="by followers",
    )
    checked = check_forecast(said, BALLOT)
    assert checked.share.tolist() == [0.2, 0.3, 0.5]
    assert checked.draws is not None
    assert checked.draws.tolist() == [[0.17, 0.35, 0.48]]
    assert checked.areas is not None
    assert checked.areas.columns.tolist() == list(BALLOT)
    assert checked.areas.loc["01"].tolist() == [0.2, 0.3, 0.5]
    assert checked.converted == "by followers"
    # of a partial ballot they may sum to less than one, and are nan where nobody is named
    partial = check_forecast(drawn(np.array([[0.36, 0.54]]), shares(birch=0.4, ash=0.5)), BALLOT)
    assert partial.draws is not None
    assert partial.draws[0, :2].tolist() == [0.54, 0.36]
    assert np.isnan(partial.draws[0, 2])


def test_chances_without_shares_are_a_forecast() -> None:
    checked = check_forecast(Forecast(chances={"elected": shares(ash=0.7)}), BALLOT)
    assert checked.share.isna().all()
    assert checked.share.index.tolist() == list(BALLOT)
    assert Forecast(chances={}).share.dtype == float
    assert checked.converted == ""
    assert checked.chances is not None
    assert checked.chances.columns.tolist() == ["elected"]
    assert checked.chances["elected"]["ash"] == 0.7


@pytest.mark.parametrize(
    ("chances", "words"),
    [
        ({"elected": shares(birtch=0.5)}, "chances name 'birtch', .*did you mean 'birch'"),
        ({"frist": shares(ash=0.5)}, "chances of 'frist', .*did you mean 'first'"),
        ({"first": shares(ash=-0.1)}, r"\('first'\) is -0.1"),
        ({"qualify": shares(ash=70)}, "is 70.0; accepted: 0 to 1 .*not percent"),
        ({"qualify": shares(ash=1.2)}, "is 1.2; accepted: 0 to 1"),
        ({"elected": shares(ash=0.7, birch=0.7)}, "'elected' sum to 1.400000; accepted: at most 1"),
        ({"majority": shares(ash=0.7, birch=0.7)}, "'majority' sum to 1.400000; accepted: at mo"),
        ({"first": shares(ash=0.2, birch=0.2, cedar=0.2)}, "'first' sum to 0.6.*: 1, as"),
        ({"qualify": shares(ash=0.9, birch=0.9, cedar=0.9)}, "'qualify' sum to 2.7.*accepted: 2,"),
        ({"first": pd.Series({"ash": "likely"})}, "chances must hold numbers"),
        ({"first": shares(ash=np.nan)}, "raises Abstain"),
        (
            pd.DataFrame({"first": [0.4, 0.5]}, index=["ash", "ash"]),
            "chances have two rows or columns for one candidate",
        ),
        (
            pd.DataFrame([[0.4, 0.5]], index=["ash"], columns=["first", "first"]),
            "chances have two rows or columns for one event",
        ),
    ],
)
def test_impossible_chances_are_refused(chances: Any, words: str) -> None:
    with pytest.raises(ForecastError, match=words):
        check_forecast(Forecast(chances=chances), BALLOT, 2)


def test_chances_of_events_that_exclude_each_other_only_among_candidates_are_good() -> None:
    chances = pd.DataFrame(
        {"qualify": [1.0, 0.75, 0.25], "first": [0.5, 0.5, 0.0], "majority": [0.1, 0.0, 0.0]},
        index=["cedar", "birch", "ash"],
    )
    checked = check_forecast(Forecast(chances=chances), BALLOT, 2).chances
    assert checked is not None
    assert checked.columns.tolist() == ["first", "qualify", "majority"]
    assert checked["qualify"].tolist() == [0.25, 0.75, 1.0]


def test_what_is_left_goes_in_equal_parts_to_those_not_named() -> None:
    for said, named, full in (
        ([0.6, np.nan, np.nan], [1, 0, 0], [0.6, 0.2, 0.2]),
        ([0.6, 0.4, np.nan], [1, 1, 0], [0.6, 0.4, 0.0]),
        ([0.6, 0.4 + 1e-7, np.nan], [1, 1, 0], [0.6, 0.4, 0.0]),  # rounded: nothing, and not less
    ):
        found = on_ballot(said, named, [1, 1, 1])
        assert found.tolist() == pytest.approx(full)
        assert found.min() >= 0


def test_a_subset_is_renormalised_draw_by_draw() -> None:
    draws = np.array([[0.2, 0.2, 0.6], [0.1, 0.3, 0.6]])
    kept = on_ballot(draws, [1, 1, 1], [1, 1, 0])
    assert kept == pytest.approx(np.array([[0.5, 0.5], [0.25, 0.75]]))
    with pytest.raises(ForecastError, match="all shares are 0"):
        on_ballot([0.0, 0.0, 1.0], [1, 1, 1], [1, 1, 0])


def test_sums_may_miss_one_by_rounding_and_no_more() -> None:
    edge = SUM_TOLERANCE
    for slack in (-edge, -0.9 * edge, 0.9 * edge, edge):
        sure = shares(ash=0.0, birch=0.0, cedar=1 + slack)
        said = check_forecast(Forecast(share=sure, chances={"first": sure}), BALLOT).chances
        assert said is not None
        assert said["first"].tolist() == [0.0, 0.0, min(1 + slack, 1.0)]
    for slack in (-1.1 * edge, 1.1 * edge):
        with pytest.raises(ForecastError, match="sum"):
            check_forecast(Forecast(share=shares(ash=0.2, birch=0.3, cedar=0.5 + slack)), BALLOT)
    check_forecast(Forecast(share=shares(ash=1.0)), BALLOT)
    check_forecast(Forecast(share=shares(ash=0.0, birch=0.4)), BALLOT)
