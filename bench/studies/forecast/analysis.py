"""A forecast as of one moment: of the ballot asked about, of every other slate, and over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from bench.audit.preregistration import refuse_the_future, without_the_minute
from bench.core import ConfigError, DataError
from bench.core.errors import did_you_mean
from bench.core.settings import Experiment
from bench.data.slates import (
    OTHER,
    Slate,
    Standing,
    WeighedSlate,
    slates_at,
    standing_at,
    weighed_slates,
)
from bench.data.task import Task, portable
from bench.metrics.by_person import mixture
from bench.metrics.shares import largest_error, mean_absolute_error
from bench.models.list_pairs import gains, list_pairs
from bench.models.polls.poll_table import poll_table
from bench.runner.joint_forecasts import (
    before_earlier_votes,
    favourites,
    forecasts,
    joint_forecasts,
)
from bench.runner.results import Results, stacked
from bench.runner.runner import Work, run_predictors, tasks_of
from bench.studies.base import settings_of
from bench.studies.forecast.break_even import break_even
from bench.studies.forecast.past_performance import earlier_votes, past_performance

LEADING = 0.10
"""Whose error counts in the history of polls: candidates whom the polls gave as much."""

MAX_SLATES = 8
DRAWS_OF_OTHERS = 2000
"""Of each other ballot; over the many that are mixed a chance is then good to .3 points."""

STATED = ["p_runs", "p_qualify", "p_elected"]
QUOTED = ["candidate", "publisher", "published_on", "source"]
PRICES = ("win_probability", "candidacy_probability")
"""Quantities of the table `claims` that stand beside the forecast by person."""


@dataclass(frozen=True)
class Settings:
    """What a forecast reads of `settings`.

    Attributes
    ----------
    headline : str
        The predictor whose numbers stand in front.
    average : str
        The predictor whose band is drawn through the polls: their average alone, without what
        all of them may get wrong.
    slate : str
        The ballot: a slate by its name, ``polled`` for the one most tested, or empty for the
        official one (where there is none, all of `weights`).
    weights : str
        File of weights of slates (`bench.data.slates`); empty: on an open ballot they follow from
        the chances of standing of `bench.data.slates.standing_at`.
    record_days : list of int
        Days before earlier votes at which their favourites are looked up; the nearest is taken.
    since_days : int
        Before the moment: the forecast with which it is compared.
    every_days, fan_days : int
        Of the curve over time: days between its points, and how far it goes back.
    """

    headline: str
    average: str
    slate: str
    weights: str
    record_days: list[int]
    since_days: int
    every_days: int
    fan_days: int


def analyse(experiment: Experiment) -> Results:
    """Ask every predictor as of the moment, the headline also before it and on other slates.

    Returns
    -------
    Results
        Tables `forecasts` (shares, quantiles and chances by predictor, moment and slate),
        `methods`, `timings`, `pairs` (who meets in the runoff, and who wins it), `joint` (chances
        over both rounds), `break_even` (what new polls would have to show), `polls` (as read on
        the ballot), `list_pairs` (who gained when somebody left a list), `past_performance`
        (what the headline scored at this distance before earlier votes), `slates` (those that
        stand), `weights` as they were stated or follow from the chances of standing, `mixture`
        (the forecast under them; columns ``_stated``: with the prices of standing in place of our
        chances) and `history` (errors of polls before other votes, by distance).
        Fact: `vote`, which says what was asked.

    Raises
    ------
    ConfigError
        If more than one vote or moment is asked about, the moment has not come, or the slate
        cannot be.
    DataError
        If the headline says nothing.
    """
    settings = settings_of(Settings, experiment)
    _refuse_strangers(settings, experiment)
    task = _task(experiment)
    standing = _standing(settings, task)
    weighed = standing.slates
    if weighed and not settings.slate and weighed[0].slate:
        task = _supposing(task, weighed[0].slate)
    slates = Slates.about(task, settings, weighed)
    current = run_predictors(experiment, forecasts, [task])
    _refuse_silence(current, settings.headline, task)
    earlier = _ask_headline(
        experiment, _earlier(task, settings, slates.current), forecasts, settings.average
    )
    on_others = _ask_headline(
        experiment if settings.weights else _with_fewer_draws(experiment, settings.headline),
        [_supposing(task, slate) for slate in slates.alternatives],
        joint_forecasts,
    )
    results = [current, earlier, on_others]
    tables = {name: stacked(results, name) for name in ("methods", "timings", "forecasts")}
    on_current = _ask_headline(experiment, [task], joint_forecasts)
    tables["prices"] = _prices(task)
    tables |= _mixed(task, on_current, on_others, standing, tables["prices"])
    tables |= _ask_headline(experiment, [task], break_even).tables
    tables |= _ask_headline(experiment, earlier_votes(task), past_performance).tables
    official = replace(experiment, settings={**experiment.settings, "slate": ""})
    decided = before_earlier_votes(task, settings.record_days)
    tables |= _ask_headline(official, decided, favourites).tables
    tables["weights"] = _weights(weighed)
    tables["polls"] = _polls(task)
    tables["list_pairs"] = gains(list_pairs(task.evidence()["polls"]))
    tables["slates"] = slates.table
    tables["history"] = history(task)
    return Results(
        tables=tables,
        facts={"vote": _vote(task, slates) | {"taught_by": standing.seasons}},
        failures={**current.failures, **earlier.failures},
    )


class Slates(NamedTuple):
    """The slates that a forecast is about.

    Attributes
    ----------
    current : Slate or None
        That of the task; None if no poll tested it.
    alternatives : list of Slate
        Of which the headline is asked too, the heaviest first.
    n_standing : int
        How many are still possible.
    """

    current: Slate | None
    alternatives: list[Slate]
    n_standing: int

    @classmethod
    def about(cls, task: Task, settings: Settings, weighed: Sequence[WeighedSlate]) -> Slates:
        """The slates that are tested, of which at most `MAX_SLATES` without a weight are
        alternatives."""
        tested = slates_at(task.election, task.round, task.as_of, task.poll_lag_days)
        standing = [slate for slate in tested if slate.stands]
        matching = (slate for slate in tested if slate.candidates == task.ballot)
        current = next(matching, None)
        candidates = [entry.slate for entry in weighed if entry.slate]
        is_sampled = bool(weighed) and not settings.weights  # then all have a weight
        if not is_sampled and (task.vote.is_open or task.slate is not None):
            candidates += [slate for slate in standing if slate not in candidates]
        alternatives = [slate for slate in candidates if slate != current]
        return cls(
            current,
            alternatives[: max(MAX_SLATES, sum(entry.slate is not None for entry in weighed))],
            len(standing),
        )

    @property
    def table(self) -> pd.DataFrame:
        """A row per slate, the current one first."""
        slates = [*([self.current] if self.current else []), *self.alternatives]
        return pd.DataFrame(
            [
                (slate.key, slate.name, slate.n_polls, slate.n_recent, slate.last_on)
                for slate in slates
            ],
            columns=["slate", "name", "n_polls", "n_recent", "last_on"],
        )


def _refuse_strangers(settings: Settings, experiment: Experiment) -> None:
    for name in (settings.headline, settings.average):
        if name not in experiment.predictors:
            raise ConfigError(
                f"settings name '{name}', which is not a predictor of this run "
                f"({did_you_mean(name, experiment.predictors)})"
            )


def _refuse_silence(results: Results, headline: str, task: Task) -> None:
    answer = results.tables["methods"].set_index("predictor").loc[headline]
    if answer["status"] != "ok":
        raise DataError(f"{headline} says nothing of {task.label}: {answer['message']}")


def _task(experiment: Experiment) -> Task:
    """The one task that is asked about."""
    for key in ("elections", "rounds"):
        if len(getattr(experiment, key)) != 1:
            raise ConfigError(
                f"{key} is {getattr(experiment, key)}; accepted: one, as a forecast is about one "
                "vote"
            )
    tasks = tasks_of(experiment)
    if len(tasks) != 1:
        moments = ", ".join(f"{task.as_of:%Y-%m-%dT%H:%M}" for task in tasks)
        raise ConfigError(f"a forecast is made as of one moment, not {moments}; choose one")
    refuse_the_future(tasks)
    return without_the_minute(tasks[0])


def _mixed(
    task: Task, on_current: Results, on_others: Results, standing: Standing, prices: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Tables `joint`, `pairs` and under weights `mixture`, of draws on this ballot and others."""
    if "joint" not in on_current.tables:
        return {}
    rows = stacked([on_current, on_others], "joint")
    rows = rows.assign(slate=rows.get("slate", ""))
    tables = {"joint": mixture(rows, {task.key.get("slate", ""): 1.0})}
    if "pairs" in on_current.tables:
        tables["pairs"] = on_current.tables["pairs"]
    if standing.slates:
        tables["mixture"] = _by_person(rows, standing)
    stated = prices.set_index("candidate")["candidacy_probability"].dropna()
    if standing.seasons and len(stated):
        people = _by_person(rows, standing.with_stated(stated)).set_index("candidate")[STATED]
        tables["mixture"] = tables["mixture"].join(people.add_suffix("_stated"), on="candidate")
    return tables


