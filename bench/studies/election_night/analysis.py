"""Election night counted again: samples when the last stations close, and the running count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bench.core.errors import Abstain
from bench.core.seeds import generator
from bench.core.settings import Experiment
from bench.data.country import Country, country_of
from bench.data.election import Election, this_and_earlier
from bench.data.evidence import evidence_for
from bench.data.night import Night, night_of
from bench.data.task import portable
from bench.models.election_night import (
    Extrapolation,
    NightEstimate,
    RunningCount,
    covariates_of,
    draw_sample,
    polling_station_sample,
    strata_of,
)
from bench.models.polls.national_polls import national_polls
from bench.runner import Part, Results, memoised, run, stacked
from bench.studies.base import settings_of
from bench.studies.election_night.metrics import by_moment, calls, night_scores
from bench.studies.election_night.reporting_order import minutes_after_closing

Record = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of the study.

    Attributes
    ----------
    orders, runoff_orders : mapping of str to int
        Orders of reporting with their number of realisations, of the first round and of a runoff.
    moments : tuple of float
        Shares of the stations counted at which everybody estimates, 0 to 1.
    spread, overdispersion, width, caution : float
        Of `Extrapolation` and `RunningCount`.
    design_effect : float
        Of the polls that are combined with the count.
    level : float
        Of the intervals.
    call_at : float
        Chance from which the leaders are called.
    sample_sizes : tuple of int
        Stations in a sample.
    n_samples : int
        Samples of each size.
    headline_at : float
        Share of the stations of which the headline speaks.
    late_from : int, optional
        Registered voters of a commune from which its stations close late; those of the country.
    """

    orders: Mapping[str, int]
    runoff_orders: Mapping[str, int]
    moments: tuple[float, ...]
    spread: float
    overdispersion: float
    width: float
    caution: float
    design_effect: float
    level: float
    call_at: float
    sample_sizes: tuple[int, ...]
    n_samples: int
    headline_at: float
    late_from: int | None = None


@dataclass(frozen=True, kw_only=True)
class Evening:
    """One round as its evening begins.

    Attributes
    ----------
    night : Night
        The stations.
    country : Country
        When they close, and how they count.
    polls : NightEstimate or None
        What the last polls said, with their past errors; None without polls.
    n_leaders : int
        Candidates who are called.
    """

    night: Night
    country: Country
    polls: NightEstimate | None
    n_leaders: int


def analyse(experiment: Experiment) -> Results:
    """Count the stations of every round in every order, and sample them.

    The latest of the elections named is counted; the one before it gives the past vote.
    """
    settings = settings_of(Settings, experiment)
    this, before = this_and_earlier(experiment.elections)
    asked = [
        {"round": number, "order": order, "realisation": k}
        for number in experiment.rounds
        for order, n in orders_of(settings, this, number).items()
        for k in range(n)
    ]
    folders = [one.folder for one in (this, before, country_of(this)) if one and one.folder]
    evenings = run(experiment, one_evening, asked, folders, label="evenings")
    by_round = [{"round": number} for number in experiment.rounds]
    samples = run(experiment, one_round_sampled, by_round, folders, label="rounds sampled")
    track = stacked(evenings, "track")
    estimated = track[track["estimator"].ne("counted")]
    called = [
        calls(rows.drop(columns="round")).assign(round=number)
        for number, rows in estimated.groupby("round", sort=False)
    ]
    closing = country_of(this).closing
    return Results(
        tables={
            "track": track,
            "moments": by_moment(track),
            "called": pd.concat(called, ignore_index=True),
            "samples": stacked(samples, "samples"),
        },
        facts={
            "elections": [portable(one.address) for one in (this, before) if one],
            "frames": {closed_label(closing.first): f"from those closed at {closing.first}"},
        },
    )


def orders_of(settings: Settings, election: Election, number: int) -> Mapping[str, int]:
    """Orders of reporting of a round, with their number of realisations."""
    return settings.orders if number == min(election.rounds) else settings.runoff_orders


def closed_label(hour: str) -> str:
    """Key of the stations that close first.

    Examples
    --------
    >>> closed_label("19:00")
    'closed_at_19'
    """
    return f"closed_at_{hour.removesuffix(':00').replace(':', '_')}"


def one_evening(experiment: Experiment, part: Part) -> Results:
    """One order in which the stations of one round report."""
    number, order, k = int(part["round"]), str(part["order"]), int(part["realisation"])
    rng = generator(experiment.seed, "order", number, order, k)
    rows = follow(settings_of(Settings, experiment), evening_of(experiment, number), order, rng)
    table = pd.DataFrame([{"order": order, "realisation": k, **row} for row in rows])
    return Results(tables={"track": table.assign(round=number)})


