"""Ecological inference on elections whose transition tables are known."""

from __future__ import annotations

from bench.core.language import N_
from bench.studies.base import Study
from bench.studies.ecological_inference.analysis import Settings, analyse, folders_read
from bench.studies.ecological_inference.report import known_tables_report

STUDY = Study(
    analyse=analyse,
    report=known_tables_report,
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