def _by_person(joint: pd.DataFrame, standing: Standing) -> pd.DataFrame:
    weights = {entry.slate.key: entry.weight for entry in standing.slates if entry.slate}
    return mixture(joint, weights, standing.chances if standing.seasons else None)


def _standing(settings: Settings, task: Task) -> Standing:
    moment = (task.election, task.round, task.as_of)
    slates: list[WeighedSlate] = []
    if settings.weights:
        slates = weighed_slates(settings.weights, *moment, task.poll_lag_days)
    elif task.vote.is_open and task.round == min(task.election.rounds) and not settings.slate:
        return standing_at(*moment, task.poll_lag_days)
    # pairs that institutes choose for a runoff say nothing of who meets
    return Standing(chances=pd.Series(dtype=float), slates=slates, seasons=[])


def _weights(weighed: Sequence[WeighedSlate]) -> pd.DataFrame:
    rows = [
        (
            entry.slate.key if entry.slate else "",
            entry.slate.name if entry.slate else OTHER,
            entry.weight,
            entry.votes,
            entry.reason,
        )
        for entry in weighed
    ]
    return pd.DataFrame(rows, columns=["slate", "name", "weight", "votes", "reason"])


def _ask_headline(
    experiment: Experiment, tasks: Sequence[Task], work: Work, *predictors: str
) -> Results:
    """What the headline, and other predictors, say of tasks."""
    if not tasks:
        return Results()
    names = dict.fromkeys([experiment.settings["headline"], *predictors])
    requested = {name: experiment.predictors[name] for name in names}
    return run_predictors(replace(experiment, predictors=requested), work, tasks)


