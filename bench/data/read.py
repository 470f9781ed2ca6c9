"""Files into typed tables; whatever is wrong with a file is said with line, column and remedy."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd

from bench.contract.errors import DataError, did_you_mean
from bench.data.columns import Column, Table
from bench.data.schemas import schema

_FLAGS = {"true": True, "false": False}


def read_table(
    path: Path, table: Table, *, candidates: Collection[str] | None = None, check: bool = True
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
        False for files whose checksum is that of a checked file.

    Raises
    ------
    DataError
        With file, line (CSV) or row (Parquet), column, value, what is accepted, what to do.
    """
    raw = _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
    if missing := [name for name in table.columns if name not in raw.columns]:
        raise DataError(
            f"{path}: the column '{missing[0]}' is missing; the file has {', '.join(raw.columns)}; "
            f"{_card(path)}"
        )
    table = table.having(raw.columns)
    frame = pd.DataFrame(
        {name: _convert(raw[name], name, column, path) for name, column in table.columns.items()}
    )
    if check:
        _check(frame, table, path)
        if candidates is not None and "candidate" in frame:
            _check_candidates(frame, candidates, path)
    return frame


def _read_csv(path: Path) -> pd.DataFrame:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); {_card(path)}") from error
    if not content.strip():
        raise DataError(
            f"{path}: the file is empty; accepted: a header line and rows; {_card(path)}"
        )
    try:
        words = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DataError(
            f"{path}:{line}: byte {content[error.start]:#04x} is not UTF-8; accepted: UTF-8 "
            "(in a spreadsheet: save as 'CSV UTF-8')"
        ) from error
    header = next(csv.reader(io.StringIO(words)))
    if repeated := sorted({name for name in header if header.count(name) > 1}):
        raise DataError(f"{path}:1: the column '{repeated[0]}' occurs twice; keep one")
    try:
        return pd.read_csv(
            io.StringIO(words), dtype=str, keep_default_na=False, na_values=[""], header=0
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError(f"{path}: not a table of commas ({str(error).strip()})") from error


def _read_parquet(path: Path) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pd.DataFrame(pq.read_table(path).to_pandas())
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"{path}: not a whole Parquet file ({str(error).splitlines()[0]}); "
            "copy or build it again"
        ) from error


def _convert(values: pd.Series, name: str, column: Column, path: Path) -> pd.Series:
    if column.kind == "text":
        if values.isna().all():
            return values.astype(str).where(values.notna())
        return values.astype(str).where(values.notna(), None)
    converted: pd.Series[Any]
    if column.kind == "date":
        converted = pd.to_datetime(values, format="ISO8601", errors="coerce")
        converted = converted.astype("datetime64[ns]")
    elif column.kind == "flag":
        if values.dtype == bool:
            return values
        converted = values.str.lower().map(_FLAGS)
    else:
        converted = pd.to_numeric(values, errors="coerce").astype(float)
        if column.kind == "count":
            converted = converted.where(converted.isna() | (converted % 1 == 0))
    wrong = converted.isna() & values.notna()
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise DataError(_cell(path, row, name, values.iloc[row], column.accepted))
    empty = converted.isna()
    if column.kind == "flag":
        if empty.any():
            row = int(empty.to_numpy().argmax())
            raise DataError(_cell(path, row, name, None, column.accepted))
        return converted.astype(bool)
    if column.kind == "count" and not column.empty and not empty.any():
        return converted.astype("int64")
    return converted


def _check(frame: pd.DataFrame, table: Table, path: Path) -> None:
    from pandera.errors import SchemaErrors

    try:
        schema(table).validate(frame, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        in_cells = cases["schema_context"] == "Column"
        cases = cases[in_cells] if in_cells.any() else cases
        first = cases.loc[pd.to_numeric(cases["index"], errors="coerce").fillna(-1).idxmin()]
        row = int(first["index"])
        name, rule = first["column"], str(first["check"])
        if first["schema_context"] == "DataFrameSchema":
            shown = {key: frame[key].iloc[row] for key in _shown(table, rule)}
            raise DataError(
                f"{_place(path, row)}: {_pairs(shown)}; accepted: {rule}; {_card(path)}"
            ) from error
        value = frame[name].iloc[row]
        accepted = table.columns[name].accepted
        raise DataError(_cell(path, row, name, value, accepted)) from error


def _shown(table: Table, rule: str) -> tuple[str, ...]:
    for first, then in table.ordered:
        if f"'{first}'" in rule:
            return (first, then)
    return table.key


def _check_candidates(frame: pd.DataFrame, candidates: Collection[str], path: Path) -> None:
    strange = frame["candidate"].notna() & ~frame["candidate"].isin(list(candidates))
    if strange.any():
        row = int(strange.to_numpy().argmax())
        name = frame["candidate"].iloc[row]
        raise DataError(
            f"{_place(path, row)}: '{name}' is not a candidate of this election "
            f"({did_you_mean(str(name), candidates)})"
        )


def _cell(path: Path, row: int, name: str, value: Any, accepted: str) -> str:
    shown = "empty" if value is None or pd.isna(value) else _shortened(value)
    hint = ""
    if isinstance(value, str) and "," in value and value.replace(",", "").strip("-").isdigit():
        hint = " with a decimal point, not a comma"
    place = _place(path, row)
    return f"{place}: column '{name}' is {shown} but must be {accepted}{hint}; {_card(path)}"


def _shortened(value: object) -> str:
    words = f"{value:g}" if isinstance(value, float) else str(value)
    return words if len(words) <= 60 else words[:57] + "…"


def _pairs(shown: dict[str, object]) -> str:
    return ", ".join(f"{key} is {_shortened(value)}" for key, value in shown.items())


def _place(path: Path, row: int) -> str:
    return f"{path}, row {row}" if path.suffix == ".parquet" else f"{path}:{row + 2}"


def _card(path: Path) -> str:
    for folder in path.parents[:2]:
        if (folder / "CARD.md").is_file():
            return f"columns and units: {folder / 'CARD.md'}"
    return "columns and units: the CARD.md of any shipped election"
