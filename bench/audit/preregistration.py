"""Freezing an experiment before the vote, checking a record, and scoring what was frozen."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import AwareDatetime, BaseModel, NaiveDatetime

from bench.audit.look_ahead import assurances, verdict_table, verdicts_of
from bench.core import ConfigError, DataError, Evidence, Forecast, Predictor
from bench.core.arrays import BoolArray, FloatArray
from bench.core.assurance import is_trusted
from bench.core.errors import BenchError
from bench.core.forecast import EVENTS, check_forecast
from bench.core.read import read_json
from bench.core.registry import make_predictor, third_party
from bench.core.settings import Execution, Experiment
from bench.data.readers import facts_as
from bench.data.slates import candidacies, weighed_slates
from bench.data.tables import polls_of
from bench.data.task import Task, is_known
from bench.metrics.score_forecast import LEVELS, forecast_rows
from bench.runner.cache import code_sums
from bench.runner.process import ask_in_own_process, limits
from bench.runner.runner import tasks_of

WHAT_WALLS = "install bubblewrap (apt install bubblewrap) or set execution.wrap"
FORMAT = "election-bench frozen forecasts, 2"
MAX_DRAWS = 1000  # of a forecast in its record
FULL = 2**16 - 1  # a share of 1 in a kept draw
SEAL = "seal"
PARTS = ("code", "settings", "evidence", "forecasts")


class _SealedAnswer(BaseModel):
    status: Literal["ok", "abstained"]
    share: dict[str, float] = {}
    stated: dict[str, dict[str, float]] = {}
    draws: dict[str, Any] | None = None
    order_only: bool = False


class _Vote(BaseModel):
    election: str
    round: int
    as_of: NaiveDatetime
    ballot: list[str]
    slate: str = ""
    weight: float = np.nan


class _Person(BaseModel):
    candidate: str
    p_runs: float
    share: float
    q05: float
    q95: float
    p_qualify: float
    p_elected: float = np.nan
    price: float = np.nan


class Record(BaseModel):
    """What is read of a record; whatever else stands in it is for people, and counts for nothing.

    A forecast is its shares, its draws and the chances that were stated. What is scored, printed
    and published is made from these alone, so quantiles and other chances cannot contradict them.
    """

    seal: str
    frozen_at: AwareDatetime
    outcome_known: bool
    votes: dict[str, _Vote]
    settings: dict[str, Any]
    forecasts: dict[str, dict[str, _SealedAnswer]]
    people: list[_Person] = []
    hypotheses: dict[str, list[str]] = {}


def freeze(
    experiment: Experiment,
    *,
    present: datetime | None = None,
    extras: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The sealed record of every forecast of an experiment; no outcome is needed.

    Parameters
    ----------
    experiment : Experiment
        The settings.
    present : datetime, optional
        The present in the local time of the elections; the clock's if left out.
    extras : mapping, optional
        What is sealed too: `people` and `hypotheses`, as of `bench.studies.forecast.view.sealed`.

    Returns
    -------
    dict
        With ``frozen_at`` (UTC), ``outcome_known`` (then it is no pre-registration), ``code``,
        ``settings``, ``evidence`` and ``forecasts``, and the ``seal`` over all of them.

    Raises
    ------
    ConfigError
        If a moment of forecast has not come yet, a predictor fails or reaches for what is not
        its evidence, or one that does not ship does not pass the audit; of a vote that is over,
        behind a wall.
    """
    requested_tasks = tasks_of(experiment)
    refuse_the_future(requested_tasks, present)
    tasks = [without_the_minute(task, present) for task in requested_tasks]
    if tasks != requested_tasks:  # the settings of the record say which moments it is about
        moments = dict.fromkeys(task.as_of.isoformat() for task in tasks)
        experiment = replace(experiment, as_of=list(moments), days_before=[])
    _refuse_unaudited(experiment, tasks)
    return sealed({**record_of(experiment, tasks), **(extras or {})})


