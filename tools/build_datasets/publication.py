"""When a poll became public: what pages state, else a rule per series, within the law."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tools.build_datasets.elections import CLOSING, Election, last_legal_day
from tools.build_datasets.files import read_raw, require

RAW = "polls/publication/poll_publication_2017.csv"
FIELDWORK = ["institute", "fieldwork_end", "sample_size"]
LAG_DAYS = 4
LAG_DAYS_2022 = 2
LEAST_CASES = 5
DAY_END = pd.Timedelta(hours=23, minutes=59)


@dataclass(frozen=True, kw_only=True)
class Series:
    """Polls of one institute that appear by the same rhythm.

    Attributes
    ----------
    institute : str
    lag_days : int
        Largest number of days seen between the last interview and publication.
    hour : str
        Latest hour seen, `23:59` where none was found.
    sponsor : str
        A part of the sponsor's name; empty for every sponsor.
    rolling : bool
        Only daily polls of a rolling sample.
    first, last : str
        Last days of interviews within which the rhythm held.
    """

    institute: str
    lag_days: int
    hour: str = "23:59"
    sponsor: str = ""
    rolling: bool = False
    first: str = "2017-01-01"
    last: str = "2017-05-05"

    def has(self, rows: pd.DataFrame) -> pd.Series:
        """Which rows belong to it."""
        found = rows["institute"].eq(self.institute)
        found &= rows["end"].between(pd.Timestamp(self.first), pd.Timestamp(self.last))
        if self.sponsor:
            found &= rows["sponsor"].fillna("").str.contains(self.sponsor, case=False, regex=False)
        return found & rows["rolling"].fillna("False").eq("True") if self.rolling else found

    @property
    def clock(self) -> pd.Timedelta:
        """The hour as a length of time from midnight."""
        return pd.Timedelta(f"{self.hour}:00")


# the first that fits counts; lags and hours are the largest found on dated pages
SERIES = (
    Series(institute="OpinionWay", rolling=True, lag_days=1, hour="13:00"),
    Series(institute="Ifop", rolling=True, lag_days=0, hour="18:00"),
    Series(institute="Elabe", lag_days=1, hour="20:30"),
    Series(institute="BVA", lag_days=3, last="2017-03-12"),
    Series(institute="BVA", lag_days=1, hour="19:00", first="2017-03-13"),
    Series(institute="Kantar Sofres", lag_days=2, hour="21:30"),
    Series(institute="Harris Interactive", sponsor="France T", lag_days=1, hour="08:35"),
    Series(institute="Harris Interactive", sponsor="LCP", lag_days=0, hour="19:35"),
    Series(institute="Odoxa", sponsor="France 2", lag_days=3),
    Series(institute="Odoxa", sponsor="Le Point", lag_days=2, hour="21:40"),
    Series(institute="Ipsos", sponsor="CEVIPOF", lag_days=4, last="2017-03-09"),
    Series(institute="Ipsos", sponsor="CEVIPOF", lag_days=2, first="2017-03-10"),
    Series(institute="Ipsos", sponsor="France T", lag_days=3, hour="19:00"),
    Series(institute="Ipsos", sponsor="Le Monde", lag_days=2),
    Series(institute="Scan Research / Le Terrain", lag_days=7),
)

# by institute, last day of interviews, people interviewed
SPONSORS = {
    ("Odoxa", "2017-03-16", 964): "France 2",
    ("Odoxa", "2017-02-23", 920): "France 2",
    ("Ipsos", "2017-05-05", 8200): "Le Monde",
    ("Ipsos", "2017-03-05", 15887): "CEVIPOF; Le Monde",
    ("Ipsos", "2017-03-07", 644): "CEVIPOF; Le Monde",
    ("Ipsos", "2017-03-15", 11990): "CEVIPOF; Le Monde",
    ("Ipsos", "2017-01-15", 15921): "CEVIPOF; Le Monde",
    ("Ipsos", "2017-02-12", 15874): "CEVIPOF; Le Monde",
    ("Elabe", "2017-03-02", 1507): "Les Echos; Radio Classique",
    ("Elabe", "2017-01-31", 993): "Les Echos; Radio Classique",
    ("Elabe", "2017-01-04", 925): "Les Echos; Radio Classique",
    ("Harris Interactive", "2017-04-20", 962): "LCP",
    ("Harris Interactive", "2017-02-08", 5432): "France Télévisions; L'Émission politique",
}
# releases that pages date and whose fieldwork the table of publications does not hold
RELEASED = {
    ("Harris Interactive", "2017-02-08", 5432): "2017-02-09",
    ("Elabe", "2017-01-04", 925): "2017-01-05",
}
# The last evenings on which polls were legal, poll by poll: a rule for whole days would take the
# final polls out of a cut at 20:00, and a generous one would let in what came at night.
LAST_EVENINGS = {
    ("Elabe", "2017-04-20", 1445): ("2017-04-21T04:43", "in the night; earliest page found"),
    ("Ipsos", "2017-04-20", 2048): ("2017-04-21T19:00", "latest hour of its series"),
    ("Odoxa", "2017-04-20", 1433): (
        "2017-04-21T19:00",
        "the part before the attack of 20 April, out with the part after it, late in the afternoon",
    ),
    ("OpinionWay", "2017-04-20", 2269): ("2017-04-21T13:00", "latest hour of its series"),
    ("BVA", "2017-04-21", 1494): ("2017-04-21T19:00", "a page says late in the afternoon"),
    ("Ifop", "2017-04-21", 2823): ("2017-04-21T19:00", "a page says late in the afternoon"),
    ("Odoxa", "2017-04-21", 953): ("2017-04-21T19:00", "a page says late in the afternoon"),
    ("Elabe", "2017-05-04", 1009): ("2017-05-05T20:30", "latest hour of its series"),
    ("Ipsos", "2017-05-04", 2632): ("2017-05-05T19:00", "latest hour of its series"),
    ("Odoxa", "2017-05-04", 998): (
        "2017-05-05T21:40",
        "latest hour of its series; a companion report was free from 06:00, which proves nothing "
        "for the figures of the vote",
    ),
    ("OpinionWay", "2017-05-04", 2264): ("2017-05-05T13:00", "latest hour of its series"),
    ("Harris Interactive", "2017-05-05", 4991): ("2017-05-05T23:59", "hour not found"),
    ("Ifop", "2017-05-05", 1861): ("2017-05-05T18:00", "hour of its series"),
    ("Ipsos", "2017-05-05", 8200): ("2017-05-05T23:59", "a page says in the evening"),
}


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
        for series in reversed(SERIES):
            mine = series.has(rows)
            lag, clock = lag.mask(mine, series.lag_days), clock.mask(mine, series.clock)
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
        largest = seen.max().where(seen.count() >= LEAST_CASES)
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
    moments: dict[tuple[str, str, int], tuple[str, str, str]] = {
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
