"""A board at one or several moments: the newest that everybody had stated, and its scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from bench.audit.preregistration import refuse_the_future, without_the_minute
from bench.core.errors import ConfigError, DataError, did_you_mean
from bench.core.settings import Experiment
from bench.data.board import (
    SHARE,
    THROUGH,
    Board,
    board_folder,
    claimed_rows,
    load_board,
    polled_rows,
    stated_rows,
)
from bench.data.election import load_election
from bench.data.slates import Standing, standing_at
from bench.data.tables import polls_of
from bench.data.task import Task, portable, ranked_on_task
from bench.metrics.by_person import LEVELS, mixture
from bench.runner.joint_forecasts import (
    before_earlier_votes,
    favourites,
    forecasts,
    joint_forecasts,
)
from bench.runner.results import Results, stacked
from bench.runner.runner import refuse_several, run_predictors, tasks_of
from bench.studies.base import folders_of, settings_of
from bench.studies.board.scores import Truth, scores_of

FILE, PUBLISHER, INSTITUTE, METHOD, REPLAY = ("file", "publisher", "institute", "method", "replay")
"""Kinds of contestants; a replay is a file that was made after the vote."""
KEY = ["source", "quantity", "person", "quantile"]


@dataclass(frozen=True)
class Settings:
    """What a board reads of `settings`.

    Attributes
    ----------
    headline : str
        Our predictor, with which everybody is compared on common rows.
    record_days : list of int
        Days before earlier votes at which favourites are looked up; the nearest is taken.
    """

    headline: str
    record_days: list[int]


def folders(experiment: Experiment) -> dict[str, Path]:
    """Those of the election, and that of its board where it has one."""
    read = folders_of(experiment)
    for name in experiment.elections:
        folder = board_folder(load_election(name))
        if folder.is_dir():
            read[f"boards/{folder.name}"] = folder
    return read


def analyse(experiment: Experiment) -> Results:
    """Ask everybody at every moment, and score them where the vote is over.

    Returns
    -------
    Results
        Tables `statements` (all that was public at the last moment), `newest` (by moment, the
        newest of each contestant), `sources` (who they are), `methods`, `scores` (by moment and
        measure, a contestant and the headline on what both stated; none before the vote) and
        `favourites` (before it: whom our methods had as favourite before earlier votes).
        Fact: `vote`.

    Raises
    ------
    ConfigError
        If more than one vote is asked about, a moment has not come, or the headline is no row.
    DataError
        As `load_board`; also if a file is called like an institute or a predictor.
    """
    settings = settings_of(Settings, experiment)
    if settings.headline not in experiment.predictors:
        raise ConfigError(
            f"settings.headline is '{settings.headline}', which is not a predictor of this run "
            f"({did_you_mean(settings.headline, experiment.predictors)})"
        )
    tasks = tasks_of(experiment)
    votes = list(dict.fromkeys(f"{task.election.name} round {task.round}" for task in tasks))
    refuse_several(experiment, votes, "one vote")
    refuse_the_future(tasks)
    moments = [task.as_of for task in tasks]  # ours change with the polls, others by the minute
    tasks = [without_the_minute(task) for task in tasks]
    last = tasks[-1]
    board = load_board(last.election)
    _refuse_taken_names(board, last, list(experiment.predictors))
    asked = [_own(experiment, task, levels_of(board.statements)) for task in tasks]
    newest = [
        pd.concat([newest_rows(_stated(board, task, moment)), _polled(task), rows]).assign(
            as_of=task.as_of, days=_days_before(task)
        )
        for (rows, _), task, moment in zip(asked, tasks, moments, strict=True)
    ]
    tables = {
        "statements": _stated(board, last, moments[-1]),
        "newest": pd.concat(newest, ignore_index=True),
        "methods": stacked([results for _, results in asked], "methods"),
    }
    age = tables["newest"]["as_of"].dt.normalize() - tables["newest"]["public_on"].dt.normalize()
    tables["newest"]["age_days"] = age.dt.days
    tables["sources"] = _sources(board, tables)
    truth = Truth.of(last.election, last.round)
    if truth is not None:
        leaders = {task.as_of: ranked_on_task(experiment, task) for task in tasks}
        tables["scores"] = scores_of(tables["newest"], settings.headline, truth, leaders)
    else:
        decided = before_earlier_votes(last, settings.record_days)
        tables |= run_predictors(experiment, favourites, decided).tables if decided else {}
    vote = {
        "election": portable(last.election.address),
        "as_of": last.as_of.isoformat(),
        "is_over": truth is not None,
        "elected": truth.elected if truth is not None else None,
    }
    failures = {name: text for _, found in asked for name, text in found.failures.items()}
    return Results(tables=tables, facts={"vote": vote}, failures=failures)


def _refuse_taken_names(board: Board, task: Task, predictors: Sequence[str]) -> None:
    """Refuse a file that is called like an institute or a predictor: they would be averaged."""
    institutes = polls_of(task.election)["institute"]
    taken = board.statements.loc[
        board.statements["source"].isin([*predictors, *institutes]), "source"
    ]
    if len(taken):
        name = taken.iloc[0]
        kind = "a predictor of this run" if name in predictors else "an institute"
        raise DataError(
            f"{board_folder(task.election) / name}.csv: '{name}' is also {kind}; rename the file, "
            "its source and its row in sources.csv"
        )


def _days_before(task: Task) -> int:
    return (task.vote_on - task.as_of.normalize()).days


def levels_of(statements: pd.DataFrame) -> dict[str, float]:
    """Columns of the quantiles that are cut of our draws: our own, and those that rivals state."""
    levels = {*LEVELS.values(), *statements["quantile"].dropna()}
    return {f"q{level:g}": level for level in sorted(levels)}


def _stated(board: Board, task: Task, moment: pd.Timestamp) -> pd.DataFrame:
    """Rows of files that were public at the moment, and of the election's claims at the task's."""
    evidence = task.evidence()
    claims = claimed_rows(evidence["claims"], task.election.name)
    replays = board.sources.loc[board.sources["replay"], "source"]
    is_replay = board.statements["source"].isin(replays)
    rows = pd.concat(
        [
            board.statements.assign(kind=is_replay.map({True: REPLAY, False: FILE})),
            claims.assign(kind=PUBLISHER),
        ],
        ignore_index=True,
    )
    is_of_vote = rows["round"].eq(task.round) | ~rows["quantity"].isin([SHARE, THROUGH])
    return rows[is_of_vote & (rows["public_on"] <= moment)].reset_index(drop=True)


def newest_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Of each contestant and quantity the newest day, and of a person's rows on it the last."""
    day = rows["public_on"].dt.normalize()
    newest = day.groupby([rows["source"], rows["quantity"]]).transform("max")
    ordered = rows[day.eq(newest)].sort_values("public_on", kind="stable")
    last: pd.DataFrame = ordered.drop_duplicates(KEY, keep="last")
    return last