def _refuse_unaudited(experiment: Experiment, tasks: Sequence[Task]) -> None:
    """Audit the methods that do not ship, and refuse those that do not pass.

    Where the vote is over, a method must pass behind a wall that hid the outcome from it.

    Raises
    ------
    ConfigError
        With the method, what the audit found, and what to type.
    DataError
        If the audit finds that the evidence itself looks ahead.
    """
    names = third_party(experiment.predictors)
    if not names:
        return
    guests = replace(experiment, predictors={name: experiment.predictors[name] for name in names})
    verdicts = list(verdicts_of(guests, [task for task, _ in _with_slates(guests, tasks)]))
    for verdict in verdicts:
        if verdict.bars:
            raise ConfigError(
                f"{verdict.predictor} is not sealed, as {verdict.bars}; leave it out, or correct "
                f"it: python -m bench audit {' '.join(names)} says more"
            )
    is_over = any(map(is_known, tasks))
    for name, word in assurances(guests.predictors, verdict_table(verdicts)).items():
        if not is_trusted(word, outcome_known=is_over):
            raise ConfigError(
                f"{name} is not sealed (assurance: {word}), as the vote is over and nothing hid "
                f"its outcome from the method; {WHAT_WALLS}, or leave the method out"
            )


def without_the_minute(task: Task, present: datetime | None = None) -> Task:
    """A task of today about a vote to come, as of the last change of its evidence.

    Cuts and draws depend on the moment of a task. So that two forecasts of one day are the same
    unless a poll or a candidacy came between them, the moment is that of the latest of these
    today, and midnight if there is none.

    Parameters
    ----------
    task : Task
        Left alone if it is about another day or a vote that is decided.
    present : datetime, optional
        The present in the local time of the elections; the clock's if left out.
    """
    present = present or datetime.now()
    if task.as_of.date() != present.date() or is_known(task):
        return task
    tables = (polls_of(task.election, task.poll_lag_days), candidacies(task.election))
    public = pd.concat([table["published_on"] for table in tables])
    today = public[public.between(task.as_of.normalize(), task.as_of)]
    return replace(task, as_of=task.as_of.normalize() if today.empty else today.max())


def refuse_the_future(tasks: Sequence[Task], present: datetime | None = None) -> None:
    """Refuse a forecast as of a coming day, and a poll of a vote to come that is dated later.

    The first would rest on evidence that is not there yet, the second is a mistake in its table.

    Parameters
    ----------
    tasks : sequence of Task
        Those whose outcome is known are left alone.
    present : datetime, optional
        The present in the local time of the elections; the clock's if left out.

    Raises
    ------
    ConfigError
        With the moment, or with the poll and its date.
    """
    present = present or datetime.now()
    for task in tasks:
        if is_known(task):
            continue
        if task.as_of > present:
            raise ConfigError(
                f"as_of {task.as_of:%Y-%m-%d %H:%M} (round {task.round} of {task.election.name}) "
                f"has not come, it is {present:%Y-%m-%d %H:%M}; accepted: a moment that has "
                "passed. Ask again on that day, or as of now: "
                f"'as_of=[\"{present:%Y-%m-%dT%H:%M}\"]'"
            )
        polls = task.election.polls
        late = polls[(polls["round"] == task.round) & (polls["published_on"] > present)]
        if len(late):
            first = late.iloc[0]
            raise ConfigError(
                f"{task.election.name}: the poll '{first['poll_id']}' was published on "
                f"{first['published_on']:%Y-%m-%d %H:%M}, which has not come (it is "
                f"{present:%Y-%m-%d %H:%M}); correct its date in {task.election.folder}"
            )


