"""Groups that an instrument cannot reach at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.core import ConfigError
from bench.core.errors import did_you_mean
from bench.simulation.distortions import ResponseDistortion, refuse_unknown
from bench.simulation.frame import Frame


@dataclass(frozen=True, kw_only=True)
class Coverage(ResponseDistortion):
    """The fraction `dose` of some groups has no access, whatever they vote.

    `uncovered` names the groups by instrument and by a variable that the instrument records, so
    that weighting to that variable repairs it until too few of the group are left; raw figures
    keep all of the error.
    """

    unit: ClassVar[str] = "fraction of the group"
    kind: ClassVar[str] = "bias"
    touches: ClassVar[frozenset[str]] = frozenset({"polls", "ratings", "app_support"})

    uncovered: dict[str, dict[str, list[str]]]

    @override
    def distort_frame(
        self, frame: Frame, dose: float, n_replicates: int, rng: np.random.Generator
    ) -> Frame:
        if frame.instrument not in self.uncovered:
            return frame
        if dose >= 1:
            raise ConfigError(f"dose {dose} of coverage; accepted: below 1 (a fraction)")
        reached = np.ones(len(frame.groups))
        for variable, groups in self.uncovered[frame.instrument].items():
            if variable not in frame.groups:
                raise ConfigError(
                    f"{frame.instrument} does not record '{variable}' "
                    f"({did_you_mean(variable, list(frame.groups.columns))})"
                )
            refuse_unknown(variable, groups, frame.groups[variable].unique().tolist())
            reached[frame.groups[variable].isin(groups).to_numpy()] = 1 - dose
        return frame.tilted(reached[:, None])
