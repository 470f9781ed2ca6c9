"""The gate to uncut tables: whoever asks is heard by audit hooks, and an audit may poison them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pandas as pd

EVENT = "bench.data.interception"
Replacement = Callable[[str, pd.DataFrame], pd.DataFrame]


class _Gate:
    """What every uncut table is replaced by, while an audit lasts."""

    replacement: Replacement | None = None


def uncut(name: str, election: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of an uncut table, or what an audit puts in their place.

    Parameters
    ----------
    name : str
        Of the table.
    election : str
        To which it belongs.
    rows : pandas.DataFrame
        As they were read.
    """
    sys.audit(EVENT, name, election)
    return rows if _Gate.replacement is None else _Gate.replacement(name, rows)


def is_on() -> bool:
    """Whether an audit replaces tables at present."""
    return _Gate.replacement is not None


@contextmanager
def replaced(by: Replacement) -> Iterator[None]:
    """Replace every uncut table that anybody in this process asks for.

    Parameters
    ----------
    by : callable
        From the name of a table and its rows to the rows to give instead.
    """
    before, _Gate.replacement = _Gate.replacement, by
    try:
        yield
    finally:
        _Gate.replacement = before
