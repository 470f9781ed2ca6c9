"""Made-up people in the panels from which online polls are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.core.evidence import BatchTable, EvidenceBatch
from bench.simulation.distortions import TableDistortion, poll_rows


@dataclass(frozen=True, kw_only=True)
class SockpuppetPanelists(TableDistortion):
    """`dose` accounts in every institute's panel; each poll draws its share of them.

    Of n respondents, Binomial(n, dose / (panel_size + dose)) are made up and say the
    beneficiary; quotas do not see them, because they claim whatever the quota lacks. Polls by
    telephone are not touched.
    """

    unit: ClassVar[str] = "accounts per panel"
    kind: ClassVar[str] = "manipulation"
    touches: ClassVar[frozenset[str]] = frozenset({"polls"})

    beneficiary: str
    panel_size: float

    @override
    def distort_table(
        self, table: BatchTable, dose: float, batch: EvidenceBatch, rng: np.random.Generator
    ) -> BatchTable:
        rows = table.rows
        share = table.values["share"].copy()
        for at, answered in poll_rows(rows):
            if rows["mode"].iloc[at[0]] not in ("online", ""):
                continue
            his = (rows["candidate"].iloc[at] == self.beneficiary).to_numpy()
            if not his.any():  # a slate without him
                continue
            n = int(answered)
            made_up = rng.binomial(n, dose / (self.panel_size + dose), size=batch.size) / n
            share[:, at] *= (1 - made_up)[:, None]
            share[:, at[his]] += made_up[:, None]
        return table.with_values(share=share)
