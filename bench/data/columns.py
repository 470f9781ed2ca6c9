"""The columns of every table, of one election or of many: kind, range and meaning, said once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Kind = Literal["text", "date", "count", "number", "flag"]
# a member is a slug, or several with strokes between: de2021, us2016/president/wi
MEMBER = re.compile(r"[a-z][a-z0-9_]{0,59}(/[a-z0-9_]{1,59}){0,3}")
MEMBER_WORDS = "words such as de2021 or us2016/president/wi (a to z, 0 to 9, _, and / between)"
KINDS = (
    "parliament",
    "president",
    "senate",
    "governor",
    "house",
    "state_parliament",
    "european",
    "referendum",
)
SYSTEMS = (
    "proportional",
    "plurality",
    "two_round",
    "mixed",
    "ranked",
    "electoral_college",
    "majority",
)
# words of licences, SPDX identifiers among them; facts have no author
LICENCES = (
    "facts",
    "CC0-1.0",
    "CC-BY-3.0",
    "CC-BY-4.0",
    "CC-BY-SA-3.0",
    "CC-BY-SA-4.0",
    "MIT",
    "GPL-2.0-or-later",
    "GPL-3.0-only",
    "GPL-3.0-or-later",
    "ODbL-1.0",
    "OGL-UK-3.0",
    "OPL-UK-3.0",
    "etalab-2.0",
    "dl-de-by-2.0",
    "dl-de-zero-2.0",
    "public-domain",
)


# columns that people keep beside figures; accepted in any table, and not read
NOTES = ("comment", "comments", "link", "margin_of_error", "note", "notes", "url")


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: what it may hold, and what it means."""

    kind: Kind
    meaning: str
    empty: bool = False
    least: float | None = None
    most: float | None = None
    among: tuple[str, ...] = ()

    @property
    def accepted(self) -> str:
        """What a cell may hold, in words, for error messages."""
        if self.among:
            return f"one of {', '.join(self.among)}"
        if self.kind == "flag":
            return "true or false"
        if self.kind == "date":
            return "a date such as 2017-04-21 or 2017-04-21T18:00:00"
        if self.kind == "text":
            return "text"
        if (self.least, self.most) == (0, 1):
            return "a fraction, at least 0 and at most 1 (not percent), with a decimal point"
        bounds = {"at least": self.least, "at most": self.most}
        said = " and ".join(f"{word} {of:g}" for word, of in bounds.items() if of is not None)
        if self.kind == "count":
            return f"a whole number {said} (12000, neither 12.000 nor 12,000)".replace("  ", " ")
        return f"a number {said} with a decimal point, not a comma".replace("  ", " ")


def text(meaning: str, *, empty: bool = False, among: tuple[str, ...] = ()) -> Column:
    """A column of words."""
    return Column(kind="text", meaning=meaning, empty=empty, among=among)


def date(meaning: str, *, empty: bool = False) -> Column:
    """A column of local times."""
    return Column(kind="date", meaning=meaning, empty=empty)


def count(meaning: str, *, empty: bool = False, least: float = 0) -> Column:
    """A column of whole numbers."""
    return Column(kind="count", meaning=meaning, empty=empty, least=least)


def fraction(meaning: str, *, empty: bool = False) -> Column:
    """A column of fractions, 0 to 1."""
    return Column(kind="number", meaning=meaning, empty=empty, least=0, most=1)


@dataclass(frozen=True, kw_only=True)
class Respondents:
    """What a group of respondents answered, for the rules on small groups (`bench.data.schema`).

    Attributes
    ----------
    within : tuple of str
        Columns that tell one group from another.
    people : tuple of str
        Columns that count it; none where no figure is published.
    answers : tuple of str
        Columns of fractions.
    crossed : tuple of str
        Counts of people in a cell that crosses opinion with groups.
    """

    within: tuple[str, ...]
    people: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    crossed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Table:
    """One evidence table: its columns, its key, and the pairs of dates that must be in order.

    `versions` are columns that a file may have: `corrected_on` tells several versions of a row
    apart and joins the key, `withdrawn_on` ends one. `beside` are further ones, which are not
    read. `respondents` says what the answers of one group of respondents are and who counts it;
    official counts of votes have none.
    """

    columns: dict[str, Column]
    key: tuple[str, ...]
    ordered: tuple[tuple[str, str], ...] = ()
    sums_within: tuple[str, ...] = ()
    versions: dict[str, Column] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    respondents: Respondents | None = None

    def having(self, present: Collection[str]) -> Table:
        """The same table with those optional columns that a file has.

        Examples
        --------
        >>> TABLES["polls"].having(["poll_id", "corrected_on"]).key
        ('poll_id', 'candidate', 'corrected_on')
        >>> TABLES["polls"].having(["poll_id"]).key
        ('poll_id', 'candidate')
        """
        found = {name: column for name, column in self.versions.items() if name in present}
        apart = [name for name in found if name == "corrected_on"]
        return replace(self, columns=self.columns | found, key=(*self.key, *apart))


