"""The last polls of some institutes alone: by mode of interview, or by name."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.core import Abstain, Evidence, Forecast, Predictor
from bench.models.polls.national_polls import forecast_of_last_polls
from bench.models.polls.shared_error import ErrorFrom


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
    error_from: ErrorFrom
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        chosen = evidence["polls"]
        for column, wanted in (("mode", self.modes), ("institute", self.institutes)):
            if wanted:
                chosen = chosen[chosen[column].isin(wanted)]
        if chosen.empty:
            words = [*self.modes, *self.institutes]
            raise Abstain(f"no poll by {' or '.join(words) or 'anybody'} was public yet")
        return forecast_of_last_polls(
            evidence,
            chosen,
            window_days=self.window_days,
            n_draws=self.n_draws,
            rng=rng,
            error_from=self.error_from,
        )
