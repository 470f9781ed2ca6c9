"""Evidence: what was public at one moment, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from bench.core.errors import ForecastError, did_you_mean

Maker = Callable[[], pd.DataFrame]


class Tables(Mapping[str, pd.DataFrame]):
    """Tables by name, each assembled when it is first asked for, and once.

    Parameters
    ----------
    given : mapping of str to pandas.DataFrame, or to a function that assembles one
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

    def __init__(self, given: Mapping[str, pd.DataFrame | Maker]) -> None:
        if isinstance(given, Tables):
            self._cells: dict[str, _Cell] = dict(given._cells)
        else:
            self._cells = {name: _Cell(one) for name, one in given.items()}

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self._cells[name].table()

    def __iter__(self) -> Iterator[str]:
        return iter(self._cells)

    def __len__(self) -> int:
        return len(self._cells)

    def __contains__(self, name: object) -> bool:
        return name in self._cells

    def but(self, others: Mapping[str, pd.DataFrame]) -> Tables:
        """The same tables with others in place of some; nothing is assembled."""
        new = Tables(self)
        new._cells |= {name: _Cell(one) for name, one in others.items()}
        return new


class _Cell:
    """One table, or what will assemble it."""

    def __init__(self, given: pd.DataFrame | Maker) -> None:
        self._given = given

    def table(self) -> pd.DataFrame:
        if not isinstance(self._given, pd.DataFrame):
            self._given = self._given()
        return self._given


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
        public later (tables of *other* elections excepted when the experiment says
        ``learn_from: others``).
    vote_on : pandas.Timestamp
        Day of the vote, midnight.
    candidates : tuple of str
        Slugs on the ballot, in alphabetical order; C of them.
    seats : int
        How many candidates get through: 2 in a first round, 1 in a runoff.
    tables : mapping of str to pandas.DataFrame, or to a function that assembles one
        The tables, by name; each is assembled when it is first read. Read them as
        ``evidence["polls"]``.

    Examples
    --------
    >>> evidence = Evidence(
    ...     election="toy", round=1, as_of=pd.Timestamp("2031-04-18"),
    ...     vote_on=pd.Timestamp("2031-04-20"), candidates=("ash", "birch"), seats=1,
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
    seats: int
    tables: Mapping[str, pd.DataFrame]  # always `Tables`, which may be given functions
    _read: set[str] = field(default_factory=set, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tables", Tables(self.tables))

    def __getitem__(self, table: str) -> pd.DataFrame:
        """A copy-on-write view of one table: whatever a reader does to it stays with the reader.

        Raises
        ------
        ForecastError
            If the table is not in `needs` of the predictor that asks, or does not exist.
        """
        if table not in self.tables:
            raise ForecastError(
                f"evidence has no table '{table}' here ({did_you_mean(table, self.tables)}); "
                "a predictor gets the tables it lists in `needs`"
            )
        self._read.add(table)
        return self.tables[table].copy(deep=False)

    @property
    def days_to_vote(self) -> int:
        """Whole days from `as_of` to the day of the vote, never negative."""
        return max(0, (self.vote_on - self.as_of.normalize()).days)

    @property
    def tables_read(self) -> frozenset[str]:
        """Names of the tables that were opened so far."""
        return frozenset(self._read)

    @property
    def data_used_until(self) -> pd.Timestamp | None:
        """The latest publication or correction in the tables that were read; None if none was."""
        latest = [
            self.tables[name][column].max()
            for name in self._read
            for column in ("published_on", "corrected_on")
            if column in self.tables[name] and self.tables[name][column].notna().any()
        ]
        return max(latest) if latest else None

    def only(self, tables: Iterable[str]) -> Evidence:
        """The same evidence with these tables and no others, all assembled, nothing read yet.

        Raises
        ------
        ForecastError
            If a table of that name does not exist.
        """
        return replace(self, tables=self._chosen(tables))

    def copied(self, tables: Iterable[str]) -> Evidence:
        """As `only`, in memory of its own: whoever writes into it harms nobody else."""
        chosen = self._chosen(tables)
        return replace(self, tables={name: frame.copy() for name, frame in chosen.items()})

    def _chosen(self, tables: Iterable[str]) -> dict[str, pd.DataFrame]:
        wanted = frozenset(tables)
        if unknown := wanted - set(self.tables):
            name = min(unknown)
            raise ForecastError(
                f"`needs` lists a table '{name}' that no election has "
                f"({did_you_mean(name, self.tables)})"
            )
        return {name: self.tables[name] for name in wanted}

    def with_tables(self, **tables: pd.DataFrame) -> Evidence:
        """The same evidence with other tables in place of some, nothing read yet."""
        assert isinstance(self.tables, Tables)
        return replace(self, tables=self.tables.but(tables))

    def assembled(self) -> Evidence:
        """The same evidence, with every table assembled now: what is changed later is not seen."""
        return replace(self, tables=dict(self.tables))
