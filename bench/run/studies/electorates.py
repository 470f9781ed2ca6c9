"""Bias and variance of every method over many plausible elections."""

from __future__ import annotations

from bench.experiment import Experiment
from bench.run.simulation.publish import publish_replicates
from bench.run.simulation.publish import report_of_replicates as report_of

__all__ = ["report_of", "run_study"]


def run_study(experiment: Experiment, arguments: list[str]) -> int:
    """Draw electorates around an outcome, write how every method errs; the exit status."""
    from bench.run.backtest import plan
    from bench.run.simulation.blocks import replicates_of, study_of

    cell, study, made = plan(experiment)[0], study_of(experiment), replicates_of(experiment)
    publish_replicates(experiment, cell, study, made, arguments)
    return 3 if made.failures else 0
