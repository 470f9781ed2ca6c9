"""The one door to predictors: the answer is checked, timed, isolated; and what it was based on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from bench.core.errors import Abstain
from bench.core.evidence import Evidence, EvidenceBatch, Read
from bench.core.predictor import Predictor
from bench.core.registry import load_predictor, make_predictor
from bench.core.settings import Execution, Experiment
from bench.data.task import Task
from bench.runner.attempt import Prediction, guarded, guarded_batch, once_per_table
from bench.runner.process import ask_in_own_process, is_remote
from bench.runner.results import Results

HERE = Execution()
WHOSE = ("source", "publisher", "quantity", "measure", "mode", "institute")
"""Columns by whose values most methods choose their rows."""
LESSONS = "past_"  # begins the names of tables about earlier votes
MOMENTS = ("published_on", "available_on", "corrected_on")


def predict(
    task: Task,
    predictor: Predictor,
    *,
    name: str = "",
    evidence: Evidence | None = None,
    rng: np.random.Generator | None = None,
    execution: Execution = HERE,
) -> Prediction:
    """Ask a predictor about a task, and keep whatever happens to itself.

    Parameters
    ----------
    task : Task
        What it is asked.
    predictor : Predictor
        The contestant; it gets copies of the tables that it needs and no others. What does not ship
        with the bench is asked in a process of its own, an object made in Python in this one.
    name : str
        Row of the tables, on which its random numbers depend; the name of its file if left out.
    evidence : Evidence, optional
        In place of that of the task.
    rng : numpy.random.Generator, optional
        In place of that which the task has for the name.
    execution : Execution
        The limits of processes.

    Returns
    -------
    Prediction
        Also where the predictor abstains or fails, in whatever way. A forecast knows its vote:
        that of the task, whatever the predictor wrote.

    Raises
    ------
    KeyboardInterrupt
        If somebody pressed Ctrl-C meanwhile.

    Examples
    --------
    >>> from bench.core.registry import make_predictor
    >>> task = Task("toy", 1, "2031-04-04T20:00")
    >>> predict(task, make_predictor("uniform", {})).forecast.share.tolist()[:2]
    [0.2, 0.2]
    """
    own_evidence = task.evidence() if evidence is None else evidence
    row_name = name or type(predictor).__module__.rpartition(".")[2]
    random = task.rng(predictor.level_of or row_name) if rng is None else rng
    if is_remote(predictor):
        done = ask_in_own_process(predictor, own_evidence, random, execution, keep=evidence is None)
    else:
        done = guarded(predictor, own_evidence, random)
    if done.forecast is None:
        return done
    of_task = replace(
        done.forecast, election=task.election.name, round=task.round, as_of=task.as_of
    )
    return replace(done, forecast=of_task)


def predict_named(
    experiment: Experiment, name: str, task: Task, evidence: Evidence | None = None
) -> Prediction:
    """Ask a predictor of an experiment, by the name of its row; all else as `predict`."""
    predictor = make_predictor(name, experiment.predictors[name])
    return predict(task, predictor, name=name, evidence=evidence, execution=experiment.execution)


def elasticity_of(predictor: Any, evidence: Evidence) -> dict[str, float]:
    """What a predictor learned, where it learns an elasticity: its value and standard error."""
    if not callable(getattr(predictor, "learned", None)):
        return {}
    try:
        learned = predictor.learned(evidence)
    except Abstain:
        return {}
    return {"elasticity": learned.value, "elasticity_se": learned.se}


def predict_batch(
    predictor: Predictor,
    batch: EvidenceBatch,
    rng: np.random.Generator,
    *,
    execution: Execution = HERE,
) -> Prediction:
    """Ask a predictor about many replicates of the evidence at once.

    One that reads no batch is asked once, about the tables that all replicates share.

    Parameters
    ----------
    predictor : Predictor
        The contestant; it gets copies of the arrays.
    batch : EvidenceBatch
        B replicates.
    rng : numpy.random.Generator
        For predictors that read no batch.
    execution : Execution
        As of `predict`.

    Returns
    -------
    Prediction
        With `shares` [B, C].
    """
    if is_remote(predictor):
        return ask_in_own_process(predictor, batch, rng, execution)
    return guarded_batch(predictor, batch, rng)


def results_with(
    tables: Mapping[str, pd.DataFrame],
    experiment: Experiment,
    name: str,
    task: Task,
    prediction: Prediction,
    further: Iterable[Prediction] = (),
) -> Results:
    """Tables about one predictor and task, with `methods`, `timings` and what failed.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        All others.
    experiment : Experiment
        With the settings of the predictor.
    name : str
        Of the predictor.
    task : Task
        What it was asked about.
    prediction : Prediction
        What became of it: the row of `methods`.
    further : iterable of Prediction
        What the predictor was asked too; its seconds count in the row of `timings`.
    """
    named = 0 if prediction.forecast is None else int(prediction.forecast.share.notna().sum())
    predictions = [prediction, *further]
    method = {
        "family": load_predictor(str(experiment.predictors[name].get("method", name))).family,
        "status": prediction.status,
        "named": named,
        "n_candidates": len(task.ballot),
        "data_used_until": prediction.data_used_until,
        "message": prediction.message,
    }
    seconds = {
        "wall_s": sum(answer.wall_s for answer in predictions),
        "cpu_s": sum(answer.cpu_s for answer in predictions),
    }
    always = {"methods": pd.DataFrame([method]), "timings": pd.DataFrame([seconds])}
    failures = {name: prediction.trace} if prediction.status == "failed" else {}
    return Results(tables={**always, **tables}, failures=failures)


def rows_read(evidence: Evidence, reads: Iterable[Read]) -> list[pd.DataFrame]:
    """Of whom and of which moments the rows are that a method read.

    Parameters
    ----------
    evidence : Evidence
        What the method was given.
    reads : iterable of Read
        What it read of it.

    Returns
    -------
    list of pandas.DataFrame
        One for each read of a table that says since when its rows were public.
    """
    rows = []
    for read in reads:
        table = evidence.tables[read.table]
        if "published_on" not in table:
            continue
        distinct = _distinct(table)
        columns = {column for column, _values in read.filters}
        rows.append(read.of(distinct if columns <= set(distinct) else table))
    return rows


def newest_row_on(evidence: Evidence, reads: Sequence[Read]) -> pd.Timestamp | None:
    """When the newest row that a method read could first be read; None if there is no such row.

    That is its publication or correction, and `available_on` for a row that only its owner had at
    the moment of the forecast. What earlier votes taught (tables ``past_…``) counts only where it
    read nothing else: it makes no forecast newer.

    Parameters
    ----------
    evidence : Evidence
        What the method was given.
    reads : sequence of Read
        What it read of it.
    """
    about_now = [read for read in reads if not read.table.startswith(LESSONS)]
    newest = _newest(rows_read(evidence, about_now), evidence.as_of)
    return _newest(rows_read(evidence, reads), evidence.as_of) if newest is None else newest


def _newest(parts: Iterable[pd.DataFrame], as_of: pd.Timestamp) -> pd.Timestamp | None:
    """Of some rows, those left out that came later."""
    latest = [np.empty(0, "datetime64[ns]")]
    for rows in parts:
        moments = rows["published_on"].to_numpy()
        is_later = moments > as_of.to_datetime64()
        if is_later.any():
            available = (
                rows["available_on"].to_numpy() if "available_on" in rows else np.datetime64("NaT")
            )
            moments = np.where(is_later, available, moments)
        latest.append(moments)
        if "corrected_on" in rows:
            latest.append(rows["corrected_on"].to_numpy())
    moments = np.concatenate(latest)
    moments = moments[~np.isnat(moments)]
    return pd.Timestamp(moments.max()) if len(moments) else None


def access(
    read: Iterable[pd.DataFrame], as_of: pd.Timestamp, include_embargoed: Collection[str]
) -> str:
    """``owner`` if a row that a method read was published after the moment, else ``public``.

    Such a row was let in because its source or publisher is one of `include_embargoed`: it
    existed then, and it was compiled or published later.

    Parameters
    ----------
    read : iterable of pandas.DataFrame
        From `rows_read`.
    as_of : pandas.Timestamp
        The moment.
    include_embargoed : collection of str
        As of the experiment.
    """
    for rows in read:
        owner = "publisher" if "publisher" in rows else "source"
        if include_embargoed and {owner, "available_on"} <= set(rows.columns):
            published = rows["published_on"].to_numpy()
            later = (published > as_of.to_datetime64()) & (
                rows["available_on"].to_numpy() < published
            )
            if later.any() and rows[owner][later].isin(list(include_embargoed)).any():
                return "owner"
    return "public"


@once_per_table
def _distinct(table: pd.DataFrame) -> pd.DataFrame:
    """Of whom and of which moments a table has rows, each once."""
    columns = [name for name in (*WHOSE, *MOMENTS) if name in table]
    return table[columns].drop_duplicates()
