"""The smallest attack that flips a forecast, and its price."""

from __future__ import annotations

from bench.core.settings import Experiment
from bench.studies.dose_response.publish import publish_points
from bench.studies.dose_response.publish import report_of_points as report_of

__all__ = ["report_of", "run_study"]


def run_study(experiment: Experiment, arguments: list[str]) -> int:
    """Search the breaking points of every method and write them; the exit status."""
    from bench.runner import tasks_of
    from bench.simulation.blocks import study_of
    from bench.studies.breaking_point.worlds import all_points

    cell, study, found = tasks_of(experiment)[0], study_of(experiment), all_points(experiment)
    publish_points(experiment, cell, study, found, arguments)
    return 3 if found.failures else 0
