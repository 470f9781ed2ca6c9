"""Demography and past votes of the départements, with the national level from polls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd
from typing_extensions import override

from bench.core import Evidence
from bench.models.area_patterns import MapPredictor, past_areas, raked, standardised_demography
from bench.models.families import carried_over
from bench.models.memoize import Memory, ballot_digest


@dataclass(frozen=True, kw_only=True)
class EcologicalRegression(MapPredictor):
    """Log-ratio regression of one election on the one before, applied to the next.

    Learned on the last first round: for each of its candidates, the log of the share in a
    département relative to the national share is regressed (ridge, penalty by leave-one-out
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

    @override
    def areas(self, evidence: Evidence, level: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
        key = ballot_digest(evidence, ("areas", "ballots", "outcomes"))
        pattern, weight = _PATTERNS.get(key, lambda: _pattern(evidence))
        return raked(pattern, weight, level), weight


_PATTERNS: Memory[tuple[pd.DataFrame, pd.Series]] = Memory(max_answers=16)  # no poll moves them


def _pattern(evidence: Evidence) -> tuple[pd.DataFrame, pd.Series]:
    """The pattern [U, C] that the past and demography give, and the votes [U] of each area."""
    votes = carried_over(evidence, level="departement")
    votes = votes[votes.sum(axis=1) > 0]
    past = past_areas(evidence, min_elections=2)
    demography = standardised_demography(evidence["areas"])
    ballot = (evidence.election, evidence.round)
    return past.pattern(votes, demography, ballot, len(past.elections)), votes.sum(axis=1)
