"""Polls: voting intentions on every ballot and pair tested, with the moment each became public."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from bench.data.task import polled
from tools.build_datasets import last_polls, nsppolls
from tools.build_datasets.cards import Part, part
from tools.build_datasets.elections import CLOSING, LISTED_ON, Election, person
from tools.build_datasets.files import GATHERED, read_raw, require, slug
from tools.build_datasets.publication import (
    LAG_DAYS,
    LAST_EVENINGS,
    MIN_CASES,
    publication,
    sponsors,
)

RAW = "polls/fr_presidential_polls_1965_2017.csv"
PAGES = GATHERED / "polls_from_pages.csv"
"""Runoff questions that no compilation holds, from pages that state them."""

UNSOURCED = "2007-R1-unknown-2007-04-21-1"
"""A poll without institute, sample or page, dated to a day on which none could be published."""

CORRECTED = {("2007-R1-Ifop-2007-04-18-1", "Arlette Laguiller"): ("1.0", "3.0")}
"""What the compilations have wrong, and the figure of http://sondages2007.over-blog.com/article-6423705.html."""

ORDER = ["round", "fieldwork_end", "poll_id", "candidate"]
BANDS = (0.05, 0.10, 0.15, 0.20)  # of a share in the first round
MIN_LISTED = 0.70
MAX_LISTED = 1.02
MODES = {"internet": "online", "telephone (CATI, random)": "telephone_random"}
BASES = {"SV": "certain_to_vote", "I": "registered", "SVC": "certain_to_vote_and_of_choice"}


def build(source: Path, election: Election) -> Part:
    """`inputs/polls.csv` and its part of the card."""
    recent = election.year == 2022
    if recent:
        raw = nsppolls.rows(source)
    else:
        raw = read_raw(source / RAW)
        raw = raw[raw["election"].eq(str(election.year)) & raw["poll_id"].ne(UNSOURCED)]
        for (poll, who), (entered, meant) in CORRECTED.items():
            wrong = raw["poll_id"].eq(poll) & raw["candidate"].eq(who)
            right = raw.loc[wrong, "share_pct"].eq(entered).all()
            require(bool(right), RAW, f"{poll}: the error is gone, drop its correction")
            raw = raw.assign(share_pct=raw["share_pct"].mask(wrong, meant))
        raw = pd.concat([raw, from_pages(election.year)], ignore_index=True)
    twice = raw[raw.duplicated(["poll_id", "candidate"])]
    require(twice.empty, RAW, f"names a candidate twice in {twice['poll_id'].head(3).tolist()}")
    raw = raw.assign(
        round=raw["round"].astype(int),
        slug=raw["candidate"].map(person),
        share=(raw["share_pct"].astype(float) / 100).round(5),
        end=pd.to_datetime(raw["end_date"]),
    )
    kept, left_out = usable(raw, merged=not recent)
    known, basis = publication(kept, election, source)
    table = numbered(tabulated(kept, known, basis, BASES | nsppolls.BASES))
    return part(
        "polls",
        {"inputs/polls.csv": table},
        election.year,
        left_out=left_out,
        n_pages=table.loc[table["source"].str.contains("://"), "poll_id"].nunique(),
        slates=[*_slates(table, election), *_selection(table, election)],
        dates=_dates_told(table, kept, election),
        months=months(table),
        lag_days=LAG_DAYS,
        least_cases=MIN_CASES,
        last_evenings=_last_evenings(table),
        last_polls=last_polls.sentences(table, election.year),
    )


def from_pages(year: int) -> pd.DataFrame:
    """The questions of `PAGES` about one election, in the columns of the compilation."""
    table = read_raw(PAGES)
    table = table[table["year"].eq(str(year))]
    first = table["first_pct"].astype(float)
    number = (table.groupby(["institute", "end_date"]).cumcount() + 1).astype(str)
    table = table.assign(
        poll_id=table["year"]
        + "-R"
        + table["round"]
        + "-"
        + table["institute"].str.replace(" ", "")
        + "-"
        + table["end_date"]
        + "-page-"
        + number,
        hypothesis=table["first"] + "–" + table["second"],
        sample_expressed=None,
        base=None,
        institute_basis="stated",
        date_kind="end",
        rolling=None,
        notes="date " + table["published_on"] + " is the publication day",
    )
    sides = [
        table.assign(candidate=table["first"], share_pct=first),
        table.assign(candidate=table["second"], share_pct=100 - first),
    ]
    return pd.concat(sides)


