"""This file holds the tests of contextual effects and of the bias that they bring about."""

import numpy as np
import pytest

from bench.models.ecological_inference import METHODS
from tests.contextual import ContextualElectorate, aggregation_bias


def test_every_regression_overstates_loyalty_when_voters_follow_their_neighbours():
    found = aggregation_bias([0.0, 0.3], METHODS, n_elections=6).set_index(["method", "context"])
    regressions = ["goodman", "least_squares", "scaling", "likelihood", "likelihood, context 0"]
    for method in regressions:
        excess = found.loc[method, "diagonal_pp"]
        assert excess[0.3] > excess[0.0] + 3


def test_the_contextual_part_pays_where_there_is_context_and_costs_where_there_is_none():
    found = aggregation_bias([0.0, 0.15], ["likelihood"], n_elections=8)
    index = found.set_index(["context", "method"])["error_index"]
    assert index[0.15, "likelihood"] < index[0.15, "likelihood, context 0"]
    assert index[0.0, "likelihood"] > index[0.0, "likelihood, context 0"]


@pytest.mark.parametrize("context", [0.0, 0.4])
def test_segregation_is_what_was_asked_for(context):
    made_up = ContextualElectorate(n_units=2000, segregation=0.1)
    rows, _, _ = made_up.draw(context, np.random.default_rng(1))
    share = (rows / rows.sum(axis=1, keepdims=True))[:, 0]
    assert share.var() / (0.45 * 0.55) == pytest.approx(0.1, abs=0.02)
