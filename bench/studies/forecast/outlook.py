"""The tables of a forecast, by what was asked: of the moment, of an earlier one, of a ballot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from bench.core.settings import Experiment
from bench.data.election import Election, Round, load_election
from bench.models.chain import TOGETHER
from bench.report.context import names_of
from bench.runner.results import Results
from bench.studies.base import settings_of
from bench.studies.forecast.analysis import Settings

LEADING = 0.05  # share from which a candidate is drawn
MAX_OFF_BALLOT = 0.15
"""Polls of which a larger part chose somebody who is not on the ballot are not shown."""


@dataclass(frozen=True)
class Outlook:
    """The tables of a forecast with what was asked.

    Attributes
    ----------
    vote : mapping
        The fact `vote` of the results.
    tables : mapping of str to pandas.DataFrame
    settings : Settings
    """

    vote: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    settings: Settings

    @classmethod
    def of_run(cls, experiment: Experiment, results: Results) -> Outlook:
        """That of the results of an experiment."""
        return cls(results.facts["vote"], results.tables, settings_of(Settings, experiment))

    @cached_property
    def election(self) -> Election:
        """The election."""
        return load_election(str(self.vote["election"]))

    @cached_property
    def round(self) -> Round:
        """The round that is asked about."""
        return self.election.rounds[int(self.vote["round"])]

    @cached_property
    def names(self) -> dict[str, str]:
        """Surnames by slug."""
        return names_of([str(self.vote["election"])])

    @cached_property
    def as_of(self) -> pd.Timestamp:
        """The moment."""
        return pd.Timestamp(self.vote["as_of"])

    @cached_property
    def possible_days(self) -> list[pd.Timestamp]:
        """The days on which the vote may be."""
        return [pd.Timestamp(day) for day in self.vote["days"]]

    @property
    def vote_on(self) -> pd.Timestamp:
        """The last of them."""
        return self.possible_days[-1]

    @cached_property
    def last_interview_on(self) -> pd.Timestamp | None:
        """The day on which the interviews of the newest poll ended; None without polls."""
        day = self.vote["last_interview_on"]
        return None if day is None else pd.Timestamp(day)

    @cached_property
    def is_listed(self) -> bool:
        """Whether the official ballot was public at the moment, as far as the folder says."""
        first = self.election.rounds[min(self.election.rounds)]
        public = first.known_at if self.round is not first else self.round.listed_on
        return public is not None and self.as_of >= public

    def forecast_of(
        self, predictor: str, as_of: pd.Timestamp | None = None, slate: str | None = None
    ) -> pd.DataFrame:
        """What one predictor says by candidate, the largest share first."""
        rows = self.on_slate(self.tables["forecasts"], slate)
        of_predictor = rows[rows["predictor"] == predictor]
        of_moment = of_predictor[of_predictor["as_of"] == (as_of or self.as_of)]
        by_candidate = of_moment.set_index("candidate")
        return by_candidate.sort_values("share", ascending=False, kind="stable")

    def on_slate(self, rows: pd.DataFrame, slate: str | None = None) -> pd.DataFrame:
        """Rows about a slate, the one asked about if none is given."""
        if "slate" not in rows:
            return rows
        key = self.vote["slate"] if slate is None else slate
        return rows[rows["slate"].fillna("") == key]

    @cached_property
    def headline(self) -> pd.DataFrame:
        """The headline forecast."""
        return self.forecast_of(self.settings.headline)

    @cached_property
    def leading(self) -> list[str]:
        """The candidates to whom it gives `LEADING` or more, else the first alone."""
        shares = self.headline["share"]
        candidates = list(map(str, shares.index[shares >= LEADING]))
        return candidates or [str(shares.index[0])]

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
    def earlier(self) -> pd.DataFrame:
        """That forecast; no rows if there was none."""
        return self.forecast_of(self.settings.headline, self.since)

    @cached_property
    def has_pairs(self) -> bool:
        """Whether it says who meets in the runoff."""
        return "pairs" in self.tables

    @cached_property
    def decides(self) -> bool:
        """Whether the round that is asked about elects somebody."""
        return self.round.n_advance == 1

    def chances_of_election(self, table: str = "joint", column: str = "p_elected") -> pd.Series:
        """By candidate, after both rounds; none where this round decides."""
        rows = self.tables.get(table)
        if rows is None or self.decides or column not in rows:
            return pd.Series(dtype=float)
        return rows.set_index("candidate")[column].dropna()

    @cached_property
    def together(self) -> pd.DataFrame:
        """By person, the likeliest first, the chances of being elected that `TOGETHER` names."""
        table = "joint" if self.mixture.empty else "mixture"
        chances = {name: self.chances_of_election(table, f"p_{name}") for name in TOGETHER}
        return pd.DataFrame(chances).sort_values("elected", ascending=False, kind="stable")

    @cached_property
    def mixture(self) -> pd.DataFrame:
        """The forecast over all slates that have a weight; no rows without weights."""
        return self.tables.get("mixture", pd.DataFrame(columns=["candidate"]))
