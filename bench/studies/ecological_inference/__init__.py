"""Ecological inference on elections whose transition tables are known."""

from __future__ import annotations

from bench.core.language import N_
from bench.core.settings import Experiment
from bench.report.report import Report
from bench.runner.results import Results
from bench.studies.base import Study, settings_of
from bench.studies.ecological_inference.analysis import Settings, analyse, folders_read
from bench.studies.ecological_inference.report import known_tables_report


def report(experiment: Experiment, results: Results) -> Report:
    """Words, tables and figures."""
    return known_tables_report(experiment, results, settings_of(Settings, experiment))


STUDY = Study(
    analyse=analyse,
    report=report,
    elections=False,
    settings=Settings,
    long_tables={"errors": ("parquet", "csv")},
    folders=folders_read,
    first={
        "known_tables": N_(
            "Each row is a method, each dot the share of votes that it put into the wrong "
            "cell where the true table is known. Further to the left is better."
        ),
    },
)
