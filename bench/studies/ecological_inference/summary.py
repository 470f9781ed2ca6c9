"""This file holds the summary of errors on elections whose tables are known."""

import numpy as np
import pandas as pd

GROUP = ["variant", "dataset", "tuned"]


def summary_by_dataset(
    errors: pd.DataFrame, *, level: float = 0.95, n_resamples: int = 2000, seed: int = 2017
) -> pd.DataFrame:
    """Mean error index of every method by dataset, with a bootstrap over elections.

    Unit: percent of the votes in a wrong cell. Range: 0 to 100. Lower is better.

    Parameters
    ----------
    errors : variant, dataset, tuned, method, error_index (percent of the votes); covered,
        covered_votes, cpu_s where they were measured.
    level : of the intervals, 0 to 1.
    n_resamples, seed : of the bootstrap.

    Returns
    -------
    pandas.DataFrame
        Per variant, dataset, tuned and method: n, error_index with its interval `low`, `high`,
        covered, covered_votes and cpu_s (means; NaN where nothing was measured).

    References
    ----------
    Percentile bootstrap: Efron and Tibshirani (1993), doi:10.1007/978-1-4899-4541-9.

    Examples
    --------
    >>> errors = pd.DataFrame({"variant": "m3", "dataset": "a", "tuned": True, "method": "b",
    ...                        "error_index": [4.0, 6.0], "cpu_s": [1.0, 3.0]})
    >>> summary_by_dataset(errors)[["n", "error_index", "cpu_s"]].to_numpy().tolist()
    [[2.0, 5.0, 2.0]]
    """
    rng = np.random.default_rng(seed)
    tail = (1 - level) / 2
    records = []
    for values, part in errors.groupby([*GROUP, "method"], sort=True):
        index = part["error_index"].to_numpy(float)
        chosen = rng.integers(len(index), size=(n_resamples, len(index)))
        low, high = np.quantile(index[chosen].mean(axis=1), [tail, 1 - tail])
        means = [
            float(part[name].mean()) if name in part else np.nan
            for name in ("covered", "covered_votes", "cpu_s")
        ]
        records.append((*values, len(index), index.mean(), low, high, *means))
    names = [*GROUP, "method", "n", "error_index", "low", "high"]
    return pd.DataFrame.from_records(records, columns=[*names, "covered", "covered_votes", "cpu_s"])


def peer_rows(errors: pd.DataFrame, peers: pd.DataFrame) -> pd.DataFrame:
    """Errors of other systems, with dataset and tuned of the elections in `errors`.

    Parameters
    ----------
    errors : key, variant, dataset, tuned.
    peers : variant, method, key, error_index, cpu_s.

    Examples
    --------
    >>> ours = pd.DataFrame({"key": ["a"], "variant": "m3", "dataset": "d", "tuned": False})
    >>> theirs = pd.DataFrame({"key": ["a", "b"], "variant": "m3", "error_index": [3.0, 4.0]})
    >>> peer_rows(ours, theirs)[["key", "dataset", "error_index"]].to_numpy().tolist()
    [['a', 'd', 3.0]]
    """
    of_key = errors[["key", *GROUP]].drop_duplicates()
    return peers.merge(of_key, on=["key", "variant"], how="inner")
