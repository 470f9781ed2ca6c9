"""Forecasts made elsewhere, read from a file: hubverse model output, or a simple table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Abstain, DataError, Evidence, Forecast, Predictor
from bench.core.read import MAX_YEARS
from bench.models.forecast_table import DATES, DAYS, filtered, of_this_vote, read_forecast
from bench.models.stated_forecast import stated_forecast

UNDATED = "the file does not say on which day it was made"


@dataclass(frozen=True, kw_only=True)
class ForecastFile(Predictor):
    """The latest forecast in a file that was made on or before `as_of`, as it stands.

    Hubverse rows of the types mean, median, quantile, pmf and sample count, or a table
    `candidate`, `share` (with `draw`, one row per draw and candidate). Quantiles become draws by
    ``share = F^-1(u)``, F interpolated on the normal scale and u independent by candidate;
    a complete ballot is divided by its sum, which must be within 2 points of 1. Rows whose target
    is an event (``elected``, ``first``, ``qualify``, ``majority``) are chances of it. Where a file
    speaks of several slates, that of exactly this ballot counts.
    """

    family: ClassVar[str] = "brought along"
    needs: ClassVar[frozenset[str]] = frozenset({"ballots"})  # full names of the candidates
    files: ClassVar[frozenset[str]] = frozenset({"path"})

    path: str
    model: str
    location: str
    n_draws: int

    def __post_init__(self) -> None:
        """Refuse a file that no vote could be read from, before anything is computed."""
        if self.path:
            read_forecast(Path(self.path).expanduser())

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        if not self.path:
            raise Abstain("no file given; set `path` (a CSV or Parquet file with a forecast)")
        rows, note = self._latest(read_forecast(Path(self.path).expanduser()), evidence)
        return stated_forecast(
            rows,
            evidence.candidates,
            evidence.n_advance,
            n_draws=self.n_draws,
            rng=rng,
            path=self.path,
            converted=note,
        )

    def _latest(self, rows: pd.DataFrame, evidence: Evidence) -> tuple[pd.DataFrame, str]:
        """Rows of this vote and model, of the latest day on or before `as_of`."""
        vote = {"election": evidence.election, "round": str(evidence.round)}
        if self.model:
            vote["model_id"] = self.model
        vote_rows = filtered(rows, vote)
        for column in DAYS:
            if column in vote_rows:
                vote_rows = vote_rows[vote_rows[column].eq(evidence.vote_on)]
        if "location" in vote_rows and vote_rows["location"].nunique() > 1:
            vote_rows = vote_rows[vote_rows["location"].eq(self.location)]
        if vote_rows.empty:
            raise Abstain(
                f"{self.path} holds no forecast of round {evidence.round} of {evidence.election}"
                f"{_contents(rows, (*vote, *DAYS, 'location'))}"
            )
        vote_rows = _of_this_slate(vote_rows, evidence)
        rows = of_this_vote(vote_rows, evidence, self.path)
        dated_by = next((column for column in DATES if column in rows), None)
        if dated_by is None:
            notes = [UNDATED]
        else:
            notes = []
            rows = self._newest(rows, dated_by, evidence)
        if "model_id" in rows and rows["model_id"].nunique() > 1:
            models = ", ".join(sorted(set(rows["model_id"])))
            raise DataError(f"{self.path}: several models; set `model` to one of {models}")
        if "location" in rows and (place := str(rows["location"].iloc[0])) != self.location:
            notes.append(f"its only location, '{place}', was read as the whole electorate")
        return rows, "; ".join(notes)

    def _newest(self, rows: pd.DataFrame, column: str, evidence: Evidence) -> pd.DataFrame:
        """Rows of the latest date in a column on or before `as_of`."""
        dates = rows[column]
        if (dates + pd.DateOffset(years=MAX_YEARS) < evidence.vote_on).any():
            raise DataError(
                f"{self.path}: a forecast is of {dates.min():%d %B %Y}; accepted: at most "
                f"{MAX_YEARS} years before the vote; correct the year in '{column}'"
            )
        is_past = dates <= evidence.as_of
        if not is_past.any():
            raise Abstain(
                f"{self.path} holds no forecast made on or before "
                f"{evidence.as_of:%d %B %Y}; the first is of {dates.min():%d %B %Y}"
            )
        return rows[is_past & dates.eq(dates[is_past].max())]


def _of_this_slate(rows: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """Rows about the slate whose candidates are the ballot; all where a file names none."""
    if "slate" not in rows:
        return rows
    of_ballot = [
        part for _, part in rows.groupby("slate") if _ballot(part) == {*evidence.candidates}
    ]
    if not of_ballot and rows["slate"].nunique() > 1:
        raise Abstain(
            f"no slate of the file is this ballot; it speaks of {', '.join(set(rows['slate']))}"
        )
    return of_ballot[0] if of_ballot else rows


def _ballot(rows: pd.DataFrame) -> set[str]:
    return {str(name) for name in rows["candidate"]}


def _contents(rows: pd.DataFrame, columns: tuple[str, ...]) -> str:
    """What the file holds instead, by the columns that say of which vote a row speaks."""
    contents = (
        f"{column} {', '.join(sorted(set(rows[column].astype(str)))[:4])}"
        for column in columns
        if column in rows
    )
    return f"; it holds {'; '.join(contents)}"
