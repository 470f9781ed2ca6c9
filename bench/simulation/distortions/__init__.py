"""Ways to distort evidence, each with a dose: one file per distortion."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import ConfigError
from bench.core.arrays import FloatArray, IntArray
from bench.core.errors import did_you_mean
from bench.core.evidence import BatchTable, EvidenceBatch
from bench.core.registry import Registry
from bench.simulation.frame import Frame

OF_THE_STUDY = ("doses", "priors", "serves", "unread_by")  # settings beside those of the distortion
REFERENCE_VARIANCE = 0.2 * 0.8


@dataclass(frozen=True, kw_only=True)
class Distortion(ABC):
    """One way to distort evidence; its fields are its settings.

    A subclass overrides one of `distort_frame`, `distort_evidence` and `distort_profiles`, by way
    of the classes below. All others ask `frame_at`, `evidence_at` and `profiles_at`, which check
    the dose and give back the very same object at dose 0, or where the distortion does not act.

    Attributes
    ----------
    unit : str
        What one unit of dose is.
    kind : str
        ``bias`` or ``manipulation``.
    touches : frozenset of str
        The evidence tables that can change.
    most : float
        The largest dose that means anything.
    """

    unit: ClassVar[str]
    kind: ClassVar[str]
    touches: ClassVar[frozenset[str]]
    most: ClassVar[float] = np.inf

    def frame_at(
        self, dose: float, frame: Frame, n_replicates: int, rng: np.random.Generator
    ) -> Frame:
        """Whom an instrument reaches at a dose.

        Raises
        ------
        ConfigError
            If the dose is negative, not a number or more than means anything.
        """
        self.is_on(dose)
        return frame

    def evidence_at(
        self, dose: float, batch: EvidenceBatch, rng: np.random.Generator
    ) -> EvidenceBatch:
        """What is published at a dose.

        Raises
        ------
        ConfigError
            As `frame_at`.
        """
        self.is_on(dose)
        return batch

    def profiles_at(self, dose: float, profile: FloatArray, rows: FloatArray) -> FloatArray:
        """How rows vote in every area [U, R, K] at a dose; at 0 they vote alike everywhere.

        Parameters
        ----------
        dose : float
        profile : numpy.ndarray [R, K]
            Shares of every row over all areas; rows sum to 1.
        rows : numpy.ndarray [U, R]
            Votes of the rows by area.

        Raises
        ------
        ConfigError
            As `frame_at`.
        """
        self.is_on(dose)
        return np.broadcast_to(profile, (len(rows), *profile.shape))

    def is_on(self, dose: float) -> bool:
        """Whether the dose is above 0.

        Raises
        ------
        ConfigError
            If it is negative, not a number or more than means anything.
        """
        if np.isfinite(dose) and 0 <= dose <= self.most:
            return dose > 0
        limit = f"at most {self.most:g}" if dose > self.most else "a number of at least 0"
        raise ConfigError(f"dose {dose} of {type(self).__name__}; accepted: {limit} ({self.unit})")


@dataclass(frozen=True, kw_only=True)
class ResponseDistortion(Distortion):
    """Changes who answers, or what they say, before the sample is drawn.

    A setting `instruments`, where there is one, names the instruments whose frames it changes.
    """

    @override
    def frame_at(
        self, dose: float, frame: Frame, n_replicates: int, rng: np.random.Generator
    ) -> Frame:
        concerned = frame.instrument in getattr(self, "instruments", (frame.instrument,))
        if not self.is_on(dose) or not concerned:
            return frame
        return self.distort_frame(frame, dose, n_replicates, rng)

    @abstractmethod
    def distort_frame(
        self, frame: Frame, dose: float, n_replicates: int, rng: np.random.Generator
    ) -> Frame:
        """The frame at a dose above 0; frames of instruments it does not concern come back."""


@dataclass(frozen=True, kw_only=True)
class EvidenceDistortion(Distortion):
    """Changes the tables that are published; real evidence can be distorted as well."""

    @override
    def evidence_at(
        self, dose: float, batch: EvidenceBatch, rng: np.random.Generator
    ) -> EvidenceBatch:
        return self.distort_evidence(batch, dose, rng) if self.is_on(dose) else batch

    @abstractmethod
    def distort_evidence(
        self, batch: EvidenceBatch, dose: float, rng: np.random.Generator
    ) -> EvidenceBatch:
        """The batch at a dose above 0."""


@dataclass(frozen=True, kw_only=True)
class TableDistortion(EvidenceDistortion):
    """Changes the one table that it touches; evidence without rows of it comes back."""

    @override
    def distort_evidence(
        self, batch: EvidenceBatch, dose: float, rng: np.random.Generator
    ) -> EvidenceBatch:
        (name,) = self.touches
        if name not in batch.tables or batch[name].rows.empty:
            return batch
        return batch.with_tables(**{name: self.distort_table(batch[name], dose, batch, rng)})

    @abstractmethod
    def distort_table(
        self, table: BatchTable, dose: float, batch: EvidenceBatch, rng: np.random.Generator
    ) -> BatchTable:
        """The table at a dose above 0; `batch` holds it, and tells the moment and the ballot."""


@dataclass(frozen=True, kw_only=True)
class TransferDistortion(Distortion):
    """Changes how the rows of a transition table vote from area to area (made-up areas only)."""

    @override
    def profiles_at(self, dose: float, profile: FloatArray, rows: FloatArray) -> FloatArray:
        if not self.is_on(dose):
            return super().profiles_at(dose, profile, rows)
        return self.distort_profiles(profile, rows, dose)

    @abstractmethod
    def distort_profiles(self, profile: FloatArray, rows: FloatArray, dose: float) -> FloatArray:
        """Shares of every row in every area [U, R, K] at a dose above 0."""


DISTORTIONS = Registry(
    kind="distortion",
    package="bench.simulation.distortions",
    base=Distortion,
    config_group="distortion",
    group="bench.distortions",
)


def make_distortion(name: str, settings: Mapping[str, Any]) -> Distortion:
    """A distortion from its YAML: `method` (default: the name) and the fields.

    Raises
    ------
    ConfigError
        If nothing has that name, or a setting is unknown, missing or of a wrong type.
    """
    fields = {key: value for key, value in settings.items() if key not in OF_THE_STUDY}
    return DISTORTIONS.make(name, fields)


def refuse_unknown(kind: str, names: Iterable[str], accepted: Collection[str]) -> None:
    """Refuse a setting that names what is not there.

    Raises
    ------
    ConfigError
        With the nearest name.
    """
    for name in names:
        if name not in accepted:
            raise ConfigError(f"no {kind} '{name}' ({did_you_mean(name, accepted)})")


def poll_rows(rows: pd.DataFrame, assumed: float = 1000) -> Iterator[tuple[IntArray, float]]:
    """The places of the rows of every poll, in the order of their names, and its interviews.

    Parameters
    ----------
    rows : pandas.DataFrame
        Of the table `polls`.
    assumed : float
        Interviews of a poll that does not say how many answered, nor how many were asked.
    """
    answered = rows["sample_expressed"].fillna(rows["sample_size"]).fillna(assumed)
    for places in rows.groupby("poll_id", sort=True).indices.values():
        yield np.asarray(places), float(answered.iloc[places[0]])


def log_weight(points: float) -> float:
    """Log weight that moves a candidate at 20 % by so many percentage points, to first order.

    Examples
    --------
    >>> round(log_weight(1.6), 12)
    0.1
    """
    return points / 100 / REFERENCE_VARIANCE
