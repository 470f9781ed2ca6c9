"""One forecast as rows of the long table of forecasts: shares, quantiles, chances."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.core import Forecast, ForecastError, on_ballot
from bench.metrics.ensemble import quantiles
from bench.metrics.events import event_probability

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


def forecast_rows(forecast: Forecast, seats: int) -> pd.DataFrame:
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
    named = forecast.share.notna().to_numpy()
    whole = np.ones(len(named), dtype=bool)
    rows = pd.DataFrame({"area": "national", "candidate": list(forecast.share.index)})
    if named.any():
        rows["share"] = on_ballot(forecast.share.to_numpy(), named, whole)
    else:
        rows["share"] = np.nan
    rows["filled"] = ~named
    if forecast.draws is not None:
        sample = on_ballot(forecast.draws, named, whole)
        for column, values in zip(LEVELS, quantiles(sample, list(LEVELS.values())), strict=True):
            rows[column] = values
        rows["p_first"] = event_probability(sample, 1)
        rows["p_qualify"] = event_probability(sample, seats)
    else:
        rows[[*LEVELS, "p_first", "p_qualify"]] = np.nan
    if forecast.areas is not None:
        local = forecast.areas.rename_axis(index="area").reset_index()
        local = local.melt(id_vars="area", var_name="candidate", value_name="share")
        rows = pd.concat([rows, local.assign(filled=False)], ignore_index=True)
    return rows


def draw_rows(forecast: Forecast) -> pd.DataFrame:
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
    if forecast.draws is None:
        raise ForecastError("the forecast has no draws")
    named = forecast.share.notna().to_numpy()
    sample = on_ballot(forecast.draws, named, np.ones(len(named), dtype=bool))
    n_draws, n_candidates = sample.shape
    return pd.DataFrame(
        {
            "draw": np.repeat(np.arange(n_draws, dtype=np.int32), n_candidates),
            "candidate": np.tile(np.array(forecast.share.index, dtype=object), n_draws),
            "share": sample.ravel(),
        }
    )
