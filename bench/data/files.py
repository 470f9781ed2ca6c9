"""Files into raw tables; giants, bombs, pipes and nested values are refused unloaded."""

from __future__ import annotations

import csv
import io
import stat
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core.errors import DataError

MOST_ROWS = 5_000_000  # a table of evidence holds aggregates
MOST_BYTES = 2 * 10**9
MOST_YAML = 10**6


def text_of(path: Path) -> str:
    """The text of a file of rows.

    Raises
    ------
    DataError
        If it is no file, too large, empty or not UTF-8; with the line.
    """
    refuse_giants(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); {card(path)}") from error
    if not content.removeprefix(b"\xef\xbb\xbf").strip():
        raise DataError(
            f"{path}: the file is empty; accepted: a header line and rows; {card(path)}"
        )
    if b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        raise DataError(f"{path}:{line}: a NUL byte; accepted: text (UTF-8, commas)")
    _refuse_rows(path, content.count(b"\n"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DataError(
            f"{path}:{line}: byte {content[error.start]:#04x} is not UTF-8; accepted: UTF-8 "
            "(in a spreadsheet: save as 'CSV UTF-8')"
        ) from error


def read_csv(path: Path) -> pd.DataFrame:
    """Every column of a CSV file as text, empty cells missing.

    Raises
    ------
    DataError
        If the file is too large, not UTF-8, or not a table.
    """
    words = text_of(path)
    try:
        header = next(csv.reader(io.StringIO(words)))
        if repeated := sorted({name for name in header if header.count(name) > 1}):
            raise DataError(f"{path}:1: the column '{repeated[0]}' occurs twice; keep one")
        frame = pd.read_csv(
            io.StringIO(words), dtype=str, keep_default_na=False, na_values=[""], header=0
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error) as error:
        raise DataError(f"{path}: not a table of commas ({str(error).strip()})") from error
    return frame


def read_parquet(path: Path, columns: Collection[str], *, others: bool = False) -> pd.DataFrame:
    """Some columns of a Parquet file, or all; its size is judged before anything is loaded.

    Raises
    ------
    DataError
        If the file is damaged, too large, or holds anything but text, numbers, flags and dates.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    refuse_giants(path)
    try:
        with pq.ParquetFile(path) as file:
            facts = file.metadata
            _refuse_rows(path, facts.num_rows)
            sizes = [
                facts.row_group(number).total_byte_size for number in range(facts.num_row_groups)
            ]
            if sum(sizes) > MOST_BYTES:
                raise DataError(
                    f"{path}: {sum(sizes):.3g} bytes when unpacked; accepted: {MOST_BYTES:.3g}"
                )
            names = file.schema_arrow.names
            if missing := [name for name in columns if name not in names]:
                raise DataError(missing_column(path, missing[0], names))
            if others:
                columns = list(dict.fromkeys(names))
            if twice := [name for name in columns if names.count(name) > 1]:
                raise DataError(f"{path}: the column '{twice[0]}' occurs twice; keep one")
            if strange := [
                field for field in file.schema_arrow if field.name in columns and not _flat(field)
            ]:
                raise DataError(
                    f"{path}: the column '{strange[0].name}' holds {strange[0].type}; accepted: "
                    "text, numbers, flags, dates"
                )
            table = file.read(columns=list(columns), use_threads=False)
            table.validate(full=True)
            return pd.DataFrame(table.to_pandas(ignore_metadata=True))
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError, ValueError) as error:
        words = (str(error).splitlines() or [""])[0]
        raise DataError(
            f"{path}: not a whole Parquet file ({words[:200]}); copy or build it again"
        ) from error


def read_yaml(path: Path) -> dict[Any, Any]:
    """A mapping from a YAML file; tags that make objects are refused.

    Raises
    ------
    DataError
        If the file is damaged, too large, or holds anything but a mapping.
    """
    import yaml

    refuse_giants(path, MOST_YAML)
    try:
        facts = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, OverflowError) as error:
        words = " ".join(str(error).split())
        raise DataError(f"{path}: not readable as YAML ({shortened(words, 300)})") from error
    if not isinstance(facts, dict):
        raise DataError(f"{path}: must hold keys and values; see the folder 'toy'")
    return facts


def _flat(field: Any) -> bool:
    import pyarrow.types as kinds

    of = field.type.value_type if kinds.is_dictionary(field.type) else field.type
    tests = (
        kinds.is_string,
        kinds.is_large_string,
        kinds.is_integer,
        kinds.is_floating,
        kinds.is_boolean,
        kinds.is_date,
        kinds.is_timestamp,
        kinds.is_null,
    )
    return any(test(of) for test in tests)


def refuse_giants(path: Path, most: int = MOST_BYTES) -> None:
    """Refuse what is no file, or a file of more than `most` bytes, before it is opened."""
    try:
        facts = path.stat()
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{path}: cannot be read ({words}); {card(path)}") from error
    if not stat.S_ISREG(facts.st_mode):
        raise DataError(f"{path}: not a file (a folder, a pipe or a device); {card(path)}")
    if facts.st_size > most:
        raise DataError(f"{path}: {facts.st_size:.3g} bytes; accepted: {most:.3g}")


def _refuse_rows(path: Path, rows: int) -> None:
    if rows > MOST_ROWS:
        raise DataError(
            f"{path}: {rows:,} rows; accepted: {MOST_ROWS:,} (evidence is aggregates: sum single "
            "ratings, posts or voters to days and candidates first)"
        )


def missing_column(path: Path, name: str, present: Collection[str]) -> str:
    """The sentence that says which column lacks."""
    shown = shortened(", ".join(map(str, present)), 500)
    return f"{path}: the column '{name}' is missing; the file has {shown}; {card(path)}"


def shortened(value: object, most: int = 60) -> str:
    """A value as it may stand in a message: printable and not too long."""
    words = f"{value:g}" if isinstance(value, float) else str(value)
    words = "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in words
    )
    return words if len(words) <= most else words[: most - 3] + "…"


def card(path: Path) -> str:
    """Where the columns and units of a file are explained."""
    for folder in path.parents[:2]:
        if (folder / "CARD.md").is_file():
            return f"columns and units: {folder / 'CARD.md'}"
    return "columns and units: the CARD.md of any shipped election"
