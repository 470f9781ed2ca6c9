"""Regression of column votes on row votes, with residuals that stray as votes do."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from bench.core.arrays import FloatArray
from bench.models.ecological_inference.posterior import (
    RowPosterior,
    RowPrior,
    broad_prior,
    pooled_prior,
    simplex_posterior,
)
from bench.models.log_ratio import contrasts

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
    seen = (residual * (weight / size_of)[:, None]).T @ residual / residual.shape[0]
    half, half_inverse = _symmetric_roots(expected)
    stretch = half_inverse @ seen @ half_inverse
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
    pairs = (row_votes[:, :, None] * row_votes[:, None, :]).reshape(-1, n_rows * n_rows)
    quadratic = (pairs.T @ precision.reshape(-1, size * size)).reshape(n_rows, n_rows, size, size)
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
    few = slice(None, None, max(1, row_votes.shape[0] // _FEW_UNITS))
    everything = slice(None)
    posterior: RowPosterior | None = None
    prior = broad_prior(column_votes.sum(axis=0), row_votes.shape[1])
    for k in range(_BROAD_ROUNDS):
        part = few if k < _BROAD_ROUNDS - 1 else everything
        posterior = _round(row_votes[part], column_votes[part], prior, posterior, degrees)
    assert posterior is not None
    broad = posterior
    for k in range(_POOLED_ROUNDS):
        part = few if k < _POOLED_ROUNDS - 1 else everything
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
        more = normal_equations(row_votes[part], centred, weight)
        quadratic, linear = quadratic + more[0], linear + more[1]
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
