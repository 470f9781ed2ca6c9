"""Batches: many replicates of the same evidence, alike in their rows and not in their values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import pandas as pd

from bench.core.arrays import FloatArray
from bench.core.errors import ForecastError, did_you_mean
from bench.core.evidence import Evidence


@dataclass(frozen=True, kw_only=True)
class BatchTable:
    """One table of B replicates.

    Attributes
    ----------
    rows : pandas.DataFrame
        The columns that all replicates share, N rows, indexed from 0.
    values : mapping of str to numpy.ndarray [B, N]
        The columns that differ.
    """

    rows: pd.DataFrame
    values: Mapping[str, FloatArray]

    def __post_init__(self) -> None:
        for name, value in self.values.items():
            if value.ndim != 2 or value.shape[1] != len(self.rows):
                raise ForecastError(
                    f"column '{name}' of a batch is {value.shape}; accepted: [B, {len(self.rows)}]"
                )

    def with_values(self, **values: FloatArray) -> BatchTable:
        """The same rows with other values in some columns."""
        return replace(self, values={**self.values, **values})

    def take(self, keep: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> BatchTable:
        """Some rows, in the order given."""
        everything = np.arange(len(self.rows))
        if np.array_equal(everything[keep], everything):
            return self
        rows = self.rows.iloc[np.arange(len(self.rows))[keep]].reset_index(drop=True)
        return BatchTable(rows=rows, values={k: v[:, keep] for k, v in self.values.items()})

    def replicate(self, b: int) -> pd.DataFrame:
        """The table of one replicate, as a predictor reads it."""
        return self.rows.assign(**{name: value[b] for name, value in self.values.items()})


@dataclass(frozen=True, kw_only=True)
class EvidenceBatch:
    """B replicates of the evidence about one vote.

    Attributes
    ----------
    evidence : Evidence
        What all replicates share: the vote, the moment, and the tables that do not differ.
    tables : mapping of str to BatchTable
        The tables that differ.
    size : int
        B.

    Examples
    --------
    >>> rows = pd.DataFrame({"candidate": ["ash", "birch"]})
    >>> shared = Evidence(
    ...     election="toy", round=1, as_of=pd.Timestamp("2031-04-18"),
    ...     vote_on=pd.Timestamp("2031-04-20"), candidates=("ash", "birch"), seats=1, tables={},
    ... )
    >>> share = np.array([[0.6, 0.4], [0.5, 0.5]])
    >>> batch = EvidenceBatch(
    ...     evidence=shared, size=2,
    ...     tables={"polls": BatchTable(rows=rows, values={"share": share})},
    ... )
    >>> batch.replicate(1)["polls"]["share"].tolist()
    [0.5, 0.5]
    """

    evidence: Evidence
    tables: Mapping[str, BatchTable]
    size: int

    @property
    def candidates(self) -> tuple[str, ...]:
        """The ballot, C slugs in alphabetical order."""
        return self.evidence.candidates

    def __getitem__(self, table: str) -> BatchTable:
        if table not in self.tables:
            raise ForecastError(
                f"no table '{table}' differs by replicate ({did_you_mean(table, self.tables)})"
            )
        return self.tables[table]

    def with_tables(self, **tables: BatchTable) -> EvidenceBatch:
        """The same batch with other tables in place of some."""
        return replace(self, tables={**self.tables, **tables})

    def only(self, names: Collection[str]) -> EvidenceBatch:
        """The same batch with some tables and no others."""
        return replace(
            self,
            evidence=self.evidence.only(set(names) & set(self.evidence.tables)),
            tables={name: table for name, table in self.tables.items() if name in names},
        )

    def replicate(self, b: int) -> Evidence:
        """One replicate as ordinary evidence.

        A table whose `published_on` runs past the moment of forecast is refused: made-up evidence
        obeys the same clock as real evidence.

        Raises
        ------
        ForecastError
            If a row became public after `as_of`.
        """
        shared = self.evidence
        made = {name: table.replicate(b) for name, table in self.tables.items()}
        for name, frame in made.items():
            if "published_on" in frame and (frame["published_on"] > shared.as_of).any():
                raise ForecastError(
                    f"the made-up table '{name}' holds rows public after {shared.as_of}"
                )
        return shared.with_tables(**made)


@runtime_checkable
class BatchPredictor(Protocol):
    """A predictor that can also read many replicates at once."""

    def predict_batch(self, batch: EvidenceBatch) -> FloatArray:
        """Shares [B, C] in ballot order, NaN where nobody is named; those of `predict`."""
        ...


def one_replicate(evidence: Evidence, columns: Mapping[str, tuple[str, ...]]) -> EvidenceBatch:
    """Real evidence as a batch of one, so that distortions apply to it too.

    Parameters
    ----------
    evidence : Evidence
    columns : mapping of str to tuple of str
        By table, the numeric columns that a distortion may change.
    """
    tables = {}
    for name, varying in columns.items():
        if name not in evidence.tables:
            continue
        frame = evidence.tables[name].reset_index(drop=True)
        kept = [column for column in varying if column in frame]
        values = {column: frame[column].to_numpy(dtype=float)[None, :] for column in kept}
        tables[name] = BatchTable(rows=frame.drop(columns=kept), values=values)
    return EvidenceBatch(evidence=evidence, tables=tables, size=1)


def by_candidate(
    table: BatchTable, column: str, candidates: tuple[str, ...], reduce: Callable[..., FloatArray]
) -> FloatArray:
    """One value per replicate and candidate [B, C]; NaN for candidates without a row.

    Parameters
    ----------
    table : BatchTable
        With a column `candidate`.
    column : str
        Which of its values.
    candidates : tuple of str
        C slugs.
    reduce : callable
        ``numpy.sum`` or ``numpy.mean``, called with ``axis=1``.
    """
    value = table.values[column]
    code = pd.Index(candidates).get_indexer(pd.Index(table.rows["candidate"]))
    found = np.full((len(value), len(candidates)), np.nan)
    for c in np.unique(code[code >= 0]):
        found[:, c] = reduce(value[:, code == c], axis=1)
    return found
