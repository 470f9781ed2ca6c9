"""Lists that tables may name entries of: those that ship, and what an `election.yaml` adds."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core import paths
from bench.core.errors import DataError, slug
from bench.core.read import shortened
from bench.data.columns import BASES, MODES, Column, source
from bench.data.readers import facts_of, read_csv, remembered

PLACES = ("collection.yaml", "election.yaml")
ORGANISATIONS = Path("organisations", "organisations.csv")
LISTS = ("organisations", "modes", "bases")
FURTHER_COLUMNS = "further_columns"
KEYS = (*LISTS, FURTHER_COLUMNS)
LONGEST = 120  # letters of an entry; the longest name that ships has 90
FURTHER: Mapping[str, Column] = {
    "count": Column(kind="count", meaning="declared", empty=True, least=0),
    "number": Column(kind="number", meaning="declared", empty=True),
    "date": Column(kind="date", meaning="declared", empty=True),
    "key": Column(kind="text", meaning="declared", empty=True),
    "source": source("declared"),
}
"""Kinds of the further columns that a table may have, which are checked and not read."""


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What an election or a collection adds to the lists that ship.

    Attributes
    ----------
    lists : mapping of str to tuple of str
        Entries by list (`LISTS`).
    columns : mapping of str to mapping
        By table (the name of its file): further columns, with their kinds.
    """

    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, Column]] = field(default_factory=dict)

    def known(self, name: str) -> frozenset[str]:
        """The letters of every entry of a list, shipped or declared."""
        return _shipped(name) | {letters(entry) for entry in self.lists.get(name, ())}


def letters(entry: object) -> str:
    """The letters of a name: Opinion Way and OPINIONWAY are one.

    Examples
    --------
    >>> letters("Opinion Way") == letters("OPINIONWAY")
    True
    """
    return slug(entry).replace("_", "")


def names_in(cell: str, of: str = "organisations") -> list[str]:
    """The entries of a cell that holds several.

    Examples
    --------
    >>> names_in("LCI; Paris Match"), names_in("IVR and online", "modes")
    (['LCI', 'Paris Match'], ['IVR', 'online'])
    """
    parts = cell.split(" and ") if of == "modes" else cell.split(";") if of != "bases" else [cell]
    return [part.strip() for part in parts if part.strip()]


def undeclared(cells: pd.Series, of: str, known: Collection[str]) -> dict[str, int]:
    """The entries of a column that no list knows, with the first row of each."""
    found: dict[str, int] = {}
    distinct = cells.dropna().drop_duplicates()
    for row, cell in distinct.items():
        for name in names_in(str(cell), of):
            if letters(name) not in known:
                found.setdefault(name, int(str(row)))
    return found


def without_unknown_words(rows: pd.DataFrame, declared: Declared) -> tuple[pd.DataFrame, list[str]]:
    """Polls of another file, their modes and bases empty where no list knows the words.

    Returns
    -------
    (pandas.DataFrame, list of str)
        The rows, and sentences about what was left out.
    """
    told = []
    for column, of in (("mode", "modes"), ("base", "bases")):
        unknown = undeclared(rows[column], of, declared.known(of)) if column in rows else {}
        if not unknown:
            continue
        named = rows[column].map(lambda cell, of=of: names_in(cell or "", of))
        strange = named.map(lambda names, no=unknown: any(name in no for name in names))
        rows = rows.assign(**{column: rows[column].where(~strange, None)})
        shown = ", ".join(f"'{shortened(name)}'" for name in [*unknown][:4])
        told.append(
            f"{column} is left empty where it is {shown}: no list knows these words; `words` of a "
            f"map translates them, `{of}` in election.yaml declares them"
        )
    return rows, told


def place_of_lists(path: Path) -> Path:
    """Where the lists of a table are declared: in the YAML of its election or collection.

    Examples
    --------
    >>> place_of_lists(Path("freedonia/inputs/polls.csv")).as_posix()
    'freedonia/election.yaml'
    """
    folder = path.parent
    folder = folder.parent if folder.name in ("inputs", "outcome") else folder
    return next((folder / name for name in PLACES if (folder / name).is_file()), folder / PLACES[1])


