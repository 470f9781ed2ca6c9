"""Freezing an experiment before the vote, checking a record, and scoring what was frozen."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import AfterValidator, AliasChoices, BaseModel, Field, FiniteFloat, model_validator

from bench.audit.look_ahead import verdicts_of
from bench.core import ConfigError, DataError, Evidence, Forecast, Predictor, on_ballot
from bench.core.arrays import FloatArray
from bench.core.errors import BenchError
from bench.core.forecast import EVENTS, check_forecast
from bench.core.read import read_json
from bench.core.registry import make_predictor, third_party
from bench.core.settings import Execution, Experiment
from bench.data.readers import facts_as
from bench.data.slates import candidacies, weighed_slates
from bench.data.tables import polls_of
from bench.data.task import Task
from bench.metrics.score_forecast import LEVELS, forecast_rows
from bench.runner.cache import code_sums
from bench.runner.process import ask_apart, limits
from bench.runner.runner import tasks_of

FORMAT = "election-bench frozen forecasts, 2"
MAX_DRAWS = 1000  # of a forecast in its record
FULL = 2**16 - 1  # a share of 1 in a kept draw
SEAL = "seal"
PARTS = ("code", "settings", "evidence", "forecasts")
MAX_NAMED = 4  # candidates in a line for publication
SAMPLED = 0.1  # probability by which the draws that are kept may differ from all of them
OUTSIDE = 0.01  # of the vote, by which a mean may lie outside the draws that are kept


def _is_moment(value: str, *, aware: bool = False) -> str:
    if (datetime.fromisoformat(value).tzinfo is not None) != aware:
        raise ValueError(f"accepted: a moment {'with' if aware else 'without'} its offset to UTC")
    return value


class _Draws(BaseModel):
    n: Annotated[int, Field(ge=1, le=MAX_DRAWS)]
    columns: list[int]
    zlib_base64_u2: str


class _Said(BaseModel):
    status: Literal["ok"]
    sum: str
    share: dict[str, FiniteFloat]
    quantiles: dict[str, dict[str, FiniteFloat]]
    events: dict[str, dict[str, FiniteFloat]]
    stated: dict[str, dict[str, FiniteFloat]]
    draws: _Draws | None


class _Abstained(BaseModel):
    status: Literal["abstained"]
    message: str


class _Vote(BaseModel):
    election: str
    round: int
    as_of: Annotated[str, AfterValidator(_is_moment)]
    n_advance: int = Field(ge=1, validation_alias=AliasChoices("n_advance", "seats"))  # the earlier
    ballot: Annotated[list[str], Field(min_length=2)]
    slate: str = ""
    weight: float = 1.0


class _Record(BaseModel):
    """What stands in a record, as far as anything reads it."""

    frozen_at: Annotated[str, AfterValidator(partial(_is_moment, aware=True))]
    outcome_known: bool
    votes: dict[str, _Vote]
    code: dict[str, Any]
    settings: dict[str, Any]
    evidence: dict[str, dict[str, str]]
    forecasts: dict[str, dict[str, Annotated[_Said | _Abstained, Field(discriminator="status")]]]

    @model_validator(mode="after")
    def _has_votes(self) -> _Record:
        if strange := self.forecasts.keys() - self.votes.keys():
            raise ValueError(f"forecasts of '{min(strange)}', which is none of its votes")
        return self


def freeze(experiment: Experiment, *, now: datetime | None = None) -> dict[str, Any]:
    """The sealed record of every forecast of an experiment; no outcome is needed.

    Parameters
    ----------
    experiment : Experiment
        The settings.
    now : datetime, optional
        The present in the local time of the elections; the clock's if left out.

    Returns
    -------
    dict
        With ``frozen_at`` (UTC), ``outcome_known`` (then it is no pre-registration), ``code``,
        ``settings``, ``evidence`` and ``forecasts``, and the ``seal`` over all of them.

    Raises
    ------
    ConfigError
        If a moment of forecast has not come yet, a predictor fails or reaches for what is not
        its evidence, or one that does not ship does not pass the audit.
    """
    tasks = tasks_of(experiment)
    refuse_the_future(tasks, now)
    tasks = [without_the_minute(task, now) for task in tasks]
    _refuse_unaudited(experiment, tasks)
    return record_of(experiment, tasks)


def _refuse_unaudited(experiment: Experiment, tasks: Sequence[Task]) -> None:
    """Audit the methods that do not ship, and refuse those that do not pass.

    Raises
    ------
    ConfigError
        With the method, what the audit found, and what to type.
    """
    names = third_party(experiment.predictors)
    if not names:
        return
    guests = replace(experiment, predictors={name: experiment.predictors[name] for name in names})
    remedy = f"leave it out, or correct it: python -m bench audit {' '.join(names)} says more"
    try:
        verdicts = list(verdicts_of(guests, [task for task, _ in _with_slates(guests, tasks)]))
    except DataError as error:
        words = f"{', '.join(names)}: no audit, so no seal ({error}); {remedy}"
        raise ConfigError(words) from error
    for verdict in verdicts:
        if verdict.bars:
            raise ConfigError(f"{verdict.predictor} is not sealed, as {verdict.bars}; {remedy}")


def without_the_minute(task: Task, now: datetime | None = None) -> Task:
    """A task of today about a vote to come, as of the last change of its evidence.

    Cuts and draws depend on the moment of a task. So that two forecasts of one day are the same
    unless a poll or a candidacy came between them, the moment is that of the latest of these
    today, and midnight if there is none.

    Parameters
    ----------
    task : Task
        Left alone if it is about another day or a vote that is decided.
    now : datetime, optional
        The present in the local time of the elections; the clock's if left out.
    """
    now = now or datetime.now()
    if task.as_of.date() != now.date() or _is_known(task):
        return task
    rows = (polls_of(task.election, task.poll_lag_days), candidacies(task.election))
    public = pd.concat([one["published_on"] for one in rows])
    today = public[public.between(task.as_of.normalize(), task.as_of)]
    return replace(task, as_of=task.as_of.normalize() if today.empty else today.max())


def refuse_the_future(tasks: Sequence[Task], now: datetime | None = None) -> None:
    """Refuse a forecast as of a coming day, and a poll of a vote to come that is dated later.

    The first would rest on evidence that is not there yet, the second is a mistake in its table.

    Parameters
    ----------
    tasks : sequence of Task
        Those whose outcome is known are left alone.
    now : datetime, optional
        The present in the local time of the elections; the clock's if left out.

    Raises
    ------
    ConfigError
        With the moment, or with the poll and its date.
    """
    now = now or datetime.now()
    coming = [task for task in tasks if not _is_known(task)]
    for task in coming:
        if task.as_of > now:
            raise ConfigError(
                f"as_of {task.as_of:%Y-%m-%d %H:%M} (round {task.round} of {task.election.name}) "
                f"has not come, it is {now:%Y-%m-%d %H:%M}: polls published until then would "
                "change the forecast, and nothing could be scored; accepted: a moment that "
                "has passed. Ask again on that day, or as of now: "
                f"'as_of=[\"{now:%Y-%m-%dT%H:%M}\"]'"
            )
    for task in coming:
        polls = task.election.polls
        late = polls[(polls["round"] == task.round) & (polls["published_on"] > now)]
        if len(late):
            first = late.iloc[0]
            raise ConfigError(
                f"{task.election.name}: the poll '{first['poll_id']}' was published on "
                f"{first['published_on']:%Y-%m-%d %H:%M}, which has not come (it is "
                f"{now:%Y-%m-%d %H:%M}); correct its date in {task.election.folder}"
            )


def record_of(
    experiment: Experiment,
    tasks: Sequence[Task],
    *,
    frozen_at: str | None = None,
) -> dict[str, Any]:
    """The sealed record of what the predictors of an experiment say of tasks.

    Parameters
    ----------
    experiment : Experiment
        Where its `settings` name a file of weights, every slate of the file is sealed with its
        weight, in place of the one of the task.
    tasks : sequence of Task
    frozen_at : str, optional
        The moment that it states, UTC; that of the clock if left out. A rehearsal gives another.

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
            name: make_predictor(name, given) for name, given in experiment.predictors.items()
        }
        for task, slate in _with_slates(experiment, tasks):
            label = task.label if slate is None else f"{task.label}, slate {slate['slate']}"
            tables = task.assembled()
            votes[label] = _vote(task) | (slate or {})
            evidence[label] = evidence_sums(tables)
            forecasts[label] = {
                name: _said(name, predictor, task, tables, experiment.execution)
                for name, predictor in predictors.items()
            }
    return sealed(
        {
            "format": FORMAT,
            "frozen_at": frozen_at or datetime.now(UTC).isoformat(timespec="seconds"),
            "outcome_known": any(_is_known(task) for task in tasks),
            "votes": votes,
            "code": code_sums(experiment.predictors),
            "settings": asdict(experiment),
            "evidence": evidence,
            "forecasts": forecasts,
        }
    )


