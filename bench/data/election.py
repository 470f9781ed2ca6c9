"""Which elections exist, their dates and their ballots."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from bench.core import paths
from bench.core.errors import ConfigError, DataError, did_you_mean
from bench.data.checksums import is_as_shipped
from bench.data.columns import CANDIDATES
from bench.data.files import read_yaml, shortened
from bench.data.memory import remembered
from bench.data.minimal_election import expand, is_short
from bench.data.readers import read_table

if TYPE_CHECKING:
    from bench.data.outcome import Outcome

# names of elections and candidates become names of files and columns
SLUG = re.compile(r"[a-z][a-z0-9_]{0,59}")
SLUG_WORDS = "a slug such as fr2017 or le_pen (a to z, 0 to 9, _; at most 60)"


@dataclass(frozen=True, kw_only=True)
class Round:
    """One round: its day, the moment its outcome is public, and its ballot.

    `polls_until` is the last moment at which the law allowed polls before it, if it set one.
    """

    number: int
    vote_on: pd.Timestamp
    known_at: pd.Timestamp
    seats: int
    candidates: tuple[str, ...]
    polls_until: pd.Timestamp | None = None


@dataclass(frozen=True, kw_only=True)
class Election:
    """One election and the folder that holds it."""

    name: str
    title: str
    country: str
    folder: Path
    rounds: Mapping[int, Round]
    people: pd.DataFrame

    @property
    def polls(self) -> pd.DataFrame:
        """Every poll of both rounds and every slate, one row per candidate, nothing cut."""
        from bench.data.evidence import polls_of  # which reads elections itself

        return polls_of(self)

    def outcome(self, round_number: int) -> Outcome:
        """The official votes of a round.

        Raises
        ------
        DataError
            If there is no such round, or its outcome is not known.
        """
        from bench.data.outcome import outcome_of  # which reads elections itself

        return outcome_of(self, round_number)

    def round(self, number: int) -> Round:
        """The round of that number.

        Raises
        ------
        ConfigError
            If the election has no such round.
        """
        if number not in self.rounds:
            raise ConfigError(
                f"{self.name} has no round {number}; known: {', '.join(map(str, self.rounds))}"
            )
        return self.rounds[number]


def election_names() -> list[str]:
    """The shipped elections, by name."""
    return sorted(path.parent.name for path in paths.datasets().glob("*/election.yaml"))


def load_election(name: str) -> Election:
    """A shipped election by name, or any folder with an `election.yaml` by its path.

    Raises
    ------
    ConfigError
        If there is neither.
    DataError
        If the folder does not hold what an election needs.
    """
    try:
        folder = paths.datasets() / name
        if "/" in name or "\\" in name or not (folder / "election.yaml").is_file():
            folder = Path(name).expanduser()
        found = bool(name.strip()) and (folder / "election.yaml").is_file()
    except (OSError, RuntimeError, ValueError):
        found = False  # no name that a file can have
    if not found:
        raise ConfigError(
            f"no election is called '{name}' ({did_you_mean(name, election_names())}); "
            "or give the path of a folder that holds an election.yaml"
        )
    return _load(folder.resolve())


def same_country_elections(election: Election) -> list[Election]:
    """The other elections of the same country, shipped or in the same parent folder, by date.

    Folders that name another country, or none, are not opened any further.

    Raises
    ------
    DataError
        If one of the same country is damaged.
    """
    folders = {path.parent.resolve() for path in paths.datasets().glob("*/election.yaml")}
    folders |= {path.parent.resolve() for path in election.folder.parent.glob("*/election.yaml")}
    others = sorted(folders - {election.folder})
    same = [_beside(other, election) for other in others if _country(other) == election.country]
    return sorted(same, key=_first_day)


def this_and_earlier(names: Sequence[str]) -> tuple[Election, Election | None]:
    """The latest of the elections named, and the one before it.

    Parameters
    ----------
    names : sequence of str
        One election, or several in any order.

    Returns
    -------
    (Election, Election or None)
        The one before is the latest of the others named; where a single one is named, the latest
        earlier election of its country, or None if there is none.

    Examples
    --------
    >>> [one.name for one in this_and_earlier(["fr2017"]) if one]
    ['fr2017', 'fr2012']
    >>> [one.name for one in this_and_earlier(["fr2002", "fr2017"]) if one]
    ['fr2017', 'fr2002']
    """
    *others, this = sorted(map(load_election, names), key=_first_day)
    known = others or [
        one for one in same_country_elections(this) if _first_day(one) < _first_day(this)
    ]
    return this, known[-1] if known else None


def rounds_of_runoff(election: Election) -> tuple[Round, Round]:
    """The first and the last round of an election of several.

    Raises
    ------
    ConfigError
        If it has one round.
    """
    first, last = min(election.rounds), max(election.rounds)
    if first == last:
        raise ConfigError(
            f"{election.name} has round {first} alone; accepted: an election with a runoff"
        )
    return election.round(first), election.round(last)


def _first_day(election: Election) -> pd.Timestamp:
    return min(one.vote_on for one in election.rounds.values())


def _beside(folder: Path, election: Election) -> Election:
    try:
        return _load(folder)
    except DataError as error:
        raise DataError(
            f"{error} ({election.name} learns from it: same country, beside {election.folder}; "
            "mend it, or move it away)"
        ) from error


@remembered()
def _facts(folder: Path) -> Mapping[Any, Any]:
    return read_yaml(folder / "election.yaml")


def _country(folder: Path) -> str:
    """The country that a folder names; empty where it names none or cannot be read."""
    try:
        return str(_facts(folder).get("country") or "")
    except (DataError, OSError):
        return ""


@remembered()
def _load(folder: Path) -> Election:
    path = folder / "election.yaml"
    if is_short(folder):
        return _election(folder, *expand(folder))
    facts = _facts(folder)
    for key in ("election", "name", "country", "rounds"):
        if key not in facts:
            raise DataError(f"{path}: the key '{key}' is missing; see the folder 'toy'")
    for key in ("election", "name", "country"):
        if not isinstance(facts[key], str) or len(facts[key]) > 200:
            raise DataError(f"{path}: '{key}' must be a line of text; quote it")
    if not SLUG.fullmatch(facts["election"]):
        raise DataError(f"{path}: election is '{facts['election'][:60]}'; accepted: {SLUG_WORDS}")
    rounds = facts["rounds"]
    if not isinstance(rounds, dict) or not set(rounds) <= {1, 2} or not rounds:
        raise DataError(f"{path}: 'rounds' must hold the keys 1, 2 or both")
    people_file = folder / "candidates.csv"
    people = read_table(people_file, CANDIDATES, check=not is_as_shipped(people_file))
    return _election(folder, facts, people)


def _election(folder: Path, facts: Mapping[str, Any], people: pd.DataFrame) -> Election:
    path = folder / "election.yaml"
    known = set(people["candidate"])
    return Election(
        name=facts["election"],
        title=facts["name"],
        country=facts["country"],
        folder=folder,
        rounds={
            int(number): _round(int(number), entry, known, path)
            for number, entry in sorted(facts["rounds"].items())
        },
        people=people,
    )


def _round(number: int, entry: Any, known: set[str], path: Path) -> Round:
    try:
        listed, seats = entry["candidates"], entry["seats"]
        if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
            raise TypeError("candidates is not a list of text")
        if not isinstance(seats, int) or isinstance(seats, bool):
            raise TypeError("seats is not a whole number")
        vote_on, known_at = (_moment(entry[key]) for key in ("vote_on", "known_at"))
        until = _moment(entry["polls_until"]) if "polls_until" in entry else None
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise DataError(
            f"{path}: round {number} needs vote_on, known_at (dates), seats (a whole number) and "
            f"candidates (a list of slugs); {type(error).__name__}: {shortened(error, 200)}"
        ) from error
    candidates = tuple(sorted(listed))
    if wrong := [name for name in candidates if not SLUG.fullmatch(name)]:
        raise DataError(
            f"{path}: round {number} lists '{shortened(wrong[0])}'; accepted: {SLUG_WORDS}"
        )
    if len(set(candidates)) < len(candidates):
        raise DataError(f"{path}: round {number} lists a candidate twice")
    if strangers := [name for name in candidates if name not in known]:
        raise DataError(
            f"{path}: round {number} lists '{strangers[0]}', who is not in candidates.csv "
            f"({did_you_mean(strangers[0], known)})"
        )
    if known_at < vote_on:
        raise DataError(f"{path}: round {number}: known_at {known_at} is before vote_on {vote_on}")
    if not 0 < seats < len(candidates):
        raise DataError(
            f"{path}: round {number}: seats is {seats}; accepted: 1 to {len(candidates) - 1}"
        )
    return Round(
        number=number,
        vote_on=vote_on,
        known_at=known_at,
        seats=seats,
        candidates=candidates,
        polls_until=until,
    )


def _moment(value: object) -> pd.Timestamp:
    day = datetime.fromisoformat(str(value))
    if day.tzinfo is not None or not 1678 <= day.year <= 2261:
        raise ValueError(f"{day} names a zone, or lies outside 1678 to 2261")
    return pd.Timestamp(str(value))
