"""The chances that markets and model-makers stated of votes whose outcome is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from bench.core import paths
from bench.data.columns import KNOWN
from bench.data.election import Election
from bench.data.past_errors import of_every_election, shipped_table
from bench.data.readers import remembered
from bench.data.tables import outcomes_of, table_of, uncut
from bench.models.quoted_chances import QUANTITIES, event_of, is_quoted, without_margin

HORIZONS_DAYS = (1, 7, 14, 30, 60, 90)
WITHIN_DAYS = 7
"""A horizon needs a quote of so many days before it."""

DECIDED = ("elected", "qualify")
"""Events that the outcome of the round itself decides; see `_of_election` for ``elected``."""

FILE = "past_quotes.parquet"

COLUMNS = KNOWN["past_quotes"]


def past_quotes_for(as_of: pd.Timestamp) -> pd.DataFrame:
    """The quotes that a task may learn from: of votes, in every country, known at `as_of`."""
    rows = uncut("past_quotes", shipped_quotes())
    return rows[rows["published_on"] <= as_of].reset_index(drop=True)


def shipped_quotes() -> pd.DataFrame:
    """The table as it lies in `datasets/past_errors`, made anew by ``python -m tools.past_errors``.

    Raises
    ------
    DataError
        If the file is missing or does not hold what it should.
    """
    return _shipped(paths.datasets() / "past_errors" / FILE)


@remembered()
def _shipped(path: Path) -> pd.DataFrame:
    return shipped_table(path, COLUMNS)


def past_quotes_of(names: Iterable[str] | None = None) -> pd.DataFrame:
    """The table, from the claims and outcomes of elections.

    Elections of made-up countries and unranked ones teach nothing.

    Parameters
    ----------
    names : iterable of str, optional
        Shipped elections; all if left out.
    """
    return of_every_election(_of_election, COLUMNS, ["vote_on", *COLUMNS.key], names)


def _of_election(election: Election) -> Iterator[pd.DataFrame]:
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
            for horizon in HORIZONS_DAYS:
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
