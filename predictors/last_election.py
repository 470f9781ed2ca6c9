"""The floor with a memory: the last first round again, by person and political family."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Abstain, Evidence, Forecast, Predictor
from bench.models.families import carried_over


@dataclass(frozen=True, kw_only=True)
class LastElection(Predictor):
    """The latest first round whose outcome is known, carried over to this ballot.

    A person who stands again keeps the share; the others' shares go in equal parts to the
    candidates of the same political family; shares without an heir are left out and the rest
    is divided by its sum; by département likewise. For a runoff the latest first round is
    usually the one of the same election: the finalists keep their own first-round votes.
    """

    family: ClassVar[str] = "baselines"
    needs: ClassVar[frozenset[str]] = frozenset({"outcomes", "ballots"})

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        votes = carried_over(evidence).sum()
        return Forecast(share=votes / votes.sum(), areas=_areas(evidence))


def _areas(evidence: Evidence) -> pd.DataFrame | None:
    """The same by département, where it is known and somebody inherits votes."""
    try:
        local = carried_over(evidence, level="finest")
    except Abstain:
        return None
    local = local[local.sum(axis=1) > 0]
    return None if local.empty else local.div(local.sum(axis=1), axis=0)
