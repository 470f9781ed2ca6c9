"""Simulated evidence distorted dose by dose, and what every predictor then says."""

from __future__ import annotations

from bench.core.settings import Experiment
from bench.runner.cache import memoised
from bench.runner.results import Results
from bench.runner.runner import Part, only_task, run
from bench.simulation.lending import calibration_of, folders_of
from bench.simulation.settings import SimulationSettings, section
from bench.simulation.simulate import (
    Simulation,
    failures_of,
    in_order,
    make_simulation,
    simulate_block,
)
from bench.simulation.summaries import decomposition, error_table, response_table, scored, worth
from bench.simulation.validation import validation, verdicts


def simulation_of(experiment: Experiment) -> Simulation:
    """The simulation of these settings; set up once per process, as that takes seconds."""

    def make() -> Simulation:
        settings = section(SimulationSettings, experiment.simulation)
        return make_simulation(
            experiment, calibration_of(experiment, only_task(experiment)), settings
        )

    return memoised("simulation", experiment, folders_of(experiment), make)


def one_block(experiment: Experiment, part: Part) -> Results:
    """One block of replicates."""
    failures: dict[str, str] = {}
    table = simulate_block(simulation_of(experiment), int(part["block"]), failures)
    return Results(tables={"replicates": table}, failures=failures)


def analyse(experiment: Experiment) -> Results:
    """Distort simulated evidence dose by dose, and score what every predictor says.

    Errors as in `bench.runner.runner.run`.
    """
    simulation = simulation_of(experiment)
    parts = [{"block": block} for block in range(simulation.n_blocks)]
    made = run(experiment, one_block, parts, folders_of(experiment))
    replicates = in_order(made)
    found, evidence = scored(simulation, replicates), simulation.shared.evidence
    beside = validation(simulation, calibration_of(experiment, only_task(experiment)))
    return Results(
        tables={
            "replicates": replicates,
            "errors": error_table(evidence, found),
            "response": response_table(evidence.candidates, simulation.scenarios, found),
            "apart": decomposition(found, simulation.replicates),
            "worth": worth(simulation),
            "validation": beside,
            "verdicts": verdicts(beside),
        },
        facts={
            "families": {name: one.family for name, one in simulation.predictors.items()},
            "n_voters": float(simulation.electorate.n_voters),
        },
        failures=failures_of(made),
    )
