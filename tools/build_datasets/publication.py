"""When a poll became public: what pages state, else a rule per series, within the law."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from tools.build_datasets.elections import CLOSING, Election, last_legal_day
from tools.build_datasets.files import DAY_END, GATHERED, read_raw, require

RAW = "polls/publication/poll_publication_2017.csv"
FIELDWORK = ["institute", "fieldwork_end", "sample_size"]
LAG_DAYS = 4
LAG_DAYS_2022 = 2
MIN_CASES = 5
_FOUND = read_raw(GATHERED / "fr2017_polls.csv").astype({"sample_size": int}).set_index(FIELDWORK)
_LAST = _FOUND.dropna(subset="reason")
SPONSORS = _FOUND["sponsor"].dropna().to_dict()
"""Who paid, by institute, last day of interviews and people interviewed."""

RELEASED = _FOUND.drop(_LAST.index)["published_on"].dropna().to_dict()
"""Releases that pages date and whose fieldwork the table of publications does not hold."""

LAST_EVENINGS = {
    key: (moment, reason) for key, moment, reason in _LAST[["published_on", "reason"]].itertuples()
}
"""Moment and reason of each poll of the last evenings on which polls were legal.

A rule for whole days would take the final polls out of a cut at 20:00, and a generous one would
let in what came at night.
"""

SERIES = read_raw(GATHERED / "fr2017_poll_series.csv").astype({"lag_days": int}).fillna("")
"""Polls of 2017 of one institute that appear by the same rhythm; the first that fits counts."""


def publication(
    rows: pd.DataFrame, election: Election, source: Path | None = None
) -> tuple[pd.Series, pd.Series]:
    """When each poll became public, and whether a source states it.

    Nothing of the outcome enters: two polls of the same fieldwork have the same moment, whatever
    ballot they tested.

    Parameters
    ----------
    rows : pandas.DataFrame
        Columns institute, sponsor, sample_size (text), rolling, end, date_kind and notes; for 2022
        also seen_on, the minute by which a public record held the poll.
    election : Election
    source : Path, optional
        The folder of raw files, for the pages of 2017.

    Returns
    -------
    tuple of pandas.Series
        Local times; `stated` or `rule`.
    """
    rows = rows.assign(sponsor=sponsors(rows))
    lag = pd.Series(LAG_DAYS, index=rows.index)
    clock = pd.Series(DAY_END, index=rows.index)
    notes = rows["notes"].fillna("")
    stated = pd.to_datetime(
        notes.str.extract(r"date (\d{4}-\d\d-\d\d) (?:is the |\()publication")[0]
    )
    stated = stated.where(stated >= rows["end"]) + DAY_END
    if election.year == 2017:
        for series in SERIES[::-1].to_dict("records"):
            mine = _of_series(rows, series)
            lag = lag.mask(mine, series["lag_days"])
            clock = clock.mask(mine, pd.Timedelta(f"{series['hour']}:00"))
        on_pages, by_rule = _pages_of_2017(rows, clock, source)
        stated = on_pages.fillna(stated)
    elif election.year == 2022:
        by_rule = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[ns]")
        lag = pd.Series(LAG_DAYS_2022, index=rows.index)
        proved = rows["seen_on"] <= rows["end"] + pd.Timedelta(days=LAG_DAYS_2022) + DAY_END
        stated = rows["seen_on"].where(proved)
    else:
        by_rule = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[ns]")
        seen = (stated.dt.normalize() - rows["end"]).dt.days.groupby(rows["institute"])
        largest = seen.max().where(seen.count() >= MIN_CASES)
        lag = rows["institute"].map(largest).fillna(LAG_DAYS)
    lag = lag + rows["date_kind"].eq("midpoint")
    single = notes.str.startswith("single date in source")
    ruled = rows["end"] + pd.to_timedelta(lag, unit="D") + clock
    ruled = by_rule.fillna(ruled.mask(single, rows["end"] + DAY_END))
    known = stated.fillna(ruled)
    basis = stated.notna().map({True: "stated", False: "rule"})
    for day in election.vote_on.values():
        last = last_legal_day(day)
        if last is None:
            # nothing forbade it, and nobody prints a forecast of yesterday's vote
            eve = day - pd.Timedelta(days=1) + DAY_END
            known = known.mask(basis.eq("rule") & (known > eve) & (rows["end"] < day), eve)
            banned = (known >= day) & (rows["end"] >= day) & (known < day + CLOSING)
            known = known.mask(banned, day + CLOSING)
            continue
        legal = last + DAY_END
        silent = (known > legal) & (known < day + CLOSING)
        # a late lag, or a late record, may also jump over the vote
        latest = basis.eq("rule") | (election.year == 2022)
        silent |= latest & (known > legal) & (rows["end"] <= last)
        known = known.mask(silent & (rows["end"] <= last), legal)
        known = known.mask(silent & (rows["end"] > last), day + CLOSING)
        basis = basis.mask(silent, "rule")
    return known, basis


def _of_series(rows: pd.DataFrame, series: Mapping[Hashable, Any]) -> pd.Series:
    """Which polls belong to a series."""
    found = rows["institute"].eq(series["institute"])
    within = rows["end"].between(pd.Timestamp(series["first"]), pd.Timestamp(series["last"]))
    named = rows["sponsor"].fillna("").str.contains(series["sponsor"], case=False, regex=False)
    rolling = rows["rolling"].fillna("False").eq("True") | (series["rolling"] == "False")
    mine: pd.Series = found & within & named & rolling
    return mine


def sponsors(rows: pd.DataFrame) -> pd.Series:
    """Who paid, with the sponsors that the compilations have wrong or not at all."""
    known = [SPONSORS.get(key) for key in _keys(rows)]
    return pd.Series(known, index=rows.index, dtype=object).fillna(rows["sponsor"])


def _keys(rows: pd.DataFrame) -> list[tuple[str, str, int]]:
    sizes = pd.to_numeric(rows["sample_size"]).fillna(0).astype(int)
    days = rows["end"].dt.strftime("%Y-%m-%d")
    return list(zip(rows["institute"], days, sizes, strict=True))


def _pages_of_2017(
    rows: pd.DataFrame, clock: pd.Series, source: Path | None
) -> tuple[pd.Series, pd.Series]:
    """What a page states of each poll, and what was inferred for it, case by case."""
    table = pd.DataFrame(columns=[*FIELDWORK, "published_on", "basis", "note"], dtype=str)
    if source is not None:
        table = read_raw(source / RAW).dropna(subset=["fieldwork_end"])
    moments: dict[Hashable, tuple[str, str, str]] = {
        key: (day, "stated", "") for key, day in RELEASED.items()
    }
    for row in table.to_dict("records"):
        size = int(float(row["sample_size"])) if isinstance(row["sample_size"], str) else 0
        key = (str(row["institute"]), str(row["fieldwork_end"]), size)
        given = (str(row["published_on"]), str(row["basis"]), str(row["note"]))
        twice = moments.setdefault(key, given)
        require(twice[:2] == given[:2], RAW, f"has two moments for {key}")
    moments |= {
        key: (moment, moments[key][1], "")
        for key, (moment, _) in LAST_EVENINGS.items()
        if key in moments
    }
    known = []
    stated = []
    for key, usual in zip(_keys(rows), clock, strict=True):
        moment, basis, note = moments.get(key, ("", "", ""))
        late = pd.Timedelta(hours=19) if "late afternoon" in note else usual
        is_day = len(moment) == len("2017-04-21")
        known.append(
            pd.to_datetime(moment, errors="coerce") + (late if is_day else pd.Timedelta(0))
        )
        stated.append(basis == "stated")
    found = pd.Series(known, index=rows.index, dtype="datetime64[ns]")
    is_stated = pd.Series(stated, index=rows.index)
    return found.where(is_stated), found.where(~is_stated)
