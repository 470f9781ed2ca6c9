"""Country profiles: area levels, census groups, party families, law on silence."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from bench.core import paths
from bench.core.errors import BenchError, DataError, did_you_mean
from bench.data.election import Election, Round, load_election
from bench.data.readers import (
    Text,
    facts_as,
    facts_of,
    fits,
    folders_below,
    read_csv,
    remembered,
)

PROFILE = "country.yaml"
LEVELS: Mapping[str, tuple[str, ...]] = {  # those of the file format; a profile may name more
    "station": ("departement", "commune", "station"),
    "commune": ("departement", "commune"),
    "departement": ("departement",),
}
FAMILY_COLOURS: Mapping[str, str] = {"other": "#666c75"}
Hour = Annotated[str, fits(r"([01]\d|2[0-3]):[0-5]\d", "a time of day as 20:00")]
Colour = Annotated[str, fits("#[0-9a-fA-F]{6}", "a colour as #2f8f4e")]


def _hour(value: str) -> pd.Timedelta:
    return pd.Timedelta(f"{value}:00")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _time_zone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (LookupError, OSError, TypeError, ValueError) as error:
        raise ValueError("accepted: a time zone as Europe/Paris") from error


class Law(_Section):
    """A law that forbids to publish polls from the last evening with polls until a vote is closed.

    Attributes
    ----------
    en, fr : str
        Its name in English and French.
    time_zone : ZoneInfo
        By whose clock it counts.
    """

    en: Text
    fr: Text
    time_zone: Annotated[ZoneInfo, BeforeValidator(_time_zone)]


class Silence(_Section):
    """The last evening on which polls may appear before a vote, by law or by custom.

    Attributes
    ----------
    days_before, hour
        Of that evening, where the election states none.
    law : Law or None
        None where none forbids to publish what was public before.
    """

    days_before: int = 1
    hour: Hour = "23:59"
    law: Law | None = None


class SilentPeriod(NamedTuple):
    """When a law forbids to publish polls of a vote.

    Attributes
    ----------
    election : str
        Its title.
    round : int
    start, end : pandas.Timestamp
        In the time zone of the vote: the first moment after the last on which polls could appear,
        and that from which its outcome is public.
    law : Law
    """

    election: str
    round: int
    start: pd.Timestamp
    end: pd.Timestamp
    law: Law


def _weights(value: object) -> object:
    weights: Collection[Any] = value.values() if isinstance(value, Mapping) else [value]
    for weight in weights:
        if type(weight) not in (int, float) or not math.isfinite(weight):
            raise ValueError("accepted: variables with their weights, or a fraction")
    return value


class CensusVariable(_Section):
    """How adults are grouped, by the variables of `inputs/areas.parquet` or by plain fractions.

    Attributes
    ----------
    groups : mapping of str to mapping of str to float, or to float
        Group to variables with their weights; a group without any holds everybody else. Or every
        group to its fraction of the adults of the country, where no table of areas tells.
    vintage, level : str
        Of the rows that count.
    """

    groups: dict[Text, Annotated[dict[Text, float] | float, BeforeValidator(_weights)]]
    vintage: Text = ""
    level: str = ""

    @model_validator(mode="after")
    def _can_be(self) -> CensusVariable:
        plain = [group for group in self.groups.values() if not isinstance(group, Mapping)]
        if self.parts and plain:
            raise ValueError("it mixes groups of variables with fractions; accepted: one kind")
        if sum(not parts for parts in self.parts.values()) > 1:
            raise ValueError("two groups without variables; accepted: one, for everybody else")
        if plain and (min(plain) < 0 or not sum(plain) > 0):
            raise ValueError(f"the fractions {plain}; accepted: 0 and above")
        return self

    @property
    def parts(self) -> dict[str, Mapping[str, float]]:
        """Group to variables with their weights; empty where groups are plain fractions."""
        return {name: group for name, group in self.groups.items() if isinstance(group, Mapping)}

    @property
    def variables(self) -> tuple[str, ...]:
        """Every variable that a group needs."""
        return tuple(name for parts in self.parts.values() for name in parts)

    def shares(self, values: pd.Series, whole: float = 1.0) -> np.ndarray:
        """Fractions [G] of the groups, summing to 1.

        Parameters
        ----------
        values : pandas.Series
            By variable: shares, or sums of shares times people.
        whole : float
            Of everybody, in the unit of `values`; counts where a group holds everybody else.

        Examples
        --------
        >>> groups = {"young": {"young_share": 1}, "older": {}}
        >>> variable = CensusVariable(vintage="2029", level="departement", groups=groups)
        >>> variable.shares(pd.Series({"young_share": 0.25})).tolist()
        [0.25, 0.75]
        """
        if not self.parts:
            fractions = np.array(list(self.groups.values()), dtype=float)
            return np.asarray(fractions / fractions.sum())
        groups = list(self.parts.values())
        sums = [
            sum(weight * values[name] for name, weight in weights.items()) for weights in groups
        ]
        rest = max(whole - sum(sums), 0.0)
        has_variables = np.array([bool(weights) for weights in groups])
        fractions = np.where(has_variables, sums, rest)
        return np.asarray(fractions / fractions.sum(), dtype=float)


def _each_once(places: dict[str, list[str]]) -> dict[str, list[str]]:
    named = [area for areas in places.values() for area in areas]
    repeated = [area for area in named if named.count(area) > 1]
    if repeated:
        raise ValueError(f"it names '{repeated[0]}' twice; accepted: each area once")
    return places


class Country(_Section):
    """What the elections of one country share; the defaults are those of a country without profile.

    Attributes
    ----------
    code, name : str
        As elections name it, and in words.
    folder : Path or None
        Of the profile and the files that it names.
    levels : mapping of str to tuple of str
        Areas from fine to coarse: the columns that name one.
    labels : mapping of str to str
        Levels in words, where the key does not read as words.
    titles_fr : mapping of str to str
        Titles of elections in French, by the English; ``{year}`` is any year at the end.
    abroad, capital : tuple of str
        Areas of the coarsest level that lie abroad, and those of the region of the capital.
    outlines : str
        File with the outlines of the coarsest level; empty if there is none.
    lookups : mapping of str to str
        Level to the file, one a year, that says in which area each commune lies.
    silence : Silence
        Of polls, before a vote.
    families : mapping of str to str
        Political family to colour, ``#rrggbb``.
    census : mapping of str to CensusVariable
        By variable, such as ``age``.
    places : mapping of str to list of str
        Kinds of areas of the coarsest level; all others are one more kind.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    code: Annotated[Text, Field(alias="country")]
    name: Text
    folder: Path | None = None
    levels: dict[Text, tuple[Text, ...]] = dict(LEVELS)
    labels: dict[Text, str] = {}
    titles_fr: dict[Text, Text] = {}
    abroad: tuple[Text, ...] = ()
    capital: tuple[Text, ...] = ()
    outlines: str = ""
    lookups: dict[Text, str] = {}
    silence: Silence = Silence()
    families: dict[Text, Colour] = dict(FAMILY_COLOURS)
    census: dict[Text, CensusVariable] = {}
    places: Annotated[dict[Text, list[Text]], AfterValidator(_each_once)] = {}

    @model_validator(mode="after")
    def _names_its_levels(self) -> Country:
        names = {*self.levels}
        for columns in self.levels.values():
            names.update(columns)
        for level in (*self.labels, *self.lookups):
            if level not in names:
                raise ValueError(f"'{level}' is not a level ({did_you_mean(level, self.levels)})")
        return self

    def label(self, level: str) -> str:
        """A level of areas in words.

        Examples
        --------
        >>> load_country("FR").label("station_by_departement")
        'station by département'
        """
        words = [self.labels.get(word, word) for word in level.split("_")]
        return " ".join(words)

    @property
    def outlines_file(self) -> Path | None:
        """The file with the outlines of the coarsest level, if there is one."""
        if not (self.folder and self.outlines):
            return None
        path = self.folder / self.outlines
        return path if path.is_file() else None

    def census_variable(self, name: str) -> CensusVariable:
        """How adults are grouped by one variable.

        Raises
        ------
        DataError
            If the profile does not say.
        """
        if name not in self.census:
            place = self.folder / PROFILE if self.folder else PROFILE
            raise DataError(
                f"{place}: census has no '{name}' ({did_you_mean(name, self.census)}); name its "
                "vintage, level and groups there"
            )
        return self.census[name]

    def last_poll_evening(self, vote: Round) -> pd.Timestamp:
        """The last evening on which polls of a round could appear.

        Examples
        --------
        >>> from bench.data.election import load_election
        >>> str(load_country("FR").last_poll_evening(load_election("fr2017").round(1)))
        '2017-04-21 23:59:00'
        """
        day = vote.polls_until or vote.vote_on - pd.Timedelta(days=self.silence.days_before)
        return day.normalize() + _hour(self.silence.hour)

    def silent_periods(self, election: Election, first_round: int = 1) -> list[SilentPeriod]:
        """When its law forbids to publish polls of rounds; none where it has no such law.

        Examples
        --------
        >>> from bench.data.election import load_election
        >>> period = load_country("FR").silent_periods(load_election("fr2027"))[0]
        >>> print(period.start, period.end)
        2027-04-17 00:00:00+02:00 2027-04-18 20:00:00+02:00
        """
        law = self.silence.law
        if law is None:
            return []
        return [
            SilentPeriod(
                election.title,
                number,
                (self.last_poll_evening(vote) + pd.Timedelta(minutes=1)).tz_localize(law.time_zone),
                vote.known_at.tz_localize(law.time_zone),
                law,
            )
            for number, vote in election.rounds.items()
            if number >= first_round
        ]

    def areas_of(self, level: str, communes: pd.Series, year: int) -> pd.Series | None:
        """The area of every commune at a level that only a list of that year tells.

        Communes that the list does not hold form an area of their own.

        Parameters
        ----------
        level : str
            One of `lookups`.
        communes : pandas.Series
            Codes.
        year : int
            Of the first round.

        Returns
        -------
        pandas.Series or None
            None if that year's areas are not known.
        """
        name = self.lookups.get(level, "").format(year=year)
        path = self.folder / name if self.folder and name else None
        if path is None or not path.is_file():
            return None
        area_by_commune = read_csv(path).set_index("commune")[level]
        return communes.map(area_by_commune).fillna(communes).rename(level)


