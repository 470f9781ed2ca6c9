"""A classifier that takes praise for blame and blame for praise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.core.evidence import BatchTable, EvidenceBatch
from bench.simulation.accounts import of_sources
from bench.simulation.distortions import TableDistortion

PAIRS = (("positive", "negative"), ("authors_positive", "authors_negative"))


@dataclass(frozen=True, kw_only=True)
class SentimentMisclassification(TableDistortion):
    """The fraction `dose` of all mentions is counted under the opposite tone."""

    unit: ClassVar[str] = "fraction of the mentions"
    kind: ClassVar[str] = "bias"
    touches: ClassVar[frozenset[str]] = frozenset({"buzz"})
    most: ClassVar[float] = 1

    sources: tuple[str, ...]

    @override
    def distort_table(
        self, table: BatchTable, dose: float, batch: EvidenceBatch, rng: np.random.Generator
    ) -> BatchTable:
        rows, value = table.rows, table.values["value"].copy()
        key = ["source", "day", "community", "candidate"]
        place = rows[key].assign(at=np.arange(len(rows)), measure=rows["measure"])
        place = place[of_sources(rows, self.sources)]
        for well, ill in PAIRS:
            good, bad = (
                place[place["measure"] == name].drop(columns="measure") for name in (well, ill)
            )
            both = good.merge(bad, on=key, suffixes=("_good", "_bad"))
            g, b = both["at_good"].to_numpy(), both["at_bad"].to_numpy()
            was_good, was_bad = value[:, g], value[:, b]
            value[:, g] = (1 - dose) * was_good + dose * was_bad
            value[:, b] = (1 - dose) * was_bad + dose * was_good
        return table.with_values(value=value)