def _polled(task: Task) -> pd.DataFrame:
    polls = task.evidence()["polls"]
    polls = polls[polls["round"].eq(task.round)]
    return polled_rows(polls, task.election.name).assign(kind=INSTITUTE)


def _standing(task: Task) -> Standing:
    """Ballots, and chances of standing, where the official list is still to come."""
    is_first = task.round == min(task.election.rounds)
    listed_on = task.vote.listed_on
    is_unlisted = task.vote.is_open or (listed_on is not None and task.as_of < listed_on)
    if is_first and is_unlisted:
        return standing_at(task.election, task.round, task.as_of, task.poll_lag_days)
    return Standing(chances=pd.Series(dtype=float), slates=[], seasons=[])


def _own(
    experiment: Experiment, task: Task, levels: Mapping[str, float]
) -> tuple[pd.DataFrame, Results]:
    """What every predictor says of persons, over all ballots that are possible."""
    standing = _standing(task)
    slates = [entry for entry in standing.slates if entry.slate]
    tasks = [replace(task, slate=entry.slate.candidates) for entry in slates if entry.slate]
    weights = {entry.slate.key: entry.weight for entry in slates if entry.slate}
    shares = run_predictors(experiment, forecasts, tasks or [task])
    drawn = run_predictors(experiment, joint_forecasts, tasks or [task])
    joint = drawn.tables.get("joint", pd.DataFrame(columns=["predictor"]))
    points = shares.tables["forecasts"]
    points = points[~points["predictor"].isin(joint["predictor"].unique())]
    points = points.assign(draw=0, qualifies=np.nan, elected=np.nan)
    rows = []
    for name, draws in pd.concat([joint, points]).groupby("predictor", sort=False):
        of_draws = levels if draws["draw"].any() else {}
        people = mixture(
            draws.assign(slate=draws.get("slate", "")),
            weights or {task.key.get("slate", ""): 1.0},
            standing.chances if standing.seasons else None,
            of_draws,
        )
        unstated = [] if standing.slates and of_draws else ["p_runs"]
        unstated += ["p_qualify"] if task.vote.n_advance == 1 else []
        stated = stated_rows(
            people.drop(columns=unstated),
            of_draws,
            source=name,
            public_on=task.as_of,
            address=f"election-bench: {name}",
            election=task.election.name,
            round=task.round,
        )
        rows.append(stated.assign(kind=METHOD))
    return pd.concat(rows, ignore_index=True), shares


def _sources(board: Board, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """A row per contestant: kind, and what `sources.csv` says of it."""
    rows = pd.concat([tables["newest"], tables["statements"]])[["source", "kind"]]
    rows = rows.drop_duplicates("source").reset_index(drop=True)
    return rows.merge(board.sources.drop(columns="replay"), on="source", how="left")