def _with_fewer_draws(experiment: Experiment, name: str) -> Experiment:
    settings = dict(experiment.predictors[name])
    if settings.get("n_draws", 0) > DRAWS_OF_OTHERS:
        settings["n_draws"] = DRAWS_OF_OTHERS
    return replace(experiment, predictors={**experiment.predictors, name: settings})


def _prices(task: Task) -> pd.DataFrame:
    """The prices that were quoted last, a row per person and a column per event."""
    rows = task.evidence()["claims"]
    rows = rows[rows["quantity"].isin(PRICES) & rows["share"].notna()]
    newest = rows[rows["published_on"] == rows["published_on"].max()]
    wide: pd.DataFrame = newest.pivot_table(
        index=QUOTED, columns="quantity", values="share", observed=True
    )
    return wide.reset_index().reindex(columns=[*QUOTED, *PRICES]).drop_duplicates("candidate")


def _supposing(task: Task, slate: Slate) -> Task:
    return replace(task, slate=slate.candidates)


def _earlier(task: Task, settings: Settings, slate: Slate | None) -> list[Task]:
    """The same vote at earlier moments at which its ballot had been polled."""
    public = task.evidence()["polls"]["published_on"]
    if public.empty:
        return []
    start = public.min() if task.slate is None or slate is None else slate.first_on
    days = {
        settings.since_days,
        *range(settings.every_days, settings.fan_days, settings.every_days),
    }
    tasks = []
    for number in sorted(days, reverse=True):
        moment = task.as_of - pd.Timedelta(days=number)
        if moment < start:
            continue
        try:
            tasks.append(replace(task, as_of=moment))
        except ConfigError:
            continue  # somebody on the slate was out of the race then
    return tasks


