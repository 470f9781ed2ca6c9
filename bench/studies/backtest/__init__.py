"""The backtest: forecasts on evidence cut at past moments, scored against the official votes."""

from bench.studies.backtest.analysis import Settings, analyse
from bench.studies.backtest.report import report
from bench.studies.base import Study

STUDY = Study(
    analyse=analyse,
    report=report,
    uses=frozenset(
        {
            "as_of",
            "audit",
            "baseline",
            "frozen",
            "learn_from",
            "owners_of",
            "poll_lag_days",
            "predictors",
            "ranked_on",
            "rounds",
            "save_draws",
            "settings",
        }
    ),
    settings=Settings,
    long_tables={
        "errors": ("parquet", "csv"),
        "forecasts": ("parquet",),
        "draws": ("parquet",),
        "methods": ("csv",),
        "timings": ("csv",),
    },
)
