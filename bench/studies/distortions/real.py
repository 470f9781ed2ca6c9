"""Real evidence distorted dose by dose, and what every predictor then says of the real vote."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from bench.core import ConfigError, Evidence, Predictor
from bench.core.arrays import FloatArray
from bench.core.evidence import one_replicate
from bench.core.predictor import generator
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.data.task import Task
from bench.models.memoize import table_digest
from bench.runner.cache import memoised
from bench.runner.prediction import predict
from bench.runner.results import Results
from bench.runner.runner import Part, only_task, run
from bench.simulation.borrowing import folders_of
from bench.simulation.distortions import Distortion, EvidenceDistortion
from bench.simulation.dosed import DosedDistortion, make_distortions
from bench.simulation.settings import section
from bench.simulation.simulate import failures_of, in_order
from bench.simulation.summaries import error_table, response_table, scored_against

NUMBERS = {
    "polls": ("share",),
    "ratings": ("favourable", "unfavourable", "n"),
    "app_support": ("users", "votes"),
    "online_ballot": ("declared_votes", "approvals", "ballots"),
    "buzz": ("value",),
}


@dataclass(frozen=True, kw_only=True)
class RealSettings:
    """The section `simulation` where evidence is real.

    Attributes
    ----------
    replicates : int
        Draws of every distortion at every dose.
    """

    replicates: int


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What a worker needs to distort the evidence once more: real evidence and distortions."""

    task: Task
    replicates: int
    evidence: Evidence
    predictors: dict[str, Predictor]
    distortions: dict[str, DosedDistortion]


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


def setup_of(experiment: Experiment) -> Setup:
    """Evidence, distortions and predictors of these settings; set up once per process.

    Raises
    ------
    ConfigError
        If a distortion acts before a sample is drawn, so that published tables cannot show it.
    """

    def make() -> Setup:
        settings = section(RealSettings, experiment.simulation)
        task = only_task(experiment)
        distortions = make_distortions(experiment.distortions, task.election, task.round)
        for name, dosed in distortions.items():
            if not isinstance(dosed.distortion, EvidenceDistortion):
                raise ConfigError(
                    f"distortion '{name}' acts before a sample is drawn; accepted on real "
                    "evidence: distortions that change published tables, such as fabricated_polls"
                )
        return Setup(
            task=task,
            replicates=settings.replicates,
            evidence=task.evidence(),
            predictors={
                name: make_predictor(name, options)
                for name, options in experiment.predictors.items()
            },
            distortions=distortions,
        )

    return memoised("ground", experiment, folders_of(experiment), make)


def on_real_evidence(experiment: Experiment) -> Results:
    """Every distortion, dose, replicate and predictor; the same for any number of workers.

    Errors as in `bench.runner.runner.run`.
    """
    setup = setup_of(experiment)
    parts: list[Part] = [{"distortion": "none", "dose": 0.0}]
    parts += [
        {"distortion": dosed.name, "dose": dose}
        for dosed in setup.distortions.values()
        for dose in dosed.doses
    ]
    doses = run(experiment, one_dose, parts, folders_of(experiment))
    replicates = in_order(doses)
    candidates = list(setup.evidence.candidates)
    official = setup.task.outcome().share.reindex(candidates)
    truth = np.tile(official.to_numpy(float), (setup.replicates, 1))
    scores = scored_against(truth, replicates, setup.evidence)
    tables = {
        "replicates": replicates,
        "errors": error_table(setup.evidence, scores),
        "response": response_table(setup.evidence, setup.distortions, scores),
    }
    facts: dict[str, Any] = {
        "families": {name: predictor.family for name, predictor in setup.predictors.items()}
    }
    for name, dosed in setup.distortions.items():
        if dosed.serves and dosed.distortion.unit == "accounts" and "rush" not in tables:
            attacked = replicates[replicates["distortion"].eq(name)]
            tables["rush"] = rush_table(attacked, dosed.serves, official)
            facts["users"] = users_of(setup.evidence, dosed.distortion)
    return Results(tables=tables, facts=facts, failures=failures_of(doses))


def users_of(evidence: Evidence, attack: Distortion) -> dict[str, int]:
    """How many honest people stand beside the accounts of an attack.

    Returns
    -------
    dict
        raters, as the attack assumes where an app did not publish their number, else 0; volunteers
        who declared a vote in the last online ballot, 0 without one.
    """
    ballot = evidence["online_ballot"]
    is_last = ballot["day"].eq(ballot["day"].max())
    is_assumed = evidence["ratings"]["n"].isna().any()
    return {
        "raters": round(getattr(attack, "assumed_raters", 0)) if is_assumed else 0,
        "volunteers": int(ballot.loc[is_last, "declared_votes"].sum()),
    }


def rush_table(replicates: pd.DataFrame, served: str, official: pd.Series) -> pd.DataFrame:
    """Every candidate's share at every dose of an attack, by method.

    Parameters
    ----------
    replicates
        dose, predictor, and a column of shares for every candidate.
    served
        The candidate whom the attack serves.
    official
        Share of the vote by candidate.

    Returns
    -------
    pandas.DataFrame
        dose, predictor, candidate; share and sd, mean and standard deviation of the replicates;
        is_first, whether the share is the largest; whom (it serves); vote. No rows of candidates
        without a share.
    """
    case = ["dose", "predictor"]
    long = replicates.melt(case, list(official.index), "candidate", "share").dropna()
    cells = long.groupby([*case, "candidate"])["share"]
    shares: pd.DataFrame = cells.agg(share="mean", sd="std").reset_index()
    first = shares.groupby(case)["share"].idxmax()
    vote = shares["candidate"].map(official)
    return shares.assign(is_first=shares.index.isin(first), whom=served, vote=vote)


def one_dose(experiment: Experiment, part: Part) -> Results:
    """Every replicate and predictor of one distortion at one dose."""
    failures: dict[str, str] = {}
    setup, dose = setup_of(experiment), float(part["dose"])
    dosed = setup.distortions.get(str(part["distortion"]))
    names = list(setup.predictors) if dosed is None else dosed.readers(setup.predictors)
    ask = partial(predict, setup.task, execution=experiment.execution)
    rows: list[dict[str, Any]] = []
    forecasts: dict[tuple[Any, ...], FloatArray] = {}
    for replicate in range(setup.replicates):
        evidence = setup.evidence
        if dosed is not None:
            rng = generator(experiment.seed, "scenario", dosed.name, replicate)
            evidence = distort_evidence(evidence, dosed.distortion, dose, rng)
        digests = {
            key: table_digest(table, list(table.columns))
            for key, table in evidence.tables.items()
            if table is not setup.evidence.tables[key]
        }
        for name in names:
            predictor = setup.predictors[name]
            # what is not random comes out the same every time: ask once
            key = (name, *map(digests.get, sorted(predictor.needs)))
            if key not in forecasts:
                forecasts[key] = np.full(len(evidence.candidates), np.nan)
                prediction = ask(predictor, name=name, evidence=evidence)
                if prediction.status == "failed":
                    failures.setdefault(name, prediction.trace or prediction.message)
                if prediction.forecast is not None:
                    forecasts[key] = prediction.forecast.share.to_numpy(float)
            label = {"distortion": part["distortion"], "dose": dose}
            label |= {"replicate": replicate, "predictor": name}
            rows.append(label | dict(zip(evidence.candidates, forecasts[key], strict=True)))
    return Results(tables={"replicates": pd.DataFrame(rows)}, failures=failures)