def _polls(task: Task) -> pd.DataFrame:
    """The polls as they are read on the ballot, and what part of each chose somebody else."""
    polls = task.evidence()["polls"]
    table = poll_table(polls, task.ballot, task.vote_on)
    columns: dict[str, Any] = {
        "poll_id": table.poll_id,
        "institute": [table.institutes[place] for place in table.institute],
        "fieldwork_end": task.vote_on - pd.to_timedelta(np.asarray(table.days), unit="D"),
        "respondents": table.respondents,
    }
    wide = pd.DataFrame(table.share, columns=list(task.ballot)).assign(**columns)
    rows = wide.melt([*columns], var_name="candidate", value_name="share", ignore_index=False)
    rows = rows.sort_index(kind="stable")
    published_on = polls.drop_duplicates("poll_id").set_index("poll_id")["published_on"]
    rows["published_on"] = rows["poll_id"].map(published_on)
    off_ballot = polls[~polls["candidate"].isin(task.ballot)].groupby("poll_id")["share"].sum()
    rows["off_ballot"] = rows["poll_id"].map(off_ballot).fillna(0.0)
    return rows.dropna(subset="share").reset_index(drop=True)


def history(task: Task) -> pd.DataFrame:
    """How far polls were from other votes at the distance of the newest poll.

    Parameters
    ----------
    task : Task
        Its `past_errors` are those that were known at its moment.

    Returns
    -------
    pandas.DataFrame
        Per group of votes: `horizon_days` (the largest known that is no longer), `votes`,
        `mae_leading` and `worst` (absolute errors, fractions, of the candidates with 10 % or more
        in the polls: their mean, and the largest of each vote, averaged) and `leader_first` (share
        of the votes in which whoever led the polls came first).
    """
    rows = task.evidence()["past_errors"]
    rows = rows[(rows["round"] == task.round) & (rows["kind"] == task.election.kind)]
    distance = task.vote_on - task.evidence()["polls"]["fieldwork_end"].max()
    rows = rows[rows["horizon_days"] <= distance.days]
    horizon = rows["horizon_days"].max()
    rows = rows[rows["horizon_days"] == horizon]
    elsewhere = ~rows["same_country"] & rows["same_group"]
    groups = []
    for group, is_member in (("same country", rows["same_country"]), ("elsewhere", elsewhere)):
        by_vote = rows[is_member].groupby("election", observed=True)
        votes = [_errors_of_vote(polls) for _, polls in by_vote]
        if votes:
            mean = pd.DataFrame(votes).mean()
            row = {"votes_in": group, "horizon_days": horizon, "votes": len(votes), **mean}
            groups.append(row)
    return pd.DataFrame(groups, columns=HISTORY)


HISTORY = ["votes_in", "horizon_days", "votes", "mae_leading", "worst", "leader_first"]


def _errors_of_vote(rows: pd.DataFrame) -> dict[str, float]:
    leading = rows[(rows["polled"] >= LEADING) & (rows["candidate"] != "others")]
    polled, official = leading["polled"].to_numpy(), leading["share"].to_numpy()
    leader = rows["candidate"].iloc[rows["polled"].argmax()]
    winner = rows["candidate"].iloc[rows["share"].argmax()]
    return {
        "mae_leading": float(mean_absolute_error(polled, official)),
        "worst": float(largest_error(polled, official)),
        "leader_first": float(leader == winner),
    }


def _vote(task: Task, slates: Slates) -> dict[str, Any]:
    """What was asked, in plain values for the report."""
    days = task.vote.possible_days or (task.vote_on,)
    name = slates.current.name if slates.current and task.slate is not None else ""
    polls = task.evidence()["polls"]
    newest = polls[["published_on", "fieldwork_end"]].max()
    return {
        "election": portable(task.election.address),
        "round": task.round,
        "as_of": task.as_of.isoformat(),
        "ballot": list(task.ballot),
        "slate": task.key.get("slate", ""),
        "slate_name": name,
        "slates_standing": slates.n_standing,
        "is_open": task.vote.is_open,
        "days": [day.isoformat() for day in days],
        "last_poll_on": newest["published_on"].isoformat() if len(polls) else None,
        "last_interview_on": newest["fieldwork_end"].isoformat() if len(polls) else None,
    }
