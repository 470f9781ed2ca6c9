"""Gaussian prior and posterior of the rows of a transition table, cut off at the simplex."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.linalg import lapack
from scipy.special import log_ndtr

from bench.core.arrays import FloatArray
from bench.models.log_ratio import contrasts

_LEAST_SHARE = 1e-6
_LEAST_PRIOR_SHARE = 1e-3


@dataclasses.dataclass(frozen=True)
class RowPosterior:
    """Moments of the row profiles of a table under the constraint that no share is negative.

    Attributes
    ----------
    profile : [R, K], shares of each row's votes, rows sum to one.
    covariance : [R * (K - 1), R * (K - 1)], of the contrasts `z`, where a row is 1 / K + H z.
    precision, shift : the two natural parameters of the sites, [R * K] each.
    """

    profile: FloatArray
    covariance: FloatArray
    precision: FloatArray
    shift: FloatArray

    @property
    def variance(self) -> FloatArray:
        """Variance of every cell of `profile`, [R, K]."""
        return _cell_variance(self.covariance, *self.profile.shape)


def _cell_variance(covariance: FloatArray, n_rows: int, n_columns: int) -> FloatArray:
    """Variance of every cell [R, K] from the covariance of the contrasts."""
    basis, rows = contrasts(n_columns), np.arange(n_rows)
    own = covariance.reshape(n_rows, n_columns - 1, n_rows, n_columns - 1)[rows, :, rows, :]
    return np.asarray(((basis @ own) * basis).sum(axis=2))


def truncated_moments(mean: FloatArray, sd: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and variance of normal variables that are known to be positive.

    Examples
    --------
    >>> mean, variance = truncated_moments(np.array([0.0]), np.array([1.0]))
    >>> round(float(mean[0]), 4), round(float(variance[0]), 4)
    (0.7979, 0.3634)
    """
    a = mean / sd
    hazard = np.exp(-0.5 * a * a - 0.5 * np.log(2 * np.pi) - log_ndtr(a))
    return mean + sd * hazard, sd * sd * np.maximum(1 - hazard * (hazard + a), 1e-6)


def inverse(matrix: FloatArray) -> FloatArray:
    """Inverse of a symmetric, positive definite matrix by Cholesky, at half the usual cost.

    Examples
    --------
    >>> inverse(np.array([[2.0, 1.0], [1.0, 1.0]])).round(6).tolist()
    [[1.0, -1.0], [-1.0, 2.0]]
    """
    factor, failed = lapack.dpotrf(matrix, lower=0, clean=0)
    found, failed_too = lapack.dpotri(factor, lower=0)
    if failed or failed_too:  # by rounding; the general inverse bears it
        return np.asarray(np.linalg.inv(matrix))
    below = np.tri(len(found), k=-1, dtype=bool)
    found[below] = found.T[below]
    return np.asarray(found)


def simplex_posterior(
    precision: FloatArray,
    linear: FloatArray,
    n_rows: int,
    *,
    start: RowPosterior | None = None,
    sweeps: int = 8,
    damping: float = 0.8,
) -> RowPosterior:
    """Moments of a Gaussian over R row profiles that is cut off where a share is negative.

    The density is proportional to exp(-z'Λz/2 + h'z) times the indicator that all
    shares 1/K + H z are positive; expectation propagation replaces each indicator by a
    Gaussian site whose moments match.

    Parameters
    ----------
    precision : Λ, [R * (K - 1), R * (K - 1)], symmetric and positive definite.
    linear : h, [R * (K - 1)].
    n_rows : R.
    start : the answer to a similar problem, whose sites are taken over.
    sweeps : how often all sites are renewed.
    damping : the part of the way each renewal goes, 0 to 1.

    References
    ----------
    Minka (2001), Expectation propagation for approximate Bayesian inference, UAI.
    Cunningham, Hennig & Lacoste-Julien (2011), doi:10.48550/arXiv.1111.6832.
    """
    size = linear.shape[0] // n_rows
    n_columns = size + 1
    basis = contrasts(n_columns)
    blocks = np.arange(n_rows)
    tau = np.zeros(n_rows * n_columns) if start is None else start.precision
    nu = np.zeros(n_rows * n_columns) if start is None else start.shift

    def solve(tau: FloatArray, nu: FloatArray) -> tuple[FloatArray, FloatArray]:
        full = precision.copy().reshape(n_rows, size, n_rows, size)
        full[blocks, :, blocks, :] += basis.T @ (tau.reshape(n_rows, n_columns, 1) * basis)
        covariance = inverse(full.reshape(n_rows * size, -1))
        pull = (nu - tau / n_columns).reshape(n_rows, n_columns) @ basis
        return covariance @ (linear + pull.ravel()), covariance

    for _ in range(sweeps):
        z, covariance = solve(tau, nu)
        mean = (1.0 / n_columns + z.reshape(n_rows, size) @ basis.T).ravel()
        variance = _cell_variance(covariance, n_rows, n_columns).ravel()
        cavity_variance = variance / np.maximum(1 - tau * variance, 1e-3)
        cavity_mean = cavity_variance * (mean / variance - nu)
        cut_mean, cut_variance = truncated_moments(cavity_mean, np.sqrt(cavity_variance))
        new_tau = np.maximum(1 / cut_variance - 1 / cavity_variance, 1e-9)
        new_nu = cut_mean / cut_variance - cavity_mean / cavity_variance
        tau = tau + damping * (new_tau - tau)
        nu = nu + damping * (new_nu - nu)

    z, covariance = solve(tau, nu)
    profile = 1.0 / n_columns + z.reshape(n_rows, size) @ basis.T
    profile = np.maximum(profile, _LEAST_SHARE)
    profile /= profile.sum(axis=1, keepdims=True)
    return RowPosterior(profile=profile, covariance=covariance, precision=tau, shift=nu)


