"""Ecological inference on elections whose transition tables are known."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core import paths
from bench.core.errors import ConfigError, did_you_mean
from bench.core.registry import typed
from bench.core.settings import Experiment
from bench.data.known_elections import FOLDER, KnownTables, read_known_tables
from bench.models.ecological_inference import LikelihoodSettings, installed_methods
from bench.runner.cache import memoised
from bench.runner.results import Results, stacked
from bench.runner.runner import Part, run
from bench.studies.base import folders_of, settings_of
from bench.studies.ecological_inference.confounding import (
    ConfoundingSettings,
    distortion_of,
    errors_at,
    summary,
)
from bench.studies.known_tables import (
    DISTRICTS,
    GIVEN_BEFORE,
    GROUP,
    KNOWN_METHODS,
    KnownElection,
    against_peer,
    elections_before,
    evaluate,
    known_elections,
    summary_by_dataset,
)

PER_PIECE = 30  # elections
ALONE = ("likelihood",)  # methods of ours that the default is compared with


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of the study.

    Attributes
    ----------
    methods : tuple of str
        Of `bench.models.ecological_inference.estimate`, and ``likelihood_districts``: all
        elections of a dataset as the districts of one; ``districts_given_election_before``: these,
        where the tables of the election before are known.
    default : str
        The method whose intervals are checked and that is compared with other systems.
    variants : tuple of str
        ``m3`` (rare rows and columns merged), ``full`` (as published).
    n_draws : int
        Tables drawn for the intervals of the default; 0 for none.
    level : float
        Of the intervals, between 0 and 1.
    shown_peers : tuple of str
        Other systems in the summary.
    context : bool
        False: the likelihood method without its contextual part, which was tuned on some of the
        elections.
    first : int, optional
        How many elections, in order of their keys; all if null.
    confounding : mapping, optional
        As of `ConfoundingSettings`; without it no voters follow their neighbours.
    """

    methods: tuple[str, ...]
    default: str
    variants: tuple[str, ...]
    n_draws: int = field(metadata={"least": 0})
    level: float
    shown_peers: tuple[str, ...]
    context: bool = True
    first: int | None = None
    confounding: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        """Refuse methods that do not exist, and a default that is not asked."""
        accepted = (*KNOWN_METHODS, *installed_methods())
        for name in self.methods:
            if name not in accepted:
                raise ConfigError(f"settings.methods: '{name}' ({did_you_mean(name, accepted)})")
        if self.default not in self.methods:
            raise ConfigError(
                f"settings.default is '{self.default}', which is not among the methods "
                f"({did_you_mean(self.default, self.methods)})"
            )


def analyse(experiment: Experiment) -> Results:
    """Run every method on every known election, and where voters follow their neighbours."""
    settings = settings_of(Settings, experiment)
    by_dose, of_doses = _confounded(experiment)
    tables, _elections = _tables_and_elections(experiment)
    parts = [
        {"method": method, "start": start, "stop": stop}
        for method in settings.methods
        for start, stop in _pieces(tables, method)
    ]
    folders = list(folders_read(experiment).values())
    errors = stacked(run(experiment, some_elections, parts, folders, label="methods"), "errors")
    method = errors["method"]
    is_default = method.eq(settings.default)
    is_given_before = method.eq(GIVEN_BEFORE)
    default_errors, errors_given_before = errors[is_default], errors[is_given_before]
    own_rivals = errors[method.isin(ALONE) & ~is_default]
    rivals = pd.concat([own_rivals[[*tables.peers]], tables.peers], ignore_index=True)
    of_key = default_errors[["key", *GROUP]].drop_duplicates()
    peers = tables.peers.merge(of_key, on=["key", "variant"])
    peers = peers[peers["method"].isin(settings.shown_peers)]
    # given the election before alone, so that its resamples do not move those of the methods
    methods_and_peers = pd.concat([errors[~is_given_before], peers], ignore_index=True)
    summaries = [summary_by_dataset(rows) for rows in (methods_and_peers, errors_given_before)]
    pairs = [
        against_peer(default_errors, rows, seed=experiment.seed)
        for rows in (rivals, errors_given_before)
    ]
    return Results(
        tables={
            "errors": errors,
            "summary": pd.concat(summaries, ignore_index=True),
            "against": pd.concat(pairs, ignore_index=True),
            **by_dose,
        },
        facts={"n_elections": int(errors["key"].nunique()), **of_doses},
    )


