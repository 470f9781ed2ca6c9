"""Ecological inference on elections whose transition tables are known."""

from __future__ import annotations

from bench.studies.base import Study
from bench.studies.ecological_inference.analysis import Settings, analyse, folders_read

STUDY = Study(
    analyse=analyse,
    uses=frozenset({"distortions"}),
    elections=False,
    settings=Settings,
    long_tables={"errors": "csv"},
    folders=folders_read,
)
