"""This file holds the pooling of rows or columns too rare to be told apart."""

import dataclasses

import numpy as np
import numpy.typing as npt

from bench.models.ecological_inference.types import Floats


@dataclasses.dataclass(frozen=True)
class Pooling:
    """Which category goes to which pool, and its part of the pool's votes.

    Attributes
    ----------
    pool : [categories], index of the pool of each category.
    part : [categories], share of the category in the votes of its pool.
    """

    pool: npt.NDArray[np.intp]
    part: Floats

    @classmethod
    def of(cls, votes: Floats, threshold: float) -> "Pooling":
        """One pool for all categories below `threshold`, a share of all votes, if two or more.

        Examples
        --------
        >>> Pooling.of(np.array([[90.0, 2.0, 7.0, 1.0]]), 0.03).pool.tolist()
        [0, 2, 1, 2]
        """
        total = votes.sum(axis=0)
        rare = total < threshold * total.sum()
        if rare.sum() < 2 or rare.all():
            rare = np.zeros(len(total), dtype=bool)
        pool = np.where(rare, (~rare).sum(), np.cumsum(~rare) - 1).astype(np.intp)
        in_pool = np.bincount(pool, weights=total)[pool]
        n_in_pool = np.bincount(pool)[pool]
        part = np.where(in_pool > 0, total / np.maximum(in_pool, 1e-300), 1 / n_in_pool)
        return cls(pool=pool, part=part)

    def merge(self, votes: Floats) -> Floats:
        """Votes of the pools, [U, pools]."""
        member = np.zeros((len(self.pool), int(self.pool.max()) + 1))
        member[np.arange(len(self.pool)), self.pool] = 1.0
        return votes @ member


def expand(profile: Floats, rows: Pooling, columns: Pooling) -> Floats:
    """Profiles [..., R, K] of all categories from those of the pools."""
    return profile[..., rows.pool, :][..., columns.pool] * columns.part
