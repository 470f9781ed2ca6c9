"""How the error of every method grows with the dose of bias or manipulation."""

from __future__ import annotations

from bench.core.settings import Experiment
from bench.studies.dose_response.publish import publish_replicates
from bench.studies.dose_response.publish import report_of_replicates as report_of

__all__ = ["report_of", "run_study"]


def run_study(experiment: Experiment, arguments: list[str]) -> int:
    """Spoil simulated evidence dose by dose and write how every method errs; the exit status."""
    from bench.runner import tasks_of
    from bench.simulation.blocks import replicates_of, study_of

    cell, study, made = tasks_of(experiment)[0], study_of(experiment), replicates_of(experiment)
    publish_replicates(experiment, cell, study, made, arguments)
    return 3 if made.failures else 0
