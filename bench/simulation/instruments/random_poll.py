"""Random polls: everybody has the same chance, and some do not answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.core.evidence import BatchTable
from bench.simulation.calibration import Facts
from bench.simulation.electorate import Electorate
from bench.simulation.frame import Frame, frame_of
from bench.simulation.instruments import Instrument
from bench.simulation.instruments.polls import published


@dataclass(frozen=True, kw_only=True)
class RandomPoll(Instrument):
    """A simple random sample per poll of the calendar; the share is the plain mean."""

    makes: ClassVar[frozenset[str]] = frozenset({"polls"})

    interest: dict[str, float]
    rounding: float

    @override
    def frame(self, electorate: Electorate, facts: Facts) -> Frame:
        return frame_of(
            electorate,
            "random_poll",
            ("past_vote",),
            electorate.on("interest", self.interest),
            n_respondents=float(facts.calendar["respondents"].sum()),
            settings={"n_polls": len(facts.calendar)},
        )

    @override
    def collect(
        self, frame: Frame, facts: Facts, n_replicates: int, rng: np.random.Generator
    ) -> dict[str, BatchTable]:
        n = facts.calendar["respondents"].to_numpy(float)
        n_candidates = len(frame.candidates)
        votes = frame.share.sum(axis=-2).reshape(-1, 1, n_candidates) * np.exp(frame.tilt)
        chance = np.broadcast_to(votes, (n_replicates, len(n), n_candidates))
        chance = chance / chance.sum(axis=-1, keepdims=True)
        respondents = np.broadcast_to(n, chance.shape[:2]).astype(np.int64)
        answers = rng.multinomial(respondents, chance)
        share = answers / n[None, :, None]
        table = published(
            facts, frame.candidates, share, mode="telephone_random", rounding=self.rounding
        )
        return {"polls": table}
