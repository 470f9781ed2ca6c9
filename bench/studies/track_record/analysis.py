"""The track record: which kind of method deserves trust, over every election that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from bench.core import DataError
from bench.core.arrays import FloatArray
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.runner.results import Results
from bench.runner.runner import SET_BY_TASKS, run
from bench.studies.base import settings_of
from bench.studies.track_record.errors import Ballots, ballots, errors, events, in_places
from bench.studies.track_record.estimates import (
    OF_SHARES,
    Pair,
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
from bench.studies.track_record.votes import Questions, batches, questions_of

NOT_READ = (*SET_BY_TASKS, "poll_lag_days", "settings")  # parts say it, or nobody reads it


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
    questions = questions_of(experiment, settings)
    answers = _answers(experiment, settings, families, questions)
    if not answers.answers["ranked"].any():
        raise DataError(
            "no family gave shares of a vote that can be ranked; add methods that do, such as "
            "last_poll and uniform"
        )
    compared = _pairs(settings, families)
    first = settings.lags_days[0]
    rows = family_errors(answers.answers[answers.answers["names_all"]])
    scored = rows[~rows["family"].isin([family for family, _ in compared.hindsight])]
    at_lag = scored[scored["lag_days"].eq(first)]
    main = at_lag[at_lag["days_before"].eq(settings.main_day)]
    dated = scored[scored["days_before"].eq(settings.main_day) & ~scored["once"]]
    polls = answers.polls[answers.polls["days_before"].eq(settings.main_day)]
    modes = {key: mode.modes for key, mode in modes_of(experiment).items()}
    chances = family_errors(answers.events)
    pairs = [
        pairs_table(main, "shares", compared.public),
        *([of_modes(polls, modes)] if modes else []),
        pairs_table(main, "map", compared.maps),
        pairs_table(chances, "chances", compared.public),
        pairs_table(rows[_is_main(rows, settings)], "hindsight", compared.hindsight),
    ]
    by_lag = {
        lag: dated[_under(dated, lag, first)].assign(lag_days=lag) for lag in settings.lags_days
    }
    tables = {
        "pairs": with_directions(
            pd.concat([table for table in pairs if len(table)], ignore_index=True)
        ),
        "countries": countries_table(main, compared.public),
        "moments": moments_table(
            at_lag,
            compared.public,
            settings.reference,
            experiment.days_before,
            settings.main_day,
        ),
        "sensitivity": sensitivity_table(main, by_lag, compared.public),
        "extent": _extent(
            questions.facts.assign(stratum=answers.strata),
            main[main["family"].eq(settings.reference)],
        ),
        "seen": seen_table(main, chances, compared.ranked, settings.reference),
        "events": answers.events[_OF_EVENTS],
        "answers": _what_became(answers.answers, families),
        "left_out": questions.left_out,
        "errors": answers.answers.drop(columns=["task", "event"]),
    }
    return Results(tables=tables, failures=answers.failures)


class Pairs(NamedTuple):
    """Which families are compared: by what is claimed, each with the family beside it.

    `ranked` are the families whose shares are compared with the reference.
    """

    public: list[Pair]
    hindsight: list[Pair]
    maps: list[Pair]
    ranked: list[str]


def _pairs(settings: Settings, families: Mapping[str, Family]) -> Pairs:
    further = [pair for pair in settings.pairs if set(pair) <= set(families)]
    with_reference = {
        key: (key, settings.reference) for key in families if key != settings.reference
    }
    hindsight = [key for key in with_reference if families[key].hindsight]
    ranked = [key for key in with_reference if key not in hindsight]
    return Pairs(
        public=[*(with_reference[key] for key in ranked), *further],
        hindsight=[with_reference[key] for key in hindsight],
        maps=[(key, settings.map_beside) for key in families if key != settings.map_beside],
        ranked=ranked,
    )


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
    experiment: Experiment,
    settings: Settings,
    families: Mapping[str, Family],
    questions: Questions,
) -> Answers:
    parts, failures = _parts(experiment, settings, families, questions)
    ballot = ballots(parts["votes"], len(questions.tasks))
    strata = pd.Series(np.where((ballot.there & ~ballot.others).sum(axis=1) == 2, "two", "more"))
    facts = questions.facts.assign(stratum=strata)
    values = {name: parts["said"][name].to_numpy(dtype=float) for name in _VALUES}
    attempts = parts["asked"]
    has_answer = attempts["status"].eq("ok")
    task = attempts.loc[has_answer, "task"].to_numpy(dtype=np.int64)
    scores = errors(task, values, ballot, least_polled=settings.least_polled)
    scores.index = attempts.index[has_answer]
    scores = _own_scores(scores, attempts.loc[has_answer, "predictor"], experiment)
    answers = _with_families(pd.concat([attempts, scores], axis=1), families)
    answers = _with_facts(answers, facts).assign(event=0)
    answered = answers[has_answer.to_numpy()]
    has_event = _is_main(answered, settings) & ~answered["hindsight"] & answered["brier"].notna()
    stated = in_places(values["chance"], ballot.there[task])[has_event.to_numpy()]
    events = _events(answered[has_event], stated, ballot)
    single = _single_polls(parts["polls"], parts["polled"], ballot, settings)
    single = pd.concat([_with_facts(parts["polls"], facts), single], axis=1)
    single = single.assign(event=0, area_mae=np.nan)
    return Answers(
        answers=answers,
        events=events,
        polls=single[single["names_all"]],
        strata=strata,
        failures=failures,
    )


_VALUES = ("share", "crps", "chance")


def _parts(
    experiment: Experiment,
    settings: Settings,
    families: Mapping[str, Family],
    questions: Questions,
) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    """The tables of `bench.studies.track_record.forecasts.chunk` of all parts, and failures."""
    tables: dict[str, list[pd.DataFrame]] = {
        name: [] for name in ("asked", "said", "votes", "polls", "polled")
    }
    failures: dict[str, str] = {}
    for batch in batches(experiment, settings, families, questions):
        results = run(
            batch.experiment,
            chunk,
            batch.parts,
            questions.folders_of,
            label="parts of the record",
            ignore=NOT_READ,
        )
        for result, part, places in zip(results, batch.parts, batch.tasks, strict=True):
            for name, rows in result.tables.items():
                placed = _placed(rows, places) if "task" in rows else rows
                tables[name].append(placed.assign(lag_days=part["lag_days"]))
            failures |= result.failures
    whole = {name: pd.concat(rows, ignore_index=True) for name, rows in tables.items()}
    return whole, failures


def _own_scores(
    scores: pd.DataFrame, predictors: pd.Series, experiment: Experiment
) -> pd.DataFrame:
    """The scores without those of what a predictor took over from another."""
    scores = scores.copy()
    # whoever takes over a national forecast has no score of it
    other_level = predictors.isin(_with_another_level(experiment))
    scores.loc[other_level, [*OF_SHARES, "crps", "brier"]] = np.nan
    return scores


def _with_families(answers: pd.DataFrame, families: Mapping[str, Family]) -> pd.DataFrame:
    """Answers with their family, and whether they are ranked."""
    family_of = {name: key for key, family in families.items() for name in family.predictors}
    has_hindsight = {key: bool(family.hindsight) for key, family in families.items()}
    answers.insert(0, "family", answers["predictor"].map(family_of))
    names_all = answers["names_all"].eq(True)
    hindsight = answers["family"].map(has_hindsight).astype(bool)
    return answers.assign(names_all=names_all, hindsight=hindsight, ranked=names_all & ~hindsight)


def _single_polls(
    polls: pd.DataFrame, polled: pd.DataFrame, ballot: Ballots, settings: Settings
) -> pd.DataFrame:
    """Errors of single polls, which state neither draws nor chances."""
    nothing = np.full(len(polled), np.nan)
    return errors(
        polls["task"].to_numpy(dtype=np.int64),
        {"share": polled["share"].to_numpy(dtype=float), "crps": nothing, "chance": nothing},
        ballot,
        least_polled=settings.least_polled,
    )


def _with_facts(rows: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    of_rows = facts.iloc[rows["task"].to_numpy(dtype=int)].reset_index(drop=True)
    return pd.concat([of_rows, rows], axis=1)


def _placed(rows: pd.DataFrame, places: tuple[int, ...]) -> pd.DataFrame:
    """Rows whose `task` counts within a part, with the places of its tasks among all."""
    return rows.assign(task=np.array(places)[rows["task"].to_numpy(dtype=int)])


def _with_another_level(experiment: Experiment) -> list[str]:
    """Predictors that take over a national forecast: their own claim is the map alone."""
    return [
        name
        for name, settings in experiment.predictors.items()
        if make_predictor(name, settings).level_of in experiment.predictors
    ]


def _events(answers: pd.DataFrame, chance: FloatArray, ballot: Ballots) -> pd.DataFrame:
    """Every chance [A, C] of answers that counts as an event, with what came and its score."""
    task = answers["task"].to_numpy(dtype=np.int64)
    answer, place = np.nonzero(events(chance, ballot, task))
    rows = answers.iloc[answer].reset_index(drop=True)
    stated, came = chance[answer, place], ballot.first[task][answer, place].astype(int)
    # of two candidates either says the same
    event = np.where(rows["stratum"].eq("two"), 0, place)
    return rows.assign(event=event, chance=stated, came=came, brier=(stated - came) ** 2)


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
    counts = marks.groupby(["family", "predictor"], sort=False).sum().reset_index()
    order = {key: place for place, key in enumerate(families)}
    return counts.sort_values(
        "family", key=lambda column: column.map(order), kind="stable", ignore_index=True
    )


def _extent(facts: pd.DataFrame, of_reference: pd.DataFrame) -> pd.DataFrame:
    """Votes and election days of every stratum and country, and of all.

    Parameters
    ----------
    facts : pandas.DataFrame
        Of every task: those of `Questions`, and its stratum.
    of_reference : pandas.DataFrame
        The votes that the reference answered, by election and round; others are only counted.
    """
    vote = ["election", "round"]
    answered = of_reference[vote].drop_duplicates().assign(unanswered=False)
    facts = facts.drop_duplicates(vote).merge(answered, on=vote, how="left")
    extent = []
    for keys in ((), ("stratum",), ("stratum", "country")):
        parts = facts.groupby(list(keys), sort=True) if keys else [((), facts)]
        for key, rows in parts:
            votes = rows[rows["unanswered"].eq(False)]
            if votes.empty:
                continue
            extent.append(
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
    return pd.DataFrame(extent)