ROUND = Column(kind="count", meaning="round of the election", least=1, most=2)
_KNOWN = date("moment at which the row became public, local time")
_VERSIONS = {
    "corrected_on": date(
        "moment at which this version became public; empty in the first version, whose "
        "published_on the later ones repeat",
        empty=True,
    ),
    "withdrawn_on": date(
        "moment at which its publisher took this version back; empty if it stands", empty=True
    ),
}
_IN_ORDER = (
    ("published_on", "corrected_on"),
    ("published_on", "withdrawn_on"),
    ("corrected_on", "withdrawn_on"),
)
_HELD = date(
    "moment from which somebody could have had it; earlier than or equal to published_on, and "
    "earlier where it was compiled or released later"
)

CANDIDATES = Table(
    columns={
        "candidate": text("slug"),
        "name": text("full name"),
        "family": text("political family, from the party alone"),
        "party": text("party or label", empty=True),
        "incumbent": Column(kind="flag", meaning="holds the office"),
    },
    key=("candidate",),
)

CANDIDACIES = Table(
    columns={
        "candidate": text("slug"),
        "status": text("what became of the candidacy", among=("declared", "withdrawn")),
        "published_on": _KNOWN,
        "basis": text("stated by the source, or set by rule", among=("stated", "rule")),
        "source": text("where it stands", empty=True),
    },
    key=("candidate", "published_on"),
)

SLATES = Table(
    columns={"slate": text("name of the ballot"), "candidate": text("slug")},
    key=("slate", "candidate"),
)

NATIONAL = Table(
    columns={
        "round": ROUND,
        "candidate": text("slug"),
        "votes": count("valid votes"),
    },
    key=("round", "candidate"),
    beside=("share",),
)

DEPARTEMENTS = Table(
    columns={
        "round": ROUND,
        "area": text("official code"),
        "candidate": text("slug"),
        "votes": count("valid votes"),
    },
    key=("round", "area", "candidate"),
    beside=("registered", "voters", "valid"),
)

# surveys that a simulated electorate is calibrated on; no forecast sees them
APPROVALS_BY_VOTE = Table(
    columns={
        "declared_vote": text("slug; for whom the volunteers said they voted"),
        "ballots": count("volunteers who said so"),
        "candidate": text("slug"),
        "approvals": count("of these, who approve of the candidate"),
    },
    key=("declared_vote", "candidate"),
    respondents=Respondents(within=("declared_vote",), people=("ballots",)),
)

VOTE_BY_GROUP = Table(
    columns={
        "variable": text("age, sex, occupation …"),
        "group": text("group of that variable"),
        "candidate": text("slug"),
        "share": fraction("fraction of the votes of the group", empty=True),
        "source": text("where the figure stands", empty=True),
    },
    key=("variable", "group", "candidate"),
    respondents=Respondents(within=("variable", "group"), answers=("share",)),
)

