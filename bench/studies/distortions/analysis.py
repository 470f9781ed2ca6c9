"""Evidence distorted dose by dose, and what every predictor then says."""

from __future__ import annotations

from bench.core.errors import ConfigError
from bench.core.settings import Experiment
from bench.runner.cache import memoised
from bench.runner.results import Results
from bench.runner.runner import Part, only_task, run
from bench.simulation.borrowing import calibration_of, folders_of
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
from bench.studies.base import settings_of
from bench.studies.distortions.categories import Settings, of_categories
from bench.studies.distortions.real import on_real_evidence

ABOUT = {
    "categories": "categories of candidates",
    "simulated": "simulated evidence",
    "real": "real evidence",
}
# settings that change nothing if candidates are merged, evidence is simulated, or it is real
IGNORED = {
    "categories": ("electorate", "instruments", "distortions", "simulation"),
    "simulated": ("baseline",),
    "real": ("baseline", "instruments"),
}


def analyse(experiment: Experiment) -> Results:
    """Score every predictor while a part of what it reads, or is scored on, is distorted.

    With `settings.categories` small candidates are merged; with an electorate the evidence is
    simulated; otherwise real evidence is distorted. Errors as in `bench.runner.runner.run`.

    Raises
    ------
    ConfigError
        If a setting is given that changes nothing there.
    """
    is_coarse = bool(settings_of(Settings, experiment).categories)
    kind = "categories" if is_coarse else "simulated" if experiment.electorate else "real"
    default = Experiment()
    for name in IGNORED[kind]:
        if (value := getattr(experiment, name)) != getattr(default, name):
            raise ConfigError(
                f"the setting '{name}' is {value!r}, which changes nothing where the study "
                f"'{experiment.study}' is about {ABOUT[kind]}; leave it out"
            )
    if kind == "categories":
        return of_categories(experiment)
    return (
        on_simulated_evidence(experiment) if kind == "simulated" else on_real_evidence(experiment)
    )


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


def on_simulated_evidence(experiment: Experiment) -> Results:
    """Distort simulated evidence dose by dose, and score what every predictor says.

    Errors as in `bench.runner.runner.run`.
    """
    simulation = simulation_of(experiment)
    parts = [{"block": block} for block in range(simulation.n_blocks)]
    blocks = run(experiment, one_block, parts, folders_of(experiment))
    replicates = in_order(blocks)
    scores, evidence = scored(simulation, replicates), simulation.shared.evidence
    compared = validation(simulation, calibration_of(experiment, only_task(experiment)))
    return Results(
        tables={
            "replicates": replicates,
            "errors": error_table(evidence, scores),
            "response": response_table(evidence, simulation.distortions, scores),
            "apart": decomposition(scores, simulation.replicates),
            "worth": worth(simulation),
            "validation": compared,
            "verdicts": verdicts(compared),
        },
        facts={
            "families": {
                name: predictor.family for name, predictor in simulation.predictors.items()
            },
            "n_voters": float(simulation.electorate.n_voters),
            "ballot": simulation.facts.ballot,
        },
        failures=failures_of(blocks),
    )
