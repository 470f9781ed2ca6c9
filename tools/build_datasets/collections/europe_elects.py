"""Polls of Europe Elects: one row per poll and party, with the moment each became public."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd

from tools.build_datasets.collections.stated_votes import stated_base
from tools.build_datasets.files import DAY_END, read_raw, slug

RAW = "many/polls_europe_elects/polls_long_to_2023-06.parquet"
SEATS = {"nl": 150}  # countries whose institutes state seats
SCENARIO = ["file", "scope", "pollster", "commissioners", "fieldwork_start", "fieldwork_end"]
LAG_DAYS = 2


def europe_elects_polls(source: Path) -> tuple[pd.DataFrame, Counter[str]]:
    """All national polls of parliaments (scope N) and of the European Parliament (E).

    Returns
    -------
    polls : pandas.DataFrame
        file, scope, key (the party polled), and the columns of `ballots.POLL_COLUMNS` except
        candidate.
    left_out : Counter
        Polls, by reason.
    """
    raw = read_raw(source / RAW)
    raw = raw[raw["scope"].isin(["N", "E"]) & raw["area"].eq("")]
    polls = raw.drop_duplicates("poll_id").set_index("poll_id")
    left_out: Counter[str] = Counter()
    end = last_day(polls["fieldwork_end"])
    left_out["only a year for a date"] = int(end.isna().sum())
    # further scenarios of a poll follow it under the same pollster and days
    first = ~polls.duplicated(SCENARIO)
    left_out["a further scenario of the same poll"] = int((~first).sum())
    parts = raw.groupby("poll_id")["share"].sum().reindex(polls.index)
    other, undecided = (
        pd.to_numeric(polls[name], errors="coerce") for name in ("other", "no_response")
    )
    base = stated_base(parts, other, undecided)
    for file, seats in SEATS.items():
        there = polls["file"].eq(file)
        base = base.where(
            ~there, stated_base(parts[there], other[there], undecided[there], seats=seats)
        )
    left_out["shares whose whole cannot be told"] = int((base.isna() & first).sum())
    usable = end.notna() & first & base.notna()
    start = pd.to_datetime(polls["fieldwork_start"], format="%Y-%m-%d", errors="coerce")
    published = pd.to_datetime(polls["published"], format="%Y-%m-%d", errors="coerce")
    published = published.where(published >= end)
    facts = pd.DataFrame(
        {
            "file": polls["file"],
            "scope": polls["scope"],
            "institute": polls["pollster"].where(polls["pollster"] != "", polls["commissioners"]),
            "sponsor": polls["commissioners"].replace("", None),
            "fieldwork_start": start.where(start <= end),
            "fieldwork_end": end,
            "published_on": published.fillna(end + pd.Timedelta(days=LAG_DAYS)) + DAY_END,
            "basis": published.notna().map({True: "stated", False: "rule"}),
            "sample_size": pd.to_numeric(
                polls["sample_size"].str.fullmatch(r"[≥≈]?\d+").map({True: 1, False: None})
                * pd.to_numeric(polls["sample_size"].str.lstrip("≥≈"), errors="coerce")
            ),
            "base": base,
        }
    )[usable]
    rows = raw[["poll_id", "party", "share"]].merge(facts, left_on="poll_id", right_index=True)
    rows = rows.assign(
        key=rows["party"],
        share=rows["share"] / rows["base"],
        poll_id=rows["poll_id"].map(slug),
        mode=None,
        rolling=False,
        source_key="europe_elects",
    )
    return rows.drop(columns=["party", "base"]), left_out


def last_day(dates: pd.Series) -> pd.Series:
    """The day, or the last one of a month; empty where only a year is given.

    Examples
    --------
    >>> last_day(pd.Series(["2019-04-30", "2019-02", "2019"])).dt.strftime("%Y-%m-%d").tolist()
    ['2019-04-30', '2019-02-28', nan]
    """
    days = pd.to_datetime(dates, format="%Y-%m-%d", errors="coerce", exact=True)
    months = pd.to_datetime(dates, format="%Y-%m", errors="coerce", exact=True)
    months = months.where(dates.str.len() == len("2019-02"))
    return days.where(dates.str.len() == len("2019-02-01")).fillna(months + pd.offsets.MonthEnd(0))
