"""Nothing that ships names one person only, or those alone who got through, to a method.

What was public is worked out here from the raw tables, and whom a row names from any of its texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd
import pytest

from bench.data.columns import TABLES
from bench.data.election import Election, election_names, folder_names, load_election
from bench.data.evidence import ABOUT_PEOPLE, evidence_for
from bench.data.tables import outcome_of, polls_of, table_of

pytestmark = pytest.mark.golden

OWNERS = {"claims": "publisher", "transfers": "survey", "approvals": "source"}
NOBODY = "others"
FAR = pd.Timedelta(days=90)  # before a vote, when polls test people who may not stand


@dataclass(frozen=True)
class Alone:
    """A source that named one person, or only those who got through, and for how long."""

    election: str
    table: str
    round: int
    source: str
    named: str
    since: pd.Timestamp
    until: pd.Timestamp

    @property
    def key(self) -> tuple[str, str, int, str, str]:
        """What a list says of it."""
        return self.election, self.table, self.round, self.source, self.named


WITHHELD = {  # found, and no method sees it while it lasts
    ("fr2016_primary_right", "claims", 1, "google_trends", "fillon"),
    ("fr2016_primary_right", "claims", 1, "gov", "fillon"),
    ("fr2016_primary_right", "claims", 1, "vigiglobe", "fillon"),
    ("fr2016_primary_right", "claims", 1, "visibrain", "sarkozy"),
    ("fr2016_primary_right", "claims", 2, "contrepoints", "fillon"),
    ("fr2017", "buzz", 1, "press", "le_pen"),
    ("fr2017", "buzz", 2, "press", "le_pen"),
    ("fr2017", "claims", 1, "filteris", "fillon"),
    ("fr2017", "claims", 2, "dataswarm", "macron"),
    ("fr2017", "claims", 2, "leonie_hill", "le_pen"),
    ("fr2017", "claims", 2, "smi", "macron"),
    ("fr2017", "claims", 2, "unanimous_ai", "macron"),
    ("fr2017", "ratings", 1, "gov", "macron"),
    ("fr2017_primary_left", "claims", 1, "bevort_audience", "hamon"),
    ("fr2017_primary_left", "claims", 1, "communicationdiscrete", "hamon"),
    ("fr2017_primary_left", "claims", 1, "google_trends", "valls"),
    ("us2010/governor/co", "claims", 1, "538", "dem"),
    ("us2010/governor/me", "claims", 1, "538", "rep"),
    ("us2010/governor/ri", "claims", 1, "538", "rep"),
    ("us2016/president/ut", "claims", 1, "desart", "dem"),
    ("us2016/president/ut", "claims", 1, "nyt", "dem"),
    ("us2016/president/ut", "claims", 1, "pec", "dem"),
    ("us2016/president/ut", "claims", 1, "predictwise_overall", "dem"),
    ("us2018/house/ks_02", "claims", 1, "predictit", "dem"),
    ("us2018/house/ks_03", "claims", 1, "predictit", "rep"),
    ("us2018/house/mi_07", "claims", 1, "predictit", "rep"),
    ("us2018/house/ny_24", "claims", 1, "predictit", "dem"),
    ("us2018/house/wa_05", "claims", 1, "predictit", "rep"),
}
SHOWN: dict[tuple[str, str, int, str, str], str] = {
    ("fr2022", "ratings", 1, "elabe_trust", "macron"): (
        "Elabe asks about the president because he holds the office"
    ),
}
LISTS = {  # first rounds whose polls name nobody who did not stand
    "fr1981": "marked, so that its lists tell no slate",
    "fr2007": "marked, so that its lists tell no slate",
}


def named_by(rows: pd.DataFrame, people: set[str]) -> pd.Series:
    """The people that each row names, in whichever column."""
    texts = [name for name in rows if not pd.api.types.is_numeric_dtype(rows[name])]
    texts = [name for name in texts if not pd.api.types.is_datetime64_any_dtype(rows[name])]
    columns = [rows[name].astype(object) for name in texts if rows[name].isin(people).any()]
    names = zip(*(column.where(column.isin(people)) for column in columns), strict=True)
    found = [{name for name in row if isinstance(name, str)} for row in names]
    return pd.Series(found or [set()] * len(rows), index=rows.index, dtype=object)


def moments_of(rows: pd.DataFrame) -> pd.Series:
    """From when each row was public."""
    if "corrected_on" not in rows:
        return rows["published_on"]
    return rows[["published_on", "corrected_on"]].max(axis=1)


def alone_in(election: Election) -> Iterator[Alone]:
    people = set(election.people["candidate"]) - {NOBODY}
    for table in TABLES.keys() - {"polls", "areas", "quotas"}:
        rows = table_of(election, table)
        for number, this in election.rounds.items() if len(rows) else ():
            own = rows[rows["round"].eq(number)] if "round" in rows else rows
            public = moments_of(own)
            own = own[public < this.known_at]
            if own.empty:
                continue
            through: set[str] = set()
            if not this.is_open and this.n_advance > 1:
                share = outcome_of(election, number).share
                through = set(share.nlargest(this.n_advance).index)
            facts = pd.DataFrame(
                {
                    "source": own[OWNERS.get(table, "source")].astype(str),
                    "public": public[own.index],
                    "named": named_by(own, people),
                }
            )
            for source, part in facts[facts["named"].map(len) > 0].groupby("source"):
                known: set[str] = set()
                steps = [
                    (moment, known := known | set().union(*names))
                    for moment, names in part.groupby("public")["named"]
                ]
                ends = [moment for moment, _ in steps[1:]] + [this.known_at]
                for (since, names), until in zip(steps, ends, strict=True):
                    if len(names) == 1 or names == through:
                        named = " ".join(sorted(names))
                        yield Alone(election.name, table, number, str(source), named, since, until)


@pytest.fixture(scope="module")
def every() -> list[Alone]:
    return [one for name in election_names() for one in alone_in(load_election(name))]


def test_whoever_a_source_names_alone_is_withheld_or_stands_in_a_list(every: list[Alone]) -> None:
    assert {one.key for one in every} == WITHHELD | SHOWN.keys()


def test_no_method_sees_whom_a_source_names_alone(every: list[Alone]) -> None:
    assert len(every) >= len(WITHHELD)
    for one in every:
        election = load_election(one.election)
        for moment in (one.since, one.until - pd.Timedelta(minutes=1)):
            rows = evidence_for(election, one.round, moment)[one.table]
            seen = set(rows[OWNERS.get(one.table, "source")].astype(str))
            assert (one.source in seen) == (one.key in SHOWN), one
            assert one.table in ABOUT_PEOPLE


def test_lists_that_hold_only_who_stood_are_marked() -> None:
    found = set()
    for election in map(load_election, folder_names()):
        first = election.rounds[min(election.rounds)]
        polls = polls_of(election)
        early = polls[polls["round"].eq(first.number)]
        early = early[early["fieldwork_end"] < first.vote_on - FAR]
        is_of_people = election.kind in ("president", "primary") and election.country == "FR"
        if first.is_open or early.empty or not is_of_people:
            continue
        if set(early["candidate"]) <= set(first.candidates):
            found.add(election.name)
            assert first.selected_by == "outcome", election.name
    assert found == LISTS.keys()
