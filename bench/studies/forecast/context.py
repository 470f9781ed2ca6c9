"""What was asked and what was found, as the view of a forecast selects it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from bench.core.options import label
from bench.data.election import Election, Round, load_election
from bench.report.context import election_title, names_of, sources_of
from bench.studies.forecast.analysis import Settings

LEADING = 0.05  # share from which a candidate is drawn
MAX_OFF_BALLOT = 0.15
"""Polls of which a larger part chose somebody who is not on the ballot are not shown."""


@dataclass(frozen=True)
class ForecastView:
    """The tables of a forecast with what was asked."""

    vote: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    settings: Settings

    @cached_property
    def election(self) -> Election:
        """The election."""
        return load_election(str(self.vote["election"]))

    @cached_property
    def round(self) -> Round:
        """The round that is asked about."""
        return self.election.rounds[int(self.vote["round"])]

    @cached_property
    def title(self) -> str:
        """The election as people call it."""
        return election_title(self.election.title)

    @cached_property
    def source(self) -> str:
        """Where the evidence comes from."""
        return sources_of([str(self.vote["election"])])

    @cached_property
    def names(self) -> dict[str, str]:
        """Surnames by slug."""
        return names_of([str(self.vote["election"])])

    @cached_property
    def as_of(self) -> pd.Timestamp:
        """The moment."""
        return pd.Timestamp(self.vote["as_of"])

    @cached_property
    def days(self) -> list[pd.Timestamp]:
        """The days on which the vote may be."""
        return [pd.Timestamp(one) for one in self.vote["days"]]

    @cached_property
    def last_interview_on(self) -> pd.Timestamp | None:
        """The day on which the interviews of the newest poll ended; None without polls."""
        last = self.vote["last_interview_on"]
        return None if last is None else pd.Timestamp(last)

    @cached_property
    def method(self) -> str:
        """What people call the method of the headline."""
        return label("predictor", self.settings.headline)

    @cached_property
    def is_listed(self) -> bool:
        """Whether the official ballot was public at the moment, as far as the folder says."""
        first = self.election.rounds[min(self.election.rounds)]
        public = first.known_at if self.round is not first else self.round.listed_on
        return public is not None and self.as_of >= public

    def rows(
        self, predictor: str, as_of: pd.Timestamp | None = None, slate: str | None = None
    ) -> pd.DataFrame:
        """Forecasts of one predictor by candidate, the largest share first."""
        rows = self.on_slate(self.tables["forecasts"], slate)
        here = (rows["predictor"] == predictor) & (rows["as_of"] == (as_of or self.as_of))
        return (
            rows[here].set_index("candidate").sort_values("share", ascending=False, kind="stable")
        )

    def on_slate(self, rows: pd.DataFrame, slate: str | None = None) -> pd.DataFrame:
        """Rows about a slate, the one asked about if none is given."""
        if "slate" not in rows:
            return rows
        return rows[rows["slate"].fillna("") == (self.vote["slate"] if slate is None else slate)]

    @cached_property
    def now(self) -> pd.DataFrame:
        """The headline forecast."""
        return self.rows(self.settings.headline)

    @cached_property
    def leading(self) -> list[str]:
        """Whom it gives `LEADING` or more, else the first alone."""
        shares = self.now["share"]
        return list(map(str, shares.index[shares >= LEADING])) or [str(shares.index[0])]

    @cached_property
    def polls(self) -> pd.DataFrame:
        """The polls that are shown."""
        rows = self.tables["polls"]
        return rows[rows["off_ballot"] <= MAX_OFF_BALLOT]

    @cached_property
    def since(self) -> pd.Timestamp:
        """The moment of the forecast with which it is compared."""
        return self.as_of - pd.Timedelta(days=self.settings.since_days)

    @cached_property
    def before(self) -> pd.DataFrame:
        """That forecast; no rows if there was none."""
        return self.rows(self.settings.headline, self.since)

    @cached_property
    def elected(self) -> pd.Series:
        """Chances of being elected in the end, by candidate; empty where there is no runoff."""
        rows = self.tables.get("joint")
        if rows is None or self.round.seats == 1:
            return pd.Series(dtype=float)
        return rows.set_index("candidate")["p_elected"].dropna()

    @cached_property
    def mixture(self) -> pd.DataFrame:
        """The forecast over all slates that have a weight; no rows without weights."""
        return self.tables.get("mixture", pd.DataFrame(columns=["candidate"]))
