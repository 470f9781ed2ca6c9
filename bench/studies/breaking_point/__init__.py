"""The smallest attack that flips a forecast, and its price."""

from __future__ import annotations

from bench.simulation.settings import USES
from bench.studies.base import Study
from bench.studies.breaking_point.analysis import analyse

STUDY = Study(analyse=analyse, uses=USES)
