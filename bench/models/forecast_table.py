"""Forecasts made elsewhere, as a table: what a file may hold, and whom its names mean."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import pandas as pd

from bench.core.errors import Abstain, DataError, did_you_mean, nearest, slug
from bench.core.evidence import Evidence
from bench.core.forecast import EVENTS
from bench.core.read import (
    MAX_LETTERS,
    read_csv,
    read_parquet,
    refuse_unreadable,
    shortened,
)

DATES = ("reference_date", "origin_date", "forecast_date", "published_on")
DAYS = ("target_end_date", "target_date", "vote_on")
NUMBERS = ("share", "value", "draw")
HUBVERSE = ("output_type", "output_type_id", "value")
OF = ("election", "round", "slate", "model_id", "location", "target", "horizon")
SIMPLE = ("candidate", "share", *EVENTS, "draw", *DATES, *DAYS, *OF)
TYPES = ("mean", "median", "quantile", "pmf", "sample")
YES = ("yes", "true")  # of a pmf; R writes its logical values as TRUE and FALSE
NO = ("no", "false")
ROUNDING = 0.02
"""Shares that sum to 1 to within this are a whole ballot, rounded."""
MEDIAN = 0.5  # level of a quantile
PMF_ROUNDING = 1e-6  # by how much the chances of yes and no may miss 1
NOTHING = ("", "NA")  # empty cells, in the two ways in which R writes them
MAX_BYTES = 30_000_000
MAX_ROWS = 500_000  # 4,000 draws of 11 candidates are 44,000
MAX_NAMES = 300  # candidates of one vote
MOMENT = r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?"  # a day, or a moment without a zone
YEARS = (1678, 2261)  # that a table can hold


def read_forecast(path: Path) -> pd.DataFrame:
    """A forecast file as rows of candidate, output_type, output_type_id, value and what it says.

    Parameters
    ----------
    path : Path
        CSV or Parquet: hubverse model output, or a table `candidate`, `share` (with `draw`), with
        columns of chances named as the `EVENTS`, beside the shares or in their place.

    Returns
    -------
    pandas.DataFrame
        Text as written; `value` is a fraction or, where `target` is an event, its probability;
        columns of days are dates; row labels are lines of the file, less 2.

    Raises
    ------
    DataError
        If it cannot be read, lacks a column, or holds something that is no share: with the line,
        what is accepted, and what to change.
    """
    facts = refuse_unreadable(path, MAX_BYTES)
    stamp = (facts.st_size, facts.st_mtime_ns, facts.st_ino)
    return _forecast(path, stamp).copy()


@lru_cache(maxsize=4)  # every task asks for the same file
def _forecast(path: Path, stamp: tuple[int, ...]) -> pd.DataFrame:
    del stamp
    rows = _read(path)
    hubverse = set(HUBVERSE) <= set(rows)
    _refuse_columns(list(rows.columns), path, hubverse)
    of = ["value"] if hubverse else [key for key in ("share", *EVENTS) if key in rows]
    numbers = {key: _numbers(rows[key], path, blank=key in EVENTS) for key in of}
    blank = rows["candidate"].str.strip().eq("")
    _refuse(rows, blank, path, "the column 'candidate' is empty")
    rows = rows.assign(value=numbers["value"]) if hubverse else _long(rows, numbers)
    is_centre = rows["output_type"].isin(["mean", "median"])
    odd = is_centre & rows["output_type_id"].str.strip().ne("")
    if odd.any():
        raise DataError(
            f"{path}:{_line(odd)}: the output_type_id of a mean or median is "
            f"{shortened(rows['output_type_id'][odd].iloc[0])}; accepted: an empty cell, or NA"
        )
    if strange := sorted(set(rows["output_type"]) - set(TYPES)):
        raise DataError(
            f"{path}: the output types are {', '.join(strange)}; accepted: {', '.join(TYPES)}"
        )
    for column in (*DATES, *DAYS):
        if column in rows:
            rows[column] = _days(rows[column], path)
    rows = _chances_of_pmf(rows, path)
    _refuse_sums(rows, path)
    _refuse_falling(rows, path)
    return rows


def _chances_of_pmf(rows: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Two rows of type pmf, yes and no, as one of type mean: the probability of the event."""
    pmf = rows["output_type"].eq("pmf")
    if not pmf.any():
        return rows
    pmf_rows = rows[pmf]
    answer = pmf_rows["output_type_id"].str.strip().str.lower()
    events = f"a target that is no event of {', '.join(EVENTS)}"
    _refuse(pmf_rows, ~is_chance(pmf_rows), path, f"the row is of type pmf, with {events}")
    strange = ~answer.isin([*YES, *NO])
    _refuse(pmf_rows, strange, path, "the row is of type pmf; accepted as output_type_id: yes, no")
    keys = [name for name in rows.columns if name not in ("output_type_id", "value")]
    total = pmf_rows.groupby(keys, dropna=False)["value"].transform("sum")
    _refuse(
        pmf_rows.assign(total=total),
        (total - 1).abs() > PMF_ROUNDING,
        path,
        "the chances of '{candidate}' ({target}), yes and no together, are {total:.6g}; accepted: "
        "two rows, yes and no, that sum to 1",
    )
    stated = pmf_rows[answer.isin(YES)].assign(output_type="mean", output_type_id="")
    return pd.concat([rows[~pmf], stated]).sort_index(kind="stable")


