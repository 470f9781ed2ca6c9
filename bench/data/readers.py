"""Files into typed tables; whatever is wrong with a file is said with line, column and remedy."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.core.errors import DataError, did_you_mean
from bench.data.columns import Column, Table, current
from bench.data.cut import newest
from bench.data.files import card, missing_column, read_csv, read_parquet, shortened
from bench.data.privacy import refuse_personal

PEOPLE = ("n", "sample_size", "sample_expressed", "ballots", "posts")
_FLAGS = {"true": True, "false": False}
MOST_COUNT = 2**53  # above, numbers with a fraction cannot count by ones


def read_table(
    path: Path,
    table: Table,
    *,
    candidates: Collection[str] | None = None,
    check: bool = True,
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
    check : bool
        False for files whose checksum is that of a checked file; otherwise data on persons is
        refused too (`bench.data.privacy`).
    short : bool
        Whether columns that may be empty may be left out.

    Raises
    ------
    DataError
        With file, line (CSV) or row (Parquet), column, value, what is accepted, what to do.
    """
    is_parquet = path.suffix == ".parquet"
    raw = read_parquet(path, [], others=True) if is_parquet else read_csv(path)
    raw.columns = pd.Index(current(raw.columns))
    if short:
        optional = [name for name, column in table.columns.items() if column.empty]
        raw = raw.assign(**{name: None for name in optional if name not in raw})
    return typed(raw, path, table, candidates=candidates, check=check)


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
        raise DataError(missing_column(path, missing[0], list(raw.columns)))
    if not isinstance(raw.index, pd.RangeIndex):
        raise DataError(f"{path}:2: more fields than the header names; accepted: one per column")
    if check:
        refuse_personal(raw, path, promised=table.columns, counts=PEOPLE)
    table = table.having(raw.columns)
    frame = pd.DataFrame(
        {name: _convert(raw[name], name, column, path) for name, column in table.columns.items()}
    )
    if check:
        _check(frame, table, path)
        if candidates is not None and "candidate" in frame:
            _check_candidates(frame, candidates, path)
    return frame


def _convert(values: pd.Series, name: str, column: Column, path: Path) -> pd.Series:
    if column.kind == "text":
        if values.isna().all():
            return values.astype(str).where(values.notna())
        return values.astype(str).where(values.notna(), None)
    converted: pd.Series[Any]
    if column.kind == "date":
        converted = _dates(values)
    elif column.kind == "flag":
        if values.dtype == bool:
            return values
        converted = values.astype("object").map(lambda word: _FLAGS.get(str(word).lower()))
    else:
        plain = values.astype(str) if values.dtype == bool else values
        converted = pd.to_numeric(plain, errors="coerce").astype(float)
        converted = converted.where(np.isfinite(converted))
        if column.kind == "count":
            whole = (converted % 1 == 0) & (converted.abs() <= MOST_COUNT)
            converted = converted.where(converted.isna() | whole)
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


def _dates(values: pd.Series) -> pd.Series:
    """Local times; what names a zone, or lies outside 1678 to 2261, becomes empty."""
    if pd.api.types.is_numeric_dtype(values):
        return pd.Series(pd.NaT, index=values.index, dtype="datetime64[ns]")
    if not pd.api.types.is_datetime64_any_dtype(values):
        words = values.astype(str)
        values = values.where(words.str.match(r"\d{4}-\d{2}-\d{2}([T ][\d:.]+)?$"))
    elif getattr(values.dtype, "tz", None) is not None:
        return pd.Series(pd.NaT, index=values.index, dtype="datetime64[ns]")
    converted = pd.to_datetime(values, format="ISO8601", errors="coerce")
    return converted.where(converted.dt.year.between(1678, 2261)).astype("datetime64[ns]")


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
                f"{_place(path, row)}: {_pairs(shown)}; accepted: {rule}; {card(path)}"
            ) from error
        value = frame[name].iloc[row]
        accepted = table.columns[name].accepted
        raise DataError(_cell(path, row, name, value, accepted)) from error


def _shown(table: Table, rule: str) -> tuple[str, ...]:
    for first, then in table.ordered:
        if f"'{first}'" in rule and f"'{then}'" in rule:
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
    shown = "empty" if value is None or pd.isna(value) else shortened(value)
    hint = ""
    if isinstance(value, str) and "," in value and value.replace(",", "").strip("-").isdigit():
        hint = " with a decimal point, not a comma"
    place = _place(path, row)
    return f"{place}: column '{name}' is {shown} but must be {accepted}{hint}; {card(path)}"


def _pairs(shown: dict[str, object]) -> str:
    return ", ".join(f"{key} is {shortened(value)}" for key, value in shown.items())


def _place(path: Path, row: int) -> str:
    return f"{path}, row {row}" if path.suffix == ".parquet" else f"{path}:{row + 2}"


def schema(table: Table) -> Any:
    """The pandera schema of a table whose cells have been converted to their kinds.

    Returns
    -------
    pandera.pandas.DataFrameSchema
        Checks ranges, vocabularies, emptiness, the order of dates, the key, and that the shares
        of one poll do not sum to more than 1.02 (rounding allowed). Every check's ``error`` says
        in words what is accepted.
    """
    import pandera.pandas as pa

    return pa.DataFrameSchema(
        {name: _column(column) for name, column in table.columns.items()},
        checks=[
            *(
                _in_order(first, then)
                for first, then in table.ordered
                if {first, then} <= set(table.columns)
            ),
            _unique(table.key),
            *([_sums(table)] if table.sums_within else []),
            *([_whole(table)] if table.sums_within and "withdrawn_on" in table.columns else []),
        ],
        strict=False,
    )


@cache
def _column(column: Column) -> Any:
    import pandera.pandas as pa

    checks = []
    if column.least is not None:
        checks.append(pa.Check.ge(column.least, error=column.accepted))
    if column.most is not None:
        checks.append(pa.Check.le(column.most, error=column.accepted))
    if column.among:
        checks.append(pa.Check.isin(column.among, error=column.accepted))
    return pa.Column(checks=checks, nullable=column.empty)


def _in_order(first: str, then: str) -> Any:
    import pandera.pandas as pa

    def check(frame: pd.DataFrame) -> pd.Series:
        late: pd.Series = frame[first].dt.normalize() > frame[then]
        return ~late

    return pa.Check(check, error=f"'{first}' on or before '{then}'", name=f"{first}>{then}")


def _unique(key: tuple[str, ...]) -> Any:
    import pandera.pandas as pa

    def check(frame: pd.DataFrame) -> pd.Series:
        return ~frame.duplicated(list(key))

    return pa.Check(check, error=f"one row per {' × '.join(key)}", name="duplicate")


def _sums(table: Table) -> Any:
    import pandera.pandas as pa

    def check(frame: pd.DataFrame) -> pd.Series:
        last = newest(frame, table.key).drop_duplicates(list(table.key))
        total = last.groupby(list(table.sums_within))["share"].transform("sum")
        within: pd.Series = (total <= 1.02).reindex(frame.index, fill_value=True)
        return within

    return pa.Check(check, error="shares of one poll that sum to at most 1.02", name="sum")


def _whole(table: Table) -> Any:
    import pandera.pandas as pa

    shared = [*table.sums_within, *({"corrected_on"} & set(table.columns))]

    def check(frame: pd.DataFrame) -> pd.Series:
        days = frame.groupby(shared, dropna=False)["withdrawn_on"].transform(
            "nunique", dropna=False
        )
        alike: pd.Series = days == 1
        return alike

    return pa.Check(check, error="one 'withdrawn_on' for all candidates of a poll", name="whole")