TABLES: dict[str, Table] = {
    "polls": Table(
        columns={
            "poll_id": text("one poll"),
            "round": ROUND,
            "institute": text("who made the poll"),
            "sponsor": text("who paid; several with ; between", empty=True),
            "mode": text("how people were asked; several with `and` between", empty=True),
            "fieldwork_start": date("first day of interviews", empty=True),
            "fieldwork_end": date("last day of interviews"),
            "published_on": _KNOWN,
            "basis": text("stated by the source, or set by rule", among=("stated", "rule")),
            "sample_size": count("people interviewed", empty=True, least=1),
            "sample_expressed": count("people who stated a vote", empty=True, least=1),
            "base": text("whom the shares describe", empty=True),
            "rolling": Column(kind="flag", meaning="one day of a rolling poll"),
            "candidate": text("slug"),
            "share": fraction("fraction of the stated votes"),
            "source": text("where the figure stands", empty=True),
        },
        key=("poll_id", "candidate"),
        ordered=(
            ("fieldwork_start", "fieldwork_end"),
            ("fieldwork_end", "published_on"),
            *_IN_ORDER,
        ),
        sums_within=("poll_id",),
        versions=_VERSIONS,
        respondents=Respondents(
            within=("poll_id",), people=("sample_size", "sample_expressed"), answers=("share",)
        ),
        beside=("hypothesis",),
    ),
    "ratings": Table(
        columns={
            "source": text("app or ballot"),
            "round": ROUND,
            "day": date("day rated"),
            "candidate": text("slug"),
            "favourable": fraction("fraction favourable", empty=True),
            "unfavourable": fraction("fraction unfavourable", empty=True),
            "n": count("raters", empty=True),
            "published_on": _KNOWN,
            "held_on": _HELD,
            "provenance": text("where the figure stands", empty=True),
        },
        key=("source", "round", "day", "candidate"),
        ordered=(("held_on", "published_on"),),
        respondents=Respondents(
            within=("source", "round", "day"), people=("n",), answers=("favourable",)
        ),
    ),
    "online_ballot": Table(
        columns={
            "source": text("the ballot"),
            "day": date("last day counted"),
            "candidate": text("slug"),
            "declared_votes": count("volunteers who declared this vote"),
            "approvals": count("volunteers who approve of the candidate"),
            "ballots": count("ballots cast in all"),
            "published_on": _KNOWN,
            "held_on": _HELD,
        },
        key=("source", "day", "candidate"),
        ordered=(("held_on", "published_on"),),
        respondents=Respondents(within=("source", "day"), people=("ballots",)),
    ),
    "approvals": Table(
        columns={
            "place": text("commune or website where people cast approval ballots"),
            "candidate": text("slug"),
            "approvals": count("ballots that approve of the candidate"),
            "ballots": count("approval ballots cast there", least=1),
            "share": fraction("fraction of the votes there, of the candidates listed"),
            "basis": text(
                "official count of the stations, or declared by those who cast the ballots",
                among=("official", "declared"),
            ),
            "published_on": _KNOWN,
            "source": text("where the figures stand", empty=True),
        },
        key=("place", "candidate"),
        sums_within=("place",),
        respondents=Respondents(within=("place",), people=("ballots",), answers=("share",)),
    ),
    "app_support": Table(
        columns={
            "source": text("the app"),
            "round": ROUND,
            "day": date("day counted"),
            "account_age_days": count("age of the youngest account in the cohort"),
            "age": text("age group that users state"),
            "sex": text("sex that users state"),
            "past_vote": text("vote at the election before, as users recall it"),
            "candidate": text("slug; the users' choice"),
            "users": count("users of the group who choose the candidate, each once"),
            "votes": count("votes they gave, several per user where votes are earned"),
            "published_on": _KNOWN,
            "held_on": _HELD,
        },
        key=("source", "round", "day", "account_age_days", "age", "sex", "past_vote", "candidate"),
        ordered=(("held_on", "published_on"),),
        respondents=Respondents(within=("source", "day"), crossed=("users",)),
    ),
    "quotas": Table(
        columns={
            "variable": text("age, sex, past_vote …"),
            "group": text("group of that variable"),
            "share": fraction("fraction of the voters"),
            "published_on": _KNOWN,
            "source": text("where the figure stands", empty=True),
        },
        key=("variable", "group", "published_on"),
    ),
    "buzz": Table(
        columns={
            "day": date("day measured"),
            "source": text("who measured"),
            "community": text("whose posts, or which region", empty=True),
            "candidate": text("slug", empty=True),
            "measure": text("what was counted"),
            "value": Column(kind="number", meaning="the count or fraction", least=0),
            "published_on": _KNOWN,
            "held_on": _HELD,
        },
        key=("day", "source", "community", "candidate", "measure"),
        ordered=(("held_on", "published_on"),),
    ),
    "post_profiles": Table(
        columns={
            "source": text("who counted"),
            "day": date("last day counted"),
            "sample": text(
                "labelled by people, or all other posts", among=("labelled", "unlabelled")
            ),
            "category": text(
                "what labelled posts express: the slug of a candidate, or another word such as "
                "none; empty in the unlabelled sample",
                empty=True,
            ),
            "profile": text("y or n for every word of one list: whether the posts hold it"),
            "posts": count("posts with this profile"),
            "authors": count("their authors, each once", empty=True),
            "published_on": _KNOWN,
            "held_on": _HELD,
        },
        key=("source", "day", "sample", "category", "profile"),
        ordered=(("held_on", "published_on"),),
        respondents=Respondents(within=("source", "day"), crossed=("posts", "authors")),
    ),
    "claims": Table(
        columns={
            "publisher": text("who published"),
            "round": ROUND,
            "day": date("day measured"),
            "published_on": _KNOWN,
            "candidate": text("slug"),
            "share": fraction("the figure, a fraction", empty=True),
            "rank": count("place claimed", empty=True, least=1),
            "quantity": text("what the figure measures"),
            "basis": text("quoted, derived or rank_only", among=("quoted", "derived", "rank_only")),
            "source": text("where the figure stands", empty=True),
        },
        key=("publisher", "round", "published_on", "candidate", "quantity"),
        ordered=(("held_on", "published_on"), *_IN_ORDER),
        versions=_VERSIONS | {"held_on": replace(_HELD, empty=True)},
    ),
    "transfers": Table(
        columns={
            "survey": text("which survey"),
            "published_on": _KNOWN,
            "kind": text("declared before, surveyed after, or estimated"),
            "from_candidate": text("slug, first round"),
            "to": text("slug, abstention, blank_null or not_expressed"),
            "share": fraction("fraction of the first-round voters of from_candidate"),
            "basis": text("quoted or complement"),
            "source": text("where the figure stands", empty=True),
        },
        key=("survey", "published_on", "kind", "from_candidate", "to"),
        respondents=Respondents(
            within=("survey", "published_on", "kind", "from_candidate"), answers=("share",)
        ),
    ),
    "areas": Table(
        columns={
            "level": text("departement, commune …"),
            "area": text("official code"),
            "variable": text("what is measured"),
            "value": Column(kind="number", meaning="in the unit of `unit`", empty=True),
            "unit": text("share, euros …"),
            "vintage": text("period described"),
            "published_on": _KNOWN,
        },
        key=("level", "area", "variable", "vintage"),
    ),
}

