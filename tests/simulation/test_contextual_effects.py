"""This file holds the tests of contextual effects and of the bias that they bring about."""

from bench.models.ecological_inference import METHODS
from tests.contextual import aggregation_bias


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
