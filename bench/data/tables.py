"""The tables of one election as they were read, nothing cut, its outcome, and the gate to them.

An audit may poison what is handed out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pandas as pd

from bench.core import paths
from bench.core.errors import BenchError, DataError, did_you_mean, shortlist
from bench.data.collection import (
    collection_folders,
    is_collection,
    load_collection,
    spans_of,
    table_file,
)
from bench.data.columns import DEPARTEMENTS, KINDS, NATIONAL, TABLES
from bench.data.election import (
    Election,
    Round,
    is_shipped,
    load_election,
)
from bench.data.election_folder import SHORT, folder_names, is_short, unread_files
from bench.data.minimal_election import OTHERS, short_form
from bench.data.readers import is_as_shipped, no_rows, read_table, remembered

AREAS = "departement"  # what the tables of results call the areas of any country
OUTCOME_COLUMNS = (
    "round",
    "candidate",
    "votes",
    "level",
    "area",
    "election",
    "share",
    "vote_on",
    "published_on",
)
FAR = 0.2  # from the polls of the last fortnight to the outcome; 0.082 at most in France
FORTNIGHT = pd.Timedelta(days=14)
HALF = 0.5  # of the codes of areas
MAX_OF_NATION = 1.001  # votes of all areas; 1.00004 in those that ship, which correct one another
Replacement = Callable[[str, pd.DataFrame], pd.DataFrame]
P = ParamSpec("P")
T = TypeVar("T")


_audit: ContextVar[Replacement | None] = ContextVar("audit", default=None)
"""What every uncut table is replaced by while an audit lasts; `replaced` alone sets it."""


def is_audit() -> bool:
    """Whether an audit replaces tables here and now."""
    return _audit.get() is not None


def uncut(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of an uncut table, or what an audit puts in their place.

    Parameters
    ----------
    name : str
        Of the table.
    rows : pandas.DataFrame
        As they were read.
    """
    replacement = _audit.get()
    return rows if replacement is None else replacement(name, rows)


@contextmanager
def replaced(by: Replacement) -> Iterator[None]:
    """Replace every uncut table that anybody in this process asks for.

    Parameters
    ----------
    by : callable
        From the name of a table and its rows to the rows to give instead.
    """
    before = _audit.set(by)
    try:
        yield
    finally:
        _audit.reset(before)


