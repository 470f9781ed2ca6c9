"""Which elections exist, their dates and their ballots."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import pandas as pd
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass as pydantic_dataclass

from bench.core import paths
from bench.core.errors import ConfigError, DataError, did_you_mean, nearest
from bench.core.moments import iso_moment
from bench.core.read import MAX_LETTERS, shortened
from bench.data.collection import (
    FOUND,
    Found,
    collection_folders,
    collection_of,
    is_collection,
    load_collection,
    members,
    members_by_vote,
    only_place,
    register,
)
from bench.data.columns import CANDIDATES, EVIDENCE, KINDS, SLUG, SLUG_WORDS, SYSTEMS
from bench.data.election_folder import OPEN, PRESIDENT, folder_names, folders_by_vote, is_short
from bench.data.minimal_election import short_form
from bench.data.readers import facts_as, facts_of, fits, one_of, read_table, remembered
from bench.models.families import FAMILIES

if TYPE_CHECKING:
    from bench.data.tables import Outcome

PAST_ERRORS = "past_errors"  # the folder of datasets/ with the errors of all polls
POLLED = "polled"  # in place of the name of a slate: the one most tested of those that stand
MAX_WAIT = pd.Timedelta(days=60)  # for an outcome; the longest of those that ship took 21
NEAR_KIND = 0.8  # of common letters: parlament, presidential; not state_senate for senate
MAX_BESIDE = 200  # folders of one country and kind; a run opens them all for each of its votes
EMBARGOED_BALLOT = "embargoed_ballot"  # in place of an owner: the one that the election names
OTHERS = "others"  # sources of a table that `found` does not name


def _moment(value: object) -> pd.Timestamp:
    if isinstance(value, pd.Timestamp):
        return value
    return iso_moment(str(value))


def _ballot(value: object) -> tuple[str, ...]:
    if value == OPEN:
        return ()
    names = value if isinstance(value, list | tuple) else [value]
    for name in names:
        is_slug = isinstance(name, str) and SLUG.fullmatch(name)
        if not is_slug or list(names).count(name) > 1:
            raise ValueError(
                f"'{shortened(name)}' is none; accepted: {SLUG_WORDS}, each once, in a list, or "
                f"`{OPEN}` until the ballot is known"
            )
    return tuple(sorted(names))


Moment = Annotated[pd.Timestamp, BeforeValidator(_moment)]
Perhaps = Annotated[
    pd.Timestamp | None,
    BeforeValidator(lambda value: None if value is None or value is pd.NaT else _moment(value)),
]


@pydantic_dataclass(
    frozen=True, kw_only=True, config=ConfigDict(arbitrary_types_allowed=True, extra="forbid")
)
class Round:
    """One round: its day, the moment its outcome is public, and its ballot.

    `polls_until` is the last moment at which the law allowed polls before it, if it set one.
    `candidates` is empty while the ballot is open: then it is one of the slates that polls test
    (`bench.data.slates`). `possible_days` are the days on which the vote may be while none is
    set, the last of which `vote_on` stands for; empty once it is. `announced_on` is the day on
    which the day of the vote was announced, while no legal act has set it yet. `listed_on` is the
    moment from which the official list of candidates was public, where a folder says so.
    `selected_by` is ``outcome`` where the source kept polls of the round by who came to stand.
    Until the list of the first round was public (where no folder says when, until it is counted),
    nobody is shown one of a runoff, and lists of a first round tell no slate.
    """

    number: int
    vote_on: Moment
    known_at: Moment
    n_advance: Annotated[int, Field(ge=1, strict=True)]
    candidates: Annotated[tuple[str, ...], BeforeValidator(_ballot)]
    polls_until: Perhaps = None
    possible_days: tuple[Moment, ...] = ()
    announced_on: Perhaps = None
    listed_on: Perhaps = None
    selected_by: Literal["", "outcome"] = ""

    @model_validator(mode="after")
    def _can_be(self) -> Round:
        days = list(self.possible_days)
        if not self.vote_on <= self.known_at <= self.vote_on + MAX_WAIT:
            raise ValueError(
                f"known_at is {self.known_at}, vote_on {self.vote_on}; accepted: the moment from "
                f"which the outcome was public, at most {MAX_WAIT.days} days after the vote"
            )
        if days and (days != sorted(set(days)) or days[-1] != self.vote_on):
            raise ValueError(
                f"possible_days must be in order and end with vote_on ({self.vote_on:%Y-%m-%d}), "
                "which stands for them until the day is set"
            )
        if not self.is_open and self.n_advance >= len(self.candidates):
            max_advance = max(len(self.candidates) - 1, 1)
            raise ValueError(f"n_advance is {self.n_advance}; accepted: 1 to {max_advance}")
        return self

    @property
    def is_open(self) -> bool:
        """Whether nobody knows yet who is on the ballot."""
        return not self.candidates


class Rounds(dict[int, Round]):
    """The rounds of one election by number; one that there is not is refused."""

    def __init__(self, election: str, rounds: Mapping[int, Round]) -> None:
        super().__init__(rounds)
        self._election = election

    def __missing__(self, number: int) -> Round:
        numbers = ", ".join(map(str, self))
        raise ConfigError(f"{self._election} has no round {number!r}; known: {numbers}")


@dataclass(frozen=True, kw_only=True, eq=False)
class Election:
    """One election and the folder that holds it.

    Attributes
    ----------
    name, title, country : str
    folder : Path
        Its own, or that of its collection.
    rounds : mapping of int to Round
        One that there is not is refused, as by `round`.
    people : pandas.DataFrame
        Who stood, and whom polls tested although they did not stand.
    kind : str
        What is elected (`KINDS`); elections of one country and kind are learned from.
    system : str
        How votes become seats (`SYSTEMS`); empty where a folder does not say.
    area : str
        The part of the country that votes; empty if all of it does.
    collection : str
        The name of its collection; empty for one with a folder of its own.
    ranked : bool
        Whether it may count in a ranking of methods.
    unranked_because : str
        Why not.
    teaches : bool
        Whether other elections, and the errors of all polls, are learned from it.
    found : mapping of str to mapping of str to str
        How figures were found (`FOUND`), by table and by source or publisher (as its name begins;
        ``others`` are all that are not named), as far as a folder says.
    embargoed_ballot : str
        The owner of a ballot of volunteers whose figures somebody had before the vote and
        published after it; empty if there is none.
    address : Path
        What `load_election` opens again: the folder, or below it the name in a collection.
    is_open : bool
        Whether the ballot of a round is not known yet.
    """

    name: str
    title: str
    country: str
    folder: Path
    rounds: Mapping[int, Round]
    people: pd.DataFrame
    kind: str = PRESIDENT
    system: str = ""
    area: str = ""
    collection: str = ""
    ranked: bool = True
    unranked_because: str = ""
    teaches: bool = True
    found: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    embargoed_ballot: str = ""
    address: Path = field(init=False)
    is_open: bool = field(init=False)

    def __post_init__(self) -> None:
        address = self.folder / self.name if self.collection else self.folder
        object.__setattr__(self, "address", address)
        object.__setattr__(self, "rounds", Rounds(self.name, self.rounds))
        object.__setattr__(self, "is_open", any(r.is_open for r in self.rounds.values()))

    def __repr__(self) -> str:
        """A line with its name and title, and one for each round."""
        lines = [f"Election {self.name}: {self.title}"]
        for number, vote in self.rounds.items():
            candidates = f"{len(vote.candidates)} candidates" if vote.candidates else "ballot open"
            lines.append(f"round {number} on {vote.vote_on:%Y-%m-%d}, {candidates}")
        return "\n".join(lines)

    @property
    def first_day(self) -> pd.Timestamp:
        """The day of the first vote."""
        return min(vote.vote_on for vote in self.rounds.values())

    @property
    def polls(self) -> pd.DataFrame:
        """Every poll of both rounds and every slate, one row per candidate, nothing cut."""
        from bench.data.tables import polls_of  # which reads elections itself

        return polls_of(self)

    def outcome(self, round_number: int) -> Outcome:
        """The official votes of a round.

        Raises
        ------
        DataError
            If there is no such round, or its outcome is not known.
        """
        from bench.data.tables import outcome_of  # which reads elections itself

        return outcome_of(self, round_number)

    def owners(self, requested: Iterable[str]) -> tuple[str, ...]:
        """Owners of embargoed rows by name, each once.

        Parameters
        ----------
        requested : iterable of str
            Names, or ``embargoed_ballot`` for the owner whom this election names, if any.

        Examples
        --------
        >>> load_election("fr2022").owners(["embargoed_ballot", "politoscope"])
        ('vote_imag', 'politoscope')
        """
        names = [self.embargoed_ballot if name == EMBARGOED_BALLOT else name for name in requested]
        return tuple(dict.fromkeys(name for name in names if name))

    def round(self, number: int) -> Round:
        """The round of that number.

        Raises
        ------
        ConfigError
            If the election has no such round.
        """
        return self.rounds[number]


def election_names() -> list[str]:
    """The shipped elections, by name: those with a folder of their own, then the collections'."""
    return [*folder_names(), *sorted(members(paths.datasets()))]


