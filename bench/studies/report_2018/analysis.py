"""The last word of every challenger before a vote: whom it named first, and how far it was off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import ceil, log
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from bench.core import paths
from bench.core.arrays import PERCENT
from bench.core.settings import Experiment
from bench.data.columns import TABLES
from bench.data.cut import cut
from bench.data.election import load_election
from bench.data.tables import table_of
from bench.data.task import Task, polled, ranked_on_task
from bench.runner.results import Results
from bench.runner.runner import tasks_of, tasks_where_held
from bench.studies.base import settings_of
from bench.studies.report_2018.canvassing import canvassing_bounds
from bench.studies.report_2018.decisive_margin import (
    decisive_curves,
    decisive_margins,
    decisive_votes,
)
from bench.studies.report_2018.polled_leads import polled_leads
from bench.studies.report_2018.systems import (
    at_last_polls,
    listed_stations,
    mae_pp,
    system_tables,
)

POLLS = "polls"
SHARES = ("vote_share", "digital_weight")
PUBLISHED = (*SHARES, "rank")
"""What a publication may state; the first of them that it states counts."""
VOTE = ["election", "round"]
RECORD = ["publisher", "measured", "votes", "right", "polls_right", "ahead", "behind", "p_polls"]
RECORD += ["chance", "p_chance", "n_needed"]
LEVEL = 0.05
SOURCES = paths.datasets() / "report_2018"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of the study.

    Attributes
    ----------
    publishers : mapping of str to list of str
        Whose statements count, by what they measured.
    least_polled : float
        Share of the polls from which a candidate counts as one who could come first; chance names
        each of them equally often.
    daily : int
        Publications of shares from which a publisher is followed by day.
    systems_of : str
        Election about whose first round the predictors of the experiment are asked, whether it is
        among its elections or not.
    decisive, leads : list of mapping
        Votes (election, round) of which is said where the decisive margin lies, with `electors`
        (a table of this folder) where areas vote as blocks; and who led the polls, with `areas`
        where each area is a case too.
    lead_days : tuple of int
        Days before the vote from which polls are read.
    min_polls : int
        Institutes of an area, for it to count.
    canvassing : mapping
        election and round of a stated gain (`gain_pp`, in `stations`); `stations_of`: an election
        whose mean station has the size; `trial_part`: part of the winning margin that the trial of
        that campaign found, 0 to 1.
    readings : list of str
        Predictors that emulate whoever published no figure: they stand outside every comparison.
    stations : list of str
        The experiment that ranks polling stations, and what is changed in it.
    """

    publishers: Mapping[str, list[str]]
    least_polled: float
    daily: int
    systems_of: str
    decisive: list[dict[str, Any]]
    leads: list[dict[str, Any]]
    lead_days: tuple[int, ...]
    min_polls: int
    canvassing: dict[str, Any]
    readings: list[str]
    stations: list[str]


def read_sources() -> pd.DataFrame:
    """What was read for each claim: claim, publisher, published_on, address, quote, read_on."""
    return pd.read_csv(SOURCES / "sources.csv", keep_default_na=False)


def analyse(experiment: Experiment) -> Results:
    """Who was named first by whom, the record of every publisher, and errors by day.

    Returns
    -------
    Results
        Tables `statements` (one row per vote, days before it and publisher; nothing but the keys
        where none was found), `record` (one row per publisher, as of the last moment), `daily`
        (one row per publication of those that published often), `outcomes` (share and place of
        every candidate), `sources` (of the claims); `systems` (one row per predictor: its error
        over the candidates of `ranked_on`, as in a backtest), `institutes` and `other_votes` (the
        same of every institute, and of the last polls in the country's other votes);
        `decisive_margins`, `decisive_curves`, `polled_leads`, `canvassing` and `station_lists`.
        Facts `n_stations` (ranked), `area_variables` (by level, how many are known), `n_leaders`.

    Raises
    ------
    ConfigError
        If a setting is wrong.
    """
    settings = settings_of(Settings, experiment)
    tasks = tasks_where_held(experiment)
    statements = pd.DataFrame([row for task in tasks for row in statements_of(task, settings)])
    last = statements[statements["days_before"].eq(statements["days_before"].min())]
    votes = {(task.election.name, task.round): task for task in tasks}.values()  # the last moments
    days = [row for task in votes for row in daily_of(experiment, task, settings)]
    columns = [*VOTE, "publisher", "published_on", "first", "n_named", "mae_pp", "polls_pp"]
    decisive = decisive_votes(settings.decisive)
    of_systems = replace(experiment, elections=[settings.systems_of], rounds=[1])
    task_of_systems = at_last_polls(tasks_of(of_systems)[0])
    listing = listed_stations(experiment, settings.stations)
    areas = table_of(load_election(settings.canvassing["stations_of"]), "areas")
    return Results(
        tables={
            "statements": statements,
            "record": record(last),
            "daily": pd.DataFrame(days, columns=columns),
            "outcomes": pd.concat(map(outcomes_of_vote, votes), ignore_index=True),
            "sources": read_sources(),
            **system_tables(experiment, task_of_systems, settings.readings),
            "decisive_margins": decisive_margins(decisive),
            "decisive_curves": decisive_curves(decisive),
            "polled_leads": polled_leads(settings.leads, settings.lead_days, settings.min_polls),
            "canvassing": canvassing_bounds(settings.canvassing),
            "station_lists": listing.tables["ranking"],
        },
        facts={
            "n_stations": int(listing.tables["scores"]["n"].max()),
            "area_variables": areas.groupby("level")["variable"].nunique().to_dict(),
            "n_leaders": len(ranked_on_task(experiment, task_of_systems)),
        },
    )


