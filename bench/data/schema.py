"""What a table that did not ship is held to: ranges, words, keys, dates, candidates, plausibility.

The limits of the last are such that none of the 24,012 polls that ship with the bench crosses one
that refuses; where a few of them do, the polls are named and kept (`doubts`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from bench.core.errors import DataError, did_you_mean, letters
from bench.core.language import N_, Message
from bench.core.read import shortened
from bench.data.columns import Column, Table
from bench.data.cut import newest, standing
from bench.data.readers import bad_cell, card, place_of

if TYPE_CHECKING:
    from bench.data.election import Round

SUM = 1.02  # of the shares of a poll, at most; of people who stated a vote to those interviewed
MOST_PEOPLE = 10_000_000  # interviewed for one poll; the largest that ships asked 134,000
MOST_YEARS = 8  # from a poll to its vote; 2.8 in those that ship
LEAST_WHOLE = 0.7  # a poll of the whole ballot sums to so much, if nobody is missing
WEEK = pd.Timedelta(days=7)
# what is said and not refused
MANY_PEOPLE = 100_000
FEW_LEFT_OUT = 0.95
EARLY_DAYS, SILENT_DAYS = 300, 180
PAIR_DAYS = pd.Timedelta(days=3)  # shares of two candidates are often alike by chance
MOST_NAMED = 3
KEY = ("poll_id", "candidate")
_FACTS: Mapping[str, Any] = {
    "round": ("round", "first"),
    "institute": ("institute", "first"),
    "end": ("fieldwork_end", "first"),
    "people": ("candidate", frozenset),
    "total": ("share", "sum"),
}
DOUBTS = {
    "twice": N_(
        "The same shares in polls of one institute within a week: {polls}. Each of them counts; if "
        "they are one poll, keep it once."
    ),
    "early": N_(
        "Polls long before the vote, and none in the half year after the last of them: {polls}. Is "
        "the year right?"
    ),
    "low": N_(
        "Polls that name the whole ballot and whose shares sum to less than {least:.0%}: {polls}. "
        "Is a row missing, or a share mistyped? Shares are of the stated votes."
    ),
    "large": N_(
        "Polls of more than {most:,} people: {polls}. Is the sample size right? Means weighted by "
        "it are almost theirs alone."
    ),
}


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
            cells = {key: frame[key].iloc[row] for key in _shown(table, rule)}
            shown = {key: cell for key, cell in cells.items() if not pd.isna(cell)}
            raise DataError(
                f"{place_of(path, row)}: {_pairs(shown)}; accepted: {rule}; {card(path)}"
            ) from error
        value = frame[name].iloc[row]
        accepted = table.columns[name].accepted
        raise DataError(bad_cell(path, row, name, value, accepted)) from error


def _shown(table: Table, rule: str) -> tuple[str, ...]:
    named = tuple(name for name in table.columns if f"'{name}'" in rule)
    return named if len(named) > 1 else table.key


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
    told = {key: f"{v:,.12g}" if isinstance(v, float) else v for key, v in shown.items()}
    return ", ".join(f"{key} is {shortened(value)}" for key, value in told.items())


def schema(table: Table) -> Any:
    """The pandera schema of a table whose cells have been converted to their kinds.

    Returns
    -------
    pandera.pandas.DataFrameSchema
        Checks ranges, vocabularies, emptiness, the order of dates, the key, that the shares
        of one poll do not sum to more than 1.02 (rounding allowed), and how many people it asked.
        Every check's ``error`` says in words what is accepted.
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
    if {"fieldwork_end", "sample_size"} <= set(table.columns):
        error = f"a 'sample_size' of at most {MOST_PEOPLE:,}, and a 'sample_expressed' not above it"
        yield pa.Check(_are_so_many, error=error, name="people")


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
    return (total <= SUM).reindex(rows.index, fill_value=True)


def _are_so_many(rows: pd.DataFrame) -> pd.Series:
    size, stated = rows["sample_size"], rows["sample_expressed"]
    wrong = (size > MOST_PEOPLE) | (stated > MOST_PEOPLE) | (stated > SUM * size)
    return ~wrong


def _are_withdrawn_together(rows: pd.DataFrame, within: list[str]) -> pd.Series:
    days = rows.groupby(within, dropna=False)["withdrawn_on"].transform("nunique", dropna=False)
    alike: pd.Series = days == 1
    return alike


def refuse_implausible(polls: pd.DataFrame, rounds: Mapping[int, Round], path: Path) -> None:
    """Refuse polls of an election that no poll of its votes can be.

    Parameters
    ----------
    polls : pandas.DataFrame
        Rows of the table `polls`, all versions; the index is the row of the file.
    rounds : mapping of int to Round
        Their days and ballots.
    path : Path
        The file.

    Raises
    ------
    DataError
        If a poll was made more than `MOST_YEARS` before its vote, names one candidate, is one of
        several parts of a poll, or names the whole ballot with shares that sum to less than
        `LEAST_WHOLE`.
    """
    start = polls["fieldwork_start"].fillna(polls["fieldwork_end"])
    early = start + pd.DateOffset(years=MOST_YEARS) < _vote_on(polls, rounds)
    if early.any():
        first = polls[early].iloc[0]
        raise DataError(
            f"{_place(polls[early], path)}: the interviews of '{first['poll_id']}' are of "
            f"{start[early].iloc[0]:%Y-%m-%d}, more than {MOST_YEARS} years before the vote of "
            f"round {first['round']}; correct the year"
        )
    parts = polls["poll_id"].isin(_parts(polls))
    if parts.any():
        told = ", ".join(polls.loc[parts, "poll_id"].unique()[:MOST_NAMED])
        raise DataError(
            f"{_place(polls[parts], path)}: a poll of one candidate, or one poll in parts: {told}; "
            "accepted: rows of a poll that all have one institute, fieldwork_end and sample_size, "
            "and one poll_id where that is a column"
        )
    total = _total_of_whole(polls, rounds)
    low = polls["poll_id"].isin(total[total < LEAST_WHOLE].index)
    if low.any():
        poll = polls.loc[low, "poll_id"].iloc[0]
        raise DataError(
            f"{_place(polls[low], path)}: the shares of poll {poll}, which names the whole ballot, "
            f"sum to {total[poll]:.4f}; accepted: {LEAST_WHOLE} to {SUM} (fractions of those who "
            "named a candidate; `leave_out` takes a row of people who did not out of the rest)"
        )


