"""A ballot on the web that anybody may cast: declared votes and approvals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core.evidence import BatchTable
from bench.simulation.calibration import Facts
from bench.simulation.electorate import Electorate
from bench.simulation.frame import Frame, frame_of
from bench.simulation.instruments import Volunteers, draw


@dataclass(frozen=True, kw_only=True)
class OnlineBallot(Volunteers):
    """Volunteers who found the ballot; each declares a vote and approves of whom he likes."""

    makes: ClassVar[frozenset[str]] = frozenset({"online_ballot"})

    n_volunteers: int

    @override
    def frame(self, electorate: Electorate, facts: Facts) -> Frame:
        chance = self.chance(electorate, facts)
        return frame_of(electorate, "online_ballot", (), chance, n_respondents=self.n_volunteers)

    @override
    def collect(
        self, frame: Frame, facts: Facts, n_replicates: int, rng: np.random.Generator
    ) -> dict[str, BatchTable]:
        share = frame.share[..., 0, :] * np.exp(frame.tilt[:, 0, :])
        if len(share) == 1:
            share = share[0]
        votes = draw(rng, frame.n_respondents, share, n_replicates)
        voters = votes[:, :, None].astype(np.int64)
        liked = rng.binomial(voters, facts.approval[None]).sum(axis=1)
        rows = pd.DataFrame(
            {"source": self.source, "candidate": list(frame.candidates), **facts.counted}
        )
        ballots = np.repeat(votes.sum(axis=1, keepdims=True), votes.shape[1], axis=1)
        values = {
            "declared_votes": votes,
            "approvals": liked.astype(float),
            "ballots": ballots,
        }
        return {"online_ballot": BatchTable(rows=rows, values=values)}
