"""Election night: final shares from polling stations sampled, or counted so far."""

from bench.models.election_night.night import NightEstimate, NightFrame
from bench.models.election_night.running_count import Extrapolation, RunningCount, SharedBias
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
    "SharedBias",
    "covariates_of",
    "draw_sample",
    "polling_station_sample",
    "strata_of",
]