def _with_slates(
    experiment: Experiment, tasks: Sequence[Task]
) -> Iterator[tuple[Task, dict[str, Any] | None]]:
    """The tasks; under weights once for every slate that has one, and what is said of it."""
    path = experiment.settings.get("weights")
    for task in tasks:
        if not path:
            yield task, None
            continue
        where = Path(path).expanduser()
        asked = (task.election, task.round, task.as_of, task.poll_lag_days)
        for one in weighed_slates(where, *asked):
            if one.slate is not None:
                said = {"slate": one.slate.name, "weight": one.weight, "reason": one.reason}
                yield replace(task, slate=one.slate.candidates), said


def _said(
    name: str, predictor: Predictor, task: Task, evidence: Evidence, execution: Execution
) -> dict[str, Any]:
    rng = task.rng(predictor.level_of or name)
    said = ask_apart(predictor, evidence, rng, execution)
    if said.attempts or said.status == "failed":
        raise ConfigError(
            f"{name} cannot be frozen for {task.label}: "
            f"{'; '.join(said.attempts) or f'{said.status}: {said.message}'}; leave it out, "
            "or see python -m bench audit"
        )
    if said.forecast is None:
        return {"status": "abstained", "message": said.message}
    rows = forecast_rows(said.forecast, task.vote.n_advance)
    national = rows[rows["area"] == "national"].set_index("candidate")
    stated = said.forecast.chances
    return {
        "status": "ok",
        "sum": forecast_sum(rows),
        "share": _numbers(said.forecast.share),
        "quantiles": {level: kept for level in LEVELS if (kept := _numbers(national[level]))},
        "events": {one: kept for one in EVENTS if (kept := _numbers(national[f"p_{one}"]))},
        "stated": {} if stated is None else {str(e): _numbers(stated[e]) for e in stated},
        "draws": None if said.forecast.draws is None else packed(said.forecast.draws),
        **({"order_only": True} if said.forecast.order_only else {}),
    }


