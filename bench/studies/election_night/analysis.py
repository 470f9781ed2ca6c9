"""Election night counted again: samples when the last stations close, and the running count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.core.errors import Abstain
from bench.core.predictor import generator
from bench.core.settings import Experiment
from bench.data.country import Country, country_of
from bench.data.election import Election, load_election, this_and_earlier
from bench.data.evidence import evidence_for
from bench.data.night import Night, night_of
from bench.data.stations import station_votes
from bench.data.task import portable
from bench.models.election_night import (
    Extrapolation,
    NightEstimate,
    RunningCount,
    SharedBias,
    covariates_of,
    draw_sample,
    polling_station_sample,
    strata_of,
)
from bench.models.polls.national_polls import national_polls
from bench.runner.cache import memoised
from bench.runner.results import Results, stacked
from bench.runner.runner import Part, run
from bench.studies.base import settings_of
from bench.studies.election_night.metrics import by_moment, calls, night_scores
from bench.studies.election_night.other_evenings import (
    Curve,
    OtherEvening,
    coverage_on,
    curve_of,
    learned_table,
    other_evenings,
    rule_on,
    shared_bias,
    teachers,
)
from bench.studies.election_night.reporting_order import minutes_after_closing

Record = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of the study.

    Attributes
    ----------
    orders, runoff_orders : mapping of str to int
        Orders of reporting with their number of realisations, of the first round and of a runoff.
    learned_in : mapping of str to int
        Orders in which other evenings are counted again, with their number of realisations.
    least_evenings : int
        Other evenings known by one level of areas, below which a coarser level is taken.
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
    call_at_tried : tuple of float
        Chances whose error rates on the other evenings are shown.
    sample_sizes : tuple of int
        Stations in a sample.
    n_samples : int
        Samples of each size.
    headline_at : float
        Share of the stations of which the headline speaks.
    """

    orders: Mapping[str, int]
    runoff_orders: Mapping[str, int]
    learned_in: Mapping[str, int]
    least_evenings: int
    moments: tuple[float, ...]
    spread: float
    overdispersion: float
    width: float
    caution: float
    design_effect: float
    level: float
    call_at: float
    call_at_tried: tuple[float, ...]
    sample_sizes: tuple[int, ...]
    n_samples: int
    headline_at: float


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

    The latest of the elections named is counted; the one before it gives the past vote. The bias
    that outstanding stations share is learned from earlier evenings of its country; each of
    these is counted again too, with what the others teach.
    """
    settings = settings_of(Settings, experiment)
    this, before = this_and_earlier(experiment.elections)
    for number in experiment.rounds:
        station_votes(this, number)  # what has no stations is refused first
    beside = {k: other_evenings(this, k) for k in experiment.rounds}
    others = [one.election for rounds in beside.values() for one in rounds]
    read = [*(one.folder for one in (this, before, *others) if one), country_of(this).folder]
    folders = list(dict.fromkeys(folder for folder in read if folder))
    taught = {k: _taught(experiment, this, k, beside[k], folders) for k in experiment.rounds}
    asked = [
        {"round": k, "curve": taught[k].curve, "order": order, "realisation": number}
        for k in experiment.rounds
        for order, n in orders_of(settings, this, k).items()
        for number in range(n)
    ]
    evenings = run(experiment, one_evening, asked, folders, label="evenings")
    by_round = [{"round": number} for number in experiment.rounds]
    samples = run(experiment, one_round_sampled, by_round, folders, label="rounds sampled")
    track = stacked(evenings, "track")
    estimated = track[track["estimator"].ne("counted")]
    called = [
        calls(rows.drop(columns="round")).assign(round=number)
        for number, rows in estimated.groupby("round", sort=False)
    ]
    checked = pd.concat([one.checked for one in taught.values()], ignore_index=True)
    closing = country_of(this).closing
    return Results(
        tables={
            "track": track,
            "moments": by_moment(track),
            "called": pd.concat(called, ignore_index=True),
            "samples": stacked(samples, "samples"),
            "learned": pd.concat([one.learned for one in taught.values()], ignore_index=True),
            "other_evenings": coverage_on(checked) if len(checked) else pd.DataFrame(),
            "rule": rule_on(checked, settings.call_at_tried) if len(checked) else pd.DataFrame(),
        },
        facts={
            "elections": [portable(one.address) for one in (this, before) if one],
            "closed_at": {closed_label(closing.first): str(closing.first)},
        },
    )


@dataclass(frozen=True, kw_only=True)
class Taught:
    """What other evenings say of one round.

    Attributes
    ----------
    curve : list of list of float
        As of `curve_of`, for the round itself.
    learned : pandas.DataFrame
        The shared bias by share counted.
    checked : pandas.DataFrame
        A track of every other evening, each with what the rest of them teaches.
    """

    curve: Curve
    learned: pd.DataFrame
    checked: pd.DataFrame


def _taught(
    experiment: Experiment,
    this: Election,
    number: int,
    others: Sequence[OtherEvening],
    folders: Sequence[Path],
) -> Taught:
    settings = settings_of(Settings, experiment)
    repeats = [(o, k) for o, n in settings.learned_in.items() for k in range(n)]
    known = [(this, "station"), *((one.election, one.level()) for one in others)]
    lessons = {
        election.name: teachers(level, others, election, settings.least_evenings)
        for election, level in known
    }
    needed = {
        (one.election.name, level): _part(one.election, one.number, level)
        for rows in lessons.values()
        for one, level in rows
    }
    asked = [{**one, "order": o, "realisation": k} for one in needed.values() for o, k in repeats]
    found = run(experiment, one_bias, asked, folders, label=f"other evenings of round {number}")
    biases = stacked(found, "bias")
    curve = curve_of(biases, lessons[this.name])
    again = [
        {
            **_part(one.election, one.number, one.level()),
            "order": o,
            "realisation": k,
            "curve": curve_of(biases, lessons[one.election.name]),
        }
        for one in others
        for o, k in repeats
    ]
    tracks = run(experiment, one_other_evening, again, folders, label=f"checks of round {number}")
    return Taught(
        curve=curve,
        learned=learned_table(curve, lessons[this.name], number),
        checked=stacked(tracks, "track"),
    )


def _part(election: Election, number: int, level: str) -> dict[str, Any]:
    return {"election": portable(election.address), "round": number, "level": level}


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
    settings, evening = settings_of(Settings, experiment), evening_of(experiment, part)
    rows = follow(settings, evening, order, rng, shared_bias(part["curve"]))
    table = pd.DataFrame([{"order": order, "realisation": k, **row} for row in rows])
    return Results(tables={"track": table.assign(round=number)})


def one_bias(experiment: Experiment, part: Part) -> Results:
    """What the outstanding stations shared on another evening, moment by moment."""
    settings, evening = settings_of(Settings, experiment), evening_of(experiment, part)
    final = evening.night.votes.sum(axis=0)
    steps = count_up(settings, evening, str(part["order"]), _rng_of(experiment, part))
    rows = [
        {
            "registered": count.registered / count.total,
            "square": float(np.mean(np.square(count.bias(final)))),
        }
        for _, count, _ in steps
        if count.registered < count.total
    ]
    return Results(tables={"bias": pd.DataFrame(rows).assign(**_labels(part))})


def one_other_evening(experiment: Experiment, part: Part) -> Results:
    """The scores of another evening, from votes alone."""
    settings, evening = settings_of(Settings, experiment), evening_of(experiment, part)
    order, rng = str(part["order"]), _rng_of(experiment, part)
    rows = list(follow(settings, evening, order, rng, shared_bias(part["curve"])))
    track = pd.DataFrame(rows).query("estimator != 'counted'")
    return Results(tables={"track": track.assign(**_labels(part))})


def _rng_of(experiment: Experiment, part: Part) -> np.random.Generator:
    return generator(experiment.seed, "other evening", *_labels(part).values())


def _labels(part: Part) -> dict[str, Any]:
    return {
        **{key: part[key] for key in ("round", "level", "order", "realisation")},
        "election": load_election(part["election"]).name,
    }


def one_round_sampled(experiment: Experiment, part: Part) -> Results:
    """The samples of stations of one round."""
    number = int(part["round"])
    rng = generator(experiment.seed, "sample", number)
    table = sampled(settings_of(Settings, experiment), evening_of(experiment, part), rng)
    return Results(tables={"samples": table.assign(round=number)})


def evening_of(experiment: Experiment, part: Part) -> Evening:
    """Stations and places of the round of a part, set up once per process.

    A part that names its election is about another evening, of which no polls are read.
    """
    settings, number = settings_of(Settings, experiment), int(part["round"])
    is_other, level = "election" in part, str(part.get("level", "station"))
    this, before = this_and_earlier([part["election"]] if is_other else experiment.elections)

    def make() -> Evening:
        return Evening(
            night=night_of(this, number, before, level=level),
            country=country_of(this),
            polls=None
            if is_other
            else polls_estimate(experiment, settings.design_effect, this, number),
            n_leaders=this.rounds[number].n_advance,
        )

    folders = [one.folder for one in (this, before) if one]
    name = f"{'other ' if is_other else ''}evening of {this.name}, round {number}, by {level}"
    return memoised(name, experiment, folders, make)


def polls_estimate(
    experiment: Experiment, design_effect: float, election: Election, number: int
) -> NightEstimate | None:
    """What the polls said on the last evening they could be published, with their past errors."""
    eve = country_of(election).last_poll_evening(election.rounds[number])
    evidence = evidence_for(election, number, eve)
    try:
        polls = national_polls(evidence, experiment.poll_half_life_days, design_effect)
    except Abstain:
        return None
    share = polls.share.to_numpy(float)
    draws = polls.draws(share, generator(experiment.seed, "polls", number), experiment.n_draws)
    return NightEstimate(share=share, covariance=np.cov(draws.T))


def count_up(
    settings: Settings, evening: Evening, order: str, rng: np.random.Generator
) -> Iterator[tuple[float, RunningCount, float]]:
    """The count at every moment: the share of the stations, the count, the minute."""
    night = evening.night
    minutes = minutes_after_closing(order, night, evening.country, rng)
    queue = np.argsort(minutes, kind="stable")
    model = Extrapolation(
        spread=settings.spread, overdispersion=settings.overdispersion, width=settings.width
    )
    count = RunningCount(night.frame, model, night.votes.shape[1], settings.caution)
    done = 0
    for moment in settings.moments:
        until = max(round(moment * len(queue)), 1)
        new = queue[done:until]
        if len(new):
            count.add(new, night.votes[new])
            done = until
        yield moment, count, float(minutes[queue[done - 1]])
        count.estimate()  # remembered for later checks


def follow(
    settings: Settings,
    evening: Evening,
    order: str,
    rng: np.random.Generator,
    shared: SharedBias | None = None,
) -> Iterator[Record]:
    """One evening: the scores of every estimator at every moment.

    `calibrated` knows the bias that outstanding stations shared on other evenings;
    `extrapolation` does not.
    """
    night = evening.night
    final = night.votes.sum(axis=0) / night.votes.sum()
    for moment, count, minute in count_up(settings, evening, order, rng):
        estimates = {
            "counted": NightEstimate(
                share=count.votes / count.votes.sum(), covariance=np.zeros((len(final),) * 2)
            ),
            "extrapolation": count.estimate(),
        }
        if shared is not None:
            estimates["calibrated"] = count.calibrated(shared)
        if evening.polls is not None:
            for name in list(estimates)[1:]:
                estimates[f"{name}_and_polls"] = estimates[name].with_prior(evening.polls)
        for name, estimate in estimates.items():
            yield {
                "estimator": name,
                "counted": moment,
                "registered": count.registered / count.total,
                "minute": minute,
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
