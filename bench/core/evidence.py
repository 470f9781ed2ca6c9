"""Evidence: what was public at one moment, and nothing else; and batches of its replicates."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import pandas as pd

from bench.core.arrays import FloatArray
from bench.core.errors import ForecastError, did_you_mean

Maker = Callable[[], pd.DataFrame]


class Read(NamedTuple):
    """Which rows of a table were read.

    Attributes
    ----------
    table : str
    until : pandas.Timestamp or None
        Only rows public by then; None for all.
    filters : tuple of (str, tuple of str)
        Only rows that hold one of these values in this column.
    """

    table: str
    until: pd.Timestamp | None = None
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def of(self, table: pd.DataFrame) -> pd.DataFrame:
        """These rows of a table."""
        for column, values in self.filters:
            table = table[table[column].isin(values)]
        return table if self.until is None else table[table["published_on"] <= self.until]


class Tables(Mapping[str, pd.DataFrame]):
    """Tables by name, each assembled when it is first asked for, and once.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame, or to a function that assembles one
        Functions are shared with whoever takes the tables over by `but`: no table is assembled
        twice.

    Examples
    --------
    >>> made = []
    >>> def polls():
    ...     made.append("polls")
    ...     return pd.DataFrame({"share": [0.6]})
    >>> tables = Tables({"polls": polls})
    >>> "polls" in tables, made
    (True, [])
    >>> len(tables["polls"]), len(tables.but({})["polls"]), made
    (1, 1, ['polls'])
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame | Maker]) -> None:
        if isinstance(tables, Tables):
            self._cells: dict[str, _Cell] = dict(tables._cells)
        else:
            self._cells = {name: _Cell(table) for name, table in tables.items()}

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self._cells[name].table()

    def __iter__(self) -> Iterator[str]:
        return iter(self._cells)

    def __len__(self) -> int:
        return len(self._cells)

    def __contains__(self, name: object) -> bool:
        return name in self._cells

    def but(self, replacements: Mapping[str, pd.DataFrame]) -> Tables:
        """The same tables with others in place of some; nothing is assembled."""
        new = Tables(self)
        new._cells |= {name: _Cell(table) for name, table in replacements.items()}
        return new


