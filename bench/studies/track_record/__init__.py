"""Which kind of method deserves trust: families of methods over every election that is known."""

from __future__ import annotations

from bench.core.language import N_
from bench.studies.base import Study
from bench.studies.track_record.analysis import analyse
from bench.studies.track_record.report import report
from bench.studies.track_record.settings import Settings
from bench.studies.track_record.votes import folders_of_record

STUDY = Study(
    analyse=analyse,
    report=report,
    uses=frozenset({"rounds", "days_before", "hour", "owners_of", "predictors"}),
    settings=Settings,
    folders=folders_of_record,
    long_tables={"errors": ("parquet",), "events": ("parquet",)},
    first={
        "forest": N_(
            "Each dot compares a kind of method with the last polls on the votes that both "
            "answered: left of the line it erred less, right of it more. A hollow dot rests on "
            "too few election days for an interval."
        ),
    },
)
