"""Forecasts made elsewhere, read from a file: hubverse model output, or a simple table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from typing_extensions import override

from bench.contract import Abstain, DataError, Evidence, Forecast, Predictor
from bench.kit.quantile_draws import draws_from_quantiles

FloatArray = npt.NDArray[np.float64]

DATES = ("reference_date", "origin_date", "forecast_date", "published_on")
DAYS = ("target_end_date", "target_date", "vote_on")
HUBVERSE = ("output_type", "output_type_id", "value")
ROUNDING = 0.02
UNDATED = "the file does not say on which day it was made"


@dataclass(frozen=True, kw_only=True)
class ForecastFile(Predictor):
    """The latest forecast in a file that was made on or before `as_of`, as it stands.

    Hubverse rows of the types mean, median, quantile and sample count, or a table `candidate`,
    `share` (with `draw`, one row per draw and candidate). Quantiles become draws by
    ``share = F^-1(u)``, F interpolated on the normal scale and u independent by candidate;
    a complete ballot is divided by its sum, which must be within 2 points of 1.
    """

    family: ClassVar[str] = "brought along"
    needs: ClassVar[frozenset[str]] = frozenset()
    files: ClassVar[frozenset[str]] = frozenset({"path"})

    path: str
    model: str
    location: str
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        if not self.path:
            raise Abstain("no file given; set `path` (a CSV or Parquet file with a forecast)")
        rows, note = self._latest(_read(Path(self.path).expanduser()), evidence)
        hubverse = set(HUBVERSE) <= set(rows)
        value = "value" if hubverse else "share"
        rows = rows.assign(value=pd.to_numeric(rows[value], errors="coerce"))
        if rows["value"].isna().any() or not rows["value"].between(0, 1).all():
            wrong = rows.loc[~rows["value"].between(0, 1), value].iloc[0]
            raise DataError(
                f"{self.path}: column '{value}' is {wrong}; accepted: a fraction of the valid "
                "votes, 0 to 1, not percent"
            )
        names = [name for name in evidence.candidates if name in set(rows["candidate"])]
        if not hubverse:
            kind = "sample" if "draw" in rows else "mean"
            rows = rows.assign(output_type=kind, output_type_id=rows.get("draw", ""))
        whole = len(names) == len(evidence.candidates)
        return self._forecast(rows, names, whole, note, rng)

    def _forecast(
        self, rows: pd.DataFrame, names: list[str], whole: bool, note: str,
        rng: np.random.Generator,
    ) -> Forecast:  # fmt: skip
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
        if draws is None:
            raise DataError(
                f"{self.path}: the output types are {', '.join(map(str, kinds))}; accepted: "
                "mean, median, quantile, sample"
            )
        return Forecast(
            share=pd.Series(draws.mean(axis=0), index=names), draws=draws, converted=note
        )

    def _latest(self, rows: pd.DataFrame, evidence: Evidence) -> tuple[pd.DataFrame, str]:
        """Rows of this vote and model, of the latest day on or before `as_of`."""
        wanted = {"election": evidence.election, "round": str(evidence.round)}
        if self.model:
            wanted["model_id"] = self.model
        for column, value in wanted.items():
            if column in rows:
                rows = rows[rows[column].eq(value)]
        for column in DAYS:
            if column in rows:
                rows = rows[pd.to_datetime(rows[column]).eq(evidence.vote_on)]
        if "location" in rows and rows["location"].nunique() > 1:
            rows = rows[rows["location"].eq(self.location)]
        rows = rows[rows["candidate"].isin(evidence.candidates)]
        note = UNDATED
        for column in DATES:
            if column in rows:
                made = pd.to_datetime(rows[column])
                rows = rows[(made <= evidence.as_of) & made.eq(made[made <= evidence.as_of].max())]
                note = ""
                break
        if rows.empty:
            raise Abstain(
                f"{self.path} holds no forecast of round {evidence.round} of {evidence.election} "
                f"made on or before {evidence.as_of:%d %B %Y}"
            )
        if "model_id" in rows and rows["model_id"].nunique() > 1:
            models = ", ".join(sorted(set(rows["model_id"])))
            raise DataError(f"{self.path}: several models; set `model` to one of {models}")
        return rows, note

    def _closed(self, values: FloatArray, whole: bool) -> FloatArray:
        """Complete ballots divided by their sum, if that is rounding and no mistake."""
        total = values.sum(axis=1, keepdims=True)
        far = np.abs(total - 1) if whole else total - 1
        if (far > ROUNDING).any():
            raise DataError(
                f"{self.path}: shares sum to {float(total.flat[int(far.argmax())]):.4f}; accepted: "
                f"1, or less where candidates are missing, to within {ROUNDING}"
            )
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


def _read(path: Path) -> pd.DataFrame:
    try:
        if path.suffix == ".parquet":
            rows = pd.read_parquet(path).astype(str)
        else:
            rows = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read ({error}); accepted: CSV or Parquet") from error
    if "candidate" not in rows or not (set(HUBVERSE) <= set(rows) or "share" in rows):
        raise DataError(
            f"{path}: the columns are {', '.join(rows.columns)}; accepted: candidate, share "
            f"[, draw] or candidate, {', '.join(HUBVERSE)}"
        )
    return rows
