"""The last first round by département, each candidate multiplied by the same factor everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd
from typing_extensions import override

from bench.core import Evidence
from bench.models.area_patterns import MapPredictor, proportional
from bench.models.families import carried_over


@dataclass(frozen=True, kw_only=True)
class ProportionalSwing(MapPredictor):
    """Area share = share in the last first round x (national polls / last national share).

    The last first round is carried over by person and political family; the products are scaled
    until every département sums to 1 and all together give the poll average. Candidates who
    inherit no votes have their national share everywhere.
    """

    family: ClassVar[str] = "ecological"
    level_of: ClassVar[str] = "quota_poll"
    needs: ClassVar[frozenset[str]] = frozenset({"polls", "past_errors", "outcomes", "ballots"})

    @override
    def areas(self, evidence: Evidence, level: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
        votes = carried_over(evidence, level="finest")
        votes = votes[votes.sum(axis=1) > 0]
        return proportional(votes, level), votes.sum(axis=1)
