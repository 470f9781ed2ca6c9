"""What tables, figures and page have to say about a run: this file holds `RunFacts`."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core.errors import DataError


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """One election, one round, one date, and the official outcome, in words and numbers.

    Parameters
    ----------
    election
        Key of the election in the long tables, e.g. ``"fr2017"``.
    name
        The same in words, e.g. ``"French presidential election of 2017"``.
    round
        1 or 2.
    as_of
        Moment at which evidence was cut (local time, no zone).
    vote_on
        Day of the vote.
    outcome
        Official share of the valid votes, fraction 0 to 1, indexed by candidate; sums to 1.
    names
        Display name of each candidate.
    families
        Political family of each candidate (colours follow it).
    qualifiers
        Candidates who qualified (first round) or won (runoff), in order of votes.
    seats
        How many qualify: 2 in a first round, 1 in a runoff.
    title
        Heading of tables and page.
    source
        One line that names the sources of evidence and outcome.
    ballots
        Ballot key of the long tables to its description in words.
    ranked_by
        How the candidates that are ranked on were chosen; empty where it is the whole ballot.
    n_polls, n_polls_by_rule, n_questions
        Polls of the round that were public at `as_of`, how many of them are dated by a rule and
        not by their source, and how many slates they tested; None where nobody counted.
    retrospective
        Whether other elections were given whole, later ones too, also to what is learned.
    reference
        Predictor against which skill is counted.
    scenario, dose
        The cell of the long tables that the headline shows.
    manifest
        Versions, checksums, settings and seeds, nested mappings and lists of text and numbers.
    comparisons
        Sentences on significance, ready to print.
    audit
        Predictor to the verdict of the look-ahead audit, in a word or two, e.g. ``"passed"``.
    cite
        How to cite the tables.
    area_outlines
        GeoJSON of the areas (property ``area``), or None.
    transitions
        Vote transfers: predictor, from_candidate, to, share (fraction of the origin's voters);
        optional `lower`, `upper`. None where there are none.
    """

    election: str
    name: str
    round: int
    as_of: pd.Timestamp
    vote_on: pd.Timestamp
    outcome: pd.Series
    names: Mapping[str, str]
    families: Mapping[str, str]
    qualifiers: tuple[str, ...]
    seats: int
    title: str
    source: str
    ballots: Mapping[str, str]
    ranked_by: str = ""
    n_polls: int | None = None
    n_polls_by_rule: int = 0
    n_questions: int = 0
    retrospective: bool = False
    reference: str = "last_election"
    scenario: str = "none"
    dose: float = 0.0
    manifest: Mapping[str, Any] = field(default_factory=dict)
    comparisons: tuple[str, ...] = ()
    audit: Mapping[str, str] = field(default_factory=dict)
    cite: str = ""
    area_outlines: Path | None = None
    transitions: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        on_ballot = set(self.outcome.index)
        for what, keys in (("name", set(self.names)), ("family", set(self.families))):
            if on_ballot - keys:
                raise DataError(
                    f"no {what} for candidate {sorted(on_ballot - keys)} of {self.election}; "
                    f"known: {sorted(keys)}; add the row to candidates.csv"
                )
        total = float(self.outcome.sum(skipna=False))
        if not abs(total - 1) < 1e-6 or bool((self.outcome < 0).any()):
            raise DataError(
                f"outcome shares of {self.election} round {self.round} sum to {total:.6g}; "
                "accepted are fractions of the valid votes, none negative, that sum to 1"
            )
        if len(self.qualifiers) != self.seats or not set(self.qualifiers) <= on_ballot:
            raise DataError(
                f"qualifiers {self.qualifiers} do not fill {self.seats} seats from the ballot "
                f"{sorted(on_ballot)}; name exactly {self.seats} of its candidates"
            )

    @property
    def by_votes(self) -> tuple[str, ...]:
        """Candidates from most to fewest votes; equal votes in order of the alphabet."""
        ordered = self.outcome.sort_index().sort_values(ascending=False, kind="stable")
        return tuple(map(str, ordered.index))

    @property
    def round_words(self) -> str:
        """The round in words."""
        if self.round == 2:
            return "runoff"
        return "vote" if self.seats == 1 else "first round"

    @property
    def cut(self) -> str:
        """When evidence was cut, for captions."""
        return f"{day(self.as_of)}, {self.as_of:%H:%M}"

    @property
    def ballot_keys(self) -> tuple[str, ...]:
        """Ballots of the tables, the one that is ranked on first."""
        return tuple(b for b in ("common", "full") if b in self.ballots) or ("full",)

    def name_of(self, candidate: str) -> str:
        """Display name of a candidate; the key itself where none is known."""
        return self.names.get(candidate, candidate)

    def short(self, candidate: str) -> str:
        """Surname of a candidate, for labels; the display name where the key is no surname."""
        return surname(self.name_of(candidate), candidate)


def surname(name: str, key: str) -> str:
    """The last words of a name that spell its key, or the whole name if none do.

    Examples
    --------
    >>> surname("Jean-Luc Mélenchon", "melenchon"), surname("Marine Le Pen", "le_pen")
    ('Mélenchon', 'Le Pen')
    >>> surname("Jean-Marie Le Pen", "jm_le_pen")
    'Jean-Marie Le Pen'
    """
    words = name.split()
    for start in range(len(words)):
        tail = " ".join(words[start:])
        plain = unicodedata.normalize("NFKD", tail).encode("ascii", "ignore").decode().lower()
        if re.sub(r"[^a-z0-9]+", "_", plain) == key:
            return tail
    return name


def day(moment: pd.Timestamp) -> str:
    """Write a date as in running text, whatever the locale.

    Examples
    --------
    >>> day(pd.Timestamp("2017-04-23 20:00"))
    '23 April 2017'
    """
    months = "January February March April May June July August September October November December"
    return f"{moment.day} {months.split()[moment.month - 1]} {moment.year}"
