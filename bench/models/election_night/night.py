"""Polling stations of a night before they are counted, and an estimate of the final shares."""

from __future__ import annotations

import dataclasses
from typing import Self

import numpy as np
import numpy.typing as npt

from bench.core.arrays import FloatArray


@dataclasses.dataclass(frozen=True, kw_only=True)
class NightFrame:
    """The stations of a night, U of them.

    Attributes
    ----------
    registered : people on the roll, [U].
    past : votes of an earlier ballot in the station's area, as shares of the registered, [U, P].
    area : number of the département, [U], 0 and up.
    place_size : people on the roll of the station's commune, [U].
    late : whether the station closes later than the others, [U].
    """

    registered: FloatArray
    past: FloatArray
    area: npt.NDArray[np.intp]
    place_size: FloatArray
    late: npt.NDArray[np.bool_]

    @property
    def n(self) -> int:
        """Number of stations."""
        return len(self.registered)


@dataclasses.dataclass(frozen=True, kw_only=True)
class NightEstimate:
    """Shares of the valid votes of all stations, and their covariance.

    Attributes
    ----------
    share : [C], sums to 1.
    covariance : [C, C], of the shares; the squared scale where `degrees` are finite.
    degrees : of freedom of the t that the errors follow; infinite for a normal.
    """

    share: FloatArray
    covariance: FloatArray
    degrees: float = np.inf

    def interval(self, level: float) -> tuple[FloatArray, FloatArray]:
        """Central interval of every share, cut at 0 and 1.

        Examples
        --------
        >>> even = NightEstimate(share=np.array([0.5, 0.5]), covariance=1e-4 * np.eye(2))
        >>> [bound.round(4).tolist() for bound in even.interval(0.95)]
        [[0.4804, 0.4804], [0.5196, 0.5196]]
        """
        from scipy.stats import t

        reach = t.ppf((1 + level) / 2, self.degrees) * np.sqrt(np.diag(self.covariance).clip(min=0))
        return np.clip(self.share - reach, 0, 1), np.clip(self.share + reach, 0, 1)

    def leaders(self, n: int) -> frozenset[int]:
        """Who has the `n` largest shares."""
        return frozenset(np.argsort(-self.share, kind="stable")[:n].tolist())

    def probability(self, leaders: frozenset[int], rng: np.random.Generator) -> float:
        """Chance that these, and nobody else, have the largest shares (2,000 draws)."""
        root = np.linalg.cholesky(self.covariance + 1e-12 * np.eye(len(self.share)))
        noise = rng.standard_normal((2000, len(self.share))) @ root.T
        if np.isfinite(self.degrees):
            noise *= np.sqrt(self.degrees / rng.chisquare(self.degrees, (2000, 1)))
        draws = self.share + noise
        inside = np.isin(np.arange(len(self.share)), sorted(leaders))
        return float((draws[:, inside].min(axis=1) > draws[:, ~inside].max(axis=1)).mean())

    def with_prior(self, prior: Self) -> Self:
        """The same, combined with an independent estimate, such as one from polls, as normals.

        Examples
        --------
        >>> one = np.array([[1.0, -1.0], [-1.0, 1.0]]) * 1e-4
        >>> a = NightEstimate(share=np.array([0.4, 0.6]), covariance=one)
        >>> b = NightEstimate(share=np.array([0.5, 0.5]), covariance=one)
        >>> a.with_prior(b).share.round(3).tolist()
        [0.45, 0.55]
        """
        k = len(self.share) - 1  # the last share follows from the others
        tiny = 1e-12 * np.eye(k)
        ours = np.linalg.inv(self.covariance[:k, :k] + tiny)
        theirs = np.linalg.inv(prior.covariance[:k, :k] + tiny)
        both = np.linalg.inv(ours + theirs)
        mean = both @ (ours @ self.share[:k] + theirs @ prior.share[:k])
        turn = np.vstack([np.eye(k), -np.ones(k)])
        share = np.append(mean, 1 - mean.sum())
        return dataclasses.replace(
            self, share=share, covariance=turn @ both @ turn.T, degrees=np.inf
        )
