"""Posts, read chunk by chunk with three columns and no others, and whom a text is about."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core.errors import DataError

# the spellings that the exports of networks and archives use
SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "day": ("day", "date", "created_at", "timestamp", "posted_at"),
    "text": ("text", "full_text", "tweet", "post", "content", "message"),
    "author": ("author", "author_id", "user", "user_id", "username", "screen_name"),
    "tone": ("tone", "label", "sentiment"),
}
KINDS = (".csv", ".jsonl", ".ndjson")
CHUNK = 50_000


def columns_of(path: Path) -> list[str]:
    """The columns of a file: the header of a CSV, the keys of the first line of JSONL.

    Raises
    ------
    DataError
        If the file is missing, empty, or of another kind. No message repeats a value.
    """
    if path.suffix not in KINDS:
        raise DataError(f"{path}: ends in '{path.suffix}'; accepted: {', '.join(KINDS)}")
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    if path.suffix != ".csv":
        first = next(_json_lines(path), None)
        if first is None:
            raise DataError(f"{path}: the file is empty; accepted: one object per line")
        return list(first)
    try:
        return [str(name) for name in pd.read_csv(path, nrows=0, encoding="utf-8-sig").columns]
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError):
        raise DataError(f"{path}: not a table of commas in UTF-8 with a header line") from None


def column(names: list[str], what: str) -> str | None:
    """The column that holds the day, text, author or tone, or None.

    Examples
    --------
    >>> column(["created_at", "full_text"], "text")
    'full_text'
    """
    return next((name for name in SPELLINGS[what] if name in names), None)


def required(path: Path, names: list[str], what: str) -> str:
    """The same, refused where it is missing.

    Raises
    ------
    DataError
        With the spellings that are accepted.
    """
    found = column(names, what)
    if found is None:
        raise DataError(
            f"{path}: no column holds the {what}; accepted names: {', '.join(SPELLINGS[what])}"
        )
    return found


def chunks(path: Path, wanted: Mapping[str, str]) -> Iterator[pd.DataFrame]:
    """Parts of a file with the wanted columns under their new names, every cell text or missing.

    Parameters
    ----------
    path : Path
        CSV or JSONL.
    wanted : mapping
        New name by the column's name in the file.

    Yields
    ------
    pandas.DataFrame
        Of at most `CHUNK` rows; only one part is in memory at a time.
    """
    if path.suffix == ".csv":
        yield from _csv_chunks(path, wanted)
        return
    lines = _json_lines(path)
    while part := list(islice(lines, CHUNK)):
        rows = [{new: _cell(line.get(old)) for old, new in wanted.items()} for line in part]
        yield pd.DataFrame(rows, columns=list(wanted.values()), dtype=object)


def plain(text: str) -> str:
    """Lower case without accents or links; words run together in a hashtag or handle are split.

    Examples
    --------
    >>> plain("Mélenchon ! #FillonPrésident https://t.co/x")
    'melenchon ! #fillon president '
    """
    text = re.sub(r"https?://\S+", "", text)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower()


def pattern(slug: str) -> str:
    """A regular expression for the surname in a slug.

    Examples
    --------
    >>> [bool(re.search(pattern("le_pen"), plain(t))) for t in ("#LePen2017", "Le Pen", "pente")]
    [True, True, False]
    """
    surname = slug.removeprefix("jm_")
    return r"(?<![a-z])" + surname.replace("_", r"[\s_-]?") + r"(?![a-z])"


def mentioned(texts: pd.Series, candidates: Sequence[str]) -> pd.DataFrame:
    """One row per text and candidate whom it names; a text that names several counts for each.

    Returns
    -------
    pandas.DataFrame
        Columns position (in `texts`) and candidate.

    Examples
    --------
    >>> found = mentioned(pd.Series(["Ash beats Birch", "nobody"]), ["ash", "birch"])
    >>> found.to_numpy().tolist()
    [[0, 'ash'], [0, 'birch']]
    """
    words = texts.fillna("").map(plain).reset_index(drop=True)
    named = {name: words.index[words.str.contains(pattern(name))] for name in candidates}
    parts = [pd.DataFrame({"position": at, "candidate": name}) for name, at in named.items()]
    return pd.concat(parts, ignore_index=True).sort_values(
        ["position", "candidate"], ignore_index=True
    )


def _csv_chunks(path: Path, wanted: Mapping[str, str]) -> Iterator[pd.DataFrame]:
    try:
        with pd.read_csv(
            path,
            usecols=list(wanted),
            dtype=str,
            chunksize=CHUNK,
            encoding="utf-8-sig",
            keep_default_na=False,
            na_values=[""],
        ) as parts:
            for part in parts:
                yield part.rename(columns=dict(wanted))
    except (pd.errors.ParserError, UnicodeDecodeError):
        # the cause would quote what somebody wrote
        raise DataError(f"{path}: not a table of commas in UTF-8") from None


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                found = json.loads(line.decode("utf-8-sig"))
            except ValueError:  # what is no UTF-8 included; the cause would quote what is written
                found = None
            if not isinstance(found, dict):
                raise DataError(
                    f"{path}:{number}: not a JSON object in UTF-8; accepted: one per line"
                ) from None
            yield found


def _cell(value: object) -> str | None:
    if isinstance(value, dict):  # an author as an object: what identifies it, and nothing else
        value = value.get("id", value.get("username"))
    return None if value is None else str(value)
