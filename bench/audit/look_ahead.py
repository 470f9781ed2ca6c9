"""The look-ahead audit: whatever became public after the cut is poisoned; no forecast may move."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd

from bench.audit.conformance import same_forecast
from bench.audit.counterfactual import KINDS as ENDINGS
from bench.audit.counterfactual import counterfactual_result, differing, require_same_evidence
from bench.audit.poison import KINDS, LABELS, poisoned, rows_after, undo_withdrawals
from bench.core import DataError, Evidence, Forecast, Predictor, paths
from bench.core.registry import make_predictor
from bench.core.settings import Execution, Experiment
from bench.data.slates import slates_at
from bench.data.tables import Replacement, replaced
from bench.data.task import Task
from bench.metrics.score_forecast import forecast_rows
from bench.runner.attempt import Prediction
from bench.runner.process import ask_apart, limits, protection, spec_of
from bench.runner.runner import tasks_of

WORST_FIRST = ("leaks", "fails", "passed", "abstains")
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
        What it reached for, and which poison moved its forecast.
    message : str
        Why it abstains or fails.
    denied : bool
        Whether compiled code could read no file that is hidden during the audit.
    """

    predictor: str
    vote: str
    status: str
    data_used_until: pd.Timestamp | None
    findings: tuple[str, ...]
    message: str
    denied: bool

    @property
    def bars(self) -> str:
        """Why no table may rank the predictor; empty if it may."""
        if self.status == "fails":
            return f"the look-ahead audit got no answer: {self.message}"
        if self.status != "leaks":
            return ""
        first, *more = self.findings
        and_more = f", and {len(more)} more" if more else ""
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
    every kind of poison. All answers must be equal to the byte, and it must reach for no file of
    the datasets, no network and no other process. Whoever behaves only while it is audited is found
    by what it said in a run, which must be the same too. An object whose class no other process can
    import is asked in this one, where nothing but the poison shows what it reaches for.

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
    evidence, within = task.assembled(), execution or Execution()

    def ask(name: str, given: Evidence) -> Prediction:
        predictor = predictors[name]
        return ask_apart(predictor, given, task.rng(predictor.level_of or name), within)

    poison = {kind: poison_for(task, kind) for kind in KINDS}
    spoilt = {}
    for kind, replacement in poison.items():
        with replaced(replacement):
            spoilt[kind] = task.assembled()
        if changed := differing(evidence, spoilt[kind]):
            raise DataError(
                f"the cut leaks: the table '{changed[0]}' of {evidence.election} round "
                f"{evidence.round} as of {evidence.as_of} changes when rows that were not "
                f"public are {kind}; the fault lies in bench/data, not in a predictor"
            )
    first: dict[str, Prediction] = {}
    again: dict[str, dict[str, Prediction]] = {name: {} for name in predictors}
    with limits(within, str(task.election.folder)):
        for name in predictors:
            first[name] = ask(name, evidence)
            for kind, replacement in poison.items() if first[name].status != "failed" else ():
                with replaced(replacement):
                    again[name][kind] = ask(name, spoilt[kind])
    is_whole = protection(within) != "process"
    return [
        _verdict(
            name,
            task,
            first[name],
            again[name],
            forecasts,
            denied=is_whole and spec_of(predictor) is not None,
        )
        for name, predictor in predictors.items()
    ]


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
    changed += [(f"votes are {kind}", counterfactual_result(task, kind)) for kind in ENDINGS]
    for words, replacement in changed:
        with replaced(replacement):
            if slates_at(*asked) != known:
                raise DataError(
                    f"the slates of {task.label} change when {words}; the fault lies in "
                    "bench/data/slates.py"
                )


def _verdict(
    name: str,
    task: Task,
    first: Prediction,
    again: Mapping[str, Prediction],
    forecasts: pd.DataFrame | None,
    *,
    denied: bool,
) -> Verdict:
    found = [_at_home(words) for one in (first, *again.values()) for words in one.attempts]
    found += [_moved(first, one, kind) for kind, one in again.items()]
    found += [] if forecasts is None else [_unlike(task, name, forecasts, first.forecast)]
    findings = tuple(dict.fromkeys(filter(None, found)))
    calm = {"ok": "passed", "abstained": "abstains"}.get(first.status, "fails")
    return Verdict(
        predictor=name,
        vote=task.label,
        status="leaks" if findings else calm,
        findings=findings,
        data_used_until=first.data_used_until if first.forecast else None,
        message=first.message,
        denied=denied,
    )


