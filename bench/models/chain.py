"""A two-round election as one forecast: who qualifies, then who wins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr, ndtri

RunoffDraws = Callable[[tuple[int, int], NDArray[np.float64]], NDArray[np.float64]]
"""Takes a pair (positions a < b) and its first-round draws [n, C]; gives a's share [n]."""

EDGE = 1e-9  # of a share, whose odds are to stay numbers
MIN_DRAWS = 20
"""Draws of a pair from which a spread of its runoff is computed."""

TOGETHER = {"elected": 0.0, "elected_50": 0.5, "elected_90": 0.9}
"""Correlations of the errors of the two rounds, by the column of chances of being elected under
each: assumed, as too few votes have had two rounds to learn it."""


@dataclass(frozen=True)
class Chain:
    """Joint draws of both rounds; ``pair`` holds positions, the first below the second."""

    candidates: tuple[str, ...]
    first: NDArray[np.float64]  # [S, C]
    pair: NDArray[np.int64]  # [S, 2]
    share: NDArray[np.float64]  # [S], of the first of the pair in the runoff

    def winner(self) -> NDArray[np.int64]:
        """Position [S] of the candidate who wins the election."""
        return np.where(self.share > 0.5, self.pair[:, 0], self.pair[:, 1])

    def pairs(self) -> pd.DataFrame:
        """Probability of every pair, with the first's chance and mean share if it comes.

        Returns
        -------
        DataFrame
            Columns first, second, probability, first_wins, first_share; most probable first.
        """
        frame = pd.DataFrame(
            {
                "first": np.array(self.candidates)[self.pair[:, 0]],
                "second": np.array(self.candidates)[self.pair[:, 1]],
                "share": self.share,
                "wins": self.share > 0.5,
            }
        )
        table = frame.groupby(["first", "second"]).agg(
            probability=("share", "size"),
            first_wins=("wins", "mean"),
            first_share=("share", "mean"),
        )
        table["probability"] = table["probability"] / len(frame)
        return table.sort_values("probability", ascending=False, kind="stable").reset_index()

    def runoff_shares(self) -> NDArray[np.float64]:
        """Shares [S, C] of the runoff, 0 for whoever a draw does not let through.

        Examples
        --------
        >>> both = Chain(("a", "b", "c"), np.full((1, 3), 1 / 3), np.array([[0, 2]]),
        ...              np.array([0.75]))
        >>> both.runoff_shares().tolist()
        [[0.75, 0.0, 0.25]]
        """
        shares = np.zeros((len(self.share), len(self.candidates)))
        rows = np.arange(len(self.share))
        shares[rows, self.pair[:, 0]] = self.share
        shares[rows, self.pair[:, 1]] = 1.0 - self.share
        return shares

    def elected(self) -> pd.Series:
        """Probability of being elected, by candidate."""
        count = np.bincount(self.winner(), minlength=len(self.candidates))
        return pd.Series(count / len(self.share), index=list(self.candidates))

    def correlated(self, correlation: float) -> Chain:
        """The same draws, if the error of the runoff followed that of the first round.

        For finalists a and b, ``z`` is the normal score of ``first_a / first_b`` among all draws,
        whoever gets through in them. Of the log odds of their runoff what a line in ``z`` explains
        stays: transfers carry first-round votes over, polls of the pair do not. The error left, of
        normal score ``e``, becomes its quantile at ``Phi(r z + sqrt(1 - r^2) e)``, a Gaussian
        copula. So the error of a runoff keeps its distribution over all first rounds, and a chance
        of being elected moves as far as those in which somebody gets through are not like all.

        Parameters
        ----------
        correlation : float
            r, from -1 to 1; 0 changes nothing. Pairs in fewer than 20 draws stay as they are.

        References
        ----------
        Nelsen, R. B. (2006). An Introduction to Copulas, section 2.3. doi:10.1007/0-387-28678-0

        Examples
        --------
        A pair that always meets errs as much, in another order:

        >>> first = np.random.default_rng(1).dirichlet([30, 20, 1], 1000)
        >>> pair = np.tile([0, 1], (1000, 1))
        >>> share = np.random.default_rng(2).uniform(0.4, 0.6, 1000)
        >>> both = Chain(("a", "b", "c"), first, pair, share)
        >>> as_large = np.corrcoef(both.correlated(0.9).share, first[:, 0] / first[:, 1])[0, 1]
        >>> bool(as_large > 0.8)
        True
        """
        if correlation == 0.0:
            return self
        share = self.share.copy()
        for a, b in np.unique(self.pair, axis=0):
            rows = (self.pair == (a, b)).all(axis=1)
            if rows.sum() < MIN_DRAWS:
                continue
            z = _normal_scores(self.first[:, a] / self.first[:, b])[rows]
            odds = logit(np.clip(share[rows], EDGE, 1.0 - EDGE))
            error = odds - np.polyval(np.polyfit(z, odds, 1), z)
            scores = correlation * z + np.sqrt(1.0 - correlation**2) * _normal_scores(error)
            moved = np.quantile(error, ndtr(scores), method="hazen")
            share[rows] = expit(odds - error + moved)
        return replace(self, share=share)

    def shares_of_pair(self, first: str, second: str) -> NDArray[np.float64]:
        """Runoff shares of ``first`` in the draws that let exactly these two through."""
        a = self.candidates.index(first)
        b = self.candidates.index(second)
        is_pair = (self.pair == (min(a, b), max(a, b))).all(axis=1)
        share = self.share[is_pair]
        return np.asarray(share if a < b else 1.0 - share)

    def log_score(self, pair: tuple[str, str], share: float) -> float:
        """Surprise at the pair and its runoff together, in nats; lower is better.

        ``-ln P(pair) - ln f(share | pair)`` with P = (n + 1/2) / (S + 1) for n of S draws, and the
        normal density of the log odds of these n (uniform under 20 of them). A density: it may
        be negative.

        Parameters
        ----------
        pair : (str, str)
            The finalists.
        share : float
            The runoff share of the first of them.
        """
        drawn = self.shares_of_pair(*pair)
        surprise = -np.log((len(drawn) + 0.5) / (len(self.share) + 1.0))
        if len(drawn) < MIN_DRAWS:
            return float(surprise)  # too few for a spread: the uniform density of a share is 1
        odds = np.log(drawn / (1.0 - drawn))
        z = np.log(share / (1.0 - share))
        sd = odds.std(ddof=1)
        deviation = (z - odds.mean()) / sd
        density = np.exp(-0.5 * deviation**2) / (sd * np.sqrt(2.0 * np.pi))
        return float(surprise - np.log(density / (share * (1.0 - share))))


