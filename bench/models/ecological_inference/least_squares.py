"""This file holds least squares on the simplex, refined by fitting every unit."""

import numpy as np

from bench.models.ecological_inference.margins import scaled_total
from bench.models.ecological_inference.types import Floats


def simplex_projection(points: Floats) -> Floats:
    """The nearest points whose coordinates are not negative and sum to one, row by row.

    References
    ----------
    Held, Wolfe & Crowder (1974), doi:10.1007/BF01580223.

    Examples
    --------
    >>> simplex_projection(np.array([[1.5, 0.5], [0.2, 0.2]])).tolist()
    [[1.0, 0.0], [0.5, 0.5]]
    """
    size = points.shape[1]
    descending = -np.sort(-points, axis=1)
    excess = (np.cumsum(descending, axis=1) - 1) / np.arange(1, size + 1)
    kept = (descending > excess).sum(axis=1) - 1
    shift = excess[np.arange(len(points)), kept][:, None]
    return np.asarray(np.maximum(points - shift, 0.0))


def constrained_least_squares(
    row_votes: Floats, column_votes: Floats, *, steps: int = 500
) -> Floats:
    """Row profiles on the simplex that minimise Σ_i |y_i - x_i P|² / n_i, [R, K].

    Accelerated projected gradient on the cross products of the units.

    References
    ----------
    Beck & Teboulle (2009), doi:10.1137/080716542.
    """
    root = np.sqrt(np.maximum(row_votes.sum(axis=1, keepdims=True), 1e-300))
    x, y = row_votes / root, column_votes / root
    gram, cross = x.T @ x, x.T @ y
    rate = 1 / max(float(np.linalg.eigvalsh(gram)[-1]), 1e-12)
    start = column_votes.sum(axis=0) / column_votes.sum()
    profile = ahead = np.tile(start, (row_votes.shape[1], 1))
    pace = 1.0
    for _ in range(steps):
        new = simplex_projection(ahead - rate * (gram @ ahead - cross))
        new_pace = (1 + np.sqrt(1 + 4 * pace * pace)) / 2
        ahead = new + (pace - 1) / new_pace * (new - profile)
        moved = float(np.abs(new - profile).max())
        profile, pace = new, new_pace
        if moved < 1e-9:
            break
    return profile


def unit_fitted(
    row_votes: Floats, column_votes: Floats, profile: Floats, *, rounds: int = 10
) -> Floats:
    """Row profiles after `rounds` of scaling every unit to its margins and summing up.

    References
    ----------
    Pavía & Romero (2022), doi:10.1177/00491241221092725 (iterating over unit tables).
    """
    total = np.maximum(row_votes.sum(axis=0), 1e-300)[:, None]
    for _ in range(rounds):
        positive = np.maximum(profile, 1e-6)
        profile = scaled_total(row_votes, column_votes, positive, sweeps=3) / total
    return profile


def scaling_em(
    row_votes: Floats, column_votes: Floats, *, rounds: int = 200, tolerance: float = 1e-4
) -> Floats:
    """Row profiles from which the unit tables stray least, as Kullback and Leibler measure it.

    min Σ_i Σ_rc N_irc log(N_irc / x_ir P_rc) over P and all unit tables N_i that honour
    their margins; one half-sweep over the units for each renewal of P.
    """
    start = column_votes.sum(axis=0) / column_votes.sum()
    profile = np.tile(start, (row_votes.shape[1], 1))
    total = np.maximum(row_votes.sum(axis=0), 1e-300)[:, None]
    factor = np.ones(column_votes.shape)
    for _ in range(rounds):
        row_factor = row_votes / np.maximum(factor @ profile.T, 1e-300)
        factor = column_votes / np.maximum(row_factor @ profile, 1e-300)
        new = profile * (row_factor.T @ factor) / total
        new /= np.maximum(new.sum(axis=1, keepdims=True), 1e-300)
        moved = float(np.abs(new - profile).max())
        profile = new
        if moved < tolerance:
            break
    return profile
