"""How evidence comes about: one file per instrument."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from bench.core.arrays import FloatArray
from bench.core.evidence import BatchTable
from bench.core.registry import Registry
from bench.simulation.calibration import Facts
from bench.simulation.electorate import Electorate
from bench.simulation.frame import Frame


@dataclass(frozen=True, kw_only=True)
class Instrument(ABC):
    """A way to collect evidence from an electorate; its fields are its settings.

    Attributes
    ----------
    makes : frozenset of str
        The evidence tables that it fills.
    """

    makes: ClassVar[frozenset[str]]

    @abstractmethod
    def frame(self, electorate: Electorate, facts: Facts) -> Frame:
        """Whom it reaches."""

    @abstractmethod
    def collect(
        self, frame: Frame, facts: Facts, n_replicates: int, rng: np.random.Generator
    ) -> dict[str, BatchTable]:
        """Draw the samples of `n_replicates` replicates and write down what they show."""


INSTRUMENTS: Registry[Instrument] = Registry(
    kind="instrument",
    package="bench.simulation.instruments",
    base=Instrument,  # type: ignore[type-abstract]
    config_group="instrument",
    group="bench.instruments",
    besides=frozenset({"polls"}),
)


def make_instrument(name: str, settings: Mapping[str, Any]) -> Instrument:
    """An instrument from its YAML: `method` (default: the name) and the fields.

    Raises
    ------
    ConfigError
        If nothing has that name, or a setting is unknown, missing or of a wrong type.
    """
    return INSTRUMENTS.make(name, {k: v for k, v in settings.items() if k != "priors"})


def draw(
    rng: np.random.Generator, n: FloatArray | float, share: FloatArray, n_replicates: int
) -> FloatArray:
    """Multinomial counts by cell: the cost depends on the cells, never on n.

    Parameters
    ----------
    rng : numpy.random.Generator
    n : float or array_like [..., 1 removed]
        People drawn, by leading index of `share`.
    share : numpy.ndarray [..., M]
        Chances by cell; brought to sum 1 here.
    n_replicates : int
        Leading axis of the result where `share` has none.

    Returns
    -------
    numpy.ndarray [B, ..., M]
    """
    if share.ndim == 1:
        share = np.broadcast_to(share, (n_replicates, len(share)))
    total = share.sum(axis=-1, keepdims=True)
    chance = np.divide(share, total, out=np.zeros_like(share), where=total > 0)
    chance[..., -1] = np.maximum(1 - chance[..., :-1].sum(axis=-1), 0)
    return rng.multinomial(np.asarray(n, dtype=np.int64), chance).astype(np.float64)


@dataclass(frozen=True, kw_only=True)
class Volunteers(Instrument):
    """An instrument that anybody may join: people do by interest, age and enthusiasm."""

    source: str
    selection: float
    interest: dict[str, float]
    age: dict[str, float]

    def chance(self, electorate: Electorate, facts: Facts) -> FloatArray:
        """Chance of taking part by cell and vote, such that volunteers declare their votes.

            chance[cell, c] = reach[cell] * (declared[c] / reached[c]) ** selection

        where `reach` is by interest and age, and ``reached[c]`` is what it alone would bring. With
        ``selection`` 1 the volunteers' votes are those declared; with 0 only `reach` selects.
        """
        reach = electorate.on("interest", self.interest) * electorate.on("age", self.age)
        declared = facts.declared_votes
        reached = electorate.among((), electorate.voters * reach)[0]
        enthusiasm = (declared / declared.sum()) / (reached / reached.sum())
        return np.asarray(reach * enthusiasm**self.selection)
