"""This file holds the search for the dose at which an event becomes more likely than not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
SLOPES = np.geomspace(0.5, 1000.0, 18)
GRID = 400


@dataclass(frozen=True, kw_only=True)
class BreakingPoint:
    """The dose at which an event has probability one half, and how sure that is.

    Attributes
    ----------
    dose, low, high : float
        Posterior median and its 95 % interval; NaN if the event never became likely.
    log_se : float
        Posterior standard deviation of the logarithm of the dose: its relative error.
    status : str
        ``found``; ``at once`` (likely without any dose); ``beyond`` (not at the largest dose).
    chance_at_zero, chance_at_largest : float
        Observed frequencies at both ends.
    n_replicates : int
        Replicates spent.
    """

    dose: float
    low: float
    high: float
    log_se: float
    status: str
    chance_at_zero: float
    chance_at_largest: float
    n_replicates: int


def breaking_point(
    happens: Callable[[float, int], NDArray[np.bool_]],
    *,
    smallest: float,
    largest: float,
    steps: int,
) -> BreakingPoint:
    """Find the dose at which an event happens in half of the replicates.

    A Bayesian staircase: the chance at dose d is taken as ``Phi(b (log d - t))``, the posterior
    of threshold t and slope b is kept on a grid that closes in twice, and every step asks for
    one more block of replicates at the posterior median of t. Prior: t uniform on the logarithm
    of the dose, b uniform on its logarithm.

    Parameters
    ----------
    happens : callable
        ``happens(dose, step)`` gives one flag per replicate of a fresh block.
    smallest, largest : float
        The range searched, above 0.
    steps : int
        Blocks of replicates.

    References
    ----------
    Kontsevich, L. L., Tyler, C. W. (1999). Bayesian adaptive estimation of psychometric slope
    and threshold. Vision Research 39(16), 2729-2737, doi:10.1016/S0042-6989(98)00285-5

    Examples
    --------
    Something that happens from dose 20 on, surely:

    >>> found = breaking_point(
    ...     lambda dose, step: np.full(50, dose >= 20.0), smallest=1, largest=1000, steps=20
    ... )
    >>> found.status, bool(abs(found.dose - 20) < 1.5)
    ('found', True)
    """
    first, last = happens(0.0, 0), happens(largest, 1)
    spent = len(first) + len(last)
    ends = (float(first.mean()), float(last.mean()))
    if ends[0] >= 0.5 or ends[1] < 0.5:
        status = "at once" if ends[0] >= 0.5 else "beyond"
        dose = 0.0 if status == "at once" else np.nan
        return BreakingPoint(
            dose=dose,
            low=dose,
            high=dose,
            log_se=np.nan,
            status=status,
            chance_at_zero=ends[0],
            chance_at_largest=ends[1],
            n_replicates=spent,
        )
    asked: list[tuple[float, int, int]] = []
    place = np.linspace(np.log(smallest), np.log(largest), GRID)
    for step in range(steps):
        if step in (steps // 3, 2 * steps // 3):
            place = _closer(place, _belief(place, asked))
        log_dose = float(np.interp(0.5, _cumulative(_belief(place, asked)), place))
        flags = happens(float(np.exp(log_dose)), step + 2)
        asked.append((log_dose, int(flags.sum()), len(flags)))
        spent += len(flags)
    belief = _belief(place, asked)
    sure = _cumulative(belief)
    low, middle, high = (float(np.interp(q, sure, place)) for q in (0.025, 0.5, 0.975))
    mean = belief @ place
    # a posterior narrower than the grid is as wide as the grid
    width = (place[1] - place[0]) ** 2 / 12
    return BreakingPoint(
        dose=float(np.exp(middle)),
        low=float(np.exp(low)),
        high=float(np.exp(high)),
        log_se=float(np.sqrt(belief @ (place - mean) ** 2 + width)),
        status="found",
        chance_at_zero=ends[0],
        chance_at_largest=ends[1],
        n_replicates=spent,
    )


def _belief(place: FloatArray, asked: list[tuple[float, int, int]]) -> FloatArray:
    """Posterior of the threshold on a grid, slopes summed out."""
    from scipy.special import log_ndtr

    belief = np.zeros((len(place), len(SLOPES)))
    for log_dose, yes, n in asked:
        z = SLOPES[None, :] * (log_dose - place[:, None])
        belief += yes * log_ndtr(z) + (n - yes) * log_ndtr(-z)
    weight = np.exp(belief - belief.max()).sum(axis=1)
    return np.asarray(weight / weight.sum())


def _closer(place: FloatArray, belief: FloatArray) -> FloatArray:
    """A grid of the same number of points around what is still plausible."""
    mean = belief @ place
    reach = max(6 * float(np.sqrt(belief @ (place - mean) ** 2)), 3 * float(place[1] - place[0]))
    return np.linspace(max(place[0], mean - reach), min(place[-1], mean + reach), len(place))


def _cumulative(belief: FloatArray) -> FloatArray:
    return np.asarray((np.cumsum(belief) - belief / 2) / belief.sum())