def tabulated(
    kept: pd.DataFrame, known: pd.Series, basis: pd.Series, bases: dict[str, str]
) -> pd.DataFrame:
    """The table of polls, from usable rows and the moments at which they became public."""
    dates = pd.to_datetime(kept["start_date"])
    return pd.DataFrame(
        {
            "poll_id": "fr" + kept["poll_id"].map(slug),
            "round": kept["round"],
            "institute": kept["institute"],
            "sponsor": sponsors(kept),
            "mode": kept["mode"].map(MODES),
            "fieldwork_start": dates.where(dates <= kept["end"]),
            "fieldwork_end": kept["end"],
            "published_on": known,
            "basis": basis,
            "sample_size": pd.to_numeric(kept["sample_size"]).astype("Int64"),
            "sample_expressed": pd.to_numeric(kept["sample_expressed"]).astype("Int64"),
            "base": kept["base"].map(bases),
            "rolling": kept["rolling"].fillna("False").eq("True"),
            "candidate": kept["slug"],
            "share": kept["share"],
            "source": kept["source"].map(_compilations),
        }
    ).sort_values(ORDER)


def numbered(table: pd.DataFrame) -> pd.DataFrame:
    """The same with the questions put to one sample numbered by whom they name, alphabetically.

    A compilation lists first what matters most to whoever made it, who may know how the vote
    ended: in 45 of the 46 samples of 2017 that were asked about several runoffs, the pair that met
    came first.

    Examples
    --------
    >>> polls = pd.DataFrame({"poll_id": ["a_1", "a_1", "a_2", "a_2", "b_1", "b_1"], "round": 2,
    ...     "fieldwork_end": 0, "candidate": ["birch", "cedar", "ash", "birch", "birch", "cedar"]})
    >>> numbered(polls)["poll_id"].tolist()
    ['a_1', 'a_1', 'a_2', 'a_2', 'b_1', 'b_1']
    >>> numbered(polls)["candidate"].tolist()
    ['ash', 'birch', 'birch', 'cedar', 'birch', 'cedar']
    """
    asked = table.groupby("poll_id")["candidate"].agg(lambda names: "/".join(sorted(names)))
    questions = asked.reset_index().sort_values(["candidate", "poll_id"])
    old = questions["poll_id"]
    sample = old.str.replace(r"_\d+$", "", regex=True)
    number = questions.groupby(sample).cumcount() + 1
    new = dict(zip(old, old.where(sample == old, sample + "_" + number.astype(str)), strict=True))
    return table.assign(poll_id=table["poll_id"].map(new)).sort_values(ORDER)


@dataclass(frozen=True)
class RunoffQuestions:
    """Who was in a question about the runoff, of people who then stood equally.

    Attributes
    ----------
    n_moments : int
        Every 30 days back from the day on which it was known who stands.
    n_stood, n_others : int
        People who could be compared: those who stood in the end, and those who did not.
    stood, others : float
        Fractions of them in a question that was public by then (Mantel-Haenszel weights over
        moments and bands of the first round); NaN where nobody could be compared.
    """

    n_moments: int
    n_stood: int
    n_others: int
    stood: float
    others: float


