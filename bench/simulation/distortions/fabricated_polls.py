"""Polls that were never made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core.evidence import BatchTable, EvidenceBatch
from bench.simulation.distortions import TableDistortion


@dataclass(frozen=True, kw_only=True)
class FabricatedPolls(TableDistortion):
    """`dose` polls by institutes that do not exist, dated the last day before the forecast.

    Each shows the mean of the real polls whose fieldwork ended within `window_days` of the latest,
    the beneficiary raised by `points` percentage points and the others lowered in proportion, plus
    the noise of `sample_size` interviews. Whom none of these polls names is not named.
    """

    unit: ClassVar[str] = "polls"
    kind: ClassVar[str] = "manipulation"
    touches: ClassVar[frozenset[str]] = frozenset({"polls"})

    beneficiary: str
    points: float
    sample_size: int
    window_days: float

    @override
    def distort_table(
        self, table: BatchTable, dose: float, batch: EvidenceBatch, rng: np.random.Generator
    ) -> BatchTable:
        n_polls = round(dose)
        if n_polls == 0:
            return table
        ended = table.rows["fieldwork_end"]
        recent = (ended >= ended.max() - pd.Timedelta(days=self.window_days)).to_numpy()
        polled = set(table.rows["candidate"][recent])
        names = [name for name in batch.candidates if name in polled]
        if self.beneficiary not in names:
            return table
        code = pd.Index(names).get_indexer(pd.Index(table.rows["candidate"]))
        code[~recent] = -1
        mean = np.stack(
            [table.values["share"][:, code == c].mean(axis=1) for c in range(len(names))], axis=1
        )
        published = mean / mean.sum(axis=1, keepdims=True)
        c = names.index(self.beneficiary)
        raised = np.minimum(published[:, c] + self.points / 100, 0.95)
        published *= ((1 - raised) / (1 - published[:, c]))[:, None]
        published[:, c] = raised
        published = np.repeat(published[:, None, :], n_polls, axis=1)
        share = rng.multinomial(self.sample_size, published) / self.sample_size
        day = (batch.evidence.as_of - pd.Timedelta(days=1)).normalize()
        last = table.rows.iloc[[-1]]
        polls = pd.concat([last] * n_polls, ignore_index=True).drop(columns="candidate")
        polls = polls.assign(
            poll_id=[f"fabricated_{k:03d}" for k in range(n_polls)],
            institute=[f"fabricated {k}" for k in range(n_polls)],
            mode="online",
            fieldwork_start=day,
            fieldwork_end=day,
            published_on=batch.evidence.as_of.normalize(),
            sample_size=self.sample_size,
            sample_expressed=self.sample_size,
            rolling=False,
            source="fabricated",
        )
        rows = polls.merge(pd.DataFrame({"candidate": names}), how="cross")
        rows = pd.concat([table.rows, rows[list(table.rows.columns)]], ignore_index=True)
        values = np.concatenate([table.values["share"], share.reshape(batch.size, -1)], axis=1)
        return BatchTable(rows=rows, values={"share": values})
