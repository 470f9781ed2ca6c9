"""Choices by cell: the mode and the spread against other packages, and what pooling is for."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.core import ForecastError
from bench.models.multilevel import fit_choices


def made_up(
    rng: np.random.Generator, n_groups: int, n_candidates: int, people: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Truth [R, C] with effects of standard deviation 0.8, and a sample of it."""
    eta = rng.normal(size=n_candidates) + 0.8 * rng.normal(size=(n_groups, n_candidates))
    truth = np.exp(eta) / np.exp(eta).sum(axis=1, keepdims=True)
    return truth, rng.multinomial(people, truth).astype(float)


def test_counts_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ForecastError, match="numbers of at least 0"):
        fit_choices(np.array([[1.0, np.nan]]), {"sex": np.array([0])})
    with pytest.raises(ForecastError, match="some above"):
        fit_choices(np.zeros((2, 2)), {"sex": np.array([0, 1])})


def test_the_mode_is_that_of_the_penalised_logit_of_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(1)
    _, counts = made_up(rng, 8, 3, np.array([400, 300, 80, 40, 20, 10, 5, 3]))
    found = fit_choices(counts, {"past_vote": np.arange(8)})
    sd = found.sd["past_vote"]
    rows, choice = np.divmod(np.arange(24), 3)
    theirs = LogisticRegression(C=sd**2, tol=1e-8, max_iter=2000)
    theirs.fit(np.eye(8)[rows], choice, sample_weight=counts.ravel())
    # their intercepts are free, ours nearly
    np.testing.assert_allclose(found.share, theirs.predict_proba(np.eye(8)), atol=2e-3)


def test_the_spread_of_the_groups_is_that_of_statsmodels() -> None:
    from statsmodels.genmod.bayes_mixed_glm import BinomialBayesMixedGLM

    rng = np.random.default_rng(2)
    _, counts = made_up(rng, 25, 2, np.full(25, 60))
    rows = np.repeat(np.arange(25), counts.sum(axis=1).astype(int))
    chose = np.concatenate([np.repeat([1.0, 0.0], one.astype(int)) for one in counts])
    model = BinomialBayesMixedGLM(
        chose, np.ones((len(rows), 1)), np.eye(25)[rows], np.zeros(25, dtype=int), vcp_p=2.0
    )
    theirs = float(np.exp(model.fit_map().vcp_mean[0]))
    # of two candidates the log odds are the difference of two effects
    ours = np.sqrt(2) * fit_choices(counts, {"past_vote": np.arange(25)}).sd["past_vote"]
    assert ours == pytest.approx(theirs, rel=0.15)


def test_small_cells_gain_from_pooling_and_weighting_removes_the_selection() -> None:
    """An opt-in sample whose groups come by chances from 1 to 50: its truth by group is known."""
    rng = np.random.default_rng(3)
    people = np.array([2000, 800, 300, 100, 40, 20, 12, 8, 6, 4])
    electorate = np.full(10, 0.1)
    errors, biases, plain = [], [], []
    for _ in range(40):
        truth, counts = made_up(rng, 10, 3, people)
        pooled = fit_choices(counts, {"past_vote": np.arange(10)}).share
        raw = counts / counts.sum(axis=1, keepdims=True)
        errors.append([np.abs(one - truth)[4:].mean() for one in (pooled, raw)])
        whole = electorate @ truth
        biases.append(electorate @ pooled - whole)
        plain.append(np.abs(counts.sum(axis=0) / counts.sum() - whole).mean())
    by_pooling, alone = np.mean(errors, axis=0)
    assert by_pooling < 0.85 * alone
    assert np.abs(np.mean(biases, axis=0)).max() < 0.01  # no candidate is favoured
    assert np.abs(biases).mean() < 0.5 * np.mean(plain)


def test_the_draws_hold_the_truth_of_the_cells_as_often_as_they_say() -> None:
    rng = np.random.default_rng(4)
    held = []
    for _ in range(25):
        truth, counts = made_up(rng, 8, 3, np.array([200, 100, 50, 30, 20, 10, 6, 4]))
        draws = fit_choices(counts, {"past_vote": np.arange(8)}).draws(rng, 400)
        low, high = np.quantile(draws, [0.05, 0.95], axis=0)
        held.append(((truth >= low) & (truth <= high)).mean())
    assert 0.82 < np.mean(held) < 0.96
