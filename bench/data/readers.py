"""Files of data: opened safely, read once; tables are typed, and checked unless as shipped."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar

import numpy as np
import pandas as pd
import yaml
from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError

from bench.core import paths
from bench.core import read as core_read
from bench.core.errors import DataError, did_you_mean, nearest
from bench.core.read import (
    MAX_BYTES_OF_YAML,
    MAX_LETTERS,
    missing_column,
    normalised,
    read_text,
    shortened,
)
from bench.data.columns import NOTES, Column, Table
from bench.data.file_places import bad_cell, card

MAX_ROWS = 5_000_000  # a table of evidence holds aggregates
MAX_BYTES = 2 * 10**9
MAX_COUNT = 2**53  # above, numbers with a fraction cannot count by ones
THOUSANDS = re.compile(r"\d{1,3}(\.\d{3})+")  # in a count, 12.000 is twelve thousand or twelve
SUMS = "SHA256SUMS"
PINS = Path(__file__).with_name("shipped_sums.txt")  # written by tools.build_datasets
PACKAGE = "datapackage.json"  # describes the files of a folder, sums included
_FLAGS = {"true": True, "false": False}
_LOCAL_TIME = re.compile(r"\d{4}-\d{2}-\d{2}([T ][\d:.]+)?", re.ASCII)
P = ParamSpec("P")
T = TypeVar("T")
M = TypeVar("M")
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


def folders_below(place: Path, name: str) -> tuple[Path, ...]:
    """The folders below one that hold a file of that name, without links, by path.

    Looked for again once a folder came or went, and, as of `forget_if_changed`, a file in one.
    """
    return _folders_below(place, name, _stamp(place))


@remembered()
def _folders_below(place: Path, name: str, stamp: tuple[int, int, int] | None) -> tuple[Path, ...]:
    del stamp
    for folder in filter(Path.is_dir, place.glob("*")):
        _opened.setdefault(folder, _stamp(folder))
    return tuple(sorted({path.parent.resolve() for path in place.glob(f"*/{name}")}))


def read_table(
    path: Path,
    table: Table,
    *,
    candidates: Collection[str] | None = None,
    check: bool = False,
    short: bool = False,
    rules: Callable[[], Iterable[Any]] = tuple,
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
    check : bool
        Whether it is held to `bench.data.schema` even if the file is as shipped.
    short : bool
        Whether columns that may be empty may be left out.
    rules : callable
        Gives further rules (`bench.data.schema.rule`); called if the table is held to any.

    Raises
    ------
    DataError
        With file, line (CSV) or row (Parquet), column, value, what is accepted, what to do.
    """
    check = check or not is_as_shipped(path)
    if not check:
        raw = _trusted(path)
    else:
        raw = read_parquet(path) if path.suffix == ".parquet" else read_csv(path)
    if short:
        optional = [name for name, column in table.columns.items() if column.empty]
        raw = raw.assign(**{name: None for name in optional if name not in raw})
    return typed(raw, path, table, candidates=candidates, check=check, rules=rules)


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
    rules: Callable[[], Iterable[Any]] = tuple,
) -> pd.DataFrame:
    """Rows of text, whose index is the row of the file, as a checked table; as `read_table`."""
    missing = [name for name in table.columns if name not in raw.columns]
    if missing:
        raise DataError(missing_column(path, missing[0], raw.columns, f"; {card(path)}"))
    accepted = [*table.columns, *table.versions, *table.ignored, *NOTES]
    strange = [name for name in map(str, raw.columns) if name not in accepted]
    strange = [name for name in strange if name.lower() not in NOTES]
    if check and strange:
        near = did_you_mean(strange[0][:60], accepted)
        raise DataError(
            f"{path}: no column '{shortened(strange[0])}' is known here ({near}); take it out (of "
            "a file of polls, `bench import` reads the columns that its map names)"
        )
    table = table.having(raw.columns)
    frame = pd.DataFrame(
        {name: _convert(raw[name], name, column, path) for name, column in table.columns.items()}
    )
    if check:
        from bench.data.schema import validate  # which takes its time to import

        validate(frame, table, path, rules(), candidates)
    return frame


def no_rows(table: Table) -> pd.DataFrame:
    """A table without rows, every column of its kind."""
    none = pd.Series(dtype="str")
    return pd.DataFrame(
        {name: _convert(none, name, column, Path()) for name, column in table.columns.items()}
    )


