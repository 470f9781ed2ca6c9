"""Methods that know few candidates beside those that know all, scored on the same categories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from bench.core import ConfigError, Forecast
from bench.core.errors import did_you_mean
from bench.core.predictor import generator
from bench.core.settings import Experiment
from bench.data.election import series_of
from bench.data.task import Task
from bench.metrics.comparison.compare import compare
from bench.metrics.score_forecast import forecast_rows, score_forecast
from bench.runner.prediction import predict_named, results_with
from bench.runner.results import Results
from bench.runner.runner import for_each_task, run_predictors, tasks_of
from bench.studies.base import settings_of

OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of the study.

    Attributes
    ----------
    categories : mapping of str to list of str
        By election, the candidates who count alone; all others are one category, ``other``. Where
        it is given, nothing else is distorted.
    """

    categories: Mapping[str, list[str]] = field(default_factory=dict)

    def of(self, task: Task) -> Categories:
        """The categories of an election.

        Raises
        ------
        ConfigError
            If it has none, or one of them is not on the ballot.
        """
        election = task.election.name
        if election not in self.categories:
            raise ConfigError(
                f"settings.categories has no '{election}'; list the candidates who count alone "
                "there"
            )
        ballot = task.ballot
        names = tuple(str(name) for name in self.categories[election])
        for name in names:
            if name not in ballot:
                raise ConfigError(
                    f"settings.categories.{election} names '{name}', who is not on the ballot "
                    f"({did_you_mean(name, ballot)})"
                )
        return Categories(alone=names, ballot=ballot)


@dataclass(frozen=True, kw_only=True)
class Categories:
    """Candidates who count alone, and the others as one."""

    alone: tuple[str, ...]
    ballot: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The categories in the order of merged shares."""
        return self.alone if set(self.alone) == set(self.ballot) else (*self.alone, OTHER)

    def forecast(self, forecast: Forecast) -> Forecast | None:
        """The forecast over the categories; None if it does not name all who count alone."""
        if forecast.share[list(self.alone)].isna().any():
            return None
        return Forecast(
            share=pd.Series(self._merged(forecast.share.to_numpy()), index=list(self.names)),
            draws=None if forecast.draws is None else self._merged(forecast.draws),
        )

    def outcome(self, share: pd.Series) -> pd.Series:
        """Official shares over the categories."""
        return pd.Series(self._merged(share.to_numpy()), index=list(self.names))

    def _merged(self, values: np.ndarray) -> np.ndarray:
        alone = values[..., [self.ballot.index(name) for name in self.alone]]
        if OTHER not in self.names:
            return np.asarray(alone)
        remainder = np.clip(1.0 - alone.sum(axis=-1, keepdims=True), 0.0, None)
        return np.concatenate([alone, remainder], axis=-1)


def of_categories(experiment: Experiment) -> Results:
    """Ask every predictor, and score it on the candidates named in the settings and the rest.

    Raises
    ------
    ConfigError
        If an election has no categories or one of them is not on the ballot; if nobody answers.
    """
    tasks = tasks_of(experiment)
    settings = settings_of(Settings, experiment)
    for task in tasks:
        settings.of(task)
    predicted = run_predictors(experiment, forecasts, tasks)
    methods = predicted.tables["methods"]
    if "errors" not in predicted.tables:
        reasons = sorted(set(methods["message"].astype(str)))
        raise ConfigError(f"no predictor said anything: {'; '.join(reasons)}")
    compared = compare(
        predicted.tables["errors"],
        experiment.baseline,
        generator(experiment.seed, "comparisons"),
        series_of(task.election for task in tasks),
    )
    return Results(
        tables={
            **predicted.tables,
            "summary": compared.summary,
            "by_round": compared.by_round,
            "by_vote": compared.by_vote,
        },
        facts={"comparison": compared.facts},
        failures=predicted.failures,
    )


@for_each_task
def forecasts(experiment: Experiment, name: str, task: Task) -> Results:
    """What one predictor says of one vote, scored on the categories."""
    official = task.outcome()
    categories = settings_of(Settings, experiment).of(task)
    prediction = predict_named(experiment, name, task)
    tables = {}
    forecast = prediction.forecast
    merged = None if forecast is None else categories.forecast(forecast)
    if merged is not None:
        truth = categories.outcome(official.share)
        ballots = {"all": categories.names}
        tables["errors"] = score_forecast(merged, truth, official.n_advance, ballots=ballots)
        tables["forecasts"] = forecast_rows(merged, official.n_advance)
    return results_with(tables, experiment, name, task, prediction)
