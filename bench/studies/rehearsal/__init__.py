"""A season of sealed forecasts, replayed on past elections as if live."""

from bench.core.settings import TASK_SETTINGS
from bench.studies.base import Study
from bench.studies.rehearsal.analysis import Settings, analyse

STUDY = Study(
    analyse=analyse,
    uses=TASK_SETTINGS | {"audit"},
    settings=Settings,
    long_tables={
        "scores": ("parquet", "csv"),
        "forecasts": ("parquet", "csv"),
        "seals": ("csv",),
        "audit": ("csv",),
    },
)
