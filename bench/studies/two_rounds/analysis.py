"""Two rounds as one forecast from before the first: who qualifies, then who wins."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from bench.core import ConfigError
from bench.core.settings import Experiment
from bench.data.election import rounds_of_runoff, series_of
from bench.data.task import Task
from bench.metrics.score_forecast import forecast_rows
from bench.models.chain import TOGETHER
from bench.runner.both_rounds import both_rounds
from bench.runner.prediction import predict_named, results_with
from bench.runner.results import Results
from bench.runner.runner import for_each_task, run_predictors, tasks_of
from bench.studies.two_rounds.metrics import compare_chains, score_chain

LEADING = 0.1
"""Chance of being elected, by one of `TOGETHER`, from which a person is in the table `elected`."""


def analyse(experiment: Experiment) -> Results:
    """Ask every predictor for both rounds at every moment before the first.

    Raises
    ------
    ConfigError
        If the experiment asks about another round than the first, or nobody has draws.
    """
    if experiment.rounds != [1]:
        raise ConfigError(f"rounds is {experiment.rounds}; a chain starts before round 1: [1]")
    tasks = tasks_of(experiment)
    for task in tasks:
        task.outcome()  # what cannot be scored is refused before anybody is asked
    found = run_predictors(experiment, forecasts, tasks, label="forecasts of both rounds")
    if "errors" not in found.tables:
        methods = found.tables["methods"]
        first = methods.drop_duplicates("predictor")
        said = "; ".join(first["predictor"] + ": " + first["message"])
        raise ConfigError(
            f"no predictor gave draws of a first round as of {methods['as_of'].iloc[0]} ({said}); "
            "choose methods that draw whole ballots (last_poll, poll_tracker) and a moment with "
            "polls (as_of=… or days_before=…)"
        )
    series = series_of(task.election for task in tasks)
    against = compare_chains(found.tables["errors"], experiment.baseline, series)
    return replace(found, facts={"against": against})


@for_each_task
def forecasts(experiment: Experiment, name: str, task: Task) -> Results:
    """What one predictor says of both rounds at one moment, scored."""
    runoff = replace(task, round=rounds_of_runoff(task.election)[1].number).outcome().share
    one = predict_named(experiment, name, task)
    both = both_rounds(experiment, name, task, one)
    if one.forecast is not None and both is None:
        reason = "it gives no draws of the whole ballot"
        one = replace(one, status="abstained", forecast=None, message=reason)
    runoffs = () if both is None else both.predictions.values()
    tables = {}
    if both is not None and one.forecast is not None:
        pairs = both.pairs()
        came = pairs["first"].isin(runoff.index) & pairs["second"].isin(runoff.index)
        tables["errors"] = score_chain(both.chain, runoff)
        tables["forecasts"] = forecast_rows(one.forecast, task.vote.n_advance)
        tables["pairs"] = pairs.assign(came=came)
        chances = {name: both.chain.correlated(r).elected() for name, r in TOGETHER.items()}
        people = pd.DataFrame(chances).rename_axis("candidate").reset_index()
        leading = people[people[list(TOGETHER)].max(axis=1) >= LEADING]
        leading = leading.sort_values("elected", ascending=False, kind="stable")
        tables["elected"] = leading.assign(came=leading["candidate"] == runoff.idxmax())
    return results_with(tables, experiment, name, task, one, runoffs)
