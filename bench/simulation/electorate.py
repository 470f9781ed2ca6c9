"""This file holds the electorate: cells of people, each with its votes, raked to real margins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.core import DataError
from bench.core.errors import did_you_mean
from bench.models.raking import fit_table
from bench.simulation.completion import complete

FloatArray = NDArray[np.float64]
VARIABLES = ("age", "sex", "occupation", "place", "interest", "past_vote")


@dataclass(frozen=True, kw_only=True)
class Margins:
    """What is known of an electorate before its cells are.

    Attributes
    ----------
    election : str
    candidates : tuple of str
        The ballot, C slugs.
    registered : int
        People on the roll.
    vote : numpy.ndarray [C + 1]
        Fractions of those registered; the last is everybody without a valid vote.
    levels : mapping of str to tuple of str
        Groups of every variable.
    share : mapping of str to numpy.ndarray [G]
        Fractions of those registered by group: age, sex, occupation, interest.
    by_vote : mapping of str to numpy.ndarray [G, C + 1]
        Known tables group by vote: place, past_vote, interest.
    published : mapping of str to numpy.ndarray [G, C]
        Surveyed shares by group, NaN where unpublished: age, sex, occupation.
    likely : mapping of (str, str) to numpy.ndarray
        Where two variables go together (age and occupation): a seed of any scale.
    areas : pandas.DataFrame [A, C]
        Votes by département and candidate, indexed by département.
    """

    election: str
    candidates: tuple[str, ...]
    registered: int
    vote: FloatArray
    levels: Mapping[str, tuple[str, ...]]
    share: Mapping[str, FloatArray]
    by_vote: Mapping[str, FloatArray]
    published: Mapping[str, FloatArray]
    likely: Mapping[tuple[str, str], FloatArray]
    areas: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class Electorate:
    """Fractions of those registered by age, sex, occupation, place, interest, past vote and vote.

    Attributes
    ----------
    election : str
    candidates : tuple of str
    registered : int
    levels : mapping of str to tuple of str
        Groups of every variable, in the order of the axes of `mass`.
    mass : numpy.ndarray [age, sex, occupation, place, interest, past_vote, C + 1]
        Sums to 1; the last column is everybody without a valid vote.
    areas : pandas.DataFrame [A, C]
        Where the voters of every candidate live: columns sum to 1. Given the vote, départements
        do not depend on the other variables.
    """

    election: str
    candidates: tuple[str, ...]
    registered: int
    levels: Mapping[str, tuple[str, ...]]
    mass: FloatArray
    areas: pd.DataFrame

    @property
    def voters(self) -> FloatArray:
        """Cells by vote among those with a valid vote [..., C], summing to 1."""
        valid = self.mass[..., :-1]
        return np.asarray(valid / valid.sum())

    @property
    def n_voters(self) -> float:
        """Valid votes."""
        return float(self.registered * self.mass[..., :-1].sum())

    @property
    def share(self) -> FloatArray:
        """Fractions of the valid votes [C]."""
        return np.asarray(self.voters.sum(axis=tuple(range(len(VARIABLES)))))

    def among(self, variables: Sequence[str], voters: FloatArray) -> FloatArray:
        """Cells reduced to some variables: [R, C], rows in the order of their crossing.

        Parameters
        ----------
        variables : sequence of str
            In the order of `VARIABLES`.
        voters : numpy.ndarray [..., C]
            An array shaped like `voters`.

        Raises
        ------
        DataError
            If a variable does not exist.
        """
        for name in variables:
            if name not in VARIABLES:
                raise DataError(f"no variable '{name}' ({did_you_mean(name, VARIABLES)})")
        dropped = tuple(i for i, name in enumerate(VARIABLES) if name not in variables)
        return np.asarray(voters.sum(axis=dropped).reshape(-1, voters.shape[-1]))

    def on(self, variable: str, value: Mapping[str, float]) -> FloatArray:
        """A factor by group of one variable, shaped to multiply `voters`; 1 where not named.

        Raises
        ------
        DataError
            If a group does not exist.
        """
        groups = self.levels[variable]
        for name in value:
            if name not in groups:
                raise DataError(f"{variable} has no group '{name}' ({did_you_mean(name, groups)})")
        shape = [1] * (len(VARIABLES) + 1)
        shape[VARIABLES.index(variable)] = len(groups)
        return np.array([float(value.get(name, 1.0)) for name in groups]).reshape(shape)


def calibrate(margins: Margins) -> Electorate:
    """Rake cells to every known margin at once.

    The seed is independence, times what `likely` says of pairs of variables; the survey tables
    are completed first (`bench.simulation.completion`), then all tables group by vote are met by
    iterative proportional fitting, so that everything not known keeps the odds of the seed.

    Raises
    ------
    ForecastError
        If the margins contradict each other.

    References
    ----------
    Deming, W. E., Stephan, F. F. (1940). doi:10.1214/aoms/1177731829
    """
    vote_axis = len(VARIABLES)
    shape = [len(margins.levels[name]) for name in VARIABLES] + [len(margins.vote)]
    seed = np.ones(shape)
    for (one, other), value in margins.likely.items():
        first, second = VARIABLES.index(one), VARIABLES.index(other)
        dims = [1] * len(shape)
        dims[first], dims[second] = value.shape
        seed = seed * value.reshape(dims)
    targets = []
    for i, name in enumerate(VARIABLES):
        table = margins.by_vote.get(name)
        if table is None:
            table = complete(margins.published[name], margins.share[name], margins.vote)
        targets.append(((i, vote_axis), table / table.sum()))
    mass = fit_table(seed, targets, tolerance=1e-9, max_iterations=2000)
    return Electorate(
        election=margins.election,
        candidates=margins.candidates,
        registered=margins.registered,
        levels={name: tuple(margins.levels[name]) for name in VARIABLES},
        mass=mass / mass.sum(),
        areas=margins.areas / margins.areas.sum(),
    )
