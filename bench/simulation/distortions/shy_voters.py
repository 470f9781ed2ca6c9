"""Supporters of one candidate who say another name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.simulation.distortions import ResponseDistortion
from bench.simulation.frame import Frame


@dataclass(frozen=True, kw_only=True)
class ShyVoters(ResponseDistortion):
    """The fraction `dose` of a candidate's supporters answers like the others of their group."""

    unit: ClassVar[str] = "fraction of the supporters"
    kind: ClassVar[str] = "bias"
    touches: ClassVar[frozenset[str]] = frozenset({"polls"})
    most: ClassVar[float] = 1

    hidden: str
    instruments: tuple[str, ...]

    @override
    def distort_frame(
        self, frame: Frame, dose: float, n_replicates: int, rng: np.random.Generator
    ) -> Frame:
        c = frame.column(self.hidden)
        share = frame.share.copy()
        hiding = dose * share[..., c]
        share[..., c] = 0
        open_share = share.sum(axis=-1, keepdims=True)
        answers = np.divide(share, open_share, out=np.zeros_like(share), where=open_share > 0)
        share = share + hiding[..., None] * answers
        share[..., c] = frame.share[..., c] - hiding
        return frame.answering(share)
