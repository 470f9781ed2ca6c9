"""Two rounds as one forecast from before the first: who qualifies, then who wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from bench.core import ConfigError, Evidence
from bench.core.arrays import FloatArray
from bench.core.settings import Experiment
from bench.data.election import rounds_of_runoff
from bench.data.evidence import polled_pairs
from bench.data.task import Task
from bench.metrics.forecast_rows import forecast_rows
from bench.models.chain import Chain, RunoffDraws, chain
from bench.models.families import family_of
from bench.models.transfers import learn_transfers
from bench.runner import (
    Part,
    Prediction,
    Results,
    method_row,
    of_tasks,
    predict_named,
    run_predictors,
    tasks_in,
    tasks_of,
    timing_row,
)
from bench.studies.two_rounds.metrics import compare_chains, score_chain

Pair = tuple[str, str]


def analyse(experiment: Experiment) -> Results:
    """Ask every predictor for both rounds at every moment before the first.

    Raises
    ------
    ConfigError
        If the experiment asks about another round than the first, or nobody has draws.
    """
    if experiment.rounds != [1]:
        raise ConfigError(f"rounds is {experiment.rounds}; a chain starts before round 1: [1]")
    found = run_predictors(
        experiment, forecasts, tasks_of(experiment), label="forecasts of both rounds"
    )
    if "errors" not in found.tables:
        methods = found.tables["methods"]
        first = methods.drop_duplicates("predictor")
        said = "; ".join(first["predictor"] + ": " + first["message"])
        raise ConfigError(
            f"no predictor gave draws of a first round as of {methods['as_of'].iloc[0]} ({said}); "
            "choose methods that draw whole ballots (last_poll, poll_tracker) and a moment with "
            "polls (as_of=… or days_before=…)"
        )
    sentences = compare_chains(found.tables["errors"], experiment.baseline)
    return replace(found, facts={"sentences": sentences})


def forecasts(experiment: Experiment, part: Part) -> Results:
    """What one predictor says of both rounds at the moments of a part, scored."""
    name = str(part["predictor"])
    return of_tasks([_one_forecast(experiment, name, t) for t in tasks_in(experiment, part)])


def _one_forecast(experiment: Experiment, name: str, task: Task) -> Results:
    first = task.evidence()
    last = replace(task, round=rounds_of_runoff(task.election)[1].number)
    runoff = last.outcome().share
    one = predict_named(experiment, name, task)
    # every pair that anybody had polled is asked about alike, whichever came to be
    said = {
        pair: predict_named(experiment, name, replace(last, pair=pair))
        for pair in pairs_polled(first)
    }
    if one.forecast is not None and not _has_draws(one, whole=True):
        reason = "it gives no draws of the whole ballot"
        one = replace(one, status="abstained", forecast=None, message=reason)
    tables = {
        "methods": pd.DataFrame([method_row(experiment, name, task, one)]),
        "timings": pd.DataFrame([timing_row(one, *said.values())]),
    }
    if one.forecast is not None and one.forecast.draws is not None:
        rng = task.rng(f"{name} chain")
        both = chain(one.forecast.draws, first.candidates, runoff_draws(first, said, rng))
        tables["errors"] = score_chain(both, runoff)
        tables["forecasts"] = forecast_rows(one.forecast, first.seats)
        tables["pairs"] = _marked(both, runoff, said)
    return Results(tables=tables, failures={name: one.trace} if one.status == "failed" else {})


def pairs_polled(first: Evidence) -> list[Pair]:
    """The pairs of this election whose runoff public polls had tested, by name.

    Parameters
    ----------
    first : Evidence
        Of the first round: its `past_polls` hold the runoff polls of every pair, or none.
    """
    polls = first["past_polls"]
    own = polls[(polls["election"] == first.election) & (polls["round"] > first.round)]
    known = [tuple(sorted(pair)) for pair in polled_pairs(own) if pair <= set(first.candidates)]
    return sorted((pair[0], pair[1]) for pair in known if len(pair) == 2)


def runoff_draws(
    first: Evidence, said: Mapping[Pair, Prediction], rng: np.random.Generator
) -> RunoffDraws:
    """The runoff of any pair: what the predictor said of it, otherwise transfers of votes.

    Parameters
    ----------
    first : Evidence
        Of the first round, from which transfers are learned.
    said : mapping of (str, str) to Prediction
        The predictor's forecast of every pair that was polled, or its abstention.
    rng : numpy.random.Generator
    """
    names = list(first.candidates)
    families = family_of(first["ballots"], first.election, first.round)
    outcomes = first["outcomes"]
    transfers = learn_transfers(outcomes[outcomes["election"] != first.election], first["ballots"])

    def draws(pair: tuple[int, int], rows: FloatArray) -> FloatArray:
        tried = said.get((names[pair[0]], names[pair[1]]))
        if tried is not None and _has_draws(tried) and tried.forecast is not None:
            drawn = np.asarray(tried.forecast.draws)
            return rng.choice(drawn[:, 0], size=len(rows), replace=True)
        return transfers.draws(rows, [families[name] for name in names], pair, rng)

    return draws


def _has_draws(tried: Prediction, *, whole: bool = False) -> bool:
    forecast = tried.forecast
    if forecast is None or forecast.draws is None:
        return False
    return bool(np.isfinite(forecast.draws).all()) if whole else True


def _marked(both: Chain, runoff: pd.Series, said: Mapping[Pair, Prediction]) -> pd.DataFrame:
    table = both.pairs()
    came = table["first"].isin(runoff.index) & table["second"].isin(runoff.index)
    answered = {pair for pair, tried in said.items() if _has_draws(tried)}
    both_names = zip(table["first"], table["second"], strict=True)
    basis = ["polls" if pair in answered else "transfers" for pair in both_names]
    return table.assign(basis=basis, came=came)
