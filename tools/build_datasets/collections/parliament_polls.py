"""Polls of parliaments, one row per poll and party: Europe Elects, and Wikipedia before it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from tools.build_datasets.files import DAY_END, read_raw, slug

EUROPE_ELECTS = "many/polls_europe_elects/polls_long_to_2023-06.parquet"
SEATS = {"nl": 150}  # countries whose institutes state seats
SCENARIO = ["file", "scope", "pollster", "commissioners", "fieldwork_start", "fieldwork_end"]
FOLDER = "many/polls_international"
FILES = {
    "austria": "austria.csv",
    "canada": "canada.csv",
    "finland": "finland.csv",
    "greece": "greece.csv",
    "italy": "italy.parquet",
    "norway": "norway.csv",
    "nz": "nz.csv",
    "poland": "poland.csv",
}
OTHER = ("oth", "others", "other")
UNDECIDED = ("unsure", "none", "others_undecided", "others_dont_know")
DESCRIBED = ("date", "institute", "sample_size", "mode", "polling_method", "resp_rate")
NO_PARTY = {*DESCRIBED, *OTHER, *UNDECIDED}
RESULTS = {"EP Election", "Local Elections", "Legislative Election"}
MODES = {
    "telephone": "live phone",
    "phone": "live phone",
    "ivr": "IVR",
    "phone (ivr)": "IVR",
    "online": "online",
    "telephone/online": "live phone and online",
    "online/telephone": "live phone and online",
    "telephone/ivr": "IVR and live phone",
    "ivr/telephone": "IVR and live phone",
}
LAG = pd.Timedelta(days=2) + DAY_END  # from the last interview to publication, by rule
MIN_SUM, MAX_SUM = 85.0, 105.0
MIN_BASE = 60.0


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
    raw = read_raw(source / EUROPE_ELECTS)
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
            "published_on": (published + DAY_END).fillna(end + LAG),
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


def wikipedia_polls(source: Path) -> tuple[pd.DataFrame, Counter[str]]:
    """One row per poll and party, with the columns of `europe_elects_polls`."""
    left_out: Counter[str] = Counter()
    tables = [_country(source, file, left_out) for file in FILES]
    return pd.concat(tables, ignore_index=True), left_out


def day_of(file: str, dates: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The last day that a date can mean, and whether it is a day and not a month.

    Norway and Poland write months alone as ``9-2013`` or ``2008-04``; Poland writes 2010-2011 as
    month-day-year and 2019 as day-month-year, so dates of 2019 are not read; Finland's of
    2010-2011 stand on the first of the month and mean the month.

    Examples
    --------
    >>> day, whole = day_of("poland", pd.Series(["10-7- 2011", "23 October 2015", "10-2011"]))
    >>> day.dt.date.astype(str).tolist(), whole.tolist()
    (['2011-10-07', '2015-10-23', '2011-10-31'], [True, True, False])
    """
    words = dates.astype(str).str.strip()
    days = pd.Series(pd.NaT, dates.index, dtype="datetime64[ns]")
    months = days.copy()
    forms = {
        "norway": ("%Y-%m-%d", "%d %b %Y"),
        "poland": ("%m-%d- %Y", "%d %B %Y"),
        "finland": ("%Y-%m-%dT%H:%M:%SZ",),
    }
    for form in forms.get(file, ("%Y-%m-%d",)):
        days = days.fillna(pd.to_datetime(words, format=form, errors="coerce"))
    for form, shape in (("%m-%Y", r"\d{1,2}-\d{4}"), ("%Y-%m", r"\d{4}-\d{2}")):
        alone = words.where(words.str.fullmatch(shape))
        months = months.fillna(pd.to_datetime(alone, format=form, errors="coerce"))
    if file == "finland":
        monthly = days.dt.day.eq(1) & days.dt.year.le(2011)
        months, days = days.where(monthly), days.mask(monthly)
    return days.fillna(months + pd.offsets.MonthEnd(0)), days.notna()


