"""The tables of a collection: those of one election with the column `election`, and a register."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from bench.data.columns import CANDIDATES, TABLES, Column, Table, count, date, fraction, text

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

_ELECTION = text("name of the election")
_SOURCE = text("key of a source of collection.yaml")
_ROUND = Column(kind="count", meaning="round of the election", least=1, most=2)


def _of_many(table: Table) -> Table:
    """A table of one election as it stands in a collection."""
    return replace(
        table,
        columns={"election": _ELECTION, **table.columns, "source_key": _SOURCE},
        key=("election", *table.key),
        sums_within=("election", *table.sums_within) if table.sums_within else (),
    )


REGISTER: Mapping[str, Table] = {
    "elections": Table(
        columns={
            "election": _ELECTION,
            "round": _ROUND,
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
        columns={"election": _ELECTION, "round": _ROUND, **CANDIDATES.columns},
        key=("election", "round", "candidate"),
    ),
    "outcomes": Table(
        columns={
            "election": _ELECTION,
            "round": _ROUND,
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
            "round": _ROUND,
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
