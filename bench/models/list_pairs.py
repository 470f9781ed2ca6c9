"""Lists of candidates put to one sample: who gains when somebody leaves or comes."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.core.arrays import BoolArray, FloatArray

SAMPLE = ["institute", "fieldwork_end", "sample_size"]
"""Lists of one institute, last day and number of people were put to one sample."""

MAX_NAMES = 2
"""Who may leave, and who may come, between the two lists of a pair."""

MAX_UNEVEN = 0.022
"""By which sums of printed shares may differ, 2 points and a margin: else one is in part."""

MAX_LISTS = 30
"""Of a sample; more are not read, as pairs grow with the square."""


@dataclass(frozen=True)
class ListPairs:
    """M pairs of lists, each read in both directions, over the C people of any list.

    Attributes
    ----------
    candidates : tuple of str
    sample, institute : numpy.ndarray [M]
        Which sample was asked, as a number, and by whom.
    before, after : numpy.ndarray [M, C]
        Shares on the first and the second list, each summing to 1; NaN for those not on it.
    """

    candidates: tuple[str, ...]
    sample: NDArray[np.int64]
    institute: NDArray[np.object_]
    before: FloatArray
    after: FloatArray

    @property
    def leaves(self) -> BoolArray:
        """Who is on the first list alone, shape [M, C]."""
        return ~np.isnan(self.before) & np.isnan(self.after)

    @property
    def comes(self) -> BoolArray:
        """Who is on the second list alone, shape [M, C]."""
        return np.isnan(self.before) & ~np.isnan(self.after)


def list_pairs(polls: pd.DataFrame) -> ListPairs:
    """The pairs of lists that were put to one sample and differ in few names (`MAX_NAMES`).

    Parameters
    ----------
    polls : pandas.DataFrame
        Columns poll_id, candidate, share (fractions) and those of `SAMPLE`. Polls without a
        sample size are left out: nobody can tell one sample from another.

    Examples
    --------
    >>> polls = pd.DataFrame({
    ...     "poll_id": list("aaabb"), "institute": "Nord", "sample_size": 1000.0,
    ...     "fieldwork_end": pd.Timestamp("2031-04-01"),
    ...     "candidate": ["ash", "birch", "sloe", "ash", "birch"],
    ...     "share": [0.5, 0.3, 0.2, 0.6, 0.4]})
    >>> pairs = list_pairs(polls)
    >>> pairs.before.tolist()[0], pairs.after.tolist()[0]
    ([0.5, 0.3, 0.2], [0.6, 0.4, nan])
    """
    sized = polls.dropna(subset="sample_size")
    wide = sized.pivot(index=[*SAMPLE, "poll_id"], columns="candidate", values="share")
    samples = wide.groupby(level=SAMPLE)
    both_orders = [
        itertools.permutations(lists[:MAX_LISTS], 2) for lists in samples.indices.values()
    ]
    first, second = np.array([*itertools.chain(*both_orders)], dtype=int).reshape(-1, 2).T
    share = wide.to_numpy(dtype=float)
    total = np.nansum(share, axis=1)
    differs = np.isnan(share[first]) ^ np.isnan(share[second])
    n_leave = (differs & ~np.isnan(share[first])).sum(axis=1)
    n_come = differs.sum(axis=1) - n_leave
    is_pair = differs.any(axis=1) & (np.maximum(n_leave, n_come) <= MAX_NAMES)
    is_pair &= np.abs(total[first] - total[second]) <= MAX_UNEVEN
    first, second = first[is_pair], second[is_pair]
    normed = share / total[:, None]
    return ListPairs(
        candidates=tuple(wide.columns),
        sample=samples.ngroup().to_numpy()[first],
        institute=wide.index.get_level_values("institute").to_numpy()[first],
        before=normed[first],
        after=normed[second],
    )


def gains(pairs: ListPairs) -> pd.DataFrame:
    """Who gained what when one person left a list, alone or for another; the mean over samples.

    Of the two directions of an exchange that in which others gain is returned.

    Parameters
    ----------
    pairs : ListPairs

    Returns
    -------
    pandas.DataFrame
        leaves, comes (empty: nobody), candidate, change (of the share), n_samples, n_institutes,
        lowest and highest (mean change in an institute).
    """
    is_single = (pairs.leaves.sum(axis=1) == 1) & (pairs.comes.sum(axis=1) <= 1)
    nobody = np.ones_like(pairs.sample)[:, None]  # after all others: the first where nobody is
    leaves = np.hstack([pairs.leaves, nobody]).argmax(axis=1)
    comes = np.hstack([pairs.comes, nobody]).argmax(axis=1)
    names = np.array([*pairs.candidates, ""], dtype=object)
    is_listed = pairs.comes | ~np.isnan(pairs.before)
    pair, person = np.nonzero(is_listed & is_single[:, None])
    change = np.nan_to_num(pairs.after) - np.nan_to_num(pairs.before)
    rows = pd.DataFrame(
        {
            "leaves": names[leaves[pair]],
            "comes": names[comes[pair]],
            "candidate": names[person],
            "institute": pairs.institute[pair],
            "sample": pairs.sample[pair],
            "change": change[pair, person],
        }
    )
    key = ["leaves", "comes", "candidate"]
    by_sample = rows.groupby([*key, "institute", "sample"])["change"].mean()
    by_institute = by_sample.groupby([*key, "institute"]).mean()
    table = pd.concat(
        [
            by_sample.groupby(key).agg(["mean", "size"]),
            by_institute.groupby(key).agg(["size", "min", "max"]),
        ],
        axis=1,
    )
    table = table.set_axis(
        ["change", "n_samples", "n_institutes", "lowest", "highest"], axis=1
    ).reset_index()
    own = pd.Series(table.eval("change * ((candidate == leaves) | (candidate == comes))"))
    others_gain = own.groupby([table["leaves"], table["comes"]]).transform("sum").round(9) <= 0
    return table[others_gain]