def record_of(
    experiment: Experiment, tasks: Sequence[Task], *, frozen_at: str | None = None
) -> dict[str, Any]:
    """The sealed record of what the predictors of an experiment say of tasks.

    Parameters
    ----------
    experiment : Experiment
        Where its `settings` name a file of weights, every slate of the file is sealed with its
        weight, in place of the one of the task.
    tasks : sequence of Task
    frozen_at : str, optional
        The moment that it states, UTC; that of the clock if left out.

    Raises
    ------
    ConfigError
        As `freeze`.
    """
    votes: dict[str, dict[str, Any]] = {}
    evidence: dict[str, dict[str, str]] = {}
    forecasts: dict[str, dict[str, Any]] = {}
    with limits(experiment.execution, *experiment.elections):
        predictors = {
            name: make_predictor(name, settings) for name, settings in experiment.predictors.items()
        }
        for task, slate in _with_slates(experiment, tasks):
            label = f"{task.label}, slate {slate['slate']}" if slate else task.label
            tables = task.assembled()
            votes[label] = _vote(task) | slate
            evidence[label] = {name: _sum(table) for name, table in sorted(tables.tables.items())}
            forecasts[label] = {
                name: _sealed_answer(name, predictor, task, tables, experiment.execution)
                for name, predictor in predictors.items()
            }
    return sealed(
        {
            "format": FORMAT,
            "frozen_at": frozen_at or datetime.now(UTC).isoformat(timespec="seconds"),
            "outcome_known": any(is_known(task) for task in tasks),
            "votes": votes,
            "code": code_sums(experiment.predictors),
            "settings": asdict(experiment),
            "evidence": evidence,
            "forecasts": forecasts,
        }
    )


def _with_slates(
    experiment: Experiment, tasks: Sequence[Task]
) -> Iterator[tuple[Task, dict[str, Any]]]:
    """The tasks; under weights once for every slate that has one, with its facts for the record."""
    path = experiment.settings.get("weights")
    for task in tasks:
        if not path:
            yield task, {}
            continue
        question = (task.election, task.round, task.as_of, task.poll_lag_days)
        for weighed in weighed_slates(path, *question):
            if weighed.slate is not None:
                facts = {
                    "slate": weighed.slate.name,
                    "weight": weighed.weight,
                    "reason": weighed.reason,
                }
                yield replace(task, slate=weighed.slate.candidates), facts


def _sealed_answer(
    name: str, predictor: Predictor, task: Task, evidence: Evidence, execution: Execution
) -> dict[str, Any]:
    rng = task.rng(predictor.level_of or name)
    prediction = ask_in_own_process(predictor, evidence, rng, execution)
    if prediction.status == "failed":
        raise ConfigError(
            f"{name} cannot be frozen for {task.label}: {prediction.message}; leave it out, "
            "or see python -m bench audit"
        )
    if prediction.forecast is None:
        return {"status": "abstained", "message": prediction.message}
    rows = forecast_rows(prediction.forecast, task.vote.n_advance)
    national = rows[rows["area"] == "national"].set_index("candidate")
    stated = prediction.forecast.chances
    quantiles = {level: _numbers(national[level]) for level in LEVELS}
    events = {event: _numbers(national[f"p_{event}"]) for event in EVENTS}
    return {
        "status": "ok",
        "sum": forecast_sum(rows),
        "share": _numbers(prediction.forecast.share),
        "quantiles": {level: numbers for level, numbers in quantiles.items() if numbers},
        "events": {event: numbers for event, numbers in events.items() if numbers},
        "stated": {} if stated is None else {str(e): _numbers(stated[e]) for e in stated},
        "draws": None if prediction.forecast.draws is None else packed(prediction.forecast.draws),
        **({"order_only": True} if prediction.forecast.order_only else {}),
    }


def _vote(task: Task) -> dict[str, Any]:
    """What a record says of a vote, so that it can be scored without the code of its day."""
    vote = task.vote
    return {
        "election": task.election.name,
        "round": task.round,
        "as_of": task.as_of.isoformat(),
        "vote_on": vote.vote_on.isoformat(),
        "possible_days": [day.isoformat() for day in vote.possible_days],
        "n_advance": vote.n_advance,
        "ballot": list(task.ballot),
        "is_supposed": task.slate is not None or task.pair is not None,
    }


def _numbers(values: pd.Series) -> dict[str, float]:
    return {str(candidate): round(float(value), 10) for candidate, value in values.dropna().items()}


