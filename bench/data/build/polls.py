"""Polls: voting intentions on the ballot that came to be, with the moment each became public."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.data.build.cards import Part
from bench.data.build.elections import Election, person
from bench.data.build.files import read_raw, require, slug
from bench.data.build.publication import CLOSING, RULE, publication

RAW = "polls/fr_presidential_polls_1965_2017.csv"
LEADING_SHARE = 0.10
LEAST_LISTED = 0.70
MOST_LISTED = 1.02
# Until these days other people stood in the field, and lists that name only some of those
# tested cannot be told from lists of the final ballot.
SETTLED = {2017: pd.Timestamp("2017-02-24")}
MODES = {"internet": "online", "telephone (CATI, random)": "telephone_random"}
BASES = {"SV": "certain_to_vote", "I": "registered", "SVC": "certain_to_vote_and_of_choice"}
COLUMNS = {
    "poll_id": "one questionnaire with one list of candidates",
    "round": "1 or 2",
    "institute": "who made the poll; `unknown` where no compilation names it",
    "sponsor": "who paid; empty where not stated",
    "mode": "online or telephone_random; empty where not stated",
    "fieldwork_start": "first day of interviews; empty where not stated",
    "fieldwork_end": "last day of interviews, or the only date that the compilations give",
    "published_on": "local time from which the poll was public",
    "basis": "stated by a source, or set by the rule below",
    "sample_size": "people interviewed",
    "sample_expressed": "people who stated a vote; empty where not stated",
    "base": "certain_to_vote, registered, certain_to_vote_and_of_choice; empty where not stated",
    "rolling": "true for one day of a rolling poll, whose samples overlap; else false",
    "candidate": "slug",
    "share": "fraction of the stated votes, 0 to 1; absent candidates are unlisted, not zero",
    "source": "compilations that agree on the row, joined by +",
}


def build(source: Path, election: Election) -> Part:
    """`inputs/polls.csv` and its part of the card."""
    raw = read_raw(source / RAW)
    raw = raw[raw["election"] == str(election.year)]
    twice = raw[raw.duplicated(["poll_id", "candidate"])]
    require(twice.empty, RAW, f"names a candidate twice in {twice['poll_id'].head(3).tolist()}")
    raw = raw.assign(
        round=raw["round"].astype(int),
        slug=raw["candidate"].map(person),
        share=(raw["share_pct"].astype(float) / 100).round(5),
        end=pd.to_datetime(raw["end_date"]),
    )
    kept, quirks = official(raw, election)
    known, basis = publication(kept, election)
    dates = pd.to_datetime(kept["start_date"])
    table = pd.DataFrame(
        {
            "poll_id": "fr" + kept["poll_id"].map(slug),
            "round": kept["round"],
            "institute": kept["institute"],
            "sponsor": kept["sponsor"],
            "mode": kept["mode"].map(MODES),
            "fieldwork_start": dates.where(dates <= kept["end"]),
            "fieldwork_end": kept["end"],
            "published_on": known,
            "basis": basis,
            "sample_size": pd.to_numeric(kept["sample_size"]).astype("Int64"),
            "sample_expressed": pd.to_numeric(kept["sample_expressed"]).astype("Int64"),
            "base": kept["base"].map(BASES),
            "rolling": kept["rolling"].fillna("False").eq("True"),
            "candidate": kept["slug"],
            "share": kept["share"],
            "source": kept["source"].map(_compilations),
        }
    ).sort_values(["round", "fieldwork_end", "poll_id", "candidate"])
    return Part(
        tables={"inputs/polls.csv": table},
        columns={"inputs/polls.csv": COLUMNS},
        sources=[
            (
                "Polls: published voting intentions, merged from the compilations "
                "datapolitics/sondages-presidentielles, pollsposition/data, "
                "oost/french-election-polls "
                "and getling/2017frenchelectionpolls, which in part go back to Wikipedia's lists."
            )
        ],
        licences=[
            (
                "Polls: published figures; pollsposition/data is MIT-licensed; lists that came by "
                "way "
                "of Wikipedia are credited to its authors (CC BY-SA)."
            )
        ],
        quirks=[*quirks, *_dates_told(table, kept, election), _months(table)],
        published_on=RULE,
    )


def official(raw: pd.DataFrame, election: Election) -> tuple[pd.DataFrame, list[str]]:
    """The rows of polls about the official ballot, and what was left out and why.

    Parameters
    ----------
    raw : pandas.DataFrame
        Columns poll_id, round, institute, hypothesis, end, slug, share (fractions).
    election : Election

    Returns
    -------
    tuple
        Rows kept; sentences with counts.
    """
    kept, quirks = [], []
    for number, rows in raw.groupby("round"):
        ballot = set(election.ballot(int(str(number))))
        strangers = rows.loc[~rows["slug"].isin(ballot), "poll_id"].unique()
        on_ballot = rows[~rows["poll_id"].isin(strangers)]
        reasons = {"a person tested who did not run": len(strangers)}
        for reason, wrong in _unfit(on_ballot, election).items():
            gone = on_ballot[on_ballot["poll_id"].isin(wrong)]
            reasons[reason] = gone["poll_id"].nunique()
            on_ballot = on_ballot.drop(gone.index)
        left = on_ballot["poll_id"].nunique()
        told = "; ".join(f"{reason}: {count}" for reason, count in reasons.items() if count)
        quirks.append(
            f"Polls of round {number}: {rows['poll_id'].nunique()} in the sources, {left} kept. "
            f"Left out: {told or 'none'}."
        )
        partial = on_ballot["hypothesis"].eq("partial candidate set")
        if count := on_ballot.loc[partial, "poll_id"].nunique():
            quirks.append(
                f"{count} of the polls kept for round {number} name only some of the people "
                "tested; that nobody else was on their list cannot be verified."
            )
        kept.append(on_ballot)
    return pd.concat(kept) if kept else raw, quirks


def _unfit(rows: pd.DataFrame, election: Election) -> dict[str, list[str]]:
    by_poll = rows.groupby("poll_id")
    usual = rows.groupby("slug")["share"].median()
    leading = set(usual[usual >= LEADING_SHARE].index)
    without = by_poll["slug"].agg(lambda names: not leading <= set(names))
    listed = by_poll["share"].sum().round(5)
    early = by_poll["end"].first() < SETTLED.get(election.year, pd.Timestamp.min)
    vague = by_poll["hypothesis"].first().eq("partial candidate set") & early
    answers = rows.sort_values("slug").groupby("poll_id", sort=True)
    alike = answers.agg(
        institute=("institute", "first"),
        end=("end", "first"),
        slugs=("slug", lambda names: "/".join(names)),
        shares=("share", lambda shares: "/".join(map(str, shares))),
    )
    return {
        "a leading candidate of the ballot not on the list": list(without[without].index),
        f"shares that sum to over {MOST_LISTED}": list(listed[listed > MOST_LISTED].index),
        f"shares that sum to under {LEAST_LISTED}": list(listed[listed < LEAST_LISTED].index),
        "an incomplete list from before the field was settled": list(vague[vague].index),
        "the same figures once more": list(alike.index[alike.duplicated()]),
    }


def _compilations(source: str) -> str:
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
            (
                "polls bear a date after the last legal day of publication and are known from the "
                f"evening of the vote: {', '.join(late.index)}"
            ),
        ),
    ]
    return [f"{count} {sentence}." for count, sentence in told if count]


def _months(table: pd.DataFrame) -> str:
    firsts = table.drop_duplicates("poll_id")
    labels = firsts["fieldwork_end"].dt.strftime("%Y-%m") + " (round " + firsts["round"].astype(str)
    counts = labels.value_counts(sort=False)
    told = ", ".join(f"{label}) {n}" for label, n in counts.items())
    return f"Polls by month of the last interview: {told}."
