"""Proportions of categories in many texts, estimated as proportions and never text by text."""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls
from scipy.sparse import csr_array

from bench.core.arrays import BoolArray, FloatArray, IntArray
from bench.core.errors import ForecastError

SUM_WEIGHT = 1e3
"""Weight of the condition that proportions sum to 1, beside the largest of the equations."""

TINY = 1e-6
"""Smallest eigenvalue of the normal equations that is used, as a part of the largest."""

MANY = 1e12
"""Labelled texts of which the frequencies count as known."""


def proportions(labelled: FloatArray, unlabelled: FloatArray, cells: csr_array) -> FloatArray:
    """Proportions of the categories among unlabelled texts, from profiles of words.

    With P(S) how often each profile of words occurs and D the categories,
    ``P(S) = sum_j P(S | D = j) P(D = j)``, or s = A p. A comes from texts that people labelled,
    s from all others, and p is what least squares with ``p >= 0`` and ``sum p = 1`` finds: no
    text is classified, and the labelled need not hold the categories as often as the others do.
    Whole profiles are rare, so the squares are summed over random subsets of the words; one subset
    of all words uses them whole. A is known from few texts, and its sampling noise would pull p
    towards equal parts: what it adds to A'A on average is subtracted,
    ``A'A - diag(sum_s a_sj (1 - a_sj) / (n_j - 1))`` for n_j labelled texts of category j.

    Parameters
    ----------
    labelled : numpy.ndarray [J, W]
        Texts by category and profile, counts of at least 0; every category has one.
    unlabelled : numpy.ndarray [W]
        Texts by profile.
    cells : sparse array [M, W]
        What becomes of the profiles in every subset of the words, from :func:`cells_of`.

    Returns
    -------
    numpy.ndarray [J]
        At least 0, summing to 1.

    Raises
    ------
    ForecastError
        If a category has no labelled text, or there is no unlabelled one.

    References
    ----------
    Hopkins, D. J. & King, G. (2010). A method of automated nonparametric content analysis for
    social science. doi:10.1111/j.1540-5907.2009.00428.x. All words at once: Ceron, A., Curini, L. &
    Iacus, S. M. (2016). iSA: a fast, scalable and accurate algorithm for sentiment analysis of
    social media content. doi:10.1016/j.ins.2016.05.052. Noise subtracted from normal equations:
    Fuller, W. A. (1987). Measurement Error Models. doi:10.1002/9780470316665.

    Examples
    --------
    A word in four of five texts of one category, in one of five of the other, and in half of all
    texts: the two are alike in number, (.5 - .2) / (.8 - .2).

    >>> cells = cells_of(np.array([[True], [False]]), np.array([[0]]))
    >>> labelled = np.array([[400.0, 100.0], [100.0, 400.0]])
    >>> proportions(labelled, np.array([50.0, 50.0]), cells).round(6).tolist()
    [0.5, 0.5]
    """
    n = labelled.sum(axis=1)
    if (n <= 0).any() or unlabelled.sum() <= 0:
        raise ForecastError(
            "a category has no labelled text, or there are no unlabelled ones; label some texts of "
            "every category, or leave the category out"
        )
    by_category = cells @ (labelled / n[:, None]).T
    noise = (by_category * (1 - by_category)).sum(axis=0) / np.maximum(n - 1, 1)
    overall = cells @ (unlabelled / unlabelled.sum())
    return _on_simplex(by_category.T @ by_category - np.diag(noise), by_category.T @ overall)


def bootstrap(
    labelled: FloatArray, unlabelled: FloatArray, cells: csr_array, rng: np.random.Generator, n: int
) -> FloatArray:
    """Draws [n, J] of the proportions: how far samples of these texts lie from the texts.

    Both samples are drawn anew, text by text; the way from what the texts give without any noise
    to what their sample gives is gone from :func:`proportions`, and what is below 0 is cut.

    Parameters
    ----------
    labelled, unlabelled, cells
        As of :func:`proportions`.
    rng : numpy.random.Generator
    n : int
        Number of draws.
    """
    centre = proportions(labelled, unlabelled, cells)
    frequencies = labelled / labelled.sum(axis=1, keepdims=True)
    noiseless = proportions(frequencies * MANY, unlabelled, cells)
    draws = []
    for _ in range(n):
        sample = proportions(resampled(labelled, rng), resampled(unlabelled, rng), cells)
        draws.append(centre + sample - noiseless)
    cut = np.maximum(draws, 0.0)
    return np.asarray(cut / cut.sum(axis=1, keepdims=True))


def random_subsets(n_words: int, size: int, n: int, rng: np.random.Generator) -> IntArray:
    """Random subsets [n, size] of the words; the whole list once where `size` is not smaller.

    Parameters
    ----------
    n_words, size, n : int
        Words in all, in a subset, and how many subsets.
    rng : numpy.random.Generator
    """
    if size >= n_words:
        return np.arange(n_words)[None]
    return np.argsort(rng.random((n, n_words)), axis=1, kind="stable")[:, :size]


def cells_of(words: BoolArray, subsets: IntArray) -> csr_array:
    """Which profiles [W] fall together in every subset of the words: ones, a row for each cell.

    Parameters
    ----------
    words : numpy.ndarray [W, K]
        Which words each profile holds.
    subsets : numpy.ndarray [B, n]
        Columns of `words`, from :func:`random_subsets`.

    Examples
    --------
    >>> words = np.array([[True, True], [True, False], [False, False]])
    >>> cells_of(words, np.array([[0], [1]])).toarray().tolist()
    [[0.0, 0.0, 1.0], [1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [1.0, 0.0, 0.0]]
    """
    rows, count = [], 0
    for subset in subsets:
        cell = np.unique(words[:, subset], axis=0, return_inverse=True)[1].ravel()
        rows.append(cell + count)
        count += int(cell.max()) + 1
    place = np.tile(np.arange(len(words)), len(subsets))
    indicator = np.ones(len(place))
    return csr_array((indicator, (np.concatenate(rows), place)), shape=(count, len(words)))


def resampled(counts: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Counts [..., W] of a bootstrap sample: as many texts, drawn with the frequencies observed."""
    rows = np.atleast_2d(counts)
    drawn = [rng.multinomial(round(float(row.sum())), row / row.sum()) for row in rows]
    return np.asarray(drawn, dtype=float).reshape(counts.shape)


def _on_simplex(matrix: FloatArray, vector: FloatArray) -> FloatArray:
    """The p of ``p >= 0`` and ``sum p = 1`` with the least ``p' M p - 2 v' p``."""
    value, axes = np.linalg.eigh(matrix)
    # M has no negative eigenvalue but by rounding; with M = R'R the least squares of R p - R'^-1 v
    root = np.sqrt(np.maximum(value, value.max() * TINY))
    weight = SUM_WEIGHT * root.max()
    equations = np.vstack([root[:, None] * axes.T, np.full(len(vector), weight)])
    solution, _ = nnls(equations, np.append(axes.T @ vector / root, weight))
    return np.asarray(solution / solution.sum())
