"""Ways to spoil evidence, each with a dose: one file per distortion."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bench.core import ConfigError
from bench.core.batch import EvidenceBatch
from bench.simulation.frame import Frame

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Distortion(ABC):
    """One way to spoil evidence; its fields are its settings.

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


@dataclass(frozen=True, kw_only=True)
class ResponseDistortion(Distortion):
    """Changes who answers, or what they say, before the sample is drawn.

    A setting `instruments`, where there is one, names the instruments whose frames it changes.
    """

    @abstractmethod
    def spoil_frame(
        self, frame: Frame, dose: float, n_replicates: int, rng: np.random.Generator
    ) -> Frame:
        """The frame at a dose above 0; frames of instruments it does not concern come back."""


@dataclass(frozen=True, kw_only=True)
class EvidenceDistortion(Distortion):
    """Changes the tables that are published; real evidence can be spoilt as well."""

    @abstractmethod
    def spoil_evidence(
        self, batch: EvidenceBatch, dose: float, rng: np.random.Generator
    ) -> EvidenceBatch:
        """The batch at a dose above 0."""


@dataclass(frozen=True, kw_only=True)
class TransferDistortion(Distortion):
    """Changes how the rows of a transition table vote from area to area (made-up areas only)."""

    @abstractmethod
    def spoil_profiles(self, profile: FloatArray, rows: FloatArray, dose: float) -> FloatArray:
        """Shares of every row in every area [U, R, K] at a dose above 0."""


def spoil_profiles(
    distortion: Distortion, profile: FloatArray, rows: FloatArray, dose: float
) -> FloatArray:
    """Apply a distortion to how rows vote; at dose 0 they vote alike in every area.

    Parameters
    ----------
    distortion : Distortion
    profile : numpy.ndarray [R, K]
        Shares of every row over all areas; rows sum to 1.
    rows : numpy.ndarray [U, R]
        Votes of the rows by area.
    dose : float

    Raises
    ------
    ConfigError
        If the dose is negative or not a number.
    """
    if not checked(distortion, dose) or not isinstance(distortion, TransferDistortion):
        return np.broadcast_to(profile, (len(rows), *profile.shape))
    return distortion.spoil_profiles(profile, rows, dose)


def spoil_frame(
    distortion: Distortion, frame: Frame, dose: float, n_replicates: int, rng: np.random.Generator
) -> Frame:
    """Apply a distortion to whom an instrument reaches; dose 0 is the very same frame.

    Raises
    ------
    ConfigError
        If the dose is negative or not a number.
    """
    if not checked(distortion, dose) or not isinstance(distortion, ResponseDistortion):
        return frame
    if frame.instrument not in getattr(distortion, "instruments", (frame.instrument,)):
        return frame
    return distortion.spoil_frame(frame, dose, n_replicates, rng)


def spoil_evidence(
    distortion: Distortion, batch: EvidenceBatch, dose: float, rng: np.random.Generator
) -> EvidenceBatch:
    """Apply a distortion to evidence; dose 0 is the very same evidence.

    Raises
    ------
    ConfigError
        If the dose is negative or not a number.
    """
    if not checked(distortion, dose) or not isinstance(distortion, EvidenceDistortion):
        return batch
    return distortion.spoil_evidence(batch, dose, rng)


def checked(distortion: Distortion, dose: float) -> bool:
    """Whether the dose is above 0.

    Raises
    ------
    ConfigError
        If it is negative, not a number or more than means anything.
    """
    if not (np.isfinite(dose) and dose >= 0):
        raise ConfigError(
            f"dose {dose} of {type(distortion).__name__}; accepted: a number of at least 0 "
            f"({distortion.unit})"
        )
    if dose > distortion.most:
        raise ConfigError(
            f"dose {dose} of {type(distortion).__name__}; accepted: at most {distortion.most:g} "
            f"({distortion.unit})"
        )
    return dose > 0


REFERENCE = 0.2 * 0.8


def log_weight(points: float) -> float:
    """Log weight that moves a candidate at 20 % by so many percentage points, to first order.

    Examples
    --------
    >>> round(log_weight(1.6), 12)
    0.1
    """
    return points / 100 / REFERENCE
