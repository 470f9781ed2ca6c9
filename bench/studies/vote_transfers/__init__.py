"""Transfers of votes between the rounds, and since the election before, at every level of areas."""

from __future__ import annotations

from bench.core.language import N_
from bench.studies.base import Study
from bench.studies.vote_transfers.analysis import Settings, analyse, folders_read
from bench.studies.vote_transfers.report import transfers_report

STUDY = Study(
    analyse=analyse,
    report=transfers_report,
    settings=Settings,
    long_tables={
        "transitions": ("csv",),
        "past_vote_transitions": ("csv",),
        "timings": ("csv",),
    },
    folders=folders_read,
    first={
        "transfers": N_(
            "From the candidates of the first vote, on the left, to what their voters did in the "
            "last: the stronger the colour of a cell, and the thicker a band in print, the more "
            "of them went there. These are estimates from areas, not counts."
        ),
    },
)
