"""An instrument that is known in some départements only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.simulation.distortions import ResponseDistortion, refuse_unknown
from bench.simulation.frame import Frame


@dataclass(frozen=True, kw_only=True)
class LocalReach(ResponseDistortion):
    """The fraction `dose` of those who live outside some départements never hears of it.

    Supporters of candidate c keep the chance ``1 - dose (1 - h[c])``, h the official fraction of
    the votes for c that were cast in the `departements`. Given the vote, where people live has
    nothing to do with their group, so that weighting by group repairs what past vote explains.
    """

    unit: ClassVar[str] = "fraction of those outside"
    kind: ClassVar[str] = "bias"
    touches: ClassVar[frozenset[str]] = frozenset(
        {"ratings", "app_support", "online_ballot", "buzz"}
    )
    most: ClassVar[float] = 1

    departements: tuple[str, ...]
    instruments: tuple[str, ...]

    @override
    def distort_frame(
        self, frame: Frame, dose: float, n_replicates: int, rng: np.random.Generator
    ) -> Frame:
        refuse_unknown("département", self.departements, list(frame.areas.index))
        home = frame.areas.loc[list(self.departements)].sum().to_numpy(float)
        return frame.tilted(1 - dose * (1 - home))
