"""Errors of the systems that the report names, and what other votes and lists say of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from bench.core.arrays import PERCENT
from bench.core.compose import compose
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.data.election import Election, same_country_elections
from bench.data.task import WINDOW_DAYS, Task, polled, ranked_on_task
from bench.metrics.shares import mean_absolute_error
from bench.runner.prediction import elasticity_of, predict_named
from bench.runner.results import Results
from bench.studies.base import load_study

LAST_POLLS = "last_poll"


def mae_pp(share: pd.Series, came: pd.Series, names: pd.Index) -> float:
    """Mean absolute error of shares as they were published, in points.

    NaN without candidates, or where one of them has no share.
    """
    if not len(names) or share.reindex(names).isna().any():
        return np.nan
    return PERCENT * float(mean_absolute_error(share[names], came[names]))


def system_tables(
    experiment: Experiment, task: Task, readings: Sequence[str]
) -> dict[str, pd.DataFrame]:
    """The tables `systems`, `institutes` and `other_votes` of a task `at_last_polls`."""
    systems = ["predictor", "our_reading", "mae_pp", "elasticity", "elasticity_se", "message"]
    other_votes = other_first_rounds(experiment, task.election)
    return {
        "systems": pd.DataFrame(systems_of(experiment, task, readings), columns=systems),
        "institutes": pd.DataFrame(
            institutes_of(experiment, task), columns=["institute", "mae_pp"]
        ),
        "other_votes": pd.DataFrame(other_votes, columns=["election", "round", "mae_pp"]),
    }


def systems_of(
    experiment: Experiment, task: Task, readings: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """The error of every predictor of the experiment over the candidates of `ranked_on`.

    Mean absolute error in points, both sides divided by their sums over these candidates.
    `our_reading`: whether it is one of `readings`, which emulate whoever published no figure and
    stand outside every comparison. Where an elasticity is learned, its value and standard error.
    """
    for name, settings in experiment.predictors.items():
        prediction = predict_named(experiment, name, task)
        forecast = prediction.forecast
        share = pd.Series(dtype=float) if forecast is None else forecast.share
        yield {
            "predictor": name,
            "our_reading": name in readings,
            "message": prediction.message,
            "mae_pp": leaders_mae_pp(experiment, task, share),
            **elasticity_of(make_predictor(name, settings), task.evidence()),
        }


def institutes_of(experiment: Experiment, task: Task) -> Iterator[dict[str, Any]]:
    """The error of the last poll of every institute that polled in the days of the last polls."""
    polls = task.evidence()["polls"]
    since = polls["fieldwork_end"].max() - pd.Timedelta(days=WINDOW_DAYS)
    for institute, rows in polls[polls["fieldwork_end"] >= since].groupby("institute"):
        yield {"institute": institute, "mae_pp": leaders_mae_pp(experiment, task, polled(rows))}


def other_first_rounds(experiment: Experiment, election: Election) -> Iterator[dict[str, Any]]:
    """The error of the last polls in the first round of every other election of the country."""
    for past in same_country_elections(election, in_collections=False):
        if past.is_open:
            continue
        eve = past.rounds[1].vote_on - pd.Timedelta(minutes=1)
        task = at_last_polls(Task(past.name, 1, eve))
        forecast = predict_named(experiment, LAST_POLLS, task).forecast
        if forecast is not None:
            error = leaders_mae_pp(experiment, task, forecast.share)
            yield {"election": past.name, "round": 1, "mae_pp": error}


def at_last_polls(task: Task) -> Task:
    """The task at the last moment at which polls were legal."""
    return replace(task, as_of=task.vote.polls_until or task.as_of)


def leaders_mae_pp(experiment: Experiment, task: Task, share: pd.Series) -> float:
    """Mean absolute error in points over the candidates of `ranked_on`, both sides closed to 1."""
    names = pd.Index(ranked_on_task(experiment, task))
    stated, came = share.reindex(names), task.outcome().share[names]
    return mae_pp(stated / stated.sum(), came / came.sum(), names)


def listed_stations(experiment: Experiment, overrides: Sequence[str]) -> Results:
    """What an experiment finds that ranks polling stations.

    Parameters
    ----------
    experiment : Experiment
        Whose execution and folder of results are used.
    overrides : sequence of str
        The experiment that ranks stations, and what is changed in it.

    Returns
    -------
    Results
        Its table `ranking` holds how much of the winner's gain lies in the first tenth of every
        list: method, found, low, high, …; fractions.
    """
    listing = compose(*overrides)
    listing = replace(
        listing,
        execution=experiment.execution,
        results=experiment.results,
        settings={**listing.settings, "transfer_levels": []},  # no list rests on them
    )
    return load_study(listing.study).analyse(listing)
