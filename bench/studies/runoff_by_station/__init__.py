"""A runoff at polling stations: forecast from the first round, scored by station."""

from __future__ import annotations

from bench.core.settings import TASK_SETTINGS
from bench.studies.base import Study
from bench.studies.runoff_by_station.analysis import Settings, analyse

STUDY = Study(
    analyse=analyse,
    uses=TASK_SETTINGS | {"audit", "baseline"},
    settings=Settings,
)
