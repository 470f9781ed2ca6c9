"""Files and tables that a person brings: judged before they are opened, never waited for."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import unicodedata
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.core.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


MAX_LETTERS = 200
"""Letters of a name or title; what is longer is no name, and takes minutes to draw."""
MAX_IN_CELL = 2_000  # letters of any cell; the longest that ships is a source of some hundreds
MAX_BYTES_OF_YAML = 100_000
MAX_COLUMNS = 500
MAX_YEARS = 8  # from what a row is about to its vote; 2.8 from the polls that ship
MAX_BYTES_OF_JSON = 10**8  # a record of a season with all draws has a tenth
FEWER = "sum single ratings, posts or voters to days and candidates first, or keep fewer draws"
_LOG = logging.getLogger(__name__)
_FLAT = re.compile(
    r"(dictionary<values=)?((large_)?string|u?int|half|float|double|bool|date|timestamp|null)"
)
_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_TURNING = "\u202a-\u202e\u2066-\u2069\ud800-\udfff"  # the direction of writing; halves of letters
_HIDDEN = re.compile(f"[{_CONTROL}{_TURNING}]")
_NO_WIDTH = re.compile(f"[{_TURNING}\xad\u200b\u200e\u200f\u2060\ufeff]")  # no joiner of scripts
_EDGE = re.compile('(^|[,;|"\t\r\n])\\s|\\s[,;|"\t\r\n]')  # a blank where cells begin or end
_BLANK = re.compile(f"[{_CONTROL}\xa0\u2007\u202f]")


def refuse_unreadable(path: Path, max_bytes: int, hint: str = "") -> os.stat_result:
    """Refuse what is no file, or one of more than `max_bytes` bytes, without opening it.

    Parameters
    ----------
    path : Path
    max_bytes : int
        Bytes.
    hint : str
        What else to say, such as where the columns are explained.

    Raises
    ------
    DataError
        With the path, what it is, and what is accepted.
    """
    try:
        facts = path.stat()
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{path}: cannot be read ({words}){hint}") from error
    if not path.is_file():
        raise DataError(f"{path}: not a file; accepted: a file{hint}")
    if facts.st_size > max_bytes:
        raise DataError(f"{path}: {facts.st_size:,} bytes; accepted: at most {max_bytes:,}{hint}")
    return facts


def read_text(path: Path, max_bytes: int, hint: str = "", *, foreign: bool = False) -> str:
    """The text of a file in UTF-8, `normalised`; more parameters, errors as `refuse_unreadable`.

    Parameters
    ----------
    foreign : bool
        Whether Windows-1252 is read too, and logged.

    Raises
    ------
    DataError
        If it is also empty, no UTF-8 or holds a NUL; with the line.
    """
    refuse_unreadable(path, max_bytes, hint)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}){hint}") from error
    wrong = content.find(b"\0")
    encodings = ["utf-8-sig", "cp1252"] if foreign else ["utf-8-sig"]
    for encoding in encodings if wrong < 0 else []:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            wrong = max(wrong, error.start)
            continue
        if encoding != "utf-8-sig":
            announce(f"{path}: read as {encoding}")
        return normalised(text)
    raise DataError(
        f"{path}:{line_of(content, wrong)}: byte {content[wrong]:#04x} is not UTF-8 text; "
        "accepted: UTF-8 (in a spreadsheet: save as 'CSV UTF-8')"
    )


def read_json(path: Path, hint: str = "") -> dict[str, Any]:
    """The keys and values of a JSON file of at most `MAX_BYTES_OF_JSON`, as they were written.

    Parameters
    ----------
    path : Path
    hint : str
        As of `refuse_unreadable`.

    Raises
    ------
    DataError
        As `refuse_unreadable`, and if it is damaged, nested without end, holds a key twice or
        anything but keys and values.
    """
    refuse_unreadable(path, MAX_BYTES_OF_JSON, hint)
    try:
        content = json.loads(path.read_bytes(), object_pairs_hook=_once)
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            f"{path}: cannot be read as JSON ({shortened(error, 200)}){hint}"
        ) from error
    if not isinstance(content, dict):
        raise DataError(f"{path}: must hold keys and values{hint}")
    return content


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for key, value in pairs:
        if key in content:
            raise ValueError(f"the key '{shortened(key)}' stands there twice; keep one")
        content[key] = value
    return content


@cache
def announce(words: str) -> None:
    """Log how a file was read, once."""
    _LOG.warning(words)


def read_csv(
    path: Path,
    *,
    max_bytes: int,
    max_rows: int,
    hint: str = "",
    foreign: bool = False,
) -> pd.DataFrame:
    """The rows of a CSV as text, empty cells missing; the first line names the columns.

    Parameters
    ----------
    path : Path
    max_bytes, max_rows : int
        Bytes and rows, at most.
    hint : str
        As of `refuse_unreadable`.
    foreign : bool
        As of `read_text`, and whether cells may also stand between semicolons, tabs or vertical
        bars, with blanks around them; the header tells, and it is logged.

    Raises
    ------
    DataError
        As `read_text`, and if it is blank, has too many rows or columns, a column twice, or cells
        without a column.
    """
    import pandas as pd

    text = read_text(path, max_bytes, hint, foreign=foreign)
    if not text or text.isspace():
        raise DataError(f"{path}: the file is empty; accepted: a header line and rows{hint}")
    refuse_rows(path, max(text.count("\n"), text.count("\r")), max_rows)
    if foreign:
        text = text.rstrip()
    if not text.partition("\n")[0].strip():
        raise DataError(f"{path}:1: the line is blank; accepted: a header line and rows{hint}")
    separator = max(",;\t|", key=text.partition("\n")[0].count)
    if separator != "," and not foreign:
        raise DataError(
            f"{path}:1: cells stand between {separator!r}; accepted: commas, and a point in numbers"
            f"{hint}"
        )
    if separator != ",":
        announce(f"{path}: read as cells between {separator!r}")
    try:
        rows = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=None,  # pandas would take a name too few for an index, and rename one twice
            dtype=str,
            keep_default_na=False,
            na_values=[""],
            skip_blank_lines=not foreign,
        )
    except pd.errors.ParserError as error:
        raise DataError(
            f"{path}: not a table ({str(error).strip()[:200]}); if commas are decimals, write "
            "points"
        ) from error
    header = [name.strip() if foreign else name for name in rows.iloc[0].fillna("")]
    refuse_columns(header, path)
    rows = rows.iloc[1:].set_axis(header, axis=1).reset_index(drop=True)
    for name in rows if len(text) > MAX_IN_CELL else ():
        is_long = rows[name].str.len() > MAX_IN_CELL
        if is_long.any():
            line = int(is_long.to_numpy().argmax()) + 2
            raise DataError(
                f"{path}:{line}: column '{name}' has more letters than the {MAX_IN_CELL:,} accepted"
            )
    if foreign and _EDGE.search(text):
        rows = rows.apply(lambda cells: cells.str.strip())
        rows = rows.where(rows.ne(""))
    return rows


def refuse_columns(names: Sequence[str], path: Path) -> None:
    """Refuse more columns than any table has, or one that occurs twice."""
    if len(names) > MAX_COLUMNS:
        raise DataError(f"{path}:1: {len(names):,} columns; accepted: at most {MAX_COLUMNS}")
    if twice := [name for name in names if names.count(name) > 1]:
        raise DataError(f"{path}:1: the column '{shortened(twice[0])}' occurs twice; keep one")


def refuse_rows(path: Path, rows: int, max_rows: int) -> None:
    """Refuse more rows than there can be."""
    if rows > max_rows:
        raise DataError(f"{path}: {rows:,} rows; accepted: {max_rows:,} ({FEWER})")


def read_parquet(
    path: Path, columns: Collection[str] | None, *, max_bytes: int, max_rows: int, hint: str = ""
) -> pd.DataFrame:
    """Columns of a Parquet file, text `normalised`; its size is judged before it is loaded.

    Parameters
    ----------
    path : Path
    columns : collection of str or None
        All if None.
    max_bytes, max_rows : int
        Bytes and rows, at most.
    hint : str
        As of `refuse_unreadable`.

    Raises
    ------
    DataError
        If the file is damaged, too large, or holds anything but text, numbers, flags and dates.
    """
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    refuse_unreadable(path, max_bytes, hint)
    try:
        with pq.ParquetFile(path) as file:
            refuse_rows(path, file.metadata.num_rows, max_rows)
            names = file.schema_arrow.names
            refuse_columns([*map(normalised, names)], path)
            if missing := [name for name in columns or () if name not in names]:
                raise DataError(missing_column(path, missing[0], names, hint))
            requested = list(dict.fromkeys(names if columns is None else columns))
            for field in file.schema_arrow:
                if field.name in requested and not _FLAT.match(str(field.type)):
                    raise DataError(
                        f"{path}: the column '{field.name}' holds {field.type}; accepted: "
                        "text, numbers, flags, dates"
                    )
            table = file.read(columns=requested, use_threads=False)
            table.validate(full=True)
            frame = pd.DataFrame(table.to_pandas(ignore_metadata=True))
            for column in frame.select_dtypes(["object", "str", "category"]):
                texts = [text for text in frame[column].unique() if isinstance(text, str)]
                changed = {text: normalised(text) for text in texts if normalised(text) != text}
                if changed:
                    frame[column] = frame[column].astype(object).replace(changed)
            return frame.rename(columns=normalised)
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError, ValueError) as error:
        words = (str(error).splitlines() or [""])[0]
        raise DataError(
            f"{path}: not a whole Parquet file ({words[:200]}); copy or build it again"
        ) from error


def missing_column(path: Path, name: str, present: Collection[str], hint: str) -> str:
    """The sentence that says which column lacks."""
    present_names = shortened(", ".join(map(str, present)), 500)
    return f"{path}: the column '{name}' is missing; the file has {present_names}{hint}"


def shortened(value: object, max_letters: int = 60) -> str:
    r"""A value as it may stand in a message: printable and not too long.

    Examples
    --------
    >>> shortened("x" * 99, 5), shortened(0.1 + 0.2), shortened("a\x1b") == "a\ufffd"
    ('xx…', '0.3', True)
    """
    words = f"{value:g}" if isinstance(value, float) else str(value)
    printable = "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for letter in words[: max_letters + 1]
    )
    return printable if len(words) <= max_letters else printable[: max_letters - 3] + "…"


def line_of(content: bytes, place: int) -> int:
    """The line, from 1, on which a byte stands, whether lines end as on Unix, Windows or old Macs.

    Examples
    --------
    >>> line_of(b"a\\nb", 2), line_of(b"a\\r\\nb", 3), line_of(b"a\\rb", 2)
    (2, 2, 2)
    """
    before = content[:place]
    return max(before.count(b"\n"), before.count(b"\r")) + 1


def normalised(text: str) -> str:
    r"""A text as it is compared and shown: composed (NFC), without signs that nobody sees.

    No-break spaces and control characters become spaces; signs without width, signs that turn the
    direction of writing and halves of letters are left out. Tabs, line ends, and joiners of scripts
    and emoji stay.

    Examples
    --------
    >>> normalised("Ana\xa0Ro\u200bwe"), normalised("a\u202eb\x1b"), normalised("Zoe\u0308")
    ('Ana Rowe', 'ab ', 'Zoë')
    """
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFC", _BLANK.sub(" ", _NO_WIDTH.sub("", text)))


def visible(text: str) -> str:
    r"""A text for terminals, pages and papers: signs that hide or turn the rest are written out.

    Examples
    --------
    >>> visible("Ana \x1b[31mRowe"), visible("evil\u202etxt.exe"), visible("Zoë")
    ('Ana \\x1b[31mRowe', 'evil\\u202etxt.exe', 'Zoë')
    """
    if text.isascii() and text.isprintable():
        return text
    return _HIDDEN.sub(lambda sign: sign[0].encode("unicode_escape").decode(), text)
