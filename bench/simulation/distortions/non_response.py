"""One group of voters stays away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.simulation.distortions import ResponseDistortion
from bench.simulation.frame import Frame


@dataclass(frozen=True, kw_only=True)
class NonResponse(ResponseDistortion):
    """The fraction `dose` of a candidate's supporters does not answer, and cannot be told apart.

    Quotas are filled all the same, with other people of the same age, sex and occupation.
    """

    unit: ClassVar[str] = "fraction of the supporters"
    kind: ClassVar[str] = "bias"
    touches: ClassVar[frozenset[str]] = frozenset({"polls"})
    most: ClassVar[float] = 1

    silent: str
    instruments: tuple[str, ...]

    @override
    def distort_frame(
        self, frame: Frame, dose: float, n_replicates: int, rng: np.random.Generator
    ) -> Frame:
        return frame.with_supporters(self.silent, 1 - dose)
