"""What a sample is worth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.core.errors import ForecastError
from bench.metrics import survey_error


def test_weights_shrink_the_correlation_as_in_the_ddi_package():
    # ddi 0.1.0: (1 / sqrt(1 + 2^2 / 0.9)) * 0.02 / (sqrt(0.09) * sqrt(900 / 100))
    found = survey_error.data_defect_correlation(
        [0.12], [0.10], sample_size=100, population_size=1000, weight_variation=2
    )
    assert found[0] == pytest.approx(0.02 / (0.3 * 3) / np.sqrt(1 + 4 / 0.9))


@given(st.integers(10, 5000), st.integers(2, 100))
def test_a_random_sample_is_worth_its_own_size(n, factor):
    population = n * factor
    # a simple random sample has E rho^2 = 1 / (N - 1)
    rho = 1 / np.sqrt(population - 1)
    worth = survey_error.effective_sample_size(rho, n / population, population_size=population)
    assert worth == pytest.approx(n, rel=1e-9)


@given(st.floats(1e-4, 0.5), st.floats(0.001, 0.9), st.integers(10_000, 10**8))
def test_a_finite_population_is_worth_no_more_than_the_bound(rho, fraction, population):
    bound = survey_error.effective_sample_size(rho, fraction)
    worth = survey_error.effective_sample_size(rho, fraction, population_size=population)
    assert worth <= max(bound, 1) + 1e-9


SIZES = {"sample_size": 0.5, "population_size": 100}


def defect(share=0.4, **sizes):
    return survey_error.data_defect_correlation([0.5], [share], **SIZES | sizes)


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        (lambda: defect(0.0), r"^population_mean must lie strictly between 0 and 1"),
        (lambda: defect(weight_variation=-1), r"^weight_variation is -1; it must not be below 0"),
        (
            lambda: defect(sample_size=0),
            r"^sample_size is 0 of a population of 100; it must be above 0 and below the pop",
        ),
        (lambda: defect(sample_size=100), r"above 0 and below the population"),
        (
            lambda: survey_error.effective_sample_size(1.5, 0.5),
            r"^rho is 1\.5; a correlation lies between -1 and 1$",
        ),
        (lambda: survey_error.effective_sample_size(0.0, 0.5), "rho must not be 0"),
        (lambda: survey_error.effective_sample_size(0.1, 1.0), "strictly between 0 and 1$"),
    ],
)
def test_what_has_no_defect_is_refused(measure, words):
    with pytest.raises(ForecastError, match=words):
        measure()
    assert np.isfinite(defect()).all()  # half an interview is one


def electorate(seed, n=200):
    rng = np.random.default_rng(seed)
    vote = (rng.random(n) < 0.4).astype(float)
    vote[:2] = 0, 1
    responded = (rng.random(n) < 0.2 + 0.3 * vote).astype(float)
    responded[:4] = 0, 1, 0, 1
    return vote, responded


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=50)
def test_the_error_of_a_sample_tells_how_answering_and_voting_correlate(seed):
    vote, responded = electorate(seed)
    rho = survey_error.data_defect_correlation(
        [vote[responded == 1].mean()],
        [vote.mean()],
        sample_size=responded.sum(),
        population_size=vote.size,
    )
    assert rho[0] == pytest.approx(np.corrcoef(vote, responded)[0, 1], abs=1e-12)
