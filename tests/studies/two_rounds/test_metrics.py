"""Two rounds scored as one, on draws whose scores can be redone by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.core.errors import ForecastError
from bench.models.chain import MIN_DRAWS, Chain
from bench.studies.two_rounds.metrics import compare_chains, score_chain

NAMES = ("ash", "birch", "cedar")


def drawn(*rows: tuple[int, int, float]) -> Chain:
    """A chain of (first, second, share of the first)."""
    pair = np.array([row[:2] for row in rows])
    share = np.array([row[2] for row in rows])
    return Chain(NAMES, np.full((len(rows), 3), 1 / 3), pair, share)


def scores(both: Chain, runoff: dict[str, float]) -> dict[str, float]:
    rows = score_chain(both, pd.Series(runoff))
    assert set(rows["ballot"]) == {"chain"}
    return dict(zip(rows["metric"], rows["value"], strict=True))


def test_a_finalist_must_have_been_on_the_ballot() -> None:
    with pytest.raises(ForecastError, match=r"'brich' is in the runoff .*did you mean 'birch'"):
        score_chain(drawn((0, 1, 0.6)), pd.Series({"ash": 0.6, "brich": 0.4}))


def test_pair_and_president_are_counted_and_floored_at_half_a_draw() -> None:
    both = drawn((0, 1, 0.6), (0, 1, 0.4), (0, 2, 0.7), (1, 2, 0.2))
    found = scores(both, {"ash": 0.45, "birch": 0.55})
    # two draws of four have the pair; birch wins one draw of four, the second
    assert found["p_pair"] == 0.5
    assert found["rank_pair"] == 1
    assert found["log_pair"] == pytest.approx(-np.log(2.5 / 5))
    assert found["brier_pair"] == pytest.approx(0.5**2 + 0.25**2 + 0.25**2)
    assert found["p_elected"] == 0.25
    assert found["log_elected"] == pytest.approx(-np.log(1.5 / 5))
    # ash .5, birch .25, cedar .25, and birch it was
    assert found["brier_elected"] == pytest.approx((0.25 + 0.5625 + 0.0625) / 3)


def test_the_runoff_given_the_pair_is_that_of_the_winner_in_the_draws_that_have_the_pair() -> None:
    both = drawn((0, 1, 0.6), (0, 1, 0.4), (0, 2, 0.9))
    found = scores(both, {"ash": 0.45, "birch": 0.55})
    # birch has .4 and .6 there; fair CRPS: (.15 + .05) / 2 - .2 / 2
    assert found["runoff_signed_error"] == pytest.approx(0.5 - 0.55)
    assert found["runoff_crps"] == pytest.approx(0.1 - 0.1)


def test_a_pair_in_no_draw_costs_half_a_draw_and_has_no_runoff() -> None:
    found = scores(drawn((0, 1, 0.6), (0, 1, 0.6)), {"birch": 0.5, "cedar": 0.5})
    assert found["log_chain"] == pytest.approx(-np.log(0.5 / 3))
    assert found["rank_pair"] == 2
    assert found["brier_pair"] == pytest.approx(2.0)
    assert "runoff_crps" not in found


def test_the_whole_is_the_surprise_at_the_pair_plus_that_at_the_share() -> None:
    odds = np.tile([-0.1, 0.1], MIN_DRAWS)
    both = drawn(*[(0, 1, 1 / (1 + np.exp(-z))) for z in odds])
    found = scores(both, {"ash": 0.5, "birch": 0.5})
    sd = odds.std(ddof=1)
    # normal density of the log odds at 0, times d logit / d share = 4 at one half
    expected = found["log_pair"] - np.log(4 / (sd * np.sqrt(2 * np.pi)))
    assert found["log_chain"] == pytest.approx(expected)


def test_methods_are_compared_over_whole_elections() -> None:
    rows = [
        (election, name, value)
        for election, gap in (("a", -0.5), ("b", -0.5), ("c", -0.5))
        for name, value in (("base", 1.0), ("other", 1.0 + gap))
    ]
    errors = pd.DataFrame(rows, columns=["election", "predictor", "value"])
    errors = errors.assign(as_of=pd.Timestamp("2031-04-04"), ballot="chain", metric="log_chain")
    (one,) = compare_chains(errors, "base", {})
    assert (one["method"], one["is_lower"], one["n"], one["less"]) == ("other", True, 3, 3)
    assert one["size"] == pytest.approx(0.5)
    assert one["low"] is None  # three are too few for an interval
    again = [errors.assign(election=errors["election"] + suffix) for suffix in "12"]
    again[1]["value"] += np.where(again[1]["predictor"].eq("other"), 0.2, 0.0)
    apart = {name: name for name in ("a1", "b1", "c1", "a2", "b2", "c2")}
    (one,) = compare_chains(pd.concat(again), "base", apart)
    # differences three times -.5 and -.3: sd .1095, t of 5 degrees 2.571
    assert [one["size"], one["low"], one["high"]] == pytest.approx([0.4, -0.515, -0.285], abs=1e-3)
    (one_series,) = compare_chains(pd.concat(again), "base", {})
    assert one_series["low"] is None  # six of one series are worth fewer than six
    assert compare_chains(errors, "nobody", {}) == []
    one = errors[errors["election"] == "a"]
    assert compare_chains(one, "base", {}) == []


def test_the_runoff_of_a_pair_is_scored_from_the_winners_side_whoever_stands_first() -> None:
    both = drawn((0, 1, 0.6), (0, 1, 0.52), (0, 2, 0.9))
    won = scores(both, {"ash": 0.7, "birch": 0.3})
    assert won["runoff_signed_error"] == pytest.approx(0.56 - 0.7)
    # fair CRPS of 0.6 and 0.52 at 0.7: (0.1 + 0.18) / 2 - 0.08 / 2
    assert won["runoff_crps"] == pytest.approx(0.1)
    # the same runoff in another order of names, and the pair in the order of the ballot
    assert scores(both, {"birch": 0.3, "ash": 0.7}) == won
    assert won["brier_elected"] == pytest.approx(0.0)
    # the second of the pair wins: 0.4 and 0.48 were drawn for birch
    lost = scores(both, {"ash": 0.4, "birch": 0.6})
    assert lost["runoff_signed_error"] == pytest.approx(0.44 - 0.6)
    assert lost["runoff_crps"] == pytest.approx((0.2 + 0.12) / 2 - 0.08 / 2)


def test_one_draw_of_the_pair_is_too_few_for_its_runoff() -> None:
    found = scores(drawn((0, 1, 0.6), (0, 2, 0.6)), {"ash": 0.5, "birch": 0.5})
    assert "runoff_signed_error" not in found


def test_only_the_surprise_at_the_whole_is_compared_and_ties_are_no_gain() -> None:
    rows = []
    for election, gaps in (("a", {"tied": 0.0, "worse": 0.5}), ("b", {"tied": 0.0, "worse": 0.5})):
        values = {"base": 1.0, "lone": 1.0, **{name: 1.0 + gap for name, gap in gaps.items()}}
        for name, value in values.items():
            rows.append((election, name, "chain", "log_chain", value))
            # rows of other scores and ballots, which would turn everything round
            rows.append((election, name, "chain", "log_pair", -100 * value))
            rows.append((election, name, "all", "log_chain", -100 * value))
    errors = pd.DataFrame(rows, columns=["election", "predictor", "ballot", "metric", "value"])
    errors = errors.assign(as_of=pd.Timestamp("2031-04-04"))
    # one election is not enough for `lone`, which stands before the others
    errors = errors[(errors["predictor"] != "lone") | (errors["election"] == "a")]
    said = compare_chains(errors, "base", {})
    assert [one["method"] for one in said] == ["tied", "worse"]
    assert [one["tied"] for one in said] == [True, False]
    assert (said[1]["is_lower"], said[1]["size"]) == (False, pytest.approx(0.5))
    assert [one["less"] for one in said] == [0, 0]
