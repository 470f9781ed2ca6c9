"""A season of sealed forecasts, replayed on past elections as if live."""

from bench.core.language import N_
from bench.core.settings import TASK_SETTINGS
from bench.studies.base import Study
from bench.studies.rehearsal.analysis import Settings, analyse
from bench.studies.rehearsal.report import report

STUDY = Study(
    analyse=analyse,
    report=report,
    uses=TASK_SETTINGS | {"audit"},
    settings=Settings,
    long_tables={
        "scores": ("parquet", "csv"),
        "forecasts": ("parquet", "csv"),
        "seals": ("csv",),
        "audit": ("csv",),
    },
    first={
        "moved": N_(
            "From left to right the vote comes nearer; each line is what was forecast for "
            "one candidate at each moment. Steady lines that end at the result are what one "
            "hopes for."
        ),
    },
)
