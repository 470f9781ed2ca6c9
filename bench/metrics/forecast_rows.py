"""One forecast as rows of the long table of forecasts: shares, quantiles, chances."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from bench.core import Forecast, ForecastError
from bench.core.forecast import EVENTS
from bench.metrics.ensemble import quantiles
from bench.metrics.events import chances
from bench.metrics.score_forecast import NATIONAL, CompletedForecast, completed

LEVELS = {
    "q025": 0.025,
    "q05": 0.05,
    "q10": 0.10,
    "q25": 0.25,
    "q50": 0.50,
    "q75": 0.75,
    "q90": 0.90,
    "q95": 0.95,
    "q975": 0.975,
}


def forecast_rows(forecast: Forecast | CompletedForecast, seats: int) -> pd.DataFrame:
    """Shares on the whole ballot, with quantiles and chances where there are draws.

    Parameters
    ----------
    forecast : Forecast
        Checked, in ballot order.
    seats : int
        How many candidates get through.

    Returns
    -------
    pandas.DataFrame
        Columns `area`, `candidate`, `share`, `filled` (the method does not name this
        candidate), `q025` … `q975`, and the chances `p_elected`, `p_first`, `p_qualify`,
        `p_majority`, stated or counted in the draws; NaN where there are none.
        Area forecasts follow the national rows. Unit: fraction of the valid votes, and
        probability for the chances.

    Examples
    --------
    What one candidate of three leaves is divided between the others:

    >>> share = pd.Series({"ash": 0.6, "birch": np.nan, "cedar": np.nan})
    >>> rows = forecast_rows(Forecast(share=share), 1)
    >>> rows[["share", "filled"]].to_numpy().tolist()
    [[0.6, False], [0.2, True], [0.2, True]]
    """
    return pd.DataFrame(forecast_columns(forecast, seats))


def forecast_columns(
    forecast: Forecast | CompletedForecast, seats: int
) -> dict[str, np.ndarray[Any, Any]]:
    """The columns of `forecast_rows` as arrays, for those who collect before they build a table.

    Examples
    --------
    >>> list(forecast_columns(Forecast(share=pd.Series({"ash": 0.6, "birch": 0.4})), 1))[:4]
    ['area', 'candidate', 'share', 'filled']
    """
    given = completed(forecast)
    n = len(given.candidates)
    names = np.array(given.candidates, dtype=object)
    columns = {
        "area": np.full(n, NATIONAL, dtype=object),
        "candidate": names,
        "share": given.share,
        "filled": ~given.named,
    }
    for name in LEVELS:
        columns[name] = np.full(n, np.nan)
    if given.draws is not None:
        columns |= dict(zip(LEVELS, quantiles(given.draws, list(LEVELS.values())), strict=True))
    for event in EVENTS:
        columns[f"p_{event}"] = chances(
            given.forecast, event, seats, draws=given.draws, fill=bool(given.named.any())
        )
    areas = given.forecast.areas
    if areas is None:
        return columns
    local = {
        "area": np.tile(areas.index.to_numpy(dtype=object), n),
        "candidate": np.repeat(names, len(areas)),
        "share": areas.to_numpy().T.ravel(),
        "filled": np.zeros(n * len(areas), dtype=bool),
    }
    no_value = np.full(n * len(areas), np.nan)
    return {
        name: np.concatenate([values, local.get(name, no_value)])
        for name, values in columns.items()
    }


def draw_columns(forecast: Forecast | CompletedForecast) -> dict[str, np.ndarray[Any, Any]]:
    """Every draw of the national shares on the whole ballot, completed as `forecast_rows` does.

    Parameters
    ----------
    forecast : Forecast
        Checked, in ballot order, with draws [S, C].

    Returns
    -------
    dict of str to numpy.ndarray
        S times C values, draw by draw in ballot order: `draw` (from 0), `candidate`, `share`
        (fraction of the valid votes, 0 to 1).

    Raises
    ------
    ForecastError
        If the forecast has no draws.

    Examples
    --------
    >>> share = pd.Series({"ash": 0.5, "birch": 0.3, "cedar": np.nan})
    >>> found = draw_columns(Forecast(share=share, draws=np.array([[0.6, 0.3, np.nan]])))
    >>> found["candidate"].tolist(), found["share"].round(3).tolist()
    (['ash', 'birch', 'cedar'], [0.6, 0.3, 0.1])
    """
    given = completed(forecast)
    if given.draws is None:
        raise ForecastError("the forecast has no draws")
    n_draws, n_candidates = given.draws.values.shape
    return {
        "draw": np.repeat(np.arange(n_draws, dtype=np.int32), n_candidates),
        "candidate": np.tile(np.array(given.candidates, dtype=object), n_draws),
        "share": given.draws.values.ravel(),
    }
