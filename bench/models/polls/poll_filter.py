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
    n_blocks = 1 + by_house.shape[1]
    mean = np.zeros((len(walk), n_blocks * c))
    mean[:, :c] = basis.T @ np.log(usual)
    spread = np.zeros((len(walk), n_blocks * c, n_blocks * c))
    start = np.where(named, START_SD, UNLISTED_SD) ** 2
    spread[:, :c, :c] = (basis.T * start) @ basis
    for block in range(1, n_blocks):
        at = slice(block * c, (block + 1) * c)
        spread[:, at, at] = house[:, None, None] ** 2 * shape

    step = walk[:, None, None] ** 2 * shape
    form, log_det, count = np.zeros(len(walk)), np.zeros(len(walk)), 0
    day = table.days[0]
    listed = ~np.isnan(table.share)
    slates: dict[tuple[bytes, bool], tuple[_Pieces, FloatArray]] = {}
    for j, days in enumerate(table.days):
        if days < day:
            spread[:, :c, :c] += (day - days) * step
            for at_days, sd in (shocks or {}).items():
                if days < at_days <= day:
                    spread[:, :c, :c] += sd**2 * shape
            day = days
        slate = (listed[j].tobytes(), _has_rest(table.share[j]))
        if slate not in slates:
            pieces = _pieces(listed[j], slate[1], usual)
            slates[slate] = (pieces, pieces.matrix @ shape @ pieces.matrix.T)
        pieces, own = slates[slate]
        seen = _observed(table.share[j], table.respondents[j], pieces)
        load = np.concatenate([[1.0], by_house[table.institute[j]]])
        noise = seen.noise + extra[:, None, None] ** 2 * own
        surprise = _update(mean, spread, seen, noise, load)
        form += surprise[0]
        log_det += surprise[1]
        count += len(seen.value)

    dispersion = (form + DISPERSION_PRIOR) / (count + DISPERSION_PRIOR)
    evidence = -0.5 * (log_det + (count + DISPERSION_PRIOR) * np.log(dispersion))
    for axis, (middle, width) in ((walk, PRIOR_DAILY_SD), (house, PRIOR_HOUSE_SD)):
        evidence -= 0.5 * np.square(np.log(axis / middle) / width)
    weight = np.exp(evidence - evidence.max())
    weight /= weight.sum()

    centre = np.asarray(weight @ mean)
    off = mean[:, :c] - centre[:c]
    inner = np.einsum("g,gij->ij", weight * dispersion, spread[:, :c, :c])
    inner += (off.T * weight) @ off
    return PollState(
        log_weight=basis @ centre[:c],
        covariance=basis @ inner @ basis.T,
        house=by_house @ centre[c:].reshape(n_blocks - 1, c) @ basis.T,
        days=float(day),
        overdispersion=float(weight @ dispersion),
    )


def _update(
    mean: FloatArray, spread: FloatArray, seen: Observation, noise: FloatArray, load: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Condition [G, D] means and [G, D, D] covariances in place on one poll."""
    n_grid, d = mean.shape
    c = d // len(load)
    # the poll sees z plus its house's effect: fold the blocks before the small product
    folded = np.einsum("gdkc,k->gdc", spread.reshape(n_grid, d, len(load), c), load)
    own = np.einsum("gkcd,k->gcd", folded.reshape(n_grid, len(load), c, c), load)
    total = seen.matrix @ own @ seen.matrix.T + noise
    root = np.linalg.cholesky(total)
    inverse = np.linalg.inv(root)
    gain = folded @ (seen.matrix.T @ np.swapaxes(inverse, 1, 2))  # [G, D, r]
    expected = np.einsum("gkc,k->gc", mean.reshape(n_grid, len(load), c), load) @ seen.matrix.T
    shock = np.einsum("gij,gj->gi", inverse, seen.value - expected)
    mean += np.einsum("gdr,gr->gd", gain, shock)
    for one, part in zip(spread, gain, strict=True):  # one -= part @ part.T, without a copy
        dgemm(-1.0, part.T, part.T, beta=1.0, c=one.T, trans_a=True, overwrite_c=True)
    log_det = 2.0 * np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    return (shock**2).sum(axis=1), log_det