def load_election(name: str | Path) -> Election:
    """A shipped election by name, or any folder with an `election.yaml` by its path.

    Parameters
    ----------
    name : str or Path
        A name that `bench.elections()` lists, or a folder. An election of a collection elsewhere is
        named by the path of the collection and its name there: ``my_polls/de2029``.

    Returns
    -------
    Election
        With `title`, `rounds`, `people`, `polls` (every poll, uncut) and `outcome(round)`.

    Raises
    ------
    ConfigError
        If there is neither.
    DataError
        If the folder does not hold what an election needs, or a collection holds the election
        twice.

    Examples
    --------
    >>> load_election("fr2017").polls["institute"].nunique() > 5
    True
    """
    name = str(name)
    try:
        folder = paths.datasets() / name
        if "/" in name or "\\" in name or not (folder / "election.yaml").is_file():
            places = members(paths.datasets()).get(name)
            if places is not None:
                return member_of(_only(name, places), name)
            folder = Path(name).expanduser()
        # what stands there and is no file is refused where it is read
        has_folder = bool(name.strip()) and os.path.lexists(folder / "election.yaml")
        inside = None if has_folder or not name.strip() else collection_of(folder.resolve())
    except (OSError, RuntimeError, ValueError):
        has_folder = False  # no name that a file can have
        inside = None
    if inside is not None and inside[1] in register(inside[0]):
        return member_of(*inside)
    if not has_folder and is_collection(name):
        names = load_collection(name).names
        raise ConfigError(
            f"'{name}' is a collection of {len(names):,} elections; name one of them: "
            f"{name.rstrip('/')}/{names[0]}"
        )
    if not has_folder:
        raise ConfigError(
            f"no election is called '{name}' ({did_you_mean(name, election_names())}); "
            "or give the path of a folder that holds an election.yaml"
        )
    return _load(folder.resolve())


