"""Regression of column votes on row votes: heavy-tailed residuals, rows on the simplex."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
from scipy.linalg import lapack
from scipy.special import log_ndtr

from bench.core.arrays import FloatArray
from bench.models.log_ratio import contrasts

_MIN_CELL = 1e-6
_MIN_PRIOR_SHARE = 1e-3
_CHUNK = 8192
_FEW_UNITS = 4000
_BROAD_ROUNDS = 4
_POOLED_ROUNDS = 3
_ROUNDS_AGAIN = 2
_MIN_SHARE = 0.003
_OVERDISPERSION = np.geomspace(1e-4, 0.3, 16)
_MAX_UNITS = 1000
_WIDE = 1000  # free cells, from which on a sweep costs a tenth of a second


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
    inverted, failed_too = lapack.dpotri(factor, lower=0)
    if failed or failed_too:  # by rounding; the general inverse bears it
        return np.asarray(np.linalg.inv(matrix))
    below = np.tri(len(inverted), k=-1, dtype=bool)
    inverted[below] = inverted.T[below]
    return np.asarray(inverted)


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
    profile = np.maximum(profile, _MIN_CELL)
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
    min_votes: float = 0.3,
    max_votes: float = 200.0,
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
    is_small = np.ones(profile.shape, dtype=bool)
    is_small[np.arange(profile.shape[0]), profile.argmax(axis=1)] = False
    distance = ((profile - mean) ** 2 + posterior.variance)[is_small].sum()
    votes = (mean * (1 - mean))[is_small].sum() / max(float(distance), 1e-12) - 1
    return RowPrior(mean, float(np.clip(votes, min_votes, max_votes)))


def quasi_independence(
    profile: FloatArray, row_votes: FloatArray, column_votes: FloatArray
) -> FloatArray:
    """Row profiles that keep the largest cell of each row and share out the rest alike."""
    n_rows = profile.shape[0]
    weight = row_votes / row_votes.sum()
    is_small = np.ones(profile.shape)
    is_small[np.arange(n_rows), profile.argmax(axis=1)] = 0.0
    rest = profile * is_small
    missing = rest.sum(axis=1, keepdims=True)
    common = (column_votes + 0.5) / (column_votes + 0.5).sum()
    inflow = weight @ rest + 1e-4
    for _ in range(20):
        open_to = (is_small * common).sum(axis=1, keepdims=True)
        common = inflow / (weight @ (missing * is_small / open_to) + 1e-9)
        common = common / common.sum()
    mean = is_small * common
    mean = profile * (1 - is_small) + mean / mean.sum(axis=1, keepdims=True) * missing
    mean = np.maximum(mean, _MIN_PRIOR_SHARE)
    return np.asarray(mean / mean.sum(axis=1, keepdims=True))


@dataclasses.dataclass(frozen=True)
class Spread:
    """Scale of the residuals y_i - x_i P of each unit, in contrasts.

    The scale matrix of unit i is M [Σ_r x_ir (1 + (x_ir - 1) ρ) (diag p_r - p_r p_r')] M'.

    Attributes
    ----------
    overdispersion : ρ, 0 to 1; 0 is the multinomial, 1 means that a unit votes as one man.
    mixing : M, [K - 1, K - 1]; the identity leaves the Dirichlet-multinomial form alone.
    degrees : degrees of freedom of the multivariate t of the residuals.
    """

    overdispersion: float
    mixing: FloatArray
    degrees: float


def multinomial_blocks(profile: FloatArray) -> FloatArray:
    """diag p_r - p_r p_r' of every row in contrasts, [R, K - 1, K - 1]."""
    share = np.maximum(profile, _MIN_SHARE)
    share = share / share.sum(axis=1, keepdims=True)
    basis = contrasts(profile.shape[1])
    mean = share @ basis
    second = basis.T @ (share[:, :, None] * basis)
    return np.asarray(second - mean[:, :, None] * mean[:, None, :])


def base_scale(row_votes: FloatArray, blocks: FloatArray, overdispersion: float) -> FloatArray:
    """Σ_r x_ir (1 + (x_ir - 1) ρ) C_r for every unit, [U, K - 1, K - 1]."""
    weight = row_votes * (1 + np.maximum(row_votes - 1, 0) * overdispersion)
    flat = weight @ blocks.reshape(blocks.shape[0], -1)
    return flat.reshape(-1, *blocks.shape[1:])


def estimate_spread(
    row_votes: FloatArray,
    residual: FloatArray,
    blocks: FloatArray,
    *,
    degrees: float,
    ridge: float = 0.05,
) -> Spread:
    """Overdispersion by maximum likelihood, then the mixing matrix by matching moments.

    Parameters
    ----------
    row_votes : [U, R].
    residual : [U, K - 1], y_i - x_i P in contrasts.
    blocks : [R, K - 1, K - 1], from `multinomial_blocks`.
    degrees : degrees of freedom of the t distribution.
    ridge : weight of the identity in the matched covariance, 0 to 1.
    """
    step = -(-row_votes.shape[0] // _MAX_UNITS)
    row_votes, residual = row_votes[::step], residual[::step]
    size = residual.shape[1]
    identity = np.eye(size)

    within = base_scale(row_votes, blocks, 0.0) + 1e-9 * identity
    excess = base_scale(row_votes, blocks, 1.0) - within
    root = np.linalg.inv(np.linalg.cholesky(within))
    level, axes = np.linalg.eigh(root @ excess @ root.transpose(0, 2, 1))
    score = np.einsum("ilk,il->ik", axes, (root @ residual[:, :, None])[:, :, 0])
    inflation = 1 + _OVERDISPERSION[:, None, None] * np.maximum(level, 0.0)
    distance = (score**2 / inflation).sum(axis=2)
    fit = 0.5 * np.log(inflation).sum(axis=2)
    fit += 0.5 * (degrees + size) * np.log1p(distance / degrees)
    best = int(np.argmin(fit.sum(axis=1)))
    weight = (degrees + size) / (degrees + distance[best])

    scale = base_scale(row_votes, blocks, float(_OVERDISPERSION[best]))
    typical = scale.mean(axis=0)
    size_of = np.einsum("kl,ilk->i", np.linalg.inv(typical), scale) / size
    expected = (scale / size_of[:, None, None]).mean(axis=0)
    observed = (residual * (weight / size_of)[:, None]).T @ residual / residual.shape[0]
    half, half_inverse = _symmetric_roots(expected)
    stretch = half_inverse @ observed @ half_inverse
    stretch *= size / max(float(np.trace(stretch)), 1e-12)
    stretch = (1 - ridge) * stretch + ridge * identity
    mixing = half @ _symmetric_roots(stretch)[0] @ half_inverse
    return Spread(float(_OVERDISPERSION[best]), mixing, degrees)


def unit_precision(
    row_votes: FloatArray, residual: FloatArray, blocks: FloatArray, spread: Spread
) -> FloatArray:
    """Inverse scale of each unit, times its t weight, [U, K - 1, K - 1]."""
    size = blocks.shape[1]
    back = np.linalg.inv(spread.mixing)
    inner = np.linalg.inv(
        base_scale(row_votes, blocks, spread.overdispersion) + 1e-9 * np.eye(size)
    )
    straight = residual @ back.T
    distance = ((inner @ straight[:, :, None])[:, :, 0] * straight).sum(axis=1)
    weight = (spread.degrees + size) / (spread.degrees + distance)
    return np.asarray((back.T @ inner @ back) * weight[:, None, None])


def _symmetric_roots(matrix: FloatArray) -> tuple[FloatArray, FloatArray]:
    level, axes = np.linalg.eigh(matrix)
    level = np.maximum(level, 1e-12 * level[-1])
    return (axes * np.sqrt(level)) @ axes.T, (axes / np.sqrt(level)) @ axes.T


def normal_equations(
    row_votes: FloatArray, column_votes: FloatArray, precision: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Σ_i x_i x_i' ⊗ W_i and Σ_i x_i ⊗ W_i y_i in contrasts.

    Parameters
    ----------
    row_votes : x, [U, R].
    column_votes : y less the even split of the unit's votes, in contrasts, [U, K - 1].
    precision : W, [U, K - 1, K - 1].
    """
    n_rows, size = row_votes.shape[1], column_votes.shape[1]
    pairs = row_votes[:, :, None] * row_votes[:, None, :]
    quadratic = pairs.reshape(-1, n_rows * n_rows).T @ precision.reshape(-1, size * size)
    quadratic = quadratic.reshape(n_rows, n_rows, size, size)
    weighted = (precision @ column_votes[:, :, None])[:, :, 0]
    flat = quadratic.transpose(0, 2, 1, 3).reshape(n_rows * size, n_rows * size)
    return flat, (row_votes.T @ weighted).ravel()


def regress(
    row_votes: FloatArray, column_votes: FloatArray, *, degrees: float = 20.0
) -> tuple[RowPosterior, RowPosterior]:
    """Posteriors of the row profiles P in y_i = x_i P + e_i with heavy-tailed errors.

    Each round sets the scale of the residuals from the present P and solves for P anew.
    The first rounds hold the prior broad; the later ones pull the cells of a row other
    than its largest towards quasi-independence, as strongly as the table itself suggests.
    The first posterior is that under the broad prior, the second that under the other.
    """
    sample = slice(None, None, max(1, row_votes.shape[0] // _FEW_UNITS))
    everything = slice(None)
    posterior: RowPosterior | None = None
    prior = broad_prior(column_votes.sum(axis=0), row_votes.shape[1])
    for k in range(_BROAD_ROUNDS):
        part = sample if k < _BROAD_ROUNDS - 1 else everything
        posterior = _round(row_votes[part], column_votes[part], prior, posterior, degrees)
    assert posterior is not None
    broad = posterior
    for k in range(_POOLED_ROUNDS):
        part = sample if k < _POOLED_ROUNDS - 1 else everything
        prior = pooled_prior(posterior, row_votes.sum(axis=0), column_votes.sum(axis=0))
        posterior = _round(row_votes[part], column_votes[part], prior, posterior, degrees)
    return broad, posterior


def regress_again(
    row_votes: FloatArray,
    column_votes: FloatArray,
    prior: RowPrior,
    start: RowPosterior,
    *,
    degrees: float = 20.0,
) -> RowPosterior:
    """The posterior under another prior, from one that was found before."""
    posterior = start
    for _ in range(_ROUNDS_AGAIN):
        posterior = _round(row_votes, column_votes, prior, posterior, degrees)
    return posterior


def _round(
    row_votes: FloatArray,
    column_votes: FloatArray,
    prior: RowPrior,
    start: RowPosterior | None,
    degrees: float,
) -> RowPosterior:
    profile = prior.mean if start is None else start.profile
    quadratic, linear = prior.precision(), prior.linear()
    for part, weight, centred in unit_weights(row_votes, column_votes, profile, degrees):
        added = normal_equations(row_votes[part], centred, weight)
        quadratic, linear = quadratic + added[0], linear + added[1]
    sweeps = 8 if start is None else 3
    if len(linear) > _WIDE:
        sweeps = -(-sweeps // 3)  # the rounds go on from there
    return simplex_posterior(quadratic, linear, profile.shape[0], start=start, sweeps=sweeps)


def unit_weights(
    row_votes: FloatArray, column_votes: FloatArray, profile: FloatArray, degrees: float
) -> Iterator[tuple[slice, FloatArray, FloatArray]]:
    """Units, their precision in contrasts and their column votes in contrasts, by chunks."""
    basis = contrasts(profile.shape[1])
    centred = column_votes @ basis
    blocks = multinomial_blocks(profile)
    residual = centred - row_votes @ (profile @ basis)
    spread = estimate_spread(row_votes, residual, blocks, degrees=degrees)
    for start in range(0, row_votes.shape[0], _CHUNK):
        part = slice(start, start + _CHUNK)
        weight = unit_precision(row_votes[part], residual[part], blocks, spread)
        yield part, weight, centred[part]