def _vote(task: Task) -> dict[str, Any]:
    """What a record says of a vote, so that it can be scored without the code of its day."""
    this = task.vote
    return {
        "election": task.election.name,
        "round": task.round,
        "as_of": task.as_of.isoformat(),
        "vote_on": this.vote_on.isoformat(),
        "possible_days": [one.isoformat() for one in this.possible_days],
        "n_advance": this.n_advance,
        "ballot": list(task.ballot),
        "is_supposed": task.slate is not None or task.pair is not None,
    }


def _numbers(values: pd.Series) -> dict[str, float]:
    return {str(who): round(float(value), 10) for who, value in values.dropna().items()}


def packed(draws: FloatArray) -> dict[str, Any]:
    """Draws [S, C] as text: at most `MAX_DRAWS` of them, evenly taken, in steps of 1/65535.

    Columns of NaN (candidates who are not named) are left out.

    Examples
    --------
    >>> kept = packed(np.array([[0.6, 0.4, np.nan], [0.5, 0.5, np.nan]]))
    >>> kept["columns"], unpacked(kept, 3).round(4).tolist()
    ([0, 1], [[0.6, 0.4, nan], [0.5, 0.5, nan]])
    """
    rows = np.linspace(0, len(draws) - 1, min(len(draws), MAX_DRAWS)).round().astype(int)
    columns = np.flatnonzero(np.isfinite(draws).all(axis=0))
    codes = np.round(draws[np.ix_(rows, columns)] * FULL).astype("<u2")
    text = base64.b64encode(zlib.compress(codes.tobytes(), 9)).decode("ascii")
    return {"of": len(draws), "n": len(rows), "columns": columns.tolist(), "zlib_base64_u2": text}


