"""The last polls of some institutes alone: by mode of interview, or by name."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.core import Evidence, Forecast, Predictor
from bench.models.polls.national_polls import forecast_of_last_polls, polls_by


@dataclass(frozen=True, kw_only=True)
class PollSubset(Predictor):
    """Mean of the last polls of the institutes that are chosen, every institute counting the same.

    A poll counts if its mode is one of `modes` and its institute one of `institutes`; an empty
    list chooses all. Window, draws and industry-wide error are those of `last_poll`, so that what
    differs between two such rows is who was asked, and how.
    """

    family: ClassVar[str] = "quota polls"
    needs: ClassVar[frozenset[str]] = frozenset({"polls", "past_errors"})

    modes: tuple[str, ...]
    institutes: tuple[str, ...]
    window_days: float
    n_draws: int

    def __post_init__(self) -> None:
        """Say whose level it is, so that a map of the same institute draws the same numbers."""
        if self.institutes and not self.modes:
            object.__setattr__(self, "level_of", " ".join(self.institutes))

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        return forecast_of_last_polls(
            evidence,
            polls_by(evidence, self.institutes, self.modes),
            window_days=self.window_days,
            n_draws=self.n_draws,
            rng=rng,
        )
