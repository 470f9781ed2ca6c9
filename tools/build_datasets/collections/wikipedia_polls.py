"""Polls of parliaments before Europe Elects, from tables with one column per party."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd

from tools.build_datasets.collections.stated_votes import stated_base
from tools.build_datasets.files import DAY_END, read_raw

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
LAG_DAYS = 2


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
            "published_on": end + pd.Timedelta(days=LAG_DAYS) + DAY_END,
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
