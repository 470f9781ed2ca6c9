"""Bias and variance of every predictor over many plausible elections; which conclusions hold."""

from __future__ import annotations

from bench.core.language import N_
from bench.simulation.settings import USES
from bench.studies.base import Study
from bench.studies.electorates.analysis import analyse
from bench.studies.electorates.report import electorates_report

STUDY = Study(
    analyse=analyse,
    report=electorates_report,
    uses=USES,
    long_tables={"replicates_*": ("parquet",), "errors_*": ("parquet",)},
    first={
        "electorates": N_(
            "Each row is a method on many made-up electorates, not only on the one that "
            "happened. Where dots lie far apart, one election says little about the next."
        ),
    },
)