def packed(draws: FloatArray) -> dict[str, Any]:
    """Draws [S, C] as text: at most `MAX_DRAWS` of them, evenly taken, in steps of 1/65535.

    Columns of NaN (candidates who are not named) are left out.

    Examples
    --------
    >>> text = packed(np.array([[0.6, 0.4, np.nan], [0.5, 0.5, np.nan]]))["zlib_base64_u2"]
    >>> unpacked(text, np.array([True, True, False])).round(4).tolist()
    [[0.6, 0.4, nan], [0.5, 0.5, nan]]
    """
    rows = np.linspace(0, len(draws) - 1, min(len(draws), MAX_DRAWS)).round().astype(int)
    columns = np.flatnonzero(np.isfinite(draws).all(axis=0))
    codes = np.round(draws[np.ix_(rows, columns)] * FULL).astype("<u2")
    text = base64.b64encode(zlib.compress(codes.tobytes(), 9)).decode("ascii")
    return {"of": len(draws), "n": len(rows), "columns": columns.tolist(), "zlib_base64_u2": text}


def unpacked(text: str, named: BoolArray) -> FloatArray:
    """The draws [S, C] that `packed` took, each with the sum that it had, up to rounding.

    Parameters
    ----------
    text : str
        From `packed`; never more than `MAX_DRAWS` are unpacked, whatever it holds.
    named : array of bool [C]
        Whose columns were kept.
    """
    width = int(named.sum())
    size = 2 * MAX_DRAWS * width + 2  # bytes; those of one number more cannot be shaped
    content = zlib.decompressobj().decompress(base64.b64decode(text), size)
    values = np.frombuffer(content, "<u2").reshape(-1, width) / FULL
    total = values.sum(axis=1, keepdims=True)
    draws = np.full((len(values), len(named)), np.nan)
    # what rounding added or took from a whole ballot
    draws[:, named] = np.where(np.abs(total - 1) < width / FULL, values / total, values)
    return draws


def opened(
    record: Mapping[str, Any], source: Path | str
) -> tuple[Record, dict[str, dict[str, Forecast]]]:
    """What is read of a record, and its forecasts by vote and method.

    Parameters
    ----------
    record : mapping
        From `freeze`, `record_of` or `read_record`.
    source : Path or str
        What the record is called in a message.

    Raises
    ------
    DataError
        With the key, or with vote and method, where it holds what is no forecast.
    """
    read = facts_as(Record, record, source)
    forecasts: dict[str, dict[str, Forecast]] = {}
    for label, answers in read.forecasts.items():
        for name, answer in answers.items():
            if answer.status != "ok":
                continue
            try:
                forecast = _forecast_of(answer, read.votes[label].ballot)
            except (BenchError, LookupError, TypeError, ValueError, zlib.error) as error:
                raise DataError(f"{source}: {label}: {name}: {error}") from error
            forecasts.setdefault(label, {})[name] = forecast
    return read, forecasts


def _forecast_of(answer: _SealedAnswer, ballot: list[str]) -> Forecast:
    strangers = answer.share.keys() - set(ballot)
    if strangers:
        raise DataError(f"it names '{min(strangers)}', who is not on the ballot")
    share = pd.Series(answer.share, dtype=float).reindex(ballot)
    named = share.notna().to_numpy()
    forecast = Forecast(
        share=share,
        draws=None if answer.draws is None else unpacked(answer.draws["zlib_base64_u2"], named),
        chances=answer.stated or None,
        order_only=answer.order_only,
    )
    return check_forecast(forecast, ballot)


def check_record(record: Mapping[str, Any]) -> list[str]:
    """What has changed since a record was frozen, by name; empty if it can be made again."""
    from omegaconf import OmegaConf

    execution = asdict(Execution.of_record(record["settings"]["execution"]))
    settings = {**record["settings"], "execution": execution}
    merged = OmegaConf.merge(OmegaConf.structured(Experiment), settings)
    experiment = OmegaConf.to_object(merged)
    assert isinstance(experiment, Experiment)
    remade = record_of(experiment, tasks_of(experiment))
    return changes({**record, "settings": settings}, remade)


