"""Events of a vote, and the scores of their probabilities."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bench.core import Forecast, check_forecast
from bench.core.errors import ForecastError
from bench.core.forecast import EVENTS
from bench.metrics import events
from bench.metrics.probabilities import (
    brier_monte_carlo_error,
    brier_score,
    floored_probability,
    log_score,
    mean_brier_score,
    mean_log_score,
)

BALLOT = ("ash", "birch", "cedar")

TIED = st.integers(2, 6).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, 3), min_size=n, max_size=n), min_size=1, max_size=8)
)


def by_lots(row, n_advance):
    """Average over all orders in which lots can be drawn: the slow, obvious way."""
    sets = []
    for lots in permutations(range(len(row))):
        ranked = sorted(range(len(row)), key=lambda c: (-row[c], lots[c]))
        sets.append(frozenset(ranked[:n_advance]))
    return sets


def test_facts_are_yes_or_no():
    with pytest.raises(ForecastError, match="other than 0 and 1"):
        brier_score([0.5], [0.5])
    with pytest.raises(ForecastError, match=r"probability\[0\] is 50"):
        log_score([50], [1])
    with pytest.raises(ForecastError, match="at least 1 draw"):
        floored_probability([0.5], -1)


@given(TIED, st.data())
def test_ties_are_split_as_drawing_lots_would(rows, data):
    n_advance = data.draw(st.integers(1, len(rows[0])))
    expected = [
        [np.mean([c in chosen for chosen in by_lots(row, n_advance)]) for c in range(len(row))]
        for row in rows
    ]
    np.testing.assert_allclose(events.qualifies(np.array(rows), n_advance), expected, atol=1e-12)


@given(TIED, st.data())
def test_the_right_set_is_as_likely_as_drawing_lots_in_every_draw_makes_it(rows, data):
    n = len(rows[0])
    n_advance = data.draw(st.integers(1, n))
    order = data.draw(st.permutations(range(n)))
    right = {c for c in range(n) if order[c] >= n - n_advance}
    expected = np.mean(
        [np.mean([chosen == right for chosen in by_lots(r, n_advance)]) for r in rows]
    )
    found = events.probability_of_qualified(np.array(rows, dtype=float), order, n_advance)
    assert found == pytest.approx(expected)


@given(TIED, st.data())
def test_a_tied_forecast_hits_as_often_as_lots_would(rows, data):
    row = np.array(rows[0]) / 10
    n_advance = data.draw(st.integers(1, len(row)))
    order = data.draw(st.permutations(range(len(row))))
    outcome = np.array(order) / 10
    right = {c for c in range(len(row)) if order[c] >= len(row) - n_advance}
    expected = np.mean([chosen == right for chosen in by_lots(row, n_advance)])
    assert events.qualified_hit(row, outcome, n_advance) == pytest.approx(expected)


@given(st.permutations(range(7)), st.permutations(range(7)))
def test_without_ties_tau_is_scipys(a, b):
    share, outcome = np.array(a) / 21, np.array(b) / 21
    expected = stats.kendalltau(a, b).statistic
    assert events.kendall_tau(share, outcome) == pytest.approx(expected)


def test_shares_that_differ_by_rounding_are_tied():
    share, outcome = [0.1 + 0.2, 0.3, 0.4], [0.2, 0.3, 0.5]
    assert events.kendall_tau(share, outcome) == events.kendall_tau([0.3, 0.3, 0.4], outcome)


@pytest.mark.parametrize("score", [brier_score, log_score])
@given(st.floats(0.02, 0.98), st.floats(0.02, 0.98))
def test_saying_the_truth_minimises_the_expected_score(score, truth, said):
    def expected(p):
        return truth * score([p], [1])[0] + (1 - truth) * score([p], [0])[0]

    assert expected(truth) <= expected(said) + 1e-12


def drawn(*rows, names=BALLOT):
    """A forecast of these draws."""
    sample = np.array(rows)
    share = pd.Series(sample.mean(axis=0), index=names[: sample.shape[1]])
    return check_forecast(Forecast(share=share, draws=sample), names)


def test_an_event_that_is_none_is_refused_with_the_nearest():
    with pytest.raises(ForecastError, match="no event is called 'win'"):
        events.chances(drawn([0.5, 0.3, 0.2]), "win", 2)
    with pytest.raises(ForecastError, match="did you mean 'qualify'"):
        events.came_true([0.5, 0.3, 0.2], "qualifies", 2)


def test_chances_of_draws_are_counted_event_by_event():
    said = drawn([0.52, 0.28, 0.2], [0.4, 0.35, 0.25], [0.3, 0.36, 0.34], [0.3, 0.3, 0.4])
    assert events.chances(said, "first", 2).tolist() == [0.5, 0.25, 0.25]
    # tied for the second place in the last draw
    assert events.chances(said, "qualify", 2).tolist() == [0.625, 0.875, 0.5]
    assert events.chances(said, "majority", 2).tolist() == [0.25, 0.0, 0.0]
    assert np.isnan(events.chances(said, "elected", 2)).all(), "a runoff follows"
    assert events.chances(said, "elected", 1).tolist() == [0.5, 0.25, 0.25]
    sample = said.draws
    for event in EVENTS:
        np.testing.assert_array_equal(
            events.chances(said, event, 2, draws=sample), events.chances(said, event, 2)
        )


def test_a_forecast_of_shares_alone_states_no_chance():
    said = check_forecast(Forecast(share=pd.Series([0.5, 0.3, 0.2], index=BALLOT)), BALLOT)
    for event in EVENTS:
        assert np.isnan(events.chances(said, event, 1, fill=True)).all()


def test_between_two_candidates_every_name_of_the_event_means_the_same():
    market = check_forecast(
        Forecast(chances={"elected": {"ash": 0.7, "birch": 0.3}}), ("ash", "birch")
    )
    poll = drawn([0.6, 0.4], [0.4, 0.6], [0.5, 0.5], names=("ash", "birch"))
    for event in EVENTS:
        assert events.chances(market, event, 1).tolist() == [0.7, 0.3]
        assert events.chances(poll, event, 1).tolist() == [0.5, 0.5]
        assert events.came_true([0.4, 0.6], event, 1).tolist() == [0.0, 1.0]


def test_in_a_first_round_the_events_are_four():
    stated = {
        "elected": {"ash": 0.5}, "first": {"ash": 0.4}, "qualify": {"ash": 0.8, "birch": 0.7},
        "majority": {"ash": 0.1},
    }  # fmt: skip
    said = check_forecast(Forecast(chances=stated), BALLOT, 2)
    found = {event: events.chances(said, event, 2, fill=True).tolist() for event in EVENTS}
    assert found["elected"] == pytest.approx([0.5, 0.25, 0.25])
    assert found["first"] == pytest.approx([0.4, 0.3, 0.3])
    assert found["qualify"] == pytest.approx([0.8, 0.7, 0.5])  # 2 places less 1.5
    assert found["majority"][0] == 0.1
    assert np.isnan(found["majority"][1:]).all(), "it may be nobody's"
    came = {event: events.came_true([0.4, 0.35, 0.25], event, 2, 1).tolist() for event in EVENTS}
    assert came == {
        "elected": [0, 1, 0], "first": [1, 0, 0], "qualify": [1, 1, 0], "majority": [0, 0, 0],
    }  # fmt: skip
    assert np.isnan(events.came_true([0.4, 0.35, 0.25], "elected", 2)).all()


CHANCES = st.lists(st.tuples(st.floats(0.01, 0.99), st.booleans()), min_size=2, max_size=30)


@given(CHANCES)
def test_the_scores_of_chances_are_those_of_scikit_learn(rows):
    from sklearn import metrics as theirs

    p, y = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    assert mean_brier_score(p, y) == pytest.approx(theirs.brier_score_loss(y, p), abs=1e-12)
    assert mean_log_score(p, y, 0) == pytest.approx(theirs.log_loss(y, p, labels=[0, 1]), abs=1e-9)


def test_a_stated_certainty_costs_at_most_that_of_half_a_printed_permille():
    assert mean_log_score([1.0, 0.0], [0, 1], 0) == pytest.approx(-np.log(0.0005))
    assert mean_log_score([1.0, 0.0], [1, 0], 0) == pytest.approx(-np.log(0.9995))
    # as many nats as a candidate whom none of 1,000 draws had first
    assert mean_log_score([0.0], [1], 1000) == pytest.approx(-np.log(0.5 / 1001))


def test_the_monte_carlo_error_of_a_brier_score_is_its_spread_over_repetitions():
    rng, happened = np.random.default_rng(5), [1, 0, 0]
    many = rng.dirichlet([9, 8, 6], (3000, 200))
    first = events.drawn_event(many, "first", 1)
    scores = mean_brier_score(first.mean(axis=-1), np.tile(happened, (3000, 1)))
    stated = brier_monte_carlo_error(first, np.tile(happened, (3000, 1)))
    assert stated.mean() == pytest.approx(scores.std(), rel=0.05)
    assert np.isnan(brier_monte_carlo_error([[1.0], [0.0], [0.0]], happened)), "one draw"


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (
            lambda: events.qualifies([0.5, 0.5], 3),
            r"^n_advance is 3; it must lie between 1 and the 2 candidates$",
        ),
        (lambda: events.came_true([0.5, np.nan], "first", 1), r"^outcome\[1\] is nan"),
        (lambda: events.came_true([60, 40], "first", 1), r"^outcome\[0\] is 60"),
        (lambda: events.qualified([0.5, np.nan], 1), r"^outcome\[1\] is nan"),
        (
            lambda: events.qualified([0.4, 0.3, 0.3], 2),
            r"^outcome has candidates tied for the last of 2 places; an outcome must say who "
            r"qualified$",
        ),
        (
            lambda: events.kendall_tau([1.0], [1.0]),
            r"^there is 1 candidate; an order needs at least 2$",
        ),
    ],
)
def test_what_cannot_be_said_is_refused_in_a_sentence(ask, words):
    with pytest.raises(ForecastError, match=words):
        ask()


@pytest.mark.parametrize(
    ("stated", "event", "filled"),
    [
        ({"ash": 0.7, "birch": 0.3}, "first", [0.7, 0.3, 0.0]),
        ({"ash": 0.6, "birch": 0.3}, "elected", [0.6, 0.3, 0.1]),
        ({"ash": 0.7}, "qualify", [0.7, 0.65, 0.65]),  # of 2 places 1.3 are left
        ({"ash": 0.9, "birch": 0.05}, "qualify", [0.9, 0.05, 1.0]),  # 1.05, and nobody has more
    ],
)
def test_who_is_not_quoted_has_an_equal_part_of_what_is_left(stated, event, filled):
    said = check_forecast(Forecast(chances={event: stated}), BALLOT, 2)
    assert events.chances(said, event, 2, fill=True).tolist() == pytest.approx(filled)
    alone = events.chances(said, event, 2)
    np.testing.assert_array_equal(alone, [stated.get(name, np.nan) for name in BALLOT])
