"""A forecast of one vote as of one moment, of an outcome that nobody needs to know."""

from bench.core.language import N_
from bench.core.settings import TASK_SETTINGS
from bench.studies.base import Study
from bench.studies.forecast.analysis import Settings, analyse
from bench.studies.forecast.report import report

STUDY = Study(
    analyse=analyse,
    report=report,
    uses=TASK_SETTINGS,
    settings=Settings,
    long_tables={
        "forecasts": ("parquet", "csv"),
        "pairs": ("csv",),
        "polls": ("csv",),
        "methods": ("csv",),
        "timings": ("csv",),
    },
    first={
        "fan": N_(
            "Each dot is a poll, the line their average as it was known at each moment. The "
            "bar at the day of the vote holds the result with a chance of 90%: it is wider "
            "than the polls, because all of them can be wrong together."
        ),
    },
)