def found_in_words(election: Election) -> dict[str, str]:
    """How the figures of each table about an election were found, as far as its folder says.

    Examples
    --------
    >>> found_in_words(load_election("fr2017"))["polls"]
    'series; press: http'
    >>> found_in_words(load_election("us2016/president"))["polls"]
    'series: polls_538'
    """
    by_table = election.found
    if election.collection:
        collection = load_collection(election.folder)
        keys = {
            table: collection.rows(table, election.name)["source_key"].unique()
            for table in EVIDENCE
        }
        kinds = {key: source.found for key, source in collection.sources.items() if source.found}
        by_table = {
            table: {key: kinds[key] for key in used if key in kinds} for table, used in keys.items()
        }
    return {table: _kinds_in_words(by_source) for table, by_source in by_table.items() if by_source}


def _kinds_in_words(by_source: Mapping[str, str]) -> str:
    words = [by_source[OTHERS]] if OTHERS in by_source else []
    for kind in FOUND:
        names = [
            name
            for name, source_kind in by_source.items()
            if source_kind == kind and name != OTHERS
        ]
        if names:
            words.append(f"{kind}: {', '.join(names)}")
    return "; ".join(words)


def series_of(elections: Iterable[Election]) -> dict[str, str]:
    """The series of each election by name: those of one country, kind and area follow each other.

    Errors of polls in neighbours of a series are alike: the same institutes and habits.
    """
    return {
        election.name: f"{election.country} {election.kind} {election.area}"
        for election in elections
    }


