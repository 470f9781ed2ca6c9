"""Methods that know few candidates beside those that know all, scored on the same categories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
from bench.report.comparison import comparison_report
from bench.report.context import sources_of, title_of
from bench.report.report import Report
from bench.runner.asked import ask, labelled, time_taken, what_became
from bench.runner.cell import Cell
from bench.runner.results import Results
from bench.studies.backtest.analysis import plan
from bench.studies.base import Study, settings_of

OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of the study.

    Attributes
    ----------
    categories : mapping of str to list of str
        By election, the candidates who count alone; all others are one category, ``other``.
    """

    categories: Mapping[str, list[str]]

    def of(self, cell: Cell) -> Categories:
        """The categories of an election.

        Raises
        ------
        ConfigError
            If it has none, or one of them is not on the ballot.
        """
        election = cell.election.name
        if election not in self.categories:
            raise ConfigError(
                f"settings.categories has no '{election}'; list the candidates who count alone "
                "there"
            )
        ballot = cell.election.round(cell.round).candidates
        alone = tuple(str(name) for name in self.categories[election])
        for name in alone:
            if name not in ballot:
                raise ConfigError(
                    f"settings.categories.{election} names '{name}', who is not on the ballot "
                    f"({did_you_mean(name, ballot)})"
                )
        return Categories(alone=alone, ballot=ballot)


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
        alone = values[..., [self.ballot.index(name) for name in self.alone]]
        if OTHER not in self.names:
            return np.asarray(alone)
        rest = np.clip(1.0 - alone.sum(axis=-1, keepdims=True), 0.0, None)
        return np.concatenate([alone, rest], axis=-1)


def analyse(experiment: Experiment) -> Results:
    """Ask every predictor, and score it on the candidates named in the settings and the rest.

    Raises
    ------
    ConfigError
        If an election has no categories or one of them is not on the ballot; if nobody answers.
    """
    found = [one_task(experiment, cell) for cell in plan(experiment)]
    tables = {
        name: pd.concat([one.tables[name] for one in found], ignore_index=True)
        for name in ("errors", "forecasts", "methods", "timings")
    }
    methods = tables["methods"]
    if tables["errors"].empty:
        reasons = sorted(set(methods["message"].astype(str)))
        raise ConfigError(f"no predictor said anything: {'; '.join(reasons)}")
    compared = compare(
        tables["errors"], experiment.baseline, generator(experiment.seed, "comparisons")
    )
    failed = methods[methods["status"].eq("failed")]
    return Results(
        tables={
            **tables,
            "summary": compared.summary,
            "by_round": compared.by_round,
            "by_vote": compared.by_vote,
        },
        facts={"sentences": [*compared.sentences, *_silent(methods)]},
        failures=dict(zip(failed["predictor"], failed["trace"], strict=True)),
    )


def one_task(experiment: Experiment, cell: Cell) -> Results:
    """What every predictor says of one vote, on the categories."""
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
    categories = settings_of(Settings, experiment).of(cell)
    truth = categories.outcome(official.share)
    rows: dict[str, list[pd.DataFrame]] = {"errors": [], "forecasts": []}
    methods, timings = [], []
    for name in experiment.predictors:
        tried = ask(experiment, name, cell, evidence)
        methods.append(what_became(experiment, name, cell, tried))
        timings.append(time_taken(name, cell, tried))
        said = None if tried.forecast is None else categories.forecast(tried.forecast)
        if said is None:
            continue
        scored = score_forecast(said, truth, official.seats, ballots={"full": categories.names})
        label = {**cell.key, "predictor": name}
        rows["errors"].append(labelled(scored, label))
        rows["forecasts"].append(labelled(forecast_rows(said, official.seats), label))
    return Results(
        tables={
            **{key: pd.concat(some) if some else pd.DataFrame() for key, some in rows.items()},
            "methods": pd.DataFrame(methods),
            "timings": pd.DataFrame(timings),
        }
    )


def _silent(methods: pd.DataFrame) -> list[str]:
    """One sentence per predictor and reason, where it did not answer."""
    rows = methods[methods["status"] != "ok"]
    return list(dict.fromkeys(f"{r.predictor} {r.status}: {r.message}." for r in rows.itertuples()))


def report(experiment: Experiment, results: Results) -> Report:
    """The comparison on equal categories, in words, tables and figures."""
    return comparison_report(
        results.tables["summary"],
        results.tables["by_round"],
        results.tables["by_vote"],
        results.tables["methods"],
        results.facts["sentences"],
        title=title_of(experiment),
        source=sources_of(experiment.elections),
        timings=results.tables["timings"],
        kicker="Compared on equal categories of candidates",
    )


STUDY = Study(
    analyse=analyse,
    report=report,
    uses=frozenset(
        {
            "as_of",
            "baseline",
            "days_before",
            "learn_from",
            "n_draws",
            "owners_of",
            "poll_half_life_days",
            "poll_lag_days",
            "predictors",
            "rounds",
        }
    ),
    settings=Settings,
    long_tables={
        "errors": ("parquet", "csv"),
        "forecasts": ("parquet",),
        "methods": ("csv",),
        "timings": ("csv",),
    },
)
