"""The smallest attack that flips a forecast, and its price."""

from __future__ import annotations

from bench.experiment import Experiment
from bench.run.simulation.publish import publish_points
from bench.run.simulation.publish import report_of_points as report_of

__all__ = ["report_of", "run_study"]


def run_study(experiment: Experiment, arguments: list[str]) -> int:
    """Search the breaking points of every method and write them; the exit status."""
    from bench.run.backtest import plan
    from bench.run.simulation.blocks import study_of
    from bench.run.simulation.worlds import all_points

    cell, study, found = plan(experiment)[0], study_of(experiment), all_points(experiment)
    publish_points(experiment, cell, study, found, arguments)
    return 3 if found.failures else 0
