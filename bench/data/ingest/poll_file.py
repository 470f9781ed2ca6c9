"""A file of polls in the columns of our table, read by a map."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from bench.core.errors import DataError, slug
from bench.core.read import announce
from bench.data.columns import OTHERS_SHARE, TABLES
from bench.data.csv_dialect import HYPOTHESIS, first_cell, raw_rows, whole, with_points
from bench.data.ingest.headings import NEEDED, SHARE, completed
from bench.data.ingest.poll_map import EXTRA, MEANINGS, PollMap
from bench.data.minimal_election import flow
from bench.data.readers import local_times, read_parquet, typed

DAY_END = pd.Timedelta(hours=23, minutes=59)
MAX_LETTERS = 50  # of the name of a poll, before a sum is needed to tell it apart
BETWEEN_THOUSANDS = r"(?<=\d)[ ',.](?=\d{3}\b)"  # nobody interviews a thousandth of a person
BEFORE_END = r"^.*(?:[–—]| - )\s*|^\d{1,2}-(?=\d{1,2} )"  # of "4–8 November 2030"
PATTERNS = (
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%Y/%m/%d",
    "%d-%m-%Y",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
)


def read_polls(path: Path, poll_map: PollMap) -> pd.DataFrame:
    """The rows of a file of polls as text, in the columns of the table `polls`.

    Parameters
    ----------
    path : Path
        CSV or Parquet.
    poll_map : PollMap

    Returns
    -------
    pandas.DataFrame
        The columns of the table as far as the file has them, those of
        `bench.data.ingest.poll_map.EXTRA` (empty where it has none), and `poll_id`; `candidate` as
        the file writes it. The index is the line of the file less 2.

    Raises
    ------
    DataError
        With line, value and what is accepted.
    """
    rows = _raw(path, poll_map)
    poll_map = completed(poll_map, rows, path)
    for column, words in poll_map.only.items():
        rows = rows[rows[_called(column, rows, path)].isin(words)]
    if rows.empty:
        raise DataError(f"{path}: no row is of those that the map asks for ({dict(poll_map.only)})")
    rows = rows.assign(ids=_ids(rows, poll_map, path))
    names = {*rows["ids"]}
    rows = rows[~rows["ids"].isin([*poll_map.left_out])]
    if poll_map.candidates or poll_map.candidates_after:
        rows = _long(rows, poll_map, path)
    rows = rows.rename(columns=dict(poll_map.columns))
    is_repeated = rows.columns.duplicated(keep=False)
    if is_repeated.any():
        repeated = rows.columns[is_repeated][0]
        raise DataError(f"{path}: two columns mean '{repeated}'; accepted: one of them")
    rows = rows.assign(
        **{name: value for name, value in poll_map.constants.items() if name not in rows}
    )
    missing = [name for name in NEEDED if name not in rows]
    if missing:
        raise DataError(
            f"{path}: no column is '{missing[0]}'; the file has "
            f"{', '.join(str(name) for name in rows if name != 'ids')}; a map says which it is: "
            f"`columns: {{…: {missing[0]}}}`"
        )
    candidates = rows["candidate"]
    rows = rows[candidates.notna() & ~candidates.isin(poll_map.nobody)]
    rows = _converted(rows, poll_map, path)
    names |= {*rows["poll_id"]}
    left = {name: reason for name, reason in poll_map.left_out.items() if name in names}
    if left:
        announce(f"{path}: {len(left)} left out, as the map says: {flow(left)}")
    strange = [name for name in poll_map.left_out if name not in names]
    if strange:
        announce(f"{path}: `left_out` of the map names no poll of the file: {flow(strange)}")
    rows = rows[~rows["poll_id"].isin([*poll_map.left_out])]
    table = TABLES["polls"].having(rows.columns)
    typed(rows.reindex(columns=list(table.columns)), path, table)
    columns = [name for name in MEANINGS if name in rows]
    polls = rows[columns].astype(object)
    return polls.where(polls.notna(), None)


def _raw(path: Path, poll_map: PollMap) -> pd.DataFrame:
    if path.suffix == ".parquet":
        cells = read_parquet(path)
        rows = cells.astype(str).where(cells.notna(), None).astype(object)
    else:
        rows = raw_rows(path)
    rows = rows.map(lambda cell: None if cell is None or cell in poll_map.empty else cell)
    return rows.where(rows.notna(), None)


def _called(column: str, rows: pd.DataFrame, path: Path) -> str:
    if column not in rows:
        raise DataError(
            f"{path}: the column '{column}', which the map names, is missing; the file has "
            f"{', '.join(map(str, rows.columns))}"
        )
    return column


def _ids(rows: pd.DataFrame, poll_map: PollMap, path: Path) -> pd.Series:
    """What tells polls apart in the words of the file; empty where nothing does."""
    ids = pd.Series("", index=rows.index, dtype=object)
    for column in poll_map.ids:
        words = rows[_called(column, rows, path)]
        ids = ids + "_" + words.fillna("").astype(str)
    return ids.str.strip("_")


def _long(rows: pd.DataFrame, poll_map: PollMap, path: Path) -> pd.DataFrame:
    """One row per candidate, of a file with one column for each; a poll is a line."""
    columns = [str(name) for name in rows.columns if name != "ids"]
    people = [_called(name, rows, path) for name in poll_map.candidates]
    if not people:
        people = columns[columns.index(_called(poll_map.candidates_after, rows, path)) + 1 :]
        people = [name for name in people if name not in poll_map.nobody]
    _refuse_texts(rows[people], path)
    facts = [name for name in (*columns, "ids") if name not in people]
    numbered = [f"line{line + 2}" for line in rows.index]
    rows = rows.assign(ids=rows["ids"].where(rows["ids"].ne(""), numbered))
    long = rows.melt(facts, people, "candidate", "share", ignore_index=False)
    return long.dropna(subset="share").sort_index(kind="stable")


def _refuse_texts(shares: pd.DataFrame, path: Path) -> None:
    """Refuse columns of candidates that hold texts, with the line of the map that does not."""
    texts = {
        str(name): cells[cells.notna() & ~cells.astype(str).str.fullmatch(SHARE)]
        for name, cells in shares.items()
    }
    strange = [cells for cells in texts.values() if len(cells)]
    if strange:
        names = [name for name, cells in texts.items() if cells.empty]
        raise DataError(
            f"{first_cell(strange[0], path)}, which is no share; if that is no candidate, write in "
            f"the map `candidates: {flow(names)}`"
        )


def _converted(rows: pd.DataFrame, poll_map: PollMap, path: Path) -> pd.DataFrame:
    converted = with_points(rows, path).copy()
    if "round" not in converted:
        converted["round"] = "1"
    converted["round"] = converted["round"].fillna("1").replace(dict(poll_map.rounds))
    shares = converted["share"]
    converted["share"] = _fractions(shares, poll_map.share, path)
    if OTHERS_SHARE in converted:
        others = converted[OTHERS_SHARE].str.rstrip(" %").str.replace(",", ".")
        scale = 1 if converted["share"].equals(shares) else 100
        converted[OTHERS_SHARE] = (pd.to_numeric(others, errors="coerce") / scale).round(5)
    for column, words in poll_map.words.items():
        if column in converted:
            converted[column] = converted[column].replace(dict(words))
    for column, sign in poll_map.lists.items():
        if column in converted:
            converted[column] = converted[column].str.replace(sign, "; ", regex=False)
    for column in ("fieldwork_start", "fieldwork_end", "published_on", *TABLES["polls"].versions):
        if column in converted:
            converted[column] = _days(converted[column], poll_map, path)
    for column in ("sample_size", "sample_expressed"):
        if column in converted:
            joined = converted[column].str.replace(BETWEEN_THOUSANDS, "", regex=True)
            converted[column] = whole(joined)
    converted["candidate"] = converted["candidate"].replace(dict(poll_map.names))
    flags = converted.get("rolling", pd.Series("", converted.index)).str.lower()
    converted["rolling"] = np.where(flags.isin(["true", "1"]), "true", "false")
    converted = converted.assign(**{name: None for name in EXTRA if name not in converted})
    return _named(_dated(converted, poll_map), poll_map)


def _fractions(shares: pd.Series, scale: str, path: Path) -> pd.Series:
    """Percent as fractions; what is not a number stays as it is."""
    plain = shares.str.removesuffix("%").str.strip()
    number = pd.to_numeric(plain, errors="coerce")
    has_sign = shares.str.endswith("%", na=False).any()
    if scale == "fraction" or not (scale or has_sign or number.mean() > 1):
        return shares
    if scale and not has_sign and number.max() <= 1:
        raise DataError(
            f"{path}: the map says that shares are in percent, but the largest is "
            f"{number.max():g}; take `share: percent` out of it"
        )
    fractions = (number / 100).map(lambda fraction: repr(round(fraction, 12)))
    return fractions.where(number.notna(), shares)


def _days(values: pd.Series, poll_map: PollMap, path: Path) -> pd.Series:
    """Dates written 2030-05-12, by the pattern of the map or the one that fits; ends of ranges."""
    ends = values.str.replace(BEFORE_END, "", regex=True)
    if not poll_map.date and local_times(ends).notna().eq(ends.notna()).all():
        return ends
    patterns = [poll_map.date] if poll_map.date else PATTERNS
    read = {pattern: pd.to_datetime(ends, format=pattern, errors="coerce") for pattern in patterns}
    strange = {pattern: values[dates.isna() & values.notna()] for pattern, dates in read.items()}
    fitting = sorted(patterns, key=lambda pattern: len(strange[pattern]))
    closest, dates = fitting[0], read[fitting[0]]
    if len(strange[closest]):
        place = first_cell(strange[closest], path)
        like = f"a date like {poll_map.date or '2030-05-12'}"
        raise DataError(f"{place}; accepted: {like}, or a pattern as `date` of the map")
    for pattern in fitting:
        if not len(strange[pattern]) and not read[pattern].equals(dates):
            raise DataError(
                f"{first_cell(values.dropna(), path)}, which may be two days; write in the map "
                f'`date: "{closest}"` or `date: "{pattern}"`'
            )
    return dates.dt.strftime("%Y-%m-%d").where(dates.notna(), None)


def _dated(rows: pd.DataFrame, poll_map: PollMap) -> pd.DataFrame:
    """When each row was public: stated by a column or a text, else the rule."""
    end = pd.to_datetime(rows["fieldwork_end"], format="%Y-%m-%d", errors="coerce")
    stated = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[ns]")
    if "published_on" in rows:
        stated = pd.to_datetime(rows["published_on"], format="ISO8601", errors="coerce")
        only_day = rows["published_on"].str.len().eq(10)
        stated = stated.where(~only_day, stated + DAY_END)  # a day is over before it counts
    elif poll_map.published_in is not None and poll_map.published_in.column in rows:
        texts = rows[poll_map.published_in.column]
        days = [
            None if pd.isna(day) else poll_map.published_in.day(text, day)
            for text, day in zip(texts, end, strict=True)
        ]
        stated = pd.Series(days, index=rows.index, dtype="datetime64[ns]") + DAY_END
    rule = end + pd.Timedelta(days=poll_map.lag_days) + DAY_END
    moment = stated.fillna(rule)
    basis = stated.notna().map({True: "stated", False: "rule"})
    return rows.assign(
        published_on=moment.dt.strftime("%Y-%m-%dT%H:%M:%S").where(moment.notna(), None),
        basis=rows.get("basis", basis),
    )


def _named(rows: pd.DataFrame, poll_map: PollMap) -> pd.DataFrame:
    """A name for every poll: that of the file, or one made of what tells it from others."""
    if poll_map.ids:
        return rows.assign(poll_id=[_key(f"{poll_map.prefix}{name}") for name in rows["ids"]])
    if "poll_id" in rows:
        return rows
    poll_ids = [
        _key(f"{poll_map.prefix}r{number}_{institute}_{end}_{hypothesis or ''}")
        for number, institute, end, hypothesis in zip(
            rows["round"], rows["institute"], rows["fieldwork_end"], rows[HYPOTHESIS], strict=True
        )
    ]
    rows = rows.assign(poll_id=poll_ids)
    # several lines of one institute and day: a, b, c …
    of_poll = rows.groupby("poll_id")["ids"]
    number = of_poll.transform(lambda ids: pd.factorize(ids)[0])
    return rows.assign(poll_id=rows["poll_id"] + number.map(_letter))


def _key(words: str) -> str:
    """A name as a key; of a long one the beginning and a sum, so that no two become one.

    Examples
    --------
    >>> _key("fr20260703_0705_od_A")
    'fr20260703_0705_od_a'
    >>> _key("a" * 100) == _key("a" * 101)
    False
    """
    if len(words) <= MAX_LETTERS:
        return slug(words)
    total = hashlib.sha256(words.encode()).hexdigest()[:8]
    return f"{slug(words)[:MAX_LETTERS]}_{total}"


def _letter(number: int) -> str:
    if number == 0:
        return ""
    if number < 26:
        return f"_{chr(ord('a') + number)}"
    return f"_{number}"
