"""Election night counted again: samples when the last stations close, and the running count."""

from __future__ import annotations

from bench.core.language import N_
from bench.studies.base import Study
from bench.studies.election_night.analysis import Settings, analyse
from bench.studies.election_night.report import night_report

STUDY = Study(
    analyse=analyse,
    report=night_report,
    uses=frozenset({"rounds", "n_draws", "poll_half_life_days"}),
    settings=Settings,
    long_tables={"track": ("parquet",)},
    first={
        "night": N_(
            "From left to right more stations are counted, in an order that was made up. The "
            "lower a line of errors, the closer the estimate; the more often its intervals hold, "
            "the more it can be trusted."
        ),
    },
)
