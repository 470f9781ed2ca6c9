"""The study of a runoff at polling stations: forecast from the first round, scored by station."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.audit.look_ahead import verdict_table, verdicts_of
from bench.core import ConfigError
from bench.core.registry import load_predictor
from bench.core.seeds import generator
from bench.core.settings import Experiment
from bench.data.margins import NOBODY
from bench.report.report import Report
from bench.runner import Part, Results, predict_named, run
from bench.studies.backtest.context import sources_of
from bench.studies.published import publish_study
from bench.studies.runoff_by_station.area_sums import area_sums, clustered_scores
from bench.studies.runoff_by_station.oracle import hindsight
from bench.studies.runoff_by_station.setup import (
    PARTITIONS,
    Ground,
    check,
    ground_of,
    group_name,
    labels_of,
    of_one_mind,
    pure_code,
)

N_BINS = 50  # of the drawing, along each axis


def compute(experiment: Experiment) -> Results:
    """Ask every method for every station, and score it.

    Raises
    ------
    ConfigError
        As `check`; if the baseline says nothing about the stations.
    """
    cell = check(experiment)
    late = [f"hindsight_{by}" for by in experiment.settings["hindsight"]]
    names = [*experiment.predictors, *late]
    made = run(experiment, one_method, [{"method": name} for name in names], cell.folders)
    methods = pd.DataFrame([one.facts["method"] for one in made])
    sums = pd.concat(
        [one.tables["sums"].assign(method=name) for name, one in zip(names, made, strict=True)]
    )
    said = dict(zip(names, methods["message"], strict=True))
    if said[experiment.baseline]:
        raise ConfigError(f"the baseline says nothing of the stations: {said[experiment.baseline]}")
    joint = [
        (name, *row) for name, one in zip(names, made, strict=True) for row in one.facts["joint"]
    ]
    ground = ground_of(experiment)
    people = cell.election.people.set_index("candidate")["name"]
    return Results(
        tables={
            "scores": _scored(experiment, sums, "all").merge(methods, on="method"),
            "pairs": pairs_of(experiment, sums),
            "by_group": pd.concat(list(_by_group(experiment, sums)), ignore_index=True),
            "methods": methods,
            "rates": rates_of(
                ground, {n: m.facts["rates"] for n, m in zip(names, made, strict=True)}
            ),
            "joint": pd.DataFrame(joint, columns=["method", "forecast", "outcome", "votes"]),
        },
        facts={
            "candidate": str(people[ground.candidate]),
            "election": cell.election.title,
            "as_of": str(cell.as_of),
            "left_out": ground.stations.left_out,
            "valid_left_out": ground.stations.valid_left_out,
            "failures": {name: text for one in made for name, text in one.failures.items()},
            "n_bins": N_BINS,
        },
    )


def rates_of(ground: Ground, rates: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    """Of those who vote for a finalist, how many choose the winner, by vote of the first round.

    Parameters
    ----------
    ground : Ground
    rates : mapping
        Method to origin to rate; only methods that answer for every candidate are kept.

    Returns
    -------
    pandas.DataFrame
        origin (display name), votes (share of the first round; NaN of those who chose none), and
        one column per method; fractions. Origins with the most votes first.
    """
    first = replace(ground.task, round=1).outcome().share.sort_values(ascending=False)
    answered = [name for name, known in rates.items() if set(first.index) <= set(known)]
    nobody = [NOBODY] if any(NOBODY in rates[name] for name in answered) else []
    people = ground.task.election.people.set_index("candidate")["name"]
    origins = [*map(str, first.index), *nobody]
    table = pd.DataFrame({name: pd.Series(rates[name], dtype=float) for name in answered})
    table = table.reindex(origins)
    table.insert(0, "origin", [str(people.get(name, "No candidate")) for name in origins])
    table.insert(1, "votes", first.reindex(origins).to_numpy())
    return table.reset_index(drop=True)


def one_method(experiment: Experiment, part: Part) -> Results:
    """What one method says of every station, added up by département and kind of place."""
    name, ground = str(part["method"]), ground_of(experiment)
    facts: dict[str, Any] = {"method": name, "family": "hindsight", "message": "", "until": ""}
    nothing = Results(
        tables={"sums": pd.DataFrame()}, facts={"method": facts, "joint": [], "rates": {}}
    )
    areas: pd.Series | None
    if name.startswith("hindsight_"):
        areas, rates = hindsight(ground, name.removeprefix("hindsight_"))
    else:
        tried = predict_named(experiment, name, ground.task)
        kind = str(experiment.predictors[name].get("method", name))
        facts["family"] = load_predictor(kind).family
        facts["until"] = str(tried.data_used_until or "")
        facts["message"] = tried.message
        if tried.status == "failed":
            return replace(nothing, failures={name: tried.trace})
        given = None if tried.forecast is None else tried.forecast.areas
        areas = None if given is None else given[ground.candidate]
        rates = _asked_of_one_mind(experiment, name, ground)
    table = ground.stations.table
    share = pd.Series(np.nan, table.index) if areas is None else areas.reindex(table.index)
    if share.isna().any():
        spoken = f"says nothing of {int(share.isna().sum()):,} of {len(table):,} stations"
        facts["message"] = facts["message"] or spoken
        return nothing
    sums = area_sums(share, table["share"], table["votes"], labels_of(experiment, table))
    known = {str(origin): float(rate) for origin, rate in rates.dropna().items()}
    return replace(
        nothing,
        tables={"sums": sums},
        facts={"method": facts, "joint": _joint(share, table), "rates": known},
    )


def _asked_of_one_mind(experiment: Experiment, name: str, ground: Ground) -> pd.Series:
    """The winner's share where all voters of the first round chose one candidate, by candidate."""
    tried = predict_named(experiment, name, ground.task, of_one_mind(ground))
    origins = ground.task.election.round(1).candidates
    if tried.forecast is None or tried.forecast.areas is None:
        return pd.Series(np.nan, origins)
    areas = tried.forecast.areas[ground.candidate].reindex([pure_code(c) for c in origins])
    return areas.set_axis(list(origins))


