"""The vote that every method is asked about, with the stations on which it is scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bench.core import ConfigError, Evidence
from bench.core.errors import did_you_mean
from bench.core.settings import Experiment
from bench.data.country import Country, country_of
from bench.data.election import rounds_of_runoff
from bench.data.margins import margins_of_rounds
from bench.data.stations import KNOWN_AFTER, RunoffStations, runoff_stations, station_codes
from bench.data.task import Task
from bench.models.ecological_inference import estimate
from bench.runner.cache import memoised
from bench.runner.runner import tasks_of

ELSEWHERE = "elsewhere"
HINDSIGHT = "hindsight"  # the family of what transfers of both rounds would have forecast
TRANSFERS = ("everywhere", "by_departement")
# what stations are grouped by, as tables name it
PARTITIONS = {"place": "place", "size": "size of the commune", "before": "first round"}


@dataclass(frozen=True, kw_only=True)
class Runoff:
    """What every method is asked with and scored on.

    Attributes
    ----------
    task : Task
        The vote and the moment; its evidence holds the first round by station.
    country : Country
    candidate : str
        The winner, whose shares are scored; the other finalist errs by as much.
    stations : RunoffStations
        Those that can be scored.
    """

    task: Task
    country: Country
    candidate: str
    stations: RunoffStations


def vote_of(experiment: Experiment) -> Task:
    """The one vote and moment of the study.

    Raises
    ------
    ConfigError
        If there are several, it is no runoff, the stations of the first round were not public yet,
        or the baseline is not asked.
    """
    tasks = tasks_of(experiment)
    if len(tasks) != 1 or tasks[0].round != rounds_of_runoff(tasks[0].election)[1].number:
        raise ConfigError(
            f"rounds is {experiment.rounds} with {len(tasks)} votes and moments; accepted: the "
            "runoff (rounds=[2]) of one election at one moment"
        )
    (task,) = tasks
    if experiment.baseline not in experiment.predictors:
        raise ConfigError(
            f"baseline '{experiment.baseline}' is not asked "
            f"({did_you_mean(experiment.baseline, experiment.predictors)})"
        )
    public = rounds_of_runoff(task.election)[0].vote_on + KNOWN_AFTER
    if task.as_of < public:
        raise ConfigError(
            f"as_of {task.as_of} is before the stations of the first round were public ({public}); "
            "give a later moment"
        )
    return task


def runoff_of(experiment: Experiment) -> Runoff:
    """The vote and its stations, set up once per process."""
    task = vote_of(experiment)

    def make() -> Runoff:
        candidate = str(task.outcome().share.idxmax())
        return Runoff(
            task=task,
            country=country_of(task.election),
            candidate=candidate,
            stations=runoff_stations(task.election, candidate),
        )

    return memoised("stations of a runoff", experiment, task.folders, make)


def hindsight(runoff: Runoff, by: str) -> tuple[pd.Series, pd.Series]:
    """Shares by station, and by vote of the first round, from transfers known afterwards.

    A mark to aim at and no forecast: the transfers are those of the outcome. Each row of the table
    (candidates and who chose none) is applied to the station's first round; abstention and blank
    votes drop out.

    Parameters
    ----------
    runoff : Runoff
        The vote.
    by : str
        ``everywhere`` (one table) or ``by_departement`` (one each).

    Returns
    -------
    (pandas.Series [U], pandas.Series [R])
        The winner's share of the votes for the two finalists: by station, and by row over all
        stations together.
    """
    margins = margins_of_rounds(runoff.task.election)
    rows, columns = margins.rows.to_numpy(), margins.columns.to_numpy()
    finalists = list(rounds_of_runoff(runoff.task.election)[1].candidates)
    to = [list(margins.columns).index(name) for name in finalists]
    first = finalists.index(runoff.candidate)
    groups = None if by == "everywhere" else margins.keys["departement"].to_numpy()
    estimated = estimate(rows, columns, groups=groups, unit_tables=groups is not None)
    if groups is None:
        votes = rows @ estimated.profile[:, to]
    else:
        assert estimated.units is not None
        votes = np.zeros((len(rows), 2))
        for group in np.unique(groups):
            in_group = groups == group
            table = estimated.units[in_group].sum(axis=0)  # [R, K]
            total = table.sum(axis=1, keepdims=True)
            profile = np.divide(table, total, out=np.zeros_like(table), where=total > 0)
            votes[in_group] = rows[in_group] @ profile[:, to]
    share = pd.Series(votes[:, first] / votes.sum(axis=1), index=station_codes(margins.keys))
    went = estimated.table[:, to]
    rates = pd.Series(went[:, first] / went.sum(axis=1), index=list(margins.rows))
    return share, rates


def synthetic_area_id(candidate: str) -> str:
    """Code of the made-up station where everybody chose this candidate."""
    return f"all {candidate}"


def single_candidate_stations(runoff: Runoff) -> Evidence:
    """The evidence with a made-up station per candidate, where nobody chose anybody else.

    What a method says of such a station is its rate of transfer from that candidate. The stations
    weigh a millionth of a vote, so that totals stay; no score is made of this evidence.
    """
    names = list(rounds_of_runoff(runoff.task.election)[0].candidates)
    evidence = runoff.task.evidence()
    outcomes = evidence["outcomes"]
    model = outcomes[outcomes["level"].eq("station")].iloc[: len(names) ** 2].copy()
    own = np.eye(len(names)).ravel()
    model["area"] = np.repeat([synthetic_area_id(name) for name in names], len(names))
    model["candidate"] = np.tile(names, len(names))
    model["share"], model["votes"] = own, 1e-6 * own
    return evidence.with_tables(outcomes=pd.concat([outcomes, model], ignore_index=True))


@dataclass(frozen=True, kw_only=True)
class Groups:
    """Groups of stations within which errors are shown.

    Attributes
    ----------
    places : mapping of str to sequence of str
        Kinds of départements; all others are one more kind.
    size_from, before_from : sequence of float
        Lower ends of the bands of registered voters of the commune, and of the winner's share of
        the first-round votes of the two finalists; rising from 0.
    """

    places: Mapping[str, Sequence[str]]
    size_from: Sequence[float]
    before_from: Sequence[float]

    def labels(self, stations: pd.DataFrame) -> dict[str, Any]:
        """Département, kind of place, and bands of size and first round, by station."""
        kind = {str(code): place for place, codes in self.places.items() for code in codes}
        departement = stations["departement"].astype(str)
        return {
            "departement": departement.to_numpy(),
            "place": departement.map(lambda code: kind.get(code, ELSEWHERE)).to_numpy(),
            **{
                name: np.searchsorted(edges, stations[name], side="right") - 1
                for name, edges in (("size", self.size_from), ("before", self.before_from))
            },
        }

    def name(self, partition: str, group: Any) -> str:
        """Name of one group.

        Examples
        --------
        >>> groups = Groups(places={}, size_from=[0, 500], before_from=[0, 0.5])
        >>> groups.name("size", 0), groups.name("size", 1), groups.name("before", 1)
        ('0 to 499', '500 and more', '50 to 100%')
        """
        if partition == "place":
            return str(group)
        edges = self.size_from if partition == "size" else self.before_from
        low, *above = edges[int(group) :]
        if partition == "before":
            return f"{100 * low:.0f} to {100 * (above[0] if above else 1.0):.0f}%"
        return f"{low:,} to {above[0] - 1:,}" if above else f"{low:,} and more"
