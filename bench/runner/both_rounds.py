"""Both rounds as one forecast: what a predictor says of every polled pair, and their chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from bench.core import Evidence
from bench.core.arrays import FloatArray
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.data.election import rounds_of_runoff
from bench.data.evidence import polled_pairs
from bench.data.task import Task
from bench.models.chain import Chain, RunoffDraws, chain
from bench.models.families import family_of
from bench.models.transfers import known_or_transferred, learn_transfers
from bench.runner.attempt import Prediction
from bench.runner.prediction import predict

Pair = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class BothRounds:
    """A first round and the runoff that follows from its draws.

    Attributes
    ----------
    chain : Chain
        Joint draws of both.
    predictions : mapping of (str, str) to Prediction
        The predictor's answer about every pair that was polled.
    """

    chain: Chain
    predictions: Mapping[Pair, Prediction]

    def pairs(self) -> pd.DataFrame:
        """`Chain.pairs` with the `basis` of each: ``polls`` of the pair, or ``transfers``."""
        table = self.chain.pairs()
        answered = {pair for pair, tried in self.predictions.items() if _draws(tried) is not None}
        names = zip(table["first"], table["second"], strict=True)
        basis = ["polls" if pair in answered else "transfers" for pair in names]
        return table.assign(basis=basis)


def both_rounds(
    experiment: Experiment, name: str, task: Task, first: Prediction
) -> BothRounds | None:
    """The chain from a predictor's first round; None if it drew no whole ballot.

    Every pair that anybody had polled is asked about alike, whichever came to be; of the others
    the runoff follows from transfers of votes that other elections teach.

    Parameters
    ----------
    experiment : Experiment
        With the settings of the predictor.
    name : str
        Of the predictor.
    task : Task
        Of the first round; its slate, if it has one.
    first : Prediction
        What the predictor said of it.
    """
    drawn = _draws(first)
    if drawn is None or not np.isfinite(drawn).all():
        return None
    evidence = task.evidence()
    number = rounds_of_runoff(task.election)[1].number
    predictor = make_predictor(name, experiment.predictors[name])
    predictions = {
        pair: predict(
            replace(task, round=number, pair=pair, slate=None),
            predictor,
            name=name,
            execution=experiment.execution,
        )
        for pair in pairs_polled(evidence)
    }
    draws = runoff_draws(evidence, predictions, task.rng(f"{name} chain"))
    return BothRounds(chain=chain(drawn, evidence.candidates, draws), predictions=predictions)


def pairs_polled(first: Evidence) -> list[Pair]:
    """The pairs of this election whose runoff public polls had tested, by name.

    Parameters
    ----------
    first : Evidence
        Of the first round: its `past_polls` hold the runoff polls of every pair, or none.
    """
    polls = first["past_polls"]
    own = polls[(polls["election"] == first.election) & (polls["round"] > first.round)]
    pairs = [tuple(sorted(pair)) for pair in polled_pairs(own) if pair <= set(first.candidates)]
    return sorted((pair[0], pair[1]) for pair in pairs if len(pair) == 2)


def runoff_draws(
    first: Evidence, predictions: Mapping[Pair, Prediction], rng: np.random.Generator
) -> RunoffDraws:
    """The runoff of any pair: what the predictor said of it, otherwise transfers of votes.

    Parameters
    ----------
    first : Evidence
        Of the first round, from which transfers are learned.
    predictions : mapping of (str, str) to Prediction
        The predictor's forecast of every pair that was polled, or its abstention.
    rng : numpy.random.Generator
    """
    place = {name: at for at, name in enumerate(first.candidates)}
    drawn = {(place[a], place[b]): _draws(tried) for (a, b), tried in predictions.items()}
    polled_draws = {pair: draws[:, 0] for pair, draws in drawn.items() if draws is not None}
    families = family_of(first["ballots"], first.election, first.round)
    outcomes = first["outcomes"]
    transfers = learn_transfers(outcomes[outcomes["election"] != first.election], first["ballots"])
    return known_or_transferred(polled_draws, transfers, [families[name] for name in place], rng)


def _draws(tried: Prediction | None) -> FloatArray | None:
    return None if tried is None or tried.forecast is None else tried.forecast.draws
