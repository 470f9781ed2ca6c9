"""What a table that did not ship is held to: ranges, words, keys, order of dates, candidates."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from bench.core.errors import DataError, did_you_mean
from bench.core.read import shortened
from bench.data.columns import Column, Table
from bench.data.cut import newest
from bench.data.readers import bad_cell, card, place_of


def refuse_wrong(
    frame: pd.DataFrame, table: Table, path: Path, candidates: Collection[str] | None = None
) -> None:
    """Refuse a table whose cells have their kinds and hold what they must not.

    Raises
    ------
    DataError
        With the first row that is wrong, what is accepted and what to do.
    """
    _check(frame, table, path)
    if candidates is not None and "candidate" in frame:
        _check_candidates(frame, candidates, path)


def _check(frame: pd.DataFrame, table: Table, path: Path) -> None:
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
                f"{place_of(path, row)}: {_pairs(shown)}; accepted: {rule}; {card(path)}"
            ) from error
        value = frame[name].iloc[row]
        accepted = table.columns[name].accepted
        raise DataError(bad_cell(path, row, name, value, accepted)) from error


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
            f"{place_of(path, row)}: '{name}' is not a candidate of this election "
            f"({did_you_mean(str(name), candidates)})"
        )


def _pairs(shown: dict[str, object]) -> str:
    return ", ".join(f"{key} is {shortened(value)}" for key, value in shown.items())


def schema(table: Table) -> Any:
    """The pandera schema of a table whose cells have been converted to their kinds.

    Returns
    -------
    pandera.pandas.DataFrameSchema
        Checks ranges, vocabularies, emptiness, the order of dates, the key, and that the shares
        of one poll do not sum to more than 1.02 (rounding allowed). Every check's ``error`` says
        in words what is accepted.
    """
    columns = {name: _column(column) for name, column in table.columns.items()}
    return pa.DataFrameSchema(columns, checks=list(_checks(table)), strict=False)


def _checks(table: Table) -> Iterator[Any]:
    """What must hold of several cells; further arguments of a check go to its function."""
    for first, then in table.ordered:
        if {first, then} <= set(table.columns):
            yield pa.Check(
                _are_in_order,
                error=f"'{first}' on or before '{then}'",
                name=f"{first}>{then}",
                first=first,
                then=then,
            )
    key = list(table.key)
    yield pa.Check(_is_single, error=f"one row per {' × '.join(key)}", name="duplicate", key=key)
    within = list(table.sums_within)
    if within:
        error = "shares of one poll that sum to at most 1.02"
        yield pa.Check(_sum_to_one, error=error, name="sum", key=key, within=within)
        if "withdrawn_on" in table.columns:
            version = [*within, *({"corrected_on"} & set(table.columns))]
            error = "one 'withdrawn_on' for all candidates of a poll"
            yield pa.Check(_are_withdrawn_together, error=error, name="whole", within=version)


@cache
def _column(column: Column) -> Any:
    checks = []
    if column.least is not None:
        checks.append(pa.Check.ge(column.least, error=column.accepted))
    if column.most is not None:
        checks.append(pa.Check.le(column.most, error=column.accepted))
    if column.among:
        checks.append(pa.Check.isin(column.among, error=column.accepted))
    return pa.Column(checks=checks, nullable=column.empty)


def _are_in_order(rows: pd.DataFrame, first: str, then: str) -> pd.Series:
    late: pd.Series = rows[first].dt.normalize() > rows[then]
    return ~late


def _is_single(rows: pd.DataFrame, key: list[str]) -> pd.Series:
    return ~rows.duplicated(key)


def _sum_to_one(rows: pd.DataFrame, key: list[str], within: list[str]) -> pd.Series:
    last = newest(rows, key).drop_duplicates(key)
    total = last.groupby(within)["share"].transform("sum")
    return (total <= 1.02).reindex(rows.index, fill_value=True)


def _are_withdrawn_together(rows: pd.DataFrame, within: list[str]) -> pd.Series:
    days = rows.groupby(within, dropna=False)["withdrawn_on"].transform("nunique", dropna=False)
    alike: pd.Series = days == 1
    return alike
