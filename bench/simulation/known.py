"""An election of which survey tables and a self-selected ballot are known: electorate and facts."""

from __future__ import annotations

from bench.core.settings import Experiment
from bench.data.task import Task
from bench.simulation.collected_facts import facts_of
from bench.simulation.electorate import Electorate, calibrate
from bench.simulation.facts import Facts
from bench.simulation.margins import margins_of


def known_of(experiment: Experiment, cell: Task) -> tuple[Electorate, Facts]:
    """Calibrate the electorate of a vote, and read what instruments are calibrated on.

    Raises
    ------
    DataError
        If a file is missing.
    """
    evidence = cell.evidence()
    electorate = calibrate(margins_of(cell.election, experiment.electorate))
    return electorate, facts_of(cell.election, evidence, experiment.simulation)
