"""What attention adds to the polls on which it is calibrated, day of calibration by day."""

from __future__ import annotations

from bench.core.settings import TASK_SETTINGS
from bench.studies.attention.analysis import Settings, analyse
from bench.studies.base import Study

STUDY = Study(
    analyse=analyse,
    uses=TASK_SETTINGS | {"baseline", "days_before", "hour"},
    settings=Settings,
    long_tables={"errors": "csv"},
)
