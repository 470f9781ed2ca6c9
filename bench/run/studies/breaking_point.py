"""The smallest attack that flips a forecast, and its price."""

from __future__ import annotations

from bench.experiment import Experiment
from bench.run.simulation.publish import publish_points
from bench.run.simulation.publish import report_of_points as report_of

__all__ = ["report_of", "run_study"]


def run_study(experiment: Experiment, arguments: list[str]) -> int:
    """Search the breaking points of every method and write them; the exit status."""
    from bench.run.backtest import plan
    from bench.run.simulation.blocks import points_of, study_of

    cell, study, made = plan(experiment)[0], study_of(experiment), points_of(experiment)
    publish_points(experiment, cell, study, made, arguments)
    return 3 if made.failures else 0
