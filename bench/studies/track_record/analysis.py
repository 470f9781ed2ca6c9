"""The track record: which kind of method deserves trust, over every election that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bench.core import DataError
from bench.core.arrays import FloatArray
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.runner.results import Results
from bench.runner.runner import SAID_BY_TASKS, run
from bench.studies.base import settings_of
from bench.studies.track_record.errors import Ballots, ballots, errors, events, in_places
from bench.studies.track_record.estimates import (
    OF_SHARES,
    countries_table,
    family_errors,
    moments_table,
    of_modes,
    pairs_table,
    seen_table,
    sensitivity_table,
    with_directions,
)
from bench.studies.track_record.forecasts import chunk
from bench.studies.track_record.settings import Family, Settings, families_of, modes_of
from bench.studies.track_record.votes import Asked, asked, batches

NOT_READ = (*SAID_BY_TASKS, "poll_lag_days", "settings")  # parts say it, or nobody reads it


def analyse(experiment: Experiment) -> Results:
    """Ask every family about every vote, and compare pairs on the votes that both answered.

    Returns
    -------
    Results
        Tables `errors` (one row per answer), `pairs` (every comparison), `countries`, `moments`,
        `sensitivity`, `extent` (votes that the reference answered, and election days, by stratum
        and country), `seen` (on how many of them each family answered too), `events` (every stated
        chance and what came), `answers` (what became of every question) and `left_out` (votes that
        are never ranked).

    Raises
    ------
    DataError
        If nobody said anything that can be ranked.
    """
    settings, families = settings_of(Settings, experiment), families_of(experiment)
    known = asked(experiment, settings)
    found = _answers(experiment, settings, families, known)
    if not found.answers["ranked"].any():
        raise DataError(
            "no family gave shares of a vote that can be ranked; add methods that do, such as "
            "last_poll and uniform"
        )
    others = [key for key in families if key != settings.reference]
    further = [(one, two) for one, two in settings.pairs if {one, two} <= set(families)]
    beside = {key: (key, settings.reference) for key in others}
    later = [beside[key] for key in others if families[key].hindsight]
    drawn = [beside[key] for key in others if families[key].shares_of]
    ranked = [key for key in others if beside[key] not in (*later, *drawn)]
    public = [beside[key] for key in ranked] + further
    on_maps = [(key, settings.map_beside) for key in families if key != settings.map_beside]
    first = settings.lags_days[0]
    every = family_errors(found.answers[found.answers["names_all"]])
    scored = every[~every["family"].isin([family for family, _ in later])]
    at_lag = scored[scored["lag_days"].eq(first)]
    main = at_lag[at_lag["days_before"].eq(settings.main_day)]
    dated = scored[scored["days_before"].eq(settings.main_day) & ~scored["once"]]
    polls = found.polls[found.polls["days_before"].eq(settings.main_day)]
    modes = {key: one.modes for key, one in modes_of(experiment).items()}
    chances = family_errors(found.events)
    pairs = [
        pairs_table(main, "shares", public),
        *([of_modes(polls, modes)] if modes else []),
        pairs_table(main, "map", on_maps),
        pairs_table(main, "draws", drawn),
        pairs_table(chances, "chances", public + drawn),
        pairs_table(every[_is_main(every, settings)], "hindsight", later),
    ]
    tables = {
        "pairs": with_directions(pd.concat([one for one in pairs if len(one)], ignore_index=True)),
        "countries": countries_table(main, public),
        "moments": moments_table(
            at_lag, public, settings.reference, experiment.days_before, settings.main_day
        ),
        "sensitivity": sensitivity_table(
            main,
            {
                lag: dated[_under(dated, lag, first)].assign(lag_days=lag)
                for lag in settings.lags_days
            },
            public,
        ),
        "extent": _extent(
            known.facts.assign(stratum=found.strata), main[main["family"].eq(settings.reference)]
        ),
        "seen": seen_table(main, chances, ranked, settings.reference),
        "events": found.events[_OF_EVENTS],
        "answers": _what_became(found.answers, families),
        "left_out": known.left_out,
        "errors": found.answers.drop(columns=["task", "event"]),
    }
    return Results(tables=tables, failures=found.failures)


_OF_EVENTS = ["election", "round", "cluster", "family", "predictor", "chance", "came"]


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What came back: one row per question, per stated chance and per single poll.

    Attributes
    ----------
    answers : pandas.DataFrame
        With the errors, of every moment and lag.
    events : pandas.DataFrame
        Chances at the moment and under the lag of the main tables, with their Brier scores.
    polls : pandas.DataFrame
        With their mode and errors, of every moment.
    strata : pandas.Series
        By task.
    failures : dict of str to str
        Tracebacks.
    """

    answers: pd.DataFrame
    events: pd.DataFrame
    polls: pd.DataFrame
    strata: pd.Series
    failures: dict[str, str]


