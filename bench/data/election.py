"""Which elections exist, their dates and their ballots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from bench import paths
from bench.contract.errors import ConfigError, DataError, did_you_mean
from bench.data.checksums import is_as_shipped
from bench.data.columns import CANDIDATES
from bench.data.read import read_table
from bench.data.short_form import expand, is_short


@dataclass(frozen=True, kw_only=True)
class Round:
    """One round: its day, the moment its outcome is public, and its ballot."""

    number: int
    vote_on: pd.Timestamp
    known_at: pd.Timestamp
    seats: int
    candidates: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Election:
    """One election and the folder that holds it."""

    name: str
    title: str
    country: str
    folder: Path
    rounds: Mapping[int, Round]
    people: pd.DataFrame

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
    folder = paths.datasets() / name
    if "/" in name or "\\" in name or not (folder / "election.yaml").is_file():
        folder = Path(name).expanduser()
    if not (folder / "election.yaml").is_file():
        raise ConfigError(
            f"no election is called '{name}' ({did_you_mean(name, election_names())}); "
            "or give the path of a folder that holds an election.yaml"
        )
    return _load(folder.resolve())


def neighbours(election: Election) -> list[Election]:
    """The other elections of the same country, shipped or in the same parent folder, by date."""
    folders = {path.parent.resolve() for path in paths.datasets().glob("*/election.yaml")}
    folders |= {path.parent.resolve() for path in election.folder.parent.glob("*/election.yaml")}
    others = [_load(folder) for folder in sorted(folders - {election.folder})]
    same = [other for other in others if other.country == election.country]
    return sorted(same, key=lambda other: min(r.vote_on for r in other.rounds.values()))


@cache
def _load(folder: Path) -> Election:
    path = folder / "election.yaml"
    if is_short(folder):
        return _election(folder, *expand(folder))
    try:
        facts = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: not readable as YAML ({error})") from error
    if not isinstance(facts, dict):
        raise DataError(f"{path}: must hold the keys election, name, country and rounds")
    for key in ("election", "name", "country", "rounds"):
        if key not in facts:
            raise DataError(f"{path}: the key '{key}' is missing; see the folder 'toy'")
    people_file = folder / "candidates.csv"
    people = read_table(people_file, CANDIDATES, check=not is_as_shipped(people_file))
    return _election(folder, facts, people)


def _election(folder: Path, facts: Mapping[str, Any], people: pd.DataFrame) -> Election:
    path = folder / "election.yaml"
    known = set(people["candidate"])
    return Election(
        name=str(facts["election"]),
        title=str(facts["name"]),
        country=str(facts["country"]),
        folder=folder,
        rounds={
            int(number): _round(int(number), entry, known, path)
            for number, entry in sorted(facts["rounds"].items())
        },
        people=people,
    )


def _round(number: int, entry: Any, known: set[str], path: Path) -> Round:
    try:
        candidates = tuple(sorted(str(name) for name in entry["candidates"]))
        vote_on = pd.Timestamp(str(entry["vote_on"]))
        known_at = pd.Timestamp(str(entry["known_at"]))
        seats = int(entry["seats"])
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{path}: round {number} needs vote_on, known_at (dates), seats (a whole number) and "
            f"candidates (a list of slugs); {type(error).__name__}: {error}"
        ) from error
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
        number=number, vote_on=vote_on, known_at=known_at, seats=seats, candidates=candidates
    )
