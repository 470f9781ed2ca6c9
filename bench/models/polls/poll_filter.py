"""The exact linear-Gaussian filter of voting intentions in log-ratio space."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg.blas import dgemm

from bench.core.arrays import BoolArray, FloatArray
from bench.core.errors import ForecastError
from bench.models.log_ratio import FLOOR, REFERENCE_SHARE, closed, contrasts
from bench.models.polls.poll_table import CLOSED_TOTAL, PollTable, pattern, whole_ballots

START_SD = 1.0
UNLISTED_SD = 0.5
MIN_SIZE = 0.02
PRIOR_DAILY_SD = (0.05, 0.5)
PRIOR_HOUSE_SD = (0.05, 0.5)
DISPERSION_PRIOR = 50.0
"""Contrasts observed at over-dispersion 1 to which the prior amounts."""


@dataclass(frozen=True)
class PollState:
    """Voting intentions on the day of the latest poll, with house effects.

    ``log_weight`` and ``covariance`` are centred over candidates; the rows of ``house`` (one per
    institute) sum to zero over institutes and over candidates.
    """

    log_weight: FloatArray  # [C]
    covariance: FloatArray  # [C, C]
    house: FloatArray  # [K, C]
    days: float
    overdispersion: float


@dataclass(frozen=True)
class Observation:
    """One poll as linear contrasts of log weights: ``value = matrix z + noise``."""

    matrix: FloatArray  # [r, C - 1]
    value: FloatArray  # [r]
    noise: FloatArray  # [r, r]


@dataclass(frozen=True)
class _Pieces:
    """What polls of one slate speak of: a piece per listed candidate, then perhaps the rest."""

    listed: BoolArray  # [C]
    matrix: FloatArray  # [r, C - 1], contrasts of the pieces
    size: FloatArray  # [r + 1], usual shares
    entropy: float | None  # of the rest; None if the poll leaves none


def _has_rest(share: FloatArray) -> bool:
    """Whether a poll leaves a remainder to those whom it does not list."""
    return bool(np.isnan(share).any() and share[~np.isnan(share)].sum() < CLOSED_TOTAL)


def _pieces(listed: BoolArray, has_rest: bool, usual: FloatArray) -> _Pieces:
    pieces = np.eye(len(listed))[listed]
    size, entropy = usual[listed], None
    if has_rest:
        inside = np.where(listed, 0.0, usual)
        merged = inside.sum()
        inside = inside / merged
        entropy = float(inside[~listed] @ np.log(inside[~listed]))
        pieces = np.vstack([pieces, inside])
        size = np.append(size, merged)
    matrix = contrasts(len(pieces)).T @ pieces @ contrasts(len(listed))
    return _Pieces(listed, matrix, np.maximum(size, FLOOR), entropy)


def _observed(share: FloatArray, respondents: float, of: _Pieces) -> Observation:
    """A poll as contrasts of log shares with multinomial noise, by the delta method.

    A listed candidate is a piece of his own; a remainder, where the poll leaves one, is a piece
    of its own too, linearised around the usual shares of those whom it merges. Log shares of
    pieces have independent noise ``1 / (n p)`` up to a common shift, which contrasts remove.
    Printing to half points adds ``0.005^2 / 12 / p^2``.
    """
    value = np.log(np.maximum(share[of.listed], FLOOR))
    if of.entropy is not None:
        remainder = 1.0 - share[of.listed].sum()
        value = np.append(value, np.log(max(remainder, FLOOR)) + of.entropy)
    noise = 1.0 / (respondents * of.size) + FLOOR**2 / 3.0 / of.size**2
    within = contrasts(len(value))
    return Observation(matrix=of.matrix, value=within.T @ value, noise=(within.T * noise) @ within)


def filter_polls(
    table: PollTable,
    daily_sd: Sequence[float],
    house_sd: Sequence[float],
    poll_sd: Sequence[float],
    shocks: Mapping[float, float] | None = None,
) -> PollState:
    """Filter the polls of one vote and average over a grid of three standard deviations.

    State: contrasts of the candidates' log weights, a random walk with variance
    ``daily_sd^2 (0.2 / p)`` a day; house effects of the same shape that sum to zero over
    institutes. A poll errs by sampling and by ``poll_sd``, however large it is. All variances
    share an over-dispersion, found in closed form for every grid point with a prior at 1. Grid
    points are weighted by prior and marginal likelihood.

    Parameters
    ----------
    table : PollTable
        At least one poll.
    daily_sd, house_sd, poll_sd : sequence of float
        Grid, in log weight of a candidate at 20 %, at over-dispersion 1.
    shocks : mapping of float to float, optional
        Extra standard deviation of the walk on a given number of days before the vote, such as
        the evening of a first round for a runoff.

    Raises
    ------
    ForecastError
        If there is no poll.

    References
    ----------
    Jackman, S. (2005). Pooling the polls over an election campaign.
    doi:10.1080/10361140500302472
    """
    if len(table) == 0:
        raise ForecastError("no poll to filter but at least one is needed; check before calling")
    usual = pattern(table)
    named = ~np.isnan(usual)
    usual = closed(np.where(named, usual, whole_ballots(table).mean(axis=0)))
    basis = contrasts(len(usual))
    by_house = contrasts(len(table.institutes))
    axes = np.meshgrid(daily_sd, house_sd, poll_sd, indexing="ij")
    walk, house, extra = (axis.ravel() for axis in axes)
    # nobody measured those whom no poll lists: their spread is the prior's, without drift
    by_size = REFERENCE_SHARE / np.maximum(usual, MIN_SIZE)
    shape = (basis.T * np.where(named, by_size, 0.0)) @ basis

    c = basis.shape[1]
    start = (basis.T * np.where(named, START_SD, UNLISTED_SD) ** 2) @ basis
    house_start = house[:, None, None] ** 2 * shape
    mean, spread = _before_polls(basis.T @ np.log(usual), start, house_start, by_house.shape[1])

    step = walk[:, None, None] ** 2 * shape
    form = np.zeros(len(walk))
    log_det = np.zeros(len(walk))
    count = 0
    day = table.days[0]
    slates = _slates(table, usual, shape)
    for j, days in enumerate(table.days):
        if days < day:
            spread[:, :c, :c] += (day - days) * step
            for sd in _shocks_between(shocks or {}, days, day):
                spread[:, :c, :c] += sd**2 * shape
            day = days
        pieces, own = slates[j]
        observed = _observed(table.share[j], table.respondents[j], pieces)
        load = np.concatenate([[1.0], by_house[table.institute[j]]])
        noise = observed.noise + extra[:, None, None] ** 2 * own
        poll_form, poll_log_det = _update(mean, spread, observed, noise, load)
        form += poll_form
        log_det += poll_log_det
        count += len(observed.value)

    dispersion = (form + DISPERSION_PRIOR) / (count + DISPERSION_PRIOR)
    evidence = -0.5 * (log_det + (count + DISPERSION_PRIOR) * np.log(dispersion))
    weight = _grid_weights(evidence, walk, house)
    centre = np.asarray(weight @ mean)
    off = mean[:, :c] - centre[:c]
    inner = np.einsum("g,gij->ij", weight * dispersion, spread[:, :c, :c])
    inner += (off.T * weight) @ off
    return PollState(
        log_weight=basis @ centre[:c],
        covariance=basis @ inner @ basis.T,
        house=by_house @ centre[c:].reshape(by_house.shape[1], c) @ basis.T,
        days=float(day),
        overdispersion=float(weight @ dispersion),
    )


def _before_polls(
    level: FloatArray, level_covariance: FloatArray, house_covariance: FloatArray, n_houses: int
) -> tuple[FloatArray, FloatArray]:
    """Means [G, D] and covariances [G, D, D] of the level and then of the contrasts of houses."""
    n_grid, c = len(house_covariance), len(level)
    d = (1 + n_houses) * c
    mean = np.zeros((n_grid, d))
    mean[:, :c] = level
    spread = np.zeros((n_grid, d, d))
    spread[:, :c, :c] = level_covariance
    for start in range(c, d, c):
        block = slice(start, start + c)
        spread[:, block, block] = house_covariance
    return mean, spread


def _slates(
    table: PollTable, usual: FloatArray, shape: FloatArray
) -> list[tuple[_Pieces, FloatArray]]:
    """Of every poll the pieces of its slate and their covariance, the same for polls of a slate."""
    by_slate: dict[tuple[bytes, bool], tuple[_Pieces, FloatArray]] = {}
    slates = []
    for share in table.share:
        listed = ~np.isnan(share)
        slate = (listed.tobytes(), _has_rest(share))
        if slate not in by_slate:
            pieces = _pieces(listed, slate[1], usual)
            by_slate[slate] = (pieces, pieces.matrix @ shape @ pieces.matrix.T)
        slates.append(by_slate[slate])
    return slates


def _shocks_between(shocks: Mapping[float, float], after: float, until: float) -> list[float]:
    """Standard deviations of the shocks on days before the vote in (after, until]."""
    return [sd for days, sd in shocks.items() if after < days <= until]


def _grid_weights(evidence: FloatArray, walk: FloatArray, house: FloatArray) -> FloatArray:
    """Weights [G] of the grid points from log likelihoods and the priors of two of the axes."""
    for axis, (middle, width) in ((walk, PRIOR_DAILY_SD), (house, PRIOR_HOUSE_SD)):
        evidence = evidence - 0.5 * np.square(np.log(axis / middle) / width)
    weight = np.exp(evidence - evidence.max())
    return np.asarray(weight / weight.sum())


def _update(
    mean: FloatArray, spread: FloatArray, observed: Observation, noise: FloatArray, load: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Condition [G, D] means and [G, D, D] covariances in place on one poll."""
    n_grid, d = mean.shape
    c = d // len(load)
    # the poll sees z plus its house's effect: fold the blocks before the small product
    folded = np.einsum("gdkc,k->gdc", spread.reshape(n_grid, d, len(load), c), load)
    own = np.einsum("gkcd,k->gcd", folded.reshape(n_grid, len(load), c, c), load)
    total = observed.matrix @ own @ observed.matrix.T + noise
    root = np.linalg.cholesky(total)
    inverse = np.linalg.inv(root)
    gain = folded @ (observed.matrix.T @ np.swapaxes(inverse, 1, 2))  # [G, D, r]
    expected = np.einsum("gkc,k->gc", mean.reshape(n_grid, len(load), c), load) @ observed.matrix.T
    shock = np.einsum("gij,gj->gi", inverse, observed.value - expected)
    mean += np.einsum("gdr,gr->gd", gain, shock)
    for matrix, part in zip(spread, gain, strict=True):  # one -= part @ part.T, without a copy
        dgemm(-1.0, part.T, part.T, beta=1.0, c=matrix.T, trans_a=True, overwrite_c=True)
    log_det = 2.0 * np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    return (shock**2).sum(axis=1), log_det
