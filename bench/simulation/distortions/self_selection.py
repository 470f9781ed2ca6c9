"""Supporters of one candidate take part more readily, by a data defect correlation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.core import ConfigError
from bench.simulation.distortions import ResponseDistortion
from bench.simulation.frame import Frame


@dataclass(frozen=True, kw_only=True)
class SelfSelection(ResponseDistortion):
    """Adds `dose` to the data defect correlation of one candidate's vote and taking part.

    The expected share moves by ``dose sqrt((1 - f) / f) sigma`` with f the sampled fraction and
    sigma = sqrt(mu (1 - mu)); it is reached by one factor on the chances of all supporters.
    Meng (2018), doi:10.1214/18-AOAS1161SF, equation 2.3.
    """

    unit: ClassVar[str] = "data defect correlation"
    kind: ClassVar[str] = "bias"
    touches: ClassVar[frozenset[str]] = frozenset({"ratings", "app_support", "online_ballot"})

    beneficiary: str
    instruments: tuple[str, ...]

    @override
    def distort_frame(
        self, frame: Frame, dose: float, n_replicates: int, rng: np.random.Generator
    ) -> Frame:
        c = frame.column(self.beneficiary)
        mu = frame.truth[..., c]
        f = frame.n_respondents / frame.n_population
        before = frame.share[..., c].sum(axis=-1)
        target = before + dose * np.sqrt((1 - f) / f * mu * (1 - mu))
        if (target >= 1).any():
            raise ConfigError(
                f"a data defect correlation of {dose} more would put {self.beneficiary} at "
                f"{float(np.max(target)):.2f} of {frame.instrument}; accepted: below 1, so use "
                "a smaller dose or a larger sample"
            )
        factor = target * (1 - before) / (before * (1 - target))
        return frame.with_supporters(self.beneficiary, factor)
