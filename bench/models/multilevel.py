"""Choices by cell, pulled together where cells are small: a multilevel multinomial logit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bench.core.arrays import FloatArray, IntArray
from bench.core.errors import ForecastError
from bench.models.log_ratio import normal_draws, softmax

LEVEL_SD = 10.0  # of the intercepts: flat
PRIOR_SD = 0.5  # of group effects, before data; counts as `PRIOR_EFFECTS` effects seen
PRIOR_EFFECTS = 2.0
MAX_ROUNDS = 50
SETTLED = 1e-3  # of a standard deviation, as a fraction


@dataclass(frozen=True, kw_only=True)
class CellChoices:
    """What people of each cell choose.

    Attributes
    ----------
    share : numpy.ndarray [R, C]
        At the mode of the coefficients; rows sum to 1.
    sd : mapping of str to float
        Standard deviation of the group effects, by variable: near 0 where groups choose alike.
    """

    share: FloatArray
    sd: Mapping[str, float]
    _design: FloatArray  # [R, K]
    _mode: FloatArray  # [K, C]
    _covariance: FloatArray  # [K C, K C]

    def draws(self, rng: np.random.Generator, n_draws: int) -> FloatArray:
        """Draws [S, R, C] of the shares, the coefficients normal around their mode."""
        theta = self._mode.ravel() + normal_draws(self._covariance, rng, n_draws)
        return softmax(self._design @ theta.reshape(n_draws, *self._mode.shape))


def fit_choices(counts: FloatArray, codes: Mapping[str, IntArray]) -> CellChoices:
    """Choices of C candidates in R cells, from their group in each of several variables.

        log p_rc = level_c + sum_v effect_v[g_v(r), c] + const,    effect_v ~ N(0, sd_v^2)

    Effects are estimated together at their posterior mode and pulled to 0 the more, the fewer
    people their group has; how strongly is learned: sd_v maximises, by EM with a normal
    approximation (Laplace), the likelihood with the effects integrated out. With main effects
    alone, the table of every variable by candidate holds all that the model reads of the
    choices.

    Parameters
    ----------
    counts : numpy.ndarray [R, C]
        People by cell and choice; weighted counts may be fractions.
    codes : mapping of str to numpy.ndarray [R]
        Group of each cell, from 0.

    Raises
    ------
    ForecastError
        If nobody chose anybody, or a count is no number of at least 0.

    References
    ----------
    Gelman, A. and Little, T. C. (1997). Poststratification into many categories using hierarchical
    logistic regression. Survey Methodology 23, 127-135. Wang, W., Rothschild, D., Goel, S. and
    Gelman, A. (2015). Forecasting elections with non-representative polls. International Journal of
    Forecasting 31, 980-991, doi:10.1016/j.ijforecast.2014.06.001. Breslow, N. E. and Clayton, D. G.
    (1993). Approximate inference in generalized linear mixed models,
    doi:10.1080/01621459.1993.10594284.

    Examples
    --------
    All three people of a small group agree, and are not believed altogether:

    >>> counts = np.array([[900.0, 100.0], [100.0, 900.0], [3.0, 0.0]])
    >>> found = fit_choices(counts, {"past_vote": np.array([0, 1, 2])})
    >>> found.share[:, 0].round(2).tolist()
    [0.9, 0.1, 0.88]
    """
    if not (np.isfinite(counts).all() and (counts >= 0).all() and counts.sum() > 0):
        raise ForecastError("counts must hold numbers of at least 0, some above; see which cell")
    design, blocks = _design(codes, len(counts))
    n_candidates = counts.shape[1]
    sd = dict.fromkeys(blocks, PRIOR_SD)
    mode = np.zeros((design.shape[1], n_candidates))
    mode[0] = np.log(counts.sum(axis=0) + 0.5)
    mode[0] -= mode[0].mean()
    for _ in range(MAX_ROUNDS):
        precision = np.full(design.shape[1], LEVEL_SD**-2)
        for name, at in blocks.items():
            precision[at] = sd[name] ** -2
        mode, covariance = _mode(counts, design, precision, mode)
        variance = np.diag(covariance).reshape(mode.shape)
        new = {
            name: float(
                np.sqrt(
                    ((mode[at] ** 2 + variance[at]).sum() + PRIOR_EFFECTS * PRIOR_SD**2)
                    / (mode[at].size + PRIOR_EFFECTS)
                )
            )
            for name, at in blocks.items()
        }
        moved = max((abs(new[name] / sd[name] - 1.0) for name in blocks), default=0.0)
        sd = new
        if moved < SETTLED:
            break
    return CellChoices(
        share=softmax(design @ mode), sd=sd, _design=design, _mode=mode, _covariance=covariance
    )


def _design(codes: Mapping[str, IntArray], n_cells: int) -> tuple[FloatArray, dict[str, slice]]:
    columns, blocks, start = [np.ones((n_cells, 1))], {}, 1
    for name, code in codes.items():
        n_groups = int(code.max()) + 1
        columns.append(np.eye(n_groups)[code])
        blocks[name] = slice(start, start + n_groups)
        start += n_groups
    return np.hstack(columns), blocks


def _mode(
    counts: FloatArray, design: FloatArray, precision: FloatArray, start: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Posterior mode [K, C] and inverse information [K C, K C] by damped Newton steps."""
    n_candidates = counts.shape[1]
    people = counts.sum(axis=1)
    penalty = np.repeat(precision, n_candidates)

    def value(theta: FloatArray) -> float:
        share = softmax(design @ theta)
        is_counted = counts > 0
        fit = (counts[is_counted] * np.log(np.maximum(share[is_counted], 1e-300))).sum()
        return float(fit - 0.5 * (precision[:, None] * theta**2).sum())

    theta, best = start, value(start)
    for _ in range(100):
        share = softmax(design @ theta)
        slope = design.T @ (counts - people[:, None] * share) - precision[:, None] * theta
        within = share[:, :, None] * (np.eye(n_candidates) - share[:, None, :])
        curve = np.einsum(
            "rk,rl,rcd->kcld", design * people[:, None], design, within, optimize=True
        )
        size = design.shape[1] * n_candidates
        information = curve.reshape(size, size) + np.diag(penalty)
        step = np.linalg.solve(information, slope.ravel()).reshape(theta.shape)
        better = value(theta + step)
        while better < best - 1e-9 and np.abs(step).max() > 1e-9:
            step = step / 2.0
            better = value(theta + step)
        theta, best = theta + step, better
        if np.abs(step).max() < 1e-6:
            break
    return theta, np.linalg.inv(information)
