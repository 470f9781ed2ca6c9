"""The columns of every table, of one election or of many, as `columns.csv` has them.

A row of that file is a column of a table. `role` is ``key``, ``version`` (a file may have it:
`corrected_on` tells versions of a row apart, `withdrawn_on` ends one) or ``beside`` (a file may
have it, and it is not read). `kind` is text, date, count (from 0 unless `accepts` says otherwise),
number, fraction (0 to 1) or flag. `accepts` holds words, of which ``candidate`` stands for the key
of any candidate of the election, or a range such as ``1..2``. `people` says
what a column is about one group of respondents (`Respondents`): ``within`` tells groups apart,
``people`` counts one, ``answer`` is a fraction of it, ``part`` a fraction of a whole, ``cell`` a
count of people who are alike in opinion and group; official counts of votes have none.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

Kind = Literal["text", "date", "count", "number", "flag"]
# a member is a slug, or several with strokes between: de2021, us2016/president/wi
MEMBER = re.compile(r"[a-z][a-z0-9_]{0,59}(/[a-z0-9_]{1,59}){0,3}")
MEMBER_WORDS = "words such as de2021 or us2016/president/wi (a to z, 0 to 9, _, and / between)"
# names of elections and candidates become names of files and columns
SLUG = re.compile(r"[a-z][a-z0-9_]{0,59}")
SLUG_WORDS = "a slug such as fr2017 or le_pen (a to z, 0 to 9, _; at most 60)"
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


CANDIDATE = "candidate"
OTHERS_SHARE = "others"  # of a poll, for whom no row names; only its sum is checked with it
# columns that people keep beside figures, in any capitals; accepted in any table, and not read
NOTES = (
    "comment",
    "comments",
    "link",
    "margin_of_error",
    "moe",
    "note",
    "notes",
    OTHERS_SHARE,
    "remarks",
    "url",
)


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: what it may hold, and what it means."""

    kind: Kind
    meaning: str
    empty: bool = False
    least: float | None = None
    most: float | None = None
    among: tuple[str, ...] = ()
    names_candidate: bool = False

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
        words = [f"{word} {bound:g}" for word, bound in bounds.items() if bound is not None]
        in_range = f" {' and '.join(words)}" if words else ""
        if self.kind == "count":
            return f"a whole number{in_range} (12000, neither 12.000 nor 12,000)"
        return f"a number{in_range} with a decimal point, not a comma"


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
    """One table: its columns, its key, and what a file may hold beside (`bench.data.columns`).

    `sums_within` are the columns within which shares sum to 1 at most (those of `quantity`
    ``vote_share`` where there is such a column); `respondents` says what the answers of one group
    of respondents are and who counts it; `ignored` are columns that a file may have and that are
    not read.
    """

    columns: dict[str, Column]
    key: tuple[str, ...]
    sums_within: tuple[str, ...] = ()
    versions: dict[str, Column] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
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
        versions = {name: column for name, column in self.versions.items() if name in present}
        key = self.key
        if "corrected_on" in versions:
            key = (*key, "corrected_on")
        return replace(self, columns=self.columns | versions, key=key)

    def of_many(self) -> Table:
        """The same table as it stands in a collection, about many elections."""
        elections = KNOWN["elections"].columns
        group = self.respondents
        return replace(
            self,
            columns={
                "election": elections["election"],
                **self.columns,
                "source_key": elections["source_key"],
            },
            key=("election", *self.key),
            sums_within=self.sums_within and ("election", *self.sums_within),
            respondents=group and replace(group, within=("election", *group.within)),
        )


def _column(row: Mapping[str, str]) -> Column:
    kind: Any = row["kind"]
    accepts = row["accepts"] or {"count": "0..", "fraction": "0..1"}.get(kind, "")
    minimum, dots, maximum = accepts.partition("..")
    words = () if dots else tuple(accepts.split())
    return Column(
        kind="number" if kind == "fraction" else kind,
        meaning=row["meaning"],
        empty=bool(row["empty"]),
        least=float(minimum) if dots and minimum else None,
        most=float(maximum) if maximum else None,
        among=tuple(word for word in words if word != CANDIDATE),
        names_candidate=row["column"] == CANDIDATE or CANDIDATE in words,
    )


def _table(rows: list[dict[str, str]]) -> Table:
    def having(field: str, *words: str) -> tuple[str, ...]:
        return tuple(row["column"] for row in rows if row[field] in words)

    columns = {row["column"]: _column(row) for row in rows if row["kind"]}
    within = having("people", "within")
    key = having("role", "key")
    sums_within: tuple[str, ...] = ()
    if having("people", "part"):
        sums_within = within or tuple(name for name in key if name != CANDIDATE)
    respondents = Respondents(
        within=within,
        people=having("people", "people"),
        answers=having("people", "answer", "part"),
        crossed=having("people", "cell"),
    )
    return Table(
        columns={name: columns[name] for name in having("role", "", "key")},
        key=key,
        sums_within=sums_within,
        versions={name: columns[name] for name in having("role", "version")},
        ignored=having("role", "beside"),
        respondents=respondents if within else None,
    )


_ROWS = list(csv.DictReader(Path(__file__).with_suffix(".csv").read_text("utf-8").splitlines()))
KNOWN: Mapping[str, Table] = {
    name: _table(list(rows)) for name, rows in groupby(_ROWS, lambda row: row["table"])
}
"""Every table by name."""
EVIDENCE = (
    *("polls", "ratings", "online_ballot", "approvals", "app_support", "quotas", "buzz"),
    *("duels", "post_profiles", "claims", "transfers", "areas"),
)
TABLES = {name: KNOWN[name] for name in EVIDENCE}
CANDIDATES, CANDIDACIES, SLATES = KNOWN["candidates"], KNOWN["candidacies"], KNOWN["slates"]
NATIONAL, DEPARTEMENTS = KNOWN["national"], KNOWN["departements"]
KINDS, SYSTEMS = (KNOWN["elections"].columns[name].among for name in ("kind", "system"))
_OF_ROUND = {name: KNOWN["elections"].columns[name] for name in ("election", "round")}
COLLECTION_TABLES: Mapping[str, Table] = {
    "elections": KNOWN["elections"],
    "candidates": Table(columns=_OF_ROUND | CANDIDATES.columns, key=(*_OF_ROUND, *CANDIDATES.key)),
    "outcomes": KNOWN["outcomes"],
    "area_outcomes": KNOWN["area_outcomes"],
    **{name: table.of_many() for name, table in TABLES.items()},
}
IN_ORDER = (
    *(("fieldwork_start", "fieldwork_end"), ("fieldwork_end", "published_on")),
    *(("published_on", "corrected_on"), ("published_on", "withdrawn_on")),
    *(("corrected_on", "withdrawn_on"), ("available_on", "published_on")),
    *(("vote_on", "known_at"), ("polls_until", "known_at")),
    ("day", "published_on"),
)
"""Pairs of dates of which the first is not after the second, in any table that has both."""
