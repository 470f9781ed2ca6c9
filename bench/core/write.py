"""Files appear whole or not at all, the same bytes twice: this file holds the writers."""

import io
import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pandas as pd
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_numeric_dtype

from bench.core.errors import ConfigError

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def refuse_unwritable(folder: Path, name: str) -> None:
    """Refuse a folder that cannot be made or written to, before any work is done for it.

    Parameters
    ----------
    folder : Path
        It need not exist.
    name : str
        Of the setting, for the message.

    Raises
    ------
    ConfigError
        With what stands in the way.
    """
    place = folder.absolute()
    existing = next(path for path in (place, *place.parents) if os.path.lexists(path))
    if not existing.is_dir():
        wrong = "is a file" if existing.is_file() else "is not a folder"
    else:
        try:  # a folder of the system may look open
            with TemporaryFile(dir=existing):
                return
        except OSError as error:
            wrong = f"takes no files ({error.strerror})"
    raise ConfigError(
        f"{name} is '{folder}', but '{existing}' {wrong}; "
        "accepted: a folder in which you may write (it is made if need be)"
    )


def write_bytes(path: Path, content: bytes) -> Path:
    """Write a file so that a reader or a crash sees the old content or the new, never a part.

    Parameters
    ----------
    path
        Target; its folder is made if need be.
    content
        Every byte of it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    return path


def write_text(path: Path, content: str) -> Path:
    """Write text as UTF-8 with Unix line ends, whole or not at all."""
    return write_bytes(path, content.encode("utf-8"))


def write_files(folder: Path, files: Mapping[str, bytes | str]) -> list[Path]:
    """Write files by their path in a folder, each whole or not at all; text as UTF-8."""
    return [
        write_bytes(folder / name, each if isinstance(each, bytes) else each.encode("utf-8"))
        for name, each in files.items()
    ]


def write_csv(path: Path, table: pd.DataFrame) -> Path:
    """Write a table as `csv_text` makes it, whole or not at all."""
    return write_text(path, csv_text(table))


def csv_text(table: pd.DataFrame) -> str:
    """A table as CSV that a spreadsheet cannot mistake for formulae.

    Text that begins with ``=``, ``+``, ``-``, ``@`` or a control character gets a leading
    apostrophe; numbers are written in their shortest exact form.
    """
    safe = table.copy()
    for position in range(safe.shape[1]):
        values: Any = safe.iloc[:, position]
        if isinstance(values.dtype, pd.StringDtype):
            each = values.unique()  # few of very many cells
            if any(safe_text(value) != value for value in each[~pd.isna(each)]):
                safe.isetitem(position, values.map(safe_text))
        elif not (is_numeric_dtype(values) or is_datetime64_any_dtype(values)):
            safe.isetitem(position, values.map(safe_text))
        elif is_bool_dtype(values):
            safe.isetitem(position, values.map({True: "true", False: "false"}))
    safe.columns = pd.Index([safe_text(column) for column in safe.columns])
    return str(safe.to_csv(index=False, lineterminator="\n"))


def safe_text(value: Any) -> Any:
    """Defuse a text cell; anything else is returned as it is.

    Examples
    --------
    >>> safe_text("=1+1"), safe_text("plain"), safe_text(-1)
    ("'=1+1", 'plain', -1)
    """
    return "'" + value if _is_formula(value) else value


def plain_text(value: str) -> str:
    """The text of which `safe_text` made this.

    Examples
    --------
    >>> [plain_text(safe_text(text)) for text in ("=1+1", "'=1", "'tis", "plain")]
    ['=1+1', "'=1", "'tis", 'plain']
    """
    return value[1:] if value.startswith("'") and _is_formula(value) else value


def _is_formula(value: Any) -> bool:
    """Whether a spreadsheet reads a cell as a formula, apostrophes before it left aside."""
    return isinstance(value, str) and value.lstrip("'").startswith(FORMULA_STARTS)


def write_parquet(path: Path, table: pd.DataFrame) -> Path:
    """Write a table as Parquet without index and without library metadata of its own."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrow = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None)
    buffer = io.BytesIO()
    pq.write_table(arrow, buffer, compression="zstd", version="2.6")
    return write_bytes(path, buffer.getvalue())


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
