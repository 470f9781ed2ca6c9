"""The study of a runoff at polling stations: forecast from the first round, scored by station."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.contract import ConfigError, Evidence
from bench.contract.errors import did_you_mean
from bench.data.evidence import evidence_for
from bench.data.margins import margins_of_rounds
from bench.data.outcome import outcome_of
from bench.data.runoff_stations import RunoffStations, runoff_stations
from bench.data.stations import KNOWN_AFTER, station_codes
from bench.execution.seeds import generator
from bench.experiment import Experiment
from bench.kit.ecological_inference import estimate
from bench.registry import load_predictor
from bench.report.kept_study import Kept
from bench.report.study import StudyReport
from bench.run.asked import ask
from bench.run.audited import verdict_table, verdicts_of
from bench.run.backtest import Cell, plan
from bench.run.facts import sources_of
from bench.run.pieces import Made, Part, pieces
from bench.run.remembered import remembered
from bench.run.studied import publish_study
from bench.score.area_sums import area_sums, clustered_scores

HINDSIGHT = {"everywhere": "one table for all stations", "by_departement": "one per département"}
SETTINGS = ("areas", "hindsight", "places", "commune_size_from", "first_round_from",
            "n_resamples", "level")  # fmt: skip
ELSEWHERE = "elsewhere"
PARTITIONS = {"place": "place", "size": "size of the commune", "before": "first round"}
N_BINS = 50  # of the drawing, along each axis


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What every method is asked with and scored on.

    Attributes
    ----------
    cell : the vote and the moment.
    candidate : the winner, whose shares are scored; the other finalist errs by as much.
    stations : those that can be scored.
    evidence : cut at the moment, first round by station.
    """

    cell: Cell
    candidate: str
    stations: RunoffStations
    evidence: Evidence


def check(experiment: Experiment) -> Cell:
    """The one vote and moment of the study.

    Raises
    ------
    ConfigError
        If a setting cannot be used, or stations of the first round were not public yet.
    """
    cells = plan(experiment)
    if len(cells) != 1 or cells[0].round != 2:
        raise ConfigError(
            f"rounds is {experiment.rounds} with {len(cells)} votes and moments; accepted: the "
            "runoff (rounds=[2]) of one election at one moment"
        )
    settings, (cell,) = experiment.settings, cells
    for name in {*settings, *SETTINGS}:
        if name not in settings or name not in SETTINGS:
            raise ConfigError(
                f"settings.{name} is missing or unknown ({did_you_mean(name, SETTINGS)})"
            )
    if settings["areas"] != "station":
        raise ConfigError(f"settings.areas is '{settings['areas']}'; accepted: station")
    for name in settings["hindsight"]:
        if name not in HINDSIGHT:
            raise ConfigError(f"settings.hindsight: '{name}' ({did_you_mean(name, HINDSIGHT)})")
    for name in ("commune_size_from", "first_round_from"):
        given = list(settings[name])
        if not given or given[0] != 0 or any(b <= a for a, b in zip(given, given[1:], strict=False)):
            raise ConfigError(f"settings.{name} is {given}; accepted: a rising list from 0")
    named = [str(code) for codes in settings["places"].values() for code in codes]
    if twice := sorted({code for code in named if named.count(code) > 1}):
        raise ConfigError(f"settings.places names '{twice[0]}' twice; accepted: each area once")
    if not 0 < settings["level"] < 1:
        raise ConfigError(f"settings.level is {settings['level']}; accepted: between 0 and 1")
    if settings["n_resamples"] < 1:
        raise ConfigError(f"settings.n_resamples is {settings['n_resamples']}; accepted: above 0")
    if experiment.baseline not in experiment.predictors:
        raise ConfigError(
            f"baseline '{experiment.baseline}' is not asked "
            f"({did_you_mean(experiment.baseline, experiment.predictors)})"
        )
    public = cell.election.round(1).vote_on + KNOWN_AFTER
    if cell.as_of < public:
        raise ConfigError(
            f"as_of {cell.as_of} is before the stations of the first round were public ({public}); "
            "give a later moment"
        )
    return cell


def compute(experiment: Experiment) -> Kept:
    """Ask every method for every station, and score it.

    Raises
    ------
    ConfigError
        As `check`; if the baseline says nothing about the stations.
    """
    cell = check(experiment)
    names = [*experiment.predictors, *(f"hindsight_{by}" for by in experiment.settings["hindsight"])]
    made = pieces(experiment, one_method, [{"method": name} for name in names], _folders(cell))
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


def ground_of(experiment: Experiment) -> Ground:
    """Stations and evidence, assembled once per process."""
    cell = check(experiment)

    def make() -> Ground:
        candidate = str(outcome_of(cell.election, 2).share.idxmax())
        evidence = evidence_for(
            cell.election, 2, cell.as_of, owners_of=experiment.owners_of, by_station=True
        )
        stations = runoff_stations(cell.election, candidate)
        return Ground(cell=cell, candidate=candidate, stations=stations, evidence=evidence)

    return remembered("stations of a runoff", experiment, _folders(cell), make)


def labels_of(experiment: Experiment, stations: pd.DataFrame) -> dict[str, Any]:
    """Département, kind of place, and bands of size and first round, by station."""
    settings = experiment.settings
    kind = {str(code): place for place, codes in settings["places"].items() for code in codes}
    bands = {
        name: np.searchsorted(settings[key], stations[name], side="right") - 1
        for name, key in (("size", "commune_size_from"), ("before", "first_round_from"))
    }
    departement = stations["departement"].astype(str)
    return {
        "departement": departement.to_numpy(),
        "place": departement.map(lambda code: kind.get(code, ELSEWHERE)).to_numpy(),
        **bands,
    }


def _joint(share: pd.Series, table: pd.DataFrame) -> list[list[int]]:
    """Votes by band of forecast and outcome, where there are any."""
    bins = [np.minimum((N_BINS * v).astype(int), N_BINS - 1) for v in (share, table["share"])]
    votes = table["votes"].groupby([bins[0].to_numpy(), bins[1].to_numpy()]).sum()
    return [[int(i), int(j), int(n)] for (i, j), n in votes.items()]


def _folders(cell: Cell) -> list[Path]:
    from bench.data.election import neighbours

    return [cell.election.folder, *(one.folder for one in neighbours(cell.election))]


def _scored(experiment: Experiment, sums: pd.DataFrame, what: str) -> pd.DataFrame:
    settings = experiment.settings
    return clustered_scores(
        sums, cluster="departement", baseline=experiment.baseline, level=settings["level"],
        n_resamples=settings["n_resamples"], rng=generator(experiment.seed, "départements", what),
    )  # fmt: skip


def _by_group(experiment: Experiment, sums: pd.DataFrame) -> Any:
    for partition, words in PARTITIONS.items():
        for group, part in sums.groupby(partition, sort=True):
            table = _scored(experiment, part, f"{partition} {group}")
            yield table.assign(partition=words, group=_words(experiment, partition, group))


def _words(experiment: Experiment, partition: str, group: Any) -> str:
    """Name of one group."""
    if partition == "place":
        return str(group)
    name = "commune_size_from" if partition == "size" else "first_round_from"
    edges = experiment.settings[name]
    low = edges[int(group)]
    high = edges[int(group) + 1] if int(group) + 1 < len(edges) else None
    if partition == "before":
        return f"{100 * low:.0f} to {100 * (1.0 if high is None else high):.0f}%"
    return f"{low:,} and more" if high is None else f"{low:,} to {high - 1:,}"


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

    folders = {folder.name: folder for folder in _folders(check(experiment))}
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
