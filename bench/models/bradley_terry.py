"""Strengths of candidates from duels: the Bradley–Terry model."""

from __future__ import annotations

import numpy as np

from bench.core.arrays import FloatArray
from bench.core.errors import Abstain


def strengths(wins: FloatArray) -> FloatArray:
    """Maximum likelihood strengths of who beats whom, on the log scale.

        P(a beats b) = exp(s_a) / (exp(s_a) + exp(s_b)),    sum_c s_c = 0

    A logistic regression of scikit-learn without intercept or penalty, whose row for the pair
    (a, b) has 1 for a and -1 for b (Bradley and Terry 1952, doi:10.2307/2334029; Agresti 2002,
    section 10.6).

    Parameters
    ----------
    wins : numpy.ndarray [C, C]
        How often the candidate of the row beat that of the column, at least 0; the diagonal is not
        read. Pairs that never met may have 0 both ways.

    Returns
    -------
    numpy.ndarray [C]
        In log odds.

    Raises
    ------
    Abstain
        If the candidates fall into two groups of which none of one ever beat one of the other:
        no finite strengths are likeliest (Ford 1957, doi:10.2307/2308513).

    Examples
    --------
    >>> found = strengths(np.array([[0.0, 3.0], [1.0, 0.0]]))
    >>> bool(np.isclose(found[0] - found[1], np.log(3)))
    True
    """
    from scipy.sparse.csgraph import connected_components
    from sklearn.linear_model import LogisticRegression

    first, second = np.triu_indices(len(wins), 1)
    if connected_components(wins > 0, directed=True, connection="strong")[0] > 1:
        raise Abstain("some candidates won, or lost, all duels with the others: no finite strength")
    pairs = np.zeros((len(first), len(wins)))
    pairs[np.arange(len(first)), first] = 1.0
    pairs[np.arange(len(first)), second] = -1.0
    counts = np.concatenate([wins[first, second], wins[second, first]])
    met = counts > 0
    is_won = np.repeat([True, False], len(first))
    model = LogisticRegression(C=np.inf, fit_intercept=False, solver="newton-cholesky", tol=1e-8)
    # the last candidate is the reference: only differences of strengths are known
    both_ways = np.tile(pairs[:, :-1], (2, 1))
    model.fit(both_ways[met], is_won[met], sample_weight=counts[met])
    log_odds = np.append(model.coef_[0], 0.0)
    return np.asarray(log_odds - log_odds.mean())
