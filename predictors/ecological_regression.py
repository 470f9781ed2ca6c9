"""Demography and past votes of the départements, with the national level from polls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Evidence, Forecast, Predictor
from bench.models.area_history import past_areas
from bench.models.area_patterns import log_ratio, raked, regressed, standardised_demography
from bench.models.families import carried_over
from bench.models.memoize import Memory, ballot_digest
from bench.models.polls.national_polls import Learned, national_polls
from bench.models.swing import national_level


@dataclass(frozen=True, kw_only=True)
class EcologicalRegression(Predictor):
    """Log-ratio regression of one election on the one before, applied to the next.

    Learned on the last first round: for each of its candidates, the log of the share in a
    département relative to the national share is regressed (ridge, penalty by generalised
    cross-validation within the training election) on the same log-ratio of the first round
    before, carried over by family, and on the shares of occupations. The coefficients are then
    applied to the last first round to give this election's pattern; the pattern is raked to the
    national level of the poll average. Départements without demography keep their past pattern.
    """

    family: ClassVar[str] = "ecological"
    level_of: ClassVar[str] = "quota_poll"
    needs: ClassVar[frozenset[str]] = frozenset(
        {"polls", "past_errors", "outcomes", "ballots", "areas"}
    )

    half_life_days: float | Learned
    design_effect: float
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        polls = national_polls(evidence, self.half_life_days, self.design_effect)
        key = ballot_digest(evidence, ("areas", "ballots", "outcomes"))
        pattern, weight = _PATTERNS.get(key, lambda: _pattern(evidence))
        areas = raked(pattern, weight, polls.share)
        share = national_level(areas, weight)
        return Forecast(
            share=pd.Series(share, index=list(evidence.candidates)),
            draws=polls.draws(share, rng, self.n_draws),
            areas=areas,
        )


_PATTERNS: Memory[tuple[pd.DataFrame, pd.Series]] = Memory(most=16)  # no poll moves them


def _pattern(evidence: Evidence) -> tuple[pd.DataFrame, pd.Series]:
    """The pattern [U, C] that the past and demography give, and the votes [U] of each area."""
    votes = carried_over(evidence, level="departement")
    votes = votes[votes.sum(axis=1) > 0]
    past = past_areas(evidence, least=2)
    before, learned = past.elections[-2:]
    pattern = regressed(
        log_ratio(votes),
        standardised_demography(evidence["areas"]),
        past.votes(learned),
        past.carried(before, learned),
        past.teachers([str(n) for n in votes], (evidence.election, evidence.round), learned),
    )
    return pattern, votes.sum(axis=1)
