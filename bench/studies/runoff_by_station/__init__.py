"""A runoff at polling stations: forecast from the first round, scored by station."""

from __future__ import annotations

from bench.core.settings import TASK_SETTINGS
from bench.studies.base import Study
from bench.studies.runoff_by_station.analysis import Settings, analyse
from bench.studies.runoff_by_station.view import stations_report

STUDY = Study(
    analyse=analyse,
    report=stations_report,
    uses=TASK_SETTINGS | {"audit", "baseline"},
    settings=Settings,
)
