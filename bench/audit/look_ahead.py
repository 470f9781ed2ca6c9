"""The look-ahead audit: whatever became public after the cut is poisoned; no forecast may move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bench.audit.conformance import same_forecast
from bench.audit.counterfactual import KINDS as ENDINGS
from bench.audit.counterfactual import demand_the_same, differing, ended_otherwise
from bench.audit.poison import KINDS, LABELS, late_rows, poisoned, taken_back
from bench.audit.sandbox import Watched, watched
from bench.core import DataError, Evidence, Forecast, Predictor
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.data.slates import slates_at
from bench.data.tables import Replacement, replaced
from bench.data.task import Task
from bench.runner.runner import tasks_of

WORST_FIRST = ("leaks", "fails", "passed", "abstains")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the audit found about one predictor and one task.

    Attributes
    ----------
    predictor, vote : str
    status : str
        ``passed``, ``leaks``, ``abstains`` (in every run alike) or ``fails`` (likewise).
    findings : tuple of str
        What it reached for, and which poison moved its forecast.
    data_used_until : pandas.Timestamp or None
        The latest `published_on` among the tables that it read.
    message : str
        Why it abstains or fails.
    denied : bool
        Whether the kernel refused reads by compiled code during the audit.
    """

    predictor: str
    vote: str
    status: str
    findings: tuple[str, ...]
    data_used_until: pd.Timestamp | None
    message: str
    denied: bool


def audit(predictors: Mapping[str, Predictor], task: Task) -> list[Verdict]:
    """Audit predictors on one task.

    Each is asked in watched processes of its own: once with nothing denied, then once for every
    kind of poison with reads of the forbidden folders denied. All answers must be equal to the
    byte, and it must reach for no file of the datasets, no network and no other process.

    Parameters
    ----------
    predictors : mapping of str to Predictor
        Ours or guests', by the name of their row.
    task : Task
        The question.

    Returns
    -------
    list of Verdict
        In the order given.

    Raises
    ------
    DataError
        If the poison reaches the evidence itself: then the cut leaks, not a predictor. Or if the
        evidence would be another, had the vote ended otherwise.
    """
    demand_the_same(task)
    evidence = task.assembled()
    first = {
        name: watched(task, name, predictor, evidence) for name, predictor in predictors.items()
    }
    again: dict[str, dict[str, Watched]] = {name: {} for name in predictors}
    for kind in KINDS:
        with replaced(poison_for(task, kind)):
            spoilt = task.assembled()
            _refuse_leaky_cut(evidence, spoilt, kind)
            for name, predictor in predictors.items():
                again[name][kind] = watched(task, name, predictor, spoilt, deny=True)
    return [_verdict(name, task, first[name], again[name]) for name in predictors]


def demand_the_same_slates(task: Task) -> None:
    """Look up the slates of a moment again with later rows poisoned, and the vote ended otherwise.

    Parameters
    ----------
    task : Task
        Its election, round and moment.

    Raises
    ------
    DataError
        If the slates that polls had tested by then are others: what came later chose them.
    """
    asked = (task.election, task.round, task.as_of, task.poll_lag_days)
    known = slates_at(*asked)
    changed = [(f"later rows are {kind}", poison_for(task, kind)) for kind in KINDS]
    changed += [(f"votes are {kind}", ended_otherwise(task, kind)) for kind in ENDINGS]
    for words, replacement in changed:
        with replaced(replacement):
            if slates_at(*asked) != known:
                raise DataError(
                    f"the slates of {task.label} change when {words}; the fault lies in "
                    "bench/data/slates.py"
                )


def _verdict(name: str, task: Task, first: Watched, again: Mapping[str, Watched]) -> Verdict:
    reached = [words for one in (first, *again.values()) for words in one.attempts]
    moved = [_moved(first, one, kind) for kind, one in again.items() if not _same(first, one)]
    findings = (*dict.fromkeys(reached), *moved)
    calm = {"ok": "passed", "abstained": "abstains"}.get(first.prediction.status, "fails")
    return Verdict(
        predictor=name,
        vote=task.label,
        status="leaks" if findings else calm,
        findings=findings,
        data_used_until=first.prediction.data_used_until if first.prediction.forecast else None,
        message=first.prediction.message,
        denied=all(one.denied for one in again.values()),
    )


