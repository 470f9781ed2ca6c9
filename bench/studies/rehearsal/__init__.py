"""A season of sealed forecasts, replayed on past elections as if live."""

from bench.core.settings import TASK_SETTINGS
from bench.studies.base import Study
from bench.studies.rehearsal.analysis import Settings, analyse
from bench.studies.rehearsal.view import rehearsal_report

STUDY = Study(
    analyse=analyse,
    report=rehearsal_report,
    uses=TASK_SETTINGS | {"audit"},
    settings=Settings,
    long_tables={
        "scores": ("parquet", "csv"),
        "forecasts": ("parquet", "csv"),
        "seals": ("csv",),
        "audit": ("csv",),
    },
)
