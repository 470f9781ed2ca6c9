"""Methods that know few candidates beside those that know all: this file holds that study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from bench.core import ConfigError, Forecast
from bench.core.errors import did_you_mean
from bench.core.seeds import generator
from bench.core.settings import Experiment
from bench.data.task import Task
from bench.metrics.comparison.compare import compare
from bench.metrics.forecast_rows import forecast_rows
from bench.metrics.score_forecast import score_forecast
from bench.report.report import Report
from bench.runner import (
    Part,
    Results,
    labelled,
    method_row,
    predict_named,
    run_predictors,
    stacked,
    task_of,
    tasks_of,
    timing_row,
)
from bench.studies.backtest.analysis import LongTables
from bench.studies.backtest.comparison import comparison_report
from bench.studies.backtest.context import sources_of
from bench.studies.backtest.publish import write_long_tables
from bench.studies.backtest.summary import print_summary, summary_tables
from bench.studies.published import publish_study

OTHER = "other"


def run_study(experiment: Experiment, arguments: list[str]) -> int:
    """Forecast, merge, score and publish; the exit status is 3 if a predictor failed."""
    results = results_of(experiment)
    publish(experiment, results, arguments)
    return 3 if (results.methods["status"] == "failed").any() else 0


def results_of(experiment: Experiment) -> LongTables:
    """Ask every predictor, and score it on the candidates named in the settings and the rest.

    ``settings.categories`` lists, by election, the candidates who count alone; all others are one
    category, ``other``.

    Raises
    ------
    ConfigError
        If an election has no categories or one of them is not on the ballot; if nobody answers.
    """
    tasks = tasks_of(experiment)
    for task in tasks:
        categories_of(experiment.settings, task)  # refuse before anything is asked
    found = run_predictors(experiment, one_forecast, tasks)
    errors, methods = stacked(found, "errors"), stacked(found, "methods")
    if errors.empty:
        raise ConfigError(
            f"no predictor said anything: {'; '.join(sorted(set(methods['message'])))}"
        )
    return LongTables(
        errors=errors,
        forecasts=stacked(found, "forecasts"),
        methods=methods,
        timings=stacked(found, "timings"),
    )


def publish(experiment: Experiment, results: LongTables, arguments: list[str]) -> Path:
    """Write the long tables and the comparison; print it with the time that each took."""
    elections = {cell.election.name: cell.election.folder for cell in tasks_of(experiment)}
    found = compare(results.errors, experiment.baseline, generator(experiment.seed, "comparisons"))
    sentences = [*found.sentences, *_silent(results.methods)]
    title = experiment.title or experiment.name
    print_summary(found.summary, found.by_round, sentences, title, timings=results.timings)
    kept = Results(
        tables={
            "summary": found.summary,
            "by_round": found.by_round,
            "by_vote": found.by_vote,
            "methods": results.methods.drop(columns="trace"),
        },
        facts={"sentences": sentences},
    )

    def long_tables(folder: Path) -> None:
        write_long_tables(folder, results)

    return publish_study(experiment, elections, arguments, kept, report_of, also=long_tables)


def report_of(experiment: Experiment, kept: Results) -> Report:
    """The comparison on equal categories, in words, tables and figures."""
    title = experiment.title or experiment.name
    summary, sentences = kept.tables["summary"], kept.facts["sentences"]
    tables = summary_tables(
        summary, kept.tables["by_round"], kept.tables["by_vote"], sentences, title
    )
    source = sources_of(experiment.elections)
    report = comparison_report(summary, kept.tables["methods"], tables, sentences, title, source)
    return replace(report, kicker="Compared on equal categories of candidates")


def _silent(methods: pd.DataFrame) -> list[str]:
    """One sentence per predictor and reason, where it did not answer."""
    rows = methods[methods["status"] != "ok"]
    return list(dict.fromkeys(f"{r.predictor} {r.status}: {r.message}." for r in rows.itertuples()))


@dataclass(frozen=True, kw_only=True)
class Categories:
    """Candidates who count alone, and the others as one."""

    alone: tuple[str, ...]
    ballot: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The categories in the order of merged shares."""
        return self.alone if set(self.alone) == set(self.ballot) else (*self.alone, OTHER)

    def forecast(self, said: Forecast) -> Forecast | None:
        """The forecast over the categories; None if it does not name all who count alone."""
        if said.share[list(self.alone)].isna().any():
            return None
        return Forecast(
            share=pd.Series(self._merged(said.share.to_numpy()), index=list(self.names)),
            draws=None if said.draws is None else self._merged(said.draws),
        )

    def outcome(self, share: pd.Series) -> pd.Series:
        """Official shares over the categories."""
        return pd.Series(self._merged(share.to_numpy()), index=list(self.names))

    def _merged(self, values: np.ndarray) -> np.ndarray:
        kept = values[..., [self.ballot.index(name) for name in self.alone]]
        if OTHER not in self.names:
            return np.asarray(kept)
        rest = np.clip(1.0 - kept.sum(axis=-1, keepdims=True), 0.0, None)
        return np.concatenate([kept, rest], axis=-1)


def categories_of(settings: Mapping[str, object], cell: Task) -> Categories:
    """The categories that the settings give an election."""
    given = settings.get("categories")
    election = cell.election.name
    if not isinstance(given, Mapping) or election not in given:
        raise ConfigError(
            f"settings.categories has no '{election}'; list the candidates who count alone there"
        )
    ballot = cell.election.round(cell.round).candidates
    alone = tuple(str(name) for name in given[election])
    for name in alone:
        if name not in ballot:
            raise ConfigError(
                f"settings.categories.{election} names '{name}', who is not on the ballot "
                f"({did_you_mean(name, ballot)})"
            )
    return Categories(alone=alone, ballot=ballot)


def one_forecast(experiment: Experiment, part: Part) -> Results:
    """What one predictor says about one task, scored on the categories."""
    task, name = task_of(experiment, part), str(part["predictor"])
    official = task.outcome()
    categories = categories_of(experiment.settings, task)
    prediction = predict_named(experiment, name, task)
    tables = {
        "methods": pd.DataFrame([method_row(experiment, name, task, prediction)]),
        "timings": pd.DataFrame([timing_row(name, task, prediction)]),
    }
    given = prediction.forecast
    said = None if given is None else categories.forecast(given)
    if said is not None:
        truth = categories.outcome(official.share)
        scored = score_forecast(said, truth, official.seats, ballots={"full": categories.names})
        label = {**task.key, "predictor": name}
        tables["errors"] = labelled(scored, label)
        tables["forecasts"] = labelled(forecast_rows(said, official.seats), label)
    failures = {name: prediction.trace} if prediction.status == "failed" else {}
    return Results(tables=tables, failures=failures)
