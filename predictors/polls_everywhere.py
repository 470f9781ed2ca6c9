"""The floor of area forecasts: the poll average, the same in every département."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Evidence
from bench.models.area_patterns import MapPredictor
from bench.models.families import carried_over


@dataclass(frozen=True, kw_only=True)
class PollsEverywhere(MapPredictor):
    """Area share = national share in the weighted poll average, in every département alike.

    Nationally this is the poll average itself; by area it is what a method must beat that claims
    to know how départements differ.
    """

    family: ClassVar[str] = "baselines"
    needs: ClassVar[frozenset[str]] = frozenset({"polls", "past_errors", "outcomes", "ballots"})

    @override
    def areas(self, evidence: Evidence, level: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
        votes = carried_over(evidence, level="finest")
        alike = np.tile(level.to_numpy(), (len(votes), 1))
        return pd.DataFrame(alike, index=votes.index, columns=level.index), votes.sum(axis=1)
