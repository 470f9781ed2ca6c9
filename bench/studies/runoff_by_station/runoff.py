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
from bench.data.evidence import LearnFrom, evidence_for
from bench.data.outcome import outcome_of
from bench.data.runoff_stations import RunoffStations, runoff_stations
from bench.data.stations import KNOWN_AFTER
from bench.runner.cell import Cell
from bench.runner.remembered import remembered
from bench.studies.backtest.analysis import plan
from bench.studies.base import folders_of

ELSEWHERE = "elsewhere"
PARTITIONS = {"place": "place", "size": "size of the commune", "before": "first round"}


@dataclass(frozen=True, kw_only=True)
class Runoff:
    """What every method is asked with and scored on.

    Attributes
    ----------
    cell : Cell
        The vote and the moment.
    country : Country
    candidate : str
        The winner, whose shares are scored; the other finalist errs by as much.
    stations : RunoffStations
        Those that can be scored.
    evidence : Evidence
        Cut at the moment, first round by station.
    """

    cell: Cell
    country: Country
    candidate: str
    stations: RunoffStations
    evidence: Evidence


def vote_of(experiment: Experiment) -> Cell:
    """The one vote and moment of the study.

    Raises
    ------
    ConfigError
        If there are several, it is no runoff, the stations of the first round were not public yet,
        or the baseline is not asked.
    """
    cells = plan(experiment)
    if len(cells) != 1 or cells[0].round != rounds_of_runoff(cells[0].election)[1].number:
        raise ConfigError(
            f"rounds is {experiment.rounds} with {len(cells)} votes and moments; accepted: the "
            "runoff (rounds=[2]) of one election at one moment"
        )
    (cell,) = cells
    if experiment.baseline not in experiment.predictors:
        raise ConfigError(
            f"baseline '{experiment.baseline}' is not asked "
            f"({did_you_mean(experiment.baseline, experiment.predictors)})"
        )
    public = rounds_of_runoff(cell.election)[0].vote_on + KNOWN_AFTER
    if cell.as_of < public:
        raise ConfigError(
            f"as_of {cell.as_of} is before the stations of the first round were public ({public}); "
            "give a later moment"
        )
    return cell


def runoff_of(experiment: Experiment) -> Runoff:
    """Stations and evidence, assembled once per process."""
    cell = vote_of(experiment)

    def make() -> Runoff:
        candidate = str(outcome_of(cell.election, cell.round).share.idxmax())
        learn_from: LearnFrom = "earlier" if experiment.learn_from == "earlier" else "others"
        evidence = evidence_for(
            cell.election,
            cell.round,
            cell.as_of,
            learn_from=learn_from,
            owners_of=experiment.owners_of,
            by_station=True,
            poll_lag_days=experiment.poll_lag_days,
        )
        return Runoff(
            cell=cell,
            country=country_of(cell.election),
            candidate=candidate,
            stations=runoff_stations(cell.election, candidate),
            evidence=evidence,
        )

    return remembered(
        "stations of a runoff", experiment, list(folders_of(experiment).values()), make
    )


def synthetic_area_id(candidate: str) -> str:
    """Code of the made-up station where everybody chose this candidate."""
    return f"all {candidate}"


def single_candidate_stations(runoff: Runoff) -> Evidence:
    """The evidence with a made-up station per candidate, where nobody chose anybody else.

    What a method says of such a station is its rate of transfer from that candidate. The stations
    weigh a millionth of a vote, so that totals stay; no score is made of this evidence.
    """
    names = list(rounds_of_runoff(runoff.cell.election)[0].candidates)
    outcomes = runoff.evidence["outcomes"]
    model = outcomes[outcomes["level"].eq("station")].iloc[: len(names) ** 2].copy()
    own = np.eye(len(names)).ravel()
    model["area"] = np.repeat([synthetic_area_id(name) for name in names], len(names))
    model["candidate"] = np.tile(names, len(names))
    model["share"], model["votes"] = own, 1e-6 * own
    return runoff.evidence.with_tables(outcomes=pd.concat([outcomes, model], ignore_index=True))


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
