"""A forecast of one vote as of one moment, of an outcome that nobody needs to know."""

from bench.core.settings import TASK_SETTINGS
from bench.studies.base import Study
from bench.studies.forecast.analysis import Settings, analyse

STUDY = Study(
    analyse=analyse,
    uses=TASK_SETTINGS,
    settings=Settings,
    needs_outcome=False,
    long_tables={
        "forecasts": "csv",
        "pairs": "csv",
        "polls": "csv",
        "methods": "csv",
        "timings": "csv",
    },
)
