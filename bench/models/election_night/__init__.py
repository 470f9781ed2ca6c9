"""This package holds election night: final shares from stations sampled, or counted so far."""

from bench.models.election_night.extrapolation import Extrapolation
from bench.models.election_night.frame import NightFrame
from bench.models.election_night.night_estimate import NightEstimate
from bench.models.election_night.running import RunningCount
from bench.models.election_night.sample import (
    covariates_of,
    draw_sample,
    polling_station_sample,
    strata_of,
)

__all__ = [
    "Extrapolation",
    "NightEstimate",
    "NightFrame",
    "RunningCount",
    "covariates_of",
    "draw_sample",
    "polling_station_sample",
    "strata_of",
]