def unpacked(kept: Mapping[str, Any], n_candidates: int) -> FloatArray:
    """The draws that `packed` took, each with the sum that it had, up to rounding.

    Parameters
    ----------
    kept : mapping
        From `packed`.
    n_candidates : int
        C.

    Raises
    ------
    DataError
        If they are others, or more, than it says.
    """
    n, columns = int(kept["n"]), list(kept["columns"])
    if columns != sorted(set(columns) & set(range(n_candidates))):
        raise DataError(f"draws of columns {columns}; accepted: of 0 to {n_candidates - 1}, once")
    size = 2 * n * len(columns)  # bytes; never more are unpacked, whatever the text says
    content = base64.b64decode(kept["zlib_base64_u2"])
    codes = np.frombuffer(zlib.decompressobj().decompress(content, size + 2), "<u2")
    if 2 * len(codes) != size:
        raise DataError(f"draws are not the {n} of {len(columns)} candidates that it says")
    values = codes.reshape(n, -1) / FULL
    total = values.sum(axis=1, keepdims=True)
    # what rounding added or took from a whole ballot
    values = np.where(np.abs(total - 1) < len(kept["columns"]) / FULL, values / total, values)
    draws = np.full((len(values), n_candidates), np.nan)
    draws[:, kept["columns"]] = values
    return draws


def sealed_forecasts(record: Mapping[str, Any]) -> Iterator[tuple[str, str, Forecast]]:
    """The forecasts of a record, made of it alone: label of the vote, predictor, forecast.

    Raises
    ------
    DataError
        With both names: if what it says is no forecast of this ballot, or contradicts itself.
    """
    for label, answers in record["forecasts"].items():
        for name, said in answers.items():
            if said["status"] != "ok":
                continue
            try:
                forecast = _forecast_of(said, record["votes"][label])
            except (BenchError, LookupError, TypeError, ValueError, zlib.error) as error:
                raise DataError(f"{label}: {name}: {error}") from error
            yield label, name, forecast


def _forecast_of(said: Mapping[str, Any], vote: Mapping[str, Any]) -> Forecast:
    """What a record says of a method, if it is a forecast of this ballot and of one piece.

    What is published (quantiles, chances) is compared with what is scored (shares, draws, stated
    chances). `sum` cannot be: it is of more digits, and of areas, than a record keeps.
    """
    ballot = vote["ballot"]
    tables = [said["share"], *said["stated"].values()]
    published = {**said["quantiles"], **{f"p_{e}": t for e, t in said["events"].items()}}
    for table in (*tables, *published.values()):
        if strangers := table.keys() - set(ballot):
            raise DataError(f"it names '{min(strangers)}', who is not on the ballot")
    given = Forecast(
        share=pd.Series(said["share"], dtype=float).reindex(ballot),
        draws=None if said["draws"] is None else unpacked(said["draws"], len(ballot)),
        chances=pd.DataFrame(said["stated"]).reindex(ballot) if said["stated"] else None,
        order_only=bool(said.get("order_only", False)),
    )
    forecast = check_forecast(given, ballot)
    rows = forecast_rows(forecast, int(vote.get("n_advance") or vote["seats"]))
    rows = rows.set_index("candidate")
    drawn = None
    if forecast.draws is not None:
        named = forecast.share.notna().to_numpy()
        drawn = on_ballot(forecast.draws, named, np.ones(len(ballot), dtype=bool))
        apart = np.maximum(drawn.min(axis=0) - rows["share"], rows["share"] - drawn.max(axis=0))
        if apart.max() > OUTSIDE:
            raise DataError(f"the share of '{apart.idxmax()}' is outside its draws")
    for key, table in published.items():
        if key not in rows:
            raise DataError(f"'{key}' is no quantile or chance")
        number = pd.Series(table, dtype=float).reindex(ballot)
        if key in LEVELS and drawn is not None:
            # how much of the draws lies below and up to it, steps of rounding apart
            edges = [(drawn < number.to_numpy() + by).mean(axis=0) for by in (-1e-4, 1e-4)]
            apart = np.maximum(edges[0] - LEVELS[key], LEVELS[key] - edges[1])
            apart = pd.Series(apart, ballot).where(number.notna())
        else:
            apart = (number - rows[key].astype(float)).abs().where(number.notna())
            apart = apart.where(rows[key].notna() | number.isna(), np.inf)
        if apart.max() > SAMPLED:
            raise DataError(f"{key} of '{apart.idxmax()}' is not that of its draws or chances")
    return forecast