def country_of(election: Election) -> Country:
    """The profile of the country of an election, shipped or beside its folder.

    Raises
    ------
    DataError
        If the profile is damaged.

    Examples
    --------
    >>> from bench.data.election import load_election
    >>> country_of(load_election("toy")).silence.hour
    '20:00'
    """
    return load_country(election.country, str(election.folder.parent))


def silent_periods(elections: Iterable[str], rounds: Collection[int]) -> tuple[SilentPeriod, ...]:
    """When laws forbid to publish forecasts of rounds, as far as the elections can be opened.

    Who forecasts a round says who may be elected in the end: the later rounds count too.

    Parameters
    ----------
    elections : iterable of str
        Names, or folders. Collections that are named whole are of votes that are over.
    rounds : collection of int
        All of them where empty.

    Examples
    --------
    >>> [period.round for period in silent_periods(["fr2027", "toy"], [1])]
    [1, 2]
    >>> [period.round for period in silent_periods(["fr2027", "germany"], [2])]
    [2]
    """
    periods: list[SilentPeriod] = []
    for name in elections:
        with suppress(BenchError):
            election = load_election(name)
            periods += country_of(election).silent_periods(election, min(rounds, default=1))
    return tuple(periods)


@remembered()
def load_country(code: str, parent: str = "") -> Country:
    """The profile of a country by its code; that of no country in particular where none is known.

    Parameters
    ----------
    code : str
        As `country` of an election.
    parent : str
        A folder whose folders may hold profiles too, which come before the shipped ones.

    Raises
    ------
    DataError
        If the profile is damaged.
    """
    places = [Path(parent)] if parent else []
    for place in (*places, paths.datasets()):
        for folder in folders_below(place, PROFILE):
            if facts_of(folder / PROFILE).get("country") == code:
                return _profile(folder / PROFILE)
    return Country(code=code, name=code)


@remembered()
def family_colours() -> Mapping[str, str]:
    """Colour of every political family that a shipped profile names.

    Examples
    --------
    >>> family_colours()["green"]
    '#2f8f4e'
    """
    colours = dict(FAMILY_COLOURS)
    for path in sorted(paths.datasets().glob(f"*/{PROFILE}"), reverse=True):
        colours.update(_profile(path).families)
    return colours


@remembered()
def titles_in_french() -> Mapping[str, str]:
    """Titles of elections in French, by the English, of every shipped profile.

    Examples
    --------
    >>> titles_in_french()["Made-up election of {year}"]
    'Élection fictive de {year}'
    """
    titles: dict[str, str] = {}
    for path in sorted(paths.datasets().glob(f"*/{PROFILE}")):
        titles.update(_profile(path).titles_fr)
    return titles


@remembered()
def _profile(path: Path) -> Country:
    return facts_as(Country, {**facts_of(path), "folder": path.parent}, path)
