"""Where a cell of a file stands, and where its columns are explained, for error messages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from bench.core.read import shortened


def card(path: Path) -> str:
    """Where the columns and units of a file are explained."""
    for folder in path.parents[:2]:
        if (folder / "CARD.md").is_file():
            return f"columns and units: {folder / 'CARD.md'}"
    return "columns and units: the CARD.md of any shipped election"


def bad_cell(path: Path, row: int, name: str, value: Any, accepted: str) -> str:
    """The sentence about a cell that holds something else than is accepted."""
    content = "empty" if value is None or pd.isna(value) else shortened(value)
    place = place_of(path, row)
    return f"{place}: column '{name}' is {content} but must be {accepted}; {card(path)}"


def place_of(path: Path, row: int) -> str:
    """A row of a file as an editor counts it; of Parquet as pandas does."""
    return f"{path}, row {row}" if path.suffix == ".parquet" else f"{path}:{row + 2}"