def same_country_elections(election: Election, *, in_collections: bool = True) -> list[Election]:
    """The other elections of the same country and kind that teach, by date.

    They are shipped, or lie in the same parent folder, with a folder of their own or in a
    collection. Folders that name another country, or none, are not opened any further; a folder
    about the vote of this one, which a copy with other polls is, is a version of it and left out.

    Parameters
    ----------
    election : Election
    in_collections : bool
        Whether those of collections are opened too.

    Raises
    ------
    DataError
        If one of them is damaged, or stands in two places.
    """
    near = neighbours(election)
    teachers = []
    for folder in near.folders:
        if folder == election.folder:
            continue
        teacher = _learned_from(folder, election)
        is_version = not election.collection and teacher.first_day == election.first_day
        if teacher.teaches and not is_version:
            teachers.append(teacher)
    if in_collections:
        teachers += [
            member_of(folder, name)
            for folder, names in near.collections.items()
            for name in names
            if (folder, name) != (election.folder, election.name)
        ]
    return sorted(teachers, key=attrgetter("first_day"))


class Neighbours(NamedTuple):
    """The elections of one country and kind.

    Attributes
    ----------
    folders : tuple of Path
        Those that hold one of them each.
    collections : mapping of Path to tuple of str
        Those of each collection, by name.
    """

    folders: tuple[Path, ...]
    collections: Mapping[Path, tuple[str, ...]]


def neighbours(election: Election) -> Neighbours:
    """The elections of the same country and kind, this one included, unopened.

    What a collection elsewhere, or a folder, holds under the name of a shipped one counts once.

    Raises
    ------
    DataError
        If a shipped election stands in two places.
    """
    return _neighbours(election.folder.parent, election.country, election.kind)


def _neighbours(place: Path, country: str, kind: str) -> Neighbours:
    near = folders_by_vote(place).get((country, kind), ())
    return _merged(place, near, collection_folders(place), country, kind)


def folders_read(election: Election) -> list[Path]:
    """The folders that evidence about an election is read from, its own first.

    After the elections of its country and kind come the errors of the polls of all others.
    One whose ballot is open teaches nothing, and no polls of it are read but for itself.
    """
    folders, collections = neighbours(election)
    folders = tuple(
        folder for folder in folders if folder == election.folder or not _is_open(folder)
    )
    errors = paths.datasets() / PAST_ERRORS
    past_errors = [errors.resolve()] if errors.is_dir() else []
    return list(dict.fromkeys([election.folder, *folders, *collections, *past_errors]))


def _is_open(folder: Path) -> bool:
    facts = facts_of(folder / "election.yaml")
    rounds = facts.get("rounds")
    entries = [facts, *(rounds.values() if isinstance(rounds, dict) else ())]
    return any(isinstance(entry, dict) and entry.get("candidates") == OPEN for entry in entries)


def is_shipped(folder: Path) -> bool:
    """Whether a folder of data came with the bench: it does not change while a process runs."""
    return folder.parent == _resolved(paths.datasets())


@remembered()
def _resolved(place: Path) -> Path:
    return place.resolve()


