"""The smallest attack that flips a forecast, and its price."""

from __future__ import annotations

from bench.simulation.settings import USES
from bench.studies.base import Study
from bench.studies.breaking_point.analysis import analyse
from bench.studies.breaking_point.view import points_report

STUDY = Study(analyse=analyse, report=points_report, uses=USES)
