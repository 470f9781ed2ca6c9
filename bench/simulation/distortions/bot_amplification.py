"""Automated accounts that post about one candidate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.core.evidence import BatchTable, EvidenceBatch
from bench.simulation.distortions import TableDistortion

PER_POST = ("mentions", "tweets", "positive")
PER_ACCOUNT = ("authors", "authors_positive")


@dataclass(frozen=True, kw_only=True)
class BotAmplification(TableDistortion):
    """`dose` accounts write `posts_per_account` favourable posts per day measured.

    Counts of posts grow by both, counts of authors by the accounts; shares of a community's
    attention are not counts and stay as they are.
    """

    unit: ClassVar[str] = "accounts"
    kind: ClassVar[str] = "manipulation"
    touches: ClassVar[frozenset[str]] = frozenset({"buzz"})

    beneficiary: str
    posts_per_account: float
    sources: tuple[str, ...]

    @override
    def distort_table(
        self, table: BatchTable, dose: float, batch: EvidenceBatch, rng: np.random.Generator
    ) -> BatchTable:
        accounts = float(round(dose))
        rows = table.rows
        ours = rows["candidate"] == self.beneficiary
        if self.sources:
            ours &= rows["source"].isin(self.sources)
        value = table.values["value"].copy()
        value[:, (ours & rows["measure"].isin(PER_POST)).to_numpy()] += (
            accounts * self.posts_per_account
        )
        value[:, (ours & rows["measure"].isin(PER_ACCOUNT)).to_numpy()] += accounts
        return table.with_values(value=value)