def _at_home(words: str) -> str:
    """Words in which no folder of this machine stands: tables and pages are published."""
    for place, name in ((paths.datasets().parent, ""), (Path.cwd(), ""), (Path.home(), "~/")):
        words = words.replace(f"{place}{os.sep}", name)
    return words


def _unlike(task: Task, name: str, forecasts: pd.DataFrame, audited: Forecast | None) -> str:
    """How the answer in a run differs from that in the audit; empty where it does not."""
    key = {"predictor": name, **task.key}
    in_run = forecasts[(forecasts[list(key)] == pd.Series(key)).all(axis=1)]
    if in_run.empty:
        return ""
    if audited is None:
        return "answers in a run or in the audit alone"
    rows = forecast_rows(audited, task.evidence().n_advance)
    numbers = rows.select_dtypes("number").columns
    one, other = rows[numbers].to_numpy(float), in_run[numbers].to_numpy(float)
    if one.shape != other.shape or (np.isnan(one) != np.isnan(other)).any():
        return "gives another forecast in a run than in the audit (of other candidates or areas)"
    apart = float(np.nanmax(np.abs(one - other)))
    if apart <= LAST_BITS:
        return ""
    return f"gives another forecast in a run than in the audit (up to {100 * apart:.2g} points)"


def poison_for(task: Task, kind: str) -> Replacement:
    """What an uncut table is replaced by: its late rows spoilt, all others as they are."""
    this = task.vote
    # the people of what was compiled after the list of candidates were chosen by those who knew it
    listed_on = task.election.rounds[min(task.election.rounds)].listed_on
    owners = () if listed_on is not None and task.as_of < listed_on else task.include_embargoed
    rng = np.random.default_rng(KINDS.index(kind))

    def spoil(table: str, rows: pd.DataFrame) -> pd.DataFrame:
        if table == "ballots":
            late = rows["vote_on"] > task.as_of
            late &= (rows["election"] != task.election.name) | (rows["vote_on"] > this.vote_on)
        else:
            late = rows_after(rows, task.as_of, include_embargoed=owners)
        rows = undo_withdrawals(rows, task.as_of)
        keep = [*LABELS, "vote_on"] if table == "ballots" else list(LABELS)
        # an owner's day decides whether the row is evidence
        keep += ["available_on", "source", "publisher"] if owners else []
        return poisoned(rows, late, kind, rng, keep=keep)

    return spoil


def _moved(one: Prediction, other: Prediction, kind: str) -> str:
    """How an answer differs where later rows are poisoned; empty where it does not."""
    if one.forecast is None or other.forecast is None:
        if (one.status, one.message) == (other.status, other.message):
            return ""
        became = {"failed": "fails", "abstained": "abstains"}.get(other.status, "answers")
        return f"{became} when later rows are {kind}: {other.message}"
    if same_forecast(one.forecast, other.forecast):
        return ""
    by = _apart(one.forecast, other.forecast)
    return f"gives another forecast when later rows are {kind} ({by})"


def _apart(one: Forecast, other: Forecast) -> str:
    """By how much two forecasts differ: in shares, or else in the chances that they state."""
    shares = float((one.share - other.share).abs().max())
    if shares > 0 or one.chances is None or other.chances is None:
        return f"shares up to {100 * shares:.2g} points"
    chances = float(np.nanmax((one.chances - other.chances).abs().to_numpy(dtype=float)))
    return f"chances up to {100 * chances:.2g} points"


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
    found: dict[str, str] = {}
    for verdict in sorted(verdicts, key=lambda one: WORST_FIRST.index(one.status)):
        why = verdict.bars
        if audited == "required" and not (why or verdict.denied):
            why = "audit=required, and only Python kept it from reading files (no bubblewrap)"
        if why:
            found.setdefault(verdict.predictor, why)
    return found


def verdict_table(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """One row per predictor and vote, for the folder of the run."""
    table = pd.DataFrame(list(verdicts), columns=[one.name for one in fields(Verdict)])
    table["findings"] = table["findings"].map("; ".join)
    return table.rename(columns={"status": "verdict", "denied": "compiled_code_denied"})


def in_short(verdicts: Sequence[Verdict]) -> dict[str, str]:
    """Predictor to its worst verdict, for the column of the headline table."""
    found: dict[str, str] = {}
    for status in reversed(WORST_FIRST):
        found |= {v.predictor: status for v in verdicts if v.status == status}
    return found
