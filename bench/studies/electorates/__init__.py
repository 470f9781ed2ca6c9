"""Bias and variance of every predictor over many plausible elections; which conclusions hold."""

from __future__ import annotations

from bench.simulation.settings import USES
from bench.studies.base import Study
from bench.studies.electorates.analysis import analyse
from bench.studies.electorates.view import electorates_report

STUDY = Study(
    analyse=analyse,
    report=electorates_report,
    uses=USES,
    long_tables={"replicates_*": ("parquet",), "errors_*": ("parquet",)},
)
