"""This file holds the model that extrapolates from counted stations to those outstanding."""

import dataclasses

import numpy as np

from bench.models.election_night.frame import Floats, NightFrame

_BUMPS = np.linspace(2.0, 14.0, 9)  # centres on the scale log(registered of the commune)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Extrapolation:
    """A normal linear model of votes per registered voter, fitted to the counted stations.

        y_i / r_i = z_i B + e_i,   z_i = (1, past vote, bumps of log commune size, département)
        Var(e_i) = φ M / w_i,      w_i = r_i / (1 + r_i ρ),   M = diag(p) - p p'

    Past votes have wide priors; every bump and every département has the prior variance
    κ² M. The error of the outstanding stations is not read off the model: see
    `bench.models.election_night.running.RunningCount`.

    Attributes
    ----------
    spread : κ, how far swings differ between kinds of places, as a part of sqrt(p (1 - p)).
    overdispersion : ρ, between stations, 0 to 1.
    width : of the bumps, on the log scale.
    """

    spread: float
    overdispersion: float
    width: float

    def weight(self, registered: Floats) -> Floats:
        """w_i, [U].

        Examples
        --------
        >>> model = Extrapolation(spread=0.03, overdispersion=0.01, width=2)
        >>> model.weight(np.array([100.0])).tolist()
        [50.0]
        """
        return np.asarray(registered / (1 + registered * self.overdispersion))

    def features(self, frame: NightFrame) -> tuple[Floats, Floats]:
        """Z [U, F] and the prior standard deviation of each coefficient, [F], in units of κ."""
        past = (frame.past - frame.past.mean(axis=0)) / np.maximum(frame.past.std(axis=0), 1e-9)
        size = np.log(np.maximum(frame.place_size, 1.0))[:, None]
        bumps = np.exp(-0.5 * ((size - _BUMPS) / self.width) ** 2)
        bumps /= np.sqrt((bumps**2).sum(axis=1, keepdims=True))
        areas = np.eye(int(frame.area.max()) + 1)[frame.area]
        parts = [np.ones((frame.n, 1)), past, bumps, areas]
        wide = (100.0, 10.0, 1.0, 1.0)
        scale = [np.full(part.shape[1], s) for part, s in zip(parts, wide, strict=True)]
        return np.hstack(parts), np.concatenate(scale)


def kinds(frame: NightFrame) -> Floats:
    """What tells stations that report early from those that report late, standardised, [U, 3].

    Log size of the station and of its commune, and the hour at which it closes; mean 0 and
    variance 1 over registered voters.
    """
    values = np.column_stack(
        [np.log(frame.registered), np.log(np.maximum(frame.place_size, 1.0)), frame.late * 1.0]
    )
    mean = np.average(values, axis=0, weights=frame.registered)
    variance = np.average((values - mean) ** 2, axis=0, weights=frame.registered)
    return np.asarray((values - mean) / np.sqrt(np.maximum(variance, 1e-12)))
