"""Simulated evidence: blocks of replicates, every distortion and dose, every predictor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from bench.core import ConfigError, Predictor
from bench.core.arrays import FloatArray
from bench.core.errors import did_you_mean
from bench.core.evidence import BatchPredictor, BatchTable, EvidenceBatch
from bench.core.predictor import generator
from bench.core.registry import make_predictor
from bench.core.settings import Execution, Experiment
from bench.runner.attempt import PredictorFailed
from bench.runner.prediction import predict_batch
from bench.runner.results import Results
from bench.simulation.calibration import Calibration, Facts, quotas_of
from bench.simulation.distortions import Distortion
from bench.simulation.dosed import DosedDistortion, make_distortions
from bench.simulation.electorate import Electorate
from bench.simulation.frame import Frame
from bench.simulation.instruments import Instrument, make_instrument
from bench.simulation.settings import SimulationSettings, electorate_settings

KEY = ["distortion", "dose", "replicate", "predictor"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Simulation:
    """Everything that a worker needs to simulate any block of replicates.

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
    background : list of (DosedDistortion, float)
        Always on, at these doses.
    distortions : dict of str to DosedDistortion
    execution : Execution
        How predictors are asked.
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
    background: list[tuple[DosedDistortion, float]]
    distortions: dict[str, DosedDistortion]
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
        return np.repeat(self.electorate.share[None], self.size(block), axis=0)

    def clean(self, block: int) -> tuple[dict[str, Frame], EvidenceBatch]:
        """Frames and evidence of a block before any distortion."""
        frames = {}
        tables: dict[str, BatchTable] = {}
        for name, frame in self.frames.items():
            reached = frame
            for always, dose in self.background:
                rng = generator(self.seed, "background", always.name, name, block)
                reached = always.distortion.frame_at(dose, reached, self.size(block), rng)
            frames[name] = reached
            tables |= self._collect(block, name, reached)
        return frames, replace(self.shared, tables=tables, size=self.size(block))

    def distorted(
        self,
        block: int,
        frames: Mapping[str, Frame],
        batch: EvidenceBatch,
        name: str,
        distortion: Distortion,
        dose: float,
    ) -> EvidenceBatch:
        """The evidence of a block under one distortion; every dose has the same random numbers."""
        for instrument, frame in frames.items():
            rng = generator(self.seed, "scenario", name, instrument, block)
            changed = distortion.frame_at(dose, frame, self.size(block), rng)
            if changed is not frame:
                batch = batch.with_tables(**self._collect(block, instrument, changed))
        rng = generator(self.seed, "scenario", name, block)
        return distortion.evidence_at(dose, batch, rng)

    def _collect(self, block: int, name: str, frame: Frame) -> dict[str, BatchTable]:
        """What one instrument shows in every replicate of a block."""
        rng = generator(self.seed, "instrument", name, block)
        tables = self.instruments[name].collect(frame, self.facts, self.size(block), rng)
        batch = replace(self.shared, tables=tables, size=self.size(block))
        for always, dose in self.background:
            rng_of_evidence = generator(self.seed, "background evidence", always.name, name, block)
            batch = always.distortion.evidence_at(dose, batch, rng_of_evidence)
        return dict(batch.tables)


