"""The look-ahead audit: whatever became public after the cut is poisoned; no forecast may move."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from bench.audit.conformance import same_forecast
from bench.audit.counterfactual import demand_same_tables, endings, require_same_evidence
from bench.audit.poison import KINDS, LABELS, poisoned, rows_after, undo_withdrawals
from bench.core import DataError, Forecast, Predictor
from bench.core.assurance import AUDITED, NONE, SHIPS, WALLED
from bench.core.registry import is_object, make_predictor, third_party
from bench.core.settings import Execution, Experiment
from bench.data.slates import slates_at
from bench.data.tables import Replacement, replaced
from bench.data.task import Task
from bench.metrics.score_forecast import forecast_rows
from bench.runner.attempt import Prediction
from bench.runner.process import ask_in_own_process, limits, protection, spec_of
from bench.runner.runner import tasks_of

CALM = ("passed", "abstains")
WORST_FIRST = ("leaks", "fails", *CALM)
# linear algebra on another number of threads moves last bits
LAST_BITS = 1e-9


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the audit found about one predictor and one task.

    Attributes
    ----------
    predictor, vote : str
    status : str
        ``passed``, ``leaks``, ``abstains`` (in every run alike) or ``fails`` (likewise).
    data_used_until : pandas.Timestamp or None
        The latest `published_on` among the tables that it read.
    findings : tuple of str
        Which poison moved its forecast, and how it differs from that of the run.
    message : str
        Why it abstains or fails.
    files_hidden : bool
        Whether the files that no method may see were hidden from it during the audit.
    """

    predictor: str
    vote: str
    status: str
    data_used_until: pd.Timestamp | None
    findings: tuple[str, ...]
    message: str
    files_hidden: bool

    @property
    def bars(self) -> str:
        """Why no table may rank the predictor; empty if it may."""
        if self.status == "fails":
            return f"the look-ahead audit got no answer: {self.message}"
        if self.status != "leaks":
            return ""
        first, *further = self.findings
        and_more = f", and {len(further)} more" if further else ""
        return f"the look-ahead audit found that it {first}{and_more}"


