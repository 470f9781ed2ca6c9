"""Collections: many elections in a few long tables, read whole once and opened one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from bench.core import paths
from bench.core.errors import ConfigError, DataError, did_you_mean
from bench.core.read import MAX_IN_CELL
from bench.data.columns import COLLECTION_TABLES, LICENCES, MEMBER
from bench.data.readers import (
    Text,
    facts_as,
    folders_below,
    no_rows,
    one_of,
    read_parquet,
    read_table,
    read_yaml,
    remembered,
)

FACTS = "collection.yaml"
FOUND = ("series", "press", "hindsight")
"""How figures were found: by who counts or asks regularly, printed on the day, after the vote."""
Found = Annotated[str, one_of(FOUND)]


class Source(BaseModel):
    """Where rows come from, and how they were dated; as in `collection.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Text
    title: Text
    url_or_citation: Annotated[str, Field(max_length=MAX_IN_CELL)]
    licence: Annotated[str, one_of(LICENCES)]  # or facts, which have no author
    published_on_rule: str = ""
    available_on_rule: str = ""
    found: Found | None = None


class _Facts(BaseModel):
    collection: Text
    title: Text
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]


@dataclass(frozen=True, kw_only=True, eq=False)
class Collection:
    """A folder of a few long tables about many elections.

    Attributes
    ----------
    name, title : str
    folder : Path
    sources : mapping of str to Source
        By the key that `source_key` of every row names.

    Examples
    --------
    >>> britain = load_collection("great_britain")
    >>> len(britain.elections) > 15
    True
    >>> britain.rows("polls", "gb2015")["institute"].nunique() > 5
    True
    """

    name: str
    title: str
    folder: Path
    sources: Mapping[str, Source]

    @property
    def elections(self) -> pd.DataFrame:
        """The register: one row per election and round (`COLLECTION_TABLES`)."""
        return self.table("elections")

    @property
    def names(self) -> list[str]:
        """Its elections, by name."""
        return list(_spans(self.folder, "elections"))

    def table(self, name: str) -> pd.DataFrame:
        """One table about all elections, sorted by election; empty if the folder has none.

        Raises
        ------
        ConfigError
            If no collection has a table of that name.
        DataError
            If the file does not hold what it should.
        """
        if name not in COLLECTION_TABLES:
            raise ConfigError(
                f"collections have no table '{name}' ({did_you_mean(name, COLLECTION_TABLES)})"
            )
        return _table(self.folder, name).copy(deep=False)

    def rows(self, name: str, election: str) -> pd.DataFrame:
        """The rows of one table about one election, without copying them."""
        start, stop = _spans(self.folder, name).get(election, (0, 0))
        return _table(self.folder, name).iloc[start:stop].reset_index(drop=True)


def collections() -> list[str]:
    """The shipped collections, by name."""
    return [folder.name for folder in collection_folders(paths.datasets())]


def collection_folders(parent: Path) -> tuple[Path, ...]:
    """The folders below one that hold a collection."""
    return folders_below(parent, FACTS)


def is_collection(name: str | Path) -> bool:
    """Whether a shipped collection or a folder with a collection is called so."""
    try:
        if not str(name).strip():
            return False
        places = (paths.datasets() / name, Path(name).expanduser())
        return any((place / FACTS).is_file() for place in places)
    except (OSError, RuntimeError, ValueError):
        return False  # no name that a file can have


def load_collection(name: str | Path) -> Collection:
    """A shipped collection by name, or any folder with a `collection.yaml` by its path.

    Its tables are read when they are first asked for, whole and once per process.

    Raises
    ------
    ConfigError
        If there is neither.
    DataError
        If `collection.yaml` does not say what it should.
    """
    folder = paths.datasets() / name
    if not (folder / FACTS).is_file():
        folder = Path(name).expanduser()
    if not (folder / FACTS).is_file():
        raise ConfigError(
            f"no collection is called '{name}' ({did_you_mean(str(name), collections())}); or give "
            f"the path of a folder that holds a {FACTS}"
        )
    return _load(folder.resolve())


@remembered()
def members(parent: Path) -> Mapping[str, tuple[Path, ...]]:
    """The collections that hold each election, by its name, among those below a folder."""
    folders_by_name: dict[str, tuple[Path, ...]] = {}
    for folder in collection_folders(parent):
        for name in _names(folder):
            folders_by_name[name] = (*folders_by_name.get(name, ()), folder)
    return folders_by_name


def refuse_two_places(parent: Path | None = None) -> None:
    """Refuse elections that stand in two collections, or in one and in a folder of their own.

    Raises
    ------
    DataError
        With both places.
    """
    place = (parent or paths.datasets()).resolve()
    own_folders = {path.parent.name: path.parent for path in place.glob("*/election.yaml")}
    for name, folders in members(place).items():
        places = [*folders]
        if name in own_folders:
            places.append(own_folders[name])
        only_place(name, places)


def only_place(name: str, places: Sequence[Path]) -> Path:
    """The one folder that holds an election.

    Raises
    ------
    DataError
        With two of them, if there are several.
    """
    if len(places) > 1:
        raise DataError(
            f"{places[0]}: the election '{name}' is in {places[1]} too; accepted: one place; take "
            "it out of one of them, or give it another name"
        )
    return places[0]


def collection_of(path: Path) -> tuple[Path, str] | None:
    """The collection in whose folder an address lies, and the election that it names there.

    Examples
    --------
    >>> folder, name = collection_of(paths.datasets() / "great_britain" / "gb2015")
    >>> folder.name, name
    ('great_britain', 'gb2015')
    """
    for folder in path.parents:
        if (folder / FACTS).is_file():
            return folder, path.relative_to(folder).as_posix()
    return None


@remembered()
def register(folder: Path) -> Mapping[str, list[dict[str, Any]]]:
    """Facts by round of every election of a collection."""
    rounds_by_election: dict[str, list[dict[str, Any]]] = {}
    for row in _table(folder, "elections").to_dict("records"):
        facts = {str(key): cell for key, cell in row.items()}
        rounds_by_election.setdefault(row["election"], []).append(facts)
    return rounds_by_election


@remembered()
def members_by_vote(folder: Path) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """The elections of a collection by country and kind."""
    rows = _table(folder, "elections").drop_duplicates("election")
    names = rows.groupby(["country", "kind"], sort=False)["election"]
    return {(str(country), str(kind)): tuple(of_vote) for (country, kind), of_vote in names}


@remembered()
def _load(folder: Path) -> Collection:
    path = folder / FACTS
    facts = facts_as(_Facts, read_yaml(path), path)
    keys = [source.key for source in facts.sources]
    repeated = [key for key in keys if keys.count(key) > 1]
    if repeated:
        raise DataError(f"{path}: two sources have the key '{repeated[0]}'; keep one")
    return Collection(
        name=facts.collection,
        title=facts.title,
        folder=folder,
        sources={source.key: source for source in facts.sources},
    )


def table_file(folder: Path, name: str) -> Path | None:
    """The file of a table of a collection, Parquet or CSV; None if it has none."""
    for suffix in (".parquet", ".csv"):
        path = folder / f"{name}{suffix}"
        if path.is_file():
            return path
    return None


@remembered()
def _table(folder: Path, name: str) -> pd.DataFrame:
    """One table, checked unless it is as shipped, sorted by election and without strangers."""
    path = table_file(folder, name)
    if path is None:
        if name in ("elections", "candidates"):
            raise DataError(f"{folder}: {name}.parquet is missing; a collection needs it")
        return no_rows(COLLECTION_TABLES[name])
    rows = read_table(
        path, COLLECTION_TABLES[name], short=True, rules=partial(_rules, folder, name)
    )
    codes = pd.factorize(rows["election"], sort=True)[0]
    if (np.diff(codes) < 0).any():
        rows = rows.iloc[np.argsort(codes, kind="stable")].reset_index(drop=True)
    return rows


def _rules(folder: Path, name: str) -> Iterator[Any]:
    from bench.data.collection_rules import rules_of  # which takes its time to import

    return rules_of(_load(folder), name)


@remembered()
def _spans(folder: Path, name: str) -> Mapping[str, tuple[int, int]]:
    return spans_of(_table(folder, name))


def spans_of(rows: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """First row and the row after the last of every election, in rows sorted by election.

    Examples
    --------
    >>> spans_of(pd.DataFrame({"election": ["gb2015", "gb2015", "gb2017"]}))
    {'gb2015': (0, 2), 'gb2017': (2, 3)}
    """
    codes, names = pd.factorize(rows["election"])
    stops = np.searchsorted(codes, np.arange(len(names)), side="right")
    starts = np.concatenate([[0], stops])[:-1]
    return {
        str(name): (int(start), int(stop))
        for name, start, stop in zip(names, starts, stops, strict=True)
    }


@remembered()
def _names(folder: Path) -> list[str]:
    """The names of the elections alone, without reading anything else."""
    path = table_file(folder, "elections")
    if path is None:
        return []
    if path.suffix == ".csv":
        return list(_spans(folder, "elections"))
    column = read_parquet(path, ["election"])["election"]
    return sorted({str(name) for name in column.dropna() if MEMBER.fullmatch(str(name))})
