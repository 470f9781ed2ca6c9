"""Transfers of votes between the rounds, and since the election before, at every level of areas."""

from __future__ import annotations

from bench.studies.base import Study
from bench.studies.vote_transfers.analysis import Settings, analyse, folders_read

STUDY = Study(
    analyse=analyse,
    settings=Settings,
    long_tables={
        "transitions": ("csv",),
        "past_vote_transitions": ("csv",),
        "timings": ("csv",),
    },
    folders=folders_read,
)