def doubts(
    polls: pd.DataFrame, rounds: Mapping[int, Round], path: Path | None = None
) -> tuple[Message, ...]:
    """What looks like a slip in the polls of an election, though honest tables may look so too.

    Parameters
    ----------
    polls, rounds
        As of `refuse_implausible`.
    path : Path, optional
        The file, where the index is the row of it.

    Returns
    -------
    tuple of Message
        A sentence for every kind of doubt, with the polls that it is about.
    """
    rows = standing(newest(polls, KEY), pd.Timestamp.max)
    rows = rows.assign(vote=_vote_on(rows, rounds), line=rows.index).sort_values("candidate")
    each = rows.groupby("poll_id").agg(
        **_FACTS,
        shares=("share", tuple),
        vote=("vote", "first"),
        size=("sample_size", "first"),
        rolling=("rolling", "first"),
        line=("line", "min"),
    )
    each = each.sort_values("end", kind="stable")
    twice: set[Any] = set()
    for _, alike in each[~each["rolling"]].groupby(["round", "people", "shares"], sort=False):
        for one, other in _near(alike):
            names = sorted([letters(one.institute), letters(other.institute)])
            is_near = len(one.people) > 2 or other.end - one.end <= PAIR_DAYS
            if is_near and names[1].startswith(names[0]):
                twice |= {one.Index, other.Index}
    following = each["end"].shift(-1).fillna(each["vote"])
    days_left, days_alone = ((day - each["end"]).dt.days for day in (each["vote"], following))
    lonely = each.loc[(days_left > EARLY_DAYS) & (days_alone > SILENT_DAYS), "end"]
    total = _total_of_whole(rows, rounds)
    found = {
        "twice": each[each.index.isin(twice)],
        "early": each[each["end"] <= lonely.max()],
        "low": each[each.index.isin(total[total < FEW_LEFT_OUT].index)],
        "large": each[each["size"] > MANY_PEOPLE],
    }
    return tuple(
        Message(DOUBTS[kind], polls=_named(some, path), least=FEW_LEFT_OUT, most=MANY_PEOPLE)
        for kind, some in found.items()
        if len(some)
    )


def _near(polls: pd.DataFrame) -> Iterator[tuple[Any, Any]]:
    """Every two of some polls, sorted by `end`, that ended within a week."""
    each: list[Any] = list(polls.itertuples())
    for place, one in enumerate(each):
        for other in each[place + 1 :]:
            if other.end - one.end > WEEK:
                break
            yield one, other


def _parts(polls: pd.DataFrame) -> set[Any]:
    """Polls of one candidate, and those of an institute that make up one between them."""
    each = newest(polls, KEY).groupby("poll_id").agg(**_FACTS)
    found = set(each.index[each["people"].map(len) == 1])
    low = each[each["total"] < SUM].sort_values("end", kind="stable")
    for _, near in low.groupby(["round", "institute"]):
        for one, other in _near(near):
            if one.total + other.total <= SUM and one.people.isdisjoint(other.people):
                found |= {one.Index, other.Index}
    return found


def _named(polls: pd.DataFrame, path: Path | None) -> str:
    """The first of some polls, with their rows, and how many there are."""
    first = polls["line"].head(MOST_NAMED).items()
    told = [
        f"{poll} ({place_of(Path(path.name), row)})" if path else str(poll) for poll, row in first
    ]
    return ", ".join(told) + (f" … ({len(polls)})" if len(polls) > MOST_NAMED else "")


def _vote_on(polls: pd.DataFrame, rounds: Mapping[int, Round]) -> pd.Series:
    days = {number: this.vote_on for number, this in rounds.items()}
    return polls["round"].map(days).astype("datetime64[ns]")


def _total_of_whole(polls: pd.DataFrame, rounds: Mapping[int, Round]) -> pd.Series:
    """What the shares of every poll that names all of its ballot sum to."""
    rows = newest(polls, KEY)
    found = [pd.Series(dtype=float)]
    for number, this in rounds.items():
        asked = rows[rows["round"] == number]
        here = asked[asked["candidate"].isin(this.candidates)].groupby("poll_id").size()
        total = asked.groupby("poll_id")["share"].sum()
        found.append(total[total.index.isin(here.index[here == len(this.candidates)])])
    every: pd.Series = pd.concat(found)
    return every


def _place(polls: pd.DataFrame, path: Path) -> str:
    return place_of(path, int(str(polls.index[0])))
