"""Voters who make up their minds after the last interview."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.core import ConfigError
from bench.simulation.distortions import ResponseDistortion
from bench.simulation.frame import Frame


@dataclass(frozen=True, kw_only=True)
class LateSwing(ResponseDistortion):
    """`dose` points of the valid votes go to the gainer after all evidence was collected.

    The outcome stays what it is, so the evidence shows the gainer that much lower and the
    others higher in proportion.
    """

    unit: ClassVar[str] = "percentage points"
    kind: ClassVar[str] = "bias"
    touches: ClassVar[frozenset[str]] = frozenset(
        {"polls", "ratings", "app_support", "online_ballot", "buzz"}
    )

    gainer: str

    @override
    def distort_frame(
        self, frame: Frame, dose: float, n_replicates: int, rng: np.random.Generator
    ) -> Frame:
        c = frame.column(self.gainer)
        mu = frame.truth[..., c]
        before = mu - dose / 100
        if (before <= 0).any():
            raise ConfigError(
                f"{self.gainer} has {float(np.min(mu)):.3f} of the votes; a late swing of {dose} "
                "points is more than that"
            )
        factor = np.ones(frame.share.shape)
        factor *= ((1 - before) / (1 - mu))[..., None, None]
        factor[..., c] = (before / mu)[..., None]
        return frame.tilted(factor)
