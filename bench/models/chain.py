"""A two-round election as one forecast: who qualifies, then who wins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

RunoffDraws = Callable[[tuple[int, int], NDArray[np.float64]], NDArray[np.float64]]
"""Takes a pair (positions a < b) and its first-round draws [n, C]; gives a's share [n]."""

MIN_DRAWS = 20
"""Draws of a pair from which a spread of its runoff is computed."""


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
