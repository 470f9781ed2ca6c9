"""A cell: one vote at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from bench.data.election import Election
from bench.runner.trials import Axes


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One vote at one moment: what all predictors are asked."""

    election: Election
    round: int
    as_of: pd.Timestamp
    scenario: str = "none"
    dose: float = 0.0
    replicate: int = 0

    @property
    def axes(self) -> Axes:
        """The same in plain values, for workers."""
        return (self.round, self.as_of.isoformat(), self.scenario, self.dose, self.replicate)

    @property
    def key(self) -> dict[str, Any]:
        """The columns that say in every long table which cell a row belongs to."""
        return {
            "election": self.election.name,
            "round": self.round,
            "as_of": self.as_of,
            "scenario": self.scenario,
            "dose": self.dose,
            "replicate": self.replicate,
        }