def runoff_questions(
    polls: pd.DataFrame, ballot: Collection[str], until: pd.Timestamp
) -> RunoffQuestions:
    """Whether being in a question about the runoff goes with standing later.

    People are compared at one moment and within one band of their mean share in the last polls of
    the first round (`bench.data.task.polled`).

    Parameters
    ----------
    polls : pandas.DataFrame
        Of both rounds.
    ballot : collection of str
        Who stood.
    until : pandas.Timestamp
        When that was known.
    """
    rows, moment, n_moments = [], until - pd.Timedelta(minutes=1), 0
    while len(known := polls[polls["published_on"] <= moment]):
        asked = set(known.loc[known["round"] == 2, "candidate"])
        standing = polled(known[known["round"] == 1])
        if asked and len(standing):
            n_moments += 1
            band = np.digitize(standing, BANDS)
            rows += [
                (moment, at, who, who in ballot, who in asked)
                for at, who in zip(band, standing.index, strict=True)
            ]
        moment -= pd.Timedelta(days=30)
    each = pd.DataFrame(rows, columns=["moment", "band", "who", "stood", "asked"])
    compared = [
        (part[part["stood"]], part[~part["stood"]])
        for _, part in each.groupby(["moment", "band"])
        if part["stood"].nunique() == 2
    ]
    if not compared:
        return RunoffQuestions(n_moments, 0, 0, np.nan, np.nan)
    weight = [len(a) * len(b) / (len(a) + len(b)) for a, b in compared]
    stood, others = (
        float(np.average([pair[k]["asked"].mean() for pair in compared], weights=weight))
        for k in (0, 1)
    )
    people = [pd.concat([pair[k] for pair in compared])["who"].nunique() for k in (0, 1)]
    return RunoffQuestions(n_moments, people[0], people[1], stood, others)


def usable(raw: pd.DataFrame, *, merged: bool = True) -> tuple[pd.DataFrame, list[str]]:
    """The rows of polls that can be read, and what was left out and why.

    Whoever was tested counts, and every pair: nothing depends on who stood or got through.

    Parameters
    ----------
    raw : pandas.DataFrame
        Columns poll_id, round, institute, hypothesis, end, slug, share (fractions).
    merged : bool
        Whether several compilations were merged, so that the same figures of one institute and
        day are one poll told twice.

    Returns
    -------
    tuple
        Rows kept; sentences with counts.
    """
    kept, quirks = [], []
    for number, rows in raw.groupby("round"):
        reasons, left = {}, rows
        for reason, wrong in _unfit(rows, merged=merged).items():
            gone = left[left["poll_id"].isin(wrong)]
            reasons[reason] = gone["poll_id"].nunique()
            left = left.drop(gone.index)
        told = "; ".join(f"{reason}: {count}" for reason, count in reasons.items() if count)
        quirks.append(
            f"Polls of round {number}: {rows['poll_id'].nunique()} in the sources, "
            f"{left['poll_id'].nunique()} kept. Left out: {told or 'none'}."
        )
        partial = left["hypothesis"].eq("partial candidate set")
        if count := left.loc[partial, "poll_id"].nunique():
            quirks.append(
                f"{count} of the polls kept for round {number} name only some of the people "
                "tested; who else was on their list cannot be verified."
            )
        kept.append(left)
    return pd.concat(kept) if kept else raw, quirks


def _unfit(rows: pd.DataFrame, *, merged: bool) -> dict[str, list[str]]:
    listed = rows.groupby("poll_id")["share"].sum().round(5)
    unfit = {
        f"shares that sum to over {MAX_LISTED}": list(listed[listed > MAX_LISTED].index),
        f"shares that sum to under {MIN_LISTED}": list(listed[listed < MIN_LISTED].index),
    }
    if not merged:
        return unfit
    answers = rows.sort_values("slug").groupby("poll_id", sort=True)
    alike = answers.agg(
        institute=("institute", "first"),
        end=("end", "first"),
        slugs=("slug", lambda names: "/".join(names)),
        shares=("share", lambda shares: "/".join(map(str, shares))),
    )
    return unfit | {"the same figures once more": list(alike.index[alike.duplicated()])}


