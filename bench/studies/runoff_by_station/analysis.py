"""A runoff at polling stations: forecast from the first round, scored by station."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from bench.audit.look_ahead import excluded_by, verdict_table, verdicts_of
from bench.core import ConfigError
from bench.core.arrays import sorted_digits
from bench.core.errors import did_you_mean
from bench.core.predictor import generator
from bench.core.registry import load_predictor
from bench.core.settings import Experiment
from bench.data.election import rounds_of_runoff
from bench.data.margins import NOBODY
from bench.data.tables import outcome_of
from bench.data.task import Task
from bench.runner.prediction import predict_named
from bench.runner.results import Results, stacked
from bench.runner.runner import Part, run
from bench.studies.base import settings_of
from bench.studies.runoff_by_station.area_sums import area_sums, clustered_scores
from bench.studies.runoff_by_station.ranking import (
    BEST,
    LAST_RESULT,
    SIZE,
    ranked_bins,
    score_rankings,
    swing_votes,
)
from bench.studies.runoff_by_station.runoff import (
    HINDSIGHT,
    PARTITIONS,
    TRANSFERS,
    Groups,
    Runoff,
    hindsight,
    runoff_of,
    single_candidate_stations,
    synthetic_area_id,
    vote_of,
)
from bench.studies.runoff_by_station.transfers import (
    beside_surveys,
    known_levels,
    stated_transfers,
    transfers_at,
)

N_BINS = 50  # of the drawing, along each axis


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of the study.

    Attributes
    ----------
    areas : str
        Areas on which methods are scored.
    hindsight : tuple of str
        Transfers estimated from both rounds: ``everywhere``, ``by_departement``; no forecasts.
    commune_size_from, first_round_from : tuple of float
        As of `Groups`.
    n_resamples : int
        Of the départements.
    level : float
        Of the intervals, between 0 and 1.
    transfer_levels : tuple of str
        Levels of areas, from fine to coarse, by which transfers are estimated from both rounds,
        such as ``station``, or ``station_by_departement`` for one table each; those by which the
        election is not known are left out. Without any there is no table of transfers.
    transfer_draws : int
        Tables drawn at the finest level for the intervals.
    surveys_within_days : float
        Days after the vote within which surveys and published estimates are compared.
    places : mapping of str to list of str, optional
        As of `Groups`; those of the country's profile if null.
    """

    areas: Literal["station"]
    hindsight: tuple[str, ...]
    commune_size_from: tuple[float, ...]
    first_round_from: tuple[float, ...]
    n_resamples: int
    level: float
    transfer_levels: tuple[str, ...]
    transfer_draws: int
    surveys_within_days: float
    places: Mapping[str, list[str]] | None = None

    def __post_init__(self) -> None:
        """Refuse values that no run can use."""
        for name in self.hindsight:
            if name not in TRANSFERS:
                raise ConfigError(f"settings.hindsight: '{name}' ({did_you_mean(name, TRANSFERS)})")
        for name in ("commune_size_from", "first_round_from"):
            limits = list(getattr(self, name))
            if limits[:1] != [0] or any(b <= a for a, b in itertools.pairwise(limits)):
                raise ConfigError(f"settings.{name} is {limits}; accepted: a rising list from 0")
        named = [str(code) for codes in (self.places or {}).values() for code in codes]
        if twice := [code for code in named if named.count(code) > 1]:
            raise ConfigError(f"settings.places names '{twice[0]}' twice; accepted: each area once")
        if not 0 < self.level < 1:
            raise ConfigError(f"settings.level is {self.level}; accepted: between 0 and 1")
        if self.transfer_draws < 1:
            raise ConfigError(
                f"settings.transfer_draws is {self.transfer_draws}; accepted: above 0"
            )
        if self.n_resamples < 1:
            raise ConfigError(f"settings.n_resamples is {self.n_resamples}; accepted: above 0")

    def groups(self, runoff: Runoff) -> Groups:
        """Groups of stations within which errors are shown."""
        return Groups(
            places=runoff.country.places if self.places is None else self.places,
            size_from=self.commune_size_from,
            before_from=self.first_round_from,
        )


