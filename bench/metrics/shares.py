"""Errors of point forecasts of shares, of the whole country and by area."""

import numpy as np
from numpy.typing import ArrayLike

from bench.core.arrays import BoolArray, FloatArray
from bench.core.errors import ForecastError
from bench.metrics.arrays import (
    PerBallot,
    finite,
    fractions,
    per_ballot,
    positive,
    same_shape,
    share_and_outcome,
)
from bench.metrics.registry import metric


@metric(
    "signed_error",
    label="Signed error",
    label_fr="Erreur signée",
    unit="fraction",
    range=(-1, 1),
    direction="zero",
    level="candidate",
    each_area=True,
)
def signed_error(share: ArrayLike, outcome: ArrayLike) -> FloatArray:
    """Say by how much each candidate was overstated.

        e_c = share_c - outcome_c

    Unit: fraction of the valid votes. Range: -1 to 1. Best: 0; above 0 overstates the candidate.

    Parameters
    ----------
    share, outcome : array_like [..., C]
        Fractions of the valid votes, 0 to 1, in one order of candidates.

    Raises
    ------
    ForecastError
        If a value is missing or outside 0 to 1, or the lengths differ.

    References
    ----------
    Mosteller, F. et al. (1949). The Pre-election Polls of 1948. Social Science Research
    Council, Bulletin 60 (no DOI), whose measures this and the next ones are.

    Examples
    --------
    >>> signed_error([0.26, 0.21], [0.24, 0.22]).round(4)
    array([ 0.02, -0.01])
    """
    share, outcome = share_and_outcome(share, outcome)
    return share - outcome


@metric(
    "absolute_error",
    label="Absolute error",
    label_fr="Erreur absolue",
    unit="fraction",
    range=(0, 1),
    direction="lower",
    level="candidate",
)
def absolute_error(share: ArrayLike, outcome: ArrayLike) -> FloatArray:
    """Say how far each candidate's share was off.

        |share_c - outcome_c|

    Unit: fraction of the valid votes. Range: 0 to 1. Lower is better.

    Parameters
    ----------
    share, outcome : array_like [..., C]
        Fractions of the valid votes, 0 to 1, in one order of candidates.

    Raises
    ------
    ForecastError
        As `signed_error`.

    References
    ----------
    As `signed_error`.

    Examples
    --------
    >>> absolute_error([0.26, 0.21], [0.24, 0.22]).round(4)
    array([0.02, 0.01])
    """
    return np.abs(signed_error(share, outcome))


@metric(
    "mean_absolute_error",
    label="MAE",
    label_fr="écart absolu moyen",
    unit="fraction",
    range=(0, 1),
    direction="lower",
    level="summary",
)
def mean_absolute_error(
    share: ArrayLike, outcome: ArrayLike, *, where: BoolArray | bool = True
) -> PerBallot:
    """Average the absolute errors over the candidates (Mosteller's measure 3).

        (1/C) sum_c |share_c - outcome_c|

    Unit: fraction of the valid votes. Range: 0 to 2/C. Lower is better.
    It falls with the number of candidates: compare only over one and the same ballot.

    Parameters
    ----------
    share, outcome : array_like [..., C]
        Fractions of the valid votes, 0 to 1, in one order of candidates.
    where : numpy.ndarray of bool [..., C]
        Which of them count; by default all.

    Raises
    ------
    ForecastError
        As `signed_error`.

    References
    ----------
    As `signed_error`.

    Examples
    --------
    >>> round(mean_absolute_error([0.26, 0.21], [0.24, 0.22]), 4)  # (.02 + .01) / 2
    0.015
    """
    return per_ballot(absolute_error(share, outcome).mean(axis=-1, where=where))


@metric(
    "root_mean_square_error",
    label="RMSE",
    label_fr="écart quadr.",
    unit="fraction",
    range=(0, 1),
    direction="lower",
    level="summary",
)
def root_mean_square_error(share: ArrayLike, outcome: ArrayLike) -> PerBallot:
    """Average the squared errors over the candidates, and take the root.

        sqrt[(1/C) sum_c (share_c - outcome_c)^2]

    Unit: fraction of the valid votes. Range: 0 to 1. Lower is better. At least the mean absolute
    error, and more where few candidates have most of the error.

    Parameters
    ----------
    share, outcome : array_like [..., C]
        Fractions of the valid votes, 0 to 1, in one order of candidates.

    Raises
    ------
    ForecastError
        As `signed_error`.

    References
    ----------
    Hyndman, R. J., Koehler, A. B. (2006). Another look at measures of forecast accuracy.
    International Journal of Forecasting 22(4), doi:10.1016/j.ijforecast.2006.03.001.

    Examples
    --------
    >>> round(root_mean_square_error([0.26, 0.21], [0.24, 0.22]), 4)  # root of (.0004 + .0001) / 2
    0.0158
    """
    return per_ballot(np.sqrt((signed_error(share, outcome) ** 2).mean(axis=-1)))


