"""The smallest attack that flips a forecast, and its price."""

from __future__ import annotations

from bench.simulation.settings import USES
from bench.studies.base import Study
from bench.studies.breaking_point.report import points_report
from bench.studies.breaking_point.worlds import analyse

STUDY = Study(analyse=analyse, report=points_report, uses=USES)
