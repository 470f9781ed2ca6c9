"""Evidence, or the ballot, distorted on purpose: how much more every method then errs."""

from __future__ import annotations

from bench.simulation.settings import USES
from bench.studies.base import Study
from bench.studies.distortions.analysis import analyse
from bench.studies.distortions.categories import Settings

STUDY = Study(
    analyse=analyse,
    uses=USES | {"baseline"},
    settings=Settings,
    long_tables={
        "replicates": "parquet",
        "errors": "parquet",
        "forecasts": "parquet",
        "methods": "csv",
        "timings": "csv",
    },
)
