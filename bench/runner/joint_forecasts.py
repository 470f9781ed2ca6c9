"""What predictors say of a vote whose outcome is not looked at.

Cached forecasts depend on what this module imports: nothing of a report belongs here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.core.forecast import Forecast
from bench.core.settings import HOUR, Experiment
from bench.data.election import same_country_elections
from bench.data.tables import outcome_of
from bench.data.task import Task, portable
from bench.metrics.by_person import joint_rows
from bench.metrics.events import qualifies
from bench.metrics.score_forecast import NATIONAL, forecast_rows
from bench.models.chain import TOGETHER, Chain
from bench.runner.attempt import Prediction
from bench.runner.both_rounds import BothRounds, both_rounds
from bench.runner.prediction import predict_named, results_with
from bench.runner.results import Results
from bench.runner.runner import for_each_task

PAIR = 2  # who get through to a runoff
HALF = 0.5  # of the valid votes of a runoff


@for_each_task
def forecasts(experiment: Experiment, name: str, task: Task) -> Results:
    """What one predictor says of one task: shares, quantiles and chances."""
    done = predict_named(experiment, name, task)
    tables = {}
    if done.forecast is not None:
        tables["forecasts"] = national_rows(done.forecast, task.vote.n_advance)
    return results_with(tables, experiment, name, task, done)


def national_rows(forecast: Forecast, n_advance: int) -> pd.DataFrame:
    """Shares, quantiles and chances of the whole vote, without its areas."""
    rows = forecast_rows(forecast, n_advance)
    return rows[rows["area"] == NATIONAL].drop(columns="area")


@for_each_task
def joint_forecasts(experiment: Experiment, name: str, task: Task) -> Results:
    """Draws of one predictor about one task, through the runoff where there is one.

    Tables `joint` (a row per draw and candidate), `pairs` (who meets, and who wins then) and
    `forecasts`, as of the function of that name. The chances of being elected stand by the names
    of `TOGETHER`: the first, more or less by what `Chain.correlated` changes in the draws.
    """
    done = predict_named(experiment, name, task)
    if done.forecast is None or done.forecast.draws is None:
        return Results()
    draws = done.forecast.draws  # [S, C]
    n_advance = task.vote.n_advance
    through_first = qualifies(np.nan_to_num(draws), n_advance)  # [S, C]
    tables = {"forecasts": national_rows(done.forecast, n_advance)}
    through = through_runoff(experiment, name, task, done)
    elected = {"elected": np.full(draws.shape, np.nan) if n_advance > 1 else through_first}
    if through is not None:
        tables["pairs"], independent, chain = through
        wins = chain.runoff_shares() > HALF
        elected = {
            name: independent + (chain.correlated(value).runoff_shares() > HALF) - wins
            for name, value in TOGETHER.items()
        }
    tables["joint"] = joint_rows(draws, task.ballot, through_first, elected)
    return Results(tables=tables)


def through_runoff(
    experiment: Experiment, name: str, task: Task, done: Prediction
) -> tuple[pd.DataFrame, FloatArray, Chain] | None:
    """Who meets in the runoff and wins it, the chance [S, C] of being elected by draw, the draws.

    Parameters
    ----------
    experiment : Experiment
        With the settings of the predictor.
    name : str
        Of the predictor.
    task : Task
        Of a first round.
    done : Prediction
        What the predictor said of it; None is returned if it drew no whole ballot, or if there is
        no runoff of two.
    """
    if task.vote.n_advance != PAIR or len(task.election.rounds) == 1:
        return None
    rounds = both_rounds(experiment, name, task, done)
    if rounds is None:
        return None
    pairs = _pairs(rounds)
    return pairs, _elected(rounds.chain, pairs), rounds.chain


def _pairs(rounds: BothRounds) -> pd.DataFrame:
    """As `BothRounds.pairs`; of a polled pair all draws of its runoff count, however rare it is.

    The runoff is independent of the first round given the pair, so that a pair of one draw in a
    hundred need not be judged by that hundredth.
    """
    pairs = rounds.pairs().set_index(["first", "second"])
    for pair in pairs.index[pairs["basis"] == "polls"]:
        runoff = rounds.predictions[pair].forecast
        if runoff is None or runoff.draws is None:
            continue
        share = runoff.draws[:, 0]
        pairs.loc[pair, ["first_wins", "first_share"]] = (share > HALF).mean(), share.mean()
    return pairs.reset_index()


def _elected(chain: Chain, pairs: pd.DataFrame) -> FloatArray:
    """The chance [S, C] of winning the runoff that each draw of the first round leads to."""
    names = np.array(chain.candidates)
    drawn_pairs = pd.MultiIndex.from_arrays(list(names[chain.pair].T))
    first_wins = pairs.set_index(["first", "second"])["first_wins"].reindex(drawn_pairs)
    wins = first_wins.to_numpy(dtype=float)
    elected = np.zeros(chain.first.shape)
    np.put_along_axis(elected, chain.pair, np.column_stack([wins, 1 - wins]), axis=1)
    return elected


def before_earlier_votes(task: Task, days: Sequence[int]) -> list[Task]:
    """The same round of earlier elections on its official ballot, about as many days before.

    Parameters
    ----------
    task : Task
        Elections count that were decided by its moment and have as many rounds.
    days : sequence of int
        From the moment, at 23:59, to the vote: the nearest to those that are left for `task`.
    """
    days_to_vote = task.evidence().days_to_vote
    nearest = min(days, key=lambda number: abs(number - days_to_vote))
    tasks = []
    for election in same_country_elections(task.election, in_collections=False):
        last = election.rounds[max(election.rounds)]
        if len(election.rounds) != len(task.election.rounds) or last.known_at > task.as_of:
            continue
        day = election.rounds[task.round].vote_on - pd.Timedelta(days=nearest)
        moment = pd.Timestamp(f"{day:%Y-%m-%d}T{HOUR}")
        tasks.append(replace(task, election=election, as_of=moment, slate=None, pair=None))
    return tasks


@for_each_task
def favourites(experiment: Experiment, name: str, task: Task) -> Results:
    """Whom one predictor gave the largest chance of being elected.

    Table `favourites`: a row, none where the predictor says nothing of both rounds.
    """
    through = through_runoff(experiment, name, task, predict_named(experiment, name, task))
    if through is None:
        return Results()
    chances = through[1].mean(axis=0)
    winner = outcome_of(task.election, max(task.election.rounds)).share.idxmax()
    row = {
        "address": portable(task.election.address),
        "favourite": task.ballot[int(chances.argmax())],
        "p_elected": float(chances.max()),
        "winner": str(winner),
        "days": task.evidence().days_to_vote,
    }
    return Results(tables={"favourites": pd.DataFrame([row])})
