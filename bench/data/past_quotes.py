"""The chances that markets and model-makers stated of votes whose outcome is known."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.core import paths
from bench.data.columns import KNOWN
from bench.data.past_errors import shipped_table
from bench.data.readers import remembered
from bench.data.tables import uncut

FILE = "past_quotes.parquet"

COLUMNS = KNOWN["past_quotes"]


def past_quotes_for(as_of: pd.Timestamp) -> pd.DataFrame:
    """The quotes that a task may learn from: of votes, in every country, known at `as_of`."""
    rows = uncut("past_quotes", shipped_quotes())
    return rows[rows["published_on"] <= as_of].reset_index(drop=True)


def shipped_quotes() -> pd.DataFrame:
    """The table as it lies in `datasets/past_errors`, made anew by ``python -m tools.past_errors``.

    Raises
    ------
    DataError
        If the file is missing or does not hold what it should.
    """
    return _shipped(paths.datasets() / "past_errors" / FILE)


@remembered()
def _shipped(path: Path) -> pd.DataFrame:
    return shipped_table(path, COLUMNS)
