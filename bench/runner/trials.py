"""Trials: one predictor on one cell, ordered by name and sum, answered by a fragment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import pandas as pd

from bench.core import DataError, Evidence, Forecast, Predictor
from bench.core.registry import make_predictor
from bench.core.seeds import generator
from bench.core.settings import Experiment
from bench.data.checksums import sum_of
from bench.data.election import Election, load_election, same_country_elections
from bench.data.evidence import LearnFrom, evidence_for, forget
from bench.data.outcome import Outcome, outcome_of
from bench.metrics.forecast_rows import draw_rows, forecast_rows
from bench.metrics.score_forecast import score_forecast
from bench.runner.attempt import Attempt, attempt, plain
from bench.runner.evidence_used import access, newest_row_on
from bench.runner.fragment import encode, parquet
from bench.runner.ranked_on import ranked_on
from bench.runner.store import Store
from bench.runner.worker import edited, refuse_other_code, settings_of

Axes = tuple[int, str, str, float, int]  # round, moment, scenario, dose, replicate


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a worker is told: names, paths and sums; it opens the tables itself.

    Attributes
    ----------
    experiment : str
        The settings, as JSON.
    folder : str
        Of the election.
    cell : tuple
        Round, moment, scenario, dose and replicate.
    keys : tuple of (str, str)
        Predictor and key of each trial.
    data, code : str
        Sums of the evidence and of the harness; a worker with others refuses.
    store : str
        Folder of the fragments.
    """

    experiment: str
    folder: str
    cell: Axes
    keys: tuple[tuple[str, str], ...]
    data: str
    code: str
    store: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """What all predictors are asked about one cell, and how their answers are scored."""

    experiment: Experiment
    election: Election
    cell: Axes
    evidence: Evidence
    outcome: Outcome
    elected: str | None


@dataclass(frozen=True, kw_only=True)
class Said:
    """A scored forecast: the rows of the long tables as Parquet, and what `methods` tells."""

    errors: bytes = b""
    forecasts: bytes = b""
    draws: bytes = b""
    named: int = 0
    converted: str = ""


def data_sum(election: Election) -> str:
    """The sum of every file that evidence about an election can come from."""
    return sum_of([election.folder, *(other.folder for other in same_country_elections(election))])


def fulfil(order: Order) -> int:
    """Try every predictor of an order and keep its fragments; how many there were.

    Raises
    ------
    DataError
        If this worker has other data or other code than the run that gives the order.
    StoreError
        If a fragment cannot be kept.
    """
    refuse_other_code(order.code)
    store = Store(Path(order.store))
    for name, key in order.keys:
        question = _asked(order)
        predictor = _predictor(order.experiment, name)
        store.put(key, _answer(question, name, key, predictor))
    return len(order.keys)


def _asked(order: Order) -> Question:
    """The question, from tables that this process remembers or reads under the order's sum."""
    if _Remembered.data != order.data:
        _forget()
    question = _question(order.experiment, order.folder, order.cell)
    if _Remembered.data != order.data:
        if data_sum(question.election) != order.data:
            _forget()
            raise edited(order.folder)
        _Remembered.data = order.data
    return question


class _Remembered:
    """The sum of the files whose tables this process remembers."""

    data = ""


def _forget() -> None:
    _Remembered.data = ""
    _question.cache_clear()
    forget()


@cache
def _predictor(text: str, name: str) -> Predictor:
    return make_predictor(name, settings_of(text).predictors[name])


@lru_cache(maxsize=2)
def _question(text: str, folder: str, cell: Axes) -> Question:
    experiment, election = settings_of(text), load_election(folder)
    learn_from: LearnFrom = "earlier" if experiment.learn_from == "earlier" else "others"
    return Question(
        experiment=experiment,
        election=election,
        cell=cell,
        evidence=evidence_for(
            election,
            cell[0],
            pd.Timestamp(cell[1]),
            learn_from=learn_from,
            owners_of=experiment.owners_of,
            poll_lag_days=experiment.poll_lag_days,
        ),
        outcome=outcome_of(election, cell[0]),
        elected=_elected(election),
    )


def _elected(election: Election) -> str | None:
    """Who won the last round, where its outcome is known."""
    try:
        return str(outcome_of(election, max(election.rounds)).votes.idxmax())
    except DataError:
        return None


def _answer(question: Question, name: str, key: str, predictor: Predictor) -> bytes:
    execution = question.experiment.execution
    if not execution.isolate:
        content, tampered = _try(question, name, key, predictor)
        if tampered:
            _forget()
        return content
    from bench.runner.sandbox import Death, isolated

    answer = isolated(
        lambda: _try(question, name, key, predictor)[0],
        execution.time_limit_s,
        execution.memory_limit_mb,
    )
    if not isinstance(answer, Death):
        return answer
    dead: Attempt[Said] = Attempt(
        status="failed", message=answer.reason, trace=answer.printed, wall_s=answer.wall_s
    )
    return _fragment(question, key, predictor, dead)


def _try(question: Question, name: str, key: str, predictor: Predictor) -> tuple[bytes, bool]:
    number, moment, scenario, dose, replicate = question.cell
    evidence = question.evidence
    varied = () if scenario == "none" else (scenario, dose, replicate)
    rng = generator(
        question.experiment.seed,
        predictor.level_of or name,
        evidence.election,
        number,
        pd.Timestamp(moment),
        *varied,
    )
    done = attempt(predictor, evidence, rng, lambda forecast: _said(question, forecast))
    return _fragment(question, key, predictor, done), bool(done.tampered)


def _said(question: Question, forecast: Forecast) -> Said:
    outcome = question.outcome
    ballots = {"full": question.evidence.candidates}
    if question.experiment.ranked_on:
        ballots["common"] = ranked_on(question.experiment, question.evidence)
    errors = score_forecast(
        forecast,
        outcome.share,
        outcome.seats,
        ballots=ballots,
        area_votes=outcome.areas,
        elected=question.elected,
    )
    return Said(
        errors=parquet(errors),
        forecasts=parquet(forecast_rows(forecast, outcome.seats)),
        draws=_draws(forecast) if question.experiment.save_draws else b"",
        named=int(forecast.share.notna().sum()),
        converted=plain(str(forecast.converted)),
    )


def _draws(forecast: Forecast) -> bytes:
    return b"" if forecast.draws is None else parquet(draw_rows(forecast))


def _fragment(question: Question, key: str, predictor: Predictor, done: Attempt[Said]) -> bytes:
    said = done.finished if done.status == "ok" and done.finished else Said()
    read = (question.evidence, done.tables_read, predictor)
    until, newest = done.data_used_until, newest_row_on(*read)
    facts = {
        "family": str(getattr(predictor, "family", "other")),
        "level_of": predictor.level_of,
        "status": done.status,
        "named": said.named,
        "n_candidates": len(question.evidence.candidates),
        "converted": said.converted,
        "access": access(*read, question.experiment.owners_of),
        "data_used_until": None if pd.isna(until) else until.isoformat(),
        "newest_row_on": None if newest is None else newest.isoformat(),
        "message": done.message,
        "trace": done.trace,
        "printed": done.printed,
        "wall_s": done.wall_s,
        "cpu_s": done.cpu_s,
    }
    return encode(key, facts, said.errors, said.forecasts, said.draws)
