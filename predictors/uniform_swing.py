"""The last first round by département, moved everywhere by the same number of points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd
from typing_extensions import override

from bench.core import Evidence
from bench.models.area_patterns import MapPredictor, uniform_swing
from bench.models.families import carried_over


@dataclass(frozen=True, kw_only=True)
class UniformSwing(MapPredictor):
    """Area share = share in the last first round + (national polls - last national share).

    The last first round is carried over by person and political family; the national level is
    the weighted poll average. Nationally the method therefore says what the polls say, but for
    shares that would turn negative somewhere and are cut at 0; its own claim is the map.
    """

    family: ClassVar[str] = "ecological"
    level_of: ClassVar[str] = "quota_poll"
    needs: ClassVar[frozenset[str]] = frozenset({"polls", "past_errors", "outcomes", "ballots"})

    @override
    def areas(self, evidence: Evidence, level: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
        votes = carried_over(evidence, level="finest")
        weight = votes.sum(axis=1)
        votes, weight = votes[weight > 0], weight[weight > 0]
        moved = uniform_swing(votes.div(weight, axis=0), weight, level)
        return pd.DataFrame(moved, index=votes.index, columns=level.index, copy=False), weight
