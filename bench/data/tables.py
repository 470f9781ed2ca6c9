"""The tables of one election as they were read, nothing cut, and the gate to them.

Whoever asks for an uncut table is heard by audit hooks, and an audit may poison what is handed out.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from bench.data.collection import load_collection, spans_of
from bench.data.columns import TABLES
from bench.data.election import SHORT, Election, is_short, load_election
from bench.data.readers import read_table, remembered, typed

EVENT = "bench.data.tables"
Replacement = Callable[[str, pd.DataFrame], pd.DataFrame]


class Gate:
    """What every uncut table is replaced by, while an audit lasts."""

    replacement: Replacement | None = None


def uncut(name: str, election: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of an uncut table, or what an audit puts in their place.

    Parameters
    ----------
    name : str
        Of the table.
    election : str
        To which it belongs.
    rows : pandas.DataFrame
        As they were read.
    """
    sys.audit(EVENT, name, election)
    return rows if Gate.replacement is None else Gate.replacement(name, rows)


@contextmanager
def replaced(by: Replacement) -> Iterator[None]:
    """Replace every uncut table that anybody in this process asks for.

    Parameters
    ----------
    by : callable
        From the name of a table and its rows to the rows to give instead.
    """
    before, Gate.replacement = Gate.replacement, by
    try:
        yield
    finally:
        Gate.replacement = before


def table_of(election: Election, name: str) -> pd.DataFrame:
    """One table of evidence, uncut; without rows where the election has no such evidence."""
    address = str(election.address)
    if election.collection:  # a slice is made faster than remembered: they are thousands
        return uncut(name, address, _slice(election, name))
    return uncut(name, address, _read(address, name))


def polls_of(election: Election) -> pd.DataFrame:
    """Every poll of an election, uncut."""
    return table_of(election, "polls")


def empty_table(name: str) -> pd.DataFrame:
    """A table without rows, for elections that have no such evidence."""
    kinds = {"date": "datetime64[ns]", "flag": "bool", "text": "object"}
    columns = TABLES[name].columns.items()
    return pd.DataFrame({key: pd.Series(dtype=kinds.get(c.kind, "float64")) for key, c in columns})


@remembered()
def table_of_collection(
    folder: Path, name: str
) -> tuple[pd.DataFrame, Mapping[str, tuple[int, int]]]:
    """A table about all elections of a collection, with the columns that one of a single election
    has, sorted by election; and the first row and the row after the last of each."""
    rows = load_collection(folder).table(name)
    rows = rows[[*TABLES[name].having(rows.columns).columns, "election"]]
    return rows, spans_of(rows)


def _slice(election: Election, name: str) -> pd.DataFrame:
    whole, spans = table_of_collection(election.folder, name)
    start, stop = spans.get(election.name, (0, 0))
    rows = whole.iloc[start:stop]
    rows.index = pd.RangeIndex(stop - start)
    return rows


@remembered()
def _read(address: str, name: str) -> pd.DataFrame:
    election = load_election(address)
    known = frozenset(election.people["candidate"])
    if name == "polls" and is_short(election.folder):
        from bench.data.minimal_election import polls_to_check, without_left_out

        path = election.folder / SHORT
        frame = typed(polls_to_check(election.folder), path, TABLES[name])
        frame = without_left_out(frame, election.folder)
        return frame.assign(election=election.name)
    for suffix in (".csv", ".parquet"):
        path = election.folder / "inputs" / f"{name}{suffix}"
        if path.is_file():
            frame = read_table(path, TABLES[name], candidates=known)
            break
    else:
        frame = empty_table(name)
    return frame.assign(election=election.name)
