"""The error that all institutes share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.simulate.distortions import ResponseDistortion, log_weight
from bench.simulate.frame import Frame


@dataclass(frozen=True, kw_only=True)
class IndustryError(ResponseDistortion):
    """Log weights of the answers, one per candidate and replicate, the same in every poll.

    Normal with a standard deviation that moves a candidate at 20 % by `dose` points.
    """

    unit: ClassVar[str] = "percentage points (SD, at 20 %)"
    kind: ClassVar[str] = "bias"
    touches: ClassVar[frozenset[str]] = frozenset({"polls"})

    instruments: tuple[str, ...]

    @override
    def spoil_frame(
        self, frame: Frame, dose: float, n_replicates: int, rng: np.random.Generator
    ) -> Frame:
        if frame.instrument not in self.instruments:
            return frame
        error = rng.standard_normal((n_replicates, 1, len(frame.candidates)))
        return replace(frame, tilt=frame.tilt + log_weight(dose) * error)