def outcomes_of_vote(task: Task) -> pd.DataFrame:
    """Share (percent), place and name of every candidate of a vote."""
    share = (PERCENT * task.outcome().share).rename_axis("candidate")
    table = share.reset_index(name="share_percent")
    table["place"] = table["share_percent"].rank(ascending=False, method="min").astype(int)
    table["name"] = table["candidate"].map(task.election.people.set_index("candidate")["name"])
    return table.assign(election=task.election.name, round=task.round)


def statements_of(task: Task, settings: Settings) -> Iterator[dict[str, Any]]:
    """The last statement of the polls, and of every publisher, about one vote at one moment.

    Of the latest publication that became public by then counts what it states of shares, else of
    places. One without a figure or a place, or with volumes alone, states nothing. Polls of a
    runoff are those whose interviews ended after the first round; `newest` (institute),
    `newest_on` (when it was published), `newest_first` and `newest_right`: the same of the newest
    alone. `credit`: whether a publisher first claimed the winner when the outcome was known.
    """
    evidence, came = task.evidence(), task.outcome().share
    key = {name: task.key[name] for name in VOTE}
    key["days_before"] = (task.vote_on - task.as_of.normalize()).days
    rows = evidence["polls"]
    if task.round > 1:
        rows = rows[rows["fieldwork_end"] >= task.election.rounds[task.round - 1].vote_on]
    polls = polled(rows).reindex(came.index).dropna()
    able = polls[polls >= settings.least_polled] if len(polls) else came
    key["chance"] = 1 / len(able)
    of_polls = {**key, "publisher": POLLS, "measured": POLLS}
    if len(polls):
        of_polls |= {
            "quantity": "vote_share",
            "published_on": rows["published_on"].max(),
            **_compared(polls, came, polls),
            **_newest(rows, came),
        }
    yield of_polls
    claims = table_of(task.election, "claims")
    claims = claims[claims["round"].eq(task.round)]
    # whoever names one person has made a statement, though methods do not see it
    before = cut(claims, task.as_of, key=TABLES["claims"].key)
    afterwards = claims[claims["published_on"].gt(task.vote.known_at)]
    for measured, names in settings.publishers.items():
        for name in names:
            row = {**key, "publisher": name, "measured": measured}
            stated = _stated(before[before["publisher"].eq(name)])
            claimed = _stated(afterwards[afterwards["publisher"].eq(name)])
            row["credit"] = bool(len(claimed)) and _compared(_values(claimed), came, polls)["right"]
            if len(stated):
                row |= {key: stated[key].iloc[0] for key in ("quantity", "published_on", "source")}
                row |= _compared(_values(stated), came, polls)
            yield row


def _newest(polls: pd.DataFrame, came: pd.Series) -> dict[str, Any]:
    """Whom the poll with the latest interviews puts first, and whether that was the winner."""
    order = polls.sort_values(["fieldwork_end", "published_on"], kind="stable")
    newest = order.iloc[-1]
    share = order[order["poll_id"].eq(newest["poll_id"])].set_index("candidate")["share"]
    stated = _compared(share, came, share)
    return {
        "newest": newest["institute"],
        "newest_on": newest["published_on"],
        "newest_first": stated["first"],
        "newest_right": stated["right"],
    }


def _stated(claims: pd.DataFrame) -> pd.DataFrame:
    """What the latest publication states, of one quantity."""
    claims = claims[claims["quantity"].isin(PUBLISHED)]
    latest = claims[claims["published_on"].eq(claims["published_on"].max())]
    quantity = min(latest["quantity"], key=PUBLISHED.index, default="")
    return latest[latest["quantity"].eq(quantity)]


