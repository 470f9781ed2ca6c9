"""A few authors write still more of all posts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.simulation.distortions import ResponseDistortion
from bench.simulation.frame import Frame


@dataclass(frozen=True, kw_only=True)
class HeavyTailedActivity(ResponseDistortion):
    """Adds `dose` to the logarithmic spread of posts per author, and supporters differ in it.

    The supporters of `loud` write ``exp(dose)`` times as much at the median as the others.
    """

    unit: ClassVar[str] = "added spread of log posts per author"
    kind: ClassVar[str] = "bias"
    touches: ClassVar[frozenset[str]] = frozenset({"buzz"})

    loud: str

    @override
    def distort_frame(
        self, frame: Frame, dose: float, n_replicates: int, rng: np.random.Generator
    ) -> Frame:
        if "sigma" not in frame.settings:
            return frame
        sigma = frame.settings["sigma"] + dose
        louder = frame.with_supporters(self.loud, np.exp(dose))
        return replace(louder, settings={**frame.settings, "sigma": sigma})
