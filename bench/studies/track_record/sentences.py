"""What the record says of every pair, in sentences made from its tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bench.core.language import N_, _, in_form, listed, ngettext
from bench.report.formatting import MISSING, format_fixed
from bench.studies.track_record.estimates import MEASURES, OTHER_POLLS, STRATA

Row = Mapping[Any, Any]
LEVEL = 0.05
VERDICTS = {
    "better": N_("better"),
    "equivalent": N_("equivalent"),
    "worse": N_("worse"),
    "not_enough": N_("not enough information"),
}
KINDS = {  # by kind of claim and stratum
    ("shares", "two"): N_("Vote shares in races of two, error beside the {against}"),
    ("shares", "more"): N_("Vote shares on ballots of more than two, error beside the {against}"),
    ("polls", "two"): N_("Single polls in races of two, error beside the other polls of the race"),
    ("polls", "more"): N_(
        "Single polls on ballots of more than two, error beside the other polls of the vote"
    ),
    ("map", "two"): N_("Maps in races of two, error by area beside “{base}”"),
    ("map", "more"): N_("Maps on ballots of more than two, error by area beside “{base}”"),
    ("draws", "two"): N_("Draws in races of two, CRPS beside the {against}"),
    ("draws", "more"): N_("Draws on ballots of more than two, CRPS beside the {against}"),
    ("chances", "two"): N_(
        "Chances of winning races of two, Brier score beside the {against}, races in common"
    ),
    ("chances", "more"): N_(
        "Chances of coming first on ballots of more than two, Brier score beside the {against}, "
        "events in common"
    ),
    ("hindsight", "two"): N_("Compiled after the vote, never ranked: races of two"),
    ("hindsight", "more"): N_("Compiled after the vote, never ranked: ballots of more than two"),
}
MEASURED = {"crps": N_("CRPS"), "squared_error": N_("squared error")}


@dataclass(frozen=True, kw_only=True)
class Words:
    """What tables, sentences and figures of the record are told in.

    Attributes
    ----------
    labels : dict of str to str
        By family and kind of poll, in order.
    reference, base : str
        The family with which the others are compared; that with which maps are.
    title, source : str
        Heading; where evidence and outcome come from.
    """

    labels: dict[str, str]
    reference: str
    base: str
    title: str
    source: str

    @property
    def against(self) -> str:
        """The reference in a sentence."""
        return self.within(self.reference)

    def within(self, family: str) -> str:
        """A family within a sentence."""
        return self.labels[family].lower()

    def pair(self, row: Row) -> str:
        """A row in a list of those that are beside one family."""
        usual = {"polls": OTHER_POLLS, "map": self.base}.get(row["kind"], self.reference)
        if row["other"] == usual:
            return self.labels[row["family"]]
        return _(
            "{family} beside “{other}”",
            family=self.labels[row["family"]],
            other=self.within(row["other"]),
        )

    def kind(self, kind: str, stratum: str) -> str:
        """What is compared with what, in which kind of vote."""
        base = self.labels.get(self.base, "").lower()
        return _(KINDS[kind, stratum], against=self.against, base=base)


def ratio_cell(row: Row, value: str = "ratio", low: str = "low", high: str = "high") -> str:
    """A ratio with its interval, for a table.

    Examples
    --------
    >>> ratio_cell({"a": 1.234, "l": 1.1, "h": 1.4}, "a", "l", "h")
    '1.23 (1.10–1.40)'
    """
    if row.get(value) is None or not math.isfinite(row[value]):
        return MISSING
    if row.get(low) is None or row[low] != row[low]:
        return in_form(f"{row[value]:.2f}")
    return in_form(f"{row[value]:.2f} ({row[low]:.2f}–{row[high]:.2f})")


COUNTED: Mapping[str, Callable[[int], str]] = {
    "country": lambda n: ngettext("{n:,} country", "{n:,} countries", n),
    "day": lambda n: ngettext("{n:,} day", "{n:,} days", n),
    "election day": lambda n: ngettext("{n:,} election day", "{n:,} election days", n),
    "vote": lambda n: ngettext("{n:,} vote", "{n:,} votes", n),
}


def counted(n: int, noun: str) -> str:
    """A number and its noun, one of `COUNTED`.

    Examples
    --------
    >>> counted(1, "country"), counted(1200, "vote"), counted(2, "country")
    ('1 country', '1,200 votes', '2 countries')
    """
    return COUNTED[noun](n)


def findings(tables: Mapping[str, pd.DataFrame], words: Words, main_day: int) -> tuple[str, ...]:
    """The record in a few sentences, each pair with its interval."""
    pairs = tables["pairs"]
    return (
        _claim(pairs, words, main_day),
        _extent(tables["extent"]),
        *of_kinds(pairs, words),
        *_sensitivity(tables["sensitivity"], words),
    )


def _claim(pairs: pd.DataFrame, words: Words, main_day: int) -> str:
    """Whether any family was better than the reference."""
    shares = pairs[pairs["measure"].eq("mae") & pairs["kind"].eq("shares")]
    better = shares[shares["other"].eq(words.reference) & shares["verdict"].eq("better")]
    said = {"when": _when(main_day), "against": words.against}
    if better.empty:
        return _(
            "{when}, no kind of method has been shown to be better than the {against}, neither in "
            "races of two nor on ballots of more.",
            **said,
        )
    names = [
        f"{words.within(row['family'])} ({_(STRATUM[row['stratum']])})"
        for row in better.to_dict("records")
    ]
    return _("{when}, better than the {against}: {names}.", names=listed(names), **said)


STRATUM = {"two": N_("races of two"), "more": N_("ballots of more than two")}


def _when(days: int) -> str:
    if days == 0:
        return _("On the day of the vote, before the count")
    return _("{days} before the vote", days=counted(days, "day"))


def _extent(extent: pd.DataFrame) -> str:
    """On how much the record rests."""
    whole = extent[extent["stratum"].eq("all")].iloc[0]
    of = extent[extent["country"].eq("all")].set_index("stratum")["votes"]
    most = extent[extent["country"].ne("all")].sort_values("votes", kind="stable").iloc[-1]
    return _(
        "This rests on {days} and {votes} in {countries}, {first} to {last}: {two:,} races of two "
        "candidates, of which no number is pooled with the {more:,} ballots of more. {n:,} are "
        "{what} in one country ({country}). The votes of one country and day count as one.",
        days=counted(int(whole["days"]), "election day"),
        votes=counted(int(whole["votes"]), "vote"),
        countries=counted(int(whole["countries"]), "country"),
        first=whole["first_on"][:4],
        last=whole["last_on"][:4],
        two=int(of.get("two", 0)),
        more=int(of.get("more", 0)),
        n=int(most["votes"]),
        what=_(STRATUM[most["stratum"]]),
        country=most["country"],
    )


def of_kinds(pairs: pd.DataFrame, words: Words) -> list[str]:
    """One sentence per kind of claim and of vote: the pairs by verdict."""
    lines = []
    for kind, measures in MEASURES.items():
        for stratum in STRATA:
            mine = pairs[pairs["kind"].eq(kind) & pairs["stratum"].eq(stratum)]
            main = mine[mine["measure"].eq(measures[0])].sort_values("ratio", kind="stable")
            others = mine[mine["measure"].isin(list(MEASURED))]
            groups = [
                f"{_(verdict)}: "
                + _("; ").join(_of_pair(row, others, words) for row in rows.to_dict("records"))
                for key, verdict in VERDICTS.items()
                if len(rows := main[main["verdict"].eq(key)])
            ]
            if groups:
                what = words.kind(kind, stratum)
                lines.append(
                    _("{what}. {groups}.", what=what, groups=". ".join(map(_capital, groups)))
                )
    return lines


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _of_pair(row: Row, others: pd.DataFrame, words: Words) -> str:
    """A pair with its ratio and extent, and what other measures judge otherwise."""
    same = others["family"].eq(row["family"]) & others["other"].eq(row["other"])
    differ = others[same & others["verdict"].ne(row["verdict"])]
    more = [
        _(
            "{measure} {ratio}: {verdict}",
            measure=_(MEASURED[one["measure"]]),
            ratio=ratio_cell(one),
            verdict=_(VERDICTS[one["verdict"]]),
        )
        for one in differ.to_dict("records")
        if row["measure"] == "mae"
    ]
    if row["verdict"] in ("better", "worse") and row["p_holm"] > LEVEL:
        more.append(
            _(
                "p {p} after Holm's adjustment for {n} pairs",
                p=format_fixed(row["p_holm"], 2),
                n=int(row["tests"]),
            )
        )
    extent = [
        counted(row["days"], "election day"),
        counted(row["votes"], "vote"),
        counted(row["countries"], "country"),
    ]
    return f"{words.pair(row)} {ratio_cell(row)} [{', '.join([*extent, *more])}]"


def _sensitivity(found: pd.DataFrame, words: Words) -> list[str]:
    """What the verdicts hang on."""
    lines = []
    if len(unlike := found[found["interaction_p"] < LEVEL]):
        lines.append(
            _(
                "The ratio is not the same in every country (F test, p below .05) for {pairs}: "
                "each number is a mean over these election days and no constant.",
                pairs=listed(_pairs(unlike, words)),
            )
        )
    clustered = found[found["clustered_low"].notna()]
    if len(clustered):
        moved = clustered[clustered["clustered_verdict"].ne(clustered["verdict"])]
        lines.append(
            _(
                "By country instead of day {n} pairs have an interval, and the verdict changes for "
                "{pairs}.",
                n=len(clustered),
                pairs=listed(_pairs(moved, words)) or _("none of them"),
            )
        )
    return lines


def _pairs(rows: pd.DataFrame, words: Words) -> list[str]:
    return [
        f"{words.pair({**row, 'kind': 'shares'}).lower()} ({_(STRATUM[row['stratum']])})"
        for row in rows.to_dict("records")
    ]
