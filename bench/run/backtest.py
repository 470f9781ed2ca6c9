"""The backtest: every predictor on every cell, scored against the official votes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from bench.contract import ConfigError, DataError, Predictor
from bench.contract.errors import did_you_mean
from bench.data.election import Election, load_election
from bench.data.evidence import LearnFrom, evidence_for
from bench.data.outcome import outcome_of
from bench.execution.attempt import Attempt, attempt
from bench.execution.seeds import generator
from bench.experiment import Experiment
from bench.registry import make_predictor
from bench.run.progress import watched
from bench.score.forecasts import forecast_rows
from bench.score.table import score_forecast


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One vote at one moment: what all predictors are asked."""

    election: Election
    round: int
    as_of: pd.Timestamp

    @property
    def key(self) -> dict[str, Any]:
        """The columns that say in every long table which cell a row belongs to."""
        return {
            "election": self.election.name,
            "round": self.round,
            "as_of": self.as_of,
            "scenario": "none",
            "dose": 0.0,
            "replicate": 0,
        }


@dataclass(frozen=True, kw_only=True)
class Results:
    """The long tables of a run.

    Attributes
    ----------
    errors : pandas.DataFrame
        One row per score; summary scores carry an empty candidate.
    forecasts : pandas.DataFrame
        Shares, quantiles and chances per candidate and area.
    methods : pandas.DataFrame
        What became of every predictor in every cell.
    timings : pandas.DataFrame
        Seconds; kept apart because they differ between two runs of the same command.
    """

    errors: pd.DataFrame
    forecasts: pd.DataFrame
    methods: pd.DataFrame
    timings: pd.DataFrame


def plan(experiment: Experiment) -> list[Cell]:
    """Every cell of the experiment, in order.

    Raises
    ------
    ConfigError, DataError
        If a setting, an election or a date cannot be used; nothing has been written yet.
    """
    experiment.check()
    cells = []
    for name in experiment.elections:
        election = load_election(name)
        for number in experiment.rounds:
            this = election.round(number)
            for moment in experiment.moments(this.vote_on):
                if moment >= this.known_at:
                    raise ConfigError(
                        f"as_of {moment} is not before the outcome of round {number} of "
                        f"{election.name} was known ({this.known_at}); give an earlier moment"
                    )
                cells.append(Cell(election=election, round=number, as_of=moment))
            for candidate in experiment.ranked_on:
                if candidate not in this.candidates:
                    raise ConfigError(
                        f"ranked_on names '{candidate}', who is not on the ballot of round "
                        f"{number} of {election.name} ({did_you_mean(candidate, this.candidates)})"
                    )
    return cells


def run(experiment: Experiment, cells: list[Cell]) -> Results:
    """Ask every predictor about every cell, and score what it says."""
    predictors = {
        name: make_predictor(name, settings) for name, settings in experiment.predictors.items()
    }
    parts = [
        _run_cell(experiment, predictors, cell) for cell in watched(cells, len(cells), "cells")
    ]
    return Results(
        errors=pd.concat([part.errors for part in parts], ignore_index=True),
        forecasts=pd.concat([part.forecasts for part in parts], ignore_index=True),
        methods=pd.concat([part.methods for part in parts], ignore_index=True),
        timings=pd.concat([part.timings for part in parts], ignore_index=True),
    )


def _run_cell(experiment: Experiment, predictors: Mapping[str, Predictor], cell: Cell) -> Results:
    learn_from: LearnFrom = "earlier" if experiment.learn_from == "earlier" else "others"
    evidence = evidence_for(
        cell.election,
        cell.round,
        cell.as_of,
        learn_from=learn_from,
        owners_of=experiment.owners_of,
    )
    outcome = outcome_of(cell.election, cell.round)
    elected = _elected(cell.election)
    ballots = {"full": evidence.candidates}
    if experiment.ranked_on:
        ballots["common"] = tuple(experiment.ranked_on)
    errors, forecasts, methods, timings = [], [], [], []
    for name, predictor in predictors.items():
        rng = generator(experiment.seed, name, cell.election.name, cell.round, cell.as_of)
        tried = attempt(name, predictor, evidence, rng)
        methods.append(_method(tried, predictor, evidence.candidates, experiment.owners_of))
        timings.append({"predictor": name, "wall_s": tried.wall_s, "cpu_s": tried.cpu_s})
        if tried.forecast is None:
            continue
        label = {**cell.key, "predictor": name}
        scored = score_forecast(
            tried.forecast,
            outcome.share,
            outcome.seats,
            ballots=ballots,
            area_votes=outcome.areas,
            elected=elected,
        )
        errors.append(_labelled(scored, label))
        forecasts.append(_labelled(forecast_rows(tried.forecast, outcome.seats), label))
    if not forecasts:
        raise DataError(
            f"no predictor said anything about round {cell.round} of {cell.election.name} as of "
            f"{cell.as_of}: {'; '.join(m['predictor'] + ': ' + m['message'] for m in methods)}"
        )
    return Results(
        errors=pd.concat(errors, ignore_index=True),
        forecasts=pd.concat(forecasts, ignore_index=True),
        methods=_labelled(pd.DataFrame(methods), cell.key),
        timings=_labelled(pd.DataFrame(timings), cell.key),
    )


def _labelled(rows: pd.DataFrame, label: dict[str, Any]) -> pd.DataFrame:
    head = pd.DataFrame({key: [value] * len(rows) for key, value in label.items()})
    return pd.concat([head, rows.reset_index(drop=True)], axis=1)


def _elected(election: Election) -> str | None:
    """Who won the last round, where its outcome is known."""
    try:
        return str(outcome_of(election, max(election.rounds)).votes.idxmax())
    except DataError:
        return None


def _method(
    tried: Attempt, predictor: Predictor, candidates: tuple[str, ...], owners_of: list[str]
) -> dict[str, Any]:
    forecast = tried.forecast
    sources = {str(value) for value in asdict(predictor).values()}
    return {
        "predictor": tried.predictor,
        "family": tried.family,
        "status": tried.status,
        "named": 0 if forecast is None else int(forecast.share.notna().sum()),
        "n_candidates": len(candidates),
        "converted": "" if forecast is None else forecast.converted,
        "access": "owner" if sources & set(owners_of) else "public",
        "data_used_until": tried.data_used_until,
        "message": tried.message,
        "trace": tried.trace,
    }
