"""Methods that know few candidates beside those that know all, scored on the same categories."""

from __future__ import annotations

from bench.core.language import _
from bench.core.settings import TASK_SETTINGS, Experiment
from bench.report.comparison import READING, comparison_report
from bench.report.report import Report
from bench.runner.results import Results
from bench.studies.base import Study
from bench.studies.coarse_categories.analysis import Settings, analyse


def report(experiment: Experiment, results: Results) -> Report:
    """The comparison on equal categories, in words, tables and figures."""
    kicker = _("Compared on equal categories of candidates")
    return comparison_report(experiment, results, kicker=kicker)


STUDY = Study(
    analyse=analyse,
    report=report,
    uses=TASK_SETTINGS | {"baseline"},
    settings=Settings,
    long_tables={
        "errors": ("parquet", "csv"),
        "forecasts": ("parquet",),
        "methods": ("csv",),
        "timings": ("csv",),
    },
    first={"comparison": READING["comparison"]},
)
