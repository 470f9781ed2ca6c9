"""Bias and variance of every predictor over many plausible elections; which conclusions hold."""

from __future__ import annotations

from bench.simulation.settings import USES
from bench.studies.base import Study
from bench.studies.electorates.analysis import analyse

STUDY = Study(
    analyse=analyse,
    uses=USES,
    long_tables={"replicates_*": ("parquet",), "errors_*": ("parquet",)},
)
