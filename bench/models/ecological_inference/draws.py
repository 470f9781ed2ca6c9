"""Draws of a transition table from the posterior."""

from __future__ import annotations

import numpy as np

from bench.core.arrays import FloatArray
from bench.models.ecological_inference.margins import scale_to_totals, scaled_total
from bench.models.ecological_inference.two_way import (
    LikelihoodSettings,
    Member,
    TwoWayFit,
    expand,
    neighbourhood_table,
)
from bench.models.log_ratio import contrasts, normal_draws

_MIN_DEGREES = 2


def posterior_draws(
    fit: TwoWayFit,
    row_votes: FloatArray,
    column_votes: FloatArray,
    context: FloatArray,
    rng: np.random.Generator,
) -> FloatArray:
    """Tables [S, R, K] in votes from the mixture of the posteriors.

    The members take turns by weight; every draw has its own row profiles and its own
    contextual part, and honours the totals of both margins. The scale of the residuals was
    itself estimated from U units with as many coefficients per column as there are rows: the
    profiles follow the Gaussian of the member, stretched to a multivariate t with U less that
    number of degrees of freedom (at least two; at most `common_degrees` under the prior of common
    odds ratios).

    Parameters
    ----------
    fit : the members.
    row_votes, column_votes : [U, R], [U, K].
    context : contextual part of each draw, [S], 0 to 1.
    rng : source of the draws.

    References
    ----------
    Zellner (1971), An Introduction to Bayesian Inference in Econometrics, ch. 8.
    """
    # Weyl's sequence lets the members take turns in proportion to their weights.
    turn = np.arange(1, len(context) + 1) * ((np.sqrt(5.0) - 1) / 2) % 1.0
    chosen = np.searchsorted(np.cumsum(fit.weights)[:-1], turn, side="right")
    draws = np.empty((len(context), row_votes.shape[1], column_votes.shape[1]))
    for k, member in enumerate(fit.members):
        part = np.flatnonzero(chosen == k)
        if not len(part):
            continue
        explaining, explained = member.sides(row_votes.sum(axis=0), column_votes.sum(axis=0))
        profile = expand(
            _from_posterior(member, len(part), rng, fit.settings, len(row_votes)),
            *member.sides(fit.rows, fit.columns),
        )
        table = scale_to_totals(profile * explaining[:, None], explaining, explained)
        draws[part] = table.transpose(0, 2, 1) if member.turned else table
    # The unit rounds move every draw as they moved the mean.
    fitted = scaled_total(row_votes, column_votes, fit.odds)
    draws *= fitted / np.maximum(fit.mean, 1e-3)
    draws = scale_to_totals(draws, row_votes.sum(axis=0), column_votes.sum(axis=0))
    alike = neighbourhood_table(row_votes, column_votes)
    return np.asarray(draws + context[:, None, None] * (alike - draws))


def _from_posterior(
    member: Member, size: int, rng: np.random.Generator, settings: LikelihoodSettings, n_units: int
) -> FloatArray:
    posterior = member.posterior
    n_rows, n_columns = posterior.profile.shape
    basis = contrasts(n_columns)
    noise = normal_draws(posterior.covariance, rng, size)
    degrees = float(max(n_units - n_rows, _MIN_DEGREES))
    spread, inflation = max(n_units, degrees) / degrees, settings.inflation
    if member.prior is not None:
        degrees, inflation = min(degrees, settings.common_degrees), settings.common_inflation
    noise *= inflation * np.sqrt(spread * degrees / rng.chisquare(degrees, (size, 1)))
    moved = noise.reshape(size, n_rows, n_columns - 1) @ basis.T
    profile = np.maximum(posterior.profile + moved, 0.0)
    return np.asarray(profile / profile.sum(axis=2, keepdims=True))
