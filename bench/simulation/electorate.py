"""The electorate: cells of people, each with its votes, raked to real targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from bench.core import DataError
from bench.core.arrays import FloatArray
from bench.core.errors import did_you_mean
from bench.models.raking import fit_table

COMPLETION_ROUNDS = 200
ROUNDED = 0.02  # by which published shares of a group may exceed 1
VARIABLES = ("age", "sex", "occupation", "place", "interest", "past_vote")


@dataclass(frozen=True, kw_only=True)
class CalibrationTargets:
    """What the cells of an electorate are raked to.

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
    seeds : mapping of (str, str) to numpy.ndarray
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
    seeds: Mapping[tuple[str, str], FloatArray]
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


def calibrate(targets: CalibrationTargets) -> Electorate:
    """Rake cells to every target at once.

    The seed is independence, times what `seeds` says of pairs of variables; the survey tables
    are completed first (`complete`), then all tables group by vote are met by
    iterative proportional fitting, so that everything not known keeps the odds of the seed.

    Raises
    ------
    ForecastError
        If the targets contradict each other.

    References
    ----------
    Deming, W. E., Stephan, F. F. (1940). doi:10.1214/aoms/1177731829
    """
    vote_axis = len(VARIABLES)
    shape = [len(targets.levels[name]) for name in VARIABLES] + [len(targets.vote)]
    seed = np.ones(shape)
    for pair, odds in targets.seeds.items():
        first, second = (VARIABLES.index(name) for name in pair)
        dims = [1] * len(shape)
        dims[first], dims[second] = odds.shape
        seed = seed * odds.reshape(dims)
    tables = []
    for i, name in enumerate(VARIABLES):
        table = targets.by_vote.get(name)
        if table is None:
            table = complete(targets.published[name], targets.share[name], targets.vote)
        tables.append(((i, vote_axis), table / table.sum()))
    mass = fit_table(seed, tables, tolerance=1e-9, max_iterations=2000)
    return Electorate(
        election=targets.election,
        candidates=targets.candidates,
        registered=targets.registered,
        levels={name: tuple(targets.levels[name]) for name in VARIABLES},
        mass=mass / mass.sum(),
        areas=targets.areas / targets.areas.sum(),
    )


def complete(published: ArrayLike, groups: ArrayLike, options: ArrayLike) -> FloatArray:
    """Groups by votes, from the published cells and the two margins.

    Published cells start where they were published, and turnout is the same in every group.
    Unpublished cells start from independence and are scaled, row after column, until they hold
    what the margins leave over. In the end the whole table is raked to the margins, so that
    rounded figures give way to official ones.

    Parameters
    ----------
    published : array_like [G, C]
        Fractions of the group's valid votes, NaN where not published.
    groups : array_like [G]
        Share of each group among those registered, summing to 1.
    options : array_like [C + 1]
        Share of those registered who vote for each candidate and, last, for nobody.

    Returns
    -------
    numpy.ndarray [G, C + 1]
        Fractions of those registered, summing to 1.

    Raises
    ------
    DataError
        If the shapes do not fit, or a group's published shares exceed 1 by more than rounding.

    Examples
    --------
    Two equal groups, one candidate's share known in the first; 20 % stay at home:

    >>> table = complete([[0.75, np.nan], [np.nan, np.nan]], [0.5, 0.5], [0.4, 0.4, 0.2])
    >>> (table[:, :2] / table[:, :2].sum(axis=1, keepdims=True)).round(3).tolist()
    [[0.75, 0.25], [0.25, 0.75]]
    """
    cells = np.asarray(published, dtype=float)
    rows, columns = np.asarray(groups, dtype=float), np.asarray(options, dtype=float)
    if cells.shape != (len(rows), len(columns) - 1):
        raise DataError(f"published is {cells.shape}, margins {rows.shape} and {columns.shape}")
    if (np.nansum(cells, axis=1) > 1 + ROUNDED).any():
        raise DataError("the published shares of a group exceed 1; check the units (0 to 1)")
    is_known = np.column_stack([~np.isnan(cells), np.ones(len(rows), dtype=bool)])
    table = np.outer(rows, columns)
    voted = rows * (1 - columns[-1])
    table[:, :-1] = np.where(is_known[:, :-1], cells * voted[:, None], table[:, :-1])
    for _ in range(COMPLETION_ROUNDS):
        for axis, target in ((1, columns), (0, rows)):
            fixed = np.where(is_known, table, 0).sum(axis=1 - axis)
            free = np.where(is_known, 0, table).sum(axis=1 - axis)
            remaining = np.maximum(target - fixed, 1e-9)
            scale = np.divide(remaining, free, out=np.ones_like(remaining), where=free > 0)
            table = np.where(is_known, table, table * np.expand_dims(scale, 1 - axis))
    return fit_table(table, [((0,), rows), ((1,), columns)])