def _values(stated: pd.DataFrame) -> pd.Series:
    """Shares by candidate, or places below 0."""
    rows = stated.set_index("candidate")
    return rows["share"].fillna(-rows["rank"].astype(float))


def _compared(value: pd.Series, came: pd.Series, polls: pd.Series) -> dict[str, Any]:
    """Whom a statement puts first (all of them where they are level), beside who came first.

    `right` is None where several are level: then nobody is named first.
    """
    first = sorted(value.index[value.eq(value.max())])
    names = value.index.intersection(came.index)
    scored = names if (value >= 0).all() else names[:0]
    return {
        "first": " ".join(first),
        "order": " ".join(value.sort_values(ascending=False, kind="stable").index),
        "winner": str(came.idxmax()),
        "right": first == [came.idxmax()] if len(first) == 1 else None,
        "n_named": len(names),
        "mae_pp": mae_pp(value, came, scored),
        "polls_pp": mae_pp(polls, came, scored),
    }


def record(statements: pd.DataFrame) -> pd.DataFrame:
    """How often each publisher named the winner first, beside polls and beside chance.

    Parameters
    ----------
    statements : pandas.DataFrame
        From `statements_of`, of one moment before each vote.

    Returns
    -------
    pandas.DataFrame
        publisher, measured, votes (in which it named somebody first), right, polls_right (on the
        same votes), ahead and behind (votes in which one of the two was right alone), p_polls
        (exact sign test, two-sided), chance (mean chance of naming the winner), p_chance
        (probability of as many right by chance, which differs by vote: Poisson-binomial, Wang
        1993), n_needed (votes without a miss, at the mean chance, from which that could be below
        5 %).

    Examples
    --------
    >>> row = {"publisher": "a", "measured": "buzz", "election": "x", "round": 1, "chance": 0.25}
    >>> rows = record(pd.DataFrame([row | {"right": True}]))
    >>> int(rows["n_needed"].iloc[0]), float(rows["p_chance"].iloc[0])
    (3, 0.25)
    """
    naming = statements.dropna(subset="right")
    polls = naming[naming["publisher"].eq(POLLS)].set_index(VOTE)["right"].astype(bool)
    rows = []
    for (measured, name), votes in naming.groupby(["measured", "publisher"], sort=False):
        right = votes.set_index(VOTE)["right"].astype(bool)
        polls_right = polls.reindex(right.index).astype("boolean")
        ahead = int((right & ~polls_right).sum())
        behind = int((~right & polls_right).sum())
        chance = float(votes["chance"].mean())
        of_chance = np.ones(1)
        for p in votes["chance"]:
            of_chance = np.convolve(of_chance, [1 - p, p])
        rows.append(
            {
                "publisher": name,
                "measured": measured,
                "votes": len(right),
                "right": int(right.sum()),
                "polls_right": int(polls_right.sum()),
                "ahead": ahead,
                "behind": behind,
                "p_polls": binomtest(ahead, ahead + behind).pvalue if ahead + behind else np.nan,
                "chance": chance,
                "p_chance": float(of_chance[int(right.sum()) :].sum()),
                "n_needed": ceil(log(LEVEL) / log(chance)),
            }
        )
    return pd.DataFrame(rows, columns=RECORD)


def daily_of(experiment: Experiment, task: Task, settings: Settings) -> Iterator[dict[str, Any]]:
    """Whom every publication of shares by whoever published often put first, and its error.

    Errors, in points, are over the candidates of `ranked_on` at the last polls, and only of a
    publication that names all of them, beside the polls that were public at its moment.
    """
    claims, came = table_of(task.election, "claims"), task.outcome().share
    claims = claims[
        claims["round"].eq(task.round)
        & claims["quantity"].isin(SHARES)
        & claims["basis"].eq("quoted")
        & claims["published_on"].le(task.as_of)
        & claims["publisher"].isin(set().union(*settings.publishers.values()))
    ]
    n_days = claims.groupby("publisher")["published_on"].transform("nunique")
    claims = claims[n_days.ge(settings.daily)]
    leaders = pd.Index(ranked_on_task(experiment, at_last_polls(task)))
    for (name, at), rows in claims.groupby(["publisher", "published_on"]):
        moment = pd.Timestamp(str(at))
        share = rows.set_index("candidate")["share"]
        compared = leaders if leaders.isin(share.index).all() else leaders[:0]
        polls = polled(replace(task, as_of=moment).evidence()["polls"])
        yield {
            **{key: task.key[key] for key in VOTE},
            "publisher": name,
            "published_on": moment,
            **_compared(share, came, polls),
            "mae_pp": mae_pp(share, came, compared),
            "polls_pp": mae_pp(polls, came, compared),
        }
