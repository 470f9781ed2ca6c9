"""Proportions of categories, estimated as proportions: by hand, against others, simulated."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from bench.core import ForecastError
from bench.core.arrays import FloatArray
from bench.models.category_proportions import (
    bootstrap,
    cells_of,
    proportions,
    random_subsets,
)

K = 8
EVERY = np.array(np.meshgrid(*[[False, True]] * K)).reshape(K, -1).T  # [2^K, K]
TRUTH = np.array([0.15, 0.6, 0.25])
# how often texts of each category hold each word: they overlap, as tweets do
USED = np.array(
    [
        [0.6, 0.5, 0.2, 0.2, 0.1, 0.3, 0.4, 0.1],
        [0.3, 0.2, 0.5, 0.4, 0.2, 0.3, 0.1, 0.3],
        [0.2, 0.2, 0.2, 0.2, 0.3, 0.1, 0.2, 0.3],
    ]
)


def chances(used: FloatArray = USED) -> FloatArray:
    """P(profile | category) [J, W], words independent within a category."""
    return np.array([np.where(EVERY, row, 1 - row).prod(axis=1) for row in used])


def counted(rng: np.random.Generator, labelled: list[int], n: int) -> tuple[FloatArray, FloatArray]:
    given = chances()
    labels = np.array([rng.multinomial(k, row) for k, row in zip(labelled, given, strict=True)])
    return labels.astype(float), rng.multinomial(n, TRUTH @ given).astype(float)


def of(size: int, n: int = 40) -> csr_array:
    return cells_of(EVERY, random_subsets(K, size, n, np.random.default_rng(1)))


def classify_and_count(labels: FloatArray, texts: FloatArray) -> FloatArray:
    """Naive Bayes with the labelled proportions as prior, then counted."""
    use = (labels @ EVERY + 1) / (labels.sum(axis=1, keepdims=True) + 2)
    log = np.log(use) @ EVERY.T + np.log(1 - use) @ ~EVERY.T
    log += np.log(labels.sum(axis=1) / labels.sum())[:, None]
    won = np.bincount(log.argmax(axis=0), weights=texts, minlength=len(labels))
    return np.asarray(won / won.sum())


def most_likely(labels: FloatArray, texts: FloatArray) -> FloatArray:
    """Mixing proportions by EM, the categories' frequencies being those of the labelled."""
    given = labels / labels.sum(axis=1, keepdims=True)
    mixed = np.full(len(labels), 1 / len(labels))
    for _ in range(2000):
        each = mixed[:, None] * given
        total = each.sum(axis=0)
        each = np.divide(each, total, out=np.zeros_like(each), where=total > 0)
        mixed = each @ texts
        mixed = mixed / mixed.sum()
    return mixed


@pytest.mark.parametrize(("labels", "texts"), [([[1.0], [0.0]], [3.0]), ([[1.0], [1.0]], [0.0])])
def test_a_category_without_texts_is_refused(labels: list[list[float]], texts: list[float]) -> None:
    with pytest.raises(ForecastError, match="no labelled text, or there are no unlabelled"):
        proportions(np.array(labels), np.array(texts), csr_array(np.eye(1)))


@pytest.mark.parametrize("positive", [0.25, 0.5, 0.7])
def test_one_word_and_two_categories_are_the_adjusted_count_of_a_test(positive: float) -> None:
    hit, false_alarm = 0.8, 0.2
    labels = 1e12 * np.array([[hit, 1 - hit], [false_alarm, 1 - false_alarm]])
    texts = 1000 * np.array([positive, 1 - positive])
    found = proportions(labels, texts, csr_array(np.eye(2)))
    # Gart & Buck 1966; Forman 2008: (positive - fpr) / (tpr - fpr)
    assert found[0] == pytest.approx((positive - false_alarm) / (hit - false_alarm), abs=1e-6)


def test_known_frequencies_give_the_true_proportions_exactly() -> None:
    for size in (2, 4, K):
        found = proportions(1e12 * chances(), TRUTH @ chances(), of(size))
        np.testing.assert_allclose(found, TRUTH, atol=1e-6)


def test_proportions_come_back_where_classify_and_count_is_biased() -> None:
    rng = np.random.default_rng(2)
    cells = of(6)
    ours, counts, likely = [], [], []
    for _ in range(10):
        # the labelled hold the categories in other proportions than all posts do
        labels, texts = counted(rng, [600, 200, 400], 20_000)
        ours.append(proportions(labels, texts, cells))
        counts.append(classify_and_count(labels, texts))
        likely.append(most_likely(labels, texts))
    bias, counted_bias, likely_bias = (
        np.abs(np.mean(found, axis=0) - TRUTH) for found in (ours, counts, likely)
    )
    assert (bias < 0.03).all()
    assert counted_bias.max() > 0.3  # most posts fall to what was labelled most
    assert likely_bias.max() > 0.1  # profiles that nobody labelled: the noise of A is not removed


def test_intervals_of_the_bootstrap_hold_the_truth() -> None:
    rng = np.random.default_rng(6)
    cells, inside = of(6, 20), []
    for _ in range(25):
        labels, texts = counted(rng, [600, 200, 400], 5000)
        draws = bootstrap(labels, texts, cells, rng, 60)
        low, high = np.quantile(draws, [0.05, 0.95], axis=0)
        inside.append((low <= TRUTH) & (high >= TRUTH))
    assert 0.75 < np.mean(inside) < 0.99