def one_round_sampled(experiment: Experiment, part: Part) -> Results:
    """The samples of stations of one round."""
    number = int(part["round"])
    rng = generator(experiment.seed, "sample", number)
    table = sampled(settings_of(Settings, experiment), evening_of(experiment, number), rng)
    return Results(tables={"samples": table.assign(round=number)})


def evening_of(experiment: Experiment, number: int) -> Evening:
    """Stations, polls and places of one round; set up once per process."""
    this, before = this_and_earlier(experiment.elections)
    settings = settings_of(Settings, experiment)

    def make() -> Evening:
        return Evening(
            night=night_of(this, number, before, late_from=settings.late_from),
            country=country_of(this),
            polls=polls_estimate(experiment, settings.design_effect, this, number),
            n_leaders=this.round(number).seats,
        )

    folders = [one.folder for one in (this, before) if one]
    return memoised(f"evening of round {number}", experiment, folders, make)


def polls_estimate(
    experiment: Experiment, design_effect: float, election: Election, number: int
) -> NightEstimate | None:
    """What the polls said on the last evening they could be published, with their past errors."""
    eve = country_of(election).last_poll_evening(election.round(number))
    evidence = evidence_for(election, number, eve)
    try:
        polls = national_polls(evidence, experiment.poll_half_life_days, design_effect)
    except Abstain:
        return None
    share = polls.share.to_numpy(float)
    draws = polls.draws(share, generator(experiment.seed, "polls", number), experiment.n_draws)
    return NightEstimate(share=share, covariance=np.cov(draws.T))


def follow(
    settings: Settings, evening: Evening, order: str, rng: np.random.Generator
) -> Iterator[Record]:
    """One evening: the scores of every estimator at every moment."""
    night = evening.night
    minutes = minutes_after_closing(order, night, evening.country, rng)
    queue = np.argsort(minutes, kind="stable")
    final = night.votes.sum(axis=0) / night.votes.sum()
    model = Extrapolation(
        spread=settings.spread, overdispersion=settings.overdispersion, width=settings.width
    )
    count = RunningCount(night.frame, model, len(final), settings.caution)
    done = 0
    for moment in settings.moments:
        until = max(round(moment * len(queue)), 1)
        new = queue[done:until]
        count.add(new, night.votes[new])
        done = until
        by_votes = count.estimate()
        estimates = {
            "counted": NightEstimate(
                share=count.votes / count.votes.sum(), covariance=np.zeros((len(final),) * 2)
            ),
            "extrapolation": by_votes,
        }
        if evening.polls is not None:
            estimates["extrapolation_and_polls"] = by_votes.with_prior(evening.polls)
        for name, estimate in estimates.items():
            yield {
                "estimator": name,
                "counted": moment,
                "registered": count.registered / count.total,
                "minute": float(minutes[queue[until - 1]]),
                **night_scores(
                    estimate,
                    final,
                    evening.n_leaders,
                    rng,
                    level=settings.level,
                    call_at=settings.call_at,
                ),
            }


def sampled(settings: Settings, evening: Evening, rng: np.random.Generator) -> pd.DataFrame:
    """Errors and coverage of samples, means over `n_samples` of each kind."""
    night, closing = evening.night, evening.country.closing
    frame, strata = night.frame, strata_of(night.frame)
    final = night.votes.sum(axis=0) / night.votes.sum()
    frames = {"all": np.ones(frame.n, dtype=bool)}
    if closing.late_by_min > 0:
        frames[closed_label(closing.first)] = ~frame.late
    kinds = {"expansion": None, "regression": covariates_of(frame)}
    rows: list[Record] = []
    for allowed, can in frames.items():
        for n in [size for size in settings.sample_sizes if size < can.sum()]:
            for _ in range(settings.n_samples):
                chosen = draw_sample(frame, strata, n, rng, allowed=can)
                votes = night.votes[chosen]
                for kind, z in kinds.items():
                    estimate = polling_station_sample(
                        frame, strata, chosen, votes, allowed=can, covariates=z
                    )
                    scores = night_scores(
                        estimate, final, evening.n_leaders, rng, level=settings.level
                    )
                    label = {"allowed": allowed, "estimator": kind, "n_stations": n}
                    rows.append({**label, **scores})
    keys = ["allowed", "estimator", "n_stations"]
    return pd.DataFrame(rows).groupby(keys, sort=False, as_index=False).mean()
