"""Bias and variance of every method over many plausible elections."""

from __future__ import annotations

from bench.experiment import Experiment


def run_study(experiment: Experiment, arguments: list[str]) -> int:
    """Draw electorates around an outcome, write how every method errs; the exit status."""
    from bench.run.backtest import plan
    from bench.run.simulation.blocks import replicates_of, study_of
    from bench.run.simulation.publish import publish_replicates

    cell, study, made = plan(experiment)[0], study_of(experiment), replicates_of(experiment)
    publish_replicates(experiment, cell, study, made, arguments)
    return 3 if made.failures else 0
