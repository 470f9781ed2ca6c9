"""How the error of every predictor grows with the dose of bias or manipulation."""

from __future__ import annotations

from bench.simulation.settings import USES
from bench.studies.base import Study
from bench.studies.dose_response.analysis import analyse
from bench.studies.dose_response.report import dose_report

STUDY = Study(
    analyse=analyse,
    report=dose_report,
    uses=USES,
    long_tables={"replicates": ("parquet",), "errors": ("parquet",)},
)
