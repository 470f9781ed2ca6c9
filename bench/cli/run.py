"""A run from beginning to end: plan, forecast, score, report. Read this page first."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bench.core import ConfigError
from bench.core.settings import Experiment

if TYPE_CHECKING:
    from omegaconf import DictConfig


def run_from_config(config: DictConfig, arguments: list[str]) -> int:
    """Run what Hydra composed and report on it.

    Parameters
    ----------
    config : DictConfig
        The composed settings.
    arguments : list of str
        The command line, for the record.

    Returns
    -------
    int
        Exit status: 0, or 3 if a predictor failed (everything else is still reported).

    Raises
    ------
    BenchError
        If a setting or a file cannot be used. Nothing has been written then.
    """
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    from bench.runner import OnlyPart, tasks_of
    from bench.studies.backtest.analysis import run
    from bench.studies.backtest.publish import publish

    try:
        experiment = OmegaConf.to_object(config)
    except OmegaConfBaseException as error:
        raise ConfigError(" ".join(str(error).split())) from error
    if not isinstance(experiment, Experiment):
        raise ConfigError("the settings are not those of bench/core/settings.py")
    if experiment.study != "backtest":
        if experiment.save_draws:
            raise ConfigError(
                f"save_draws works in a backtest, and the study of this run is "
                f"'{experiment.study}'; leave it out"
            )
        from bench.studies import run_study

        return run_study(experiment, arguments)
    tasks = tasks_of(experiment)
    for moment in experiment.as_of:
        if "T" not in moment.upper() and " " not in moment.strip():
            print(
                f"as_of {moment} is {moment} 00:00, midnight; for that evening: {moment}T20:00",
                file=sys.stderr,
            )
    try:
        results = run(experiment, tasks)
    except OnlyPart as part:
        return 3 if part.n_failed else 0
    publish(experiment, tasks, results, arguments)
    return 3 if (results.methods["status"] == "failed").any() else 0
