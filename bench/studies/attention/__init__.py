"""What attention adds to the polls on which it is calibrated, day of calibration by day."""

from __future__ import annotations

from bench.core.language import N_
from bench.core.settings import TASK_SETTINGS
from bench.studies.attention.analysis import Settings, analyse
from bench.studies.attention.report import report
from bench.studies.base import Study

STUDY = Study(
    analyse=analyse,
    report=report,
    uses=TASK_SETTINGS | {"days_before", "hour"},
    settings=Settings,
    long_tables={"errors": ("csv",)},
    first={
        "gains": N_(
            "Each dot is a way of turning attention into votes: left of the line it came "
            "closer than the polls that it is calibrated on, right of it less close. Where "
            "its bar crosses the line, chance alone could explain the difference."
        ),
    },
)
