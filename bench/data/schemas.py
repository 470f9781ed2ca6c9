"""pandera schemas, built from the columns of each table."""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd

from bench.data.columns import Column, Table
from bench.data.cut import newest


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
        last = newest(frame, table.key)
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
