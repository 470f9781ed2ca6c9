"""The backtest: every predictor on every cell, scored against the official votes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.core import ConfigError, DataError, paths
from bench.core.errors import did_you_mean
from bench.core.registry import predictor_methods
from bench.core.settings import Experiment, least_polled
from bench.data.election import load_election
from bench.runner.cell import Cell
from bench.runner.resume import Trial, fetch, trials_of

if TYPE_CHECKING:
    import pyarrow as pa

    from bench.runner.fragment import Fragment


@dataclass(frozen=True, kw_only=True)
class LongTables:
    """The long tables of a run.

    Attributes
    ----------
    errors : pandas.DataFrame
        One row per score; summary scores carry an empty candidate.
    forecasts : pandas.DataFrame
        Shares, quantiles and chances per candidate and area.
    methods : pandas.DataFrame
        What became of every predictor in every cell.
    timings : pandas.DataFrame
        Seconds; kept apart because they differ between two runs of the same command.
    draws : pandas.DataFrame, optional
        National shares (fractions of the valid votes) by draw and candidate, where `save_draws`
        is set and a method draws.
    """

    errors: pd.DataFrame
    forecasts: pd.DataFrame
    methods: pd.DataFrame
    timings: pd.DataFrame
    draws: pd.DataFrame | None = None


def plan(experiment: Experiment) -> list[Cell]:
    """Every cell of the experiment, in order.

    Raises
    ------
    ConfigError, DataError
        If a setting, an election or a date cannot be used; nothing has been written yet.
    """
    experiment.check()
    refuse_unknown_baseline(experiment)
    cells = []
    for name in dict.fromkeys(experiment.elections):
        election = load_election(name)
        for number in dict.fromkeys(experiment.rounds):
            this = election.round(number)
            for moment in experiment.moments(this.vote_on):
                if moment >= this.known_at:
                    raise ConfigError(
                        f"as_of {moment} is not before the outcome of round {number} of "
                        f"{election.name} was known ({this.known_at}); give an earlier moment"
                    )
                cells.append(Cell(election=election, round=number, as_of=moment))
            by_hand = least_polled(experiment.ranked_on) is None
            for candidate in experiment.ranked_on if by_hand else ():
                if candidate not in this.candidates:
                    raise ConfigError(
                        f"ranked_on names '{candidate}', who is not on the ballot of round "
                        f"{number} of {election.name} ({did_you_mean(candidate, this.candidates)})"
                    )
    return cells


def refuse_unknown_baseline(experiment: Experiment) -> None:
    """Refuse a baseline that is neither in the run nor shipped; one left out leaves no skill.

    Raises
    ------
    ConfigError
        With the nearest name.
    """
    shipped = [path.stem for path in (paths.configs() / "predictor").glob("*.yaml")]
    known = {*experiment.predictors, *shipped, *predictor_methods()}
    if experiment.baseline not in known:
        raise ConfigError(
            f"baseline is '{experiment.baseline}', which is no predictor "
            f"({did_you_mean(experiment.baseline, known)})"
        )


def run(experiment: Experiment, cells: list[Cell]) -> LongTables:
    """Ask every predictor about every cell, taking up what an earlier run has kept.

    Raises
    ------
    DataError
        If no predictor says anything, or a file changes meanwhile.
    StoreError
        If a result cannot be kept.
    """
    trials = trials_of(experiment, cells)
    return assembled(trials, fetch(experiment, trials))


def run_part(experiment: Experiment, cells: list[Cell]) -> int:
    """Compute one part of the cells into the store and report nothing; how many failed."""
    return sum(fragment.failed for fragment in fetch(experiment, trials_of(experiment, cells)))


def assembled(trials: Sequence[Trial], fragments: Sequence[Fragment]) -> LongTables:
    """The long tables, whole, in the order of the trials.

    Raises
    ------
    DataError
        If there is not one forecast.
    """
    facts = pd.DataFrame([fragment.facts for fragment in fragments])
    names = [trial.predictor for trial in trials]
    if all(fragment.forecasts is None for fragment in fragments):
        said = [f"{name}: {words}" for name, words in zip(names, facts["message"], strict=True)]
        raise DataError(
            f"no predictor said anything about round {trials[0].cell.round} of "
            f"{trials[0].cell.election.name} as of {trials[0].cell.as_of}: {'; '.join(said[:20])}"
        )
    labels = pd.DataFrame([trial.cell.key for trial in trials]).assign(predictor=names)
    for moment in ("data_used_until", "newest_row_on"):
        facts[moment] = pd.to_datetime(facts[moment])
    printed = facts["printed"].where(facts["status"].eq("failed"), "")
    facts["trace"] += printed.map(lambda words: f"\nprinted:\n{words}" if words else "")
    return LongTables(
        errors=_stacked(labels, (fragment.errors for fragment in fragments)),
        forecasts=_stacked(labels, (fragment.forecasts for fragment in fragments)),
        methods=pd.concat([labels, facts[METHODS]], axis=1),
        timings=pd.concat([labels, facts[["wall_s", "cpu_s"]]], axis=1),
        draws=(
            _stacked(labels, (fragment.draws for fragment in fragments))
            if any(fragment.draws is not None for fragment in fragments)
            else None
        ),
    )


METHODS = [
    "family",
    "level_of",
    "status",
    "named",
    "n_candidates",
    "converted",
    "access",
    "data_used_until",
    "newest_row_on",
    "message",
    "trace",
]


def _stacked(labels: pd.DataFrame, tables: Iterable[pa.Table | None]) -> pd.DataFrame:
    import pyarrow as pa

    given = [(row, table) for row, table in enumerate(tables) if table is not None]
    whole = pa.concat_tables([t for _, t in given], promote_options="permissive")
    rows: pd.DataFrame = whole.to_pandas()
    repeated = np.repeat([row for row, _ in given], [t.num_rows for _, t in given])
    head = labels.iloc[repeated].reset_index(drop=True)
    return pd.concat([head, rows], axis=1)
