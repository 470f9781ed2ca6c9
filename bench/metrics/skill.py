"""Losses relative to those of a baseline or of another method."""

import numpy as np
from numpy.typing import ArrayLike

from bench.core.arrays import FloatArray
from bench.core.errors import ForecastError

MAX_RATIO = 100.0  # a loss counts as at most a hundred times another


def log_ratios(losses: ArrayLike, elections: ArrayLike) -> FloatArray:
    """Compare methods two at a time, so that votes of any size count alike.

        L_eij = mean_{n in e} log clip(loss_ni / loss_nj, 1/100, 100)

    over the rows n of election e that both methods answered; 0 / 0 is 1, and a loss below 0 (a fair
    score can be) is 0. A loss of 1 point is small among 2 candidates and large among 16; the ratio
    of two losses on one ballot has no such unit. The mean over elections of L is the logarithm
    of the geometric mean of the ratios. Unit: none. Range: -4.6 to 4.6. Below 0 the first method
    is better. L_eij = -L_eji.

    Parameters
    ----------
    losses : array_like [N, M]
        Mean over the candidates of one vote and date; NaN where a method gave no forecast.
    elections : array_like [N]
        The election of each row, any labels: its rounds and dates become one value.

    Returns
    -------
    ndarray [E, M, M]
        In the sorted order of the labels; NaN where two methods share no row of an election.

    Raises
    ------
    ForecastError
        If a loss is infinite, or there is not one label for every row.

    References
    ----------
    Geometric mean of ratios to a baseline: Fleming, P. J., Wallace, J. J. (1986). How not to lie
    with statistics: the correct way to summarize benchmark results. doi:10.1145/5666.5673.
    Errors relative to a baseline, clipped to 1/100 and 100, one value per task: Shchur, O. et al.
    (2025). fev-bench: a realistic benchmark for time series forecasting. arXiv:2509.26468.
    Pairs of methods on common votes: Cramer, E. Y. et al. (2022), doi:10.1073/pnas.2113561119.

    Examples
    --------
    Ratios 1/2 (of two candidates) and 2 (of eleven) cancel, whatever their size in points:

    >>> log_ratios([[1.0, 2.0], [0.2, 0.1]], ["a", "b"])[:, 0, 1].round(3)
    array([-0.693,  0.693])
    """
    loss, label = np.asarray(losses, dtype=np.float64), np.asarray(elections)
    if loss.ndim != 2 or loss.size == 0 or np.isinf(loss).any():
        raise ForecastError(
            f"losses has shape {loss.shape}; rows x methods of finite numbers (or NaN) are expected"
        )
    if label.shape != loss.shape[:1]:
        raise ForecastError(
            f"elections has shape {label.shape}; one label for each of {len(loss)} rows of losses "
            "is expected"
        )
    held = np.maximum(loss, 0.0)  # NaN stays NaN
    one, other = held[:, :, None], held[:, None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.clip(one / other, 1 / MAX_RATIO, MAX_RATIO)
    ratio = np.where((one == 0) & (other == 0), 1.0, ratio)
    logs = np.log(ratio)
    both = ~np.isnan(logs)
    found = []
    for name in np.unique(label):
        mine = label == name
        count = both[mine].sum(axis=0)
        total = np.where(both[mine], logs[mine], 0.0).sum(axis=0)
        found.append(np.where(count > 0, total / np.maximum(count, 1), np.nan))
    return np.stack(found)
