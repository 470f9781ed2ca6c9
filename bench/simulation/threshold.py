"""The dose from which something happens in at least half of the replicates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """The smallest dose found at which something happens in half of the replicates.

    Attributes
    ----------
    dose : float
        0 if it happens without any dose; infinite if not at the largest.
    status : str
        ``found``, ``at once`` or ``beyond``.
    chance_at_zero, chance_at_largest : float
        Fraction of the replicates at both ends.
    """

    dose: float
    status: str
    chance_at_zero: float
    chance_at_largest: float


def threshold(
    chance: Callable[[float], float], *, smallest: float, largest: float, steps: int
) -> Threshold:
    """Halve the range of the logarithm of the dose so many times.

    All doses are tried on the same replicates, so `chance` is a function: what happens whenever
    something else does, dose by dose, never has the larger threshold.

    Parameters
    ----------
    chance : callable
        Fraction of the replicates in which it happens, by dose.
    smallest, largest : float
        The range searched, above 0; `smallest` is given back where it does already.
    steps : int
        Halvings: the dose is too large by ``(largest / smallest) ** (1 / 2 ** steps)`` at most.

    Examples
    --------
    >>> found = threshold(lambda dose: float(dose >= 20), smallest=1, largest=1e4, steps=12)
    >>> found.status, round(found.dose, 1)
    ('found', 20.0)
    >>> threshold(lambda dose: 0.4, smallest=1, largest=10, steps=3).status
    'beyond'
    """
    ends = (chance(0.0), chance(largest))
    if ends[0] >= 0.5 or ends[1] < 0.5:
        status = "at once" if ends[0] >= 0.5 else "beyond"
        dose = 0.0 if status == "at once" else np.inf
        return Threshold(
            dose=dose, status=status, chance_at_zero=ends[0], chance_at_largest=ends[1]
        )
    low, high = np.log(smallest), np.log(largest)
    for _ in range(steps):
        middle = (low + high) / 2
        if chance(float(np.exp(middle))) >= 0.5:
            high = middle
        else:
            low = middle
    return Threshold(
        dose=float(np.exp(high)),
        status="found",
        chance_at_zero=ends[0],
        chance_at_largest=ends[1],
    )
