"""Files of data: opened safely, read once; tables are typed, and checked unless as shipped."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np
import pandas as pd
import yaml

from bench.core import paths
from bench.core import read as core_read
from bench.core.errors import DataError
from bench.core.read import (
    MOST_IN_CELL,
    MOST_LETTERS,
    missing_column,
    normalised,
    read_rows,
    read_text,
    shortened,
)
from bench.data.columns import Column, Table

MOST_ROWS = 5_000_000  # a table of evidence holds aggregates
MOST_BYTES = 2 * 10**9
MOST_BYTES_OF_YAML = 100_000
MOST_VALUES = 10_000  # keys and values of a YAML; a second of work
MOST_DEEP = 20
MOST_DIGITS = 30
MOST_COUNT = 2**53  # above, numbers with a fraction cannot count by ones
THOUSANDS = re.compile(r"\d{1,3}(\.\d{3})+")  # in a count, 12.000 is twelve thousand or twelve
SUMS = "SHA256SUMS"
PINS = Path(__file__).with_name("shipped_sums.txt")  # written by tools.build_datasets
NAMING = ("name", "candidate", "institute", "poll_id")
PACKAGE = "datapackage.json"  # describes the files of a folder, sums included
_FLAGS = {"true": True, "false": False}
P = ParamSpec("P")
T = TypeVar("T")
_emptied: list[Callable[[], Any]] = []
_opened: dict[Path, tuple[int, int, int] | None] = {}  # files read, and the folders around them


def remembered(maxsize: int | None = None) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Remember what a function that reads files returned, until `forget`.

    Parameters
    ----------
    maxsize : int, optional
        How many answers are kept, the latest used; all if left out.

    Examples
    --------
    >>> asked = []
    >>> @remembered()
    ... def table(name):
    ...     asked.append(name)
    ...     return name.upper()
    >>> table("polls"), table("polls"), asked
    ('POLLS', 'POLLS', ['polls'])
    >>> forget()
    >>> table("polls"), asked
    ('POLLS', ['polls', 'polls'])
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        cached: Any = lru_cache(maxsize)(function)
        _emptied.append(cached.cache_clear)
        answer: Callable[P, T] = cached
        return answer

    return decorate


def forget() -> None:
    """Read every file again when it is next asked for: it may have been changed since."""
    _opened.clear()
    for empty in _emptied:
        empty()


def forget_if_changed() -> None:
    """`forget`, if a file that was read has changed since, or something beside it came or went."""
    if any(_stamp(path) != stamp for path, stamp in _opened.items()):
        forget()


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_size, facts.st_mtime_ns, facts.st_ino


def _note_opened(path: Path) -> None:
    for place in (path, *path.absolute().parents[:2]):
        _opened.setdefault(place, _stamp(place))


def read_table(
    path: Path,
    table: Table,
    *,
    candidates: Collection[str] | None = None,
    check: bool | None = None,
    short: bool = False,
) -> pd.DataFrame:
    """One evidence table from CSV (UTF-8, comma, decimal point) or Parquet.

    Parameters
    ----------
    path : Path
        The file.
    table : Table
        What its columns must hold.
    candidates : collection of str, optional
        The slugs that a column `candidate` may name.
    check : bool, optional
        Whether it is held to `bench.data.schema` and to the gate against personal data
        (`bench.data.privacy`); if left out, unless the file is as shipped.
    short : bool
        Whether columns that may be empty may be left out.

    Raises
    ------
    DataError
        With file, line (CSV) or row (Parquet), column, value, what is accepted, what to do.
    """
    shipped = check is None and is_as_shipped(path)
    if shipped:
        raw = _trusted(path)
    else:
        raw = read_parquet(path) if path.suffix == ".parquet" else read_csv(path)
    if short:
        optional = [name for name, column in table.columns.items() if column.empty]
        raw = raw.assign(**{name: None for name in optional if name not in raw})
    return typed(raw, path, table, candidates=candidates, check=not shipped and check is not False)


def _trusted(path: Path) -> pd.DataFrame:
    """The rows of a file whose sum is known: nothing about it is left to judge."""
    _note_opened(path)
    if path.suffix == ".csv":
        return pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path) as file:
        return pd.DataFrame(file.read(use_threads=False).to_pandas(ignore_metadata=True))


def typed(
    raw: pd.DataFrame,
    path: Path,
    table: Table,
    *,
    candidates: Collection[str] | None = None,
    check: bool = True,
) -> pd.DataFrame:
    """Rows of text as a checked table; parameters and errors as in `read_table`."""
    if missing := [name for name in table.columns if name not in raw.columns]:
        raise DataError(missing_column(path, missing[0], raw.columns, f"; {card(path)}"))
    if not isinstance(raw.index, pd.RangeIndex):
        raise DataError(f"{path}:2: more fields than the header names; accepted: one per column")
    if check:
        from bench.data.privacy import refuse_strange_columns

        refuse_strange_columns([*map(str, raw.columns)], table, path)
        _refuse_long(raw, path, table)
    if not table.versions.keys().isdisjoint(raw.columns):
        table = table.having(raw.columns)
    frame = pd.DataFrame(
        {name: _convert(raw[name], name, column, path) for name, column in table.columns.items()}
    )
    if check:
        from bench.data.privacy import refuse_people
        from bench.data.schema import refuse_wrong

        refuse_wrong(frame, table, path, candidates)
        refuse_people(frame, table, path)
    return frame


def no_rows(table: Table) -> pd.DataFrame:
    """A table without rows, every column of its kind."""
    kinds = {"date": "datetime64[ns]", "flag": "bool", "text": "str", "number": "float64"}
    return pd.DataFrame(
        {
            name: pd.Series(dtype=kinds.get(column.kind, "float64" if column.empty else "int64"))
            for name, column in table.columns.items()
        }
    )


def _refuse_long(raw: pd.DataFrame, path: Path, table: Table) -> None:
    """Texts that are too long."""
    for name, column in table.columns.items():
        if column.kind != "text" or name not in raw:
            continue
        words = raw[name].dropna().astype(str)
        most = MOST_LETTERS if name in NAMING else MOST_IN_CELL
        for text in words.unique():
            if len(text) > most:
                row = int((raw[name].astype(str) == text).to_numpy().argmax())
                raise DataError(
                    f"{place_of(path, row)}: column '{name}' has {len(text):,} letters; accepted: "
                    f"text of at most {most:,} letters"
                )


def _convert(values: pd.Series, name: str, column: Column, path: Path) -> pd.Series:
    if column.kind == "text":
        if values.isna().all():
            return values.astype(str).where(values.notna())
        return values.astype(str).where(values.notna(), None)
    converted: pd.Series[Any]
    if column.kind == "date":
        converted = local_times(values)
    elif column.kind == "flag":
        if values.dtype == bool:
            return values
        converted = values.astype(str).str.lower().map(_FLAGS)
    else:
        plain = values.astype(str) if values.dtype == bool else values
        converted = pd.to_numeric(plain, errors="coerce").astype(float)
        converted = converted.where(np.isfinite(converted))
        if column.kind == "count":
            whole = (converted % 1 == 0) & (converted.abs() <= MOST_COUNT) & ~_in_thousands(values)
            converted = converted.where(converted.isna() | whole)
    wrong = converted.isna() & values.notna()
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise DataError(bad_cell(path, row, name, values.iloc[row], column.accepted))
    empty = converted.isna()
    if column.kind == "flag":
        if empty.any():
            row = int(empty.to_numpy().argmax())
            raise DataError(bad_cell(path, row, name, None, column.accepted))
        return converted.astype(bool)
    if column.kind == "count" and not column.empty and not empty.any():
        return converted.astype("int64")
    return converted


def _in_thousands(values: pd.Series) -> pd.Series:
    """Which cells of text have a point before every three digits."""
    if pd.api.types.is_numeric_dtype(values):
        return pd.Series(False, index=values.index)
    return values.astype(str).str.fullmatch(THOUSANDS)


def local_times(values: pd.Series) -> pd.Series:
    """Local times; what names a zone, or lies outside 1678 to 2261, becomes empty."""
    if pd.api.types.is_numeric_dtype(values) or isinstance(values.dtype, pd.DatetimeTZDtype):
        return pd.Series(pd.NaT, index=values.index, dtype="datetime64[ns]")
    if not pd.api.types.is_datetime64_any_dtype(values):
        words = values.astype(str)
        values = values.where(words.str.match(r"\d{4}-\d{2}-\d{2}([T ][\d:.]+)?$"))
    converted = pd.to_datetime(values, format="ISO8601", errors="coerce")
    return converted.where(converted.dt.year.between(1678, 2261)).astype("datetime64[ns]")


def text_of(
    path: Path, most: int = MOST_BYTES, rows: int = MOST_ROWS, *, foreign: bool = False
) -> str:
    """The text of a table of at most so many bytes and rows.

    Raises
    ------
    DataError
        If it is no file, too large, empty or not UTF-8; with the line.
    """
    _note_opened(path)
    return read_rows(path, most, rows, f"; {card(path)}", foreign=foreign)


def read_csv(path: Path) -> pd.DataFrame:
    """Every column of a CSV file as text, empty cells missing.

    Raises
    ------
    DataError
        If the file is too large, not UTF-8, or not a table.
    """
    _note_opened(path)
    return core_read.read_csv(path, most=MOST_BYTES, most_rows=MOST_ROWS, hint=f"; {card(path)}")


def read_parquet(path: Path, columns: Collection[str] | None = None) -> pd.DataFrame:
    """Some columns of a Parquet file, or all; its size is judged before anything is loaded.

    Raises
    ------
    DataError
        If the file is damaged, too large, or holds anything but text, numbers, flags and dates.
    """
    _note_opened(path)
    hint = f"; {card(path)}"
    return core_read.read_parquet(path, columns, most=MOST_BYTES, most_rows=MOST_ROWS, hint=hint)


class _Refused(yaml.MarkedYAMLError):
    """Something that YAML allows and we do not."""

    def __init__(self, words: str, node: Any) -> None:
        super().__init__(problem=words, problem_mark=node.start_mark)


class _StrictLoader(yaml.SafeLoader):
    """Refuses aliases, tags, merge keys, keys given twice, and what is too deep, much or long."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._n_values = self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """One node, counted; an alias is none, and a tag could make a value of any text."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            raise _Refused(f"'*{event.anchor}' repeats what stands elsewhere; write it out", event)
        if event.tag is not None:
            said = event.tag.replace("tag:yaml.org,2002:", "!!")[:60]
            raise _Refused(f"the tag '{said}' says what a value is; write the plain value", event)
        self._n_values += 1
        if self._n_values > MOST_VALUES:
            raise _Refused(f"more than {MOST_VALUES:,} keys and values; leave some out", event)
        if self._depth >= MOST_DEEP:
            raise _Refused(f"nested more than {MOST_DEEP} deep; write it flatter", event)
        self._depth += 1
        try:
            node: yaml.Node | None = super().compose_node(parent, index)
        finally:
            self._depth -= 1
        return node

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Refuse merge keys instead of merging, and keys that stand twice."""
        first: dict[tuple[str, str], yaml.Node] = {}
        for key, _ in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                raise _Refused("'<<' merges keys from elsewhere; write them out", key)
            if not isinstance(key, yaml.ScalarNode):
                raise _Refused("a key is a list or a mapping; accepted: text or a number", key)
            known = first.setdefault((key.tag, key.value), key)
            if known is not key:
                line = known.start_mark.line + 1
                raise _Refused(
                    f"the key '{key.value[:60]}' stands here and in line {line}; keep one", key
                )

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """As YAML has it, of keys that differ also once they are read: 1 and 1.0 are one."""
        found: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        if len(found) < len(node.value):
            raise _Refused("two keys mean the same; keep one", node)
        return found

    def construct_scalar(self, node: Any) -> Any:
        """A text, `normalised`; of a number, as somebody typed it."""
        value = normalised(super().construct_scalar(node))
        if ":" in value and node.tag.endswith((":int", ":float")):
            raise _Refused(f"'{value[:60]}' would be a number to base 60; quote it", node)
        if len(value) > MOST_DIGITS and node.tag.endswith(":int"):
            raise _Refused(
                f"a number of {len(value):,} digits; accepted: {MOST_DIGITS}; quote it if it is "
                "text",
                node,
            )
        return value

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """A value; one that cannot be is named with its line, such as the day 2030-02-30."""
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, TypeError, OverflowError) as error:
            raise _Refused(f"'{node.value[:60]}' cannot be ({error})", node) from error


def load_yaml(path: Path) -> Any:
    """What a YAML file of at most `MOST_BYTES_OF_YAML` holds.

    Returns
    -------
    object
        Mappings, lists, texts, numbers, flags, days and None; None for an empty file.

    Raises
    ------
    DataError
        With the line: if the file is damaged, holds tags, aliases, merge keys, a key twice or a
        number to base 60, or more than `MOST_VALUES` keys and values or `MOST_DEEP` levels.
    """
    if is_as_shipped(path):
        text = path.read_text(encoding="utf-8")
    else:
        text = read_text(path, MOST_BYTES_OF_YAML)
    try:
        loader = _StrictLoader(text)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else str(path)
        words = " ".join(str(getattr(error, "problem", None) or error).split())[:300]
        said = words if isinstance(error, _Refused) else f"not readable as YAML ({words})"
        raise DataError(f"{place}: {said}") from error


def read_yaml(path: Path) -> dict[Any, Any]:
    """A mapping from a YAML file; how it is read, and what is refused, as of `load_yaml`.

    Raises
    ------
    DataError
        If the file is damaged, too large, or holds anything but a mapping.
    """
    _note_opened(path)
    facts = load_yaml(path)
    if not isinstance(facts, dict):
        raise DataError(f"{path}: must hold keys and values; see the folder 'toy'")
    return facts


@remembered()
def facts_of(path: Path) -> Mapping[Any, Any]:
    """What `read_yaml` gave, once per process while no file changes."""
    return read_yaml(path)


def card(path: Path) -> str:
    """Where the columns and units of a file are explained."""
    for folder in path.parents[:2]:
        if (folder / "CARD.md").is_file():
            return f"columns and units: {folder / 'CARD.md'}"
    return "columns and units: the CARD.md of any shipped election"


@remembered()
def _shipped_sums(datasets: Path) -> dict[Path, str]:
    """The sum of every file of `datasets/` whose list of sums is the one that the package pins."""
    found: dict[Path, str] = {}
    for name, pinned in pins().items():
        sums = datasets.resolve() / name / SUMS
        if not sums.is_file() or sha256(sums) != pinned:
            continue  # its tables are checked in full
        lines = sums.read_text(encoding="utf-8").splitlines()
        pairs = [line.split(maxsplit=1) for line in lines]
        found |= {sums.parent / pair[1].strip(): pair[0] for pair in pairs if len(pair) == 2}
    return found


def pins() -> dict[str, str]:
    """The SHA-256 sum of the `SHA256SUMS` of every shipped folder, by its name.

    The list is a part of the package: nothing that lies beside data vouches for them.

    Examples
    --------
    >>> len(pins()["toy"])
    64
    """
    lines = PINS.read_text(encoding="utf-8").splitlines()
    return {name: pinned for pinned, name in map(str.split, lines)}


def sha256(path: Path) -> str:
    """The SHA-256 sum of a file, in hexadecimal; read once while size and time stay the same."""
    try:
        facts = path.stat()
        return _sum(path, facts.st_size, facts.st_mtime_ns, facts.st_ino)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error


@cache
def _sum(path: Path, size: int, modified_ns: int, inode: int) -> str:
    del size, modified_ns, inode
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def is_as_shipped(path: Path) -> bool:
    """Whether the file lies in the shipped `datasets/` with the sum that the package knows.

    A list of sums beside any other data vouches for nothing: its files are checked in full.
    """
    listed = _shipped_sums(paths.datasets()).get(Path(os.path.realpath(path)))
    return listed is not None and path.is_file() and sha256(path) == listed


def sums_of(folder: Path) -> dict[str, str]:
    """Sum by relative path of every table below a folder, for the manifest."""
    if (folder / "candidates.csv").is_file() or not (folder / "polls.csv").is_file():
        files = sorted(
            p for p in folder.rglob("*") if p.is_file() and p.name not in (SUMS, PACKAGE)
        )
    else:  # the short form may lie in a folder with anything else
        names = ("election.yaml", "outcome.csv", "polls.csv")
        files = [folder / name for name in names if (folder / name).is_file()]
    return {path.relative_to(folder).as_posix(): sha256(path) for path in files}


def sum_of(folders: Iterable[Path]) -> str:
    """One sum over the names and contents of all files below some folders, in any order."""
    named = {
        f"{folder.name}/{name}": digest
        for folder in folders
        for name, digest in sums_of(folder).items()
    }
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(named.items()))
    return hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()


def bad_cell(path: Path, row: int, name: str, value: Any, accepted: str) -> str:
    """The sentence about a cell that holds something else than is accepted."""
    shown = "empty" if value is None or pd.isna(value) else shortened(value)
    hint = ""
    if isinstance(value, str) and "," in value and value.replace(",", "").strip("-").isdigit():
        hint = " with a decimal point, not a comma"
    if "whole number" in accepted and THOUSANDS.fullmatch(str(value)):
        hint = ", without points between thousands or zeros behind the point"
    place = place_of(path, row)
    return f"{place}: column '{name}' is {shown} but must be {accepted}{hint}; {card(path)}"


def place_of(path: Path, row: int) -> str:
    """A row of a file as an editor counts it; of Parquet as pandas does."""
    return f"{path}, row {row}" if path.suffix == ".parquet" else f"{path}:{row + 2}"
