"""What a table that did not ship is held to, as one pandera schema, and polls that look like slips.

The limits of plausibility are such that none of the 24,098 polls that ship with the bench crosses
one that refuses; where a few of them do, the polls are named and kept (`doubts`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from bench.core.errors import DataError, did_you_mean, letters, shortlist
from bench.core.read import MAX_LETTERS, MAX_YEARS, shortened
from bench.data.columns import IN_ORDER, OTHERS_SHARE, Column, Respondents, Table
from bench.data.cut import newest, standing
from bench.data.file_places import bad_cell, card, place_of
from bench.data.readers import read_csv

if TYPE_CHECKING:
    from bench.data.election import Round

SUM = 1.02  # of the shares of a poll, at most; of people who stated a vote to those interviewed
MAX_PEOPLE = 10_000_000  # interviewed for one poll; the largest that ships asked 134,000
MIN_WHOLE = 0.7  # a poll of the whole ballot sums to so much, if nobody is missing
MIN_RESPONDENTS = 5
"""A member of a group of five is singled out with a chance of at most 0.2 (El Emam, Guide to the
De-Identification of Personal Health Information, CRC Press 2013, doi:10.1201/b14764)."""
REASON = (
    "what identifiable people think of candidates is data on political opinions, which GDPR "
    "art. 9(1) forbids to process without a ground of art. 9(2); evidence is counts and fractions. "
    "Sum by day and candidate, leave this out, and delete the file that was refused"
)
WRONG_ROWS = (
    (
        ("sample_size", "sample_expressed"),
        f"sample_size > {MAX_PEOPLE} or sample_expressed > {MAX_PEOPLE} "
        f"or sample_expressed > {SUM} * sample_size",
        f"a 'sample_size' of at most {MAX_PEOPLE:,}, and a 'sample_expressed' not above it",
    ),
    (("approvals", "ballots"), "approvals > ballots", "'approvals' at most 'ballots'"),
    (
        ("favourable", "unfavourable"),
        f"favourable + unfavourable > {SUM}",
        f"fractions that sum to at most {SUM}",
    ),
    (
        ("unit", "value"),
        "unit == 'share' and (value < 0 or value > 1)",
        "fractions of 0 to 1 where the unit is share",
    ),
)
"""Columns of a table, what no row of it may hold, for `DataFrame.eval`, and what is accepted."""
NAMING = ("name", "candidate", "institute", "poll_id")
WEEK = pd.Timedelta(days=7)
# what is said and not refused
MANY_PEOPLE = 100_000
FEW_LEFT_OUT = 0.95
MANY_STAND = 4
WHOLE = 0.98  # of the stated votes: nobody else was on offer
STRAY = "polls of two people that no first round of more people looks like"
STRAY_REMEDY = "If they are of the runoff, write 2 in a column 'round'"
EARLY_DAYS, SILENT_DAYS = 300, 180
FAR_APART = 0.15  # for somebody; polls of one institute and day of all voters are nearer
PAIR_DAYS = pd.Timedelta(days=3)  # shares of two candidates are often alike by chance
KEY = ("poll_id", "candidate")


def rule(holds: Callable[[pd.DataFrame], pd.Series], error: str, *columns: str) -> Any:
    """One rule about the rows of a table.

    Parameters
    ----------
    holds : callable
        From a table to whether each of its rows keeps the rule.
    error : str
        What is accepted, in words.
    columns : str
        Columns that are shown of the first row that breaks it.
    """
    return pa.Check(holds, error=error, name=" ".join(columns))


def validate(
    frame: pd.DataFrame,
    table: Table,
    path: Path,
    rules: Iterable[Any] = (),
    candidates: Collection[str] | None = None,
) -> None:
    """Refuse a table whose cells have their kinds and hold what they must not.

    Parameters
    ----------
    frame : pandas.DataFrame
        The index is the row of the file.
    table : Table
        Ranges, words, emptiness, order of dates, key, sums of shares and numbers of respondents.
    path : Path
        The file.
    rules : iterable of pandera.Check
        Further ones, from `rule`.
    candidates : collection of str, optional
        The slugs that columns of candidates may name.

    Raises
    ------
    DataError
        With the first row that is wrong, what is accepted and what to do.
    """
    columns = {name: _column(name, column, candidates) for name, column in table.columns.items()}
    _refuse(frame, path, columns, [*_rules(table), *rules])


def _refuse(
    frame: pd.DataFrame,
    path: Path,
    columns: dict[str, Any],
    rules: Collection[Any],
) -> None:
    lines = frame.index
    frame = frame.reset_index(drop=True)
    if _passes(frame, columns, rules):
        return
    schema = pa.DataFrameSchema(columns, checks=list(rules))
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        in_cells = cases["schema_context"] == "Column"
        cases = cases[in_cells] if in_cells.any() else cases
        cases = cases.assign(index=pd.to_numeric(cases["index"]))
        order = ["index"] if in_cells.any() else ["check_number", "index"]
        first = cases.sort_values(order, kind="stable").iloc[0]
        row = int(first["index"])
        line = int(lines[row])
        accepted = str(first["check"])
        if in_cells.any():
            name = first["column"]
            value: Any = frame.at[row, name]
            words = columns[name].metadata
            if pd.isna(value):
                accepted = columns[name].description
            elif words:
                accepted += f" ({did_you_mean(str(value)[:60], words)})"
            raise DataError(bad_cell(path, line, name, value, accepted)) from error
        shown_columns = schema.checks[int(first["check_number"])].name.split()
        cells: dict[str, Any] = {key: frame.at[row, key] for key in shown_columns}
        pairs = ", ".join(
            f"{key} is {_cell(cell)}" for key, cell in cells.items() if not pd.isna(cell)
        )
        place = place_of(path, line)
        raise DataError(f"{place}: {pairs}; accepted: {accepted}; {card(path)}") from error


def _passes(frame: pd.DataFrame, columns: dict[str, Any], rules: Collection[Any]) -> bool:
    """Whether a schema of these has nothing to report, found without the cost of a report."""
    for name, column in columns.items():
        cells = frame[name]
        if cells.hasnans and not column.nullable:
            return False
        if not all(check(cells).check_passed for check in column.checks):
            return False
    return all(check(frame).check_passed for check in rules)


def _cell(value: Any) -> str:
    return f"{value:,.12g}" if isinstance(value, float) else shortened(value)


def _column(name: str, column: Column, candidates: Collection[str] | None) -> Any:
    """A column with its checks; its metadata are the words that it may hold, if any is none."""
    checks = []
    words = column.among
    if column.names_candidate:
        words = () if candidates is None else (*words, *candidates)
    if column.least is not None:
        checks.append(pa.Check.ge(column.least, error=column.accepted))
    if column.most is not None:
        checks.append(pa.Check.le(column.most, error=column.accepted))
    if words:
        error = "a candidate of this election" if column.names_candidate else "a known word"
        checks.append(pa.Check.isin(words, error=error))
    elif name in NAMING:
        error = f"text of at most {MAX_LETTERS} letters"
        checks.append(pa.Check.str_length(max_value=MAX_LETTERS, error=error))
    accepted = column.accepted
    return pa.Column(checks=checks, nullable=column.empty, description=accepted, metadata=words)


def _rules(table: Table) -> Iterator[Any]:
    """What must hold of several cells."""
    for first, later in IN_ORDER:
        if {first, later} <= set(table.columns):
            holds = partial(_are_in_order, first=first, later=later)
            yield rule(holds, f"'{first}' on or before '{later}'", first, later)
    key = list(table.key)
    hint = "; two polls of a day differ in poll_id or hypothesis" if "poll_id" in key else ""
    yield rule(lambda rows: ~rows.duplicated(key), f"one row per {' × '.join(key)}{hint}", *key)
    within = list(table.sums_within)
    if within:
        error = f"shares that sum to at most {SUM} within {' × '.join(within)}"
        yield rule(partial(_sum_to_one, key=key, within=within), error, *key)
        if {"withdrawn_on", "poll_id"} <= set(table.columns):
            version = [*within, *({"corrected_on"} & set(table.columns))]
            error = "one 'withdrawn_on' for all candidates of a poll"
            yield rule(lambda rows: _n_days(rows, version) == 1, error, *key)
    for columns, wrong, accepted in WRONG_ROWS:
        if {*columns} <= set(table.columns):
            yield rule(partial(_are_not, wrong=wrong), accepted, *columns)
    group = table.respondents
    if group is not None:
        error = f"opinions of {MIN_RESPONDENTS} respondents or more: {REASON}"
        yield rule(partial(_are_enough, group=group), error, *group.within)
        error = f"answers of more than one respondent: {REASON}"
        yield rule(partial(_are_of_several, group=group), error, *group.within)


def _are_in_order(rows: pd.DataFrame, first: str, later: str) -> pd.Series:
    late: pd.Series = rows[first].dt.normalize() > rows[later]
    return ~late


def _are_not(rows: pd.DataFrame, wrong: str) -> pd.Series:
    return ~pd.Series(rows.eval(wrong), index=rows.index)


def _sum_to_one(rows: pd.DataFrame, key: list[str], within: list[str]) -> pd.Series:
    last = newest(rows, key).drop_duplicates(key)
    if "quantity" in last:  # others need not be parts of one whole
        last = last[last["quantity"].eq("vote_share")]
    total = last.groupby(within)["share"].transform("sum")
    return (total <= SUM).reindex(rows.index, fill_value=True)


def _n_days(rows: pd.DataFrame, within: list[str]) -> pd.Series:
    of = rows.groupby(within, dropna=False)["withdrawn_on"]
    return of.transform("nunique", dropna=False)


def _groups(rows: pd.DataFrame, group: Respondents) -> tuple[pd.Series, pd.Series, pd.Series]:
    """The number of each group of respondents, who counts it, and whether the state did."""
    number = rows.groupby(list(group.within), dropna=False).ngroup()
    people = rows[list(group.people)].max(axis=1)
    people = people.groupby(number).transform("max")
    is_official = pd.Series(False, index=rows.index)
    if "basis" in rows:
        is_official = rows["basis"].eq("official")
    return number, people, is_official


def _are_enough(rows: pd.DataFrame, group: Respondents) -> pd.Series:
    _, people, is_official = _groups(rows, group)
    cells = rows[list(group.crossed)]
    is_small_cell = (cells >= 1) & (cells < MIN_RESPONDENTS)
    is_small = is_small_cell.any(axis=1) | (people < MIN_RESPONDENTS)
    return ~is_small | is_official


def _are_of_several(rows: pd.DataFrame, group: Respondents) -> pd.Series:
    """Whether each row is of a group of people, and not the answer of one person.

    A group whose shares are all 0 or 1, and that says of no number of people, is one person. Where
    the table has no column of people and every group looks so, all of them are of several.
    """
    shares = rows[list(group.answers)]
    has_one = shares.eq(1.0).any(axis=1)
    if not has_one.any():
        return pd.Series(True, index=rows.index)
    number, people, is_official = _groups(rows, group)
    is_whole = (shares.isna() | shares.isin([0.0, 1.0])).all(axis=1)
    is_single = is_whole.groupby(number).transform("all")
    is_single &= has_one.groupby(number).transform("any")
    is_single &= people.isna() & ~is_official
    if not group.people and not is_single.all():
        return pd.Series(True, index=rows.index)
    return ~is_single


def refuse_implausible(polls: pd.DataFrame, rounds: Mapping[int, Round], path: Path) -> None:
    """Refuse polls of an election that no poll of its votes can be, and what is not about it.

    Parameters
    ----------
    polls : pandas.DataFrame
        Rows of the table `polls`, all versions, or of another table with a column `day`; the index
        is the row of the file.
    rounds : mapping of int to Round
        Their days and ballots.
    path : Path
        The file.

    Raises
    ------
    DataError
        If a row is of more than `MAX_YEARS` before its vote; if a poll names one candidate, is one
        of several parts of a poll, names the whole ballot with shares that sum to less than
        `MIN_WHOLE`, or is of `stray_pairs`.
    """
    is_poll = "fieldwork_end" in polls
    day = polls["fieldwork_start"].fillna(polls["fieldwork_end"]) if is_poll else polls["day"]
    last = max(vote.vote_on for vote in rounds.values())
    vote_on = _vote_on(polls, rounds) if "round" in polls else last
    early = (day + pd.DateOffset(years=MAX_YEARS) < vote_on).reset_index(drop=True)
    in_time = rule(
        lambda _: ~early,
        f"days at most {MAX_YEARS} years before the vote; correct the year",
        *(("poll_id", "round", "fieldwork_end") if is_poll else ("day",)),
    )
    if not is_poll:
        _refuse(polls, path, {}, [in_time])
        return
    each = _polls(newest(polls, KEY), rounds)
    stray = _stray(each, path)
    if stray:
        raise DataError(
            f"{path}: {STRAY}: {'; '.join(stray.values())}. {STRAY_REMEDY}, or delete their rows"
        )
    incomplete = each.index[each["is_whole"] & (each["total"] < MIN_WHOLE)]
    poll_id = polls["poll_id"].reset_index(drop=True)
    whole = ~poll_id.isin(incomplete)
    single = ~poll_id.isin(_parts(each))
    rules = [
        in_time,
        rule(
            lambda _: single,
            "no poll of one candidate and none in parts: rows of a poll that all have one "
            "institute, fieldwork_end and sample_size, and one poll_id where that is a column",
            "poll_id",
        ),
        rule(
            lambda _: whole,
            f"polls of the whole ballot whose shares sum to {MIN_WHOLE} to {SUM} (fractions of "
            "those who named a candidate; `leave_out` takes a row of people who did not out of "
            "the rest)",
            "poll_id",
        ),
    ]
    _refuse(polls, path, {}, rules)


def doubts(
    polls: pd.DataFrame, rounds: Mapping[int, Round], path: Path | None = None
) -> tuple[dict[str, Any], ...]:
    """What looks like a slip in the polls of an election, though honest tables may look so too.

    Parameters
    ----------
    polls, rounds
        As of `refuse_implausible`.
    path : Path, optional
        The file, where the index is the row of it.

    Returns
    -------
    tuple of dict
        `kind`, one of pair, apart, twice, early, low and large, with the polls that it is about and
        the bounds.
    """
    rows = standing(newest(polls, KEY), pd.Timestamp.max)
    each = _polls(rows, rounds).sort_values("fieldwork_end", kind="stable")
    following = each["fieldwork_end"].shift(-1).fillna(each["vote"])
    days_left = (each["vote"] - each["fieldwork_end"]).dt.days
    days_alone = (following - each["fieldwork_end"]).dt.days
    lonely = each.loc[(days_left > EARLY_DAYS) & (days_alone > SILENT_DAYS), "fieldwork_end"]
    others = pd.to_numeric(each["line"].map(_beside(path, OTHERS_SHARE)), errors="coerce").fillna(0)
    least = each["is_whole"].map({True: FEW_LEFT_OUT, False: MIN_WHOLE})
    by_kind = {
        "pair": each[each["is_pair"]],
        "apart": each[each.index.isin(_apart(each))],
        "twice": each[each.index.isin(_repeated(each[~each["rolling"]]))],
        "early": each[each["fieldwork_end"] <= lonely.max()],
        "low": each[each["total"] + others < least],
        "large": each[each["sample_size"] > MANY_PEOPLE],
    }
    return tuple(
        {
            "kind": kind,
            "polls": shortlist([*_places(suspects, path).values()]),
            "least": FEW_LEFT_OUT,
            "least_of_part": MIN_WHOLE,
            "most": MANY_PEOPLE,
        }
        for kind, suspects in by_kind.items()
        if len(suspects)
    )


def stray_pairs(
    polls: pd.DataFrame, rounds: Mapping[int, Round], path: Path | None = None
) -> dict[str, str]:
    """Polls of two who stand that are of another vote than their round, or of a part of the voters.

    Four or more stand and the two share less than `MIN_WHOLE` of the votes; or three or more stand,
    the two share all votes, and a runoff follows.

    Parameters
    ----------
    polls, rounds, path
        As of `doubts`; a column `notes`, if there is one, is quoted, else that of the file.

    Returns
    -------
    dict of str to str
        Each in words, by `poll_id`.
    """
    return _stray(_polls(newest(polls, KEY), rounds), path)


def _stray(each: pd.DataFrame, path: Path | None) -> dict[str, str]:
    is_stray = each["is_pair"] & (each["is_runoff"] | (each["total"] < MIN_WHOLE))
    stray = each[is_stray & each["all_stand"]].sort_values("line", kind="stable")
    places = _places(stray, path)
    return {
        str(poll): f"{places[poll]} with {total:.1%} of the votes"
        for poll, total in stray["total"].items()
    }


def _polls(rows: pd.DataFrame, rounds: Mapping[int, Round]) -> pd.DataFrame:
    """One row a poll: whether all stand whom it names, and it names all, or two of more people."""
    rows = rows.assign(vote=_vote_on(rows, rounds), line=rows.index)
    rows = rows.sort_values("candidate", kind="stable")
    by_poll = rows.groupby("poll_id")
    candidates, shares = rows["candidate"].to_numpy(object), rows["share"].to_numpy()
    places = [by_poll.indices[poll] for poll in by_poll.groups]
    of_poll: dict[str, Any] = {
        "people": [frozenset(candidates[place]) for place in places],
        "shares": [tuple(shares[place].tolist()) for place in places],
        "total": by_poll["share"].sum(),
        "line": by_poll["line"].min(),
    }
    each = by_poll.first().assign(**of_poll)
    ballots = [frozenset(rounds[number].candidates) for number in each["round"]]
    pairs = list(zip(each["people"], ballots, strict=True))
    each["all_stand"] = [not ballot or people <= ballot for people, ballot in pairs]
    each["is_whole"] = [bool(ballot) and people >= ballot for people, ballot in pairs]
    n_named = each["people"].map(len)
    # while a ballot is open, as many may stand as one poll names
    most_named = n_named.groupby(each["round"]).transform("max")
    n_standing = pd.Series(map(len, ballots), each.index, dtype=int)
    n_standing = n_standing.where(n_standing > 0, most_named)
    each["is_runoff"] = (each["total"] > WHOLE) & (n_standing > 2) & (2 in rounds)
    each["is_pair"] = n_named.eq(2) & (each["is_runoff"] | (n_standing >= MANY_STAND))
    return each


def _repeated(polls: pd.DataFrame) -> set[Any]:
    """Polls whose shares an institute of the same name, or a longer one, has within a week.

    Institutes are compared with the shortest name that theirs begin with; every poll with the one
    before it, so that thousands of equal ones cost no more than others.
    """
    repeated: set[Any] = set()
    for _, alike in polls.groupby(["round", "people", "shares"], sort=False):
        if len(alike) == 1:
            continue
        names = alike["institute"].map(letters)
        shortest: dict[str, str] = {}
        for name in sorted(set(names)):
            before = next(reversed(shortest.values()), name)
            shortest[name] = before if name.startswith(before) else name
        max_gap = WEEK if alike["people"].map(len).max() > 2 else PAIR_DAYS
        for _, of_institute in alike.groupby(names.map(shortest)):
            is_after = of_institute["fieldwork_end"].diff() <= max_gap
            is_before = is_after.shift(-1, fill_value=False)
            repeated.update(of_institute.index[is_after | is_before])
    return repeated


def _apart(polls: pd.DataFrame) -> set[Any]:
    """Polls of an institute, day and list of people that one of them answers quite otherwise."""
    apart: set[Any] = set()
    day = polls["fieldwork_end"].dt.normalize()
    for _, alike in polls.groupby(["round", "institute", day, "people"], sort=False):
        if len(alike) > 1:
            shares = pd.DataFrame([*alike["shares"]], index=alike.index)
            gap = (shares.max() - shares).combine(shares - shares.min(), np.maximum)
            apart.update(alike.index[gap.max(axis=1) > FAR_APART])
    return apart


def _near(polls: pd.DataFrame) -> Iterator[tuple[Any, Any]]:
    """Every two of some polls, sorted by `fieldwork_end`, that ended within a week."""
    each: list[Any] = list(polls.itertuples())
    for place, earlier in enumerate(each):
        for later in each[place + 1 :]:
            if later.fieldwork_end - earlier.fieldwork_end > WEEK:
                break
            yield earlier, later


def _parts(each: pd.DataFrame) -> set[Any]:
    """Polls of one candidate, and those of an institute that make up one between them."""
    parts = set(each.index[each["people"].map(len) == 1])
    is_low = each["total"] + each["total"].min() <= SUM
    low = each[is_low].sort_values("fieldwork_end", kind="stable")
    for _, near in low.groupby(["round", "institute"]):
        for earlier, later in _near(near):
            is_one_poll = earlier.total + later.total <= SUM
            if is_one_poll and earlier.people.isdisjoint(later.people):
                parts |= {earlier.Index, later.Index}
    return parts


def _places(polls: pd.DataFrame, path: Path | None) -> dict[Any, str]:
    """Polls with the row of the file, the institute and the note that stands there."""
    if path is None:
        return {poll: str(poll) for poll in polls.index}
    notes = _beside(path, "note", "remark", "comment") if len(polls) else {}
    places = {}
    for poll, row, institute in zip(polls.index, polls["line"], polls["institute"], strict=True):
        note = f", “{shortened(notes[row])}”" if row in notes else ""
        places[poll] = f"{poll} ({place_of(Path(path.name), row)}, {institute}{note})"
    return places


def _beside(path: Path | None, *beginnings: str) -> dict[int, str]:
    """What the first column of a CSV whose name begins so says, by row."""
    if path is None or path.suffix == ".parquet":
        return {}
    rows = read_csv(path, foreign=True)
    columns = [name for name in rows if str(name).lower().startswith(beginnings)]
    return dict(rows[columns[0]].dropna()) if columns else {}


def _vote_on(polls: pd.DataFrame, rounds: Mapping[int, Round]) -> pd.Series:
    days = {number: vote.vote_on for number, vote in rounds.items()}
    return polls["round"].map(days).astype("datetime64[ns]")