def declared_beside(path: Path) -> Declared:
    """What the folder of a table declares.

    Raises
    ------
    DataError
        If its YAML declares anything but lists of names and kinds of columns.
    """
    place = place_of_lists(path)
    return _read(place) if place.is_file() else Declared()


def flow(entries: Iterable[object]) -> str:
    """Names as a list on one line of a YAML.

    Examples
    --------
    >>> flow(["Nord", "Büro 1: Süd"])
    '[Nord, "Büro 1: Süd"]'
    """
    return f"[{', '.join(map(quoted, entries))}]"


def quoted(entry: object) -> str:
    """A name as it may stand in a YAML, quoted where it must be."""
    words = str(entry)
    plain = all(sign.isalnum() or sign in " -'’&./" for sign in words) and words[:1].isalpha()
    known = slug(words) in {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}
    return words if plain and not known else json.dumps(words, ensure_ascii=False)


def with_more(text: str, organisations: Collection[str], place: Path) -> str:
    """The text of a YAML with further organisations; everything else stays.

    Raises
    ------
    DataError
        If its list is written in a way that cannot be continued.

    Examples
    --------
    >>> print(with_more("name: Freedonia", ["Nord"], Path("election.yaml")), end="")
    name: Freedonia
    organisations:   # who made or paid polls, and is not known to the bench
      - Nord
    """
    import yaml

    more = [f"  - {quoted(name)}" for name in organisations]
    lines = text.splitlines()
    head = next((n for n, line in enumerate(lines) if line.startswith("organisations:")), None)
    if head is None:
        lines.append("organisations:   # who made or paid polls, and is not known to the bench")
        return "".join(f"{line}\n" for line in [*lines, *more])
    try:
        said = yaml.safe_load(lines[head])["organisations"] or []
    except yaml.YAMLError as error:
        raise DataError(
            f"{place}: write `organisations` on one line, or one name a line, to have names added"
        ) from error
    if said:
        lines[head] = "organisations:"
    old = [f"  - {quoted(name)}" for name in said]
    return "".join(f"{line}\n" for line in [*lines[: head + 1], *old, *more, *lines[head + 1 :]])


@remembered()
def _shipped(name: str) -> frozenset[str]:
    if name == "modes":
        return frozenset(map(letters, MODES))
    if name == "bases":
        return frozenset(map(letters, BASES))
    path = paths.datasets() / ORGANISATIONS
    if not path.is_file():  # datasets of one's own: nobody is known but who is declared
        return frozenset()
    rows = read_csv(path)
    return frozenset(map(letters, rows["name"]))


@remembered()
def _read(place: Path) -> Declared:
    facts = facts_of(place)
    lists = {}
    for name in LISTS:
        given = facts.get(name) or []
        if not isinstance(given, list) or not all(_is_entry(entry) for entry in given):
            raise DataError(
                f"{place}: `{name}` is {shortened(given)}; accepted: a list of names of up to "
                f"{LONGEST} letters"
            )
        lists[name] = tuple(str(entry) for entry in given)
    return Declared(lists=lists, columns=_columns(facts.get(FURTHER_COLUMNS) or {}, place))


def _is_entry(entry: object) -> bool:
    from bench.data.identifying import identifying

    if not isinstance(entry, str | int) or isinstance(entry, bool):
        return False
    return 0 < len(str(entry).strip()) <= LONGEST and not identifying(str(entry))


def _columns(given: Any, place: Path) -> dict[str, dict[str, Column]]:
    wrong = DataError(
        f"{place}: `{FURTHER_COLUMNS}` is {shortened(given)}; accepted: such as "
        "`{polls: {margin_of_error: number}}`, of the kinds " + ", ".join(FURTHER)
    )
    if not isinstance(given, dict):
        raise wrong
    found: dict[str, dict[str, Column]] = {}
    for table, columns in given.items():
        if not isinstance(columns, dict):
            raise wrong
        for name, kind in columns.items():
            if kind not in FURTHER:
                raise wrong
            found.setdefault(str(table), {})[str(name)] = FURTHER[kind]
    return found
