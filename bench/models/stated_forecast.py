"""Rows of a forecast made elsewhere as a Forecast: shares, draws, chances of events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import ndtri

from bench.core.arrays import FloatArray
from bench.core.errors import DataError, ForecastError
from bench.core.forecast import AT_MOST_ONE, Forecast, contradiction
from bench.models.forecast_table import ROUNDING, is_chance, sums_to
from bench.models.quoted_chances import without_margin

MEDIANS = 0.1
"""Medians of a whole ballot need not sum to 1; those of our own forecasts sum to .948 and more."""


def stated_forecast(
    rows: pd.DataFrame,
    ballot: Sequence[str],
    n_advance: int,
    *,
    n_draws: int,
    rng: np.random.Generator,
    path: str,
    converted: str = "",
) -> Forecast:
    """What the rows of one forecast of one vote say.

    Samples are draws as they stand. Quantiles become draws by ``share = F^-1(u)``, F interpolated
    on the normal scale and u independent by candidate; a complete ballot is divided by its sum,
    which must be within 2 points of 1, of medians within 10. Shares are the mean, else the median,
    else the mean of the draws. What the mean, the median, the quantiles and the samples of a
    candidate say lies within 5 points.

    Parameters
    ----------
    rows : pandas.DataFrame
        From `bench.models.forecast_table.read_forecast`, of one model, day and vote; `candidate`
        holds keys.
    ballot : sequence of str
        The C candidates.
    n_advance : int
        How many get through.
    n_draws : int
        S, from quantiles.
    rng : numpy.random.Generator
    path : str
        The file, for what is said of mistakes.
    converted : str
        As of `Forecast`.

    Raises
    ------
    DataError
        If shares or chances do not sum to what they must, or rows are missing.

    Examples
    --------
    >>> rows = pd.DataFrame({"candidate": ["ash", "birch"], "output_type": "mean",
    ...                      "output_type_id": "", "value": [0.6, 0.4]})
    >>> said = stated_forecast(rows, ["ash", "birch"], 1, n_draws=10,
    ...                        rng=np.random.default_rng(0), path="x.csv")
    >>> said.share.to_dict()
    {'ash': 0.6, 'birch': 0.4}
    """
    of_events = is_chance(rows)
    chances = _chances(rows[of_events], ballot, n_advance, path)
    rows = rows[~of_events]
    names = [name for name in ballot if name in set(rows["candidate"])]
    if not names:
        return Forecast(chances=chances, converted=converted)
    reader = _Reader(path, names, len(names) == len(ballot), converted)
    forecast = reader.forecast(rows, n_draws, rng)
    if not reader.is_whole and forecast.share.sum() >= 1 - ROUNDING:
        none = f"its shares of {len(names)} of {len(ballot)} candidates leave nothing to the others"
        converted = "; ".join(filter(None, (converted, none)))
    return replace(forecast, chances=chances, converted=converted)


def _chances(
    rows: pd.DataFrame, ballot: Sequence[str], n_advance: int, path: str
) -> pd.DataFrame | None:
    """By event; a complete ballot divided by its sum, if that is rounding and no mistake."""
    if rows.empty:
        return None
    chances = {}
    for event, event_rows in rows.groupby("target"):
        chance = event_rows.groupby("candidate")["value"].first()
        places = 1 if event in AT_MOST_ONE else n_advance
        total = float(chance.sum())
        whole = set(ballot) <= set(chance.index) and event != "majority"
        if total > places + ROUNDING or (whole and total < places - ROUNDING):
            raise DataError(
                f"{path}: chances of '{event}' sum to {total:.4f}; accepted: {places}, or "
                f"less where candidates are missing, to within {ROUNDING}"
            )
        chances[str(event)] = without_margin(chance, str(event), ballot, n_advance)
    return pd.DataFrame(chances)


@dataclass(frozen=True)
class _Reader:
    path: str
    names: list[str]
    is_whole: bool
    converted: str

    def forecast(self, rows: pd.DataFrame, n_draws: int, rng: np.random.Generator) -> Forecast:
        by_kind = rows.groupby("output_type")
        kinds = {str(kind): self._wide(kind_rows) for kind, kind_rows in by_kind}
        centres = {}
        if "mean" in kinds:
            centres["mean"] = self._closed(kinds["mean"].to_numpy())[0]
        if "median" in kinds:
            centres["median"] = self._closed(kinds["median"].to_numpy(), MEDIANS)[0]
        if "quantile" in kinds:
            score = ndtri(kinds["quantile"].index.to_numpy())
            middle = [np.interp(0.0, score, column) for column in kinds["quantile"].to_numpy().T]
            centres["median of the quantiles"] = self._closed(np.array([middle]), MEDIANS)[0]
        draws = self._draws(kinds, n_draws, rng)
        if "sample" in kinds:
            assert draws is not None
            centres["mean of the samples"] = draws.mean(axis=0)
        if words := contradiction(centres, self.names):
            raise DataError(
                f"{self.path}: {words} (of a complete ballot, divided by its sum); correct one, or "
                "leave it out"
            )
        stated = [centres[kind] for kind in ("mean", "median") if kind in centres]
        if not stated:
            assert draws is not None  # read_forecast lets no other types through
            stated = [draws.mean(axis=0)]
        named = pd.Series(stated[0], index=self.names)
        return Forecast(share=named, draws=draws, converted=self.converted)

    def _draws(
        self, kinds: dict[str, pd.DataFrame], n_draws: int, rng: np.random.Generator
    ) -> FloatArray | None:
        if "sample" in kinds:
            return self._closed(kinds["sample"].sort_index(kind="stable").to_numpy())
        if "quantile" not in kinds:
            return None
        table = kinds["quantile"]
        draws = draws_from_quantiles(table.index.to_numpy(), table.to_numpy(), n_draws, rng)
        return draws / draws.sum(axis=1, keepdims=True) if self.is_whole else _within(draws)

    def _closed(self, values: FloatArray, within: float = ROUNDING) -> FloatArray:
        """Complete ballots divided by their sum, if that is within what is no mistake."""
        total = values.sum(axis=1, keepdims=True)
        far = np.abs(total - 1) if self.is_whole else total - 1
        if (far > within).any():
            raise DataError(f"{self.path}: {sums_to(float(total.flat[int(far.argmax())]), within)}")
        return np.asarray(values / total) if self.is_whole else _within(values)

    def _wide(self, rows: pd.DataFrame) -> pd.DataFrame:
        twice = rows.duplicated(["output_type_id", "candidate"])
        wide = rows[~twice].pivot(index="output_type_id", columns="candidate", values="value")
        wide = wide.reindex(columns=self.names)
        if twice.any() or wide.isna().to_numpy().any():
            lacking = wide.columns[wide.isna().any()]
            reason = "some are double" if twice.any() else f"some of {lacking[0]} are missing"
            raise DataError(
                f"{self.path}: {rows['output_type'].iloc[0]} rows must be one per candidate and "
                f"output_type_id (or draw); {reason}"
            )
        is_quantile = rows["output_type"].iloc[0] == "quantile"
        return wide.rename(index=float).sort_index(kind="stable") if is_quantile else wide


def _within(values: FloatArray) -> FloatArray:
    return np.asarray(values / np.maximum(1.0, values.sum(axis=1, keepdims=True)))


def draws_from_quantiles(
    levels: FloatArray, values: FloatArray, n_draws: int, rng: np.random.Generator
) -> FloatArray:
    """Independent draws of every column from its quantiles.

    Between two levels the quantile function is linear in the normal score
    ``z = Phi^-1(level)``; beyond the outermost levels it goes on with the slope of the last
    piece. Draws are cut to 0 to 1.

    Parameters
    ----------
    levels : ndarray [Q]
        Rising, strictly between 0 and 1, two at least.
    values : ndarray [Q, C]
        Fractions, not falling with the level.
    n_draws : int
        S.
    rng : numpy.random.Generator
        Uniform numbers come from it.

    Returns
    -------
    ndarray [S, C]

    Raises
    ------
    ForecastError
        If levels or quantiles are out of order.

    Examples
    --------
    >>> levels, quantiles = np.array([0.025, 0.975]), np.array([[0.2], [0.4]])
    >>> draws = draws_from_quantiles(levels, quantiles, 20_000, np.random.default_rng(0))
    >>> round(float(draws.mean()), 2)
    0.3
    """
    is_inside = ((levels > 0) & (levels < 1)).all()
    is_rising = (np.diff(levels) > 0).all()
    if len(levels) < 2 or not is_inside or not is_rising:
        raise ForecastError(
            f"quantile levels are {levels.tolist()}; accepted: two or more, rising, inside 0 to 1"
        )
    if (np.diff(values, axis=0) < 0).any():
        raise ForecastError("a quantile falls while its level rises; sort them")
    score = ndtri(levels)
    z = ndtri(rng.random((n_draws, values.shape[1])))
    piece = np.clip(np.searchsorted(score, z) - 1, 0, len(score) - 2)
    column = np.arange(values.shape[1])
    low, high = values[piece, column], values[piece + 1, column]
    part = (z - score[piece]) / (score[piece + 1] - score[piece])
    return np.asarray(np.clip(low + part * (high - low), 0.0, 1.0))
