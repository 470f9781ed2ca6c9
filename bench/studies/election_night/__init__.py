"""The study of an evening: samples for 20:00, and the count as stations report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.core.seeds import generator
from bench.core.settings import Experiment
from bench.core.write import write_parquet
from bench.data.election import Election, load_election
from bench.data.night import Night, night_of
from bench.data.task import Task
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
from bench.report.report import Report
from bench.report.table import Table
from bench.runner import Part, memoised, run
from bench.runner.results import Results
from bench.studies.backtest.context import sources_of
from bench.studies.election_night.metrics import calls, night_scores
from bench.studies.election_night.report import by_moment, night_report, night_tables, print_night
from bench.studies.election_night.reporting_order import minutes_after_19
from bench.studies.published import publish_study

Record = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Found:
    """The tables of the study.

    Attributes
    ----------
    track : round, order, realisation, estimator, counted (share of the stations), registered
        (share of the registered), minute, and the scores of `night_scores`.
    called : first calls by round, order and estimator.
    samples : round, allowed, estimator, n_stations, and scores, means over samples.
    """

    track: pd.DataFrame
    called: pd.DataFrame
    samples: pd.DataFrame


def compute(experiment: Experiment) -> Found:
    """Count the stations of both rounds in every order, and sample them.

    Parameters
    ----------
    experiment : Experiment
        Its `elections` name this election and the one before; settings: `orders` (realisations
        by order), `runoff_orders`, `moments`, `late_from`, `spread`, `overdispersion`, `width`,
        `caution`, `level`, `call_at`, `sample_sizes`, `n_samples`.
    """
    settings = experiment.settings
    asked = [
        {"round": number, "order": order, "realisation": k}
        for number in experiment.rounds
        for order, realisations in settings["orders" if number == 1 else "runoff_orders"].items()
        for k in range(realisations)
    ]
    folders = [load_election(name).folder for name in experiment.elections]
    evenings = run(experiment, one_evening, asked, folders)
    by_round = [{"round": number} for number in experiment.rounds]
    samples = run(experiment, one_round_sampled, by_round, folders)
    track = pd.concat([one.tables["track"] for one in evenings], ignore_index=True)
    estimated = track[track["estimator"].ne("counted")]
    called = [
        calls(rows.drop(columns="round")).assign(round=number)
        for number, rows in estimated.groupby("round", sort=False)
    ]
    return Found(
        track=track,
        called=pd.concat(called, ignore_index=True),
        samples=pd.concat([one.tables["samples"] for one in samples], ignore_index=True),
    )


def one_evening(experiment: Experiment, part: Part) -> Results:
    """One order in which the stations of one round report."""
    number, order, k = int(part["round"]), str(part["order"]), int(part["realisation"])
    night, polls, seats = _evening(experiment, number)
    rng = generator(experiment.seed, "order", number, order, k)
    rows = [
        {"order": order, "realisation": k, **row}
        for row in follow(experiment, night, order, rng, polls, seats)
    ]
    return Results(tables={"track": pd.DataFrame(rows).assign(round=number)})


def one_round_sampled(experiment: Experiment, part: Part) -> Results:
    """The samples of stations of one round."""
    number = int(part["round"])
    night, _, seats = _evening(experiment, number)
    rng = generator(experiment.seed, "sample", number)
    table = sampled(experiment, night, seats, rng).assign(round=number)
    return Results(tables={"samples": table})


def _evening(experiment: Experiment, number: int) -> tuple[Night, NightEstimate, int]:
    """Stations, polls and places of one round; set up once per process."""
    this, before = (load_election(name) for name in experiment.elections)

    def make() -> tuple[Night, NightEstimate, int]:
        night = night_of(this, number, before, late_from=experiment.settings["late_from"])
        return night, polls_estimate(experiment, this, number), this.round(number).seats

    return memoised(f"evening of round {number}", experiment, [this.folder, before.folder], make)


def polls_estimate(experiment: Experiment, election: Election, number: int) -> NightEstimate:
    """What the polls said on the last evening they could be published, with their past errors."""
    eve = election.round(number).vote_on - pd.Timedelta(hours=28)
    evidence = Task(election, number, eve).evidence()
    polls = national_polls(evidence, experiment.poll_half_life_days, 1.5)
    share = polls.share.to_numpy(float)
    draws = polls.draws(share, generator(experiment.seed, "polls", number), experiment.n_draws)
    return NightEstimate(share=share, covariance=np.cov(draws.T))


def follow(
    experiment: Experiment,
    night: Night,
    order: str,
    rng: np.random.Generator,
    polls: NightEstimate,
    seats: int,
) -> Iterator[Record]:
    """One evening: the scores of every estimator at every moment."""
    settings = experiment.settings
    minutes = minutes_after_19(order, night.frame, night.ballots, night.votes, rng)
    queue = np.argsort(minutes, kind="stable")
    final = night.votes.sum(axis=0) / night.votes.sum()
    model = Extrapolation(
        spread=settings["spread"],
        overdispersion=settings["overdispersion"],
        width=settings["width"],
    )
    count = RunningCount(night.frame, model, len(final), settings["caution"])
    done = 0
    for moment in settings["moments"]:
        until = round(moment * len(queue))
        new = queue[done:until]
        count.add(new, night.votes[new])
        done = until
        by_votes = count.estimate()
        raw = NightEstimate(
            share=count.votes / count.votes.sum(), covariance=np.zeros((len(final), len(final)))
        )
        for name, estimate in (
            ("counted", raw),
            ("extrapolation", by_votes),
            ("extrapolation_and_polls", by_votes.with_prior(polls)),
        ):
            scores = night_scores(
                estimate, final, seats, rng, level=settings["level"], call_at=settings["call_at"]
            )
            yield {
                "estimator": name,
                "counted": moment,
                "registered": count.registered / count.total,
                "minute": float(minutes[queue[until - 1]]),
                **scores,
            }


def sampled(
    experiment: Experiment, night: Night, seats: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Errors and coverage of samples, means over `n_samples` of each kind."""
    settings = experiment.settings
    frame, strata = night.frame, strata_of(night.frame)
    final = night.votes.sum(axis=0) / night.votes.sum()
    everywhere = np.ones(frame.n, dtype=bool)
    kinds = {"expansion": None, "regression": covariates_of(frame)}
    rows: list[Record] = []
    for allowed, can in (("all", everywhere), ("closed_at_19", ~frame.late)):
        for n in settings["sample_sizes"]:
            for _ in range(settings["n_samples"]):
                chosen = draw_sample(frame, strata, n, rng, allowed=can)
                votes = night.votes[chosen]
                for kind, z in kinds.items():
                    estimate = polling_station_sample(
                        frame, strata, chosen, votes, allowed=can, covariates=z
                    )
                    scores = night_scores(estimate, final, seats, rng, level=settings["level"])
                    label = {"allowed": allowed, "estimator": kind, "n_stations": n}
                    rows.append({**label, **scores})
    keys = ["allowed", "estimator", "n_stations"]
    table = pd.DataFrame(rows)
    return table.groupby(keys, sort=False, as_index=False).mean()


def run_study(experiment: Experiment, arguments: list[str]) -> int:
    """Print and write how the evening went, with the figures."""
    found = compute(experiment)
    folders = {name: load_election(name).folder for name in experiment.elections}
    kept = Results(
        tables={
            "moments": by_moment(found.track),
            "called": found.called,
            "samples": found.samples,
        }
    )
    print_night(_tables(experiment, kept))

    def long_table(folder: Path) -> None:
        write_parquet(folder / "track.parquet", found.track)

    publish_study(experiment, folders, arguments, kept, report_of, also=long_table)
    return 0


def report_of(experiment: Experiment, kept: Results) -> Report:
    """How the evening went, in words, tables and figures."""
    return night_report(
        _tables(experiment, kept),
        title=experiment.title,
        level=experiment.settings["level"],
        source=sources_of(experiment.elections),
    )


def _tables(experiment: Experiment, kept: Results) -> list[Table]:
    return night_tables(
        kept.tables["moments"],
        kept.tables["called"],
        kept.tables["samples"],
        experiment.title,
        experiment.settings["level"],
    )
