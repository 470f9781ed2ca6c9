"""Row profiles of a transition table by simpler methods, and by those of installed packages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points

import numpy as np

from bench.core.arrays import FloatArray
from bench.models.ecological_inference.margins import scaled_total


def independence(row_votes: FloatArray, column_votes: FloatArray) -> FloatArray:
    """Every row like the whole, [R, K]."""
    return np.tile(column_votes.sum(axis=0) / column_votes.sum(), (row_votes.shape[1], 1))


def goodman(row_votes: FloatArray, column_votes: FloatArray) -> FloatArray:
    """Row profiles by weighted least squares of column shares on row shares, [R, K].

    Σ_i n_i |y_i/n_i - (x_i/n_i) P|² is least; the shares may leave the range 0 to 1,
    and the rows add up to one by themselves.

    References
    ----------
    Goodman (1953), doi:10.2307/2088121.

    Examples
    --------
    >>> rows, columns = np.array([[8.0, 2.0], [3.0, 7.0]]), np.array([[6.0, 4.0], [6.0, 4.0]])
    >>> goodman(rows, columns).round(3).tolist()
    [[0.6, 0.4], [0.6, 0.4]]
    """
    from sklearn.linear_model import LinearRegression

    size = np.maximum(row_votes.sum(axis=1, keepdims=True), 1e-300)
    model = LinearRegression(fit_intercept=False)
    model.fit(row_votes / size, column_votes / size, sample_weight=size[:, 0])
    return np.asarray(model.coef_.T)


def goodman_within_bounds(row_votes: FloatArray, column_votes: FloatArray) -> FloatArray:
    """`goodman`, with shares outside of 0 to 1 moved to the nearer end."""
    return np.clip(goodman(row_votes, column_votes), 0.0, 1.0)


def simplex_projection(points: FloatArray) -> FloatArray:
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
    last_positive = (descending > excess).sum(axis=1) - 1
    shift = excess[np.arange(len(points)), last_positive][:, None]
    return np.asarray(np.maximum(points - shift, 0.0))


def constrained_least_squares(
    row_votes: FloatArray, column_votes: FloatArray, *, steps: int = 500
) -> FloatArray:
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
    row_votes: FloatArray, column_votes: FloatArray, profile: FloatArray, *, rounds: int = 10
) -> FloatArray:
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
    row_votes: FloatArray, column_votes: FloatArray, *, rounds: int = 200, tolerance: float = 1e-4
) -> FloatArray:
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


def unit_fitted_least_squares(row_votes: FloatArray, column_votes: FloatArray) -> FloatArray:
    """`constrained_least_squares`, refined by `unit_fitted`."""
    start = constrained_least_squares(row_votes, column_votes)
    return unit_fitted(row_votes, column_votes, start)


Profiles = Callable[[FloatArray, FloatArray], FloatArray]
"""From row votes [U, R] and column votes [U, K] to row profiles [R, K]."""

PROFILES: Mapping[str, Profiles] = {
    "independence": independence,
    "goodman": goodman_within_bounds,
    "least_squares": unit_fitted_least_squares,
    "scaling": scaling_em,
}


def installed_methods() -> dict[str, EntryPoint]:
    """Methods that installed packages bring, by name: each loads as a function like `Profiles`."""
    points = entry_points(group="bench.ecological_inference")
    return {point.name: point for point in points if point.name not in PROFILES}
