"""Methods that know few candidates beside those that know all, scored on the same categories."""

from __future__ import annotations

from bench.core.language import Message, _
from bench.core.settings import TASK_SETTINGS, Experiment
from bench.report.comparison import READING, comparison_report, with_names
from bench.report.context import sources_of, title_of
from bench.report.report import Report
from bench.runner.results import Results
from bench.studies.base import Study
from bench.studies.coarse_categories.analysis import Settings, analyse


def report(experiment: Experiment, results: Results) -> Report:
    """The comparison on equal categories, in words, tables and figures."""
    return comparison_report(
        results.tables["summary"],
        results.tables["by_round"],
        results.tables["by_vote"],
        results.tables["methods"],
        [
            with_names(Message.of(kept), set(results.tables["methods"]["predictor"]))
            for kept in results.facts["sentences"]
        ],
        title=title_of(experiment),
        source=sources_of(experiment.elections),
        timings=results.tables["timings"],
        kicker=_("Compared on equal categories of candidates"),
    )


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
