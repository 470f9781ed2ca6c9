"""What the challengers of polls published before each vote of 2016 and 2017, and what came."""

from __future__ import annotations

from bench.core.settings import TASK_SETTINGS
from bench.studies.base import Study
from bench.studies.report_2018.analysis import Settings, analyse

STUDY = Study(
    analyse=analyse,
    uses=TASK_SETTINGS | {"days_before", "hour"},
    settings=Settings,
    long_tables={"statements": ("csv",)},
)
