"""How the error of every predictor grows when real evidence is distorted, dose by dose."""

from __future__ import annotations

from bench.core.language import N_
from bench.simulation.settings import USES
from bench.studies.base import Study
from bench.studies.contaminated_evidence.analysis import analyse
from bench.studies.contaminated_evidence.report import contamination_report

STUDY = Study(
    analyse=analyse,
    report=contamination_report,
    uses=USES - {"electorate", "instruments"},
    long_tables={"replicates": ("parquet",), "errors": ("parquet",)},
    first={
        "dose_response": N_(
            "Each line is a method, whose evidence is distorted more and more from left to "
            "right. A flat line is robust; a steep one can be moved by anyone who distorts the "
            "evidence."
        ),
    },
)
