"""The study of ecological inference where transfers go with the composition of the area."""

from __future__ import annotations

from bench.studies.base import Study
from bench.studies.ecological_confounding.analysis import Settings, analyse

STUDY = Study(
    analyse=analyse,
    uses=frozenset({"distortions", "settings"}),
    settings=Settings,
    long_tables={"errors": ("parquet", "csv")},
)
