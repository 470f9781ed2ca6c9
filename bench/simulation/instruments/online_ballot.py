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
from bench.simulation.instruments import Instrument, draw, self_selected


@dataclass(frozen=True, kw_only=True)
class OnlineBallot(Instrument):
    """Volunteers who found the ballot; each declares a vote and approves of whom he likes."""

    makes: ClassVar[frozenset[str]] = frozenset({"online_ballot"})

    source: str
    n_volunteers: int
    selection: float
    interest: dict[str, float]
    age: dict[str, float]

    @override
    def frame(self, electorate: Electorate, facts: Facts) -> Frame:
        reach = electorate.on("interest", self.interest) * electorate.on("age", self.age)
        chance = self_selected(electorate, reach, facts.declared_votes, self.selection)
        return frame_of(electorate, "online_ballot", (), chance, n_respondents=self.n_volunteers)

    @override
    def collect(
        self, frame: Frame, facts: Facts, n_replicates: int, rng: np.random.Generator
    ) -> dict[str, BatchTable]:
        share = frame.share[..., 0, :] * np.exp(frame.tilt[:, 0, :])
        votes = draw(rng, frame.n_respondents, share[0] if len(share) == 1 else share, n_replicates)
        liked = rng.binomial(votes[:, :, None].astype(np.int64), facts.approval[None]).sum(axis=1)
        day = (facts.as_of - pd.Timedelta(days=1)).normalize()
        rows = pd.DataFrame(
            {
                "source": self.source,
                "day": day,
                "candidate": list(frame.candidates),
                "published_on": facts.as_of.normalize(),
                "held_on": day,
            }
        )
        ballots = np.repeat(votes.sum(axis=1, keepdims=True), votes.shape[1], axis=1)
        return {
            "online_ballot": BatchTable(
                rows=rows,
                values={
                    "declared_votes": votes,
                    "approvals": liked.astype(float),
                    "ballots": ballots,
                },
            )
        }
