"""Which kind of method deserves trust: families of methods over every election that is known."""

from __future__ import annotations

from bench.studies.base import Study
from bench.studies.track_record.analysis import analyse
from bench.studies.track_record.settings import Settings
from bench.studies.track_record.votes import folders_of_record

STUDY = Study(
    analyse=analyse,
    uses=frozenset({"rounds", "days_before", "hour", "include_embargoed", "predictors"}),
    settings=Settings,
    folders=folders_of_record,
    long_tables={"errors": "parquet", "events": "parquet"},
)
