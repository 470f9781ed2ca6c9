"""How the error of every predictor grows with the dose of bias or manipulation."""

from __future__ import annotations

from bench.core.settings import Experiment
from bench.runner.pieces import Made, Part, pieces
from bench.runner.remembered import remembered
from bench.runner.results import Results
from bench.simulation.lending import calibration_of, folders_of
from bench.simulation.settings import USES, SimulationSettings, section
from bench.simulation.simulate import (
    Simulation,
    failures_of,
    in_order,
    make_simulation,
    simulate_block,
)
from bench.simulation.summaries import decomposition, error_table, response_table, scored, worth
from bench.simulation.validation import validation, verdicts
from bench.studies.backtest.analysis import plan
from bench.studies.base import Study
from bench.studies.dose_response.report import dose_report


def simulation_of(experiment: Experiment) -> Simulation:
    """The simulation of these settings; set up once per process, as that takes seconds."""

    def make() -> Simulation:
        settings = section(SimulationSettings, experiment.simulation)
        return make_simulation(
            experiment, calibration_of(experiment, plan(experiment)[0]), settings
        )

    return remembered("simulation", experiment, folders_of(experiment), make)


def one_block(experiment: Experiment, part: Part) -> Made:
    """One block of replicates."""
    failures: dict[str, str] = {}
    table = simulate_block(simulation_of(experiment), int(part["block"]), failures)
    return Made(table=table, failures=failures)


def analyse(experiment: Experiment) -> Results:
    """Distort simulated evidence dose by dose, and score what every predictor says.

    Errors as in `bench.runner.run`.
    """
    simulation = simulation_of(experiment)
    parts = [{"block": block} for block in range(simulation.n_blocks)]
    made = pieces(experiment, one_block, parts, folders_of(experiment))
    replicates = in_order(one.table for one in made)
    found, evidence = scored(simulation, replicates), simulation.shared.evidence
    beside = validation(simulation, calibration_of(experiment, plan(experiment)[0]))
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


STUDY = Study(
    analyse=analyse,
    report=dose_report,
    uses=USES,
    long_tables={"replicates": ("parquet",), "errors": ("parquet",)},
)
