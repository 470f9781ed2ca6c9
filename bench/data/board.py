"""Boards: dated forecasts of persons, whoever published them, as rows of one form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from bench.core.errors import DataError, slug
from bench.data.columns import KNOWN
from bench.data.election import Election
from bench.data.readers import no_rows, read_csv, read_table, typed
from bench.models.forecast_table import HUBVERSE, is_chance, read_forecast
from bench.models.quoted_chances import QUANTITIES

SOURCES = "sources.csv"
BOARD, BOARD_SOURCES = KNOWN["board"], KNOWN["board_sources"]
SHARE, STANDS, THROUGH, ELECTED = BOARD.columns["quantity"].among
KEY = [name for name in BOARD.key if name != "quantile"]
DAY = r"\d{4}-\d\d-\d\d"
MEDIAN = 0.5  # level of a quantile
OF_EVENTS = {"qualify": THROUGH, "elected": ELECTED}
"""Quantities of chances, by the event of `bench.core.forecast.EVENTS`."""
OF_CLAIMS = {"vote_share": SHARE, "candidacy_probability": STANDS} | {
    quantity: OF_EVENTS[event] for quantity, event in QUANTITIES.items() if event in OF_EVENTS
}
"""Quantities of the table `claims` that a board shows, and what they are called there."""


class Board(NamedTuple):
    """What stands in the folder of a board.

    Attributes
    ----------
    statements : pandas.DataFrame
        The rows of all its files, in the columns of the table `board`.
    sources : pandas.DataFrame
        Who states them, in the columns of the table `board_sources`.
    """

    statements: pd.DataFrame
    sources: pd.DataFrame


def board_folder(election: Election) -> Path:
    """Where the files of forecasts of an election lie: `boards/<election>` beside its folder.

    Of a member of a collection such as br2026/president the first word is the name of the board.
    """
    return election.folder.parent / "boards" / election.name.partition("/")[0]


def load_board(election: Election) -> Board:
    """Everything in the folder of an election's board; no rows where there is none.

    Raises
    ------
    DataError
        As `read_board_file`; also if a file is not listed in `sources.csv`.
    """
    folder = board_folder(election)
    is_csv = [path for path in sorted(folder.glob("*.*")) if path.suffix.lower() == ".csv"]
    files = [path for path in is_csv if path.name != SOURCES]
    sources = no_rows(BOARD_SOURCES)
    if (folder / SOURCES).is_file() or files:
        sources = read_table(folder / SOURCES, BOARD_SOURCES, check=True)
    for path in files:
        if path.stem not in set(sources["source"]):
            raise DataError(
                f"{folder / SOURCES}: no row has the source '{path.stem}', of the file {path.name};"
                f" accepted: a row for each file, with {', '.join(BOARD_SOURCES.columns)}"
            )
    rows = [read_board_file(path, election) for path in files] or [no_rows(BOARD)]
    return Board(pd.concat(rows, ignore_index=True), sources)


def read_board_file(path: Path, election: Election) -> pd.DataFrame:
    """The dated forecasts of one source, checked.

    Parameters
    ----------
    path : Path
        CSV with the columns of the table `board`, or hubverse model output with means, medians,
        quantiles and chances of `OF_EVENTS`.
    election : Election
        Whom persons may be: a key or full name of its candidates, in any spelling of accents.

    Returns
    -------
    pandas.DataFrame
        With keys for persons, and moments for days.

    Raises
    ------
    DataError
        With file, line, what is accepted; a name that is nobody's is never guessed.
    """
    raw = read_csv(path)
    if raw.empty:
        raise DataError(f"{path}: a header and no rows; add what the source states, or delete it")
    if set(HUBVERSE) <= set(raw):
        raw = _of_hubverse(path, election)
    if "person" in raw:
        keys = {slug(name): key for key, name in _people(election).items()}
        raw["person"] = [keys.get(slug(name), name) for name in raw["person"].fillna("")]
    if "public_on" in raw:
        is_day = raw["public_on"].str.fullmatch(DAY).eq(True)
        raw["public_on"] = raw["public_on"].mask(is_day, raw["public_on"] + "T23:59:00")
    return typed(
        raw,
        path,
        BOARD,
        candidates=list(_people(election)),
        rules=lambda: _rules(path.stem, election),
    )


def _people(election: Election) -> dict[str, str]:
    people = election.people
    return dict(zip(people["candidate"], people["name"], strict=True))


def _of_hubverse(path: Path, election: Election) -> pd.DataFrame:
    """The same rows in the columns of a board, as text."""
    rows = read_forecast(path)
    is_draw = rows["output_type"].eq("sample")
    if is_draw.any() or "reference_date" not in rows:
        raise DataError(
            f"{path}: a forecast of a board has a 'reference_date' and no rows of type sample; "
            "accepted output types: mean, median, quantile, pmf"
        )
    first = min(election.rounds)
    target = rows["target"] if "target" in rows else pd.Series("", index=rows.index)
    quantity = target.map(OF_EVENTS).where(is_chance(rows), SHARE)
    number = rows["round"] if "round" in rows else pd.Series(str(first), index=rows.index)
    is_median = rows["output_type"].eq("median")
    return pd.DataFrame(
        {
            "source": path.stem,
            "public_on": rows["reference_date"].dt.strftime("%Y-%m-%d"),
            "address": path.name,
            "election": rows.get("election", board_folder(election).name),
            "round": number.mask(quantity.eq(ELECTED), str(first)),
            "person": rows["candidate"],
            "quantity": quantity,
            "quantile": rows["output_type_id"].mask(is_median, str(MEDIAN)).replace("", None),
            "value": rows["value"].astype(str),
        }
    ).dropna(subset="quantity")


def _rules(source: str, election: Election) -> Iterator[Any]:
    from bench.data.schema import rule

    first, name = min(election.rounds), board_folder(election).name
    yield rule(lambda rows: rows["source"].eq(source), "the name of the file", "source")
    yield rule(lambda rows: rows["election"].eq(name), name, "election")
    yield rule(
        lambda rows: rows["round"].isin(list(election.rounds)),
        f"a round of {election.name}: {', '.join(map(str, election.rounds))}",
        "round",
    )
    yield rule(
        lambda rows: rows["round"].eq(first) | rows["quantity"].isin([SHARE, THROUGH]),
        f"round {first}: standing and being elected belong to the whole election",
        "quantity",
        "round",
    )
    known_at = {number: vote.known_at for number, vote in election.rounds.items()}
    yield rule(
        lambda rows: (
            rows["quantity"].isin([STANDS, ELECTED])
            | (rows["public_on"] < rows["round"].map(known_at))
        ),
        "a moment before the result of the round is public (on the day of the vote state the hour)",
        "public_on",
        "round",
    )
    yield rule(
        lambda rows: (
            rows["quantile"].isna()
            | (rows["quantity"].eq(SHARE) & rows["quantile"].gt(0) & rows["quantile"].lt(1))
        ),
        "a level strictly between 0 and 1, of a share; empty for everything else",
        "quantity",
        "quantile",
    )
    yield rule(_do_not_fall, "quantiles that do not fall while their level rises", *KEY)


def _do_not_fall(rows: pd.DataFrame) -> pd.Series:
    ordered = rows.sort_values("quantile", kind="stable")
    below = ordered.groupby(KEY)["value"].shift()
    is_fall = ordered["quantile"].notna() & (ordered["value"] < below)
    return ~is_fall.reindex(rows.index)


def claimed_rows(claims: pd.DataFrame, election: str) -> pd.DataFrame:
    """The dated figures of the table `claims` that state what a board shows.

    Parameters
    ----------
    claims : pandas.DataFrame
        Rows of the table, cut at a moment.
    election : str
    """
    rows = claims[claims["quantity"].isin(list(OF_CLAIMS)) & claims["share"].notna()]
    return pd.DataFrame(
        {
            "source": rows["publisher"],
            "public_on": rows["published_on"],
            "address": rows["source"],
            "election": election,
            "round": rows["round"],
            "person": rows["candidate"],
            "quantity": rows["quantity"].map(OF_CLAIMS),
            "quantile": float("nan"),
            "value": rows["share"],
        }
    )


def polled_rows(polls: pd.DataFrame, election: str) -> pd.DataFrame:
    """The last sample of each institute: a person's mean over the lists that it was asked about.

    Parameters
    ----------
    polls : pandas.DataFrame
        Rows of the table `polls` of one round, cut at a moment.
    election : str
    """
    last = polls["fieldwork_end"].eq(polls.groupby("institute")["fieldwork_end"].transform("max"))
    grouped = polls[last].groupby(["institute", "candidate"], as_index=False)
    rows = grouped.agg(
        public_on=("published_on", "max"),
        address=("source", "first"),
        round=("round", "first"),
        value=("share", "mean"),
    )
    renamed = rows.rename(columns={"institute": "source", "candidate": "person"})
    return renamed.assign(election=election, quantity=SHARE, quantile=float("nan"))[
        list(BOARD.columns)
    ]


def stated_rows(people: pd.DataFrame, levels: Mapping[str, float], **said: Any) -> pd.DataFrame:
    """A forecast by person as rows of a board.

    Parameters
    ----------
    people : pandas.DataFrame
        candidate and, as far as there are any, share, p_runs, p_qualify, p_elected (fractions),
        and the columns of `levels`.
    levels : mapping of str to float
        Columns of quantiles of the share.
    **said
        The other columns of a row: source, public_on, address, election, round.

    Examples
    --------
    >>> people = pd.DataFrame({"candidate": ["ash"], "share": [0.3], "q05": [0.2]})
    >>> rows = stated_rows(people, {"q05": 0.05}, source="me", election="toy", round=1)
    >>> rows[["person", "quantity", "quantile", "value"]].values.tolist()
    [['ash', 'share', nan, 0.3], ['ash', 'share', 0.05, 0.2]]
    """
    columns = {"share": (SHARE, None), **{name: (SHARE, level) for name, level in levels.items()}}
    columns |= {
        "p_runs": (STANDS, None),
        "p_qualify": (THROUGH, None),
        "p_elected": (ELECTED, None),
    }
    parts = [
        pd.DataFrame(
            {
                **said,
                "person": people["candidate"],
                "quantity": quantity,
                "quantile": float("nan") if level is None else level,
                "value": people[name].astype(float).round(6),
            }
        )
        for name, (quantity, level) in columns.items()
        if name in people
    ]
    rows = pd.concat(parts, ignore_index=True).dropna(subset="value")
    return rows.reindex(columns=[name for name in BOARD.columns if name in rows])
