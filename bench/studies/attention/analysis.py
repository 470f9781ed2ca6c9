"""What attention adds to the polls on which it is calibrated, day of calibration by day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from bench.core import DataError
from bench.core.errors import ConfigError, did_you_mean
from bench.core.registry import load_predictor, make_predictor
from bench.core.settings import Experiment
from bench.data.task import Task, polled
from bench.metrics.comparison.significance import mean_interval
from bench.metrics.comparison.tests import has_interval
from bench.metrics.ensemble import crps
from bench.runner.prediction import elasticity_of, predict
from bench.runner.results import Results, stacked
from bench.runner.runner import Part, run, task_of, tasks_where_held
from bench.studies.base import settings_of

COUNT = ["election", "round", "source", "measure"]
SCORES = ["mae_pp", "mae_polled_10_pp", "crps_pp", "n_measured", "elasticity", "elasticity_se"]
TEN_PERCENT = 0.1


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of the study.

    Attributes
    ----------
    counts : mapping of str to list of str
        By source, the measures of the table `buzz` that are asked about, wherever an election has
        them.
    calibrated_days : tuple of int
        Days before the vote on which predictors with a setting of that name are calibrated; all
        are shown.
    main_day : int
        The one that counts, fixed before any error was seen.
    beside : mapping of str to str
        Predictors that read other polls than the baseline, each with the predictor that leaves
        those as they are.
    hindsight : tuple of str
        Sources compiled after the vote, read as if they had been public; they stand apart.
    """

    counts: Mapping[str, list[str]]
    calibrated_days: tuple[int, ...]
    main_day: int
    hindsight: tuple[str, ...] = ()
    beside: Mapping[str, str] = field(default_factory=dict)

    def check(self, experiment: Experiment) -> None:
        """Refuse a main day that is not among the days, and polls that no predictor gives.

        Raises
        ------
        ConfigError
        """
        if self.main_day not in self.calibrated_days:
            raise ConfigError(
                f"settings.main_day is {self.main_day}; accepted: one of calibrated_days "
                f"({', '.join(map(str, self.calibrated_days))})"
            )
        polls = {"baseline": experiment.baseline}
        polls |= {f"settings.beside.{name}": without for name, without in self.beside.items()}
        for setting, name in polls.items():
            if name not in experiment.predictors:
                raise ConfigError(
                    f"{setting} is '{name}', which is not a predictor of the experiment "
                    f"({did_you_mean(name, experiment.predictors)})"
                )


def analyse(experiment: Experiment) -> Results:
    """Ask every predictor about every vote that has one of the counts, on every day.

    Returns
    -------
    Results
        Tables `errors` (one row per vote, count, predictor and day of calibration: mean absolute
        error in points over the candidates whom the count names, and over those of them who are
        polled at 10 % or more; elasticity and its standard error; whether it is hindsight; or why
        there is no answer) and `summary` (per predictor, on the main day, beside its polls).

    Raises
    ------
    ConfigError
        If a setting names what the experiment has not.
    DataError
        If no election has any of the counts, or nobody answers.
    """
    settings = settings_of(Settings, experiment)
    settings.check(experiment)
    tasks = tasks_where_held(experiment)
    parts = [
        {"predictor": name, "task": task.part, "source": source, "measure": measure}
        for task in tasks
        for source, measure in _counts(settings, task)
        for name in experiment.predictors
    ]
    if not parts:
        raise DataError(
            f"{', '.join(experiment.elections)} has no count of settings.counts, which are of "
            f"{', '.join(settings.counts)}"
        )
    folders = {folder: None for task in tasks for folder in task.folders}
    results = run(experiment, one_count, parts, tuple(folders), label="counts")
    errors = stacked(results, "errors")
    if errors["mae_pp"].isna().all():
        raise DataError(f"no predictor answers: {'; '.join(sorted(set(errors['message'])))}")
    failures = {name: text for result in results for name, text in result.failures.items()}
    tables = {"errors": errors, "summary": summary(errors, settings, experiment.baseline)}
    return Results(tables=tables, failures=failures)


def one_count(experiment: Experiment, part: Part) -> Results:
    """What one predictor makes of one count of one vote, on every day of calibration."""
    settings = settings_of(Settings, experiment)
    task = _task(settings, task_of(experiment, part["task"]), str(part["source"]))
    name = str(part["predictor"])
    rows, failures = [], {}
    for own_settings, day in _settings_by_day(experiment, settings, part):
        predictor = make_predictor(name, own_settings)
        prediction = predict(task, predictor, name=name, execution=experiment.execution)
        row = {
            **{key: task.key[key] for key in ("election", "round")},
            "source": part["source"],
            "measure": part["measure"],
            "predictor": name,
            "calibrated_days": day,
            "reads_count": "source" in own_settings or name == experiment.baseline,
            "hindsight": bool(task.hindsight_of),
            "message": "" if prediction.forecast is not None else prediction.message,
            **dict.fromkeys(SCORES, np.nan),
        }
        if prediction.status == "failed":
            failures[name] = prediction.trace or prediction.message
        if prediction.forecast is not None:
            row |= _scores(task, prediction.forecast, str(part["source"]), str(part["measure"]))
        rows.append(row | elasticity_of(predictor, task.evidence()))
    return Results(tables={"errors": pd.DataFrame(rows)}, failures=failures)


