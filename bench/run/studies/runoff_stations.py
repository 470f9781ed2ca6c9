"""The study of a runoff at polling stations: forecast from the first round, scored by station."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.contract import ConfigError
from bench.data.margins import margins_of_rounds
from bench.data.stations import station_codes
from bench.execution.seeds import generator
from bench.experiment import Experiment
from bench.kit.ecological_inference import estimate
from bench.registry import load_predictor
from bench.report.kept_study import Kept
from bench.report.study import StudyReport
from bench.run.asked import ask
from bench.run.audited import verdict_table, verdicts_of
from bench.run.facts import sources_of
from bench.run.pieces import Made, Part, pieces
from bench.run.runoff_ground import (
    PARTITIONS,
    Ground,
    check,
    folders_of,
    ground_of,
    group_name,
    labels_of,
)
from bench.run.studied import publish_study
from bench.score.area_sums import area_sums, clustered_scores

N_BINS = 50  # of the drawing, along each axis


def compute(experiment: Experiment) -> Kept:
    """Ask every method for every station, and score it.

    Raises
    ------
    ConfigError
        As `check`; if the baseline says nothing about the stations.
    """
    cell = check(experiment)
    late = [f"hindsight_{by}" for by in experiment.settings["hindsight"]]
    names = [*experiment.predictors, *late]
    made = pieces(experiment, one_method, [{"method": name} for name in names], folders_of(cell))
    methods = pd.DataFrame([one.facts["method"] for one in made])
    sums = pd.concat([one.table.assign(method=name) for name, one in zip(names, made, strict=True)])
    said = dict(zip(names, methods["message"], strict=True))
    if said[experiment.baseline]:
        raise ConfigError(f"the baseline says nothing of the stations: {said[experiment.baseline]}")
    joint = [
        (name, *row) for name, one in zip(names, made, strict=True) for row in one.facts["joint"]
    ]
    ground = ground_of(experiment)
    people = cell.election.people.set_index("candidate")["name"]
    return Kept(
        tables={
            "scores": _scored(experiment, sums, "all").merge(methods, on="method"),
            "pairs": pairs_of(experiment, sums),
            "by_group": pd.concat(list(_by_group(experiment, sums)), ignore_index=True),
            "methods": methods,
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


def one_method(experiment: Experiment, part: Part) -> Made:
    """What one method says of every station, added up by département and kind of place."""
    name, ground = str(part["method"]), ground_of(experiment)
    facts: dict[str, Any] = {"method": name, "family": "hindsight", "message": "", "until": ""}
    if name.startswith("hindsight_"):
        areas: pd.Series | None = hindsight(ground, name.removeprefix("hindsight_"))
    else:
        tried = ask(experiment, name, ground.cell, ground.evidence)
        if tried.status == "failed":
            return Made(
                table=pd.DataFrame(), failures={name: tried.trace},
                facts={"method": {**facts, "message": tried.message}, "joint": []},
            )  # fmt: skip
        kind = str(experiment.predictors[name].get("method", name))
        facts["family"] = load_predictor(kind).family
        facts["until"] = str(tried.data_used_until or "")
        facts["message"] = tried.message
        given = None if tried.forecast is None else tried.forecast.areas
        areas = None if given is None else given[ground.candidate]
    table = ground.stations.table
    share = pd.Series(np.nan, table.index) if areas is None else areas.reindex(table.index)
    if share.isna().any():
        spoken = f"says nothing of {int(share.isna().sum()):,} of {len(table):,} stations"
        facts["message"] = facts["message"] or spoken
        return Made(table=pd.DataFrame(), facts={"method": facts, "joint": []})
    labels = labels_of(experiment, table)
    sums = area_sums(share, table["share"], table["votes"], labels)
    return Made(table=sums, facts={"method": facts, "joint": _joint(share, table)})


def hindsight(ground: Ground, by: str) -> pd.Series:
    """Shares by station that transfers estimated from both rounds would have given.

    No forecast: the transfers are those of the outcome. Each row of the table (candidates and
    who chose none) is applied to the station's first round; abstention and blank votes drop out.

    Parameters
    ----------
    ground : Ground
    by : str
        ``everywhere`` (one table) or ``by_departement`` (one each).
    """
    margins = margins_of_rounds(ground.cell.election)
    rows, columns = margins.rows.to_numpy(), margins.columns.to_numpy()
    finalists = list(ground.cell.election.round(2).candidates)
    groups = None if by == "everywhere" else margins.keys["departement"].to_numpy()
    found = estimate(rows, columns, groups=groups, unit_tables=groups is not None)
    to = [list(margins.columns).index(name) for name in finalists]
    votes = np.zeros((len(rows), 2))
    if groups is None:
        votes = rows @ found.profile[:, to]
    else:
        assert found.units is not None
        for group in np.unique(groups):
            mine = groups == group
            table = found.units[mine].sum(axis=0)  # [R, K]
            total = table.sum(axis=1, keepdims=True)
            profile = np.divide(table, total, out=np.zeros_like(table), where=total > 0)
            votes[mine] = rows[mine] @ profile[:, to]
    share = votes[:, finalists.index(ground.candidate)] / votes.sum(axis=1)
    return pd.Series(share, index=station_codes(margins.keys))


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
    from bench.report.runoff_stations import print_stations
    from bench.report.write import write_csv

    kept = compute(experiment)
    print_stations(kept.tables, kept.facts, experiment.title, experiment.settings["level"])
    verdicts = list(verdicts_of(experiment)) if experiment.audit else []

    def long_tables(folder: Path) -> None:
        if verdicts:
            write_csv(folder / "tables" / "audit.csv", verdict_table(verdicts))

    folders = {folder.name: folder for folder in folders_of(check(experiment))}
    failures = kept.facts["failures"]
    publish_study(
        experiment, folders, arguments, kept, report_of, also=long_tables, failures=failures
    )
    return 3 if failures else 0


def report_of(experiment: Experiment, kept: Kept) -> StudyReport:
    """What was right at the stations, in words, tables and figures."""
    from bench.report.runoff_stations import stations_report

    return stations_report(
        kept.tables, kept.facts, title=experiment.title, baseline=experiment.baseline,
        level=experiment.settings["level"], source=sources_of(experiment.elections),
    )  # fmt: skip
