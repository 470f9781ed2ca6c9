"""The study of ecological inference where transfers go with the composition of the area."""

from __future__ import annotations

from bench.core.language import N_
from bench.studies.base import Study
from bench.studies.ecological_confounding.analysis import Settings, analyse
from bench.studies.ecological_confounding.report import confounding_report

STUDY = Study(
    analyse=analyse,
    report=confounding_report,
    uses=frozenset({"scenarios", "settings"}),
    settings=Settings,
    long_tables={"errors": ("parquet", "csv")},
    first={
        "by_dose": N_(
            "From left to right voters follow their neighbours more and more, which no "
            "table of areas shows. On the left, the lower a line the fewer votes in the "
            "wrong cell; on the right, an honest interval stays at the grey line."
        ),
    },
)
