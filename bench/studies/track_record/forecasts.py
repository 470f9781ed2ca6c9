"""Many forecasts at once: asked for one by one, kept as arrays.

Cached parts depend on what this module imports: nothing of a report belongs here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from bench.core import Abstain, DataError, Forecast
from bench.core.arrays import FloatArray
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.data.task import Task, polled
from bench.metrics.ensemble import crps
from bench.metrics.events import chances, event_probability
from bench.metrics.score_forecast import completed
from bench.metrics.shares import area_mean_absolute_error
from bench.models.polls.poll_table import last_weights, polls_of, whole_ballots
from bench.runner.prediction import predict
from bench.runner.results import Results
from bench.runner.runner import Part, task_of

OTHERS = "others"  # what is left of a ballot: it has a share and comes first in nothing


def chunk(experiment: Experiment, part: Part) -> Results:
    """What some predictors say about some tasks, and what came.

    Returns
    -------
    Results
        Tables `asked` (one row per task and predictor: task, its place in the part; status,
        message, named, area_mae, n_areas), `said` (one row per candidate of every answer, in the
        order of `asked` and of the ballot: share, NaN for whoever is not named; crps, NaN without
        draws; chance of winning where one place decides) and, where the part wants them, `votes`
        (one row per task and candidate: task, share, came_first, polled, is_others), `polls` (one
        row per institute whose mode of interview is known and that the last polls count: task,
        mode, respondents) and `polled` (their shares, as in `said`).
    """
    rules = replace(experiment, poll_lag_days=part["lag_days"])
    predictors = {
        name: make_predictor(name, experiment.predictors[name]) for name in part["predictors"]
    }
    attempts: list[tuple[Any, ...]] = []
    answers: list[FloatArray] = []
    votes: list[FloatArray] = []
    polls: list[tuple[int, str, float]] = []
    polled_shares: list[FloatArray] = []
    failures: dict[str, str] = {}
    for place, task_part in enumerate(part["tasks"]):
        task = task_of(rules, task_part)
        if part["hindsight_of"]:
            task = replace(task, hindsight_of=tuple(part["hindsight_of"]))
        try:
            outcome = task.outcome()
        except DataError:
            continue  # nothing to score
        share = outcome.share.to_numpy(dtype=float)
        runs = np.array([name != OTHERS for name in task.ballot])
        if part["facts"]:
            votes.append(_facts(task, place, share, runs))
            for mode, respondents, of_poll in _single_polls(task, part["window_days"]):
                polls.append((place, mode, respondents))
                polled_shares.append(of_poll[:, None])
        for name, predictor in predictors.items():
            prediction = predict(task, predictor, name=name, execution=experiment.execution)
            local, n_areas = np.nan, 0
            named = 0
            if prediction.forecast is not None:
                named = int(prediction.forecast.share.notna().sum())
                answers.append(_answer(prediction.forecast, share, runs, outcome.n_advance))
                local, n_areas = _map_error(prediction.forecast, outcome.areas)
            if prediction.status == "failed":
                failures[name] = prediction.trace or prediction.message
            message = prediction.message if prediction.status == "failed" else ""
            attempts.append((place, name, prediction.status, message, named, local, n_areas))
    columns = ["task", "predictor", "status", "message", "named", "area_mae", "n_areas"]
    tables = {
        "asked": pd.DataFrame(attempts, columns=columns),
        "said": _table(answers, ["share", "crps", "chance"]),
    }
    if part["facts"]:
        tables["votes"] = _table(votes, ["task", "share", "came_first", "polled", "is_others"])
        tables["polls"] = pd.DataFrame(polls, columns=["task", "mode", "respondents"])
        tables["polled"] = _table(polled_shares, ["share"])
    return Results(tables=tables, failures=failures)


def _table(blocks: list[FloatArray], columns: list[str]) -> pd.DataFrame:
    values = np.vstack(blocks) if blocks else np.empty((0, len(columns)))
    return pd.DataFrame(values, columns=columns)


def _facts(task: Task, place: int, share: FloatArray, runs: np.ndarray) -> FloatArray:
    polls = task.evidence()["polls"]
    mean = polled(polls) if len(polls) else pd.Series(dtype=float)
    shares = np.array([mean.get(name, np.nan) for name in task.ballot], dtype=float)
    first = np.where(runs, share, -1.0)
    return np.column_stack(
        [np.full(len(share), float(place)), share, first == first.max(), shares, ~runs]
    )


def _single_polls(task: Task, window_days: float) -> Iterator[tuple[str, float, FloatArray]]:
    """Mode, respondents and shares [C] of the last poll of every institute whose mode is known."""
    evidence = task.evidence()
    try:
        table = polls_of(evidence)
    except Abstain:
        return
    modes = evidence["polls"].drop_duplicates("poll_id").set_index("poll_id")["mode"].dropna()
    whole = whole_ballots(table)
    for row in np.flatnonzero(last_weights(table, window_days)):
        if table.poll_id[row] in modes.index:
            yield str(modes[table.poll_id[row]]), float(table.respondents[row]), whole[row]


def _answer(
    forecast: Forecast, outcome: FloatArray, runs: np.ndarray, n_advance: int
) -> FloatArray:
    """Share, CRPS and chance of winning [C, 3] of one answer."""
    share = forecast.share.to_numpy(dtype=float)
    scores = np.full(len(share), np.nan)
    chance = np.full(len(share), np.nan)
    whole = completed(forecast)
    if whole.draws is not None:
        scores = crps(whole.draws, outcome)
    if n_advance == 1 and forecast.chances is None and whole.draws is not None:
        chance[runs] = event_probability(whole.draws.values[:, runs], 1)
    elif n_advance == 1:
        chance = chances(forecast, "elected", n_advance)
    return np.column_stack([share, scores, chance])


def _map_error(forecast: Forecast, votes: pd.DataFrame) -> tuple[float, int]:
    """Mean absolute error over areas, by their valid votes, and how many areas there are."""
    if forecast.areas is None or votes.empty:
        return np.nan, 0
    both = forecast.areas.index.intersection(votes.index)
    if both.empty:
        return np.nan, 0
    official = votes.loc[both].fillna(0.0).to_numpy(dtype=float)
    total = official.sum(axis=1)
    has_votes = total > 0
    if not has_votes.any():
        return np.nan, 0
    claimed = forecast.areas.loc[both].to_numpy(dtype=float)[has_votes]
    came = official[has_votes] / total[has_votes, None]
    error = area_mean_absolute_error(claimed, came, total[has_votes]).mean()
    return float(error), int(has_votes.sum())
