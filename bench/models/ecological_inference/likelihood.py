"""This file holds the regression of column votes on row votes in both directions."""

import dataclasses
from collections.abc import Iterator

from bench.models.ecological_inference.covariance import (
    estimate_spread,
    multinomial_blocks,
    unit_precision,
)
from bench.models.ecological_inference.prior import RowPrior, broad_prior, pooled_prior
from bench.models.ecological_inference.simplex_posterior import (
    RowPosterior,
    contrasts,
    simplex_posterior,
)
from bench.models.ecological_inference.types import Floats

_CHUNK = 8192
_FEW_UNITS = 4000
_BROAD_ROUNDS = 4
_POOLED_ROUNDS = 3


@dataclasses.dataclass(frozen=True)
class Regression:
    """Two posteriors of the row profiles of a table, which differ by their prior alone."""

    broad: RowPosterior
    pooled: RowPosterior


def normal_equations(
    row_votes: Floats, column_votes: Floats, precision: Floats
) -> tuple[Floats, Floats]:
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
    row_votes: Floats,
    column_votes: Floats,
    *,
    degrees: float = 20.0,
    prior: RowPrior | None = None,
) -> Regression:
    """Posterior of the row profiles P in y_i = x_i P + e_i with heavy-tailed errors.

    Each round sets the scale of the residuals from the present P and solves for P anew.
    The first rounds hold the prior broad; the later ones pull the cells of a row other
    than its largest towards quasi-independence, as strongly as the table itself suggests.
    """
    few = slice(None, None, max(1, row_votes.shape[0] // _FEW_UNITS))
    everything = slice(None)
    own = prior is None
    if prior is None:
        prior = broad_prior(column_votes.sum(axis=0), row_votes.shape[1])
    posterior: RowPosterior | None = None
    for k in range(_BROAD_ROUNDS):
        part = few if k < _BROAD_ROUNDS - 1 else everything
        posterior = _round(row_votes[part], column_votes[part], prior, posterior, degrees)
    assert posterior is not None
    if not own:
        return Regression(broad=posterior, pooled=posterior)

    broad = posterior
    for k in range(_POOLED_ROUNDS):
        part = few if k < _POOLED_ROUNDS - 1 else everything
        prior = pooled_prior(posterior, row_votes.sum(axis=0), column_votes.sum(axis=0))
        posterior = _round(row_votes[part], column_votes[part], prior, posterior, degrees)
    return Regression(broad=broad, pooled=posterior)


def _round(
    row_votes: Floats,
    column_votes: Floats,
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
    return simplex_posterior(quadratic, linear, profile.shape[0], start=start, sweeps=sweeps)


def unit_weights(
    row_votes: Floats, column_votes: Floats, profile: Floats, degrees: float
) -> Iterator[tuple[slice, Floats, Floats]]:
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
