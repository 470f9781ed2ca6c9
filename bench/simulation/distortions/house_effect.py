"""Errors of institutes, each its own or one for all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.core import ConfigError
from bench.simulation.distortions import ResponseDistortion, log_weight
from bench.simulation.frame import Frame


@dataclass(frozen=True, kw_only=True)
class HouseEffect(ResponseDistortion):
    """Log weights of the answers, one per candidate and replicate, and per poll unless `shared`.

    Normal with a standard deviation that moves a candidate at 20 % by `dose` points. Every
    poll of the calendar is by another institute.
    """

    unit: ClassVar[str] = "percentage points (SD, at 20 %)"
    kind: ClassVar[str] = "bias"
    touches: ClassVar[frozenset[str]] = frozenset({"polls"})

    instruments: tuple[str, ...]
    shared: bool

    @override
    def distort_frame(
        self, frame: Frame, dose: float, n_replicates: int, rng: np.random.Generator
    ) -> Frame:
        if not self.shared and "n_polls" not in frame.settings:
            raise ConfigError(
                f"{frame.instrument} makes no polls, whose institutes could err each for itself; "
                "accepted among `instruments`: quota_poll, random_poll, or set `shared`"
            )
        n_errors = 1 if self.shared else int(frame.settings["n_polls"])
        error = rng.standard_normal((n_replicates, n_errors, len(frame.candidates)))
        return replace(frame, tilt=frame.tilt + log_weight(dose) * error)