def _answers(
    experiment: Experiment, settings: Settings, families: Mapping[str, Family], known: Asked
) -> Answers:
    home = {name: key for key, one in families.items() for name in one.predictors}
    parts: dict[str, list[pd.DataFrame]] = {
        name: [] for name in ("asked", "said", "votes", "polls", "polled")
    }
    failures: dict[str, str] = {}
    for batch in batches(experiment, settings, families, known):
        found = run(
            batch.experiment,
            chunk,
            batch.parts,
            known.folders_of,
            label="parts of the record",
            apart=NOT_READ,
        )
        for one, part, places in zip(found, batch.parts, batch.tasks, strict=True):
            for name, rows in one.tables.items():
                placed = _placed(rows, places) if "task" in rows else rows
                parts[name].append(placed.assign(lag_days=part["lag_days"]))
            failures |= one.failures
    head, said, votes, polls, polled = (pd.concat(one, ignore_index=True) for one in parts.values())
    ballot = ballots(votes, len(known.tasks))
    strata = pd.Series(np.where((ballot.there & ~ballot.others).sum(axis=1) == 2, "two", "more"))
    facts = known.facts.assign(stratum=strata)
    spoke = head["status"].eq("ok").to_numpy()
    task = head.loc[spoke, "task"].to_numpy(dtype=np.int64)
    values = {name: said[name].to_numpy(dtype=float) for name in ("share", "crps", "chance")}
    scores = errors(task, values, ballot, least_polled=settings.least_polled)
    scores.index = head.index[spoke]
    mine = head.loc[spoke, "predictor"]
    # whoever takes over a national forecast has no score of it
    other_level = mine.isin(_with_another_level(experiment))
    scores.loc[other_level, [*OF_SHARES, "crps", "brier"]] = np.nan
    other_shares = mine.map({name: bool(families[key].shares_of) for name, key in home.items()})
    scores.loc[other_shares, list(OF_SHARES)] = np.nan
    whole = pd.concat([head, scores], axis=1)
    whole.insert(0, "family", whole["predictor"].map(home))
    whole["names_all"] = whole["names_all"].eq(True)
    hindsight = whole["family"].map({key: bool(one.hindsight) for key, one in families.items()})
    whole["hindsight"] = hindsight.astype(bool)
    whole["ranked"] = whole["names_all"] & ~whole["hindsight"]
    whole = _with_facts(whole, facts).assign(event=0)
    now = (_is_main(whole, settings) & ~whole["hindsight"] & whole["brier"].notna())[spoke]
    stated = in_places(values["chance"], ballot.there[task])[now.to_numpy()]
    events = _events(whole[spoke][now], stated, ballot)
    shares = {"share": polled["share"].to_numpy(dtype=float)}
    single = errors(
        polls["task"].to_numpy(dtype=np.int64),
        shares | {name: np.full(len(polled), np.nan) for name in ("crps", "chance")},
        ballot,
        least_polled=settings.least_polled,
    )
    single = pd.concat([_with_facts(polls, facts), single], axis=1)
    single = single.assign(event=0, area_mae=np.nan)
    return Answers(
        answers=_counting(whole, families),
        events=_counting(events, families),
        polls=single[single["names_all"]],
        strata=strata,
        failures=failures,
    )


def _counting(rows: pd.DataFrame, families: Mapping[str, Family]) -> pd.DataFrame:
    """Without votes on which the form of a family was chosen."""
    since = pd.to_datetime(rows["family"].map({key: one.since for key, one in families.items()}))
    return rows[since.isna() | rows["vote_on"].ge(since)].reset_index(drop=True)


