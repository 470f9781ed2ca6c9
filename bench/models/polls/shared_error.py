"""An error that all institutes share: what every model of it can do, and the draws they make."""

from __future__ import annotations

from typing import Literal, Protocol

import numpy as np

from bench.core.arrays import FloatArray
from bench.models.log_ratio import softmax

ErrorFrom = Literal["country", "world"]
"""What the size of the error is learned from: votes of the same country, or of every country."""


class SharedError(Protocol):
    """A model of the error that is common to all institutes, for one vote."""

    def draws(
        self,
        share: FloatArray,
        days: float,
        rng: np.random.Generator,
        n: int,
        *,
        institutes: float = 1.0,
        runoff: bool = False,
        sampling: FloatArray | None = None,
    ) -> FloatArray:
        """Draw outcomes given what the polls say.

        Parameters
        ----------
        share : ndarray, shape [C]
            Polled fractions, 0 to 1.
        days : float
            From the fieldwork to the vote.
        rng : numpy.random.Generator
        n : int
            Number of draws S.
        institutes : float
            Effective number of institutes.
        runoff : bool
            Whether the vote is a runoff.
        sampling : ndarray, shape [C, C], optional
            Covariance of the log weights of ``share`` itself.

        Returns
        -------
        ndarray, shape [S, C]
            Rows sum to one.
        """
        ...


def outcome_draws(
    log_share: FloatArray,
    sd: FloatArray,
    size: FloatArray,
    df: float,
    rng: np.random.Generator,
    sampling: FloatArray | None = None,
) -> FloatArray:
    """Draw ``softmax(log_share + e)``, the ``e_i`` independent, one chi-square scaling them all.

    Parameters
    ----------
    log_share : ndarray, shape [C] or [S, C]
        Log weights around which the outcomes lie.
    sd : ndarray, shape [S]
        Size of the error of every draw, standard deviation of the log weight of a candidate of
        size 1.
    size : ndarray, shape [C]
        Variances of the candidates beside one another.
    df : float
        Degrees of freedom of the multivariate t.
    rng : numpy.random.Generator
    sampling : ndarray, shape [C, C], optional
        Covariance of a normal error that comes on top.

    Returns
    -------
    ndarray, shape [S, C]
        Rows sum to one.
    """
    n = len(sd)
    error = sd[:, None] * rng.standard_normal((n, len(size))) * np.sqrt(size)
    error *= np.sqrt(df / rng.chisquare(df, size=(n, 1)))
    if sampling is not None:
        error += normal_draws(sampling, rng, n)
    return softmax(log_share + error)


def normal_draws(covariance: FloatArray, rng: np.random.Generator, n: int) -> FloatArray:
    """Draw [S, C] from a centred normal whose covariance may be singular."""
    value, vector = np.linalg.eigh(covariance)
    root = vector * np.sqrt(np.maximum(value, 0.0))
    return np.asarray(rng.standard_normal((n, len(value))) @ root.T)
