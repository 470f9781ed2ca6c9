"""How the error of every predictor grows when real evidence is distorted, dose by dose."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from bench.core import Abstain, ConfigError, Evidence, Predictor
from bench.core.arrays import FloatArray
from bench.core.batch import one_replicate
from bench.core.registry import make_predictor
from bench.core.seeds import generator
from bench.core.settings import Experiment
from bench.data.evidence import evidence_for
from bench.data.outcome import outcome_of
from bench.runner.asked import seeded
from bench.runner.cell import Cell
from bench.runner.mutation_guard import fingerprint
from bench.runner.pieces import Made, Part, pieces
from bench.runner.remembered import remembered
from bench.runner.results import Results
from bench.simulation.distortions import Distortion, EvidenceDistortion
from bench.simulation.lending import folders_of
from bench.simulation.scenario import Scenario, make_scenarios
from bench.simulation.settings import section
from bench.simulation.simulate import failures_of, in_order, kept_from_others
from bench.simulation.summaries import error_table, response_table, scored_against
from bench.studies.backtest.analysis import plan
from bench.studies.base import Study
from bench.studies.contaminated_evidence.report import contamination_report

NUMBERS = {
    "polls": ("share",),
    "ratings": ("favourable", "unfavourable", "n"),
    "app_support": ("users", "votes"),
    "online_ballot": ("declared_votes", "approvals", "ballots"),
    "buzz": ("value",),
}


@dataclass(frozen=True, kw_only=True)
class ContaminationSettings:
    """The section `simulation` of the study.

    Attributes
    ----------
    replicates : int
        Draws of every distortion at every dose.
    """

    replicates: int


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What a worker needs to distort the evidence once more: real evidence and scenarios."""

    cell: Cell
    replicates: int
    evidence: Evidence
    predictors: dict[str, Predictor]
    scenarios: dict[str, Scenario]


def distort_evidence(
    evidence: Evidence, distortion: Distortion, dose: float, rng: np.random.Generator
) -> Evidence:
    """Real evidence under one distortion; dose 0 gives the very same object.

    Parameters
    ----------
    evidence : Evidence
        What was public.
    distortion : Distortion
        One that changes tables; others leave real evidence as it is, because they act before a
        sample is drawn.
    dose : float
        In the distortion's unit.
    rng : numpy.random.Generator
    """
    batch = one_replicate(evidence, NUMBERS)
    distorted = distortion.evidence_at(dose, batch, rng)
    changed = {
        name: table.replicate(0)[list(evidence.tables[name].columns)]
        for name, table in distorted.tables.items()
        if table is not batch.tables[name]
    }
    return evidence.with_tables(**changed) if changed else evidence


def ground_of(experiment: Experiment) -> Ground:
    """Evidence, scenarios and predictors of these settings; set up once per process.

    Raises
    ------
    ConfigError
        If a scenario acts before a sample is drawn, so that published tables cannot show it.
    """
    return remembered("ground", experiment, folders_of(experiment), lambda: _ground(experiment))


def _ground(experiment: Experiment) -> Ground:
    settings = section(ContaminationSettings, experiment.simulation)
    (cell, *_) = plan(experiment)
    scenarios = make_scenarios(experiment.scenarios, cell.election, cell.round)
    for name, scenario in scenarios.items():
        if not isinstance(scenario.distortion, EvidenceDistortion):
            raise ConfigError(
                f"scenario '{name}' acts before a sample is drawn; accepted on real evidence: "
                "scenarios that change published tables, such as fabricated_polls"
            )
    return Ground(
        cell=cell,
        replicates=settings.replicates,
        evidence=evidence_for(
            cell.election, cell.round, cell.as_of, owners_of=experiment.owners_of
        ),
        predictors={n: make_predictor(n, s) for n, s in experiment.predictors.items()},
        scenarios=scenarios,
    )


def analyse(experiment: Experiment) -> Results:
    """Every scenario, dose, replicate and predictor; the same for any number of workers.

    Errors as in `bench.runner.run`.
    """
    ground = ground_of(experiment)
    parts: list[Part] = [{"scenario": "none", "dose": 0.0}]
    parts += [
        {"scenario": one.name, "dose": dose}
        for one in ground.scenarios.values()
        for dose in one.doses
    ]
    made = pieces(experiment, one_dose, parts, folders_of(experiment))
    replicates = in_order(one.table for one in made)
    candidates = list(ground.evidence.candidates)
    official = outcome_of(ground.cell.election, ground.cell.round).share.reindex(candidates)
    truth = np.repeat(official.to_numpy(float)[None], ground.replicates, axis=0)
    found = scored_against(truth, replicates, ground.evidence)
    return Results(
        tables={
            "replicates": replicates,
            "errors": error_table(ground.evidence, found),
            "response": response_table(candidates, ground.scenarios, found),
        },
        facts={"families": {name: one.family for name, one in ground.predictors.items()}},
        failures=failures_of(made),
    )


def one_dose(experiment: Experiment, part: Part) -> Made:
    """Every replicate and predictor of one scenario at one dose."""
    failures: dict[str, str] = {}
    ground, dose = ground_of(experiment), float(part["dose"])
    scenario = ground.scenarios.get(str(part["scenario"]))
    asked = list(ground.predictors) if scenario is None else scenario.readers(ground.predictors)
    rows: list[dict[str, Any]] = []
    known: dict[tuple[Any, ...], FloatArray] = {}
    nothing = np.full(len(ground.evidence.candidates), np.nan)
    for replicate in range(ground.replicates):
        evidence = ground.evidence
        if scenario is not None:
            rng = generator(experiment.seed, "scenario", scenario.name, replicate)
            evidence = distort_evidence(evidence, scenario.distortion, dose, rng)
        sums = fingerprint(evidence)
        for name in asked:
            # what is not random comes out the same every time: ask once
            needs = sorted(ground.predictors[name].needs)
            key = (name, *(sums.get(table) for table in needs))
            if key not in known:
                work = partial(_said, experiment, ground, name, evidence)
                known[key] = kept_from_others(work, nothing, name, failures)
            label = {"scenario": part["scenario"], "dose": dose}
            label |= {"replicate": replicate, "predictor": name}
            rows.append(label | dict(zip(evidence.candidates, known[key], strict=True)))
    return Made(table=pd.DataFrame(rows), failures=failures)


def _said(experiment: Experiment, ground: Ground, name: str, evidence: Evidence) -> FloatArray:
    """Shares [C] of one predictor; NaN where it names nobody, everywhere if it abstains."""
    predictor = ground.predictors[name]
    try:
        rng = seeded(experiment, name, ground.cell)
        said = predictor.predict(evidence.only(predictor.needs), rng).share
    except Abstain:
        return np.full(len(evidence.candidates), np.nan)
    return said.reindex(list(evidence.candidates)).to_numpy(float)


STUDY = Study(
    analyse=analyse,
    report=contamination_report,
    uses=frozenset({"rounds", "as_of", "owners_of", "predictors", "scenarios", "simulation"}),
    long_tables={"replicates": ("parquet",), "errors": ("parquet",)},
)
