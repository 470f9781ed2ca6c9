"""Polls of the Bundestag from two overlapping tables, each poll once."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pandas as pd
from pandas.api.typing import NaTType

from tools.build_datasets.files import read_raw, require

RAW_ALL = "many/polls_germany/bundestag_polls_1990_2021.parquet"
RAW_AFD = "many/polls_germany/bundestag_polls_1998_2021_with_afd_civey.parquet"
ALL = {"cdu": "cdu_csu", "spd": "spd", "fdp": "fdp", "gru": "gruene", "lin": "linke"}
AFD = {
    "CDU/CSU": "cdu_csu",
    "SPD": "spd",
    "FDP": "fdp",
    "GRÜNE": "gruene",
    "LINKE": "linke",
    "AfD": "afd",
    "PIRATEN": "piraten",
}
Day = pd.Timestamp | NaTType
PARTIES = list(AFD.values())
DESCRIBED = ["election", "institute", "date", "sample_size", "period"]
# A poll that both tables hold under different days has equal shares; monthly ones stand on the
# 15th in one and on the last day of the month in the other.
SAME_POLL_DAYS = 20
MONTH_ONLY_DAY = 15
MONTH_ONLY = {("allensbach", 1990), ("politbarometer", 1998)}
MAX_FIELDWORK_DAYS = 40
PERIOD = re.compile(r"(?:(\d\d)\.(\d\d)\.?\s*[–-]|bis)?\s*(\d\d)\.(\d\d)\.?")


def bundestag_polls(source: Path) -> tuple[pd.DataFrame, Counter[str]]:
    """One row per poll with one column per party (percent), and what was left out, by reason.

    Returns
    -------
    polls : pandas.DataFrame
        poll_id, election (year), institute, end, start, published_on (a day), stated (a flag:
        whether that day is one), sample_size, and the parties.
    left_out : Counter
    """
    whole, detailed = _all(source), _with_afd(source)
    dropped: Counter[str] = Counter()
    dated = whole["day"].notna(), detailed["day"].notna()
    dropped["no date"] = int((~dated[1]).sum())
    whole, detailed = whole[dated[0]], detailed[dated[1]]
    named = detailed[PARTIES].notna().any(axis=1)
    dropped["names no party (a range instead of figures)"] = int((~named).sum())
    detailed = detailed[named]
    twice = detailed.duplicated(["institute", "day", "start", "end", "sample_size", *PARTIES])
    dropped["the same row twice"] = int(twice.sum())
    detailed = detailed[~twice]
    alone = _unmatched(whole, detailed)
    dropped["of the first table, held by the second too"] = len(whole) - len(alone)
    polls = pd.concat([detailed, alone], ignore_index=True)
    sums = polls[PARTIES].sum(axis=1)
    require(bool((sums <= 101.5).all()), RAW_AFD, f"shares add up to {sums.max():.1f}")
    monthly = pd.Series(
        [pair in MONTH_ONLY for pair in zip(polls["institute"], polls["election"], strict=True)]
    ) & (polls["day"].dt.day.eq(MONTH_ONLY_DAY) | polls["day"].dt.is_month_end)
    polls["stated"] = ~monthly
    last = polls["day"] + pd.offsets.MonthEnd(0)
    polls["day"] = polls["day"].where(~monthly, last)
    polls["end"] = polls["end"].where(polls["end"].notna() & ~monthly, polls["day"])
    return polls.sort_values(["election", "day", "poll_id"], ignore_index=True), dropped


def fieldwork(period: object, published: pd.Timestamp) -> tuple[Day, Day]:
    """First and last day of interviews from words such as ``02.09.–04.09.``; NaT where unclear.

    The year is that of publication or the one before.

    Examples
    --------
    >>> [day.date().isoformat() for day in fieldwork("28.12.–02.01.", pd.Timestamp("2021-01-05"))]
    ['2020-12-28', '2021-01-02']
    >>> fieldwork("bis 25.11.", pd.Timestamp("2001-12-01"))
    (NaT, Timestamp('2001-11-25 00:00:00'))
    >>> fieldwork("??.09.–??.09.", pd.Timestamp("2013-09-15"))
    (NaT, NaT)
    """
    found = PERIOD.fullmatch(str(period).strip())
    if found is None or pd.isna(published):
        return pd.NaT, pd.NaT
    first_day, first_month, last_day, last_month = found.groups()
    end = _on_or_before(last_day, last_month, published)
    if pd.isna(end) or (published - end).days > MAX_FIELDWORK_DAYS:
        return pd.NaT, pd.NaT
    if first_day is None:
        return (pd.NaT if "bis" in str(period) else end), end
    start = _on_or_before(first_day, first_month, end)
    if pd.isna(start) or (end - start).days > MAX_FIELDWORK_DAYS:
        return pd.NaT, end
    return start, end


def _on_or_before(day: str, month: str, moment: pd.Timestamp) -> Day:
    for year in (moment.year, moment.year - 1):
        date = pd.to_datetime(f"{year}-{month}-{day}", errors="coerce")
        if pd.notna(date) and date <= moment:
            return date
    return pd.NaT


def _wide(raw: pd.DataFrame, parties: dict[str, str], share: str, place: str) -> pd.DataFrame:
    twice = raw.duplicated(["poll_id", "party"])
    require(not twice.any(), place, f"names a party twice in {raw['poll_id'][twice].head(3)}")
    shares = raw[raw["party"].isin(parties)].assign(party=lambda rows: rows["party"].map(parties))
    wide = shares.pivot(index="poll_id", columns="party", values=share).reindex(columns=PARTIES)
    polls = raw.drop_duplicates("poll_id").set_index("poll_id")[DESCRIBED]
    wide = polls.join(wide.round(2)).reset_index()
    days = pd.to_datetime(wide["date"])
    spans = [fieldwork(p, day) for p, day in zip(wide["period"], days, strict=True)]
    wide["start"] = pd.Series([start for start, _ in spans], dtype="datetime64[ns]")
    wide["end"] = pd.Series([end for _, end in spans], dtype="datetime64[ns]")
    return wide.assign(day=days).drop(columns=["date", "period"])


def _all(source: Path) -> pd.DataFrame:
    raw = read_raw(source / RAW_ALL)
    # no outcome, and the 282 rows of 2025 are the first weeks of another campaign
    raw = raw[raw["voteshare"].notna()].assign(period=None)
    raw["sample_size"] = raw["sample_size"].where(raw["imp_sample_size"] == 0)
    return _wide(raw, ALL, "support", RAW_ALL)


def _with_afd(source: Path) -> pd.DataFrame:
    raw = read_raw(source / RAW_AFD)
    return _wide(raw[raw["election"] <= 2021], AFD, "forecast", RAW_AFD)


def _unmatched(whole: pd.DataFrame, detailed: pd.DataFrame) -> pd.DataFrame:
    """Polls of the first table that the second lacks."""
    key = ["election", "institute", "day"]
    exact = pd.MultiIndex.from_frame(whole[key]).isin(pd.MultiIndex.from_frame(detailed[key]))
    rest = whole[~exact]
    five = list(ALL.values())
    near = rest[["poll_id", *key, *five]].merge(
        detailed[[*key, *five]], on=["election", "institute"], suffixes=("", "_there")
    )
    same = (near["day"] - near["day_there"]).abs() <= pd.Timedelta(days=SAME_POLL_DAYS)
    for party in five:
        same &= (near[party] == near[f"{party}_there"]) | near[party].isna()
    return rest[~rest["poll_id"].isin(near.loc[same, "poll_id"])]
