"""Elections whose transition table is known, and the errors of other systems on them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from bench.core import paths
from bench.core.errors import DataError

FOLDER = "ei_truth"


@dataclass(frozen=True, kw_only=True)
class KnownTables:
    """Long tables of elections counted by units, with the true tables.

    Attributes
    ----------
    index : key, dataset, district_no, units, R, C: one row per election.
    row_votes, column_votes : key, votes: unit by unit, categories in order of position.
    true_tables : key, votes: row by row.
    row_labels : key, label: the party of every row, in order of position.
    rows_before : dataset, label, dataset_before, label_before: what the same row was called at
        the election before, of datasets that have one.
    peers : variant, method, key, error_index, wall_s, cpu_s of other systems.
    """

    index: pd.DataFrame
    row_votes: pd.DataFrame
    column_votes: pd.DataFrame
    true_tables: pd.DataFrame
    row_labels: pd.DataFrame
    rows_before: pd.DataFrame
    peers: pd.DataFrame


def read_known_tables(*, first: int | None = None) -> KnownTables:
    """Everything of `datasets/ei_truth`, or as much as belongs to its first elections.

    Parameters
    ----------
    first : int, optional
        How many elections, in order of their keys; all if None.

    Raises
    ------
    DataError
        If the folder is not there, or `first` asks for no election.

    Examples
    --------
    >>> tables = read_known_tables(first=2)
    >>> tables.index["key"].tolist(), tables.index["district_no"].tolist()
    (['ei_NZ_2002_001', 'ei_NZ_2002_002'], [1, 2])
    """
    folder = paths.datasets() / FOLDER
    if not (folder / "elections.parquet").is_file():
        raise DataError(f"{folder}: elections.parquet is missing; take the folder that ships")
    if first is not None and first < 1:
        raise DataError(f"first is {first}; accepted: 1 or more, or None for all elections")
    elections = (
        pd.read_parquet(folder / "elections.parquet")
        .sort_values("key", kind="stable")
        .head(first or 10**6)
    )
    index = elections.rename(columns={"rows": "R", "columns": "C"})
    last_word = index["key"].str.rsplit("_", n=1).str[-1]
    index = index.assign(district_no=last_word.astype(int))
    chosen = set(index["key"])

    def of_these(name: str, order: list[str]) -> pd.DataFrame:
        rows = pd.read_parquet(folder / name)
        return rows[rows["key"].isin(chosen)].sort_values(order, kind="stable")

    units = of_these("units.parquet", ["key", "unit", "position"])
    labels = of_these("labels.parquet", ["key", "position"])
    truth = of_these("truth.parquet", ["key", "row", "column"])
    peers = pd.read_csv(folder / "peers.csv")
    return KnownTables(
        index=index.reset_index(drop=True),
        row_votes=units.loc[units["side"] == "row", ["key", "votes"]],
        column_votes=units.loc[units["side"] == "column", ["key", "votes"]],
        true_tables=truth[["key", "votes"]],
        row_labels=labels.loc[labels["side"] == "row", ["key", "label"]],
        rows_before=pd.read_csv(folder / "rows_before.csv"),
        peers=peers[peers["key"].isin(chosen)].reset_index(drop=True),
    )
