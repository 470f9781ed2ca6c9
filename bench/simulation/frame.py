"""The frame: whom an instrument reaches, and what they would tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.core import DataError
from bench.core.arrays import FloatArray
from bench.core.errors import did_you_mean
from bench.simulation.electorate import Electorate

Coarse = Mapping[str, Mapping[str, list[str]]]


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Expected composition of an instrument's respondents, before a sample is drawn.

    Attributes
    ----------
    instrument : str
        Whose respondents.
    candidates : tuple of str
        C slugs.
    groups : pandas.DataFrame
        R rows, one column per variable that the instrument records.
    joint : numpy.ndarray [R, C] or [B, R, C]
        All voters by group and vote; sums to 1.
    share : numpy.ndarray, like `joint`
        The respondents by group and the vote that they would state; sums to 1.
    tilt : numpy.ndarray [B or 1, K or 1, C]
        Added to the log weights of the answers, by replicate and poll.
    n_population : float
        Valid votes.
    n_respondents : float
        Size of the sample, or users of the app.
    settings : mapping of str to float
        What else a distortion may change, by name.
    areas : pandas.DataFrame [A, C]
        Where the voters of every candidate live; columns sum to 1.
    """

    instrument: str
    candidates: tuple[str, ...]
    groups: pd.DataFrame
    joint: FloatArray
    share: FloatArray
    n_population: float
    n_respondents: float
    tilt: FloatArray = field(default_factory=lambda: np.zeros((1, 1, 1)))
    settings: Mapping[str, float] = field(default_factory=dict)
    areas: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def truth(self) -> FloatArray:
        """Fractions of the valid votes [C] or [B, C]."""
        return np.asarray(self.joint.sum(axis=-2))

    @property
    def target(self) -> FloatArray:
        """Fractions of the voters by group [R] or [B, R]: what quotas and weights aim at."""
        return np.asarray(self.joint.sum(axis=-1))

    def tilted(self, factor: FloatArray) -> Frame:
        """The frame with every respondent's chance multiplied, then brought back to 1."""
        return self.answering(self.share * factor)

    def with_supporters(self, candidate: str, factor: FloatArray | float) -> Frame:
        """The frame with the chances of one candidate's supporters multiplied, by replicate or all.

        Raises
        ------
        DataError
            As `column`.
        """
        share = self.share.copy()
        share[..., self.column(candidate)] *= np.expand_dims(factor, -1)
        return self.answering(share)

    def answering(self, share: FloatArray) -> Frame:
        """The frame with another composition, brought back to 1."""
        return replace(self, share=share / share.sum(axis=(-2, -1), keepdims=True))

    def column(self, candidate: str) -> int:
        """Position of a candidate.

        Raises
        ------
        DataError
            If nobody on the ballot has that slug.
        """
        if candidate not in self.candidates:
            raise DataError(
                f"no candidate '{candidate}' ({did_you_mean(candidate, self.candidates)})"
            )
        return self.candidates.index(candidate)


def frame_of(
    electorate: Electorate,
    instrument: str,
    variables: tuple[str, ...],
    chance: FloatArray,
    *,
    n_respondents: float,
    settings: Mapping[str, float] | None = None,
    coarse: Coarse | None = None,
) -> Frame:
    """Cells weighted by their chance of being reached, reduced to the recorded variables.

    Parameters
    ----------
    electorate : Electorate
    instrument : str
    variables : tuple of str
        What the instrument records, in the order of `bench.simulation.electorate.VARIABLES`.
    chance : numpy.ndarray
        Relative chance of being reached, by cell and vote; broadcast against the cells.
    n_respondents : float
    settings : mapping of str to float, optional
    coarse : mapping, optional
        By variable, the coarser groups and which groups each holds.

    Raises
    ------
    DataError
        If a variable does not exist, or coarse groups do not hold every group once.
    """
    voters = electorate.voters
    joint = electorate.among(variables, voters)
    share = electorate.among(variables, voters * chance)
    groups = pd.DataFrame(index=range(1))
    if variables:
        levels = [electorate.levels[name] for name in variables]
        groups = pd.MultiIndex.from_product(levels, names=list(variables)).to_frame(index=False)
    for variable, merged in (coarse or {}).items():
        fine = {old: new for new, members in merged.items() for old in members}
        if set(fine) != set(electorate.levels[variable]):
            raise DataError(
                f"coarse groups of {variable} hold {sorted(fine)}; accepted: each of "
                f"{', '.join(electorate.levels[variable])} once"
            )
        groups[variable] = groups[variable].map(fine)
    if coarse:
        keys = pd.MultiIndex.from_frame(groups)
        code = keys.factorize()[0]
        joint, share = (_summed(table, code) for table in (joint, share))
        groups = groups.drop_duplicates(ignore_index=True)
    return Frame(
        instrument=instrument,
        candidates=electorate.candidates,
        groups=groups,
        joint=joint,
        share=share / share.sum(),
        n_population=electorate.n_voters,
        n_respondents=float(n_respondents),
        settings=dict(settings or {}),
        areas=electorate.areas,
    )


def _summed(table: FloatArray, code: NDArray[np.intp]) -> FloatArray:
    total = np.zeros((code.max() + 1, table.shape[1]))
    np.add.at(total, code, table)
    return total