def _refuse_falling(rows: pd.DataFrame, path: Path) -> None:
    """Levels strictly between 0 and 1, and quantiles that do not fall while their level rises."""
    quantiles = rows[rows["output_type"].eq("quantile")]
    level = pd.to_numeric(quantiles["output_type_id"], errors="coerce")
    _refuse(
        quantiles.assign(level=quantiles["output_type_id"].replace("", "empty")),
        ~((level > 0) & (level < 1)),
        path,
        "the level of a quantile is {level}; accepted: more than 0 and less than 1",
    )
    keys = [name for name in rows.columns if name not in ("output_type_id", "value")]
    ordered = quantiles.assign(level=level).sort_values("level", kind="stable")
    before = ordered.groupby(keys, dropna=False)
    ordered = ordered.assign(low=before["value"].shift(), low_level=before["level"].shift())
    alone = ordered.groupby(keys, dropna=False)["level"].transform("nunique") < 2
    _refuse(
        ordered,
        alone | ordered["level"].eq(ordered["low_level"]),
        path,
        "the quantile {level:g} of '{candidate}' is alone or stands twice; accepted: two levels or "
        "more for each candidate, each once",
    )
    sides = ordered.groupby(keys, dropna=False)["level"].transform
    _refuse(
        ordered,
        (sides("min") >= MEDIAN) | (sides("max") <= MEDIAN),
        path,
        "the quantiles of '{candidate}' lie on one side of the median, as that of {level:g} does; "
        "accepted: levels below and above 0.5",
    )
    _refuse(
        ordered,
        ordered["value"] < ordered["low"],
        path,
        "the quantile {level:g} of '{candidate}' is {value:g}, below that of {low_level:g} "
        "({low:g}); accepted: values that do not fall while the level rises",
    )


def _refuse(rows: pd.DataFrame, wrong: pd.Series, path: Path, message: str) -> None:
    """Refuse the first of the marked rows, if there is one; its cells are filled in."""
    if wrong.any():
        raise DataError(f"{path}:{_line(wrong)}: {message.format_map(rows[wrong].iloc[0])}")


def _line(marked: pd.Series) -> int:
    """The line of the file that the first marked row was."""
    return int(str(marked.index[int(marked.to_numpy().argmax())])) + 2


def _numbers(written: pd.Series, path: Path, *, blank: bool) -> pd.Series:
    """Fractions of a column; a method may say nothing of an event, and leaves the cell blank."""
    number = pd.to_numeric(written.str.strip(), errors="coerce")
    wrong = ~number.between(0, 1) & ~(written.str.strip().eq("") & blank)
    if wrong.any():
        text = shortened(written[wrong].iloc[0]) or "empty"
        percent = "; divide by 100" if 1 < (number.max() or 0) <= 100 and number.min() >= 0 else ""
        unit = "a probability" if written.name in EVENTS else "a fraction of the valid votes"
        raise DataError(
            f"{path}:{_line(wrong)}: column '{written.name}' is {text}; accepted: {unit}, 0 to 1, "
            f"not percent{percent}"
        )
    return number