def _selection(table: pd.DataFrame, election: Election) -> list[str]:
    """What `runoff_questions` finds, for the card; nothing where nobody can be compared."""
    listed_on = LISTED_ON.get(election.year)
    until = pd.Timestamp(f"{listed_on}T23:59") if listed_on else election.vote_on[1]
    found = runoff_questions(table, election.ballot(1), until)
    if not found.n_stood:
        return []
    return [
        f"Of people who then stood equally in the last polls of round 1 (one of {found.n_moments} "
        f"dates up to {until:%-d %B %Y}, one band of shares), {found.stood:.0%} of those who stood "
        f"in the end and {found.others:.0%} of those who did not had been in a question about the "
        f"runoff ({found.n_stood} and {found.n_others} people)."
    ]


def _slates(table: pd.DataFrame, election: Election) -> list[str]:
    """How many ballots and pairs were tested, in sentences for the card."""
    told = []
    for number, rows in table.groupby("round"):
        slates = rows.groupby("poll_id")["candidate"].agg(frozenset)
        if number == 1:
            strange = slates[[not slate <= set(election.ballot(1)) for slate in slates]]
            told.append(
                f"{len(strange)} of the {len(slates)} polls of round 1 tested somebody who did "
                "not stand in the end; each poll carries the ballot that it tested."
            )
            continue
        pairs = slates.map(lambda pair: " and ".join(sorted(pair))).value_counts()
        listed = "; ".join(f"{pair}: {count}" for pair, count in pairs.items())
        told.append(f"Pairs tested for round {number}: {listed}.")
        if len(pairs) == 1:
            told.append(
                "The sources hold runoff polls of the pair that came to be and of no other, so "
                "that their pair tells the outcome of the first round: a forecast of round 1 "
                "does not see them, and one of round 2 only from the evening of round 1 on."
            )
    return told


def _compilations(source: str) -> str:
    """The compilations that agree on a row, or the address of its page."""
    if "://" in source:
        return source
    return "+".join(part.strip().split("/")[0] for part in source.split("|"))


def _dates_told(table: pd.DataFrame, raw: pd.DataFrame, election: Election) -> list[str]:
    firsts = table.drop_duplicates("poll_id").set_index("poll_id")
    midpoints = raw.loc[raw["date_kind"].eq("midpoint"), "poll_id"].nunique()
    single = raw["notes"].fillna("").str.startswith("single date in source")
    inferred = raw.loc[raw["institute_basis"].eq("inferred"), "poll_id"].nunique()
    days = firsts["round"].map(election.vote_on)
    late = firsts[(firsts["published_on"] == days + CLOSING) & (firsts["fieldwork_end"] < days)]
    told = [
        (midpoints, "polls give the middle of the fieldwork (rounded up) as their only date"),
        (
            int(raw.loc[single, "poll_id"].nunique()),
            "polls give a single date, as a rule the day of publication",
        ),
        (inferred, "polls have an institute inferred from a twin in another compilation"),
        (
            len(late),
            "polls bear a date after the last legal day of publication and are known from the "
            f"evening of the vote: {', '.join(late.index)}",
        ),
    ]
    return [f"{count} {sentence}." for count, sentence in told if count]


def _last_evenings(table: pd.DataFrame) -> list[str]:
    """The polls of the last legal evenings, each with its moment and the reason."""
    firsts = table.drop_duplicates("poll_id")
    days = firsts["fieldwork_end"].dt.strftime("%Y-%m-%d")
    held = set(zip(firsts["institute"], days, firsts["sample_size"], strict=True))
    return [
        f"{institute}, interviews to {day}, n = {size:,}: {moment}, {reason}."
        for (institute, day, size), (moment, reason) in LAST_EVENINGS.items()
        if (institute, day, size) in held
    ]


def months(table: pd.DataFrame) -> str:
    firsts = table.drop_duplicates("poll_id")
    labels = firsts["fieldwork_end"].dt.strftime("%Y-%m") + " (round " + firsts["round"].astype(str)
    counts = labels.value_counts(sort=False)
    told = ", ".join(f"{label}) {n}" for label, n in counts.items())
    return f"Polls by month of the last interview: {told}."