class _Cell:
    """One table, or what will assemble it."""

    def __init__(self, table_or_maker: pd.DataFrame | Maker) -> None:
        self._table_or_maker = table_or_maker

    def table(self) -> pd.DataFrame:
        if not isinstance(self._table_or_maker, pd.DataFrame):
            self._table_or_maker = self._table_or_maker()
        return self._table_or_maker


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Tables cut at `as_of` for one round of one election.

    Parameters
    ----------
    election : str
        Name of the election, e.g. ``"fr2017"``.
    round : int
        1 or 2.
    as_of : pandas.Timestamp
        The moment of the forecast, local time of the election. No row of any table became
        public later.
    vote_on : pandas.Timestamp
        Day of the vote, midnight.
    candidates : tuple of str
        Slugs on the ballot, in alphabetical order; C of them.
    n_advance : int
        How many candidates get through: 2 in a first round, 1 in a runoff.
    tables : mapping of str to pandas.DataFrame, or to a function that assembles one
        The tables, by name; each is assembled when it is first read. Read them as
        ``evidence["polls"]``, or some of their rows by `rows`: what was read is recorded, and the
        age of a forecast and whose rows it rests on are those of the rows read.

    Examples
    --------
    >>> evidence = Evidence(
    ...     election="toy", round=1, as_of=pd.Timestamp("2031-04-18"),
    ...     vote_on=pd.Timestamp("2031-04-20"), candidates=("ash", "birch"), n_advance=1,
    ...     tables={"polls": pd.DataFrame({"candidate": ["ash"], "share": [0.6]})},
    ... )
    >>> evidence["polls"]["share"].tolist()
    [0.6]
    >>> evidence.days_to_vote
    2
    """

    election: str
    round: int
    as_of: pd.Timestamp
    vote_on: pd.Timestamp
    candidates: tuple[str, ...]
    n_advance: int
    tables: Mapping[str, pd.DataFrame]  # always `Tables`, which may be given functions
    _reads: dict[Read, None] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tables", Tables(self.tables))

    def __getitem__(self, table: str) -> pd.DataFrame:
        """All rows of one table, as `rows`."""
        return self.rows(table)

    def rows(
        self,
        table: str,
        *,
        until: pd.Timestamp | None = None,
        **filters: str | Collection[str] | None,
    ) -> pd.DataFrame:
        """Rows of one table; only they count as read.

        It is a copy-on-write view: whatever a reader does to it stays with the reader.

        Parameters
        ----------
        table : str
            Its name.
        until : pandas.Timestamp, optional
            Only rows public by then.
        **filters : str or collection of str, optional
            Only rows that hold this value, or one of these, in this column.

        Raises
        ------
        ForecastError
            If the table is not in `needs` of the predictor that asks, does not exist, or has no
            such column.

        Examples
        --------
        >>> polls = pd.DataFrame({"institute": ["Ash", "Fir"], "share": [0.6, 0.5]})
        >>> evidence = Evidence(
        ...     election="toy", round=1, as_of=pd.Timestamp("2031-04-18"),
        ...     vote_on=pd.Timestamp("2031-04-20"), candidates=("a", "b"), n_advance=1,
        ...     tables={"polls": polls},
        ... )
        >>> evidence.rows("polls", institute="Fir")["share"].tolist()
        [0.5]
        >>> evidence.reads[0].filters
        (('institute', ('Fir',)),)
        """
        if table not in self.tables:
            raise ForecastError(
                f"evidence has no table '{table}' here ({did_you_mean(table, self.tables)}); "
                "a predictor gets the tables it lists in `needs`"
            )
        values = {
            column: (value,) if isinstance(value, str) else tuple(value)
            for column, value in filters.items()
            if value is not None
        }
        for column in values:
            if column not in self.tables[table]:
                raise ForecastError(
                    f"the table '{table}' has no column '{column}' "
                    f"({did_you_mean(column, map(str, self.tables[table]))})"
                )
        read = Read(table, until, tuple(values.items()))
        self._reads[read] = None
        return read.of(self.tables[table].copy(deep=False))

    @property
    def days_to_vote(self) -> int:
        """Whole days from `as_of` to the day of the vote, never negative."""
        return max(0, (self.vote_on - self.as_of.normalize()).days)

    @property
    def reads(self) -> tuple[Read, ...]:
        """What was read so far, each once, in the order of the first time."""
        return tuple(self._reads)

    @property
    def tables_read(self) -> frozenset[str]:
        """Names of the tables that were opened so far."""
        return frozenset(read.table for read in self._reads)

    @property
    def data_used_until(self) -> pd.Timestamp | None:
        """The latest publication or correction in the tables that were read; None if none was."""
        latest = [
            self.tables[name][column].max()
            for name in self.tables_read
            for column in ("published_on", "corrected_on")
            if column in self.tables[name]
        ]
        return max((moment for moment in latest if not pd.isna(moment)), default=None)

    def only(self, tables: Iterable[str]) -> Evidence:
        """The same evidence with these tables and no others, all assembled, nothing read yet.

        Raises
        ------
        ForecastError
            If a table of that name does not exist.
        """
        return replace(self, tables=self.chosen(tables))

    def read_only(self, tables: Iterable[str]) -> Evidence:
        """As `only`, as views: who assigns harms nobody else, who writes in place is refused."""
        views = {name: read_only(table) for name, table in self.chosen(tables).items()}
        return replace(self, tables=views)

    def chosen(self, tables: Iterable[str]) -> dict[str, pd.DataFrame]:
        """These tables by name, assembled; errors as of `only`."""
        requested = frozenset(tables)
        if missing := requested - set(self.tables):
            name = min(missing)
            raise ForecastError(
                f"`needs` lists a table '{name}' that no election has "
                f"({did_you_mean(name, self.tables)})"
            )
        return {name: self.tables[name] for name in requested}

    def with_tables(self, **tables: pd.DataFrame) -> Evidence:
        """The same evidence with other tables in place of some, nothing read yet."""
        assert isinstance(self.tables, Tables)
        return replace(self, tables=self.tables.but(tables))

    def assembled(self) -> Evidence:
        """The same evidence, with every table assembled now: what is changed later is not seen."""
        return replace(self, tables=dict(self.tables))


def read_only(table: pd.DataFrame) -> pd.DataFrame:
    """A view of a table whose arrays refuse to be written into, also below pandas.

    Examples
    --------
    >>> polls = pd.DataFrame({"share": [0.6, 0.4]})
    >>> read_only(polls)["share"].array[0] = 0.9
    Traceback (most recent call last):
    ...
    ValueError: assignment destination is read-only
    """
    view = table.copy(deep=False)
    for block in view._mgr.blocks:
        raw = getattr(block.values, "_ndarray", block.values)
        if isinstance(raw, np.ndarray):
            raw = raw.view()
            raw.flags.writeable = False
            is_plain = isinstance(block.values, np.ndarray)
            block.values = raw if is_plain else block.values._from_backing_data(raw)
    return view


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
        chosen = everything[keep]
        if np.array_equal(chosen, everything):
            return self
        rows = self.rows.iloc[chosen].reset_index(drop=True)
        values = {name: value[:, keep] for name, value in self.values.items()}
        return BatchTable(rows=rows, values=values)

    def read_only(self) -> BatchTable:
        """The same table, as of `read_only`."""
        values = {name: value.view() for name, value in self.values.items()}
        for value in values.values():
            value.flags.writeable = False
        return BatchTable(rows=read_only(self.rows), values=values)

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
    ...     vote_on=pd.Timestamp("2031-04-20"), candidates=("ash", "birch"), n_advance=1, tables={},
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
        shared = set(names) & set(self.evidence.tables)
        varying = {name: table for name, table in self.tables.items() if name in names}
        return replace(self, evidence=self.evidence.only(shared), tables=varying)

    def read_only(self) -> EvidenceBatch:
        """The same batch, as of `Evidence.read_only`."""
        shared = self.evidence.read_only(self.evidence.tables)
        tables = {name: table.read_only() for name, table in self.tables.items()}
        return replace(self, evidence=shared, tables=tables)

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
        replicates = {name: table.replicate(b) for name, table in self.tables.items()}
        for name, frame in replicates.items():
            if "published_on" not in frame:
                continue
            if (frame["published_on"] > shared.as_of).any():
                raise ForecastError(
                    f"the made-up table '{name}' holds rows public after {shared.as_of}"
                )
        return shared.with_tables(**replicates)


@runtime_checkable
class BatchPredictor(Protocol):
    """A predictor that can also read many replicates at once."""

    def predict_batch(self, batch: EvidenceBatch) -> FloatArray:
        """Shares [B, C] in ballot order, NaN where nobody is named; those of `predict`."""
        ...


def one_replicate(
    evidence: Evidence, columns: Mapping[str, tuple[str, ...]], source: str | None = None
) -> EvidenceBatch:
    """Real evidence as a batch of one, so that distortions apply to it too.

    Parameters
    ----------
    evidence : Evidence
    columns : mapping of str to tuple of str
        By table, the numeric columns that a distortion may change.
    source : str, optional
        Whose rows; all if left out.
    """
    tables = {}
    for name, varying in columns.items():
        if name not in evidence.tables:
            continue
        rows = evidence.rows(name, source=source).reset_index(drop=True)
        numbers = [column for column in varying if column in rows]
        values = {column: rows[column].to_numpy(dtype=float)[None, :] for column in numbers}
        tables[name] = BatchTable(rows=rows.drop(columns=numbers), values=values)
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
    reduced = np.full((len(value), len(candidates)), np.nan)
    for c in np.unique(code[code >= 0]):
        reduced[:, c] = reduce(value[:, code == c], axis=1)
    return reduced
