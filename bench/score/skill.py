"""This file holds the comparisons of losses with those of a baseline or of all other methods."""

import numpy as np
from numpy.typing import ArrayLike

from bench.contract.errors import ForecastError
from bench.score.arrays import FloatArray, finite, same_shape


def skill_score(losses: ArrayLike, baseline_losses: ArrayLike) -> float:
    """Say which part of a baseline's loss a method saves.

        1 - mean(loss) / mean(baseline loss)

    Unit: fraction. Range: minus infinity to 1. Higher is better; 0 is the baseline.

    Parameters
    ----------
    losses, baseline_losses : array_like [N]
        The same rows for both; the baseline's mean must be above 0.

    Raises
    ------
    ForecastError
        If a loss is missing, lengths differ, or the baseline's mean loss is not above 0.

    References
    ----------
    Murphy, A. H. (1988). Skill scores based on the mean square error. Monthly Weather Review
    116, 2417-2424, doi:10.1175/1520-0493(1988)116<2417:SSBOTM>2.0.CO;2.

    Examples
    --------
    >>> skill_score([0.01, 0.03], [0.04, 0.04])  # 1 - 0.02 / 0.04
    0.5
    """
    loss = finite("losses", losses, ndim=1)
    baseline = finite("baseline_losses", baseline_losses, ndim=1)
    same_shape("losses", loss, "baseline_losses", baseline)
    if baseline.mean() <= 0:
        raise ForecastError(f"the baseline's mean loss is {baseline.mean():g}; it must be above 0")
    return float(1 - loss.mean() / baseline.mean())


def relative_skill(losses: ArrayLike, baseline: int | None = None) -> FloatArray:
    """Compare methods that did not forecast the same votes, two at a time.

        r_ij = mean(loss_i) / mean(loss_j) over the rows that both have
        theta_i = (prod_j r_ij)^(1/M'),  divided by theta_baseline if there is one

    over the M' methods (itself included) with which i shares a row. Unit: ratio of losses.
    Range: above 0. Lower is better; 1 is the average method, or the baseline.

    Parameters
    ----------
    losses : array_like [N, M]
        NaN where a method gave no forecast.
    baseline : int, optional
        Column of the baseline.

    Returns
    -------
    ndarray [M]
        NaN for a method without any loss.

    Raises
    ------
    ForecastError
        If a loss is infinite, a mean loss is not above 0, or the baseline is not a column.

    References
    ----------
    Cramer, E. Y. et al. (2022). Evaluation of individual and ensemble probabilistic forecasts
    of COVID-19 mortality in the United States. PNAS 119(15), doi:10.1073/pnas.2113561119.

    Examples
    --------
    Losses 1 and 4 on the one common row: ratios 1/4 and 4, roots 1/2 and 2:

    >>> relative_skill([[1.0, 4.0], [9.0, np.nan]])
    array([0.5, 2. ])
    """
    loss = np.asarray(losses, dtype=np.float64)
    if loss.ndim != 2 or loss.size == 0 or np.isinf(loss).any():
        raise ForecastError(
            f"losses has shape {loss.shape}; rows x methods of finite numbers (or NaN) are expected"
        )
    n_methods = loss.shape[1]
    if baseline is not None and not 0 <= baseline < n_methods:
        raise ForecastError(f"baseline is column {baseline}; there are {n_methods} methods")
    there = ~np.isnan(loss)
    filled = np.where(there, loss, 0.0)
    n_common = there.T.astype(np.float64) @ there
    total = filled.T @ there  # [i, j]: sum of the losses of i on the rows that j has too
    shared = n_common > 0
    if (total[shared] <= 0).any():
        raise ForecastError("a mean loss is not above 0; ratios of losses need losses above 0")
    log_total = np.log(total, out=np.zeros_like(total), where=shared)
    log_ratio = log_total - log_total.T
    n_partners = shared.sum(axis=1)
    skill = np.full(n_methods, np.nan)
    known = n_partners > 0
    skill[known] = np.exp(log_ratio.sum(axis=1)[known] / n_partners[known])
    return skill if baseline is None else skill / skill[baseline]