def _long(rows: pd.DataFrame, numbers: Mapping[str, pd.Series]) -> pd.DataFrame:
    """A simple table in the columns of hubverse: chances are rows whose target is their event."""
    rest = rows.drop(columns=list(numbers))
    parts = []
    for key, number in numbers.items():
        stated = rest.assign(output_type="mean", output_type_id="", value=number)
        if key in EVENTS:
            stated = stated.assign(target=key)
        elif "draw" in rows:
            stated = stated.assign(output_type="sample", output_type_id=rows["draw"])
        parts.append(stated.dropna(subset="value"))
    long = pd.concat(parts)
    return long.assign(target=long["target"].fillna("")) if "target" in long else long


def of_this_vote(rows: pd.DataFrame, evidence: Evidence, path: str) -> pd.DataFrame:
    """The same rows with the keys of this ballot's candidates instead of names.

    A name is the key of a candidate, or the full name, in any spelling of accents and capitals.

    Raises
    ------
    DataError
        If a name is nobody on the ballot.
    Abstain
        If most of the names are: the forecast is of another vote.
    """
    ballots = evidence["ballots"]
    own = ballots[ballots["election"] == evidence.election]
    keys = {slug(n): str(key) for n, key in zip(own["name"], own["candidate"], strict=True)}
    keys |= {key: key for key in [*own["candidate"], *evidence.candidates]}
    written = rows["candidate"].unique()
    if len(written) > MAX_NAMES:
        raise DataError(
            f"{path}: {len(written):,} names of candidates of one vote; accepted: {MAX_NAMES}"
        )
    named = rows["candidate"].map({name: keys.get(slug(name), "") for name in written})
    on_ballot = named.isin(evidence.candidates)
    strangers = sorted(set(rows["candidate"][~on_ballot]))
    if not strangers:
        _refuse_spellings(rows.assign(key=named), path)
        return rows.assign(candidate=named)
    ballot = {name: key for name, key in keys.items() if key in evidence.candidates}
    nameless = set(rows["candidate"][named == ""])  # the others stood in another round
    near = {name: nearest(name, ballot) if name in nameless else None for name in strangers}
    if not any(near.values()) and 2 * len(strangers) > rows["candidate"].nunique():
        raise Abstain(
            f"{path} names {', '.join(strangers[:4])}: not on the ballot of round "
            f"{evidence.round} of {evidence.election}, so it is a forecast of another vote "
            "(columns 'election' and 'round' say of which)"
        )
    first = next((name for name in strangers if near[name]), strangers[0])
    line = int(rows.index[rows["candidate"] == first][0]) + 2
    n_others = len(strangers) - 1
    and_others = f" (and {n_others} more)" if n_others else ""
    raise DataError(
        f"{path}:{line}: '{first}'{and_others} is not on the ballot of round {evidence.round} of "
        f"{evidence.election} ({_hint(near[first], ballot)}); correct the name, or "
        "take rows that are nobody out"
    )


def _refuse_spellings(rows: pd.DataFrame, path: str) -> None:
    """One candidate under a key and a name, or two names, would be two forecasts of one."""
    spellings = rows.groupby("key")["candidate"].nunique()
    if (spellings > 1).any():
        key = str(spellings.idxmax())
        names = rows[rows["key"].eq(key)].drop_duplicates("candidate")["candidate"]
        first, second = names.iloc[:2]
        raise DataError(
            f"{path}:{int(str(names.index[1])) + 2}: '{second}' and '{first}' are one candidate, "
            f"{key}; write one of them in every row"
        )


def _hint(near: str | None, ballot: Mapping[str, str]) -> str:
    listed = f"known: {', '.join(sorted(set(ballot.values())))}"
    return f"did you mean '{ballot[near]}'? {listed}" if near else listed