def _with_facts(rows: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    found = facts.iloc[rows["task"].to_numpy(dtype=int)].reset_index(drop=True)
    return pd.concat([found, rows], axis=1)


def _placed(rows: pd.DataFrame, places: tuple[int, ...]) -> pd.DataFrame:
    """Rows whose `task` counts within a part, with the places of its tasks among all."""
    return rows.assign(task=np.array(places)[rows["task"].to_numpy(dtype=int)])


def _with_another_level(experiment: Experiment) -> list[str]:
    """Predictors that take over a national forecast: their own claim is the map alone."""
    return [
        name
        for name, given in experiment.predictors.items()
        if make_predictor(name, given).level_of in experiment.predictors
    ]


def _events(answers: pd.DataFrame, chance: FloatArray, known: Ballots) -> pd.DataFrame:
    """Every chance [A, C] of answers that counts as an event, with what came and its score."""
    task = answers["task"].to_numpy(dtype=np.int64)
    answer, place = np.nonzero(events(chance, known, task))
    found = answers.iloc[answer].reset_index(drop=True)
    said, came = chance[answer, place], known.first[task][answer, place].astype(int)
    # of two candidates either says the same
    event = np.where(found["stratum"].eq("two"), 0, place)
    return found.assign(event=event, chance=said, came=came, brier=(said - came) ** 2)


def _is_main(rows: pd.DataFrame, settings: Settings) -> pd.Series:
    """Which rows are at the moment and under the lag of the main tables."""
    return rows["days_before"].eq(settings.main_day) & rows["lag_days"].eq(settings.lags_days[0])


def _under(scored: pd.DataFrame, lag: int, first: int) -> pd.Series:
    """Rows under a lag: of families that no lag touches those of the first."""
    touched = set(scored.loc[scored["lag_days"].ne(first), "family"])
    return scored["lag_days"].eq(lag) | (
        scored["lag_days"].eq(first) & ~scored["family"].isin(touched)
    )


def _what_became(answers: pd.DataFrame, families: Mapping[str, Family]) -> pd.DataFrame:
    """By family and predictor: asked, answered, ranked, partial, abstained, failed."""
    status = answers["status"]
    ok = status.eq("ok")
    marks = answers[["family", "predictor"]].assign(
        asked=1,
        answered=ok,
        ranked=answers["ranked"],
        partial=ok & ~answers["names_all"] & answers["named"].gt(0),
        chances_only=ok & answers["named"].eq(0),
        abstained=status.eq("abstained"),
        failed=status.eq("failed"),
    )
    found = marks.groupby(["family", "predictor"], sort=False).sum().reset_index()
    order = {key: place for place, key in enumerate(families)}
    return found.sort_values(
        "family", key=lambda column: column.map(order), kind="stable", ignore_index=True
    )


def _extent(facts: pd.DataFrame, of_reference: pd.DataFrame) -> pd.DataFrame:
    """Votes and election days of every stratum and country, and of all.

    Parameters
    ----------
    facts : pandas.DataFrame
        Of every task: those of `Asked`, and its stratum.
    of_reference : pandas.DataFrame
        The votes that the reference answered, by election and round; others are only counted.
    """
    vote = ["election", "round"]
    answered = of_reference[vote].drop_duplicates().assign(unanswered=False)
    facts = facts.drop_duplicates(vote).merge(answered, on=vote, how="left")
    found = []
    for keys in ((), ("stratum",), ("stratum", "country")):
        parts = facts.groupby(list(keys), sort=True) if keys else [((), facts)]
        for key, rows in parts:
            votes = rows[rows["unanswered"].eq(False)]
            if votes.empty:
                continue
            found.append(
                {
                    "stratum": "all",
                    "country": "all",
                    **dict(zip(keys, key, strict=True)),
                    "votes": len(votes),
                    "days": votes["cluster"].nunique(),
                    "countries": votes["country"].nunique(),
                    "first_on": f"{votes['vote_on'].min():%Y-%m-%d}",
                    "last_on": f"{votes['vote_on'].max():%Y-%m-%d}",
                    "unanswered": len(rows) - len(votes),
                }
            )
    return pd.DataFrame(found)
