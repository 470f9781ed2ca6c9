"""Automated accounts that post about one candidate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.core.evidence import BatchTable, EvidenceBatch
from bench.simulation.accounts import add_posts
from bench.simulation.distortions import TableDistortion


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
        posts = accounts * self.posts_per_account
        return add_posts(table, self.sources, self.beneficiary, "positive", posts, accounts)
