"""Who stands: a chance from the samples that test somebody, and weights of ballots that have it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.special import expit, logit, logsumexp, softmax

from bench.core.arrays import FloatArray

COUNTING = np.array([0.0, 1.0, 0.0])
"""Level, slope, and change of the slope in 100 days, with which a chance is the part of samples."""

TIGHTNESS = 0.01
"""Of the margins of `tilted`: a factor of e is worth missing a chance by this much."""


def fit_standing(people: pd.DataFrame) -> FloatArray:
    """Learn who stands, of earlier seasons in which some did not.

        logit P = a + (b + c days / 100) logit((n p + 1/2) / (n + 1))

    `a`, `b`, `c` have normal priors around `COUNTING` (a ridge), with a standard deviation of 1
    each, which was chosen before anything was fitted. Moments of one season are nearly
    the same, so a person counts once a season, however many moments there are.

    Parameters
    ----------
    people : pandas.DataFrame
        A row per season, moment and person: season, candidate, part (p, of the samples, 0 to 1),
        n_samples (n), days (to the vote), stood.

    Returns
    -------
    array [3]
        a, b, c.

    Examples
    --------
    >>> ash = {"season": "s", "candidate": "ash", "n_samples": 9, "days": 0, "part": 1}
    >>> fit_standing(pd.DataFrame([ash | {"stood": True}, ash | {"stood": True}])).round(2)
    array([0.04, 1.11, 0.  ])
    """
    terms = _terms(people["part"], people["n_samples"], people["days"])  # [N, 3]
    stood = people["stood"].to_numpy(dtype=float)
    moments = people.groupby(["season", "candidate"])["stood"].transform("size").to_numpy()

    def loss(coefficients: FloatArray) -> tuple[float, FloatArray]:
        odds = terms @ coefficients
        distance = coefficients - COUNTING
        surprise = ((np.logaddexp(0, odds) - stood * odds) / moments).sum()
        slope = terms.T @ ((expit(odds) - stood) / moments) + distance
        return surprise + distance @ distance / 2, slope

    return np.asarray(minimize(loss, COUNTING, jac=True).x)


def chance_of_standing(
    coefficients: ArrayLike, part: ArrayLike, n_samples: float, days: float
) -> FloatArray:
    """The chances that follow from `fit_standing`.

    Parameters
    ----------
    coefficients : array_like [3]
    part : array_like [C]
        Of the samples that test each person, 0 to 1.
    n_samples, days : float
        How many samples there are, and days to the vote.

    Examples
    --------
    >>> chance_of_standing(COUNTING, [0.5, 1], n_samples=9, days=100).round(2)
    array([0.5 , 0.95])
    """
    return np.asarray(expit(_terms(part, n_samples, days) @ np.asarray(coefficients)))


def _terms(part: ArrayLike, n_samples: ArrayLike, days: ArrayLike) -> FloatArray:
    """What the coefficients multiply [C, 3]."""
    size = np.asarray(n_samples, dtype=float)
    tested = logit((size * np.asarray(part, dtype=float) + 0.5) / (size + 1))
    return np.column_stack([np.ones_like(tested), tested, tested * np.asarray(days) / 100])


def tilted(weights: ArrayLike, is_listed: ArrayLike, chances: ArrayLike) -> FloatArray:
    """Weights of ballots, changed as little as the chances of standing of their people ask.

        w_s ~ v_s exp(sum of f_c over c on s),  minimising
        log(sum of w) - sum of f_c P_c + TIGHTNESS sum of f_c^2 / 2

    Of all weights with these margins, these are the nearest to `v` by relative entropy. Where no
    weights have them (somebody is on every ballot), the margins come as near as the ballots allow.

    Parameters
    ----------
    weights : array_like [L]
        v, of the ballots; above 0.
    is_listed : array_like of bool [L, C]
        Who is on which ballot.
    chances : array_like [C]
        P, 0 to 1.

    References
    ----------
    Csiszár, I. (1975). I-divergence geometry of probability distributions and minimization
    problems. Annals of Probability 3(1), 146-158, doi:10.1214/aop/1176996454.

    Examples
    --------
    Ash is on both ballots and so stands, whatever the chance; birch is on the first alone:

    >>> tilted([0.5, 0.5], [[True, True], [True, False]], [0.9, 0.2]).round(2)
    array([0.21, 0.79])
    """
    ballots, target = np.asarray(is_listed, dtype=float), np.asarray(chances, dtype=float)
    start = np.log(weights)

    def loss(factors: FloatArray) -> tuple[float, FloatArray]:
        heights = start + ballots @ factors
        value = logsumexp(heights) - factors @ target + TIGHTNESS * factors @ factors / 2
        return value, softmax(heights) @ ballots - target + TIGHTNESS * factors

    return np.asarray(softmax(start + ballots @ minimize(loss, 0 * target, jac=True).x))