def poison_for(task: Task, kind: str) -> Replacement:
    """What an uncut table is replaced by: its late rows spoilt, all others as they are.

    Under ``learn_from: others`` the other elections are given whole, and left alone.
    """
    this = task.election.round(task.round)
    rng = np.random.default_rng(KINDS.index(kind))

    def spoil(table: str, rows: pd.DataFrame) -> pd.DataFrame:
        if table == "ballots":
            late = rows["vote_on"] > this.vote_on
        else:
            late = late_rows(rows, task.as_of, owners_of=task.owners_of)
        ours = rows["election"] == task.election.name
        if task.learn_from == "others":
            late &= ours
            rows = pd.concat([taken_back(rows[ours], task.as_of), rows[~ours]]).loc[rows.index]
        else:
            rows = taken_back(rows, task.as_of)
        keep = [*LABELS, "vote_on"] if table == "ballots" else list(LABELS)
        # an owner's day decides whether the row is evidence
        keep += ["held_on", "source", "publisher"] if task.owners_of else []
        return poisoned(rows, late, kind, rng, keep=keep)

    return spoil


def _refuse_leaky_cut(evidence: Evidence, spoilt: Evidence, kind: str) -> None:
    for table in differing(evidence, spoilt):
        raise DataError(
            f"the cut leaks: the table '{table}' of {evidence.election} round {evidence.round} as "
            f"of {evidence.as_of} changes when rows that were not public are {kind}; the fault "
            "lies in bench/data, not in a predictor"
        )


def _same(first: Watched, again: Watched) -> bool:
    one, other = first.prediction, again.prediction
    if one.forecast is None or other.forecast is None:
        return (one.status, one.message) == (other.status, other.message)
    return same_forecast(one.forecast, other.forecast)


def _moved(first: Watched, again: Watched, kind: str) -> str:
    one, other = first.prediction, again.prediction
    if one.forecast is not None and other.forecast is not None:
        return (
            f"another forecast when later rows are {kind} ({_apart(one.forecast, other.forecast)})"
        )
    return f"{other.status} when later rows are {kind} and files are out of reach: {other.message}"


def _apart(one: Forecast, other: Forecast) -> str:
    """By how much two forecasts differ: in shares, or else in the chances that they state."""
    shares = float((one.share - other.share).abs().max())
    if shares > 0 or one.chances is None or other.chances is None:
        return f"shares up to {100 * shares:.2g} points"
    chances = float(np.nanmax((one.chances - other.chances).abs().to_numpy(dtype=float)))
    return f"chances up to {100 * chances:.2g} points"


def verdicts_of(experiment: Experiment, tasks: Sequence[Task] | None = None) -> Iterator[Verdict]:
    """Verdicts, one vote after the other.

    Parameters
    ----------
    experiment : Experiment
        The settings.
    tasks : sequence of Task, optional
        Some of its tasks; all if left out.
    """
    predictors = {
        name: make_predictor(name, settings) for name, settings in experiment.predictors.items()
    }
    for task in tasks_of(experiment) if tasks is None else tasks:
        yield from audit(predictors, task)


def verdict_table(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """One row per predictor and vote, for the folder of the run."""
    return pd.DataFrame(
        {
            "predictor": [verdict.predictor for verdict in verdicts],
            "vote": [verdict.vote for verdict in verdicts],
            "verdict": [verdict.status for verdict in verdicts],
            "data_used_until": [verdict.data_used_until for verdict in verdicts],
            "findings": ["; ".join(verdict.findings) for verdict in verdicts],
            "message": [verdict.message for verdict in verdicts],
            "compiled_code_denied": [verdict.denied for verdict in verdicts],
        }
    )


def in_short(verdicts: Sequence[Verdict]) -> dict[str, str]:
    """Predictor to its worst verdict, for the column of the headline table."""
    found: dict[str, str] = {}
    for status in reversed(WORST_FIRST):
        found |= {v.predictor: status for v in verdicts if v.status == status}
    return found
