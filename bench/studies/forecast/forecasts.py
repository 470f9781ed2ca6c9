"""What predictors say of a vote whose outcome is not looked at.

Cached forecasts depend on what this module imports: nothing of a report belongs here.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.core.forecast import Forecast
from bench.core.settings import Experiment
from bench.data.task import Task
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
    `forecasts`, as of the function of that name.
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
        tables["pairs"], elected = through
    n_draws, n_candidates = draws.shape
    tables["joint"] = pd.DataFrame(
        {
            "draw": np.repeat(np.arange(n_draws), n_candidates),
            "candidate": np.tile(np.array(task.ballot, dtype=object), n_draws),
            "share": draws.ravel(),
            "qualifies": through_first.ravel(),
            **{column: chance.ravel() for column, chance in elected.items()},
        }
    )
    return Results(tables=tables)


def through_runoff(
    experiment: Experiment, name: str, task: Task, done: Prediction
) -> tuple[pd.DataFrame, dict[str, FloatArray]] | None:
    """Who meets in the runoff and who wins it, and the chance [S, C] of being elected by draw.

    The chances stand by the names of `TOGETHER`: `elected`, more or less by what `Chain.correlated`
    changes in the draws.

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
    elected = _elected(rounds.chain, pairs)
    wins = rounds.chain.runoff_shares() > HALF
    return pairs, {
        column: elected + (rounds.chain.correlated(value).runoff_shares() > HALF) - wins
        for column, value in TOGETHER.items()
    }


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


LEVELS = {"q05": 0.05, "q50": 0.5, "q95": 0.95}


def mixture(joint: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """What a candidate can expect given that he or she runs, and with the chance of running.

    With weights `w_s` of slates and draws of each, ``P(event | runs) = sum_s w_s P_s / sum_s w_s``
    over the slates that name the candidate, and ``P(event) = sum_s w_s P_s``: nobody gets through
    who does not run. Weights that sum to less than 1 leave the rest to slates that are not known,
    and every unconditional chance is then the least that it can be.

    Parameters
    ----------
    joint : pandas.DataFrame
        slate, draw, candidate, share (fractions), qualifies (0 or 1) and elected (a chance, 0 to
        1, or NaN: unknown); after a runoff the other columns of `TOGETHER`.
    weights : mapping of str to float
        By slate; at most 1 in sum.

    Returns
    -------
    pandas.DataFrame
        Per candidate, the likeliest to get through first: `p_runs`; `share`, `q05`, `q50`, `q95`,
        `p_qualify_if_runs` and `p_elected_if_runs`, given that he or she runs; `p_qualify` and
        `p_elected`; likewise of the other columns of `TOGETHER`.

    Examples
    --------
    Birch runs on one slate of two, and gets through in half of its draws:

    >>> joint = pd.DataFrame({
    ...     "slate": ["a", "a", "a", "a", "b", "b"], "draw": [0, 0, 1, 1, 0, 0],
    ...     "candidate": ["ash", "birch", "ash", "birch", "ash", "cedar"],
    ...     "share": [0.6, 0.4, 0.4, 0.6, 0.7, 0.3], "qualifies": [1, 0, 0, 1, 1, 0],
    ...     "elected": np.nan})
    >>> people = mixture(joint, {"a": 0.75, "b": 0.25}).set_index("candidate")
    >>> people.loc["birch", ["p_runs", "p_qualify_if_runs", "p_qualify"]].tolist()
    [0.75, 0.5, 0.375]
    >>> float(people.loc["ash", "p_qualify"])
    0.625
    """
    n_draws = joint.groupby("slate")["draw"].nunique()
    weight_of_draw = pd.Series(dict(weights), dtype=float) / n_draws
    rows = joint.assign(weight=joint["slate"].map(weight_of_draw)).dropna(subset="weight")
    return pd.DataFrame(
        [{"candidate": name, **_of_candidate(part)} for name, part in rows.groupby("candidate")]
    ).sort_values(["p_qualify", "share"], ascending=False, kind="stable", ignore_index=True)


def _of_candidate(rows: pd.DataFrame) -> dict[str, float]:
    rows = rows.sort_values("share", kind="stable")
    weight = rows["weight"].to_numpy(dtype=float)
    runs = float(weight.sum())
    share = rows["share"].to_numpy(dtype=float)
    below = np.cumsum(weight) / runs
    numbers = {"p_runs": runs, "share": float((share * weight).sum() / runs)}
    last = len(share) - 1
    numbers |= {
        name: float(share[min(int(np.searchsorted(below, level)), last)])
        for name, level in LEVELS.items()
    }
    columns = {"p_qualify": "qualifies", **{f"p_{name}": name for name in TOGETHER if name in rows}}
    for event, column in columns.items():
        chance = float((rows[column].to_numpy(dtype=float) * weight).sum())
        numbers |= {event: chance, f"{event}_if_runs": chance / runs}
    return numbers