def _read(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        read = read_parquet(path, None, max_bytes=MAX_BYTES, max_rows=MAX_ROWS)
        read = read.loc[:, ~read.columns.str.startswith("__index_level_")]  # pandas' row labels
        rows = read.astype(str).where(read.notna(), "")
    else:
        read = read_csv(path, max_bytes=MAX_BYTES, max_rows=MAX_ROWS)
        rows = read.fillna("")
    if rows.empty:
        raise DataError(f"{path}: the file has a header and no rows")
    rows.columns = pd.Index([str(name).strip() for name in rows.columns])
    rows = rows.reset_index(drop=True)
    if _is_numbered(rows):
        rows = rows.iloc[:, 1:]
    for name in rows.columns.difference([*NUMBERS, *EVENTS]):
        for text in rows[name].unique():
            if len(text) > MAX_LETTERS:
                raise DataError(
                    f"{path}:{_line(rows[name].eq(text))}: column '{name}' has {len(text):,} "
                    f"letters; accepted: text of at most {MAX_LETTERS} letters"
                )
    return rows.where(~rows.isin(NOTHING), "")


def _is_numbered(rows: pd.DataFrame) -> bool:
    """Whether the first column is the number of the row, which R's write.csv adds by itself."""
    first = rows.columns[0]
    numbers = [str(number) for number in range(1, len(rows) + 1)]
    return first == "" and list(rows[first]) == numbers


def _refuse_columns(columns: list[str], path: Path, hubverse: bool) -> None:
    listed = ", ".join(columns)[:300]
    simple = ("candidate",) if set(EVENTS) & set(columns) else ("candidate", "share")
    needed = ("candidate",) if hubverse else simple
    if missing := [name for name in needed if name not in columns]:
        rest = [c for c in columns if c not in SIMPLE]
        hint = f"; if '{rest[0]}' is it, call it '{missing[0]}'" if len(rest) == 1 else ""
        unit = " (fractions, 0 to 1, not percent)" if missing[0] == "share" else ""
        raise DataError(
            f"{path}:1: the columns are {listed}; accepted: candidate, share [, draw] or "
            f"candidate, {', '.join(HUBVERSE)}; the column '{missing[0]}' is missing{hint}{unit}"
        )
    accepted = [*SIMPLE, *(HUBVERSE if hubverse else ())]
    if surplus := [name for name in columns if name not in accepted]:
        raise DataError(
            f"{path}:1: the column '{surplus[0]}' is no part of a forecast "
            f"({did_you_mean(surplus[0], accepted)}); take it out"
        )


def _days(values: pd.Series, path: Path) -> pd.Series:
    """Days, or moments, all written in one way: 2017-04-20 beside 20/04/2017 is a mistake."""
    shape = values.str.replace(r"\d", "0", regex=True)
    wrong = ~shape.isin([shape.iloc[0]]) | ~values.str.fullmatch(MOMENT)
    days = pd.to_datetime(values.where(~wrong), errors="coerce", format="ISO8601")
    wrong |= ~days.dt.year.between(*YEARS)
    if wrong.any():
        cell = shortened(values[wrong].iloc[0]) or "empty"
        raise DataError(
            f"{path}:{_line(wrong)}: column '{values.name}' is {cell}; accepted: dates such as "
            "2030-05-12, without a zone, all written alike"
        )
    return days


def _refuse_sums(rows: pd.DataFrame, path: Path) -> None:
    """One row per candidate, and shares of one ballot that sum to at most 1."""
    keys = [name for name in rows.columns if name not in ("candidate", "value", "share", "draw")]
    _refuse(
        rows,
        rows.duplicated([*keys, "candidate"]),
        path,
        "'{candidate}' stands here twice; {output_type} rows must be one per candidate and "
        "output_type_id (or draw)",
    )
    summed = rows[rows["output_type"].isin(["mean", "sample"]) & ~is_chance(rows)]
    if summed.empty:
        return
    total = summed.groupby(keys, dropna=False)["value"].transform("sum")
    if (total > 1 + ROUNDING).any():
        raise DataError(f"{path}: {sums_to(float(total.max()))}")


def is_chance(rows: pd.DataFrame) -> pd.Series:
    """Which rows are probabilities of events, by their target."""
    if "target" not in rows:
        return pd.Series(False, index=rows.index)
    return rows["target"].isin(list(EVENTS))


def sums_to(total: float, within: float = ROUNDING) -> str:
    """What is wrong with shares of that sum."""
    return (
        f"shares sum to {total:.4f}; accepted: 1, or less where candidates are missing, to within "
        f"{within}"
    )


def filtered(rows: pd.DataFrame, cells: Mapping[str, str]) -> pd.DataFrame:
    """Rows whose columns, where the file has them, hold these words."""
    for column, value in cells.items():
        if column in rows:
            rows = rows[rows[column].str.strip().eq(value)]
    return rows
