"""Files, tables and YAML that a person brings: judged before they are opened, never waited for."""

from __future__ import annotations

import csv
import io
import os
import re
import stat
from collections.abc import Collection, Hashable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from bench.core.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


MOST_LETTERS = 200
"""Letters of a name or title; what is longer is no name, and takes minutes to draw."""
MOST_IN_CELL = 2_000  # letters of any cell; the longest that ships is a source of some hundreds
MOST_COLUMNS = 500
# of a YAML file
MOST_BYTES = 100_000
MOST_VALUES = 10_000  # keys and values; a second of work
MOST_DEEP = 20
MOST_DIGITS = 30
AGGREGATES = (
    "evidence is aggregates: sum single ratings, posts or voters to days and candidates first"
)
_KINDS = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
_BINARY = getattr(os, "O_BINARY", 0)  # Windows
# control characters, and those that turn the direction of what follows
_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def refuse_unreadable(path: Path, most: int, hint: str = "") -> os.stat_result:
    """Refuse what is no file, or one of more than `most` bytes, without opening it.

    Parameters
    ----------
    path : Path
    most : int
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
    if not stat.S_ISREG(facts.st_mode):
        kind = next((what for test, what in _KINDS if test(facts.st_mode)), "a device")
        raise DataError(f"{path}: {kind}, not a file; accepted: a file{hint}")
    if facts.st_size > most:
        raise DataError(f"{path}: {facts.st_size:,} bytes; accepted: at most {most:,}{hint}")
    return facts


def read_bytes(path: Path, most: int, hint: str = "") -> bytes:
    """The content of a file of at most `most` bytes; parameters and errors as `refuse_unreadable`.

    A pipe or a device that takes the place of the file meanwhile is not waited for.
    """
    size = refuse_unreadable(path, most, hint).st_size
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY)
        with open(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise DataError(f"{path}: not a file any more; accepted: a file{hint}")
            content = stream.read(size + 1)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}){hint}") from error
    if len(content) > size:
        raise DataError(f"{path}: grew while it was read; run again once it is whole{hint}")
    return content


def read_text(path: Path, most: int, hint: str = "") -> str:
    """The text of a file in UTF-8; parameters and errors as `refuse_unreadable`.

    Raises
    ------
    DataError
        If it is also empty, no UTF-8 or holds a NUL; with the line.
    """
    content = read_bytes(path, most, hint)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(
            f"{path}: UTF-16; accepted: UTF-8 (in a spreadsheet: save as 'CSV UTF-8'){hint}"
        )
    if b"\0" in content:
        line = line_of(content, content.index(b"\0"))
        raise DataError(f"{path}:{line}: a NUL byte; accepted: text (UTF-8)")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}:{line_of(content, error.start)}: byte {content[error.start]:#04x} is not "
            "UTF-8; accepted: UTF-8 (in a spreadsheet: save as 'CSV UTF-8')"
        ) from error


def rows_of(text: str, path: Path) -> pd.DataFrame:
    """The rows of a CSV as text, empty cells missing.

    Parameters
    ----------
    text : str
        Cells between commas; the first line names the columns.
    path : Path
        For what is said of mistakes.

    Raises
    ------
    DataError
        If a column occurs twice, there are too many, or the rest is no table.
    """
    import pandas as pd

    if not text or text.isspace():
        raise DataError(f"{path}: the file is empty; accepted: a header line and rows")
    try:
        header = next(csv.reader(io.StringIO(text, newline=None)))
        refuse_columns(header, path)
        return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, na_values=[""])
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error) as error:
        raise DataError(f"{path}: not a table of commas ({str(error).strip()[:200]})") from error


def refuse_columns(names: Sequence[str], path: Path) -> None:
    """Refuse more columns than any table has, one that occurs twice, or that hides something."""
    if len(names) > MOST_COLUMNS:
        raise DataError(f"{path}:1: {len(names):,} columns; accepted: at most {MOST_COLUMNS}")
    for name in names:
        if sign := hidden_sign(name):
            raise DataError(f"{path}:1: a column's name holds the invisible sign {sign}; delete it")
    if twice := [name for name in names if names.count(name) > 1]:
        raise DataError(f"{path}:1: the column '{shortened(twice[0])}' occurs twice; keep one")


def refuse_rows(path: Path, rows: int, most: int, remedy: str = AGGREGATES) -> None:
    """Refuse more rows than there can be."""
    if rows > most:
        raise DataError(f"{path}: {rows:,} rows; accepted: {most:,} ({remedy})")


def read_parquet(
    path: Path, columns: Collection[str] | None, *, most: int, most_rows: int, hint: str = ""
) -> pd.DataFrame:
    """Columns of a Parquet file; its size is judged before anything is loaded.

    Parameters
    ----------
    path : Path
    columns : collection of str or None
        All if None.
    most, most_rows : int
        Bytes, packed and unpacked, and rows.
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

    refuse_unreadable(path, most, hint)
    try:
        with pq.ParquetFile(path) as file:
            facts = file.metadata
            refuse_rows(path, facts.num_rows, most_rows)
            sizes = [
                facts.row_group(number).total_byte_size for number in range(facts.num_row_groups)
            ]
            if sum(sizes) > most:
                raise DataError(
                    f"{path}: {sum(sizes):.3g} bytes when unpacked; accepted: {most:.3g}"
                )
            names = file.schema_arrow.names
            refuse_columns(names, path)
            if missing := [name for name in columns or () if name not in names]:
                raise DataError(missing_column(path, missing[0], names, hint))
            wanted = list(dict.fromkeys(names if columns is None else columns))
            if strange := [
                field for field in file.schema_arrow if field.name in wanted and not _flat(field)
            ]:
                raise DataError(
                    f"{path}: the column '{strange[0].name}' holds {strange[0].type}; accepted: "
                    "text, numbers, flags, dates"
                )
            table = file.read(columns=wanted, use_threads=False)
            table.validate(full=True)
            return pd.DataFrame(table.to_pandas(ignore_metadata=True))
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError, ValueError) as error:
        words = (str(error).splitlines() or [""])[0]
        raise DataError(
            f"{path}: not a whole Parquet file ({words[:200]}); copy or build it again"
        ) from error


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


