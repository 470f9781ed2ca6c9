"""Simulation studies: an electorate with a known vote, evidence collected from it and spoilt."""

from __future__ import annotations

from bench.experiment import Experiment
from bench.run.backtest import Cell


def run_study(experiment: Experiment, cell: Cell, arguments: list[str]) -> int:
    """Run a simulation from its settings and write what it shows.

    Parameters
    ----------
    experiment : Experiment
        With `study` other than ``backtest``.
    cell : Cell
        The vote to simulate and the moment of the forecast.
    arguments : list of str
        The command line, for the record.

    Returns
    -------
    int
        Exit status 0.
    """
    from bench.run.simulation.breaking_point import breaking_points
    from bench.run.simulation.publish import publish_points, publish_replicates
    from bench.run.simulation.study import make_study, run_replicates

    study = make_study(experiment, cell)
    if experiment.study == "breaking_point":
        publish_points(experiment, cell, study, breaking_points(study), arguments)
    else:
        publish_replicates(experiment, cell, study, run_replicates(study), arguments)
    return 0
