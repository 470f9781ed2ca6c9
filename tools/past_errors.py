"""Make `datasets/past_errors` anew: `python -m tools.past_errors`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from bench.core import paths
from bench.data.columns import KNOWN, Table
from bench.data.election import Election, load_election
from bench.data.past_errors import COLUMNS, FILE, HORIZONS_DAYS, as_categories, errors_of
from bench.data.past_quotes import COLUMNS as QUOTES
from bench.data.past_quotes import FILE as QUOTES_FILE
from bench.data.slates import SAMPLED
from bench.data.tables import outcomes_of, table_of
from bench.models.quoted_chances import QUANTITIES, event_of, is_quoted, without_margin
from tools.build_datasets.cards import part, write_folder
from tools.register import every_election
from tools.sampled_people import DAYS, sampled_people

WHAT = (
    "The mean of the last poll of every institute beside the official share, for every shipped "
    "election with polls, at fixed days before the vote. The error that all institutes share is "
    "learned from it across countries. Beside it the chances that markets and model-makers stated, "
    "and whom the samples of two seasons tested, of whom some did not stand."
)

QUOTE_HORIZONS = (1, 7, 14, 30, 60, 90)
WITHIN_DAYS = 7
"""A horizon needs a quote of so many days before it."""

DECIDED = ("elected", "qualify")
"""Events that the outcome of the round itself decides; see `_quotes_of` for ``elected``."""


def main(arguments: list[str] | None = None) -> int:
    """Write the table, its card and its checksums."""
    parser = argparse.ArgumentParser(prog="python -m tools.past_errors", description=__doc__)
    parser.add_argument("--into", type=Path, default=paths.datasets(), help="where to write")
    write(parser.parse_args(arguments).into)
    return 0


def write(into: Path) -> None:
    """Write the folder `past_errors` below `into`."""
    made = (
        ("past_errors", FILE, past_errors_of(), COLUMNS, HORIZONS_DAYS),
        ("past_quotes", QUOTES_FILE, past_quotes_of(), QUOTES, QUOTE_HORIZONS),
        ("sampled_people", SAMPLED, sampled_people(), KNOWN["sampled_people"], DAYS),
    )
    parts = [
        part(
            name,
            {file: rows},
            columns={file: {key: column.meaning for key, column in schema.columns.items()}},
            horizons=", ".join(map(str, days)),
        )
        for name, file, rows, schema, days in made
    ]
    folder = into / "past_errors"
    folder.mkdir(parents=True, exist_ok=True)
    write_folder(folder, "Past errors of polls, past quotes of markets, past seasons", WHAT, parts)


def past_errors_of(names: Iterable[str] | None = None) -> pd.DataFrame:
    """The table, from the polls and outcomes of elections.

    Elections of made-up countries (user-assigned codes, X…), unranked ones, whose ballot was
    chosen with the outcome in view, and those with ``teaches: false`` teach nothing.

    Parameters
    ----------
    names : iterable of str, optional
        Shipped elections; all if left out.
    """
    order = ["vote_on", "election", "round", "horizon_days"]
    return as_categories(of_every_election(errors_of, COLUMNS, order, names))


def of_every_election(
    of_one: Callable[[Election], Iterator[pd.DataFrame]],
    columns: Table,
    order: list[str],
    names: Iterable[str] | None = None,
) -> pd.DataFrame:
    """What a function says of each ranked election of a real country, as one table.

    Parameters
    ----------
    of_one : function
        The rows of one election, in frames.
    columns : Table
        What the table holds.
    order : list of str
        Columns by which it is sorted.
    names : iterable of str, optional
        Shipped elections; all if left out.
    """
    register = every_election()
    register = register[register["ranked"] & ~register["country"].str.startswith("X")]
    chosen = None if names is None else set(names)
    requested = [n for n in register["election"].drop_duplicates() if chosen is None or n in chosen]
    teachers = [teacher for teacher in map(load_election, requested) if teacher.teaches]
    frames = [rows for teacher in teachers for rows in of_one(teacher)]
    if not frames:
        return pd.DataFrame({name: [] for name in columns.columns})
    rows = pd.concat(frames, ignore_index=True)
    return rows.sort_values(order, kind="stable", ignore_index=True)[list(columns.columns)]


def past_quotes_of(names: Iterable[str] | None = None) -> pd.DataFrame:
    """The table, from the claims and outcomes of elections.

    Elections of made-up countries and unranked ones teach nothing.

    Parameters
    ----------
    names : iterable of str, optional
        Shipped elections; all if left out.
    """
    return of_every_election(_quotes_of, QUOTES, ["vote_on", *QUOTES.key], names)


def _quotes_of(election: Election) -> Iterator[pd.DataFrame]:
    claims = table_of(election, "claims")
    claims = claims[claims["quantity"].isin(QUANTITIES) & claims["share"].notna()]
    if claims.empty:
        return
    for number, vote in election.rounds.items():
        official = outcomes_of(election)
        official = official[official["round"].eq(number) & official["level"].eq("national")]
        is_of_round = claims["round"].eq(number)
        quotes = claims[is_of_round & claims["candidate"].isin(vote.candidates)]
        if official.empty or quotes.empty:
            continue
        place = official.set_index("candidate")["share"].rank(ascending=False, method="first")
        events = [
            event_of(str(quantity), vote.n_advance, len(vote.candidates))
            for quantity in quotes["quantity"]
        ]
        age = (vote.vote_on - quotes["day"]).dt.days
        quotes = quotes.assign(event=events, age=age)
        # before a first round of two nobody can tell from its outcome who is elected
        decided = [event for event in DECIDED if event != "elected" or vote.n_advance == 1]
        quotes = quotes[quotes["event"].isin(decided)]
        for (publisher, event), quoted in quotes.groupby(["publisher", "event"]):
            for horizon in QUOTE_HORIZONS:
                near = quoted[quoted["age"].between(horizon, horizon + WITHIN_DAYS)]
                named = near.groupby("published_on")["candidate"].nunique()
                is_whole = [is_quoted(n_named, 2, len(vote.candidates)) for n_named in named]
                whole = named[is_whole]
                if whole.empty:
                    continue
                newest = near[near["published_on"].eq(whole.index.max())]
                prices = newest.groupby("candidate")["share"].mean()
                chance = without_margin(prices, str(event), vote.candidates, vote.n_advance)
                yield pd.DataFrame(
                    {
                        "election": election.name,
                        "round": number,
                        "country": election.country,
                        "vote_on": vote.vote_on,
                        "published_on": vote.known_at,
                        "publisher": str(publisher),
                        "event": str(event),
                        "horizon_days": horizon,
                        "candidate": chance.index.astype(str),
                        "chance": np.round(chance.to_numpy(dtype=float), 6),
                        "happened": (place[chance.index] <= vote.n_advance).to_numpy(dtype=bool),
                    }
                )


if __name__ == "__main__":
    raise SystemExit(main())