def _normal_scores(value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard normal quantiles [S] at the places of values in their order."""
    place = value.argsort(kind="stable").argsort(kind="stable")
    return np.asarray(ndtri((place + 0.5) / len(value)))


def pair_of(draws: NDArray[np.float64]) -> NDArray[np.int64]:
    """Positions [S, 2] of the two largest shares of every draw, in ballot order."""
    largest = np.argsort(-draws, axis=1, kind="stable")[:, :2]
    return np.sort(largest, axis=1).astype(np.int64)


def chain(first: NDArray[np.float64], candidates: Sequence[str], runoff: RunoffDraws) -> Chain:
    """Draw the runoff of the pair that each first-round draw lets through.

    The error of the runoff is independent of that of the first round, given the pair and the
    first-round shares that ``runoff`` is handed.

    Parameters
    ----------
    first : ndarray, shape [S, C]
        First-round draws.
    candidates : sequence of str
        The ballot.
    runoff : callable
        See :data:`RunoffDraws`; asked once for every pair that occurs.
    """
    pair = pair_of(first)
    share = np.empty(len(first))
    for a, b in np.unique(pair, axis=0):
        rows = (pair == (a, b)).all(axis=1)
        share[rows] = runoff((int(a), int(b)), first[rows])
    return Chain(tuple(candidates), first, pair, share)
