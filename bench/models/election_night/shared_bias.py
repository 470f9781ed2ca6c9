"""The bias that outstanding stations share, learned from other evenings by share counted."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Self

import numpy as np

from bench.core.arrays import FloatArray

GRID = np.array([0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9])
_LEAST = 1e-8  # of a mean square, so that it has a logarithm


@dataclasses.dataclass(frozen=True, kw_only=True)
class SharedBias:
    """How far the stations outstanding were off together on other evenings.

        τ²(s) = (1/E) Σ_e mean over orders and candidates of b²,
        b_c = (said_c - final_c) / ((1 - s) sqrt(p_c (1 - p_c)))

    with p the shares said, to first order in their errors, and s the share of the registered
    voters counted. A village
    that reports early cannot show what cities do beyond their past vote, and the next village
    cannot either: what the night itself shows of this error is about independent of its size
    until a tenth of the registered are counted, and other evenings have to say it.

    Attributes
    ----------
    registered : shares of the registered voters counted, ascending, [M].
    square : τ² there, [M].
    """

    registered: FloatArray
    square: FloatArray

    @classmethod
    def of(cls, evenings: Iterable[Iterable[tuple[FloatArray, FloatArray]]]) -> Self:
        """Mean over evenings, each a mean over its orders of reporting.

        Parameters
        ----------
        evenings : per evening and order, the shares counted and the mean b² of the candidates,
            [M] each; shares ascend.

        Examples
        --------
        >>> one = (np.array([0.01, 0.1]), np.array([0.04, 0.01]))
        >>> other = (np.array([0.01, 0.1]), np.array([0.02, 0.01]))
        >>> bias = SharedBias.of([[one], [other]])
        >>> [round(bias.at(s), 4) for s in (0.001, 0.01, 0.1, 1)]
        [0.03, 0.03, 0.01, 0.01]
        """
        by_evening = [
            np.mean([_on_grid(counted, square) for counted, square in orders], axis=0)
            for orders in evenings
        ]
        return cls(registered=GRID, square=np.asarray(np.mean(by_evening, axis=0)))

    def at(self, registered: float) -> float:
        """τ² when this share of the registered is counted; constant beyond the ends."""
        where = np.log(max(registered, 1e-9))
        return float(np.exp(np.interp(where, np.log(self.registered), np.log(self.square))))


def _on_grid(counted: FloatArray, square: FloatArray) -> FloatArray:
    logs = np.interp(np.log(GRID), np.log(counted), np.log(np.maximum(square, _LEAST)))
    return np.asarray(np.exp(logs))