def audit(
    predictors: Mapping[str, Predictor],
    task: Task,
    *,
    forecasts: pd.DataFrame | None = None,
    execution: Execution | None = None,
) -> list[Verdict]:
    """Audit predictors on one task.

    Each is asked in another process (`bench.runner.process`), shipped or not: once, then once for
    every kind of poison. All answers must be equal to the last digit. Whoever behaves only while it
    is audited is found by what it said in a run, which must be the same too. An object whose class
    no other process can import is asked in this one, where the poison reaches what it looks up.

    Parameters
    ----------
    predictors : mapping of str to Predictor
        Ours or guests', by the name of their row.
    task : Task
        The question.
    forecasts : pandas.DataFrame, optional
        What a run holds: rows of `bench.metrics.score_forecast` with the `Task.key` and
        `predictor`; nothing is compared if left out.
    execution : Execution, optional
        Limits on time and memory of every answer; the defaults if left out.

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
    require_same_evidence(task)
    poison = poisons(task)
    demand_same_tables(task, poison, "the cut leaks")
    evidence = task.assembled()
    within = execution or Execution()
    is_walled = protection(within) != "process"
    verdicts: list[Verdict] = []

    def ask(name: str) -> Prediction:
        predictor = predictors[name]
        return ask_in_own_process(predictor, evidence, task.rng(predictor.level_of or name), within)

    with limits(within, str(task.election.folder)):
        for name, predictor in predictors.items():
            first = ask(name)
            findings: list[str] = []
            for words, replacement in poison.items() if first.status != "failed" else ():
                with replaced(replacement):
                    second = ask(name)
                findings += _moved(first, second, words, evidence.n_advance)
            if forecasts is not None:
                key = {"predictor": name, **task.key}
                in_run = forecasts[(forecasts[list(key)] == pd.Series(key)).all(axis=1)]
                findings += _other_in_run(in_run, first, evidence.n_advance)
            calm = {"ok": "passed", "abstained": "abstains"}.get(first.status, "fails")
            verdicts.append(
                Verdict(
                    predictor=name,
                    vote=task.label,
                    status="leaks" if findings else calm,
                    findings=tuple(findings),
                    data_used_until=first.data_used_until if first.forecast else None,
                    message=first.message,
                    files_hidden=is_walled and spec_of(predictor) is not None,
                )
            )
    return verdicts


def _moved(first: Prediction, second: Prediction, words: str, n_advance: int) -> list[str]:
    """What is wrong with an answer under poison that is not the first; empty if it is the same."""
    is_same_status = (first.status, first.message) == (second.status, second.message)
    if is_same_status and same_forecast(first.forecast, second.forecast):
        return []
    difference = second.message or _difference(
        _rows(first.forecast, n_advance), _rows(second.forecast, n_advance)
    )
    return [f"gives another forecast when {words} ({difference or 'last bits'})"]


def _other_in_run(in_run: pd.DataFrame, first: Prediction, n_advance: int) -> list[str]:
    """What is wrong with rows of a run that are not those of the audit; empty if nothing is."""
    if in_run.empty:
        return []
    difference = _difference(_rows(first.forecast, n_advance), in_run)
    if not difference:
        return []
    return [f"gives another forecast in a run than in the audit ({difference})"]


def _rows(forecast: Forecast | None, n_advance: int) -> pd.DataFrame:
    return pd.DataFrame() if forecast is None else forecast_rows(forecast, n_advance)


def _difference(first: pd.DataFrame, second: pd.DataFrame) -> str:
    """By how much the rows of two forecasts differ; empty where only in the last bits."""
    numbers = first.select_dtypes("number").columns.intersection(second.columns)
    a = first[numbers].to_numpy(float)
    b = second[numbers].to_numpy(float)
    is_comparable = a.shape == b.shape and a.size
    if not is_comparable or (np.isnan(a) != np.isnan(b)).any():
        return "of other candidates or areas, or of none"
    largest = float(np.nanmax(np.abs(a - b)))
    return "" if largest <= LAST_BITS else f"up to {100 * largest:.2g} points"


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
    question = (task.election, task.round, task.as_of, task.poll_lag_days)
    slates = slates_at(*question)
    for words, replacement in {**poisons(task), **endings(task)}.items():
        with replaced(replacement):
            if slates_at(*question) != slates:
                raise DataError(
                    f"the slates of {task.label} change when {words}; the fault lies in "
                    "bench/data/slates.py"
                )


def poisons(task: Task) -> dict[str, Replacement]:
    """Every kind of poison, by what it does in words."""
    return {f"later rows are {kind}": poison_for(task, kind) for kind in KINDS}


def poison_for(task: Task, kind: str) -> Replacement:
    """What an uncut table is replaced by: its late rows spoilt, all others as they are."""
    vote = task.vote
    # the people of what was compiled after the list of candidates were chosen by those who knew it
    listed_on = task.election.rounds[min(task.election.rounds)].listed_on
    owners = () if listed_on is not None and task.as_of < listed_on else task.include_embargoed
    rng = np.random.default_rng(KINDS.index(kind))

    def spoil(table: str, rows: pd.DataFrame) -> pd.DataFrame:
        if table == "ballots":
            late = rows["vote_on"] > task.as_of
            late &= (rows["election"] != task.election.name) | (rows["vote_on"] > vote.vote_on)
        else:
            late = rows_after(rows, task.as_of, include_embargoed=owners)
        rows = undo_withdrawals(rows, task.as_of)
        keep = [*LABELS, "vote_on"] if table == "ballots" else list(LABELS)
        # an owner's day decides whether the row is evidence
        keep += ["available_on", "source", "publisher"] if owners else []
        return poisoned(rows, late, kind, rng, keep=keep)

    return spoil


def verdicts_of(
    experiment: Experiment,
    tasks: Sequence[Task] | None = None,
    forecasts: pd.DataFrame | None = None,
) -> Iterator[Verdict]:
    """Verdicts, one vote after the other.

    Parameters
    ----------
    experiment : Experiment
        The settings.
    tasks : sequence of Task, optional
        Some of its tasks; all if left out.
    forecasts : pandas.DataFrame, optional
        What its run holds, as of `audit`.
    """
    with limits(experiment.execution, experiment.results, *experiment.elections):
        predictors = {
            name: make_predictor(name, settings) for name, settings in experiment.predictors.items()
        }
        for task in tasks_of(experiment) if tasks is None else tasks:
            yield from audit(predictors, task, forecasts=forecasts, execution=experiment.execution)


def excluded_by(verdicts: Sequence[Verdict], audited: bool | str = True) -> dict[str, str]:
    """Why predictors stand outside the ranking, by name.

    Parameters
    ----------
    verdicts : sequence of Verdict
        Of one run; who leaks on one vote is excluded on all.
    audited : bool or "required"
        The setting `audit`; ``"required"`` also bars whoever could not be audited whole.
    """
    reasons: dict[str, str] = {}
    for verdict in _worst_first(verdicts):
        reason = verdict.bars
        if audited == "required" and not (reason or verdict.files_hidden):
            reason = "audit=required, and nothing kept it from reading files (no bubblewrap)"
        if reason:
            reasons.setdefault(verdict.predictor, reason)
    return reasons


def verdict_table(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """One row per predictor and vote, for the folder of the run."""
    table = pd.DataFrame(
        list(verdicts), columns=[verdict_field.name for verdict_field in fields(Verdict)]
    )
    table["findings"] = table["findings"].map("; ".join)
    return table.rename(columns={"status": "verdict"})


def in_short(verdicts: Sequence[Verdict], guests: Collection[str]) -> dict[str, str]:
    """Predictor to its worst verdict, for the column of the headline table.

    Parameters
    ----------
    verdicts : sequence of Verdict
    guests : collection of str
        Those that do not ship: of them, ``passed_unhidden`` are who passed without a wall.
    """
    words = {}
    for verdict in reversed(_worst_first(verdicts)):
        is_open = verdict.predictor in guests and not verdict.files_hidden
        unhidden = is_open and verdict.status == "passed"
        words[verdict.predictor] = "passed_unhidden" if unhidden else verdict.status
    return words


def assurances(predictors: Mapping[str, Any], verdicts: pd.DataFrame | None) -> dict[str, str]:
    """What stood behind every predictor of a run: a word of `bench.core.assurance`.

    Parameters
    ----------
    predictors : mapping
        Settings by name.
    verdicts : pandas.DataFrame or None
        From `verdict_table`; None where nothing was audited.
    """
    words = dict.fromkeys(predictors, SHIPS)
    for name in third_party(predictors):
        words[name] = NONE
        if verdicts is None or is_object(name):  # the audit asks an object elsewhere than the run
            continue
        rows = verdicts[verdicts["predictor"].eq(name)]
        if len(rows) and rows["verdict"].isin(CALM).all():
            words[name] = WALLED if rows["files_hidden"].all() else AUDITED
    return words


def _worst_first(verdicts: Sequence[Verdict]) -> list[Verdict]:
    return sorted(verdicts, key=lambda verdict: WORST_FIRST.index(verdict.status))
