"""A runoff at polling stations: forecast from the first round, scored by station."""

from __future__ import annotations

from bench.core.language import N_
from bench.core.settings import TASK_SETTINGS
from bench.studies.base import Study
from bench.studies.runoff_by_station.analysis import Settings, analyse
from bench.studies.runoff_by_station.report import stations_report

STUDY = Study(
    analyse=analyse,
    report=stations_report,
    uses=TASK_SETTINGS | {"audit", "baseline"},
    settings=Settings,
    first={
        "stations": N_(
            "Each square is many polling stations: across what a method forecast, up what was "
            "counted. On the line it was right; the farther from it, the worse."
        ),
    },
)