def make_simulation(
    experiment: Experiment, calibration: Calibration, settings: SimulationSettings
) -> Simulation:
    """Set up electorate, instruments, distortions and predictors.

    Parameters
    ----------
    experiment : Experiment
    calibration : Calibration
        Of the vote.
    settings : SimulationSettings
        The section `simulation` of the experiment.

    Raises
    ------
    ConfigError, DataError
        If a setting or a file is missing.
    """
    assumed = electorate_settings(experiment)
    evidence = calibration.evidence
    electorate = calibration.electorate(assumed)
    facts = calibration.facts(assumed, settings)
    instruments = {n: make_instrument(n, s) for n, s in experiment.instruments.items()}
    simulated = set().union(*(instrument.makes for instrument in instruments.values()))
    tables = {name: frame for name, frame in evidence.tables.items() if name not in simulated}
    tables["quotas"] = quotas_of(electorate, evidence.as_of.normalize())
    predictors = {n: make_predictor(n, s) for n, s in experiment.predictors.items()}
    for name, predictor in predictors.items():
        if predictor.needs & simulated and not isinstance(predictor, BatchPredictor):
            raise ConfigError(
                f"predictor '{name}' reads simulated tables one by one; accepted in a simulation: "
                "predictors with predict_batch, or that read no simulated table"
            )
    distortions = make_distortions(experiment.distortions, calibration.election, evidence.round)
    for name in settings.background:
        if name not in distortions:
            raise ConfigError(
                f"simulation.background names the distortion '{name}', which the run lacks "
                f"({did_you_mean(name, list(distortions))}); add it to distortion=[…], or empty "
                "the background: ~simulation.background"
            )
    return Simulation(
        seed=experiment.seed,
        replicates=settings.replicates,
        block=settings.block,
        electorate=electorate,
        facts=facts,
        shared=EvidenceBatch(evidence=replace(evidence, tables=tables), tables={}, size=0),
        frames={
            name: instrument.frame(electorate, facts) for name, instrument in instruments.items()
        },
        instruments=instruments,
        predictors=predictors,
        background=[(distortions[n], float(dose)) for n, dose in settings.background.items()],
        distortions={n: dosed for n, dosed in distortions.items() if n not in settings.background},
        execution=experiment.execution,
    )


def shares(simulation: Simulation, name: str, batch: EvidenceBatch) -> FloatArray:
    """What one predictor says in every replicate [B, C]; all NaN where it abstains.

    Raises
    ------
    PredictorFailed
        With the traceback of the predictor.
    """
    rng = generator(simulation.seed, name)
    prediction = predict_batch(
        simulation.predictors[name], batch, rng, execution=simulation.execution
    )
    return prediction.demand_shares()


def simulate_block(simulation: Simulation, block: int, failures: dict[str, str]) -> pd.DataFrame:
    """Every distortion, dose and predictor on one block; one row per replicate and predictor.

    Parameters
    ----------
    simulation : Simulation
    block : int
        From 0.
    failures : dict of str to str
        Gets the first traceback of every predictor that fails; its shares are NaN there.
    """
    frames, batch = simulation.clean(block)

    def predicted_shares(name: str, batch: EvidenceBatch) -> FloatArray:
        try:
            return shares(simulation, name, batch)
        except PredictorFailed as failure:
            failures.setdefault(name, str(failure))
            return np.full((batch.size, len(batch.candidates)), np.nan)

    clean = {name: predicted_shares(name, batch) for name in simulation.predictors}
    parts = []
    for name, predicted in clean.items():
        parts.append(_rows(simulation, block, "none", 0.0, name, predicted))
    for dosed in simulation.distortions.values():
        readers = dosed.readers(simulation.predictors)
        for dose in dosed.doses:
            if dose == 0:
                by_predictor = {name: clean[name] for name in readers}
            else:
                bad = simulation.distorted(block, frames, batch, dosed.name, dosed.distortion, dose)
                by_predictor = {name: predicted_shares(name, bad) for name in readers}
            for name, predicted in by_predictor.items():
                parts.append(_rows(simulation, block, dosed.name, dose, name, predicted))
    return pd.concat(parts, ignore_index=True)


def in_order(results: Iterable[Results]) -> pd.DataFrame:
    """The rows of many blocks, by distortion, dose, replicate and predictor."""
    table = pd.concat([result.tables["replicates"] for result in results], ignore_index=True)
    return pd.DataFrame(table.sort_values(KEY, kind="stable", ignore_index=True))


def failures_of(results: Iterable[Results]) -> dict[str, str]:
    """The first traceback of every predictor that failed anywhere."""
    together: dict[str, str] = {}
    for result in results:
        together = {**result.failures, **together}
    return together


def _rows(
    simulation: Simulation,
    block: int,
    distortion: str,
    dose: float,
    name: str,
    predicted: FloatArray,
) -> pd.DataFrame:
    rows = pd.DataFrame(predicted, columns=list(simulation.electorate.candidates))
    label: dict[str, Any] = {
        "distortion": distortion,
        "dose": dose,
        "replicate": block * simulation.block + np.arange(len(predicted)),
        "predictor": name,
    }
    for place, (key, value) in enumerate(label.items()):
        rows.insert(place, key, value)
    return rows