_ELECTION = text("name of the election")
_SOURCE = text("key of a source of collection.yaml")


def _of_many(table: Table) -> Table:
    """A table of one election as it stands in a collection."""
    return replace(
        table,
        columns={"election": _ELECTION, **table.columns, "source_key": _SOURCE},
        key=("election", *table.key),
        sums_within=("election", *table.sums_within) if table.sums_within else (),
        respondents=table.respondents
        and replace(table.respondents, within=("election", *table.respondents.within)),
    )


REGISTER: Mapping[str, Table] = {
    "elections": Table(
        columns={
            "election": _ELECTION,
            "round": ROUND,
            "title": text("title in English"),
            "country": text("ISO 3166 code of two letters"),
            "kind": text("what is elected", among=KINDS),
            "area": text("part of the country that votes; empty if all of it does", empty=True),
            "system": text("how votes become seats", among=SYSTEMS),
            "vote_on": date("day of the vote"),
            "known_at": date("moment from which the outcome is public, local time"),
            "polls_until": date("last moment at which the law allowed polls", empty=True),
            "seats": count("how many candidates get through; 1: who comes first", least=1),
            "valid_votes": count("valid votes on the ballot", empty=True, least=1),
            "ranked": Column(kind="flag", meaning="may count in a ranking of methods"),
            "unranked_because": text("why it may not; empty if it may", empty=True),
            "source_key": _SOURCE,
        },
        key=("election", "round"),
        ordered=(("vote_on", "known_at"), ("polls_until", "known_at")),
    ),
    "candidates": Table(
        columns={"election": _ELECTION, "round": ROUND, **CANDIDATES.columns},
        key=("election", "round", "candidate"),
    ),
    "outcomes": Table(
        columns={
            "election": _ELECTION,
            "round": ROUND,
            "candidate": text("slug"),
            "votes": count("valid votes; empty where only shares are known", empty=True),
            "share": fraction("fraction of the valid votes of the ballot"),
            "source_key": _SOURCE,
        },
        key=("election", "round", "candidate"),
    ),
    "area_outcomes": Table(
        columns={
            "election": _ELECTION,
            "round": ROUND,
            "level": text("kind of area, such as constituency"),
            "area": text("official code, or a slug of its name"),
            "candidate": text("slug"),
            "votes": count("valid votes; empty where only shares are known", empty=True),
            "share": fraction("fraction of those of the area; empty where votes tell", empty=True),
            "source_key": _SOURCE,
        },
        key=("election", "round", "level", "area", "candidate"),
    ),
}
COLLECTION_TABLES: Mapping[str, Table] = {
    **REGISTER,
    **{name: _of_many(table) for name, table in TABLES.items()},
}