def remembered_outside_audits(
    maxsize: int | None = None,
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """As `remembered`, for answers that a replacement of tables changes.

    While one lasts, nothing is remembered or taken from memory.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        cached = remembered(maxsize)(function)

        @wraps(function)
        def answer(*args: P.args, **kwargs: P.kwargs) -> T:
            return (function if is_audit() else cached)(*args, **kwargs)

        return answer

    return decorate


def table_of(election: Election, name: str) -> pd.DataFrame:
    """One table of evidence, uncut; without rows where the election has no such evidence."""
    # a slice of a collection is made faster than remembered: they are thousands
    rows = (_slice if election.collection else _read)(election, name)
    return uncut(name, rows)


def known_owners(elections: Iterable[str]) -> Iterator[str]:
    """Sources and publishers of rows that somebody had before they were public.

    Those of these elections first, then those of all that ship.

    Examples
    --------
    >>> from itertools import islice
    >>> list(islice(known_owners(["toy"]), 3))
    ['thumbs', 'open_ballot', 'chirper']
    """
    tables = []
    for name, table in TABLES.items():
        if "available_on" in table.columns or "available_on" in table.versions:
            tables.append(name)
    for name in dict.fromkeys((*elections, *folder_names())):
        with suppress(BenchError):  # a whole collection, or what is refused where it is read
            election = load_election(name)
            for table_name in tables:
                yield from _owners(table_of(election, table_name))
    for folder in collection_folders(paths.datasets()):
        for table_name in tables:
            rows, _ = table_of_collection(folder, table_name)
            yield from _owners(rows)


def _owners(rows: pd.DataFrame) -> Iterator[str]:
    if "available_on" in rows:
        owner = "publisher" if "publisher" in rows else "source"
        yield from rows.loc[rows["available_on"].notna(), owner].unique()


def polls_of(election: Election, lag_days: int | None = None) -> pd.DataFrame:
    """Every poll of an election, uncut.

    Parameters
    ----------
    election : Election
    lag_days : int, optional
        Date polls whose publication no source states that many days after the last interview
        (23:59, within the law), instead of by the rule of the table.
    """
    polls = table_of(election, "polls")
    if lag_days is None or polls.empty:
        return polls
    return polls.assign(published_on=lagged(polls, list(election.rounds.values()), lag_days))


def lagged(polls: pd.DataFrame, rounds: Sequence[Round], lag_days: int) -> pd.Series:
    """The moments of publication, those by rule moved to a lag that is the same for all."""
    end = polls["fieldwork_end"].dt.normalize()
    moment = end + pd.Timedelta(days=lag_days, hours=23, minutes=59)
    for vote in rounds:
        if vote.polls_until is not None:
            legal = end <= vote.polls_until
            silent = (moment > vote.polls_until) & (end < vote.vote_on)
            moment = moment.mask(silent & legal, vote.polls_until)
            moment = moment.mask(silent & ~legal, vote.known_at)
    return polls["published_on"].where(polls["basis"].eq("stated"), moment)


def doubts_of(election: Election) -> tuple[dict[str, Any], ...]:
    """What looks like a slip in the tables of an election; nothing if its polls are as shipped."""
    own = not election.collection
    path = _file_of(election, "polls") if own else table_file(election.folder, "polls")
    needs_no_check = is_as_shipped(path) if path else is_shipped(election.folder)
    if needs_no_check:
        return ()
    from bench.data.schema import doubts  # few bring polls, and it takes its time to import

    slips: list[dict[str, Any]] = []
    polls = polls_of(election)
    if len(polls):
        slips += doubts(polls, election.rounds, path if own else None)
        for kind, named in _doubts_of_outcome(election):
            if len(named):
                slips.append({"kind": kind, "polls": ", ".join(sorted(named))})
    if own:
        slips += _doubts_of_folder(election)
    return tuple(slips)


def _doubts_of_folder(election: Election) -> Iterator[dict[str, Any]]:
    """What only an election with a folder of its own can get wrong, with its facts."""
    if election.kind not in KINDS:
        yield {"kind": "new_kind", "polls": election.kind, "known": ", ".join(KINDS)}
    unread = unread_files(election.folder)
    if unread:
        yield {"kind": "unread", "polls": shortlist(unread), "short": is_short(election.folder)}
    polled = set(polls_of(election)["candidate"])
    if not (polled and is_short(election.folder)):
        return  # the full form says who stood
    if short_form(election.folder).facts.candidates:
        return
    names = election.people.set_index("candidate")["name"]
    outcome = outcomes_of(election).query("level == 'national'")
    unpolled = outcome[~outcome["candidate"].isin(polled | OTHERS)]
    for number, rows in unpolled.groupby("round"):
        by_share = rows.sort_values("share", ascending=False, kind="stable")
        yield {
            "kind": "unpolled",
            "share": float(rows["share"].sum()),
            "polls": shortlist(list(names[by_share["candidate"]])),
            "round": int(str(number)),
        }


def _doubts_of_outcome(election: Election) -> Iterator[tuple[str, Collection[str]]]:
    """Kinds of doubt, and whom or what each is about; nothing where it names nobody."""
    outcomes = outcomes_of(election)
    polls = polls_of(election)
    national = outcomes[outcomes["level"] == "national"]
    shares = national.set_index(["round", "candidate"])["share"]
    for number, vote in election.rounds.items():
        if number not in shares.index:
            continue
        ballot = list(vote.candidates)
        last = polls[polls["fieldwork_end"] > vote.vote_on - FORTNIGHT]
        last = last[last["round"].eq(number)]
        strange = last.loc[~last["candidate"].isin(ballot), "poll_id"]
        plain = last[~last["poll_id"].isin(strange)]
        means = plain.groupby("candidate")["share"].mean()
        off = (means - shares[number]).abs()
        yield "far", off.index[off > FAR]
        votes = national.loc[national["round"] == number, "votes"].sum()
        yield "percent", [str(number)] if abs(votes - 100) <= 1 else []
        if number == 2 and 1 in shares.index:
            first = shares[1].nlargest(len(ballot)).index
            yield "not_first", {*ballot} - {*first}
    codes = set(outcomes.loc[outcomes["level"] == AREAS, "area"])
    if codes:
        of_level = table_of(election, "areas").groupby("level")["area"]
        matched = of_level.agg(lambda areas: areas.isin(codes).mean())
        yield "codes", matched.index if matched.max() < HALF else []


def doubts_about(names: Iterable[str]) -> list[dict[str, Any]]:
    """`doubts_of` of elections and of every member of collections, by name or path."""
    slips: list[dict[str, Any]] = []
    for name in names:
        each = [name]
        if is_collection(name):
            members = load_collection(name)
            polls = table_file(members.folder, "polls")
            is_own = polls is not None and not is_as_shipped(polls)
            each = [f"{name}/{member}" for member in members.names] if is_own else []
        slips += [doubt for address in each for doubt in doubts_of(load_election(address))]
    return slips


def stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Tables one below the other, those without rows left out while one has any."""
    filled = [frame for frame in frames if len(frame)] or list(frames[:1])
    if len(filled) == 1:
        return filled[0].reset_index(drop=True)
    return pd.concat(filled, ignore_index=True)


def with_day(polls: pd.DataFrame, election: Election) -> pd.DataFrame:
    """Polls of one election with the day of their vote."""
    days = {number: entry.vote_on for number, entry in election.rounds.items()}
    return polls.assign(vote_on=polls["round"].map(days).astype("datetime64[ns]"))


def ballots_of(election: Election) -> pd.DataFrame:
    """Who stood in which round of one election."""
    return uncut("ballots", _ballots(election))


def outcomes_of(election: Election) -> pd.DataFrame:
    """Votes of every round, national and by département, as a long table with `published_on`.

    Votes are missing where only shares are known. Areas of other countries (constituencies)
    have the level ``departement`` too, the word of all methods that speak of areas.
    """
    if election.collection:
        start, stop = _outcome_spans(election.folder).get(election.name, (0, 0))
        rows = _outcomes_of_collection(election.folder).iloc[start:stop].reset_index(drop=True)
    else:
        rows = _outcomes(election)
    return uncut("outcomes", rows)


def member_outcomes(folder: Path, elections: Sequence[str]) -> pd.DataFrame:
    """The outcomes of several elections of a collection, as of `outcomes_of`."""
    return uncut("outcomes", _of_members(folder, tuple(elections)))


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The official votes of one round.

    Parameters
    ----------
    election : str
    round : int
    votes : pandas.Series
        Votes by candidate, whole numbers, in ballot order [C]; NaN where only shares are known.
    share : pandas.Series
        Fractions of the valid votes, summing to 1 [C]; from the votes where these are known.
    areas : pandas.DataFrame
        Votes [U, C] by département or another area (empty where unknown).
    n_advance : int
        How many candidates got through.
    """

    election: str
    round: int
    votes: pd.Series
    share: pd.Series
    areas: pd.DataFrame
    n_advance: int


def outcome_of(election: Election, round_number: int) -> Outcome:
    """The official votes of one round.

    Raises
    ------
    DataError
        If the folder holds no outcome for the round, or one that its own totals contradict.
    """
    vote = election.rounds[round_number]
    rows = outcomes_of(election)
    rows = rows[rows["round"] == round_number]
    national = rows[rows["level"] == "national"].set_index("candidate")
    if national.empty:
        needed = (
            f"outcomes.parquet has no rows of {election.name}"
            if election.collection
            else "outcome/national.csv, or outcome.csv in the short form"
        )
        raise DataError(
            f"{election.folder}: no official votes of round {round_number} ({needed}); an election "
            "without an outcome is not scored but forecast (bench forecast)"
        )
    votes = national["votes"].reindex(list(vote.candidates))
    counted = bool(votes.notna().any())
    weight = votes if counted else national["share"].reindex(votes.index)
    if not weight.sum() > 0:
        raise DataError(
            f"{election.folder / 'outcome' / 'national.csv'}: no votes in round {round_number}; "
            "accepted: valid votes, at least one"
        )
    local = rows[rows["level"] == AREAS]
    people = list(vote.candidates)
    if len(local):
        areas = local.pivot(index="area", columns="candidate", values="votes")
        areas = areas.reindex(columns=people)
    else:
        areas = pd.DataFrame(columns=people, dtype=float)
    return Outcome(
        election=election.name,
        round=round_number,
        votes=votes,
        share=(weight / weight.sum()).rename("share"),
        areas=areas,
        n_advance=vote.n_advance,
    )


@cache
def empty_table(name: str) -> pd.DataFrame:
    """A table without rows, for elections that have no such evidence."""
    return no_rows(TABLES[name])


@remembered()
def table_of_collection(
    folder: Path, name: str
) -> tuple[pd.DataFrame, Mapping[str, tuple[int, int]]]:
    """A table about all elections of a collection, with the columns that one of a single election
    has, sorted by election; and the first row and the row after the last of each."""
    rows = load_collection(folder).table(name)
    rows = rows[[*TABLES[name].having(rows.columns).columns, "election"]]
    return rows, spans_of(rows)


def _slice(election: Election, name: str) -> pd.DataFrame:
    whole, spans = table_of_collection(election.folder, name)
    start, stop = spans.get(election.name, (0, 0))
    rows = whole.iloc[start:stop]
    rows.index = pd.RangeIndex(stop - start)
    return rows


@remembered()
def _read(election: Election, name: str) -> pd.DataFrame:
    path = _file_of(election, name)
    if path is None:
        return empty_table(name).assign(election=election.name)
    if path.name == SHORT and path.parent == election.folder:
        frame = short_form(election.folder).checked_polls()
    else:
        candidates = election.people["candidate"].tolist()
        frame = read_table(path, TABLES[name], candidates=candidates)
    if (name == "polls" or "day" in frame) and not is_as_shipped(path):
        from bench.data.schema import refuse_implausible

        refuse_implausible(frame, election.rounds, path)
    return frame.assign(election=election.name)


def _file_of(election: Election, name: str) -> Path | None:
    """The file of a table of an election with a folder of its own; None if it has none."""
    if name == "polls" and is_short(election.folder):
        return election.folder / SHORT
    places = (election.folder / "inputs" / f"{name}{suffix}" for suffix in (".csv", ".parquet"))
    return next((path for path in places if os.path.lexists(path)), None)


@remembered()
def _ballots(election: Election) -> pd.DataFrame:
    people = election.people
    rows = [
        people[people["candidate"].isin(entry.candidates)].assign(
            election=election.name, round=number, vote_on=entry.vote_on
        )
        for number, entry in election.rounds.items()
    ]
    return pd.concat(rows, ignore_index=True)


@remembered(maxsize=64)
def _of_members(folder: Path, elections: tuple[str, ...]) -> pd.DataFrame:
    rows = _outcomes_of_collection(folder)
    return rows[rows["election"].isin(elections)].reset_index(drop=True)


@remembered()
def _outcomes_of_collection(folder: Path) -> pd.DataFrame:
    """The outcomes of all elections of a collection, sorted by election."""
    collection = load_collection(folder)
    national = collection.table("outcomes").assign(level="national", area="national")
    local = collection.table("area_outcomes").assign(level=AREAS)
    if len(local):
        whole = local.groupby(["election", "round", "area"])["votes"].transform("sum")
        share_of_votes = local["votes"] / whole.where(whole > 0)
        local["share"] = local["share"].fillna(share_of_votes)
    rows = pd.concat([national, local], ignore_index=True) if len(local) else national
    rows = rows.sort_values("election", kind="stable", ignore_index=True)
    days = collection.elections[["election", "round", "vote_on", "known_at"]]
    rows = rows.merge(days, how="left", on=["election", "round"])
    return rows.rename(columns={"known_at": "published_on"})[list(OUTCOME_COLUMNS)]


@remembered()
def _outcome_spans(folder: Path) -> Mapping[str, tuple[int, int]]:
    return spans_of(_outcomes_of_collection(folder))


@remembered()
def _outcomes(election: Election) -> pd.DataFrame:
    folder = election.folder / "outcome"
    people = election.people["candidate"].tolist()
    national = _votes(folder / "national.csv", election, people)
    frames = [national.assign(level="national", area="national")]
    fine = folder / "departements.parquet"
    if os.path.lexists(fine):
        local = read_table(fine, DEPARTEMENTS, candidates=people)
        _refuse_more_than_the_nation(local, national, fine)
        frames.append(local.assign(level=AREAS))
    rows = pd.concat(frames, ignore_index=True)
    totals = rows.groupby(["round", "level", "area"])["votes"].transform("sum")
    days = {number: entry.vote_on for number, entry in election.rounds.items()}
    moments = {number: entry.known_at for number, entry in election.rounds.items()}
    return rows.assign(
        election=election.name,
        share=rows["votes"] / totals.where(totals > 0),
        vote_on=rows["round"].map(days).astype("datetime64[ns]"),
        published_on=rows["round"].map(moments).astype("datetime64[ns]"),
    )


def _refuse_more_than_the_nation(local: pd.DataFrame, national: pd.DataFrame, path: Path) -> None:
    key = ["round", "candidate"]
    nation, areas = national.set_index(key)["votes"].align(
        local.groupby(key)["votes"].sum(), join="inner"
    )
    excess = areas[areas > MAX_OF_NATION * nation]
    if len(excess):
        number, candidate = excess.index[0]
        raise DataError(
            f"{path}: round {number}: votes of '{candidate}' sum to {excess.iloc[0]:,.0f}, and the "
            f"nation's are {nation[excess.index[0]]:,.0f} (national.csv); accepted: areas that "
            "hold a part of the votes of the nation, without a row of their total"
        )


def _votes(path: Path, election: Election, people: Sequence[str]) -> pd.DataFrame:
    short = is_short(election.folder)
    if short:
        path = election.folder / "outcome.csv"
    if not os.path.lexists(path):
        return no_rows(NATIONAL)
    if short:
        rows = short_form(election.folder).outcome.drop(columns="written")
    else:
        rows = read_table(path, NATIONAL, candidates=people)
    for number in set(rows["round"]).difference(election.rounds):
        election.rounds[int(number)]  # which refuses it
    for number in sorted(set(rows["round"])):
        group = rows[rows["round"] == number]
        expected = set(election.rounds[number].candidates)
        differing = set(group["candidate"]) ^ expected
        if differing:
            name = min(differing)
            raise DataError(
                f"{path}: round {number}: '{name}' is in the outcome or on the ballot, not in "
                f"both ({did_you_mean(name, expected)})"
            )
    return rows