def analyse(experiment: Experiment) -> Results:
    """Ask every method for every station, and score it.

    Raises
    ------
    ConfigError
        As `vote_of`; if the baseline says nothing about the stations.
    """
    settings, task = settings_of(Settings, experiment), vote_of(experiment)
    names = [*experiment.predictors, *(f"{HINDSIGHT}_{by}" for by in settings.hindsight)]
    parts = [{"method": name} for name in names]
    by_method = run(experiment, one_method, parts, task.folders, label="methods")
    audited, excluded = {}, dict[str, str]()
    if experiment.audit:
        verdicts = list(verdicts_of(experiment))
        audited = {"audit": verdict_table(verdicts)}
        excluded = excluded_by(verdicts, experiment.audit)
        by_method = [_silenced(answer, excluded) for answer in by_method]
    methods = pd.DataFrame([answer.facts["method"] for answer in by_method])
    sums = stacked(by_method, "sums", parts)
    messages = dict(zip(names, methods["message"], strict=True))
    if message := messages[experiment.baseline]:
        raise ConfigError(f"the baseline says nothing of the stations: {message}")
    runoff = runoff_of(experiment)
    ranked = stacked(by_method, "ranked", parts)
    people = task.election.people.set_index("candidate")["name"]
    rates = {name: answer.facts["rates"] for name, answer in zip(names, by_method, strict=True)}
    groups = settings.groups(runoff)
    by_group = [
        _scored(experiment, settings, part, f"{partition} {group}").assign(
            partition=words, group=groups.name(partition, group)
        )
        for partition, words in PARTITIONS.items()
        for group, part in sums.groupby(partition, sort=True)
    ]
    return Results(
        tables={
            "scores": _scored(experiment, settings, sums, "all").merge(methods, on="method"),
            "pairs": pairs_of(experiment, settings, sums),
            "by_group": pd.concat(by_group, ignore_index=True),
            "methods": methods,
            "rates": rates_of(runoff, rates),
            "joint": stacked(by_method, "joint", parts),
            "ranking": ranking_of(experiment, settings, runoff, ranked),
            **_transfers(experiment, settings, task),
            **audited,
        },
        facts={
            "candidate": str(people[runoff.candidate]),
            "election": task.election.title,
            "areas": f"{runoff.country.label('departement')}s",
            "as_of": str(task.as_of),
            "left_out": runoff.stations.left_out,
            "valid_left_out": runoff.stations.valid_left_out,
            "n_bins": N_BINS,
        },
        failures=excluded
        | {name: text for answer in by_method for name, text in answer.failures.items()},
    )


def _transfers(experiment: Experiment, settings: Settings, task: Task) -> dict[str, pd.DataFrame]:
    """The table of transfers beside surveys, where levels are named."""
    if not settings.transfer_levels:
        return {}
    levels = known_levels(task.election, settings.transfer_levels)
    parts = [{"level": level, "n_draws": 0} for level in levels]
    parts[0]["n_draws"] = settings.transfer_draws
    by_level = run(experiment, one_level, parts, task.folders, label="levels of areas")
    stated = stated_transfers(task.election, settings.surveys_within_days)
    estimates = [results.tables["transfers"] for results in by_level]
    return {"transfers": beside_surveys(estimates, stated)}


def one_level(experiment: Experiment, part: Part) -> Results:
    """The transfers between the rounds by areas of one level."""
    transfers = transfers_at(
        experiment,
        vote_of(experiment).election,
        str(part["level"]),
        n_draws=int(part["n_draws"]),
        interval=settings_of(Settings, experiment).level,
    )
    return Results(tables={"transfers": transfers})


def _silenced(answer: Results, excluded: Mapping[str, str]) -> Results:
    """A method without a score, and why, if it is excluded."""
    facts = answer.facts["method"]
    if facts["method"] not in excluded:
        return answer
    without_score = {**facts, "message": excluded[facts["method"]]}
    return Results(facts={"method": without_score, "rates": {}})


