"""Events of a vote, and the scores of their probabilities."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bench.core.errors import ForecastError
from bench.metrics import events
from bench.metrics.probabilities import brier_score, floored_probability, log_score

TIED = st.integers(2, 6).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, 3), min_size=n, max_size=n), min_size=1, max_size=8)
)


def by_lots(row, seats):
    """Average over all orders in which lots can be drawn: the slow, obvious way."""
    sets = []
    for lots in permutations(range(len(row))):
        ranked = sorted(range(len(row)), key=lambda c: (-row[c], lots[c]))
        sets.append(frozenset(ranked[:seats]))
    return sets


@pytest.mark.parametrize("seats", [0, 3])
def test_seats_lie_between_one_and_the_candidates(seats):
    with pytest.raises(ForecastError, match="between 1 and the 2 candidates"):
        events.qualifies([0.5, 0.5], seats)


def test_a_missing_share_is_refused():
    with pytest.raises(ForecastError, match=r"share\[1\] is nan"):
        events.first_place([0.5, np.nan])


def test_an_outcome_tied_at_the_threshold_is_refused():
    with pytest.raises(ForecastError, match="tied for the last of 2 seats"):
        events.qualified_hit([0.5, 0.3, 0.2], [0.4, 0.3, 0.3], seats=2)


def test_facts_are_yes_or_no():
    with pytest.raises(ForecastError, match="other than 0 and 1"):
        brier_score([0.5], [0.5])
    with pytest.raises(ForecastError, match=r"probability\[0\] is 50"):
        log_score([50], [1])
    with pytest.raises(ForecastError, match="at least 1 draw"):
        floored_probability([0.5], 0)


@given(TIED, st.data())
def test_ties_are_split_as_drawing_lots_would(rows, data):
    seats = data.draw(st.integers(1, len(rows[0])))
    expected = [
        [np.mean([c in chosen for chosen in by_lots(row, seats)]) for c in range(len(row))]
        for row in rows
    ]
    np.testing.assert_allclose(events.qualifies(np.array(rows), seats), expected, atol=1e-12)


@given(TIED, st.data())
def test_the_right_set_is_as_likely_as_drawing_lots_in_every_draw_makes_it(rows, data):
    n = len(rows[0])
    seats = data.draw(st.integers(1, n))
    order = data.draw(st.permutations(range(n)))
    right = {c for c in range(n) if order[c] >= n - seats}
    expected = np.mean([np.mean([chosen == right for chosen in by_lots(r, seats)]) for r in rows])
    found = events.probability_of_qualified(np.array(rows, dtype=float), order, seats)
    assert found == pytest.approx(expected)


@given(TIED)
def test_with_one_seat_the_right_set_is_the_winner(rows):
    outcome = np.arange(len(rows[0]))
    chance = events.event_probability(rows, 1)
    assert events.probability_of_qualified(rows, outcome, 1) == pytest.approx(chance[-1])


@given(TIED, st.data())
def test_a_tied_forecast_hits_as_often_as_lots_would(rows, data):
    row = np.array(rows[0]) / 10
    seats = data.draw(st.integers(1, len(row)))
    order = data.draw(st.permutations(range(len(row))))
    outcome = np.array(order) / 10
    right = {c for c in range(len(row)) if order[c] >= len(row) - seats}
    expected = np.mean([chosen == right for chosen in by_lots(row, seats)])
    assert events.qualified_hit(row, outcome, seats) == pytest.approx(expected)


def test_a_uniform_forecast_finds_the_pair_of_eleven_once_in_fifty_five():
    outcome = np.arange(1, 12) / 66
    assert events.qualified_hit(np.full(11, 1 / 11), outcome, 2) == pytest.approx(1 / 55)


@given(st.permutations(range(7)), st.permutations(range(7)))
def test_without_ties_tau_is_scipys(a, b):
    share, outcome = np.array(a) / 21, np.array(b) / 21
    expected = stats.kendalltau(a, b).statistic
    assert events.kendall_tau(share, outcome) == pytest.approx(expected)


def test_a_uniform_forecast_has_no_order():
    assert events.kendall_tau([0.25] * 4, [0.4, 0.3, 0.2, 0.1]) == 0
    with pytest.raises(ForecastError, match="at least 2"):
        events.kendall_tau([1.0], [1.0])


@pytest.mark.parametrize("score", [brier_score, log_score])
@given(st.floats(0.02, 0.98), st.floats(0.02, 0.98))
def test_saying_the_truth_minimises_the_expected_score(score, truth, said):
    def expected(p):
        return truth * score([p], [1])[0] + (1 - truth) * score([p], [0])[0]

    assert expected(truth) <= expected(said) + 1e-12


def test_a_certainty_that_fails_costs_infinitely_unless_it_was_counted_in_draws():
    assert log_score([1.0, 1.0], [0, 1]).tolist() == [np.inf, 0.0]
    # (1000 + 1/2) / 1001, so the surprise is ln 2002
    assert log_score([1.0], [0], n_draws=1000)[0] == pytest.approx(np.log(2002))


def test_one_draw_is_enough_to_count_in():
    # floored by half a draw at either end: (k + 1/2) / (S + 1)
    found = floored_probability([0.0, 1.0], n_draws=1)
    assert found.tolist() == [0.25, 0.75]
    with pytest.raises(ForecastError, match="n_draws is 0"):
        floored_probability([0.5], n_draws=0)