def summary(errors: pd.DataFrame, settings: Settings, baseline: str) -> pd.DataFrame:
    """Predictors compared with the polls that they read, on the same votes and counts, main day.

    Those polls are the baseline, or what `beside` says; of a predictor that reads none, the
    baseline. Counts of one vote are averaged first, then the votes of an election: elections are
    what there are few of. Fewer than six give a mean and no interval.

    Returns
    -------
    pandas.DataFrame
        Columns predictor, hindsight, elections, counts, mae_pp, reference_pp, difference_pp, low,
        high (95 %, Student), better (elections in which it erred less).
    """
    main = errors[
        errors["calibrated_days"].isna() | errors["calibrated_days"].eq(settings.main_day)
    ].dropna(subset="mae_pp")
    rows = []
    order = {name: place for place, name in enumerate(errors["predictor"].unique())}
    groups = main.groupby(["predictor", "hindsight"])
    for (name, is_late), answers in sorted(groups, key=lambda group: order[group[0][0]]):
        polls = settings.beside.get(str(name), baseline)
        unmoved = main[main["predictor"].eq(polls)].set_index(COUNT)["mae_pp"]
        unmoved = unmoved.rename("reference_pp")
        pair = answers.set_index(COUNT)[["mae_pp"]].join(unmoved, how="inner")
        by_vote = pair.groupby(["election", "round"]).mean()
        by_election = by_vote.groupby("election").mean()
        difference = by_election["mae_pp"] - by_election["reference_pp"]
        low = high = np.nan
        if has_interval(np.eye(len(difference))) and name != baseline:
            low, high = (float(bound[0]) for bound in mean_interval(difference.to_numpy()[:, None]))
        rows.append(
            {
                "predictor": name,
                "hindsight": bool(is_late),
                "elections": len(difference),
                "counts": len(pair),
                "mae_pp": by_election["mae_pp"].mean(),
                "reference_pp": by_election["reference_pp"].mean(),
                "difference_pp": difference.mean(),
                "low": low,
                "high": high,
                "better": int((difference < 0).sum()),
            }
        )
    return pd.DataFrame(rows)


def _counts(settings: Settings, task: Task) -> Iterator[tuple[str, str]]:
    for source, measures in settings.counts.items():
        buzz = _task(settings, task, source).evidence()["buzz"]
        counted = set(buzz.loc[buzz["source"].eq(source), "measure"])
        yield from ((source, measure) for measure in measures if measure in counted)


def _task(settings: Settings, task: Task, source: str) -> Task:
    if source not in settings.hindsight:
        return task
    return replace(task, hindsight_of=(source,))


def _settings_by_day(
    experiment: Experiment, settings: Settings, part: Part
) -> Iterator[tuple[dict[str, Any], float]]:
    """The settings of the predictor for this count: once, or on every day of calibration."""
    own_settings = dict(experiment.predictors[part["predictor"]])
    method = load_predictor(str(own_settings.get("method", part["predictor"])))
    names = {setting.name for setting in fields(method)}
    own_settings |= {key: part[key] for key in ("source", "measure") if key in names}
    starts_with_polls = own_settings.get("start", "polls") == "polls"
    if own_settings.get("calibrated_days") is None or not starts_with_polls:
        yield own_settings, np.nan
        return
    for day in settings.calibrated_days:
        yield own_settings | {"calibrated_days": day}, float(day)


def _scores(task: Task, forecast: Any, source: str, measure: str) -> dict[str, float]:
    evidence = task.evidence()
    buzz = evidence["buzz"]
    count = buzz[buzz["source"].eq(source) & buzz["measure"].eq(measure)]
    measured = [name for name in task.ballot if name in set(count["candidate"])]
    share = polled(evidence["polls"])
    large = [name for name in measured if share.get(name, 0.0) >= TEN_PERCENT]
    return {
        "mae_pp": _mae_pp(task, forecast, measured),
        "mae_polled_10_pp": _mae_pp(task, forecast, large),
        "crps_pp": _crps_pp(task, forecast, measured),
        "n_measured": len(measured),
    }


def _mae_pp(task: Task, forecast: Any, names: list[str]) -> float:
    """Mean absolute error over some candidates, both sides divided by their sums; NaN if one of
    them is not named or there are fewer than two."""
    share = forecast.share.reindex(names)
    if len(names) < 2 or share.isna().any():
        return np.nan
    outcome = task.outcome().share[names]
    error = share / share.sum() - outcome / outcome.sum()
    return float(100 * error.abs().mean())


def _crps_pp(task: Task, forecast: Any, names: list[str]) -> float:
    """Mean CRPS over the same candidates, of draws divided by their sums."""
    if forecast.draws is None or len(names) < 2:
        return np.nan
    draws = forecast.draws[:, forecast.share.index.get_indexer(names)]
    draws = draws / draws.sum(axis=1, keepdims=True)
    outcome = task.outcome().share[names].to_numpy()
    return float(100 * crps(draws, outcome / outcome.sum()).mean())