def _country(source: Path, file: str, left_out: Counter[str]) -> pd.DataFrame:
    raw = read_raw(source / FOLDER / FILES[file])
    raw = raw.drop_duplicates(ignore_index=True)
    end, _ = day_of(file, raw["date"])
    parties = [name for name in raw.columns if name not in NO_PARTY and not name.endswith("_tpp")]
    shares = raw[parties].apply(pd.to_numeric, errors="coerce")
    if file == "poland":  # the United Left of 2015 stands in the columns of both its members
        twice = shares["dla"].eq(shares["your_movement"]) & end.dt.year.eq(2015)
        shares["your_movement"] = shares["your_movement"].mask(twice)
    named = shares.sum(axis=1, min_count=1)
    base = stated_base(named, _sum(raw, OTHER), _sum(raw, UNDECIDED))
    institute, sponsor = _who(raw["institute"])
    refused = {
        "no institute (a monthly average)": institute.isna(),
        "a result in a table of polls": institute.isin(RESULTS),
        "no date that can be read": end.isna(),
        "shares whose whole cannot be told": base.isna(),
    }
    usable = pd.Series(True, raw.index)
    for reason, bad in refused.items():
        left_out[reason] += int((usable & bad).sum())
        usable &= ~bad
    method = raw.get("polling_method", raw.get("mode", pd.Series(None, raw.index, dtype=object)))
    method = method.fillna("").str.lower().str.strip()
    facts = pd.DataFrame(
        {
            "poll_id": [f"{file}_{number}" for number in range(len(raw))],
            "file": file,
            "scope": "N",
            "institute": institute,
            "sponsor": sponsor,
            "mode": method.str.replace(r"[ –]*\(?rolling.*", "", regex=True).map(MODES),
            "rolling": method.str.contains("rolling"),
            "fieldwork_start": pd.Series(pd.NaT, raw.index, dtype="datetime64[ns]"),
            "fieldwork_end": end,
            "published_on": end + LAG,
            "basis": "rule",
            "sample_size": _sum(raw, ("sample_size",)),
            "source_key": "wikipedia",
        }
    )
    rows = shares.div(base, axis=0)[usable].stack().dropna().rename("share")
    rows = rows.rename_axis(["row", "key"]).reset_index()
    merged: pd.DataFrame = rows.merge(facts, left_on="row", right_index=True)
    return merged.drop(columns="row")


def _sum(raw: pd.DataFrame, names: tuple[str, ...]) -> pd.Series:
    """The sum of the columns that the table has; empty where none is filled."""
    there = [name for name in names if name in raw.columns]
    figures = raw[there].apply(
        lambda column: pd.to_numeric(column.astype(str).str.replace(",", "."), errors="coerce")
    )
    return figures.sum(axis=1, min_count=1) if there else pd.Series(float("nan"), raw.index)


def _who(names: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Institute and sponsor of ``Metrisi/Eleftheros Typos``; empty where not given."""
    parts = names.where(names.notna() & names.ne("NA")).str.split("/", n=1, expand=True)
    sponsor = parts[1] if 1 in parts else pd.Series(None, names.index, dtype=object)
    return parts[0].str.strip(), sponsor.str.strip()


def stated_base(
    named: pd.Series, other: pd.Series, undecided: pd.Series, *, seats: float = 0
) -> pd.Series:
    """What one poll's figures are fractions of, in their unit; empty where it cannot be told.

    With other parties given it is named + other; with undecided given it is the rest of 100, or
    named itself where that is more (a source that gives undecided beside shares of the others);
    with neither it is 100, if the named parties are 85 to 105 together. A base of less than 60
    or more than 105 is none, except the number of seats where figures may be seats.

    Parameters
    ----------
    named, other, undecided : pandas.Series
        Percent per poll; `other` and `undecided` empty where not given.
    seats : float
        Of the chamber, where some polls of a country state seats.

    Examples
    --------
    >>> named = pd.Series([90.0, 60.0, 95.0, 150.0, 70.0])
    >>> other = pd.Series([9.0, np.nan, np.nan, 0.0, np.nan])
    >>> undecided = pd.Series([np.nan, 35.0, np.nan, np.nan, np.nan])
    >>> stated_base(named, other, undecided, seats=150).tolist()
    [99.0, 65.0, 100.0, 150.0, nan]
    """
    with_other = named + other
    decided = (100 - undecided).where(lambda rest: rest >= named, named)
    plain = pd.Series(100.0, named.index).where(named.between(MIN_SUM, MAX_SUM))
    base = with_other.where(other.notna(), decided.where(undecided.notna(), plain))
    usable = base.between(MIN_BASE, MAX_SUM)
    usable &= other.notna() | (named >= MIN_SUM / 100 * base)
    if seats:
        usable |= np.isclose(base, seats)
    return base.where(usable)
