"""An app's users by group, as arrays, and the margins to weight them to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray, IntArray
from bench.core.batch import BatchTable, EvidenceBatch, one_replicate
from bench.core.errors import Abstain
from bench.core.evidence import Evidence

GROUPING = ("age", "sex", "past_vote")


@dataclass(frozen=True, kw_only=True)
class Support:
    """Users, or their votes, by group, cohort and candidate.

    Attributes
    ----------
    counts : numpy.ndarray [B, R, W, C]
        Groups R, cohorts W from the newest account to the oldest.
    account_age_days : numpy.ndarray [W]
    codes : dict of str to numpy.ndarray [R]
        Group of each row by variable.
    margins : dict of str to numpy.ndarray [G]
        Population shares by variable.
    """

    counts: FloatArray
    account_age_days: FloatArray
    codes: dict[str, IntArray]
    margins: dict[str, FloatArray]


def support(batch: EvidenceBatch, source: str, column: str) -> Support:
    """The latest day of one app, arranged.

    Parameters
    ----------
    batch : EvidenceBatch
        With `app_support` among its tables and `quotas` in its evidence.
    source : str
        Which app.
    column : str
        ``users`` (every person once) or ``votes`` (points, several per person).

    Raises
    ------
    Abstain
        If the app published no users by group, or no margin to weight them to is known.
    """
    table = batch["app_support"]
    ours = (table.rows["source"] == source) & table.rows["candidate"].isin(batch.candidates)
    if ours.any():
        ours &= table.rows["day"] == table.rows["day"][ours].max()
    table = table.take(np.flatnonzero(ours.to_numpy()))
    quotas = batch.evidence["quotas"]
    known = [name for name in GROUPING if (quotas["variable"] == name).any()]
    if table.rows.empty or not known:
        raise Abstain(f"{source} published no users by group, or no margins are known")
    return _arranged(table, column, batch.candidates, quotas, known)


def as_batch(evidence: Evidence) -> EvidenceBatch:
    """Evidence as a batch of one."""
    return one_replicate(evidence, {"app_support": ("users", "votes")})


def _arranged(
    table: BatchTable,
    column: str,
    candidates: tuple[str, ...],
    quotas: pd.DataFrame,
    known: list[str],
) -> Support:
    rows = table.rows
    group = rows.groupby(list(GROUPING), sort=True).ngroup().to_numpy()
    cohorts, cohort = np.unique(rows["account_age_days"].to_numpy(float), return_inverse=True)
    person = pd.Index(candidates).get_indexer(pd.Index(rows["candidate"]))
    shape = (group.max() + 1, len(cohorts), len(candidates))
    counts = np.zeros((len(table.values[column]), *shape))
    counts[:, group, cohort, person] = table.values[column]
    first = rows.assign(group=group).drop_duplicates("group").sort_values("group")
    codes, margins = {}, {}
    for name in known:
        shares = quotas[quotas["variable"] == name].sort_values("group")
        code = pd.Index(shares["group"]).get_indexer(pd.Index(first[name]))
        if (code < 0).any():
            stranger = first[name].to_numpy()[code < 0][0]
            raise Abstain(f"the margins of {name} do not hold the group '{stranger}'")
        codes[name] = code.astype(np.int64)
        margins[name] = shares["share"].to_numpy(float) / shares["share"].sum()
    return Support(counts=counts, account_age_days=cohorts, codes=codes, margins=margins)