@dataclasses.dataclass(frozen=True)
class RowPrior:
    """Gaussian prior of row profiles with the first two moments of a Dirichlet.

    Attributes
    ----------
    mean : [R, K], rows sum to one.
    votes : how many votes the prior is worth, per row; the variance of a cell is
        mean (1 - mean) / (1 + votes).
    """

    mean: FloatArray
    votes: float

    def blocks(self) -> FloatArray:
        """Inverse covariance of each row in contrasts, [R, K - 1, K - 1]."""
        basis = contrasts(self.mean.shape[1])
        # (diag p - p p')^-1 on the contrasts is H' diag(1 / p) H.
        inverse = basis.T @ (basis / self.mean[:, :, None])
        return np.asarray(inverse * (1 + self.votes))

    def precision(self) -> FloatArray:
        n_rows, n_columns = self.mean.shape
        size = n_columns - 1
        full = np.zeros((n_rows, size, n_rows, size))
        rows = np.arange(n_rows)
        full[rows, :, rows, :] = self.blocks()
        return full.reshape(n_rows * size, n_rows * size)

    def linear(self) -> FloatArray:
        mean = self.mean @ contrasts(self.mean.shape[1])
        return np.asarray(np.einsum("rkl,rl->rk", self.blocks(), mean).ravel())


def broad_prior(column_votes: FloatArray, n_rows: int, votes: float = 0.3) -> RowPrior:
    """Every row like the whole, worth `votes` votes."""
    total = column_votes + 0.5
    return RowPrior(np.tile(total / total.sum(), (n_rows, 1)), votes)


def pooled_prior(
    posterior: RowPosterior,
    row_votes: FloatArray,
    column_votes: FloatArray,
    *,
    least: float = 0.3,
    most: float = 200.0,
) -> RowPrior:
    """Quasi-independence: who leaves the largest cell of a row goes where the others go.

    The votes that the prior is worth are one less than the ratio of p (1 - p) to the
    expected squared distance of the cells from it (empirical Bayes).

    References
    ----------
    Goodman (1968), doi:10.1080/01621459.1968.11009335 (quasi-independence).
    """
    profile = posterior.profile
    mean = quasi_independence(profile, row_votes, column_votes)
    others = np.ones(profile.shape, dtype=bool)
    others[np.arange(profile.shape[0]), profile.argmax(axis=1)] = False
    distance = ((profile - mean) ** 2 + posterior.variance)[others].sum()
    votes = (mean * (1 - mean))[others].sum() / max(float(distance), 1e-12) - 1
    return RowPrior(mean, float(np.clip(votes, least, most)))


def quasi_independence(
    profile: FloatArray, row_votes: FloatArray, column_votes: FloatArray
) -> FloatArray:
    """Row profiles that keep the largest cell of each row and share out the rest alike."""
    n_rows = profile.shape[0]
    weight = row_votes / row_votes.sum()
    others = np.ones(profile.shape)
    others[np.arange(n_rows), profile.argmax(axis=1)] = 0.0
    rest = profile * others
    missing = rest.sum(axis=1, keepdims=True)
    common = (column_votes + 0.5) / (column_votes + 0.5).sum()
    given = weight @ rest + 1e-4
    for _ in range(20):
        open_to = (others * common).sum(axis=1, keepdims=True)
        common = given / (weight @ (missing * others / open_to) + 1e-9)
        common = common / common.sum()
    mean = others * common
    mean = profile * (1 - others) + mean / mean.sum(axis=1, keepdims=True) * missing
    mean = np.maximum(mean, _LEAST_PRIOR_SHARE)
    return np.asarray(mean / mean.sum(axis=1, keepdims=True))
