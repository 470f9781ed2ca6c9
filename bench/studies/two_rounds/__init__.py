"""Two rounds as one forecast from before the first: who qualifies, then who wins."""

from __future__ import annotations

from bench.core.settings import TASK_SETTINGS
from bench.studies.base import Study
from bench.studies.two_rounds.analysis import analyse
from bench.studies.two_rounds.view import two_rounds_report

STUDY = Study(
    analyse=analyse,
    report=two_rounds_report,
    uses=TASK_SETTINGS | {"baseline"},
    long_tables={
        "errors": ("parquet", "csv"),
        "forecasts": ("parquet",),
        "methods": ("csv",),
        "timings": ("csv",),
    },
)
