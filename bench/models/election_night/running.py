"""This file holds the running count: sums over the counted stations, and how far to trust them."""

import dataclasses

import numpy as np
import numpy.typing as npt

from bench.models.election_night.extrapolation import Extrapolation, kinds
from bench.models.election_night.frame import Floats, NightFrame
from bench.models.election_night.night_estimate import NightEstimate

CLOSE = 0.05  # distance below which two sets of stations count as alike
OLDEST, NEWEST = 0.125, 0.85  # earlier counts that are checked, as parts of this one
UNCHECKED = 0.10  # error before any check, as a part of sqrt(p (1 - p))


@dataclasses.dataclass(frozen=True)
class Moment:
    """What was known when fewer stations were counted."""

    n: int
    slopes: Floats
    outstanding: Floats
    votes: Floats
    kind: Floats
    registered: float


class RunningCount:
    """The count of a night, station by station, with an estimate at any moment.

    The error of the stations still outstanding is learned from the night itself: at earlier
    moments the same model was fitted to the stations counted by then, and what it said of those
    counted since is compared with their votes. Such an error, per registered voter, is stretched
    by how much further the outstanding stations are from the counted ones than the checked ones
    were from theirs (`kinds`: size of station and commune, hour of closing), and by `caution`.
    It is a forward validation, not a guarantee: outstanding stations may differ in ways that
    neither past votes nor sizes show.

    Parameters
    ----------
    frame : the stations.
    model : settings.
    n_candidates : C.
    caution : factor on the standard errors.

    References
    ----------
    Dawid (1984), Statistical theory: the prequential approach, doi:10.2307/2981683.
    """

    def __init__(
        self, frame: NightFrame, model: Extrapolation, n_candidates: int, caution: float
    ) -> None:
        """Start with nothing counted."""
        self.frame, self.model, self.caution = frame, model, caution
        self.features, self.scale = model.features(frame)
        self.kinds = kinds(frame)
        self.weight = model.weight(frame.registered)
        n = self.features.shape[1]
        self.total = float(frame.registered.sum())
        self.gram: Floats = np.zeros((n, n))
        self.cross: Floats = np.zeros((n, n_candidates))
        self.square: Floats = np.zeros(n_candidates)
        self.votes: Floats = np.zeros(n_candidates)
        self.kind: Floats = np.zeros(self.kinds.shape[1])
        self.outstanding: Floats = self.features.T @ frame.registered
        self.noise = float((frame.registered**2 / self.weight).sum())
        self.registered, self.n_counted = 0.0, 0
        self.past: list[Moment] = []

    def add(self, stations: npt.NDArray[np.intp], votes: Floats) -> None:
        """Count stations.

        Parameters
        ----------
        stations : numbers of the newly counted stations.
        votes : [len(stations), C].
        """
        z, reg, w = self.features[stations], self.frame.registered[stations], self.weight[stations]
        rate = votes / reg[:, None]
        weighted = z * w[:, None]
        self.gram += weighted.T @ z
        self.cross += weighted.T @ rate
        self.square += w @ rate**2
        self.votes = self.votes + votes.sum(axis=0)
        self.kind = self.kind + reg @ self.kinds[stations]
        self.outstanding = self.outstanding - reg @ z
        self.noise -= float((reg**2 / w).sum())
        self.registered += float(reg.sum())
        self.n_counted += len(stations)

    def estimate(self) -> NightEstimate:
        """Final shares from the stations counted so far; remembers the moment for later checks."""
        slopes, phi, solve = self._fit()
        left = self.total - self.registered
        total = self.votes + np.maximum(self.outstanding @ slopes, 0)
        rate = np.clip(total / self.total, 1e-6, 1)
        model = phi * (self.outstanding @ solve @ self.outstanding + max(self.noise, 0.0))
        spread = np.outer(np.sqrt(rate), np.sqrt(rate))
        of_total = model * (np.diag(rate) - np.outer(rate, rate))
        reach = self._checked_error(rate) * left * self.caution
        alike = -spread / np.sqrt(np.outer(1 - rate, 1 - rate))
        np.fill_diagonal(alike, 1.0)
        of_total += np.outer(reach, reach) * alike
        share = total / total.sum()
        turn = (np.eye(len(share)) - share[:, None]) / total.sum()
        self.past.append(
            Moment(self.n_counted, slopes, self.outstanding, self.votes, self.kind, self.registered)
        )
        return NightEstimate(share=share, covariance=turn @ of_total @ turn.T)

    def _fit(self) -> tuple[Floats, float, Floats]:
        """Coefficients [F, C], φ and the inverse of the penalised Gram matrix."""
        counted = self.votes / max(self.registered, 1.0)
        units = float((counted * (1 - counted)).sum())
        phi = 1.0
        slopes: Floats = self.cross
        solve: Floats = self.gram
        for _ in range(3):
            prior = np.diag(phi / (self.model.spread * self.scale) ** 2)
            solve = np.asarray(np.linalg.inv(self.gram + prior), dtype=np.float64)
            slopes = solve @ self.cross
            unexplained = float(
                np.maximum(self.square - (slopes * self.cross).sum(axis=0), 0).sum()
            )
            phi = max(unexplained / max(units * self.n_counted, 1e-12), 1e-9)
        return slopes, phi, solve

    def _checked_error(self, rate: Floats) -> Floats:
        """Standard error per outstanding registered voter, [C], from earlier moments."""
        unit = rate * (1 - rate)
        errors = []
        far = self._distance(-self.kind, self.total - self.registered, self.kind, self.registered)
        for then in self.past:
            if not OLDEST * self.n_counted <= then.n <= NEWEST * self.n_counted:
                continue
            since = self.registered - then.registered
            said = (then.outstanding - self.outstanding) @ then.slopes
            error = (said - (self.votes - then.votes)) / since
            near = self._distance(self.kind - then.kind, since, then.kind, then.registered)
            errors.append(error * max(1.0, far / near))
        if not errors:
            return UNCHECKED * np.sqrt(unit)
        own = np.mean(np.square(errors), axis=0)
        pooled = own.sum() / unit.sum() * unit
        return np.asarray(np.sqrt((own + pooled) / 2))

    @staticmethod
    def _distance(kind: Floats, registered: float, other: Floats, counted: float) -> float:
        gap = kind / max(registered, 1.0) - other / max(counted, 1.0)
        return float(np.sqrt((gap**2).sum() + CLOSE**2))