def _convert(values: pd.Series, name: str, column: Column, path: Path) -> pd.Series:
    is_missing = values.isna().to_numpy()
    if column.kind == "text":
        if values.dtype == "str":
            return values
        texts = values.astype(str)
        return texts.where(~is_missing) if is_missing.all() else texts.where(~is_missing, None)
    converted: pd.Series[Any]
    if column.kind == "date":
        converted = local_times(values)
    elif column.kind == "flag":
        converted = values.astype(str).str.lower().map(_FLAGS)
    else:
        plain = values.astype(str) if values.dtype == bool else values
        numbers = pd.to_numeric(plain, errors="coerce").astype(float).to_numpy(copy=True)
        numbers[~np.isfinite(numbers)] = np.nan
        if column.kind == "count":
            numbers[(numbers % 1 != 0) | (np.abs(numbers) > MAX_COUNT)] = np.nan
            if not pd.api.types.is_numeric_dtype(values):
                numbers[values.astype(str).str.fullmatch(THOUSANDS)] = np.nan
        converted = pd.Series(numbers, index=values.index)
    is_empty = converted.isna().to_numpy()
    is_wrong = is_empty & (~is_missing | (column.kind == "flag"))
    if is_wrong.any():
        row = int(is_wrong.argmax())
        line = int(values.index[row])
        raise DataError(bad_cell(path, line, name, values.iloc[row], column.accepted))
    if column.kind == "flag":
        return converted.astype(bool)
    if column.kind == "count" and not column.empty and not is_empty.any():
        return converted.astype("int64")
    return converted


def local_times(values: pd.Series) -> pd.Series:
    """Local times; what names a zone, or lies outside 1678 to 2261, becomes empty."""
    codes, words = pd.factorize(values)
    if values.dtype.kind != "M" or isinstance(values.dtype, pd.DatetimeTZDtype):
        fitting = [word if _LOCAL_TIME.fullmatch(str(word)) else None for word in words]
        words = pd.Index(fitting, dtype=object)
    moments = pd.to_datetime(words, format="ISO8601", errors="coerce").to_numpy()
    is_in_range = (moments >= np.datetime64("1678")) & (moments < np.datetime64("2262"))
    moments = np.where(is_in_range, moments, np.datetime64("NaT")).astype("datetime64[ns]")
    by_row = np.append(moments, np.datetime64("NaT", "ns"))[codes]  # the code of no word is -1
    return pd.Series(by_row, index=values.index)


def read_csv(
    path: Path, max_bytes: int = MAX_BYTES, max_rows: int = MAX_ROWS, *, foreign: bool = False
) -> pd.DataFrame:
    """Every column of a CSV file as text, empty cells missing; no more bytes and rows than said.

    Raises
    ------
    DataError
        If the file is too large, not UTF-8, or not a table; `foreign` as of
        `bench.core.read.read_csv`.
    """
    _note_opened(path)
    hint = f"; {card(path)}"
    return core_read.read_csv(
        path, max_bytes=max_bytes, max_rows=max_rows, hint=hint, foreign=foreign
    )


def read_parquet(path: Path, columns: Collection[str] | None = None) -> pd.DataFrame:
    """Some columns of a Parquet file, or all; its size is judged before anything is loaded.

    Raises
    ------
    DataError
        If the file is damaged, too large, or holds anything but text, numbers, flags and dates.
    """
    _note_opened(path)
    hint = f"; {card(path)}"
    return core_read.read_parquet(path, columns, max_bytes=MAX_BYTES, max_rows=MAX_ROWS, hint=hint)


class _Refused(yaml.MarkedYAMLError):
    """Something that YAML allows and we do not."""

    def __init__(self, words: str, node: Any) -> None:
        super().__init__(problem=words, problem_mark=node.start_mark)


class _StrictLoader(yaml.SafeLoader):
    """Refuses aliases, keys given twice and numbers to base 60."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """One node; an alias is none."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            raise _Refused(f"'*{event.anchor}' repeats what stands elsewhere; write it out", event)
        node: yaml.Node | None = super().compose_node(parent, index)
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """As YAML has it, of keys that differ also once they are read: 1 and 1.0 are one."""
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        lines: dict[Hashable, int] = {}
        if len(mapping) == len(node.value):
            return mapping
        for key, _ in node.value:
            value = self.construct_object(key)
            line = key.start_mark.line + 1
            if value in lines:
                words = f"the key '{shortened(value)}' stands here and in line {lines[value]}"
                raise _Refused(f"{words}; keep one", key)
            lines[value] = line
        return mapping

    def construct_scalar(self, node: Any) -> Any:
        """A text, `normalised`; of a number, as somebody typed it."""
        value = super().construct_scalar(node)
        if ":" in value and node.tag.endswith((":int", ":float")):
            raise _Refused(f"'{value[:60]}' would be a number to base 60; quote it", node)
        if node.style == '"':  # it may hold escapes; the rest of the file is normalised already
            return normalised(value)
        return value

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """A value; one that cannot be is named with its line, such as the day 2030-02-30."""
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, TypeError, OverflowError, IndexError) as error:
            raise _Refused(f"'{shortened(node.value)}' cannot be ({error})", node) from error


