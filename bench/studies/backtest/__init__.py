"""The backtest: forecasts on evidence cut at past moments, scored against the official votes."""

from bench.core.settings import TASK_SETTINGS
from bench.studies.backtest.analysis import Settings, analyse
from bench.studies.base import Study

STUDY = Study(
    analyse=analyse,
    uses=TASK_SETTINGS | {"audit", "baseline", "frozen", "ranked_on", "save_draws"},
    settings=Settings,
    long_tables={
        "errors": "csv",
        "forecasts": "parquet",
        "slate_forecasts": "parquet",
        "draws": "parquet",
        "methods": "csv",
        "timings": "csv",
    },
)