def rates_of(runoff: Runoff, rates: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    """Of those who vote for a finalist, how many choose the winner, by vote of the first round.

    Parameters
    ----------
    runoff : Runoff
    rates : mapping
        Method to origin to rate; only methods that answer for every candidate are kept.

    Returns
    -------
    pandas.DataFrame
        origin (display name), votes (share of the first round; NaN of those who chose none), and
        one column per method; fractions. Origins with the most votes first.
    """
    election = runoff.task.election
    number = rounds_of_runoff(election)[0].number
    first = outcome_of(election, number).share.sort_values(ascending=False, kind="stable")
    answered = [name for name, by_origin in rates.items() if set(first.index) <= set(by_origin)]
    nobody = [NOBODY] if any(NOBODY in rates[name] for name in answered) else []
    people = election.people.set_index("candidate")["name"]
    origins = [*map(str, first.index), *nobody]
    table = pd.DataFrame({name: pd.Series(rates[name], dtype=float) for name in answered})
    table = table.reindex(origins)
    table.insert(0, "origin", [str(people.get(name, "No candidate")) for name in origins])
    table.insert(1, "votes", first.reindex(origins).to_numpy())
    return table.reset_index(drop=True)


def one_method(experiment: Experiment, part: Part) -> Results:
    """What one method says of every station, added up by département and kind of place."""
    name, runoff = str(part["method"]), runoff_of(experiment)
    groups = settings_of(Settings, experiment).groups(runoff)
    facts: dict[str, Any] = {"method": name, "family": HINDSIGHT, "message": "", "until": ""}
    nothing = Results(facts={"method": facts, "rates": {}})
    areas: pd.Series | None
    if (by := name.removeprefix(f"{HINDSIGHT}_")) != name:
        areas, rates = hindsight(runoff, by)
    else:
        tried = predict_named(experiment, name, runoff.task)
        kind = str(experiment.predictors[name].get("method", name))
        facts["family"] = load_predictor(kind).family
        facts["until"] = str(tried.data_used_until or "")
        facts["message"] = tried.message
        if tried.status == "failed":
            return replace(nothing, failures={name: tried.trace})
        shares = None if tried.forecast is None else tried.forecast.areas
        areas = None if shares is None else shares[runoff.candidate]
        rates = assumed_rates(experiment, name, runoff)
    table = runoff.stations.table
    share = pd.Series(np.nan, table.index) if areas is None else areas.reindex(table.index)
    if share.isna().any():
        spoken = f"says nothing of {int(share.isna().sum()):,} of {len(table):,} stations"
        facts["message"] = facts["message"] or spoken
        return nothing
    sums = area_sums(share, table["share"], table["votes"], groups.labels(table))
    rate_of = {str(origin): float(rate) for origin, rate in rates.dropna().items()}
    ranked = _ranked(swing_votes(share, table["before"], table["votes_before"]), table)
    return Results(
        tables={"sums": sums, "joint": _joint(share, table), "ranked": ranked},
        facts={"method": facts, "rates": rate_of},
    )


def _ranked(value: ArrayLike, table: pd.DataFrame) -> pd.DataFrame:
    """Stations in order of a value, beside the swing that came."""
    came = swing_votes(table["share"], table["before"], table["votes"])
    return ranked_bins(value, came, table["departement"].astype(str))


def ranking_of(
    experiment: Experiment, settings: Settings, runoff: Runoff, ranked: pd.DataFrame
) -> pd.DataFrame:
    """Score the rankings of stations: by the forecasts, the last result, the size, the outcome.

    Forecasts rank by the swing that they expect, in votes of the first round; the last result
    ranks by the winner's share of the two finalists then, times the same votes.

    Returns
    -------
    pandas.DataFrame
        As of `score_rankings`, the most found first; methods that expect no swing are left out.
    """
    table = runoff.stations.table
    plain: dict[str, ArrayLike] = {
        LAST_RESULT: table["before"] * table["votes_before"],
        SIZE: table["votes_before"],
        BEST: swing_votes(table["share"], table["before"], table["votes"]),
    }
    plain_ranked = [_ranked(value, table).assign(method=name) for name, value in plain.items()]
    scores = score_rankings(
        pd.concat([ranked, *plain_ranked], ignore_index=True),
        n_resamples=settings.n_resamples,
        level=settings.level,
        rng=generator(experiment.seed, "départements", "ranking"),
    )
    return scores.sort_values("found", ascending=False, kind="stable", ignore_index=True)


def assumed_rates(experiment: Experiment, name: str, runoff: Runoff) -> pd.Series:
    """The winner's share where all voters of the first round chose one candidate, by candidate."""
    tried = predict_named(experiment, name, runoff.task, single_candidate_stations(runoff))
    origins = rounds_of_runoff(runoff.task.election)[0].candidates
    if tried.forecast is None or tried.forecast.areas is None:
        return pd.Series(np.nan, origins)
    stations = [synthetic_area_id(candidate) for candidate in origins]
    return tried.forecast.areas[runoff.candidate].reindex(stations).set_axis(list(origins))


def _joint(share: pd.Series, table: pd.DataFrame) -> pd.DataFrame:
    """Votes by band of forecast and outcome, where there are any."""
    shares = pd.DataFrame({"forecast": share, "outcome": table["share"]})
    bands = (N_BINS * shares).astype(int).clip(upper=N_BINS - 1)
    bands["votes"] = table["votes"].astype(int)
    return bands.groupby(["forecast", "outcome"], as_index=False)[["votes"]].sum()


def _scored(
    experiment: Experiment, settings: Settings, sums: pd.DataFrame, stream: str, baseline: str = ""
) -> pd.DataFrame:
    return clustered_scores(
        sums,
        cluster="departement",
        baseline=baseline or experiment.baseline,
        level=settings.level,
        n_resamples=settings.n_resamples,
        rng=generator(experiment.seed, "départements", stream),
    )


def pairs_of(experiment: Experiment, settings: Settings, sums: pd.DataFrame) -> pd.DataFrame:
    """Mean absolute error of every method less that of every better one, départements drawn alike.

    Returns
    -------
    pandas.DataFrame
        method, against, gain (fractions; above 0, for `against` is better), gain_low, gain_high.
    """
    order = (
        _scored(experiment, settings, sums, "all")
        .sort_values("mae", kind="stable", key=sorted_digits)["method"]
        .tolist()
    )
    rows = []
    for place, better in enumerate(order):
        table = _scored(experiment, settings, sums, "all", better).set_index("method")
        worse = table.loc[order[place + 1 :], ["gain", "gain_low", "gain_high"]]
        rows.append(worse.reset_index().assign(against=better))
    return pd.concat(rows, ignore_index=True)