def load_yaml(path: Path) -> Any:
    """What a YAML file of at most `MAX_BYTES_OF_YAML` holds.

    Returns
    -------
    object
        Mappings, lists, texts, numbers, flags, days and None; None for an empty file.

    Raises
    ------
    DataError
        With the line: if the file is damaged, or holds tags, aliases, a key twice or a number to
        base 60.
    """
    if is_as_shipped(path):
        text = normalised(path.read_text(encoding="utf-8"))
    else:
        text = read_text(path, MAX_BYTES_OF_YAML)
    try:
        return yaml.load(text, _StrictLoader)
    except RecursionError as error:
        raise DataError(f"{path}: nested too deep; write it flatter") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else str(path)
        problem = getattr(error, "problem", None) or error
        words = " ".join(str(problem).split())[:300]
        reason = words if isinstance(error, _Refused) else f"not readable as YAML ({words})"
        raise DataError(f"{place}: {reason}") from error


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


def facts_as(model: type[M], facts: Mapping[Any, Any], path: Path | str) -> M:
    """The keys of a YAML file as a model of pydantic; a key without a value counts as left out.

    Parameters
    ----------
    model : type
        Which keys there are, and what each may hold.
    facts : mapping
        What `read_yaml` gave.
    path : Path or str
        The file, or the place in it.

    Raises
    ------
    DataError
        With the first key that is missing, unknown or holds something else, and what is accepted.
    """
    try:
        stated = {key: value for key, value in facts.items() if value is not None}
        return TypeAdapter(model).validate_python(stated)
    except ValidationError as error:
        first = error.errors()[0]
        fields = list(getattr(model, "__pydantic_fields__", ()))
        key = ".".join(str(part) for part in first["loc"] if part != "[key]")
        if first["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
            near = did_you_mean(key[:60], fields)
            raise DataError(f"{path}: no key is called '{shortened(key)}' ({near})") from error
        if first["type"] == "missing":
            keys = ", ".join(fields)
            raise DataError(f"{path}: the key '{key}' is missing; known keys: {keys}") from error
        words = first["msg"].removeprefix("Value error, ")
        subject = f"`{key}` is {shortened(first['input'])}; " if key else ""
        raise DataError(f"{path}: {subject}{words}") from error


def fits(pattern: str, words: str) -> AfterValidator:
    """What refuses a text of a YAML that a pattern does not fit; `words` say what is accepted."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"accepted: {words}")
        return value

    return AfterValidator(check)


def one_of(words: Collection[str]) -> AfterValidator:
    """What refuses a text of a YAML that is none of those known, with the nearest one."""

    def check(value: str) -> str:
        if value not in words:
            near = nearest(value[:60], words)
            hint = f"did you mean '{near}'? " if near else ""
            raise ValueError(f"{hint}accepted: {', '.join(sorted(words))}")
        return value

    return AfterValidator(check)


def _plain_text(value: object) -> str:
    """A text in a YAML; lists, mappings and what YAML reads as true or false are none."""
    if not isinstance(value, str | int | float | date) or isinstance(value, bool):
        raise ValueError("accepted: text; quote it")
    return str(value)


Text = Annotated[str, BeforeValidator(_plain_text), Field(max_length=MAX_LETTERS)]
"""A name or title as somebody writes it in a YAML; a number counts as its digits."""


@remembered()
def facts_of(path: Path) -> Mapping[Any, Any]:
    """What `read_yaml` gave, once per process while no file changes."""
    return read_yaml(path)


@remembered()
def _shipped_sums(datasets: Path) -> dict[Path, str]:
    """The sum of every file of `datasets/` whose list of sums is the one that the package pins."""
    sums_by_path: dict[Path, str] = {}
    for name, pinned in pins().items():
        sums = datasets.resolve() / name / SUMS
        if not sums.is_file() or sha256(sums) != pinned:
            continue  # its tables are checked in full
        for line in sums.read_text(encoding="utf-8").splitlines():
            digest, _, file = line.partition(" ")
            if file:
                sums_by_path[sums.parent / file.strip()] = digest
    return sums_by_path


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


@remembered()
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
        places = [place for place in sorted(folder.rglob("*")) if place.name not in (SUMS, PACKAGE)]
    else:  # the short form may lie in a folder with anything else
        places = [folder / name for name in ("election.yaml", "outcome.csv", "polls.csv")]
    files = filter(Path.is_file, places)
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
