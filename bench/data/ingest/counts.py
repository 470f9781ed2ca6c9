"""How posts, or counts per day, become rows of the evidence table `buzz`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from bench.core.errors import DataError, did_you_mean
from bench.data.ingest.posts import chunks, column, columns_of, mentioned, required
from bench.data.ingest.tone import Reader

MEASURES = ("mentions", "positive", "negative")
ONE_DAY = pd.Timedelta(days=1)


def is_posts(path: Path) -> bool:
    """Whether a file holds texts; otherwise it must hold counts."""
    return column(columns_of(path), "text") is not None


def count_posts(
    path: Path, reader: Reader, candidates: Sequence[str], *, zone: str
) -> pd.DataFrame:
    """Counts by day, candidate and measure; no text and no author outlives its chunk.

    Parameters
    ----------
    path : Path
        CSV or JSONL with a day and a text; a column `candidate` names whom the post is about,
        otherwise surnames are looked for. Where authors are given, different authors who
        speak well or ill of a candidate on a day are counted too, told apart by a hash in memory.
    reader : callable
        Tones of texts.
    candidates : sequence of str
        Slugs.
    zone : str
        Time zone of the election, for times that name their own.

    Returns
    -------
    pandas.DataFrame
        day, candidate, measure, value; zero on days of the period without posts.
    """
    names = columns_of(path)
    wanted = {required(path, names, what): what for what in ("day", "text")}
    if author := column(names, "author"):
        wanted[author] = "author"
    if "candidate" in names:
        wanted["candidate"] = "candidate"
    parts = [_read(path, part, reader, candidates, zone) for part in chunks(path, wanted)]
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if rows.empty:
        raise DataError(f"{path}: no post names a candidate ({', '.join(candidates)})")
    found = [
        rows.assign(measure="mentions"),
        rows[rows["tone"] != "neutral"].assign(measure=lambda t: t["tone"]),
    ]
    measures = list(MEASURES)
    if author:
        once = rows[rows["tone"] != "neutral"].drop_duplicates()
        found.append(once.assign(measure="authors_" + once["tone"]))
        measures += ["authors_positive", "authors_negative"]
    key = ["day", "candidate", "measure"]
    counted = pd.concat(found)[key].value_counts()
    days = pd.date_range(rows["day"].min(), rows["day"].max(), freq="D")
    every = pd.MultiIndex.from_product([days, sorted(candidates), measures], names=key)
    return counted.reindex(every, fill_value=0).rename("value").reset_index()


def _read(
    path: Path, part: pd.DataFrame, reader: Reader, candidates: Sequence[str], zone: str
) -> pd.DataFrame:
    part = part.reset_index(drop=True)
    day = days_of(path, part["day"], zone)
    if "candidate" in part:
        _refuse_strangers(path, part["candidate"], candidates)
        found = part[["candidate"]].rename_axis("position").reset_index().dropna()
    else:
        found = mentioned(part["text"], candidates)
    if found.empty:
        return pd.DataFrame()
    read = found["position"].unique()
    tone = pd.Series(reader(part["text"].fillna("").iloc[read].tolist()), index=read)
    who = part["author"] if "author" in part else pd.Series("", index=part.index)
    return pd.DataFrame(
        {
            "day": day.loc[found["position"]].to_numpy(),
            "candidate": found["candidate"].to_numpy(),
            "tone": tone.loc[found["position"]].to_numpy(),
            "author": pd.util.hash_array(who.loc[found["position"]].astype(str).to_numpy(object)),
        }
    )


def daily_counts(path: Path, candidates: Sequence[str], *, zone: str) -> pd.DataFrame:
    """Counts as somebody published them: columns day, candidate and one or more measures.

    Raises
    ------
    DataError
        If a column is missing or unknown, or a count is no count.
    """
    names = columns_of(path)
    day = required(path, names, "day")
    measures = [name for name in names if name in MEASURES]
    if "candidate" not in names or not measures:
        raise DataError(
            f"{path}: neither texts nor counts; accepted: a column of texts, or day, candidate and "
            f"one or more of {', '.join(MEASURES)}"
        )
    accepted = [day, "candidate", *MEASURES]
    if strange := [name for name in names if name not in accepted]:
        raise DataError(
            f"{path}: no column '{strange[0][:60]}' is known here "
            f"({did_you_mean(strange[0], accepted)}); accepted: {', '.join(accepted)}; take it out"
        )
    raw = pd.concat(list(chunks(path, {name: name for name in names})), ignore_index=True)
    _refuse_strangers(path, raw["candidate"], candidates)
    raw["day"] = days_of(path, raw[day], zone)
    long: pd.DataFrame = raw.melt(["day", "candidate"], measures, "measure", "value").dropna()
    long["value"] = pd.to_numeric(long["value"], errors="coerce")
    if not long["value"].between(0, np.inf, inclusive="left").all():
        raise DataError(f"{path}: a measure is not a count; accepted: numbers of at least 0")
    return long.groupby(["day", "candidate", "measure"])[["value"]].sum().reset_index()


def days_of(path: Path, moments: pd.Series, zone: str) -> pd.Series:
    """Days by local time.

    Examples
    --------
    >>> late = pd.Series(["2017-04-20T23:30:00Z", "2017-04-20", "2017-04-20 08:00"])
    >>> days_of(Path("posts.csv"), late, "Europe/Paris").dt.day.tolist()
    [21, 20, 20]
    """
    words = moments.fillna("").str.strip()
    zoned = words.str.contains(r"(?:Z|[+-]\d\d:?\d\d)$", regex=True) & words.str.contains(":")
    aware = pd.to_datetime(words.where(zoned), utc=True, errors="coerce", format="ISO8601")
    naive = pd.to_datetime(words.where(~zoned), errors="coerce", format="ISO8601")
    day = aware.dt.tz_convert(zone).dt.tz_localize(None).where(zoned, naive).dt.normalize()
    if day.isna().any():
        raise DataError(
            f"{path}: {int(day.isna().sum())} rows have no day; accepted: dates such as "
            "2017-04-21 or 2017-04-21T18:00:00+02:00"
        )
    return day


def as_buzz(counts: pd.DataFrame, source: str, published_on: pd.Timestamp | None) -> pd.DataFrame:
    """Rows of `buzz`: a day can be counted when it is over, or when the figures are published."""
    table = counts.assign(source=source, community="", held_on=counts["day"])
    table["published_on"] = table["day"] + ONE_DAY
    if published_on is not None:
        table["published_on"] = table["published_on"].where(
            table["published_on"] >= published_on, published_on
        )
    table["value"] = table["value"].astype(float)
    order = [
        "day",
        "source",
        "community",
        "candidate",
        "measure",
        "value",
        "published_on",
        "held_on",
    ]
    return table[order].sort_values(["day", "candidate", "measure"], ignore_index=True)


def _refuse_strangers(path: Path, named: pd.Series, candidates: Sequence[str]) -> None:
    strange = named.dropna()[~named.dropna().isin(list(candidates))]
    if len(strange):
        raise DataError(
            f"{path}: '{str(strange.iloc[0])[:40]}' is not a candidate of this election "
            f"({did_you_mean(str(strange.iloc[0]), list(candidates))})"
        )
