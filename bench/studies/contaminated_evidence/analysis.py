"""Real evidence, spoilt dose by dose, and what every method then says of the real vote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.core import ConfigError, Evidence, Predictor
from bench.core.registry import make_predictor
from bench.core.seeds import generator
from bench.core.settings import Experiment
from bench.data.task import Task
from bench.runner import Part, Results, memoised, run, tasks_of
from bench.runner.guard import fingerprint
from bench.runner.prediction import predict
from bench.simulation.blocks import failures_of, folders_of, in_order
from bench.simulation.distortions import EvidenceDistortion
from bench.simulation.registry import make_distortion
from bench.studies.contaminated_evidence.real import spoil_real

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class RealStudy:
    """Everything that a worker needs to spoil the evidence once more.

    Attributes
    ----------
    experiment, cell : Experiment, Task
    replicates : int
        Draws of every distortion at every dose.
    evidence : Evidence
        What was public.
    truth : numpy.ndarray [C]
        Official shares.
    predictors : dict of str to Predictor
    scenarios : dict of str to EvidenceDistortion
    doses : dict of str to list of float
    readers : dict of str to set of str
        By scenario, the methods that read what it changes.
    """

    experiment: Experiment
    cell: Task
    replicates: int
    evidence: Evidence
    truth: FloatArray
    predictors: dict[str, Predictor]
    scenarios: dict[str, EvidenceDistortion]
    doses: dict[str, list[float]]
    readers: dict[str, set[str]]


def make_real_study(experiment: Experiment, cell: Task) -> RealStudy:
    """Read the real evidence and set up scenarios and methods.

    Raises
    ------
    ConfigError
        If a scenario acts before a sample is drawn, so that published tables cannot show it.
    """
    evidence = cell.evidence()
    scenarios = {}
    for name, settings in experiment.scenarios.items():
        distortion = make_distortion(name, settings)
        if not isinstance(distortion, EvidenceDistortion):
            raise ConfigError(
                f"scenario '{name}' acts before a sample is drawn; accepted on real evidence: "
                "scenarios that change published tables, such as fabricated_polls"
            )
        scenarios[name] = distortion
    predictors = {n: make_predictor(n, s) for n, s in experiment.predictors.items()}
    readers = {
        name: {n for n, one in predictors.items() if one.needs & distortion.touches}
        - set(experiment.scenarios[name].get("unread_by", ()))
        for name, distortion in scenarios.items()
    }
    official = cell.outcome().share.reindex(list(evidence.candidates))
    return RealStudy(
        experiment=experiment,
        cell=cell,
        replicates=int(experiment.simulation["replicates"]),
        evidence=evidence,
        truth=official.to_numpy(float),
        predictors=predictors,
        scenarios=scenarios,
        doses={n: [float(d) for d in experiment.scenarios[n]["doses"]] for n in scenarios},
        readers=readers,
    )


def run_real(experiment: Experiment) -> Results:
    """Every scenario, dose, replicate and method; the same table for any number of workers.

    Errors as in `bench.runner.run`.
    """
    study = real_study_of(experiment)
    parts: list[Part] = [{"scenario": "none", "dose": 0.0}]
    parts += [
        {"scenario": name, "dose": dose} for name in study.scenarios for dose in study.doses[name]
    ]
    made = run(experiment, one_dose, parts, folders_of(experiment))
    return Results(tables={"replicates": in_order(made)}, failures=failures_of(made))


def real_study_of(experiment: Experiment) -> RealStudy:
    """The study of these settings; set up once per process."""
    return memoised(
        "real study",
        experiment,
        folders_of(experiment),
        lambda: make_real_study(experiment, tasks_of(experiment)[0]),
    )


def one_dose(experiment: Experiment, part: Part) -> Results:
    """Every replicate and method of one scenario at one dose."""
    failures: dict[str, str] = {}
    study = real_study_of(experiment)
    table = _at_dose(study, str(part["scenario"]), float(part["dose"]), failures)
    return Results(tables={"replicates": table}, failures=failures)


def _at_dose(
    study: RealStudy, scenario: str, dose: float, failures: dict[str, str]
) -> pd.DataFrame:
    distortion = study.scenarios.get(scenario)
    rows: list[dict[str, Any]] = []
    known: dict[tuple[Any, ...], FloatArray] = {}
    for replicate in range(study.replicates):
        evidence = study.evidence
        if distortion is not None:
            rng = generator(study.experiment.seed, "scenario", scenario, replicate)
            evidence = spoil_real(evidence, distortion, dose, rng)
        sums = fingerprint(evidence)
        for name, predictor in study.predictors.items():
            if distortion is not None and name not in study.readers[scenario]:
                continue
            # what is not random comes out the same every time: ask once
            key = (name, *(sums.get(table) for table in sorted(predictor.needs)))
            if key not in known:
                known[key] = _shares(study, name, evidence, failures)
            shares = dict(zip(evidence.candidates, known[key], strict=True))
            rows.append(
                {"scenario": scenario, "dose": dose, "replicate": replicate, "predictor": name}
                | shares
            )
    return pd.DataFrame(rows)


def _shares(
    study: RealStudy, name: str, evidence: Evidence, failures: dict[str, str]
) -> FloatArray:
    """Shares [C] of one method; NaN where it names nobody, everywhere if it does not answer."""
    predictor, execution = study.predictors[name], study.experiment.execution
    prediction = predict(
        study.cell, predictor, name=name, evidence=evidence, execution=execution
    )
    if prediction.status == "failed":
        failures.setdefault(name, prediction.trace or prediction.message)
    if prediction.forecast is None:
        return np.full(len(evidence.candidates), np.nan)
    return prediction.forecast.share.to_numpy(float)
