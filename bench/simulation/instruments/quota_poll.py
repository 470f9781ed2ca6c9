"""Quota polls the French way: quotas, weights by past vote, shares printed to the half point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from bench.core.arrays import FloatArray
from bench.core.evidence import BatchTable
from bench.simulation.calibration import Facts
from bench.simulation.electorate import Electorate
from bench.simulation.frame import Frame, frame_of
from bench.simulation.instruments import Instrument
from bench.simulation.instruments.polls import published, systematic

RECORDED = ("age", "sex", "occupation", "past_vote")


@dataclass(frozen=True, kw_only=True)
class QuotaPoll(Instrument):
    """Interviews fill quotas of age × sex × occupation among those who answer.

    Within a quota cell people answer by interest. The published share is
    ``sum_p w_p n_pc / sum w n`` with ``w_p = (target_p / found_p) ** past_vote_weight`` for the
    groups p of past vote, rounded to `rounding`.
    """

    makes: ClassVar[frozenset[str]] = frozenset({"polls"})

    interest: dict[str, float]
    past_vote_weight: float
    rounding: float
    quotas: dict[str, dict[str, list[str]]]

    @override
    def frame(self, electorate: Electorate, facts: Facts) -> Frame:
        return frame_of(
            electorate,
            "quota_poll",
            RECORDED,
            electorate.on("interest", self.interest),
            n_respondents=float(facts.calendar["respondents"].sum()),
            settings={"n_polls": len(facts.calendar)},
            coarse=self.quotas,
        )

    @override
    def collect(
        self, frame: Frame, facts: Facts, n_replicates: int, rng: np.random.Generator
    ) -> dict[str, BatchTable]:
        quota, past = self._codes(frame)
        n_quota, n_past = int(quota.max()) + 1, int(past.max()) + 1
        n_candidates = len(frame.candidates)
        order = np.lexsort((past, quota))
        shape = (n_quota, n_past, n_candidates)
        share = frame.share[..., order, :].reshape(-1, *shape)
        joint = frame.joint[..., order, :].reshape(-1, *shape)
        n = facts.calendar["respondents"].to_numpy(float)
        target = joint.sum(axis=(2, 3))
        cells = systematic(rng, n, target, n_replicates)
        tilt = np.exp(frame.tilt)[:, :, None, None, :]
        interviews = np.zeros((n_replicates, len(n), n_past, n_candidates))
        for q in range(n_quota):
            chance = share[:, None, q : q + 1] * tilt
            chance = np.broadcast_to(chance, (n_replicates, len(n), 1, n_past, n_candidates))
            flat = chance.reshape(n_replicates, len(n), -1)
            flat = flat / flat.sum(axis=-1, keepdims=True)
            answers = rng.multinomial(cells[:, :, q].astype(np.int64), flat)
            interviews += answers.reshape(interviews.shape)
        return {"polls": self._publish(frame, facts, interviews, joint.sum(axis=(1, 3)))}

    def _codes(self, frame: Frame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        past = frame.groups["past_vote"].astype("category").cat.codes.to_numpy(dtype=np.int64)
        quota = frame.groups.groupby(list(RECORDED[:-1]), sort=True).ngroup().to_numpy(np.int64)
        return np.asarray(quota, dtype=np.int64), np.asarray(past, dtype=np.int64)

    def _publish(
        self, frame: Frame, facts: Facts, interviews: FloatArray, target: FloatArray
    ) -> BatchTable:
        by_past = interviews.sum(axis=-1)
        observed = by_past / by_past.sum(axis=-1, keepdims=True)
        ratio = np.divide(
            np.broadcast_to(target[:, None, :], observed.shape),
            observed,
            out=np.ones_like(observed),
            where=observed > 0,
        )
        votes = (interviews * (ratio**self.past_vote_weight)[..., None]).sum(axis=2)
        share = votes / votes.sum(axis=-1, keepdims=True)
        return published(facts, frame.candidates, share, mode="online", rounding=self.rounding)