@remembered()
def _merged(
    place: Path, near: tuple[Path, ...], collections: tuple[Path, ...], country: str, kind: str
) -> Neighbours:
    """The elections that ship, and those of folders and collections in one place."""
    shipped = folders_by_vote(paths.datasets()).get((country, kind), ())
    folders = sorted({*shipped, *near})
    if len(folders) > MAX_BESIDE:
        raise DataError(
            f"{place}: more than {MAX_BESIDE} elections of {country} lie there, and "
            "each would be read whenever one of them is; accepted: fewer, or a collection of "
            "them (docs/collections.md)"
        )
    own = set(folder_names())
    used_names = {folder.name for folder in folders if folder not in shipped}
    by_collection: dict[Path, tuple[str, ...]] = {}
    shipped_collections = collection_folders(paths.datasets())
    searched = [
        *(folder for folder in collections if folder not in shipped_collections),
        *shipped_collections,
    ]
    for folder in searched:
        names = members_by_vote(folder).get((country, kind), ())
        if folder in shipped_collections:
            for name in names:
                places = members(paths.datasets())[name]
                if len(places) > 1 or name in own:
                    _only(name, places)
        new_names = tuple(name for name in names if name not in used_names)
        if new_names:
            by_collection[folder] = new_names
        used_names.update(names)
    return Neighbours(tuple(folders), by_collection)


def rounds_of_runoff(election: Election) -> tuple[Round, Round]:
    """The first and the last round of an election of several.

    Raises
    ------
    ConfigError
        If it has one round.
    """
    first = min(election.rounds)
    last = max(election.rounds)
    if first == last:
        raise ConfigError(
            f"{election.name} has round {first} alone; accepted: an election with a runoff"
        )
    return election.rounds[first], election.rounds[last]


def _learned_from(folder: Path, election: Election) -> Election:
    try:
        return _load(folder)
    except DataError as error:
        raise DataError(
            f"{error} ({election.name} learns from it: same country, beside {election.folder}; "
            "mend it, or move it away)"
        ) from error


def _only(name: str, places: Sequence[Path]) -> Path:
    """The one collection that holds an election."""
    own_folder = paths.datasets() / name
    if (own_folder / "election.yaml").is_file():
        places = [*places, own_folder]
    return only_place(name, places)


@remembered()
def member_of(folder: Path, name: str) -> Election:
    """One election of a collection."""
    collection = load_collection(folder)
    rows = {int(row["round"]): row for row in register(folder)[name]}
    people = collection.rows("candidates", name)
    first = rows[min(rows)]
    by_round: dict[int, list[str]] = {}
    numbers = people["round"].tolist()
    for number, candidate in zip(numbers, people["candidate"].tolist(), strict=True):
        by_round.setdefault(int(number), []).append(candidate)
    people = people[list(CANDIDATES.columns)]
    if len(rows) > 1:
        people = people.drop_duplicates("candidate", ignore_index=True)
    candidates = set(people["candidate"])
    rounds = {}
    for number, row in sorted(rows.items()):
        entry = {key: row[key] for key in ("vote_on", "known_at", "polls_until")}
        entry["candidates"] = by_round.get(number, [])
        entry["n_advance"] = int(row["n_advance"])
        rounds[number] = _round(number, entry, candidates, folder / "elections.parquet")
    return Election(
        name=name,
        title=first["title"],
        country=first["country"],
        folder=folder,
        rounds=rounds,
        people=people,
        kind=first["kind"],
        system=first["system"],
        area=_or_empty(first["area"]),
        collection=collection.name,
        ranked=bool(first["ranked"]),
        unranked_because=_or_empty(first["unranked_because"]),
    )


def _or_empty(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)


@remembered()
def _load(folder: Path) -> Election:
    if is_short(folder):
        return _election(folder, *short_form(folder).expanded())
    facts = facts_of(folder / "election.yaml")
    if not os.path.lexists(folder / "candidates.csv"):
        raise DataError(
            f"{folder / 'candidates.csv'} is missing: a row for everybody who stands or was asked "
            f"about in polls ({', '.join(CANDIDATES.columns)}), as in the folder 'toy'"
        )
    people = read_table(folder / "candidates.csv", CANDIDATES)
    return _election(folder, facts, people)


def _kind(value: str) -> str:
    """A kind that ships or one of somebody's own, which is no misspelling of one that ships."""
    near = get_close_matches(value, KINDS, n=1, cutoff=NEAR_KIND)
    if near and near[0] not in value.split("_"):
        raise ValueError(f"did you mean '{near[0]}'? accepted: {', '.join(KINDS)}, or your own")
    return value


