"""What a notebook calls: the functions of `bench`, on the settings that the command line knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.core import Abstain, Evidence, Forecast, ForecastError, Predictor, paths
from bench.core.compose import GROUPS, as_typed, compose, predictor_settings
from bench.core.errors import ConfigError, slug
from bench.core.forecast import check_forecast
from bench.core.options import label, listed_predictors, method_of
from bench.core.registry import load_predictor, make_predictor, use_objects
from bench.core.settings import Execution
from bench.data.collection import collection_folders, load_collection
from bench.data.election import load_election
from bench.data.election_folder import folder_names
from bench.data.tables import Outcome
from bench.data.task import Task, refuse_known
from bench.metrics.registry import metrics
from bench.metrics.score_forecast import score_forecast
from bench.runner.prediction import predict
from bench.runner.process import limits
from bench.runner.runner import one_thread
from bench.studies.run import Run, execute

FORECAST = "2027_r1"
"""The experiment whose methods a forecast of any election asks."""


def run(
    experiment: str, *overrides: str, results: str | Path | None = None, **settings: Any
) -> Run:
    """Run an experiment.

    Parameters
    ----------
    experiment : str
        A name that `python -m bench list experiments` prints.
    overrides : str
        As on the command line: ``"predictors.quota_poll.half_life_days=3"``.
    results : path, optional
        Where to write the folder of the run and the cache; nothing is written if left out.
    settings
        The keys of the YAML files: ``predictor=["last_poll"]``, ``as_of=["2017-04-01 20:00"]``,
        ``elections=["toy"]``, ``predictors={"quota_poll": {"half_life_days": 3}}``,
        ``execution="loky"``. A predictor of your own may stand there as an object,
        ``predictor=[MyPredictor(days=3), "last_poll"]`` (its name is then ``my_predictor``),
        ``predictor=MyPredictor(days=3)`` or ``predictors={"mine": MyPredictor(days=3)}``: it runs
        in this process, where nothing keeps it from anything, and the run says so.

    Returns
    -------
    Run
        Tables, figures and findings; shown in a notebook as its headline table.

    Raises
    ------
    ConfigError
        If a name, a key or a value cannot be used, in the words of the command line.
    DataError
        If evidence is missing or damaged, or no predictor gives a forecast.

    Examples
    --------
    >>> found = run("quickstart", predictor=["last_poll", "uniform"], baseline="uniform")
    >>> found.headline["predictor"].tolist()
    ['last_poll', 'uniform']
    """
    for override in overrides:
        if override.partition("=")[0].lstrip("+") == "results":
            raise ConfigError(f"'{override}' writes a folder; accepted in Python: results=FOLDER")
    settings, own = _objects_in(settings)
    typed = [*overrides, *(_override(key, value) for key, value in _flat(settings))]
    written = "" if results is None else str(results)
    if results is not None and not written:
        raise ConfigError("results is empty; accepted: a folder, or None to write nothing")
    arguments = as_typed([f"+experiment={experiment}", *typed, _override("results", written)])
    composed = compose(*arguments)
    if own and composed.execution.engine != "serial":
        raise ConfigError(
            f"execution.engine is {composed.execution.engine}, and predictors made in Python "
            f'({", ".join(own)}) run in this process alone; choose execution="serial"'
        )
    composed.predictors |= {name: {} for name in own}
    with use_objects(own):
        done = execute(composed)
        return done if results is None else done.save(results, arguments)


def elections() -> pd.DataFrame:
    """Every vote that ships, also those of collections.

    Returns
    -------
    pandas.DataFrame
        One row per election and round: `election` (the name by which it is loaded), `round`,
        `title`, `country`, `kind`, `vote_on`, `poll_questions` (a poll may ask about several
        ballots).

    Examples
    --------
    >>> elections().query("election == 'fr2017'")["vote_on"].astype(str).tolist()
    ['2017-04-23', '2017-05-07']
    """
    columns = ["election", "round", "title", "country", "kind", "vote_on"]
    votes, polls = [], []
    for name in folder_names():
        own = load_election(name)
        about = own.title, own.country, own.kind
        votes += [(name, number, *about, vote.vote_on) for number, vote in own.rounds.items()]
        polls.append(own.polls)
    for folder in collection_folders(paths.datasets()):
        collection = load_collection(folder)
        votes += collection.elections[columns].itertuples(index=False, name=None)
        polls.append(collection.table("polls"))
    questions = pd.concat(polls).groupby(["election", "round"])["poll_id"].nunique()
    n_questions = [questions.get(vote[:2], 0) for vote in votes]
    return pd.DataFrame(votes, columns=columns).assign(poll_questions=n_questions)


def predictors() -> pd.DataFrame:
    """Every method that ships or comes with an installed package.

    Returns
    -------
    pandas.DataFrame
        One row per method: `predictor` (the name by which it is asked), `label`, `family` (its
        kind of evidence), `reads` (tables of evidence).

    Raises
    ------
    ConfigError
        If one of an installed package cannot be loaded.

    Examples
    --------
    >>> predictors().query("reads == ''").values.tolist()
    [['uniform', 'Uniform', 'baselines', '']]
    """
    rows = []
    for name in listed_predictors():
        kind = load_predictor(method_of("predictor", name))
        row = {
            "predictor": name,
            "label": label("predictor", name),
            "family": kind.family,
            "reads": ", ".join(sorted(kind.needs)),
        }
        rows.append(row)
    return pd.DataFrame(rows)


def evidence_at(
    election: str,
    as_of: str | date | pd.Timestamp,
    *,
    round: int = 1,  # noqa: A002
) -> Evidence:
    """Everything about a vote that was public at a moment; `Task(…).evidence()` has more settings.

    Parameters
    ----------
    election : str
        Name or folder.
    as_of : str, date or pandas.Timestamp
        Local time.
    round : int
        1 or 2.

    Raises
    ------
    ConfigError, DataError
        If there is no such election, round or moment.

    Examples
    --------
    >>> bool((evidence_at("fr2017", "2017-04-01")["polls"]["published_on"] < "2017-04-01").all())
    True
    """
    return Task(election, round=round, as_of=as_of).evidence()


def forecast(
    predictor: str | Predictor, task: Task, *, rng: np.random.Generator | None = None
) -> Forecast:
    """What a predictor says of a task: checked, asked as in a run, with the vote that it is about.

    Parameters
    ----------
    predictor : str or Predictor
        One that ships, by its name and with its shipped settings; or one of your own, made with
        its settings, which is asked in this process.
    task : Task
        The vote and the moment.
    rng : numpy.random.Generator, optional
        That of a run with the seed of the task if left out.

    Raises
    ------
    ConfigError
        If it is no predictor, what it is asked no task, or the outcome was known by then.
    Abstain
        If it has nothing to say.
    ForecastError
        If its answer is no forecast, or it fails; with its traceback.

    Examples
    --------
    >>> task = Task("fr2017", as_of="2017-04-21 20:00")
    >>> forecast("last_poll", task).share.idxmax()
    'macron'
    """
    if not isinstance(task, Task):
        raise ConfigError(
            f"the task is {task!r}; accepted: bench.Task(ELECTION, round=1, as_of=MOMENT)"
        )
    refuse_known(task.election, task.round, task.as_of)
    name = predictor if isinstance(predictor, str) else ""
    with limits(Execution(), str(task.election.folder)), one_thread():
        if isinstance(predictor, str):
            predictor = make_predictor(predictor, predictor_settings(predictor))
        if not isinstance(predictor, Predictor):
            raise ConfigError(
                f"the predictor is {predictor!r}; accepted: the name of one that ships, or an "
                "object of a class derived from bench.Predictor, made with its settings: "
                "MyPredictor(days=3)"
            )
        prediction = predict(task, predictor, name=name, rng=rng)
    if prediction.status == "abstained":
        raise Abstain(prediction.message)
    if prediction.forecast is None:
        message = prediction.message.removeprefix("ForecastError: ")
        is_theirs = 'File "' in prediction.trace  # and not of the check of an answer
        raise ForecastError(f"{message}\n{prediction.trace}" if is_theirs else message)
    return prediction.forecast


def forecast_election(
    election: str,
    as_of: str | date | pd.Timestamp = "now",
    *,
    round: int = 1,  # noqa: A002
    slate: str = "",
    weights: str | Path = "",
    results: str | Path | None = None,
    **settings: Any,
) -> Run:
    """A forecast of one vote as of now or of any moment; `bench forecast` on the command line.

    Parameters
    ----------
    election : str
        Name or folder; its outcome is not looked at.
    as_of : str, date or pandas.Timestamp
        Local time; a moment that has come.
    round : int
        1 or 2.
    slate : str
        The ballot supposed: a slate by its name, or ``polled`` for the one most tested. The
        official ballot if left out; where there is none yet, every ballot that the samples of the
        last 90 days with polls were asked about, mixed by their votes.
    weights : str or Path
        A file of weights of slates, with reasons, in place of those votes.
    results, settings
        As of `run`.

    Raises
    ------
    ConfigError, DataError
        As `run`; also if the moment has not come, or nobody tested the slate.

    Examples
    --------
    >>> found = forecast_election("toy", "2031-04-01T20:00", n_draws=500)
    >>> found.headline.columns[:2].tolist()
    ['candidate', 'share, %']
    """
    answers = {"slate": slate, "weights": str(weights)}
    if chosen := {key: value for key, value in answers.items() if value}:
        settings["settings"] = {**settings.get("settings", {}), **chosen}
    return run(
        FORECAST,
        results=results,
        elections=[str(election)],
        rounds=[round],
        as_of=[as_of],
        **settings,
    )


def score(said: Forecast, outcome: Outcome) -> pd.DataFrame:
    """Every metric of a forecast against the official votes.

    Parameters
    ----------
    said : Forecast
        Of the vote of the outcome, in ballot order; checked like the answer of a predictor. One
        made by hand does not know its vote, and only its candidates are compared.
    outcome : Outcome
        `Task.outcome()`.

    Returns
    -------
    pandas.DataFrame
        Columns `area`, `ballot`, `candidate` (empty for scores of the whole forecast, which come
        first, the mean absolute error before all), `metric`, `value`, `unit` (``fraction``: of the
        valid votes, 0.01 is a point).

    Raises
    ------
    ForecastError
        If it is no forecast or outcome, not what `check_forecast` accepts, or they are about
        another vote or other candidates.

    Examples
    --------
    >>> task = Task("toy", as_of="2031-04-01")
    >>> rows = score(forecast("uniform", task), task.outcome())
    >>> rows.loc[0, "metric"], rows.loc[0, "value"].round(4).item(), rows.loc[0, "unit"]
    ('mean_absolute_error', 0.0584, 'fraction')
    """
    if not isinstance(said, Forecast) or not isinstance(outcome, Outcome):
        raise ForecastError(
            f"score was given a {type(said).__name__} and a {type(outcome).__name__}; accepted: a "
            "Forecast, as bench.forecast(…) returns it, and an outcome, as task.outcome() does"
        )
    about, came = (said.election, said.round), (outcome.election, outcome.round)
    if said.election and about != came:
        raise ForecastError(
            f"the forecast is about round {said.round} of {said.election} (as of {said.as_of}) and "
            f"the outcome is that of round {outcome.round} of {outcome.election}; accepted: the "
            "outcome of the same vote, task.outcome() of the task that was asked about"
        )
    ballots = {"all": tuple(map(str, outcome.share.index))}
    checked = check_forecast(said, ballots["all"], outcome.n_advance)
    candidates = tuple(map(str, said.share.index))
    if candidates and candidates != ballots["all"]:
        raise ForecastError(
            f"the forecast is about {', '.join(candidates)} and the outcome about "
            f"{', '.join(ballots['all'])}; accepted: the same candidates in the same order, that "
            "of the ballot"
        )
    scores = score_forecast(checked, outcome.share, outcome.n_advance, ballots=ballots)
    scores["unit"] = [metrics()[name].unit for name in scores["metric"]]
    first = [scores["metric"].ne("mean_absolute_error"), scores["candidate"].ne("")]
    return scores.iloc[np.lexsort(first)].reset_index(drop=True)


def _objects_in(settings: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Predictor]]:
    """Settings without the predictors that were made in Python, and these by name."""
    of_methods = settings.get("predictors", {})
    if not isinstance(of_methods, Mapping):
        raise ConfigError(
            f"predictors is a {type(of_methods).__name__}; accepted: a mapping by name, "
            'predictors={"mine": MyMethod()}, or a list under the singular, predictor=[MyMethod()]'
        )
    by_name = dict(of_methods)
    listed = settings.get("predictor")
    if isinstance(listed, Predictor):
        listed = [listed]
    entries = listed if isinstance(listed, list | tuple) else []
    for entry in entries:
        if not isinstance(entry, Predictor):
            continue
        kind = type(entry).__name__
        name = slug(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind))
        if name in by_name:
            raise ConfigError(
                f"two predictors are called '{name}'; name them yourself: "
                f"predictors={{'{name}_1': {kind}(…), '{name}_2': {kind}(…)}}"
            )
        by_name[name] = entry
    own = {name: value for name, value in by_name.items() if isinstance(value, Predictor)}
    if own:
        shipped = {name: value for name, value in by_name.items() if name not in own}
        settings = {**settings, "predictors": shipped}
    if entries:
        names = [entry for entry in entries if not isinstance(entry, Predictor)]
        settings = {**settings, "predictor": names}
    return settings, own


def _flat(settings: Mapping[str, Any], above: str = "") -> list[tuple[str, Any]]:
    """Settings with nested mappings as dotted keys."""
    pairs: list[tuple[str, Any]] = []
    for key, value in settings.items():
        if isinstance(value, Mapping):
            pairs += _flat(value, f"{above}{key}.")
        else:
            pairs.append((f"{above}{key}", value))
    return pairs


def _override(key: str, value: Any) -> str:
    """One setting as Hydra reads it.

    Examples
    --------
    >>> _override("as_of", ["2017-04-01 20:00"]), _override("predictor", ["uniform"])
    ("as_of=['2017-04-01 20:00']", 'predictor=[uniform]')
    """
    return f"{key}={_written(value, plain=key in GROUPS)}"


def _written(value: Any, *, plain: bool) -> str:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "null"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{','.join(_written(entry, plain=plain) for entry in value)}]"
    if isinstance(value, str | Path | date):
        text = value.isoformat() if isinstance(value, date) else str(value)
        if plain:
            return text
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    raise ConfigError(
        f"a setting is {value!r}; accepted: texts, numbers, true and false, None, dates, lists or "
        "mappings of them, and among predictors objects of your class: MyPredictor(days=3)"
    )
