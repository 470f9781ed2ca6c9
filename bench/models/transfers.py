"""How first-round votes move to the two finalists, learned from other elections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from bench.models.chain import RunoffDraws

POSITION: Mapping[str, float] = {
    "trotskyist": -1.0,
    "communist": -0.8,
    "radical_left": -0.8,
    "socialist": -0.5,
    "green": -0.4,
    "centre": 0.1,
    "right": 0.5,
    "sovereignist_right": 0.8,
    "far_right": 1.3,
    "other": 0.0,
}
"""Left to right, by family; the far right stands apart because the others' voters avoid it."""

SLOPE = (1.0, 2.0, 3.0, 4.0, 6.0)
RESIDUAL_SD = (0.05, 0.1, 0.2, 0.3, 0.45)
PRIOR = ((3.0, 0.7), (0.2, 0.7))
"""Median and spread of the logarithm of the two axes."""

OWN_SD = 0.6
LOYALTY = 0.97


@dataclass(frozen=True)
class Transfers:
    """Mixture over a grid of slopes and residuals, one weight per grid point.

    A voter of candidate i who votes for one of the finalists a and b chooses a with log odds
    ``slope (|x_i - x_b| - |x_i - x_a|)``, where x is the position of the family, plus noise of
    his candidate's own; the log odds of the total have a residual.
    """

    grid: NDArray[np.float64]  # [G, 2]: slope, residual_sd
    weight: NDArray[np.float64]  # [G]
    n_elections: int

    def draws(
        self,
        first: NDArray[np.float64],
        families: Sequence[str],
        pair: tuple[int, int],
        rng: np.random.Generator,
    ) -> NDArray[np.float64]:
        """Draw the first finalist's share of the runoff.

        Parameters
        ----------
        first : ndarray, shape [S, C]
            First-round shares, one row per draw (or S times the same).
        families : sequence of str
            Family of each of the C candidates.
        pair : (int, int)
            Positions of the finalists a and b among the candidates.
        rng : numpy.random.Generator

        Returns
        -------
        ndarray, shape [S]
            Share of a among the votes for a or b.
        """
        n, n_candidates = first.shape
        pick = rng.choice(len(self.weight), size=n, p=self.weight)
        slope, residual = self.grid[pick].T
        lean = slope[:, None] * distances(families, pair)
        lean = lean + OWN_SD * rng.standard_normal((n, n_candidates))
        total = _total(first, lean, pair)
        return np.asarray(expit(logit(total) + residual * rng.standard_normal(n)))


def distances(families: Sequence[str], pair: tuple[int, int]) -> NDArray[np.float64]:
    """How much nearer [C] each candidate's family is to the first finalist than to the second.

    Examples
    --------
    >>> distances(["socialist", "right", "communist"], (0, 1)).round(1).tolist()
    [1.0, -1.0, 1.0]
    """
    x = np.array([POSITION.get(family, 0.0) for family in families])
    a, b = pair
    return np.asarray(np.abs(x - x[b]) - np.abs(x - x[a]))


def learn_transfers(outcomes: pd.DataFrame, ballots: pd.DataFrame) -> Transfers:
    """Weigh slopes and residuals by the runoffs of other elections; the caller cuts.

    Parameters
    ----------
    outcomes : DataFrame
        Both rounds of other elections, national rows.
    ballots : DataFrame
        Family of every candidate.
    """
    grid = np.array(list(product(SLOPE, RESIDUAL_SD)))
    middle, spread = np.array(PRIOR).T
    log_weight = -0.5 * np.square(np.log(grid / middle) / spread).sum(axis=1)
    people = ballots.drop_duplicates(["election", "candidate"])
    family = people.set_index(["election", "candidate"])["family"]
    national = outcomes[outcomes["level"] == "national"]
    n_elections = 0
    for election, rows in national.groupby("election", sort=True):
        share = rows.pivot(index="candidate", columns="round", values="share")
        if not {1, 2} <= set(share.columns) or share[2].notna().sum() != 2:
            continue
        n_elections += 1
        final = np.flatnonzero(share[2].notna())
        pair = (int(final[0]), int(final[1]))
        near = distances([str(family[election, c]) for c in share.index], pair)
        first = share[[1]].fillna(0.0).to_numpy(dtype=float).T  # [1, C]
        expected = _total(first, grid[:, :1] * near, pair)
        spread_own = OWN_SD * 0.25 * np.sqrt((np.delete(first[0], final) ** 2).sum())
        own = spread_own / np.maximum(expected * (1.0 - expected), 0.05)
        variance = grid[:, 1] ** 2 + own**2
        gap = logit(share[2].to_numpy(dtype=float)[final[:1]]) - logit(expected)
        log_weight += -0.5 * (np.log(variance) + gap**2 / variance)
    weight = np.exp(log_weight - log_weight.max())
    return Transfers(grid, weight / weight.sum(), n_elections)


def known_or_transferred(
    direct: Mapping[tuple[int, int], NDArray[np.float64]],
    transfers: Transfers,
    families: Sequence[str],
    rng: np.random.Generator,
) -> RunoffDraws:
    """The runoff of any pair: drawn from what is known of it, otherwise from transfers of votes.

    Parameters
    ----------
    direct : mapping of (int, int) to ndarray
        By pair of positions a < b, draws of a's share.
    transfers : Transfers
    families : sequence of str
        Of each of the C candidates.
    rng : numpy.random.Generator
    """

    def draws(pair: tuple[int, int], first: NDArray[np.float64]) -> NDArray[np.float64]:
        if pair in direct:
            return rng.choice(direct[pair], size=len(first), replace=True)
        return transfers.draws(first, families, pair, rng)

    return draws


def _total(
    first: NDArray[np.float64], lean: NDArray[np.float64], pair: tuple[int, int]
) -> NDArray[np.float64]:
    """Share of a [S] from first-round shares and log odds, finalists' own voters loyal."""
    towards = expit(lean)
    towards[:, pair[0]] = LOYALTY
    towards[:, pair[1]] = 1.0 - LOYALTY
    return np.asarray((first * towards).sum(axis=1) / first.sum(axis=1))
