"""One forecast as rows of the long table of forecasts: shares, quantiles, chances."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.core import Forecast, ForecastError
from bench.metrics.ensemble import quantiles
from bench.metrics.events import event_probability
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
        candidate), `q025` … `q975`, `p_first`, `p_qualify`; NaN where the method states none.
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
    given = completed(forecast)
    n = len(given.candidates)
    columns: dict[str, object] = {
        "area": NATIONAL,
        "candidate": list(given.candidates),
        "share": given.share,
        "filled": ~given.named,
    }
    if given.draws is not None:
        columns |= zip(LEVELS, quantiles(given.draws, list(LEVELS.values())), strict=True)
        columns["p_first"] = event_probability(given.draws, 1)
        columns["p_qualify"] = event_probability(given.draws, seats)
    else:
        columns |= dict.fromkeys([*LEVELS, "p_first", "p_qualify"], np.full(n, np.nan))
    rows = pd.DataFrame(columns)
    areas = given.forecast.areas
    if areas is not None:
        local = areas.rename_axis(index="area").reset_index()
        local = local.melt(id_vars="area", var_name="candidate", value_name="share")
        rows = pd.concat([rows, local.assign(filled=False)], ignore_index=True)
    return rows


def draw_rows(forecast: Forecast | CompletedForecast) -> pd.DataFrame:
    """Every draw of the national shares on the whole ballot, completed as `forecast_rows` does.

    Parameters
    ----------
    forecast : Forecast
        Checked, in ballot order, with draws [S, C].

    Returns
    -------
    pandas.DataFrame
        S times C rows, draw by draw in ballot order: `draw` (from 0), `candidate`, `share`
        (fraction of the valid votes, 0 to 1).

    Raises
    ------
    ForecastError
        If the forecast has no draws.

    Examples
    --------
    >>> share = pd.Series({"ash": 0.5, "birch": 0.3, "cedar": np.nan})
    >>> rows = draw_rows(Forecast(share=share, draws=np.array([[0.6, 0.3, np.nan]])))
    >>> rows["candidate"].tolist(), rows["share"].round(3).tolist()
    (['ash', 'birch', 'cedar'], [0.6, 0.3, 0.1])
    """
    given = completed(forecast)
    if given.draws is None:
        raise ForecastError("the forecast has no draws")
    n_draws, n_candidates = given.draws.values.shape
    return pd.DataFrame(
        {
            "draw": np.repeat(np.arange(n_draws, dtype=np.int32), n_candidates),
            "candidate": np.tile(np.array(given.candidates, dtype=object), n_draws),
            "share": given.draws.values.ravel(),
        }
    )
