"""Studies: code that turns tasks into tables, one folder each, named by the setting `study`."""

from __future__ import annotations

import importlib
import pkgutil

from bench.core.errors import ConfigError, did_you_mean
from bench.core.settings import Experiment
from bench.runner import OnlyPart

FORMER = {  # names of studies that YAML files and manifests of older versions use
    "categories": "coarse_categories",
    "chain": "two_rounds",
    "ecological_truth": "ecological_inference",
    "election_night_2017": "election_night",
    "runoff_stations": "runoff_by_station",
    "spoiled_real": "contaminated_evidence",
    "transfers_2017": "vote_transfers",
}
NO_STUDY = ("backtest", "published_figures")


def study_names() -> list[str]:
    """Every study that can be run."""
    found = (module.name for module in pkgutil.iter_modules(__path__) if module.ispkg)
    return sorted(set(found) - set(NO_STUDY))


def current(name: str) -> str:
    """The name of a study today, from one that may be a former name.

    Examples
    --------
    >>> current("chain"), current("two_rounds")
    ('two_rounds', 'two_rounds')
    """
    return FORMER.get(name, name)


def run_study(experiment: Experiment, arguments: list[str]) -> int:
    """Run the study that the experiment names; the exit status.

    Raises
    ------
    ConfigError
        If there is no such study.
    """
    name = current(experiment.study)
    if name not in study_names():
        raise ConfigError(
            f"study is '{experiment.study}' "
            f"({did_you_mean(experiment.study, ['backtest', *study_names()])})"
        )
    module = importlib.import_module(f"bench.studies.{name}")
    try:
        status: int = module.run_study(experiment, arguments)
    except OnlyPart as part:
        return 3 if part.n_failed else 0
    return status
