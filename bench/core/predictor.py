"""The base of every contestant: one method to write, one object to return, one generator to use."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from bench.core.evidence import Evidence
from bench.core.forecast import Forecast


@dataclass(frozen=True, kw_only=True)
class Predictor(ABC):
    """A method that turns evidence into a forecast.

    A subclass is a frozen dataclass in a file of its own; its fields are its settings, whose
    values stand in the YAML of the same name and nowhere else.

    Attributes
    ----------
    family : str
        The heading under which tables list it, e.g. ``"quota polls"``.
    needs : frozenset of str
        The evidence tables it reads. It gets these and no others.
    files : frozenset of str
        Settings that name a file which the method reads beside its evidence; the sums of these
        files enter the manifest.
    level_of : str
        The predictor whose national forecast it takes over, if it adds a map and no level of its
        own: both draw the same random numbers, and tables show one row for the two.
    """

    family: ClassVar[str]
    needs: ClassVar[frozenset[str]] = frozenset()
    files: ClassVar[frozenset[str]] = frozenset()
    level_of: ClassVar[str] = ""

    @abstractmethod
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        """Forecast the vote from what was public at ``evidence.as_of``.

        Raises
        ------
        Abstain
            If the method has nothing to say for this vote and date.
        """

    def knows_until(self) -> pd.Timestamp | None:
        """Until when the method has learned of the world beside its evidence; None if it has not.

        What it says as of an earlier moment is hindsight, and is never ranked: a model that was
        trained on later texts knows outcomes.
        """
        return None

    def our_reading(self) -> bool:
        """Whether its shares are our reading of figures from which its author drew none.

        Such a row stands outside every comparison, and names no winner.
        """
        return False


def generator(seed: int, *names: object) -> np.random.Generator:
    """A generator that depends on the seed of the run and on these names, and on nothing else.

    Examples
    --------
    >>> bool(generator(1, "a").random() == generator(1, "a").random())
    True
    >>> bool(generator(1, "a").random() == generator(1, "b").random())
    False
    """
    digest = hashlib.sha256("\0".join(map(str, names)).encode()).digest()
    words = np.frombuffer(digest, dtype=np.uint32).tolist()
    return np.random.default_rng([seed, *words])
