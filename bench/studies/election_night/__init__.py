"""Election night counted again: samples when the last stations close, and the running count."""

from __future__ import annotations

from bench.studies.base import Study
from bench.studies.election_night.analysis import Settings, analyse

STUDY = Study(
    analyse=analyse,
    uses=frozenset({"rounds", "n_draws", "poll_half_life_days"}),
    settings=Settings,
    long_tables={"track": ("parquet",)},
)
