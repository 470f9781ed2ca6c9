"""One group of voters stays away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.contract import ConfigError
from bench.simulate.distortions import ResponseDistortion
from bench.simulate.frame import Frame


@dataclass(frozen=True, kw_only=True)
class NonResponse(ResponseDistortion):
    """The fraction `dose` of a candidate's supporters does not answer, and cannot be told apart.

    Quotas are filled all the same, with other people of the same age, sex and occupation.
    """

    unit: ClassVar[str] = "fraction of the supporters"
    kind: ClassVar[str] = "bias"
    touches: ClassVar[frozenset[str]] = frozenset({"polls"})

    silent: str
    instruments: tuple[str, ...]

    @override
    def spoil_frame(
        self, frame: Frame, dose: float, n_replicates: int, rng: np.random.Generator
    ) -> Frame:
        if frame.instrument not in self.instruments:
            return frame
        if dose >= 1:
            raise ConfigError(f"dose {dose} of non_response; accepted: below 1 (a fraction)")
        factor = np.ones(len(frame.candidates))
        factor[frame.column(self.silent)] = 1 - dose
        return frame.tilted(factor)
