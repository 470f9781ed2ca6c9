"""Two rounds as one forecast from before the first: who qualifies, then who wins."""

from __future__ import annotations

from bench.core.settings import TASK_SETTINGS
from bench.studies.base import Study
from bench.studies.two_rounds.analysis import analyse

STUDY = Study(
    analyse=analyse,
    uses=TASK_SETTINGS | {"baseline"},
    long_tables={
        "errors": "csv",
        "forecasts": "parquet",
        "methods": "csv",
        "timings": "csv",
    },
)
