"""This package holds election night: final shares from stations sampled, or counted so far."""

from bench.kit.election_night.extrapolation import Extrapolation
from bench.kit.election_night.frame import NightFrame
from bench.kit.election_night.night_estimate import NightEstimate
from bench.kit.election_night.running import RunningCount
from bench.kit.election_night.sample import (
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
