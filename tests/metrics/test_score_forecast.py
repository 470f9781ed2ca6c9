"""One forecast as rows: every score lands under its name, on its ballot, with its own value."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.core import Forecast, ForecastError, check_forecast
from bench.metrics import bias, events, probabilities, shares
from bench.metrics import ensemble as draws
from bench.metrics.registry import metrics
from bench.metrics.score_forecast import (
    LEVELS,
    Official,
    draw_columns,
    forecast_rows,
    score_columns,
    score_forecast,
)

NAMES = ("ash", "birch", "cedar", "date")
OUTCOME = pd.Series([0.4, 0.3, 0.2, 0.1], index=NAMES)
BALLOTS = {"all": NAMES, "compared": ("ash", "birch", "cedar")}


def sample(n: int = 40, size: int = 4) -> np.ndarray:
    return np.random.default_rng(3).dirichlet([40.0, 30.0, 20.0, 10.0][:size], n)


def whole() -> Forecast:
    given = sample()
    share = pd.Series(given.mean(axis=0), index=NAMES)
    return check_forecast(Forecast(share=share, draws=given), NAMES)


def table(forecast: Forecast, n_advance: int = 2, **more: object) -> pd.DataFrame:
    return score_forecast(forecast, OUTCOME, n_advance, ballots=BALLOTS, **more)  # type: ignore[arg-type]


def values(rows: pd.DataFrame, ballot: str, score: str) -> list[float]:
    found = rows[rows["ballot"].eq(ballot) & rows["metric"].eq(score)]
    assert found["area"].eq("national").all()
    return [float(value) for value in found["value"]]


@pytest.mark.parametrize("ballot", ["all", "compared"])
def test_scores_by_candidate_are_those_of_the_functions_on_the_renormalised_ballot(
    ballot: str,
) -> None:
    rows, forecast = table(whole()), whole()
    keep = np.isin(NAMES, BALLOTS[ballot])
    share = forecast.share.to_numpy()[keep] / forecast.share.to_numpy()[keep].sum()
    truth = OUTCOME.to_numpy()[keep] / OUTCOME.to_numpy()[keep].sum()
    given = sample()[:, keep] / sample()[:, keep].sum(axis=1, keepdims=True)
    inside = {one: draws.inside_interval(given, truth, level=one) for one in draws.LEVELS}
    expected = {
        "signed_error": shares.signed_error(share, truth),
        "absolute_error": shares.absolute_error(share, truth),
        "a_prime": bias.a_prime(share, truth),
        "crps": draws.crps(given, truth),
        "wis": draws.weighted_interval_score(given, truth),
        "pit": draws.pit(given, truth),
        "mean_absolute_error": [shares.mean_absolute_error(share, truth)],
        "root_mean_square_error": [shares.root_mean_square_error(share, truth)],
        "largest_error": [shares.largest_error(share, truth)],
        "margin_error": [shares.margin_error(share, truth)],
        "kendall_tau": [events.kendall_tau(share, truth)],
        "b": [bias.arzheimer_evans_b(share, truth)],
        "b_w": [bias.arzheimer_evans_bw(share, truth)],
        "crps_mc_error": [draws.crps_monte_carlo_error(given, truth)],
        "energy": [draws.energy_score(given, truth)],
        "inside_50": inside[0.5].astype(float),
        "inside_80": inside[0.8].astype(float),
        "inside_90": inside[0.9].astype(float),
        "inside_95": inside[0.95].astype(float),
    }
    for score, value in expected.items():
        assert values(rows, ballot, score) == pytest.approx(list(value)), score
    others = {name for name, found in metrics().items() if found.level != "event"}
    assert set(rows[rows["ballot"].eq("compared")]["metric"]) & others == set(expected)


def test_events_are_scored_on_the_whole_ballot_from_the_draws() -> None:
    rows, given = table(whole()), sample()
    first, through = np.array([1, 0, 0, 0]), np.array([1, 1, 0, 0])
    one, two = events.event_probability(given, 1), events.event_probability(given, 2)
    expected = {
        "first_right": 1.0,
        "pair_right": 1.0,
        "p_pair": (given[:, :2].min(axis=1) > given[:, 2:].max(axis=1)).mean(),
        "brier_first": probabilities.brier_score(one, first).mean(),
        "brier_qualify": probabilities.brier_score(two, through).mean(),
        "log_first": probabilities.log_score(one, first, n_draws=40).mean(),
        "log_qualify": probabilities.log_score(two, through, n_draws=40).mean(),
    }
    for score, value in expected.items():
        assert values(rows, "all", score) == pytest.approx([value]), score
    assert not values(rows, "compared", "p_pair")
    assert not any(rows["metric"].str.endswith("elected")), (
        "who wins a runoff is not in these draws"
    )


def test_chances_are_scored_for_the_candidates_of_a_set_and_not_renormalised() -> None:
    rows, given = table(whole()), sample()
    two = events.event_probability(given, 2)[:3]
    assert values(rows, "compared", "brier_qualify") == pytest.approx(
        [probabilities.brier_score(two, [1, 1, 0]).mean()]
    )
    assert values(rows, "compared", "log_qualify") == pytest.approx(
        [probabilities.log_score(two, [1, 1, 0], n_draws=40).mean()]
    )
    drawn = events.drawn_event(given, "qualify", 2)
    assert drawn is not None
    assert values(rows, "compared", "brier_qualify_mc_error") == [
        probabilities.brier_monte_carlo_error(drawn[:3], [1, 1, 0])
    ]
    some = given[:, :2] / 1.2
    partial = pd.Series(some.mean(axis=0), index=["ash", "birch"])
    rows = table(check_forecast(Forecast(share=partial, draws=some), NAMES))
    assert not values(rows, "compared", "brier_qualify"), "it says nothing of cedar"
    assert values(rows, "all", "brier_qualify"), "cedar and date are filled"


def test_a_market_and_draws_meet_where_the_vote_decides() -> None:
    market = check_forecast(Forecast(chances={"elected": {"ash": 0.6, "birch": 0.3}}), NAMES, 1)
    poll = whole()
    for said in (market, poll):
        rows = table(said, n_advance=1, elected="ash")
        alike = [values(rows, "all", f"brier_{event}") for event in ("elected", "first", "qualify")]
        assert alike[0] == alike[1] == alike[2] != []
    rows = table(market, n_advance=1)
    # what is left, 0.1, is divided between cedar and date
    assert values(rows, "all", "brier_first") == pytest.approx(
        [(0.4**2 + 0.3**2 + 2 * 0.05**2) / 4]
    )
    assert not values(rows, "compared", "brier_first"), "it says nothing of cedar"


def test_a_point_forecast_has_no_spread_and_its_crps_is_the_absolute_error() -> None:
    share = pd.Series([0.3, 0.4, 0.2, 0.1], index=NAMES)
    rows = table(check_forecast(Forecast(share=share), NAMES))
    assert values(rows, "all", "crps") == values(rows, "all", "absolute_error")
    assert values(rows, "all", "crps") == pytest.approx([0.1, 0.1, 0.0, 0.0])
    assert values(rows, "all", "p_pair") == [1.0]
    assert values(rows, "all", "first_right") == [0.0]
    # named first with certainty, and wrong: (1 + 1 + 0 + 0) / 4
    assert values(rows, "all", "brier_first") == [0.5]
    assert values(rows, "all", "brier_qualify") == [0.0]
    spread = {
        "wis",
        "pit",
        "inside_90",
        "energy",
        "crps_mc_error",
        "log_first",
        "log_qualify",
    }
    assert not spread & set(rows["metric"])


def test_a_share_of_nothing_has_no_log_odds() -> None:
    share = pd.Series([0.5, 0.3, 0.2, 0.0], index=NAMES)
    rows = table(check_forecast(Forecast(share=share), NAMES))
    assert not {"a_prime", "b", "b_w"} & set(rows[rows["ballot"].eq("all")]["metric"])
    assert {"a_prime", "b", "b_w"} <= set(rows[rows["ballot"].eq("compared")]["metric"])


def test_who_is_not_named_is_filled_on_the_full_ballot_and_left_out_of_any_other() -> None:
    share = pd.Series({"ash": 0.5, "birch": 0.3})
    rows = table(check_forecast(Forecast(share=share), NAMES))
    assert values(rows, "all", "signed_error") == pytest.approx([0.1, 0.0, -0.1, 0.0])
    common = rows[rows["ballot"].eq("compared") & rows["metric"].eq("signed_error")]
    assert common["candidate"].tolist() == ["ash", "birch"]
    assert common["value"].tolist() == pytest.approx([0.5 / 0.8 - 4 / 7, 0.3 / 0.8 - 3 / 7])


def test_chances_without_shares_are_scored_on_who_was_elected() -> None:
    chance = pd.Series({"ash": 0.6, "cedar": 0.1})
    forecast = check_forecast(Forecast(chances={"elected": chance}), NAMES)
    rows = table(forecast, elected="ash")
    found = rows.set_index("metric")["value"]
    assert found["p_elected"] == 0.6
    # what is left, 0.3, is divided between birch and date
    assert found["brier_elected"] == pytest.approx((0.4**2 + 0.15**2 + 0.1**2 + 0.15**2) / 4)
    assert found["log_elected"] == pytest.approx(-np.log([0.6, 0.85, 0.9, 0.85]).mean())
    assert set(rows["metric"]) == {"p_elected", "brier_elected", "log_elected"}
    assert set(rows["area"]) == {"national"}
    assert set(rows["ballot"]) == {"all"}
    assert table(forecast).empty


def test_areas_are_scored_where_both_sides_know_them() -> None:
    local = pd.DataFrame(
        [[0.5, 0.3, 0.1, 0.1], [0.3, 0.3, 0.2, 0.2], [0.25] * 4, [0.25] * 4],
        index=["01", "02", "unknown", "empty"],
        columns=NAMES,
    )
    votes = pd.DataFrame(
        [[40, 40, 10, 10], [90, 90, 60, 60], [0, 0, 0, 0], [1, 1, 1, 1]],
        index=["01", "02", "empty", "not forecast"],
        columns=NAMES,
    )
    share = pd.Series([0.4, 0.3, 0.2, 0.1], index=NAMES)
    forecast = check_forecast(Forecast(share=share, areas=local), NAMES)
    rows = table(forecast, area_votes=votes)
    here = rows[rows["area"].ne("national")]
    assert set(here["area"]) == {"01", "02"}
    assert set(here["metric"]) == {"signed_error"}
    assert set(here["ballot"]) == {"all"}
    first = here[here["area"].eq("01")].set_index("candidate")["value"]
    assert first.tolist() == pytest.approx([0.1, -0.1, 0.0, 0.0])
    # 100 and 300 votes: (100 * 0.1 + 300 * 0) / 400
    assert values(rows, "all", "area_absolute_error") == pytest.approx([0.025, 0.025, 0, 0])
    for without in (None, votes.iloc[:0], votes.loc[["empty"]]):
        unscored = table(forecast, area_votes=without)
        assert "area_absolute_error" not in set(unscored["metric"])


def test_rows_of_a_forecast_hold_shares_quantiles_and_chances() -> None:
    rows = forecast_rows(whole(), 2)
    assert rows["area"].eq("national").all()
    assert tuple(rows["candidate"]) == NAMES
    assert rows["share"].tolist() == pytest.approx(sample().mean(axis=0).tolist())
    assert not rows["filled"].any()
    for column, level in LEVELS.items():
        expected = draws.quantiles(sample(), [level])[0]
        assert rows[column].tolist() == pytest.approx(expected.tolist()), column
    assert rows["p_first"].tolist() == events.event_probability(sample(), 1).tolist()
    assert rows["p_qualify"].tolist() == events.event_probability(sample(), 2).tolist()
    assert rows["p_majority"].tolist() == (sample() > 0.5).mean(axis=0).tolist()
    assert rows["p_elected"].isna().all()
    assert forecast_rows(whole(), 1)["p_elected"].tolist() == rows["p_first"].tolist()


def test_every_draw_is_a_row_on_the_whole_ballot() -> None:
    share = pd.Series({"ash": 0.5, "birch": 0.3})
    given = np.array([[0.5, 0.3], [0.6, 0.2]])
    found = draw_columns(check_forecast(Forecast(share=share, draws=given), NAMES))
    assert found["draw"].tolist() == [0] * 4 + [1] * 4
    assert found["draw"].dtype == np.int32
    assert found["candidate"].tolist() == [*NAMES, *NAMES]
    assert found["share"].tolist() == pytest.approx([0.5, 0.3, 0.1, 0.1, 0.6, 0.2, 0.1, 0.1])
    assert found["candidate"].dtype == object
    with pytest.raises(ForecastError, match=r"^the forecast has no draws"):
        draw_columns(Forecast(share=share))


@pytest.mark.parametrize("block_bytes", [0, 2 * 40 * 4 * 8, 2**20], ids=["one", "two", "all"])
def test_forecasts_with_draws_are_scored_as_each_alone_whatever_the_blocks(
    monkeypatch: pytest.MonkeyPatch, block_bytes: int
) -> None:
    rng = np.random.default_rng(4)
    forecasts, officials = [], []
    for number in range(8):
        given = rng.dirichlet([40.0, 30.0, 20.0, 10.0 if number != 5 else 0.1], 40)
        if number == 2:  # other candidates are compared
            given[:, 3] = np.nan
        share = pd.Series(given.mean(axis=0), index=NAMES)
        forecasts.append(check_forecast(Forecast(share=share, draws=given), NAMES))
        common = ("ash", "birch", "cedar") if number < 4 else ("birch", "date")
        outcome = pd.Series(rng.dirichlet([4, 3, 2, 1]), index=NAMES)
        ballots = {"all": NAMES, "compared": common}
        officials.append(Official(outcome=outcome, n_advance=2, ballots=ballots))
    monkeypatch.setattr("bench.metrics.score_forecast.BLOCK_BYTES", block_bytes)
    together = pd.DataFrame(score_columns(forecasts, officials))
    keys = ["area", "ballot", "candidate", "metric"]
    for number, (forecast, official) in enumerate(zip(forecasts, officials, strict=True)):
        rows = together[together["forecast"].eq(number)].drop(columns="forecast")
        expected = pd.DataFrame(score_columns([forecast], [official])).drop(columns="forecast")
        pd.testing.assert_frame_equal(
            rows.sort_values(keys, ignore_index=True),
            expected.sort_values(keys, ignore_index=True),
            rtol=1e-12,
            atol=1e-15,
        )
    events = together[together["metric"].eq("brier_first")]
    assert events.groupby("forecast")["ballot"].nunique().tolist() == [2] * 8


def test_every_metric_is_found_in_the_rows_of_some_forecast() -> None:
    local = pd.DataFrame([[0.5, 0.3, 0.1, 0.1]], index=["01"], columns=NAMES)
    votes = pd.DataFrame([[40, 30, 20, 10]], index=["01"], columns=NAMES)
    given = Forecast(share=OUTCOME, draws=sample(), areas=local, chances={"elected": {"ash": 0.6}})
    rows = table(check_forecast(given, NAMES), area_votes=votes, elected="ash")
    last = table(whole(), n_advance=1)  # draws tell who is elected where the vote decides it
    assert set(rows["metric"]) | set(last["metric"]) == set(metrics())


def test_an_order_is_scored_on_who_is_before_whom_and_on_nothing_else() -> None:
    share = pd.Series([0.3, 0.4, 0.2, 0.1], index=NAMES)  # ash and birch the wrong way round
    said = check_forecast(Forecast(share=share, order_only=True), NAMES)
    rows = table(said)
    of_order = {name for name, found in metrics().items() if found.of_order}
    assert set(rows["metric"]) == of_order == {"kendall_tau", "first_right", "pair_right"}
    assert values(rows, "all", "kendall_tau") == [pytest.approx((5 - 1) / 6)]
    assert values(rows, "all", "first_right") == [0.0]
    assert values(rows, "all", "pair_right") == [1.0]
    # sizes do not count: any shares in this order score the same
    other = pd.Series([0.26, 0.27, 0.24, 0.23], index=NAMES)
    same = table(check_forecast(Forecast(share=other, order_only=True), NAMES))
    pd.testing.assert_frame_equal(rows, same)


def test_an_order_of_one_name_is_scored_on_the_first_place_alone() -> None:
    share = pd.Series([1.0], index=["ash"])
    rows = table(check_forecast(Forecast(share=share, order_only=True), NAMES))
    assert rows[["ballot", "metric", "value"]].to_numpy().tolist() == [["all", "first_right", 1.0]]
