"""One table of scores: a row per forecast."""

from __future__ import annotations

import pandas as pd

from bench.core.errors import DataError


def score_summary(errors: pd.DataFrame, keys: list[str], scores: list[str]) -> pd.DataFrame:
    """Give every forecast its scores, or their means over several forecasts.

    Parameters
    ----------
    errors : pandas.DataFrame
        Long error table of one area, with `keys`, metric and value.
    keys : list of str
        Columns that name a forecast, such as as_of and predictor, and the ballot, if there are
        several; with fewer of them, what forecasts have in common.
    scores : list of str
        Names of metrics (see `bench.metrics.registry.metrics`).

    Returns
    -------
    pandas.DataFrame
        `keys`, in their order, and a column per score in its unit: of one forecast the value of a
        summary score or of an event, and the mean over candidates of a score that each of them
        has. NaN where nobody took it.

    Raises
    ------
    DataError
        If the table has errors of candidates and no mean of them, as earlier versions wrote it.

    Examples
    --------
    >>> errors = pd.DataFrame({"predictor": "p", "metric": "crps",
    ...                        "candidate": ["ash", "birch"], "value": [0.01, 0.03]})
    >>> table = score_summary(errors, ["predictor"], ["crps", "energy"])
    >>> float(table["crps"].iloc[0]), float(table["energy"].iloc[0])
    (0.02, nan)
    """
    metrics = errors["metric"].unique()
    if "absolute_error" in metrics and "mean_absolute_error" not in metrics:
        raise DataError(
            "the errors hold no 'mean_absolute_error': an older version of the bench made them; "
            "run the experiment again"
        )
    rows = errors[errors["metric"].isin(scores)]
    table = rows.pivot_table(index=keys, columns="metric", values="value", observed=True)
    return table.reindex(columns=scores).rename_axis(columns=None).reset_index()