def public_line(record: Mapping[str, Any], label: str, predictor: str) -> str:
    """A sealed forecast in one line of plain text, to be published where its date can be seen.

    Parameters
    ----------
    record : mapping
        From `freeze` or `read_record`.
    label : str
        Of the vote.
    predictor : str
        Of whom.
    """
    words = leading(
        record["forecasts"][label][predictor], lambda chance: f"gets through {100 * chance:.0f}%"
    )
    return (
        f"election-bench seal {record[SEAL]}, {record['frozen_at']}: {label}, {predictor}: {words}"
    )


def leading(said: Mapping[str, Any], of_chance: Callable[[float], str]) -> str:
    """The largest shares of a sealed forecast in words, with chances of getting through.

    Parameters
    ----------
    said : mapping
        From a record, of a method that did not abstain.
    of_chance : callable
        A chance in words.
    """
    chances = said["events"].get("qualify", {})
    names = sorted(said["share"], key=lambda who: -said["share"][who])[:MAX_NAMED]
    return ", ".join(
        f"{who} {100 * said['share'][who]:.1f}%"
        + (f" ({of_chance(chances[who])})" if who in chances else "")
        for who in names
    )


def _is_known(task: Task) -> bool:
    if datetime.now() >= task.vote.known_at:
        return True
    try:
        return bool(task.outcome().share.notna().any())
    except DataError:
        return False


def check_record(path: Path) -> list[str]:
    """What has changed since a record was frozen, by name; empty if it can be made again.

    Raises
    ------
    DataError
        If the file was changed after it was sealed.
    """
    from omegaconf import OmegaConf

    record = read_record(path)
    merged = OmegaConf.merge(OmegaConf.structured(Experiment), record["settings"])
    experiment = OmegaConf.to_object(merged)
    assert isinstance(experiment, Experiment)
    return changes(record, record_of(experiment, tasks_of(experiment)))


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
        here = forecasts["election"].eq(task.election.name) & forecasts["round"].eq(task.round)
        rows = forecasts[here & forecasts["as_of"].eq(task.as_of)]
        now = {str(name): forecast_sum(part) for name, part in rows.groupby("predictor")}
        then = {name: said["sum"] for name, said in frozen.items() if said["status"] == "ok"}
        wrong = sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name))
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
    return {**rest, SEAL: hashlib.sha256(text.encode()).hexdigest()}


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
    facts_as(_Record, record, path)
    try:
        for _ in sealed_forecasts(record):
            pass
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    return record


def evidence_sums(evidence: Evidence) -> dict[str, str]:
    """SHA-256 of every table that predictors could read, by name."""
    return {name: _sum(frame) for name, frame in sorted(evidence.tables.items())}


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


def changes(frozen: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs between two records, by name; the time of freezing apart."""
    found = []
    for part in PARTS:
        before, after = _flat(frozen[part]), _flat(now[part])
        for key in sorted(before.keys() | after.keys()):
            if before.get(key) != after.get(key):
                found.append(f"{part}: {key} ({_how(before.get(key), after.get(key))})")
    return found


def _how(before: str | None, after: str | None) -> str:
    if before is None:
        return "new"
    if after is None:
        return "gone"
    return f"{before[:12]} → {after[:12]}"


def _flat(value: Any, name: str = "") -> dict[str, str]:
    if isinstance(value, Mapping) and value:
        parts = [_flat(v, f"{name}/{k}" if name else str(k)) for k, v in value.items()]
        return {key: text for part in parts for key, text in part.items()}
    return {name: str(value)}
