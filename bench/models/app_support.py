"""An app's users by group, as arrays, and the margins to weight them to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray, IntArray
from bench.core.errors import Abstain
from bench.core.evidence import BatchTable, Evidence, EvidenceBatch, one_replicate

GROUPING = ("age", "sex", "past_vote")
EVERYBODY = "all"
"""The group of those whose group is not told: in a table by age, the sex of everybody."""


@dataclass(frozen=True, kw_only=True)
class Support:
    """Users, or their votes, by group, cohort and candidate.

    Attributes
    ----------
    counts : numpy.ndarray [B, R, W, C]
        Groups R, cohorts W from the newest account to the oldest.
    codes : dict of str to numpy.ndarray [R]
        Group of each row by variable.
    margins : dict of str to numpy.ndarray [G]
        Population shares by variable.
    """

    counts: FloatArray
    codes: dict[str, IntArray]
    margins: dict[str, FloatArray]


def support(batch: EvidenceBatch, source: str, column: str) -> Support:
    """The latest day of one app, arranged.

    Where an app published one table by age and another by sex, cells are those of both together,
    as if age and sex were independent among the users who choose one candidate: all that tables of
    single variables allow. A cell that is not listed in a table whose smallest count is n counts
    ``(n - 1) / 2``: tables leave out counts that are too small to publish.

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
    latest = (table.rows["source"] == source) & table.rows["candidate"].isin(batch.candidates)
    if latest.any():
        latest &= table.rows["day"] == table.rows["day"][latest].max()
    table = table.take(np.flatnonzero(latest.to_numpy()))
    quotas = batch.evidence["quotas"]
    variables = [
        name
        for name in GROUPING
        if (quotas["variable"] == name).any() and (table.rows[name] != EVERYBODY).any()
    ]
    if table.rows.empty or not variables:
        raise Abstain(f"{source} published no users by group, or no margins are known")
    parts = table.rows[variables] != EVERYBODY
    if parts.all(axis=None):
        return _arranged(table, column, batch.candidates, quotas, variables)
    single = [table.take(parts[name].to_numpy()) for name in variables]
    if parts.sum(axis=1).gt(1).any():
        raise Abstain(f"{source} published tables of several variables that cannot be joined")
    supports = [
        _arranged(part, column, batch.candidates, quotas, [name])
        for part, name in zip(single, variables, strict=True)
    ]
    return _joined(supports)


def as_batch(evidence: Evidence, source: str | None = None) -> EvidenceBatch:
    """Evidence, of one source where it is given, as a batch of one."""
    return one_replicate(evidence, {"app_support": ("users", "votes")}, source)


def _arranged(
    table: BatchTable,
    column: str,
    candidates: tuple[str, ...],
    quotas: pd.DataFrame,
    variables: list[str],
) -> Support:
    rows = table.rows
    group = rows.groupby(list(GROUPING), sort=True).ngroup().to_numpy()
    cohorts, cohort = np.unique(rows["account_age_days"].to_numpy(float), return_inverse=True)
    person = pd.Index(candidates).get_indexer(pd.Index(rows["candidate"]))
    shape = (group.max() + 1, len(cohorts), len(candidates))
    smallest = table.values[column].min(axis=1)
    unlisted = np.where(smallest > 1, (smallest - 1) / 2, 0.0)
    counts = np.broadcast_to(unlisted[:, None, None, None], (len(unlisted), *shape)).copy()
    counts[:, group, cohort, person] = table.values[column]
    first = rows.assign(group=group).drop_duplicates("group").sort_values("group", kind="stable")
    codes, margins = {}, {}
    for name in variables:
        shares = quotas[quotas["variable"] == name].sort_values("group", kind="stable")
        code = pd.Index(shares["group"]).get_indexer(pd.Index(first[name]))
        if (code < 0).any():
            stranger = first[name].to_numpy()[code < 0][0]
            raise Abstain(f"the margins of {name} do not hold the group '{stranger}'")
        codes[name] = code.astype(np.int64)
        margins[name] = shares["share"].to_numpy(float) / shares["share"].sum()
    return Support(counts=counts, codes=codes, margins=margins)


def _joined(tables: list[Support]) -> Support:
    """Tables of single variables as one of their cells, of the size of the first."""
    counts = tables[0].counts
    codes = dict(tables[0].codes)
    margins = dict(tables[0].margins)
    for table in tables[1:]:
        size = table.counts.sum(axis=1, keepdims=True)
        within = table.counts / np.maximum(size, 1e-300)
        n_before = counts.shape[1]
        n_more = within.shape[1]
        crossed = counts[:, :, None] * within[:, None]
        counts = crossed.reshape(len(counts), n_before * n_more, *counts.shape[2:])
        codes = {name: np.repeat(code, n_more) for name, code in codes.items()}
        codes |= {name: np.tile(code, n_before) for name, code in table.codes.items()}
        margins |= table.margins
    return Support(counts=counts, codes=codes, margins=margins)