def _by_source(value: object) -> object:
    return {OTHERS: value} if isinstance(value, str) else value


class _Facts(BaseModel):
    """The keys of a full `election.yaml`."""

    model_config = ConfigDict(extra="forbid")

    election: Annotated[str, fits(SLUG.pattern, SLUG_WORDS)]
    name: Annotated[str, Field(max_length=MAX_LETTERS)]
    country: Annotated[str, Field(max_length=MAX_LETTERS)]
    rounds: Annotated[dict[Literal[1, 2], Any], Field(min_length=1)]
    kind: Annotated[str, Field(min_length=1, max_length=MAX_LETTERS), AfterValidator(_kind)] = (
        PRESIDENT
    )
    system: Annotated[str, one_of(SYSTEMS)] = ""
    teaches: bool = True
    found: dict[
        Annotated[str, one_of(EVIDENCE)], Annotated[dict[str, Found], BeforeValidator(_by_source)]
    ] = Field(default_factory=dict)
    embargoed_ballot: Annotated[str, Field(max_length=MAX_LETTERS)] = ""


def _election(folder: Path, raw_facts: Mapping[str, Any], people: pd.DataFrame) -> Election:
    path = folder / "election.yaml"
    facts = facts_as(_Facts, raw_facts, path)
    candidates = set(people["candidate"])
    rounds: dict[int, Round] = {
        number: _round(number, entry, candidates, path)
        for number, entry in sorted(facts.rounds.items())
    }
    days = [vote.vote_on for vote in rounds.values()]
    if days != sorted(set(days)):
        raise DataError(
            f"{path}: round 2 votes on {days[1]:%Y-%m-%d}, round 1 on {days[0]:%Y-%m-%d}; "
            "accepted: the second after the first"
        )
    is_open = any(vote.is_open for vote in rounds.values())
    if len(rounds) == 2 and not is_open:
        n_advance = rounds[1].n_advance
        n_standing = len(rounds[2].candidates)
        if n_advance != n_standing:
            raise DataError(
                f"{path}: round 1: n_advance is {n_advance}, and the ballot of round 2 has "
                f"{n_standing}; accepted: as many as get through"
            )
    if not is_shipped(folder):
        _refuse_families(people, folder, facts)
    return Election(
        name=facts.election,
        title=facts.name,
        country=facts.country,
        folder=folder,
        rounds=rounds,
        people=people,
        kind=facts.kind,
        system=facts.system or ("two_round" if len(rounds) == 2 else ""),
        ranked=not is_open,
        unranked_because="its ballot is open and its outcome still to come" if is_open else "",
        teaches=facts.teaches,
        found=facts.found,
        embargoed_ballot=facts.embargoed_ballot,
    )


def _refuse_families(people: pd.DataFrame, folder: Path, facts: _Facts) -> None:
    """Where elections of the country ship, a family is one of theirs; else it is no misspelling."""
    has_shipped = any(_neighbours(paths.datasets(), facts.country, facts.kind))
    for candidate, family in zip(people["candidate"], people["family"], strict=True):
        if family not in FAMILIES and (has_shipped or nearest(family, FAMILIES) is not None):
            raise DataError(
                f"{folder}: the family of '{candidate}' is '{family}' "
                f"({did_you_mean(family, FAMILIES)})"
            )


def _round(number: int, entry: Any, candidates: set[str], path: Path) -> Round:
    place = f"{path}: round {number}"
    if not isinstance(entry, Mapping):
        raise DataError(f"{place} is {shortened(entry)}; accepted: keys with values")
    vote = facts_as(Round, {**entry, "number": number}, place)
    strangers = [name for name in vote.candidates if name not in candidates]
    if strangers:
        raise DataError(
            f"{place} lists '{strangers[0]}', who is not in candidates.csv "
            f"({did_you_mean(strangers[0], candidates)})"
        )
    return vote