def _joint(share: pd.Series, table: pd.DataFrame) -> list[list[int]]:
    """Votes by band of forecast and outcome, where there are any."""
    shares = np.stack([share.to_numpy(float), table["share"].to_numpy(float)])
    bands = np.minimum((N_BINS * shares).astype(int), N_BINS - 1)
    votes = np.zeros((N_BINS, N_BINS), dtype=int)
    np.add.at(votes, tuple(bands), table["votes"].to_numpy(int))
    return [[int(i), int(j), int(votes[i, j])] for i, j in np.argwhere(votes)]


def _scored(
    experiment: Experiment, sums: pd.DataFrame, what: str, baseline: str = ""
) -> pd.DataFrame:
    settings = experiment.settings
    return clustered_scores(
        sums, cluster="departement", baseline=baseline or experiment.baseline,
        level=settings["level"], n_resamples=settings["n_resamples"],
        rng=generator(experiment.seed, "départements", what),
    )  # fmt: skip


def pairs_of(experiment: Experiment, sums: pd.DataFrame) -> pd.DataFrame:
    """Mean absolute error of every method less that of every better one, départements drawn alike.

    Returns
    -------
    pandas.DataFrame
        method, against, gain (fractions; above 0, for `against` is better), gain_low, gain_high.
    """
    order = _scored(experiment, sums, "all").sort_values("mae")["method"].tolist()
    rows = []
    for place, better in enumerate(order):
        table = _scored(experiment, sums, "all", better).set_index("method")
        worse = table.loc[order[place + 1 :], ["gain", "gain_low", "gain_high"]]
        rows.append(worse.reset_index().assign(against=better))
    return pd.concat(rows, ignore_index=True)


def _by_group(experiment: Experiment, sums: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for partition, words in PARTITIONS.items():
        for group, part in sums.groupby(partition, sort=True):
            table = _scored(experiment, part, f"{partition} {group}")
            yield table.assign(partition=words, group=group_name(experiment, partition, group))


def run_study(experiment: Experiment, arguments: list[str]) -> int:
    """Print and write what was right at the stations; the exit status is 3 if a method failed."""
    from bench.core.write import write_csv
    from bench.studies.runoff_by_station.report import print_stations

    kept = compute(experiment)
    print_stations(kept.tables, kept.facts, experiment.title, experiment.settings["level"])
    verdicts = list(verdicts_of(experiment)) if experiment.audit else []

    def long_tables(folder: Path) -> None:
        if verdicts:
            write_csv(folder / "tables" / "audit.csv", verdict_table(verdicts))

    folders = {folder.name: folder for folder in check(experiment).folders}
    failures = kept.facts["failures"]
    publish_study(
        experiment, folders, arguments, kept, report_of, also=long_tables, failures=failures
    )
    return 3 if failures else 0


def report_of(experiment: Experiment, kept: Results) -> Report:
    """What was right at the stations, in words, tables and figures."""
    from bench.studies.runoff_by_station.report import stations_report

    return stations_report(
        kept.tables, kept.facts, title=experiment.title, baseline=experiment.baseline,
        level=experiment.settings["level"], source=sources_of(experiment.elections),
    )  # fmt: skip
