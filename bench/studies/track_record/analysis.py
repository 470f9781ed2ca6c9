"""The track record: which kind of method deserves trust, over every election that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from bench.core import DataError
from bench.core.arrays import FloatArray, IntArray
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.runner.results import Results
from bench.runner.runner import SAID_BY_TASKS, run
from bench.studies.base import settings_of
from bench.studies.track_record.errors import Ballots, ballots, errors, events, in_places
from bench.studies.track_record.estimates import (
    OF_SHARES,
    Record,
    agreement_table,
    apart_table,
    chances_table,
    choices_table,
    conclusions_table,
    countries_table,
    draws_table,
    families_table,
    family_errors,
    lags_table,
    map_table,
    moments_table,
)
from bench.studies.track_record.forecasts import chunk
from bench.studies.track_record.settings import Family, Settings, families_of
from bench.studies.track_record.votes import Asked, asked, batches

NOT_READ = (*SAID_BY_TASKS, "poll_lag_days", "settings")  # parts say it, or nobody reads it


def analyse(experiment: Experiment) -> Results:
    """Ask every family about every vote, and compare them with the difficulty of votes taken out.

    Returns
    -------
    Results
        Tables `errors` (one row per answer), `families`, `moments`, `lags`, `countries`, `choices`,
        `agreement`, `conclusions`, `chances`, `events` (every stated chance and what came), `map`,
        `draws`, `apart` (hindsight), `answers` (what became of every question) and `left_out`
        (votes that are never ranked).

    Raises
    ------
    DataError
        If nobody said anything that can be ranked.
    """
    settings, families = settings_of(Settings, experiment), families_of(experiment)
    known = asked(experiment, settings)
    answers, chances, failures = _answers(experiment, settings, families, known)
    ranked = answers["ranked"].astype(bool)
    if not ranked.any():
        raise DataError(
            "no family gave shares of a vote that can be ranked; add methods that do, such as "
            "last_poll and uniform"
        )
    public = tuple(key for key, one in families.items() if not one.hindsight)
    scored = family_errors(answers[ranked])

    def record(rows: pd.Series) -> Record:
        return Record(
            errors=scored[rows],
            families=public,
            reference=settings.reference,
            baselines=tuple(one for one in settings.baselines if one in families),
        )

    first = settings.lags_days[0]
    at_lag = scored["lag_days"].eq(first)
    dated = scored["days_before"].eq(settings.main_day) & ~scored["once"]
    main = record(_is_main(scored, settings))
    choices = choices_table(main)
    now, hindsight = _is_main(answers, settings), answers["hindsight"]
    # also of methods that give no shares, and so are in no other table
    with_chances = family_errors(answers[now & answers["brier"].notna() & ~hindsight])
    apart = family_errors(answers[now & answers["names_all"] & hindsight])
    maps = [one for one in settings.baselines if one in set(scored["family"])]
    tables = {
        "families": families_table(main),
        "moments": moments_table(record(at_lag), experiment.days_before, settings.main_day),
        "lags": lags_table(
            {lag: record(dated & _under(scored, lag, first)) for lag in settings.lags_days}
        ),
        "countries": countries_table(main),
        "choices": choices,
        "agreement": agreement_table(choices),
        "conclusions": conclusions_table(
            main,
            [(a, b) for a, b in settings.conclusions if a in families and b in families],
            settings.conclusions_of,
        ),
        "chances": chances_table(replace(main, errors=with_chances)),
        "events": chances,
        "draws": draws_table(main),
        "map": map_table(main, maps[-1] if maps else ""),
        "apart": apart_table(apart, main),
        "answers": _what_became(answers, families),
        "left_out": known.left_out,
        "errors": answers.drop(columns="task"),
    }
    return Results(tables=tables, facts=_counts(known), failures=failures)


def _answers(
    experiment: Experiment, settings: Settings, families: Mapping[str, Family], known: Asked
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, str]]:
    """One row per question with its errors, one per stated chance, and the tracebacks."""
    home = {name: key for key, one in families.items() for name in one.predictors}
    heads: list[pd.DataFrame] = []
    said: list[pd.DataFrame] = []
    votes: list[pd.DataFrame] = []
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
            heads.append(_placed(one.tables["asked"], places).assign(lag_days=part["lag_days"]))
            said.append(one.tables["said"])
            if "votes" in one.tables:
                votes.append(_placed(one.tables["votes"], places))
            failures |= one.failures
    head = pd.concat(heads, ignore_index=True)
    ballot = ballots(pd.concat(votes, ignore_index=True), len(known.tasks))
    spoke = head["status"].eq("ok").to_numpy()
    task = head.loc[spoke, "task"].to_numpy(dtype=np.int64)
    answers = pd.concat(said, ignore_index=True)
    values = {name: answers[name].to_numpy(dtype=float) for name in ("share", "crps", "chance")}
    scores = errors(task, values, ballot, least_polled=settings.least_polled)
    scores.index = head.index[spoke]
    mine = head.loc[spoke, "predictor"]
    other_level = mine.isin(_with_another_level(experiment))
    scores.loc[other_level, [*OF_SHARES, "crps", "drawn", "brier", "log_score"]] = np.nan
    other_shares = mine.map({name: bool(families[key].shares_of) for name, key in home.items()})
    scores.loc[other_shares, OF_SHARES] = np.nan
    whole = pd.concat([head, scores], axis=1)
    whole.insert(0, "family", whole["predictor"].map(home))
    whole["names_all"] = whole["names_all"].eq(True)
    hindsight = whole["family"].map({key: bool(one.hindsight) for key, one in families.items()})
    whole["hindsight"] = hindsight.astype(bool)
    whole["ranked"] = whole["names_all"] & ~whole["hindsight"]
    facts = known.facts.iloc[whole["task"].to_numpy()].reset_index(drop=True)
    whole = pd.concat([facts, whole], axis=1)
    # whoever takes over national chances has no score of them, and so no event of its own
    counts = _is_main(whole, settings) & ~whole["hindsight"] & whole["brier"].notna()
    now = counts[spoke].to_numpy()
    stated = in_places(values["chance"], ballot.there[task])[now]
    return whole, _events(whole[spoke][now], stated, ballot, task[now]), failures


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


def _events(
    answers: pd.DataFrame, chance: FloatArray, known: Ballots, task: IntArray
) -> pd.DataFrame:
    """Every chance [A, C] of answers that counts as an event: election, family, chance, came."""
    answer, place = np.nonzero(events(chance, known, task))
    columns = ["election", "round", "cluster", "family", "predictor"]
    found = answers.iloc[answer][columns].reset_index(drop=True)
    return found.assign(
        chance=chance[answer, place], came=known.first[task][answer, place].astype(int)
    )


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


def _counts(known: Asked) -> dict[str, Any]:
    facts = known.facts
    return {
        "votes": int(facts[["election", "round"]].drop_duplicates().shape[0]),
        "election_days": int(facts["cluster"].nunique()),
        "countries": int(facts["country"].nunique()),
        "left_out": len(known.left_out),
        "first_on": f"{facts['vote_on'].min():%Y-%m-%d}",
        "last_on": f"{facts['vote_on'].max():%Y-%m-%d}",
    }
