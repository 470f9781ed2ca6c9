"""What a ballot of parties is, decided by the polls before the vote, never by the outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from tools.build_datasets.files import require

OTHERS = "others"
BALLOT_DAYS = 90
WINDOW_DAYS = 365
SHORTEST_LAG_DAYS = 1
MIN_POLLS = 3
MIN_NAMED = 0.5
MAX_SUM = 1.05


POLL_COLUMNS = (
    "poll_id institute sponsor mode fieldwork_start fieldwork_end published_on basis sample_size "
    "rolling candidate share source_key"
).split()
NEXT_MORNING = pd.Timedelta(days=1, hours=8)


@dataclass(frozen=True, kw_only=True)
class Vote:
    """One vote of parties and what its register says."""

    name: str
    title: str
    country: str
    kind: str
    system: str
    vote_on: pd.Timestamp
    source_key: str
    known_at: pd.Timestamp
    area: str | None = None
    valid_votes: int | None = None
    unranked_because: str | None = None


@dataclass(frozen=True, kw_only=True)
class Member:
    """The tables of one vote, and how many polls were left out for which reason."""

    tables: dict[str, pd.DataFrame]
    refused: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class OnBallot:
    """Polls of one election on its ballot, and how many were left out for which reason."""

    candidates: list[str]
    polls: pd.DataFrame
    refused: dict[str, int]


def ballot_of(polls: pd.DataFrame, vote_on: pd.Timestamp) -> list[str]:
    """The parties that at least half of the polls of the last 90 days name, without the remainder.

    Parameters
    ----------
    polls : pandas.DataFrame
        poll_id, candidate, published_on.
    vote_on : pandas.Timestamp
        Day of the vote; what was published on it or later is not asked.

    Examples
    --------
    >>> polls = pd.DataFrame({
    ...     "poll_id": ["a", "a", "b", "c"], "candidate": ["spd", "afd", "spd", "spd"],
    ...     "published_on": pd.to_datetime(["2017-09-01"] * 4)})
    >>> ballot_of(polls, pd.Timestamp("2017-09-24"))
    ['spd']
    """
    late = polls[_within(polls, vote_on, BALLOT_DAYS)]
    named = late[late["candidate"] != OTHERS].groupby("candidate")["poll_id"].nunique()
    often = named >= MIN_NAMED * late["poll_id"].nunique()
    return sorted(named[often].index)


def on_ballot(
    polls: pd.DataFrame, vote_on: pd.Timestamp, parties: list[str] | None = None
) -> OnBallot:
    """Polls of the last 365 days on the ballot; what they give to nobody on it is `others`.

    A poll carries `others` where it names everybody else: its share is what is left of 1. In a
    poll that leaves parties of the ballot out the rest stays unlisted, for it holds those too.

    Parameters
    ----------
    polls : pandas.DataFrame
        One row per poll and party with poll_id, candidate, share (a fraction of all stated
        votes), published_on and whatever describes the poll.
    vote_on : pandas.Timestamp
    parties : list of str, optional
        The ballot, if it is not that of `ballot_of`.

    Examples
    --------
    >>> polls = pd.DataFrame({
    ...     "poll_id": ["a", "a", "b"], "candidate": ["spd", "cdu_csu", "spd"],
    ...     "share": [0.4, 0.5, 0.4], "published_on": pd.to_datetime(["2017-09-01"] * 3)})
    >>> found = on_ballot(polls, pd.Timestamp("2017-09-24"))
    >>> found.candidates
    ['cdu_csu', 'spd', 'others']
    >>> found.polls.query("poll_id == 'a'").set_index("candidate")["share"].round(2).to_dict()
    {'spd': 0.4, 'cdu_csu': 0.5, 'others': 0.1}
    >>> found.polls.query("poll_id == 'b'").set_index("candidate")["share"].to_dict()
    {'spd': 0.4}
    """
    listed = ballot_of(polls, vote_on) if parties is None else list(parties)
    recent = polls[_within(polls, vote_on, WINDOW_DAYS)]
    asked = recent[recent["candidate"].isin(listed)]
    named = asked.groupby("poll_id")["candidate"].transform("nunique")
    total = asked.groupby("poll_id")["share"].transform("sum")
    enough, possible = 2 * named >= len(listed), total <= MAX_SUM
    refused = {
        "names fewer than half of the ballot": _polls(recent) - _polls(asked[enough]),
        f"sums to more than {MAX_SUM:.0%}": _polls(asked[enough & ~possible]),
    }
    asked = asked.assign(share=asked["share"] / total.clip(lower=1))[enough & possible]
    whole = asked[named[asked.index] == len(listed)]
    given = whole.groupby("poll_id")["share"].sum()
    rest = whole.drop_duplicates("poll_id").assign(
        candidate=OTHERS,
        share=lambda rows: (1 - rows["poll_id"].map(given).astype(float)).clip(lower=0),
    )
    rows = pd.concat([asked, rest], ignore_index=True)
    rows["share"] = rows["share"].round(5)
    return OnBallot(candidates=[*listed, OTHERS], polls=rows, refused=refused)


def member(
    vote: Vote,
    polls: pd.DataFrame,
    official: Mapping[str, float],
    people: pd.DataFrame,
    incumbent: str | None,
) -> Member:
    """Register, candidates, outcome and polls of one vote.

    Parameters
    ----------
    vote : Vote
    polls : pandas.DataFrame
        With the columns of `POLL_COLUMNS`, shares as fractions; parties without an official
        result of their own are merged into the rest.
    official : mapping of str to float
        Official share of the valid votes by party, a fraction.
    people : pandas.DataFrame
        name, family and party by slug.
    incumbent : str, optional
        The party that led the government on the day.

    Raises
    ------
    DataError
        If the parties of the ballot got more than all votes, or nobody is on it.
    """
    asked = on_ballot(polls[polls["candidate"].isin(official)], vote.vote_on)
    require(len(asked.candidates) > 2, vote.name, "has fewer than two parties on its ballot")
    shares = {party: official[party] for party in asked.candidates[:-1]}
    shares[OTHERS] = max(0.0, 1 - sum(shares.values()))
    require(sum(shares.values()) < 1.001, vote.name, f"shares add up to {sum(shares.values()):.3f}")
    register = {
        "election": vote.name,
        "round": 1,
        "title": vote.title,
        "country": vote.country,
        "kind": vote.kind,
        "area": vote.area,
        "system": vote.system,
        "vote_on": vote.vote_on,
        "known_at": vote.known_at,
        "n_advance": 1,
        "valid_votes": vote.valid_votes,
        "ranked": vote.unranked_because is None,
        "unranked_because": vote.unranked_because,
        "source_key": vote.source_key,
    }
    candidates = people.loc[asked.candidates, ["name", "family", "party"]].reset_index()
    outcomes = pd.DataFrame({"candidate": list(shares), "share": list(shares.values())})
    outcomes["share"] = (outcomes["share"] / outcomes["share"].sum()).round(6)
    return Member(
        tables={
            "elections": pd.DataFrame([register]),
            "candidates": candidates.assign(
                election=vote.name, round=1, incumbent=candidates["candidate"].eq(incumbent or "")
            ),
            "outcomes": outcomes.round({"share": 6}).assign(
                election=vote.name, round=1, source_key=vote.source_key
            ),
            "polls": asked.polls[POLL_COLUMNS].assign(election=vote.name, round=1),
        },
        refused=asked.refused,
    )


def tables_of(members: Iterable[Member]) -> tuple[dict[str, pd.DataFrame], Counter[str]]:
    """The long tables of a collection, and the polls left out, by reason."""
    made = list(members)
    names = ("elections", "candidates", "outcomes", "polls")
    tables = {
        name: pd.concat([one.tables[name].dropna(axis=1, how="all") for one in made])
        for name in names
    }
    refused: Counter[str] = Counter()
    for one in made:
        refused.update(one.refused)
    return tables, refused


def counted(reasons: Mapping[str, int]) -> str:
    """Reasons with their counts, in the order of the alphabet, without those of nothing.

    Examples
    --------
    >>> counted({"no date": 2, "a twin": 1, "no party": 0}), counted({})
    ('a twin: 1; no date: 2', 'none')
    """
    return "; ".join(f"{reason}: {n}" for reason, n in sorted(reasons.items()) if n) or "none"


def _within(polls: pd.DataFrame, vote_on: pd.Timestamp, days: int) -> pd.Series:
    """Which rows were public on the eve, those dated by rule under the shortest lag of tasks."""
    public = polls["published_on"]
    if "basis" in polls:
        soonest = polls["fieldwork_end"] + pd.Timedelta(days=SHORTEST_LAG_DAYS)
        public = public.where(polls["basis"] == "stated", soonest)
    return (public < vote_on) & (public >= vote_on - pd.Timedelta(days=days))


def _polls(rows: pd.DataFrame) -> int:
    return int(rows["poll_id"].nunique())
