"""Forecasts made elsewhere, read from a file: hubverse model output, or a simple table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Abstain, DataError, Evidence, Forecast, Predictor
from bench.core.arrays import FloatArray
from bench.core.forecast import AT_MOST_ONE
from bench.models.forecast_table import (
    DATES,
    DAYS,
    ROUNDING,
    filtered,
    is_chance,
    of_this_vote,
    read_forecast,
    sums_to,
)
from bench.models.quantile_draws import draws_from_quantiles
from bench.models.quoted_chances import without_margin

UNDATED = "the file does not say on which day it was made"


@dataclass(frozen=True, kw_only=True)
class ForecastFile(Predictor):
    """The latest forecast in a file that was made on or before `as_of`, as it stands.

    Hubverse rows of the types mean, median, quantile and sample count, or a table `candidate`,
    `share` (with `draw`, one row per draw and candidate). Quantiles become draws by
    ``share = F^-1(u)``, F interpolated on the normal scale and u independent by candidate;
    a complete ballot is divided by its sum, which must be within 2 points of 1. Rows whose target
    is an event (``elected``, ``first``, ``qualify``, ``majority``) are chances of it.
    """

    family: ClassVar[str] = "brought along"
    needs: ClassVar[frozenset[str]] = frozenset({"ballots"})  # full names of the candidates
    files: ClassVar[frozenset[str]] = frozenset({"path"})

    path: str
    model: str
    location: str
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        if not self.path:
            raise Abstain("no file given; set `path` (a CSV or Parquet file with a forecast)")
        rows, note = self._latest(read_forecast(Path(self.path).expanduser()), evidence)
        stated, rows = rows[is_chance(rows)], rows[~is_chance(rows)]
        chances = self._chances(stated, evidence)
        names = [name for name in evidence.candidates if name in set(rows["candidate"])]
        if not names:
            return Forecast(chances=chances, converted=note)
        whole = len(names) == len(evidence.candidates)
        return replace(self._forecast(rows, names, whole, note, rng), chances=chances)

    def _chances(self, rows: pd.DataFrame, evidence: Evidence) -> pd.DataFrame | None:
        """By event; a complete ballot divided by its sum, if that is rounding and no mistake."""
        if rows.empty:
            return None
        ballot, seats = list(evidence.candidates), evidence.seats
        found = {}
        for event, said in rows.groupby("target"):
            chance = said.groupby("candidate")["value"].first()
            places = 1 if event in AT_MOST_ONE else seats
            total = float(chance.sum())
            whole = set(ballot) <= set(chance.index) and event != "majority"
            if total > places + ROUNDING or (whole and total < places - ROUNDING):
                raise DataError(
                    f"{self.path}: chances of '{event}' sum to {total:.4f}; accepted: {places}, or "
                    f"less where candidates are missing, to within {ROUNDING}"
                )
            found[str(event)] = without_margin(chance, str(event), ballot, seats)
        return pd.DataFrame(found)

    def _forecast(
        self,
        rows: pd.DataFrame,
        names: list[str],
        whole: bool,
        note: str,
        rng: np.random.Generator,
    ) -> Forecast:
        kinds = dict(iter(rows.groupby("output_type")))
        draws: FloatArray | None = None
        if "sample" in kinds:
            table = _wide(kinds["sample"], names, self.path).sort_index()
            draws = self._closed(table.to_numpy(), whole)
        elif "quantile" in kinds:
            table = _wide(kinds["quantile"], names, self.path)
            table.index = table.index.astype(float)
            table = table.sort_index()
            levels = table.index.to_numpy(dtype=float)
            draws = draws_from_quantiles(levels, table.to_numpy(), self.n_draws, rng)
            draws = draws / draws.sum(axis=1, keepdims=True) if whole else _within(draws)
        for kind in ("mean", "median"):
            if kind in kinds:
                point = kinds[kind].groupby("candidate")["value"].first().reindex(names)
                return Forecast(
                    share=pd.Series(self._closed(point.to_numpy()[None], whole)[0], index=names),
                    draws=draws,
                    converted=note,
                )
        assert draws is not None  # read_forecast lets no other types through
        return Forecast(
            share=pd.Series(draws.mean(axis=0), index=names), draws=draws, converted=note
        )

    def _latest(self, rows: pd.DataFrame, evidence: Evidence) -> tuple[pd.DataFrame, str]:
        """Rows of this vote and model, of the latest day on or before `as_of`."""
        wanted = {"election": evidence.election, "round": str(evidence.round)}
        if self.model:
            wanted["model_id"] = self.model
        here = filtered(rows, wanted)
        for column in DAYS:
            if column in here:
                here = here[here[column].eq(evidence.vote_on)]
        if "location" in here and here["location"].nunique() > 1:
            here = here[here["location"].eq(self.location)]
        if here.empty:
            raise Abstain(
                f"{self.path} holds no forecast of round {evidence.round} of {evidence.election}"
                f"{_held(rows, (*wanted, *DAYS, 'location'))}"
            )
        rows, note = of_this_vote(here, evidence, self.path), UNDATED
        for column in DATES:
            if column in rows:
                made = rows[column]
                rows = rows[(made <= evidence.as_of) & made.eq(made[made <= evidence.as_of].max())]
                note = ""
                if rows.empty:
                    raise Abstain(
                        f"{self.path} holds no forecast made on or before "
                        f"{evidence.as_of:%d %B %Y}; the first is of {made.min():%d %B %Y}"
                    )
                break
        if "model_id" in rows and rows["model_id"].nunique() > 1:
            models = ", ".join(sorted(set(rows["model_id"])))
            raise DataError(f"{self.path}: several models; set `model` to one of {models}")
        return rows, note

    def _closed(self, values: FloatArray, whole: bool) -> FloatArray:
        """Complete ballots divided by their sum, if that is rounding and no mistake."""
        total = values.sum(axis=1, keepdims=True)
        far = np.abs(total - 1) if whole else total - 1
        if (far > ROUNDING).any():
            raise DataError(f"{self.path}: {sums_to(float(total.flat[int(far.argmax())]))}")
        return np.asarray(values / total) if whole else _within(values)


def _within(values: FloatArray) -> FloatArray:
    return np.asarray(values / np.maximum(1.0, values.sum(axis=1, keepdims=True)))


def _wide(rows: pd.DataFrame, names: list[str], path: str) -> pd.DataFrame:
    twice = rows.duplicated(["output_type_id", "candidate"])
    wide = rows[~twice].pivot(index="output_type_id", columns="candidate", values="value")
    if twice.any() or wide.isna().to_numpy().any():
        raise DataError(
            f"{path}: {rows['output_type'].iloc[0]} rows must be one per candidate and "
            "output_type_id (or draw); some are double or missing"
        )
    return wide[names]


def _held(rows: pd.DataFrame, columns: tuple[str, ...]) -> str:
    """What the file holds instead, by the columns that say of which vote a row speaks."""
    found = (
        f"{column} {', '.join(sorted(set(rows[column].astype(str)))[:4])}"
        for column in columns
        if column in rows
    )
    return f"; it holds {'; '.join(found)}"
