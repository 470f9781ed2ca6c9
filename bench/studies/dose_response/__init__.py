"""How the error of every predictor grows with the dose of bias or manipulation."""

from __future__ import annotations

from bench.core.language import N_
from bench.simulation.settings import USES
from bench.studies.base import Study
from bench.studies.dose_response.analysis import analyse
from bench.studies.dose_response.report import dose_report

STUDY = Study(
    analyse=analyse,
    report=dose_report,
    uses=USES,
    long_tables={"replicates": ("parquet",), "errors": ("parquet",)},
    first={
        "dose_response": N_(
            "Each line is a method, whose evidence is distorted more and more from left to "
            "right. A flat line is robust; a steep one can be moved by anyone who distorts the "
            "evidence."
        ),
        "worth": N_(
            "How many interviews of a random sample have the same error as so many ratings? "
            "The lower a curve, the less a large number helps."
        ),
    },
)
