"""Studies: code that turns tasks into tables, one folder each, named by the setting `study`."""

from __future__ import annotations

import importlib
import pkgutil
import warnings
from typing import TYPE_CHECKING

from bench.core.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from bench.studies.base import Study

FORMER = {  # names of studies that YAML files and manifests of older versions use
    "categories": "coarse_categories",
    "chain": "two_rounds",
    "ecological_truth": "ecological_inference",
    "election_night_2017": "election_night",
    "runoff_stations": "runoff_by_station",
    "spoiled_real": "contaminated_evidence",
    "transfers_2017": "vote_transfers",
}
NO_STUDY = ("published_figures",)


def study_names() -> list[str]:
    """Every study that can be run."""
    found = (module.name for module in pkgutil.iter_modules(__path__) if module.ispkg)
    return sorted(set(found) - set(NO_STUDY))


def load_study(name: str) -> Study:
    """The study of a name; one by a former name warns.

    Raises
    ------
    ConfigError
        If there is no such study.

    Examples
    --------
    >>> sorted(load_study("two_rounds").long_tables)
    ['errors', 'forecasts', 'methods', 'timings']
    """
    if name in FORMER:
        warnings.warn(
            f"the study '{name}' is called '{FORMER[name]}' now; the former name goes",
            FutureWarning,
            stacklevel=2,
        )
        name = FORMER[name]
    if name not in study_names():
        raise ConfigError(f"study is '{name}' ({did_you_mean(name, study_names())})")
    study: Study = importlib.import_module(f"bench.studies.{name}").STUDY
    return study
