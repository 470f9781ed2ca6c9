"""Settings of a simulation: what is assumed of the electorate, and how much is simulated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from bench.core.registry import typed
from bench.core.settings import TASK_SETTINGS, Experiment

T = TypeVar("T")
# settings of an experiment that every simulation reads
USES = TASK_SETTINGS | {"electorate", "instruments", "distortions", "simulation"}


@dataclass(frozen=True, kw_only=True)
class PastVote:
    """What the voters of one election remember.

    Attributes
    ----------
    past_election : str
        The election. Where it is empty, or not an earlier one of the same country, the last first
        round before.
    past_groups : mapping of str to list of str
        Its candidates by group; whoever voted for none of them is `nobody`. Empty: everybody with
        5 % or more alone, the rest together.
    """

    past_election: str
    past_groups: Mapping[str, list[str]]


@dataclass(frozen=True, kw_only=True)
class ElectorateSettings(PastVote):
    """What no shipped file says of an electorate; YAMLs in `configs/electorate/`.

    Attributes
    ----------
    women_share : float
        Of those registered, 0 to 1.
    interest_share, turnout_by_interest : mapping of str to float
        By interest (low, middle, high): weights; fractions who vote, scaled to the official
        turnout.
    place_bounds : tuple of float
        People on the roll of a commune from which it is a town, and a city.
    retired_before_60 : float
        Seed odds of being retired in the age groups that `working_at_age` does not name.
    working_at_age : mapping of str to float
        By age group of the retired: seed odds of being at work all the same.
    not_at_work : tuple of str
        Occupations of those who do not work; the first is that of the retired.
    priors : mapping
        What settings might be instead (`bench.studies.breaking_point.priors`).
    """

    women_share: float
    interest_share: Mapping[str, float]
    turnout_by_interest: Mapping[str, float]
    place_bounds: tuple[float, ...]
    retired_before_60: float
    working_at_age: Mapping[str, float]
    not_at_work: tuple[str, ...]
    priors: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SimulationSettings:
    """How much is simulated, and what is assumed of instruments together.

    Attributes
    ----------
    replicates, block : int
        Replicates in all, and per block; a block is simulated at once.
    calendar_days : int
        The last poll of every institute within so many days lends dates and sample sizes.
    unmeasured_attention, own_unmeasured_attention : float
        Fractions of a community's mentions, where nobody measured: of any candidate, and of its
        own.
    background : mapping of str to float
        Distortions that are always on, with their doses.
    lender : str
        The election that lends what another one does not know itself; empty for none.
    kin : mapping of str to str
        Families that the lender lacks, and which of its families stands in.
    ages_of : str
        Vintage of the lender's census for the ages of those who borrow.
    earlier : mapping
        `PastVote` by election that borrows.
    priors : mapping
        What settings might be instead.
    """

    replicates: int
    block: int
    calendar_days: int
    unmeasured_attention: float
    own_unmeasured_attention: float
    background: Mapping[str, float] = field(default_factory=dict)
    lender: str = ""
    kin: Mapping[str, str] = field(default_factory=dict)
    ages_of: str = ""
    earlier: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    priors: Mapping[str, Any] = field(default_factory=dict)

    def past_vote(self, election: str, assumed: ElectorateSettings) -> PastVote:
        """What voters of an election remember: as `earlier` says, or as `assumed` does."""
        if election not in self.earlier:
            return assumed
        setting = f"simulation.earlier.{election}"
        return typed(PastVote, self.earlier[election], setting, "the YAML of the experiment")


def electorate_settings(experiment: Experiment) -> ElectorateSettings:
    """The section `electorate` of an experiment.

    Raises
    ------
    ConfigError
        If a setting is unknown, missing or of a wrong type.
    """
    return typed(ElectorateSettings, experiment.electorate, "electorate", "configs/electorate/")


def simulation_settings(experiment: Experiment) -> SimulationSettings:
    """What every simulation reads of the section `simulation`; studies check the rest.

    Raises
    ------
    ConfigError
        If a setting is missing or of a wrong type.
    """
    names = {field.name for field in fields(SimulationSettings)}
    own_settings = {key: value for key, value in experiment.simulation.items() if key in names}
    return section(SimulationSettings, own_settings)


def section(kind: type[T], settings: Mapping[str, Any]) -> T:
    """The section `simulation` as a study wants it.

    Raises
    ------
    ConfigError
        If a setting is unknown, missing or of a wrong type.
    """
    return typed(kind, settings, "simulation", "the YAML of the experiment")
