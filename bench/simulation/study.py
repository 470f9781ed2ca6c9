"""A simulation study: blocks of replicates, every scenario and dose, every method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.core import ConfigError, Predictor
from bench.core.batch import BatchPredictor, BatchTable, EvidenceBatch
from bench.core.execution import Execution
from bench.core.registry import make_predictor
from bench.core.seeds import generator
from bench.core.settings import Experiment
from bench.data.task import Task
from bench.models.polls.industry_error import learn
from bench.runner.prediction import PredictorFailed, predict_batch
from bench.simulation.collected_facts import quotas_of
from bench.simulation.distortions import Distortion, spoil_evidence, spoil_frame
from bench.simulation.electorate import Electorate
from bench.simulation.facts import Facts
from bench.simulation.frame import Frame, towards
from bench.simulation.instruments import Instrument
from bench.simulation.known import known_of
from bench.simulation.registry import make_distortion, make_instrument

FloatArray = NDArray[np.float64]
KEY = ["scenario", "dose", "replicate", "predictor"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Study:
    """Everything that a worker needs to make any block of replicates.

    Attributes
    ----------
    seed, replicates, block : int
        Replicates in all, and per block.
    electorate, facts : Electorate, Facts
    shared : EvidenceBatch
        Real evidence without the tables that instruments make.
    frames : dict of str to Frame
        By instrument.
    instruments, predictors : dict
    background : list of (str, Distortion, float)
        Always on.
    scenarios : dict of str to Distortion
    doses : dict of str to list of float
    votes : numpy.ndarray [replicates, C] or None
        Other electorates, one per replicate.
    unread : dict of str to list of str
        By scenario, methods of the tables it touches that do not look at what it changes.
    settings : mapping
        `simulation` of the experiment.
    execution : Execution
        How methods are asked.
    """

    seed: int
    replicates: int
    block: int
    electorate: Electorate
    facts: Facts
    shared: EvidenceBatch
    frames: dict[str, Frame]
    instruments: dict[str, Instrument]
    predictors: dict[str, Predictor]
    background: list[tuple[str, Distortion, float]]
    scenarios: dict[str, Distortion]
    doses: dict[str, list[float]]
    votes: FloatArray | None
    unread: dict[str, list[str]]
    settings: Mapping[str, Any]
    execution: Execution

    @property
    def n_blocks(self) -> int:
        """Blocks of replicates."""
        return -(-self.replicates // self.block)

    def size(self, block: int) -> int:
        """Replicates in one block."""
        return min(self.block, self.replicates - block * self.block)

    def truth(self, block: int) -> FloatArray:
        """The vote of every replicate of a block [B, C]."""
        start, n = block * self.block, self.size(block)
        if self.votes is not None:
            return self.votes[start : start + n]
        return np.repeat(self.electorate.share[None], n, axis=0)


def make_study(
    experiment: Experiment, cell: Task, known: tuple[Electorate, Facts] | None = None
) -> Study:
    """Calibrate the electorate and set up instruments, scenarios and methods.

    Parameters
    ----------
    experiment : Experiment
    cell : Task
        The vote and the moment.
    known : (Electorate, Facts), optional
        In place of what the datasets say of the vote.

    Raises
    ------
    ConfigError, DataError
        If a setting or a file is missing.
    """
    settings = experiment.simulation
    evidence = cell.evidence()
    electorate, facts = known or known_of(experiment, cell)
    instruments = {n: make_instrument(n, s) for n, s in experiment.instruments.items()}
    made = set().union(*(one.makes for one in instruments.values()))
    tables = {name: frame for name, frame in evidence.tables.items() if name not in made}
    tables["quotas"] = quotas_of(electorate, cell.as_of.normalize())
    shared = EvidenceBatch(evidence=replace(evidence, tables=tables), tables={}, size=0)
    predictors = {n: make_predictor(n, s) for n, s in experiment.predictors.items()}
    for name, predictor in predictors.items():
        if predictor.needs & made and not isinstance(predictor, BatchPredictor):
            raise ConfigError(
                f"predictor '{name}' reads simulated tables one by one; accepted in a simulation: "
                "predictors with predict_batch, or that read no simulated table"
            )
    votes = None
    if experiment.study == "electorates":
        votes = _other_votes(experiment, cell, electorate)
    background = [
        (name, make_distortion(name, experiment.scenarios[name]), float(dose))
        for name, dose in settings.get("background", {}).items()
    ]
    named = {
        n: s for n, s in experiment.scenarios.items() if n not in settings.get("background", {})
    }
    return Study(
        seed=experiment.seed,
        replicates=int(settings["replicates"]),
        block=int(settings["block"]),
        electorate=electorate,
        facts=facts,
        shared=shared,
        frames={name: one.frame(electorate, facts) for name, one in instruments.items()},
        instruments=instruments,
        predictors=predictors,
        background=background,
        scenarios={n: make_distortion(n, s) for n, s in named.items()},
        doses={n: [float(d) for d in s["doses"]] for n, s in named.items()},
        votes=votes,
        unread={n: list(s.get("unread_by", [])) for n, s in named.items()},
        settings=settings,
        execution=experiment.execution,
    )


def _other_votes(experiment: Experiment, cell: Task, electorate: Electorate) -> FloatArray:
    settings = experiment.simulation
    centre = electorate.share
    if settings["around"] != "outcome":
        raise ConfigError(f"around is '{settings['around']}'; accepted: outcome")
    evidence = cell.evidence()
    error = learn(evidence["past_polls"], evidence["outcomes"])
    n, each = int(settings["replicates"]), int(settings["per_electorate"])
    rng = generator(experiment.seed, "electorates")
    votes = error.draws(centre, float(settings["swing_days"]), rng, -(-n // each))
    return np.repeat(votes, each, axis=0)[:n]


def frames_of(study: Study, block: int) -> dict[str, Frame]:
    """The frames of one block, with the electorates and the background of its replicates."""
    frames = {}
    for name, frame in study.frames.items():
        one = frame if study.votes is None else towards(frame, study.truth(block))
        for title, distortion, dose in study.background:
            rng = generator(study.seed, "background", title, name, block)
            one = spoil_frame(distortion, one, dose, study.size(block), rng)
        frames[name] = one
    return frames


def collect(study: Study, block: int, name: str, frame: Frame) -> dict[str, BatchTable]:
    """What one instrument shows in every replicate of a block."""
    rng = generator(study.seed, "instrument", name, block)
    tables = study.instruments[name].collect(frame, study.facts, study.size(block), rng)
    batch = replace(study.shared, tables=tables, size=study.size(block))
    for title, distortion, dose in study.background:
        again = generator(study.seed, "background evidence", title, name, block)
        batch = spoil_evidence(distortion, batch, dose, again)
    return dict(batch.tables)


def honest(study: Study, block: int) -> tuple[dict[str, Frame], EvidenceBatch]:
    """Frames and evidence of a block before any scenario."""
    frames = frames_of(study, block)
    tables: dict[str, BatchTable] = {}
    for name, frame in frames.items():
        tables |= collect(study, block, name, frame)
    return frames, replace(study.shared, tables=tables, size=study.size(block))


def spoilt(
    study: Study,
    block: int,
    frames: Mapping[str, Frame],
    batch: EvidenceBatch,
    scenario: str,
    distortion: Distortion,
    dose: float,
) -> EvidenceBatch:
    """The evidence of a block under one distortion; random numbers do not depend on the dose."""
    for name, frame in frames.items():
        rng = generator(study.seed, "scenario", scenario, name, block)
        changed = spoil_frame(distortion, frame, dose, study.size(block), rng)
        if changed is not frame:
            batch = batch.with_tables(**collect(study, block, name, changed))
    rng = generator(study.seed, "scenario", scenario, block)
    return spoil_evidence(distortion, batch, dose, rng)


def shares(study: Study, name: str, batch: EvidenceBatch) -> FloatArray:
    """What one method says in every replicate [B, C]; all NaN where it abstains.

    Raises
    ------
    PredictorFailed
        With the traceback of the method.
    """
    rng = generator(study.seed, name)
    prediction = predict_batch(study.predictors[name], batch, rng, execution=study.execution)
    return prediction.demand_shares()


def run_block(study: Study, block: int, failures: dict[str, str]) -> pd.DataFrame:
    """Every scenario, dose and method on one block; one row per replicate and method.

    Parameters
    ----------
    study : Study
    block : int
        From 0.
    failures : dict of str to str
        Gets the first traceback of every method that fails; its shares are NaN there.
    """
    frames, batch = honest(study, block)

    def said(name: str, batch: EvidenceBatch) -> FloatArray:
        try:
            return shares(study, name, batch)
        except PredictorFailed as failure:
            failures.setdefault(name, str(failure))
            return np.full((batch.size, len(batch.candidates)), np.nan)

    plain = {name: said(name, batch) for name in study.predictors}
    parts = [_rows(study, block, "none", 0.0, name, its) for name, its in plain.items()]
    for scenario, distortion in study.scenarios.items():
        readers = [n for n, p in study.predictors.items() if p.needs & distortion.touches]
        readers = [n for n in readers if n not in study.unread.get(scenario, ())]
        for dose in study.doses[scenario]:
            if dose == 0:
                parts += [_rows(study, block, scenario, 0.0, n, plain[n]) for n in readers]
                continue
            bad = spoilt(study, block, frames, batch, scenario, distortion, dose)
            parts += [_rows(study, block, scenario, dose, n, said(n, bad)) for n in readers]
    return pd.concat(parts, ignore_index=True)


def _rows(
    study: Study, block: int, scenario: str, dose: float, name: str, said: FloatArray
) -> pd.DataFrame:
    rows = pd.DataFrame(said, columns=list(study.electorate.candidates))
    replicate = block * study.block + np.arange(len(said))
    rows.insert(0, "predictor", name)
    rows.insert(0, "replicate", replicate)
    rows.insert(0, "dose", dose)
    rows.insert(0, "scenario", scenario)
    return rows