def missing_column(path: Path, name: str, present: Collection[str], hint: str) -> str:
    """The sentence that says which column lacks."""
    shown = shortened(", ".join(map(str, present)), 500)
    return f"{path}: the column '{name}' is missing; the file has {shown}{hint}"


def shortened(value: object, most: int = 60) -> str:
    """A value as it may stand in a message: printable and not too long."""
    words = f"{value:g}" if isinstance(value, float) else str(value)
    shown = "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for letter in words[: most + 1]
    )
    return shown if len(words) <= most else shown[: most - 3] + "…"


def line_of(content: bytes, place: int) -> int:
    """The line, from 1, on which a byte stands, whether lines end as on Unix, Windows or old Macs.

    Examples
    --------
    >>> line_of(b"a\\nb", 2), line_of(b"a\\r\\nb", 3), line_of(b"a\\rb", 2)
    (2, 2, 2)
    """
    before = content[:place]
    return max(before.count(b"\n"), before.count(b"\r")) + 1


def hidden_sign(text: str) -> str:
    r"""The first sign of a text that hides or turns the rest, as U+ and its number; empty if none.

    Control characters, signs that turn the direction of writing, and halves of letters; blanks,
    tabs, line ends, and joiners of scripts and emoji are none.

    Examples
    --------
    >>> hidden_sign("Ana \x1b[31mRowe"), hidden_sign("a\u202eb"), hidden_sign("Björn\tÅse")
    ('U+001B', 'U+202E', '')
    """
    found = _HIDDEN.search(text)
    return f"U+{ord(found[0]):04X}" if found else ""


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


class _Refused(yaml.MarkedYAMLError):
    """Something that YAML allows and we do not."""

    def __init__(self, words: str, node: Any) -> None:
        super().__init__(problem=words, problem_mark=node.start_mark)


class _StrictLoader(yaml.SafeLoader):
    """Refuses aliases, merge keys, keys given twice, and what is too deep, too much or too long."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._n_values = self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """One node, counted; an alias is none."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            raise _Refused(f"'*{event.anchor}' repeats what stands elsewhere; write it out", event)
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
        """A text without signs that hide or turn the rest."""
        value = super().construct_scalar(node)
        if isinstance(value, str) and not value.isprintable() and (sign := hidden_sign(value)):
            raise _Refused(f"holds the invisible sign {sign}; delete it", node)
        return value

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        """A whole number that somebody may have typed."""
        if len(node.value) > MOST_DIGITS:
            raise _Refused(
                f"a number of {len(node.value):,} digits; accepted: {MOST_DIGITS}; quote it if it "
                "is text",
                node,
            )
        return int(super().construct_yaml_int(node))

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """A value; one that cannot be is named with its line, such as the day 2030-02-30."""
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, TypeError, OverflowError) as error:
            words = f"'{node.value[:60]}' cannot be" if isinstance(node.value, str) else "cannot be"
            raise _Refused(f"{words} ({error})", node) from error


_StrictLoader.add_constructor("tag:yaml.org,2002:int", _StrictLoader.construct_yaml_int)


def load_yaml(path: Path) -> Any:
    """What a YAML file of at most `MOST_BYTES` holds.

    Returns
    -------
    object
        Mappings, lists, texts, numbers, flags, days and None; None for an empty file.

    Raises
    ------
    DataError
        With the line: if the file is damaged, makes objects (tags), holds aliases, merge keys or a
        key twice, or more than `MOST_VALUES` keys and values or `MOST_DEEP` levels.
    """
    text = read_text(path, MOST_BYTES)
    if sign := hidden_sign(text):
        line = text[: text.index(chr(int(sign[2:], 16)))].count("\n") + 1
        raise DataError(f"{path}:{line}: holds the invisible sign {sign}; delete it")
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