def check_scored(path: Path, tasks: list[Task], forecasts: pd.DataFrame) -> dict[str, Any]:
    """Refuse to score anything but what was frozen; what the manifest says about the record.

    Parameters
    ----------
    path : Path
        The record.
    tasks : list of Task
        Of the run.
    forecasts : pandas.DataFrame
        Long table of the run.

    Raises
    ------
    DataError
        If the record was changed, or a forecast of the run is not the frozen one; with names.
    """
    record = read_record(path)
    for task in tasks:
        label = task.label
        frozen = record["forecasts"].get(label, {})
        of_vote = forecasts["election"].eq(task.election.name) & forecasts["round"].eq(task.round)
        rows = forecasts[of_vote & forecasts["as_of"].eq(task.as_of)]
        run_sums = {str(name): forecast_sum(part) for name, part in rows.groupby("predictor")}
        record_sums = {}
        for name, answer in frozen.items():
            if answer["status"] == "ok":
                record_sums[name] = answer.get("sum")
        names = run_sums.keys() | record_sums.keys()
        wrong = sorted(name for name in names if run_sums.get(name) != record_sums.get(name))
        if wrong:
            raise DataError(
                f"{path}: {label}: not the frozen forecast: {', '.join(wrong)}; "
                f"python -m bench freeze --check {path} says what has changed since, and "
                f"python -m bench score {path} scores what was sealed"
            )
    return {key: record[key] for key in ("seal", "frozen_at", "outcome_known")}


def sealed(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with the SHA-256 of everything else in it.

    The seal shows that nothing was changed afterwards to whoever was told the seal before: print
    it, post it, or have it time-stamped. Alone it proves no date.

    Examples
    --------
    >>> record = sealed({"format": FORMAT, "forecasts": []})
    >>> record["seal"] == sealed({**record, "forecasts": [1]})["seal"]
    False
    """
    rest = {key: value for key, value in record.items() if key != SEAL}
    text = json.dumps(rest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return {**rest, SEAL: hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()}


def read_record(path: Path) -> dict[str, Any]:
    """A record from its file.

    Raises
    ------
    DataError
        If the file is no record, was changed since it was sealed, or holds what is no forecast;
        with the key.
    """
    record = read_json(path, " (a record of python -m bench freeze is accepted)")
    if record.get("format") != FORMAT:
        raise DataError(f"{path}: not a record of `python -m bench freeze` ('{FORMAT}')")
    if sealed(record)[SEAL] != record.get(SEAL):
        raise DataError(
            f"{path}: the content does not match its seal {record.get(SEAL)}; it was changed after "
            "freezing, and nothing can be scored with it"
        )
    opened(record, path)
    return record


def forecast_sum(rows: pd.DataFrame) -> str:
    """SHA-256 of the forecast of one predictor: shares, quantiles and chances to ten digits.

    Parameters
    ----------
    rows : pandas.DataFrame
        From `bench.metrics.score_forecast.forecast_rows`; order and further columns do not matter.
    """
    columns = ["area", "candidate", "share", *LEVELS, *(f"p_{event}" for event in EVENTS)]
    ordered = rows[columns].sort_values(["area", "candidate"])
    numbers = ordered[columns[2:]].astype(float)
    return _sum(pd.concat([ordered[["area", "candidate"]].astype(str), numbers], axis=1))


def _sum(frame: pd.DataFrame) -> str:
    text = frame.to_csv(index=False, lineterminator="\n", float_format="%.10g")
    return hashlib.sha256(text.encode()).hexdigest()


def changes(frozen: Mapping[str, Any], remade: Mapping[str, Any]) -> list[str]:
    """What differs between two records, by name, whenever each was frozen."""
    before = _flat(frozen)
    after = _flat(remade)
    return [
        f"{key} ({before.get(key, 'new')[:12]} → {after.get(key, 'gone')[:12]})"
        for key in sorted({*before.index, *after.index})
        if before.get(key) != after.get(key)
    ]


def _flat(record: Mapping[str, Any]) -> pd.Series:
    """The values of a record as texts, by their path in it, such as ``code/bench``."""
    parts = {part: record.get(part) for part in PARTS}
    return pd.json_normalize(parts, sep="/").iloc[0].map(str)
