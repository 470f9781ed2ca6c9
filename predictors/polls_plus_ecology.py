"""National polls, spread over the départements by a blend of patterns learned on earlier votes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Evidence
from bench.models.area_patterns import (
    MapPredictor,
    PastAreas,
    past_areas,
    proportional,
    raked,
    standardised_demography,
    uniform_swing,
)

SUM_TO_ONE = 1e3  # weight of the equation that keeps the weights' sum at 1


@dataclass(frozen=True, kw_only=True)
class PollsPlusEcology(MapPredictor):
    """The level from polls, the map from past votes and demography.

    Four maps of every département (the national share everywhere, uniform swing, proportional
    swing, log-ratio regression with demography) are blended, sum_m w_m P_m. The weights, none
    below 0 and summing to 1, are those with the least squared error, areas weighing their votes,
    on the `n_learned` first rounds before, each forecast from the one before it with its own
    national level as it was. The blend is raked to the weighted poll average.
    """

    family: ClassVar[str] = "hybrids"
    needs: ClassVar[frozenset[str]] = frozenset(
        {"polls", "past_errors", "outcomes", "ballots", "areas"}
    )

    n_learned: int

    @override
    def areas(self, evidence: Evidence, level: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
        past = past_areas(evidence, min_elections=self.n_learned + 2)
        demography = standardised_demography(evidence["areas"])
        weights = self._weights(past, demography)
        ballot = (evidence.election, evidence.round)
        maps, size = _maps(past, demography, ballot, len(past.elections), level)
        blend = pd.DataFrame(
            np.tensordot(weights, maps, axes=1), index=size.index, columns=level.index
        )
        pattern = pd.DataFrame(np.log(blend.clip(lower=1e-9) / level.clip(lower=1e-9)))
        return raked(pattern, size, level), size

    def _weights(self, past: PastAreas, demography: pd.DataFrame) -> np.ndarray:
        """Weights [M] of the maps, from earlier first rounds."""
        from scipy.optimize import nnls

        predicted, official = [], []
        for place in range(len(past.elections) - self.n_learned, len(past.elections)):
            name = past.elections[place]
            actual = past.votes(name)
            level = actual.sum() / actual.to_numpy().sum()
            maps, size = _maps(past, demography, (name, 1), place, level)
            both = size.index.intersection(actual.index)
            total = actual.loc[both].sum(axis=1)
            part = np.sqrt((total / total.sum()).to_numpy())[:, None]
            truth = actual.loc[both].div(total, axis=0).to_numpy()
            rows = size.index.get_indexer(both)
            predicted.append((maps[:, rows] * part).reshape(len(maps), -1).T)
            official.append((truth * part).ravel())
        sum_row = np.full((1, predicted[0].shape[1]), SUM_TO_ONE)
        weights, _ = nnls(
            np.vstack([*predicted, sum_row]), np.append(np.concatenate(official), SUM_TO_ONE)
        )
        return np.asarray(weights / weights.sum())


def _maps(
    past: PastAreas, demography: pd.DataFrame, ballot: tuple[str, int], place: int, level: pd.Series
) -> tuple[np.ndarray, pd.Series]:
    """Four maps [M, U, C] of one ballot, from the first rounds before it; votes of the areas."""
    votes = past.carried(past.elections[place - 1], ballot[0])
    votes = votes[votes.sum(axis=1) > 0][list(level.index)]
    size = votes.sum(axis=1)
    maps = [
        np.tile(level.to_numpy(), (len(votes), 1)),
        uniform_swing(votes.div(size, axis=0), size, level),
        proportional(votes, level).to_numpy(),
        raked(past.pattern(votes, demography, ballot, place), size, level).to_numpy(),
    ]
    return np.stack(maps), size