def _confounded(experiment: Experiment) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The table of errors by dose, and the unit of the dose; nothing where nothing is asked."""
    settings = confounding_of(experiment)
    if settings is None:
        return {}, {}
    dosed = distortion_of(experiment, settings)
    parts = [{"dose": dose} for dose in dosed.doses]
    folders = list(folders_read(experiment).values())
    errors = stacked(run(experiment, one_dose, parts, folders, label="doses"), "errors")
    return {"by_dose": summary(errors)}, {"dose_unit": dosed.distortion.unit}


def confounding_of(experiment: Experiment) -> ConfoundingSettings | None:
    """The section `confounding` of the settings.

    Raises
    ------
    ConfigError
        If a setting is unknown, missing or of a wrong type.
    """
    section = settings_of(Settings, experiment).confounding
    if section is None:
        return None
    path = f"configs/experiment/{experiment.name}.yaml"
    return typed(ConfoundingSettings, section, "settings.confounding", path)


def one_dose(experiment: Experiment, part: Part) -> Results:
    """Every made-up election and method at one dose."""
    settings = confounding_of(experiment)
    assert settings is not None
    folders = list(folders_read(experiment).values())
    return Results(tables={"errors": errors_at(experiment, settings, float(part["dose"]), folders)})


def _pieces(tables: KnownTables, method: str) -> list[tuple[int, int]]:
    """First and last but one of the elections that are fitted together, or in one piece."""
    datasets = tables.index["dataset"].tolist()
    if method not in (DISTRICTS, GIVEN_BEFORE):
        n = len(datasets)
        return [(start, min(start + PER_PIECE, n)) for start in range(0, n, PER_PIECE)]
    starts = [k for k, name in enumerate(datasets) if k == 0 or name != datasets[k - 1]]
    fitted = set(datasets if method == DISTRICTS else tables.rows_before["dataset"])
    pieces = itertools.pairwise([*starts, len(datasets)])
    return [(start, stop) for start, stop in pieces if datasets[start] in fitted]


def some_elections(experiment: Experiment, part: Part) -> Results:
    """One method on the elections from `start` to before `stop`."""
    settings, method = settings_of(Settings, experiment), str(part["method"])
    tables, elections = _tables_and_elections(experiment)
    rows = tables.index.iloc[part["start"] : part["stop"]]
    chosen = set(rows["key"])
    table = evaluate(
        [election for election in elections if election.key in chosen],
        methods=[method],
        variants=settings.variants,
        earlier=elections_before(elections, tables.rows_before, rows["dataset"].iloc[0]),
        n_draws=settings.n_draws if method in (settings.default, GIVEN_BEFORE) else 0,
        level=settings.level,
        settings=None if settings.context else LikelihoodSettings(context=0),
        seed=experiment.seed,
    )
    return Results(tables={"errors": table})


def _tables_and_elections(experiment: Experiment) -> tuple[KnownTables, list[KnownElection]]:
    """The tables as they lie on file, and the elections made of them; read once per process."""

    def make() -> tuple[KnownTables, list[KnownElection]]:
        tables = read_known_tables(first=settings_of(Settings, experiment).first)
        elections = known_elections(
            tables.index,
            tables.row_votes,
            tables.column_votes,
            tables.true_tables,
            tables.row_labels,
        )
        return tables, elections

    return memoised("known tables", experiment, list(folders_read(experiment).values()), make)


def folders_read(experiment: Experiment) -> dict[str, Path]:
    """The folder of the known elections, and that of the election that lends its areas."""
    folders = {FOLDER: paths.datasets() / FOLDER}
    settings = confounding_of(experiment)
    if settings is None:
        return folders
    return folders | folders_of(replace(experiment, elections=[settings.election]))
