"""How a method's forecasts from polls as old performed before earlier votes of the country.

Cached forecasts depend on what this module imports: nothing of a report belongs here.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from bench.audit.sealed_scores import BOTH, scores_of
from bench.core import ConfigError
from bench.core.settings import Experiment
from bench.data.election import POLLED, same_country_elections
from bench.data.slates import slate_of
from bench.data.tables import polls_of
from bench.data.task import Task, portable
from bench.runner.joint_forecasts import national_rows
from bench.runner.prediction import predict_named
from bench.runner.results import Results
from bench.runner.runner import for_each_task

LEADING = 0.10  # share of the vote from which an error counts
ABOUT_AS_OLD = pd.Timedelta(days=30)
"""By how much the newest poll of an earlier vote may be older, counted from its vote."""


def earlier_votes(task: Task) -> list[Task]:
    """The same round of earlier elections, with polls as old, on the slate of that day.

    Each is asked as many days before its vote, or earlier: before any poll was public whose
    interviews ended nearer to its vote than those of the newest poll of `task` to this one. A
    vote whose newest poll was then older by more than `ABOUT_AS_OLD` is left out.

    Parameters
    ----------
    task : Task
        Of each election that was decided by its moment, the outcome is looked at.
    """
    polls = task.evidence()["polls"]
    if polls.empty:
        return []
    ahead = task.vote_on - task.as_of
    age = task.vote_on - polls["fieldwork_end"].max()
    tasks = []
    for election in same_country_elections(task.election, in_collections=False):
        vote = election.rounds.get(task.round)
        if vote is None or vote.is_open or vote.known_at > task.as_of:
            continue
        polls = polls_of(election, task.poll_lag_days)
        polls = polls[polls["round"].eq(task.round)]
        is_nearer = polls["fieldwork_end"] > vote.vote_on - age
        first_nearer = polls.loc[is_nearer, "published_on"].min()
        as_of, slate = vote.vote_on - ahead, None
        if pd.notna(first_nearer):
            as_of = min(as_of, first_nearer - pd.Timedelta(minutes=1))
        newest = polls.loc[polls["published_on"] <= as_of, "fieldwork_end"].max()
        if not vote.vote_on - newest <= age + ABOUT_AS_OLD:
            continue
        if as_of < election.rounds[min(election.rounds)].known_at:  # else who meets is known
            try:
                slate = slate_of(election, task.round, as_of, POLLED, task.poll_lag_days).candidates
            except ConfigError:
                continue  # no poll so early
        tasks.append(replace(task, election=election, as_of=as_of, slate=slate, pair=None))
    return tasks


@for_each_task
def past_performance(experiment: Experiment, name: str, task: Task) -> Results:
    """What one predictor scored on one task.

    Table `past_performance`: error and coverage on those asked about who stood; chances.
    """
    forecast = predict_named(experiment, name, task).forecast
    if forecast is None:
        return Results()
    outcome = task.outcome()
    rows = scores_of(forecast, outcome)
    if BOTH in set(rows["ballot"]):
        rows = rows[rows["ballot"] == BOTH]
    wide = rows[rows["candidate"] != ""].pivot(index="candidate", columns="metric", values="value")
    leading = wide.index[outcome.share.reindex(wide.index) >= LEADING]
    through = outcome.share.nlargest(outcome.n_advance).index
    by_candidate = national_rows(forecast, outcome.n_advance).set_index("candidate")
    chances = by_candidate["p_qualify"].reindex(through)
    row = {
        "address": portable(task.election.address),
        "days_of_polls": (task.vote_on - task.evidence()["polls"]["fieldwork_end"].max()).days,
        "mae_leading": wide.loc[leading, "absolute_error"].mean(),
        "outcomes": len(wide),
        "inside_90": wide["inside_90"].mean() if "inside_90" in wide else np.nan,
        "through": ", ".join(map(str, through)),
        "chances": ", ".join(f"{chance:.6g}" for chance in chances),
    }
    return Results(tables={"past_performance": pd.DataFrame([row])})
