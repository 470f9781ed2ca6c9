"""Headings of public lists of polls: what is left out of a map and can be read without asking."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path

import pandas as pd

from bench.core.errors import DataError, slug
from bench.core.read import announce
from bench.data.ingest.poll_map import MEANINGS, PollMap
from bench.data.minimal_election import OTHERS, flow, is_nobody
from bench.data.readers import read_yaml, remembered

NEEDED = ("institute", "fieldwork_end", "candidate", "share")
UNREAD = "unread"  # what is no part of a poll
SHARE = re.compile(r"<?\d{1,3}([.,]\d+)? ?%?")


def completed(poll_map: PollMap, rows: pd.DataFrame, path: Path) -> PollMap:
    """A map with the columns that headings name, where it lacks one that is needed; logged.

    Parameters
    ----------
    poll_map : PollMap
    rows : pandas.DataFrame
        Of the file, as text.
    path : Path
        The file.

    Raises
    ------
    DataError
        If two headings mean what is needed once.
    """
    headings = [str(name) for name in rows]
    stated = {poll_map.columns.get(name, name) for name in headings} | poll_map.constants.keys()
    is_wide = bool(poll_map.candidates or poll_map.candidates_after)
    if stated.issuperset(NEEDED[:2] if is_wide else NEEDED):
        return poll_map
    columns = _columns(poll_map, headings, stated, path)
    people = [*poll_map.candidates]
    if not is_wide and "share" not in {*stated, *columns.values()}:
        left = [name for name in headings if name not in {*columns, *poll_map.nobody}]
        people = [name for name in left if _is_person(name, rows[name].dropna())]
    read = ", ".join(f"'{name}' as {meaning}" for name, meaning in columns.items())
    not_read = [name for name in headings if name not in {*columns, *people, *MEANINGS}]
    announce(f"{path}: read {read}; as candidates {flow(people)}; not read: {flow(not_read)}")
    return poll_map.model_copy(update={"columns": columns, "candidates": tuple(people)})


def _columns(
    poll_map: PollMap, headings: Sequence[str], stated: Collection[str], path: Path
) -> dict[str, str]:
    """What headings mean: those of the map, and of the others what nothing else means."""
    meanings = _meanings()
    columns = dict(poll_map.columns)
    for name in headings:
        meaning = meanings.get(slug(name), UNREAD)
        if name in {*columns, *poll_map.candidates} or meaning in {*stated, UNREAD}:
            continue
        first = next((other for other, of in columns.items() if of == meaning), None)
        if first is None:
            columns[name] = meaning
        elif meaning in NEEDED:
            raise DataError(
                f"{path}: '{first}' and '{name}' may both be the column '{meaning}'; write in the "
                f"map `columns: {{{first}: {meaning}}}` or `columns: {{{name}: {meaning}}}`"
            )
    return columns


def _is_person(name: str, cells: pd.Series) -> bool:
    """Whether a column that means nothing else holds shares, and those of somebody."""
    key = slug(name)
    is_none = key in OTHERS or key in _meanings() or is_nobody(key)
    return not is_none and len(cells) > 0 and bool(cells.str.fullmatch(SHARE).all())


@remembered()
def _meanings() -> dict[str, str]:
    """What headings mean here, by their keys; our own names among them."""
    listed = read_yaml(Path(__file__).with_name("headings.yaml"))
    of = {word: meaning for meaning, words in listed.items() for word in words}
    return of | {meaning: meaning for meaning in listed}