@metric(
    "largest_error",
    label="Largest error",
    label_fr="Plus grande erreur",
    unit="fraction",
    range=(0, 1),
    direction="lower",
    level="summary",
)
def largest_error(share: ArrayLike, outcome: ArrayLike) -> PerBallot:
    """Give the worst absolute error of any candidate (Mosteller's measure 6).

        max_c |share_c - outcome_c|

    Unit: fraction of the valid votes. Range: 0 to 1. Lower is better.

    Parameters
    ----------
    share, outcome : array_like [..., C]
        Fractions of the valid votes, 0 to 1, in one order of candidates.

    Raises
    ------
    ForecastError
        As `signed_error`.

    References
    ----------
    As `signed_error`.

    Examples
    --------
    >>> round(largest_error([0.26, 0.21], [0.24, 0.22]), 4)
    0.02
    """
    return per_ballot(absolute_error(share, outcome).max(axis=-1))


@metric(
    "margin_error",
    label="Error of the margin",
    label_fr="Erreur sur l’écart",
    unit="fraction",
    range=(-2, 2),
    direction="zero",
    level="summary",
)
def margin_error(share: ArrayLike, outcome: ArrayLike) -> PerBallot:
    """Say by how much the lead of the first over the second was overstated (Mosteller's measure 5).

        (share_a - share_b) - (outcome_a - outcome_b)

    where a and b came first and second in the *outcome*, whatever the forecast said;
    of equal outcomes the earlier in the array counts as ahead.
    Unit: fraction of the valid votes. Range: -2 to 2. Best: 0; above 0 overstates the lead.

    Parameters
    ----------
    share, outcome : array_like [..., C]
        Fractions of the valid votes, 0 to 1, in one order of at least two candidates.

    Raises
    ------
    ForecastError
        As `signed_error`, and if there is only one candidate.

    References
    ----------
    As `signed_error`.

    Examples
    --------
    The official lead is 66 - 34 = 32 points, the forecast one 62 - 38 = 24:

    >>> round(margin_error([0.38, 0.62], [0.34, 0.66]), 4)
    -0.08
    """
    share, outcome = share_and_outcome(share, outcome)
    if outcome.shape[-1] < 2:
        raise ForecastError("outcome has 1 candidate; a margin needs at least 2")
    error = share - outcome
    best = np.argsort(-outcome, axis=-1, kind="stable")[..., :2]
    of_two = np.take_along_axis(error, np.broadcast_to(best, (*error.shape[:-1], 2)), axis=-1)
    return per_ballot(of_two[..., 0] - of_two[..., 1])


def martin_traugott_kennedy_a(
    share_a: ArrayLike, share_b: ArrayLike, outcome_a: ArrayLike, outcome_b: ArrayLike
) -> FloatArray:
    """Compare the odds of two candidates in forecasts with their odds in the vote.

        A = ln[(share_a / share_b) / (outcome_a / outcome_b)]

    Unit: log odds ratio; a multiple of both shares by one factor changes nothing, so
    third candidates and undecided people drop out. Range: all numbers. Best: 0; above 0
    overstates a. For shares near one half, A is about twice the error of the margin.

    Parameters
    ----------
    share_a, share_b, outcome_a, outcome_b : array_like [N]
        Shares or counts above 0; scalars of the outcome are repeated.

    Raises
    ------
    ForecastError
        If a value is missing or not above 0.

    References
    ----------
    Martin, E. A., Traugott, M. W., Kennedy, C. (2005). A review and proposal for a new
    measure of poll accuracy. Public Opinion Quarterly 69(3), doi:10.1093/poq/nfi044.

    Examples
    --------
    ln[(0.5 / 0.5) / (0.6 / 0.4)] = -ln 1.5:

    >>> martin_traugott_kennedy_a([0.5], [0.5], 0.6, 0.4).round(4)
    array([-0.4055])
    """
    because = "the logarithm of odds of 0 is infinite"
    pairs = {"share_a": share_a, "share_b": share_b, "outcome_a": outcome_a, "outcome_b": outcome_b}
    a, b, official_a, official_b = (
        positive(name, np.atleast_1d(value), because=because) for name, value in pairs.items()
    )
    return np.log(a / b) - np.log(official_a / official_b)


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
    total, estimated_total = true.sum(), estimated.sum()
    if (
        min(true.min(), estimated.min()) < 0
        or total <= 0
        or abs(total - estimated_total) > 1e-6 * total
    ):
        raise ForecastError(
            f"the matrices hold {total:g} and {estimated_total:g} votes (least cell "
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
