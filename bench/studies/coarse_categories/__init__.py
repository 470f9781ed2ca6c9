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
from bench.data.evidence import LearnFrom, evidence_for
from bench.data.outcome import outcome_of
from bench.metrics.comparison.compare import compare
from bench.metrics.forecast_rows import forecast_rows
from bench.metrics.score_forecast import score_forecast
from bench.report.report import Report
from bench.runner.asked import ask, labelled, time_taken, what_became
from bench.runner.cell import Cell
from bench.runner.results import Results
from bench.studies.backtest.analysis import LongTables, plan
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
    parts = [_run_cell(experiment, cell) for cell in plan(experiment)]
    if not any(len(part.errors) for part in parts):
        reasons = {str(m) for part in parts for m in part.methods["message"]}
        raise ConfigError(f"no predictor said anything: {'; '.join(sorted(reasons))}")
    return LongTables(
        errors=pd.concat([part.errors for part in parts], ignore_index=True),
        forecasts=pd.concat([part.forecasts for part in parts], ignore_index=True),
        methods=pd.concat([part.methods for part in parts], ignore_index=True),
        timings=pd.concat([part.timings for part in parts], ignore_index=True),
    )


def publish(experiment: Experiment, results: LongTables, arguments: list[str]) -> Path:
    """Write the long tables and the comparison; print it with the time that each took."""
    elections = {cell.election.name: cell.election.folder for cell in plan(experiment)}
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


def categories_of(settings: Mapping[str, object], cell: Cell) -> Categories:
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


def _run_cell(experiment: Experiment, cell: Cell) -> LongTables:
    learn_from: LearnFrom = "earlier" if experiment.learn_from == "earlier" else "others"
    evidence = evidence_for(
        cell.election,
        cell.round,
        cell.as_of,
        learn_from=learn_from,
        owners_of=experiment.owners_of,
        poll_lag_days=experiment.poll_lag_days,
    )
    official = outcome_of(cell.election, cell.round)
    categories = categories_of(experiment.settings, cell)
    truth = categories.outcome(official.share)
    errors, forecasts, methods, timings = [], [], [], []
    for name in experiment.predictors:
        tried = ask(experiment, name, cell, evidence)
        methods.append(what_became(experiment, name, cell, tried))
        timings.append(time_taken(name, cell, tried))
        said = None if tried.forecast is None else categories.forecast(tried.forecast)
        if said is None:
            continue
        scored = score_forecast(said, truth, official.seats, ballots={"full": categories.names})
        label = {**cell.key, "predictor": name}
        errors.append(labelled(scored, label))
        forecasts.append(labelled(forecast_rows(said, official.seats), label))
    tables = [pd.concat(t, ignore_index=True) if t else pd.DataFrame() for t in (errors, forecasts)]
    return LongTables(
        errors=tables[0],
        forecasts=tables[1],
        methods=pd.DataFrame(methods),
        timings=pd.DataFrame(timings),
    )
