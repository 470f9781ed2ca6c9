"""Transfers of votes between the rounds, and since the election before, at every level of areas."""

from __future__ import annotations

from bench.core.language import N_
from bench.core.settings import Experiment
from bench.report.report import Report
from bench.runner.results import Results
from bench.studies.base import Study, settings_of
from bench.studies.vote_transfers.analysis import Settings, analyse, folders_read
from bench.studies.vote_transfers.report import transfers_report


def report(experiment: Experiment, results: Results) -> Report:
    """Words, tables and figures."""
    return transfers_report(experiment, results, settings_of(Settings, experiment))


STUDY = Study(
    analyse=analyse,
    report=report,
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
            "last: the darker a cell, and the thicker a band in print, the more of them went "
            "there. These are estimates from areas, not counts."
        ),
    },
)
