"""This file holds how far the column votes of a unit may stray from those expected of its rows."""

import dataclasses

import numpy as np

from bench.models.ecological_inference.simplex_posterior import contrasts
from bench.models.ecological_inference.types import Floats

_MIN_SHARE = 0.003
_OVERDISPERSION = np.geomspace(1e-4, 0.3, 16)
_MAX_UNITS = 1000


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
    mixing: Floats
    degrees: float


def multinomial_blocks(profile: Floats) -> Floats:
    """diag p_r - p_r p_r' of every row in contrasts, [R, K - 1, K - 1]."""
    share = np.maximum(profile, _MIN_SHARE)
    share = share / share.sum(axis=1, keepdims=True)
    basis = contrasts(profile.shape[1])
    mean = share @ basis
    second = basis.T @ (share[:, :, None] * basis)
    return np.asarray(second - mean[:, :, None] * mean[:, None, :])


def base_scale(row_votes: Floats, blocks: Floats, overdispersion: float) -> Floats:
    """Σ_r x_ir (1 + (x_ir - 1) ρ) C_r for every unit, [U, K - 1, K - 1]."""
    weight = row_votes * (1 + np.maximum(row_votes - 1, 0) * overdispersion)
    flat = weight @ blocks.reshape(blocks.shape[0], -1)
    return flat.reshape(-1, *blocks.shape[1:])


def estimate_spread(
    row_votes: Floats,
    residual: Floats,
    blocks: Floats,
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


def unit_precision(row_votes: Floats, residual: Floats, blocks: Floats, spread: Spread) -> Floats:
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


def _symmetric_roots(matrix: Floats) -> tuple[Floats, Floats]:
    level, axes = np.linalg.eigh(matrix)
    level = np.maximum(level, 1e-12 * level[-1])
    return (axes * np.sqrt(level)) @ axes.T, (axes / np.sqrt(level)) @ axes.T
