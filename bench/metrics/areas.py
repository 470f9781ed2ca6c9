"""Errors of forecasts by area, areas weighing their votes."""

import numpy as np
from numpy.typing import ArrayLike

from bench.core.arrays import BoolArray, FloatArray
from bench.core.errors import ForecastError
from bench.metrics.arrays import finite, fractions, same_shape
from bench.metrics.registry import metric


@metric(
    "area_absolute_error",
    label="Absolute error over the areas",
    label_fr="Erreur absolue par territoire",
    unit="fraction",
    range=(0, 1),
    direction="lower",
    level="area",
    inputs={"share": "area_share", "outcome": "area_outcome", "votes": "area_votes"},
)
def area_mean_absolute_error(share: ArrayLike, outcome: ArrayLike, votes: ArrayLike) -> FloatArray:
    """Average the absolute errors of each candidate over the areas.

        sum_u v_u |share_uc - outcome_uc| / sum_u v_u

    Unit: fraction of the valid votes. Range: 0 to 1. Lower is better. A right national
    share does not help: errors of opposite sign add up here.

    Parameters
    ----------
    share, outcome : array_like [U, C]
        Fractions of the valid votes of each area.
    votes : array_like [U]
        Valid votes, not below 0. Areas without votes are left out, whatever their shares.

    Raises
    ------
    ForecastError
        If a share is missing or outside 0 to 1 in an area with votes, shapes differ, or
        no area has votes.

    References
    ----------
    Mosteller et al. (1949), as `bench.metrics.shares.signed_error`, within areas.

    Examples
    --------
    >>> area_mean_absolute_error([[0.52], [0.38]], [[0.50], [0.40]], [300, 100]).round(4)
    array([0.02])
    """
    error, weight = _errors(share, outcome, votes)
    return weight @ np.abs(error)


@metric(
    "area_rmse",
    label="Root mean squared error over the areas",
    label_fr="Erreur quadratique par territoire",
    unit="fraction",
    range=(0, 1),
    direction="lower",
    level="area",
    inputs={"share": "area_share", "outcome": "area_outcome", "votes": "area_votes"},
)
def area_root_mean_squared_error(
    share: ArrayLike, outcome: ArrayLike, votes: ArrayLike
) -> FloatArray:
    """Take the root of the weighted mean squared error of each candidate over the areas.

        sqrt(sum_u v_u (share_uc - outcome_uc)^2 / sum_u v_u)

    Unit: fraction of the valid votes. Range: 0 to 1. Lower is better. For one figure of
    all candidates, average the squares of these and take the root.

    Parameters
    ----------
    share, outcome : array_like [U, C]
    votes : array_like [U]
        As `area_mean_absolute_error`.

    Raises
    ------
    ForecastError
        As `area_mean_absolute_error`.

    References
    ----------
    As `area_mean_absolute_error`.

    Examples
    --------
    Errors 0.04 with 300 votes and 0 with 100: sqrt(0.75) * 0.04:

    >>> area_root_mean_squared_error([[0.54], [0.40]], [[0.50], [0.40]], [300, 100]).round(4)
    array([0.0346])
    """
    error, weight = _errors(share, outcome, votes)
    return np.sqrt(weight @ np.square(error))


def transition_error_index(true_votes: ArrayLike, estimated_votes: ArrayLike) -> float:
    """Say which part of the votes an estimated transition matrix puts in the wrong cell.

        EI = 0.5 sum_rk |true_rk - estimated_rk| / sum_rk true_rk

    Published indices are 100 times this. Unit: fraction of the votes. Range: 0 to 1.
    Lower is better.

    Parameters
    ----------
    true_votes, estimated_votes : array_like [R, K]
        Votes per origin and destination, with equal totals.

    Raises
    ------
    ForecastError
        If a value is missing or below 0, shapes differ, or totals differ by more than one in a
        million.

    References
    ----------
    Pavia, J. M., Romero, R. (2024). Improving estimates accuracy of voter transitions: two new
    algorithms for ecological inference based on linear programming. Sociological Methods &
    Research 53(4), doi:10.1177/00491241221092725.

    Examples
    --------
    10 of 100 votes sit in the wrong cell:

    >>> transition_error_index([[50, 0], [0, 50]], [[40, 10], [0, 50]])
    0.1
    """
    true = finite("true_votes", true_votes, ndim=2)
    estimated = finite("estimated_votes", estimated_votes, ndim=2)
    same_shape("true_votes", true, "estimated_votes", estimated)
    total, other = true.sum(), estimated.sum()
    if min(true.min(), estimated.min()) < 0 or total <= 0 or abs(total - other) > 1e-6 * total:
        raise ForecastError(
            f"the matrices hold {total:g} and {other:g} votes (least cell "
            f"{min(true.min(), estimated.min()):g}); totals must agree and cells not be negative"
        )
    return float(0.5 * np.abs(true - estimated).sum() / total)


def _errors(
    share: ArrayLike, outcome: ArrayLike, votes: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    counted, weight = _weights(votes)
    shares = np.asarray(share, dtype=np.float64)
    officials = np.asarray(outcome, dtype=np.float64)
    _one_row_per_area("share", shares, counted)
    _one_row_per_area("outcome", officials, counted)
    forecast = fractions("share", shares[counted], ndim=2)
    official = fractions("outcome", officials[counted], ndim=2)
    same_shape("share", forecast, "outcome", official)
    return forecast - official, weight


def _weights(votes: ArrayLike) -> tuple[BoolArray, FloatArray]:
    count = finite("votes", votes, ndim=1)
    if (count < 0).any() or count.sum() == 0:
        raise ForecastError("votes must not be below 0, and some area needs votes")
    counted = count > 0
    return counted, count[counted] / count.sum()


def _one_row_per_area(name: str, table: FloatArray, counted: BoolArray) -> None:
    if table.ndim != 2 or table.shape[0] != counted.size:
        raise ForecastError(
            f"{name} has shape {table.shape}; {counted.size} areas x candidates are expected"
        )
