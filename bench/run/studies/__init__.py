"""Experiments that are no backtest, one file each; the file's name is the experiment's `study`."""

from __future__ import annotations

import importlib
import pkgutil

from bench.contract.errors import ConfigError, did_you_mean
from bench.experiment import Experiment
from bench.run.pieces import OnlyPart


def study_names() -> list[str]:
    """Every study that can be run."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def run_study(experiment: Experiment, arguments: list[str]) -> int:
    """Run the study that the experiment names; the exit status.

    Raises
    ------
    ConfigError
        If there is no such study.
    """
    if experiment.study not in study_names():
        raise ConfigError(
            f"study is '{experiment.study}' "
            f"({did_you_mean(experiment.study, ['backtest', *study_names()])})"
        )
    module = importlib.import_module(f"bench.run.studies.{experiment.study}")
    try:
        status: int = module.run_study(experiment, arguments)
    except OnlyPart as part:
        return 3 if part.n_failed else 0
    return status
