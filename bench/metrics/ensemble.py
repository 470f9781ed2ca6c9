"""Metrics of forecasts that are given as draws."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from bench.core.arrays import BoolArray, FloatArray
from bench.core.errors import ForecastError
from bench.metrics.arrays import (
    Draws,
    PerBallot,
    ensemble,
    ensemble_and_outcome,
    finite,
    fractions,
    per_ballot,
)
from bench.metrics.registry import metric
from bench.metrics.shares import absolute_error

LEVELS = (0.5, 0.8, 0.9, 0.95)


@metric(
    "crps",
    label="CRPS",
    label_fr="CRPS",
    unit="fraction",
    range=(0, 1),
    direction="lower",
    level="candidate",
    point=absolute_error,
)
def crps(draws: Draws, outcome: ArrayLike, *, fair: bool = True) -> FloatArray:
    """Score the marginal distribution of each candidate's share.

        CRPS_c = mean_s |x_sc - y_c| - D_c / 2
        D_c = sum_{s,t} |x_sc - x_tc| / (S (S - 1))   fair
        D_c = sum_{s,t} |x_sc - x_tc| / S^2           not fair: the draws *are* the forecast

    The fair estimator is unbiased for the distribution that the draws come from, so that
    methods with unequal numbers of draws compare; it can fall slightly below 0.
    With one draw the second form is the absolute error. Computed by scoringrules from the sorted
    draws: its estimators ``"pwm"`` and ``"qd"`` are these two.
    Unit: that of the draws (fraction of the valid votes). Range: 0 upwards. Lower is better.

    Parameters
    ----------
    draws : array_like [..., S, C]
    outcome : array_like [..., C]
    fair : bool
        Which of the two estimators.

    Raises
    ------
    ForecastError
        If a value is missing, C differs, or there is 1 draw for the fair estimator.

    References
    ----------
    Gneiting, T., Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and
    estimation. JASA 102, 359-378, doi:10.1198/016214506000001437.
    Ferro, C. A. T. (2014). Fair scores for ensemble forecasts. QJRMS 140, 1917-1923,
    doi:10.1002/qj.2270.

    Examples
    --------
    Draws 0.1 and 0.3, outcome 0.2: mean distance 0.1, mean spread 0.2 (fair) or 0.1:

    >>> crps([[0.1], [0.3]], [0.2]).round(3), crps([[0.1], [0.3]], [0.2], fair=False).round(3)
    (array([0.]), array([0.05]))
    """
    draws, outcome = ensemble_and_outcome(draws, outcome)
    import scoringrules

    _pairs(draws.n_draws, fair)
    score = scoringrules.crps_ensemble(
        np.broadcast_to(outcome, draws.ordered.shape[:-1]),
        draws.ordered,
        estimator="pwm" if fair else "qd",
        sorted_ensemble=True,
        backend="numpy",
    )
    return np.asarray(score, dtype=np.float64)


@metric(
    "crps_mc_error",
    label="Monte Carlo error of the mean CRPS",
    label_fr="Erreur de Monte-Carlo du CRPS moyen",
    unit="fraction",
    range=(0, 1),
    direction="none",
    level="summary",
)
def crps_monte_carlo_error(draws: Draws, outcome: ArrayLike) -> PerBallot:
    """Standard error of the mean CRPS of a ballot that comes from the number of draws alone.

        I_s = mean_c [ |x_sc - y_c| - sum_t |x_sc - x_tc| / (S - 1) ]
        SE = sd_s(I_s) / sqrt(S)

    The fair CRPS is a U-statistic and I_s is, up to a constant, the first-order contribution of
    draw s. All candidates of a draw enter together, since they are not independent. For methods
    with random numbers of their own the error of a difference is sqrt(SE_a^2 + SE_b^2). Draws are
    taken for independent of one another: antithetic or stratified draws have a smaller error. Unit:
    that of the draws. Range: 0 upwards.

    Parameters
    ----------
    draws : array_like [..., S, C]
        One column for the error of one candidate.
    outcome : array_like [..., C]

    Raises
    ------
    ForecastError
        If a value is missing, shapes differ, or there are fewer than 2 draws.

    References
    ----------
    Hoeffding, W. (1948). A class of statistics with asymptotically normal distribution. Annals of
    Mathematical Statistics 19(3), 293-325, doi:10.1214/aoms/1177730196.

    Examples
    --------
    Draws 0, 1 and 5, outcome 0: distances 0, 1, 5 less mean distances to the others 3, 2.5, 4.5:

    >>> round(crps_monte_carlo_error([[0.0], [1.0], [5.0]], [0.0]), 4)  # sd(-3, -1.5, .5)/sqrt(3)
    1.0138
    """
    draws, outcome = ensemble_and_outcome(draws, outcome)
    n = draws.n_draws
    _pairs(n, fair=True)
    columns, ordered, order = (
        values.reshape(-1, draws.n_candidates, n)
        for values in (draws.columns, draws.ordered, draws.order)
    )
    official = np.broadcast_to(outcome, draws.columns.shape[:-1]).reshape(columns.shape[:-1])
    # sum over t of |x_(k) - x_t| = (2k - S) x_(k) - 2 sum of the k smallest + sum of all
    weight = 2 * np.arange(1, n + 1) - n
    part = np.zeros((len(columns), n))
    for t, c in np.ndindex(columns.shape[:-1]):  # a row at a time stays near the processor
        below = np.cumsum(ordered[t, c])
        spread = weight * ordered[t, c] - 2 * below + below[-1]
        part[t] += np.abs(columns[t, c] - official[t, c])
        part[t, order[t, c]] -= spread / (n - 1)
    mean = part.reshape(*draws.values.shape[:-2], n) / draws.n_candidates
    return per_ballot(mean.std(axis=-1, ddof=1) / np.sqrt(n))


@metric(
    "energy",
    label="Energy score",
    label_fr="Score d’énergie",
    unit="fraction",
    range=(0, math.sqrt(2)),
    direction="lower",
    level="summary",
    inputs={"draws": "joint_draws"},
)
def energy_score(draws: Draws, outcome: ArrayLike, *, fair: bool = True) -> PerBallot:
    """Score the joint distribution of all shares; with one candidate it is the CRPS.

        ES = mean_s ||x_s - y|| - sum_{s,t} ||x_s - x_t|| / (2 P)

    with P = S (S - 1) for the fair estimator, S^2 otherwise, and Euclidean norms. Distances by
    SciPy, each pair once: without numba, scoringrules takes forty times as long.
    Unit: that of the draws. Range: 0 upwards (fair: about). Lower is better.

    Parameters
    ----------
    draws : array_like [..., S, C]
    outcome : array_like [..., C]
    fair : bool
        Which of the two estimators, as in `crps`.

    Raises
    ------
    ForecastError
        As `crps`.

    References
    ----------
    Gneiting and Raftery (2007), doi:10.1198/016214506000001437, section 4.3.

    Examples
    --------
    Draws (0, 0) and (3, 4), outcome (0, 0): mean distance 2.5, pairwise distance 5:

    >>> draws = [[0.0, 0.0], [3.0, 4.0]]
    >>> energy_score(draws, [0.0, 0.0]), energy_score(draws, [0.0, 0.0], fair=False)
    (0.0, 1.25)
    """
    draws, outcome = ensemble_and_outcome(draws, outcome)
    from scipy.spatial.distance import pdist

    n_pairs = _pairs(draws.n_draws, fair)
    values = draws.values
    distance = np.linalg.norm(values - outcome[..., None, :], axis=-1).mean(axis=-1)
    each = values.reshape(-1, *values.shape[-2:])
    spread = np.array([2 * pdist(sample).sum() for sample in each]).reshape(values.shape[:-2])
    return per_ballot(distance - spread / (2 * n_pairs))


def quantiles(draws: Draws, probabilities: ArrayLike) -> FloatArray:
    """Give quantiles of the draws, candidate by candidate.

        q(p) = x_(h),  h = p (S + 1), interpolated linearly and held within 1..S

    This definition (number 6 of Hyndman and Fan) makes an outcome that is exchangeable
    with the draws fall below q(p) with probability p wherever h is whole; the commoner
    number 7 gives intervals that are too narrow for few draws. As `numpy.quantile` with the method
    ``"weibull"``, which would sort the draws anew for every call.

    Parameters
    ----------
    draws : array_like [..., S, C]
    probabilities : array_like [Q]
        Between 0 and 1.

    Returns
    -------
    ndarray [..., Q, C]

    Raises
    ------
    ForecastError
        If a value is missing, or a probability outside 0 to 1.

    References
    ----------
    Hyndman, R. J., Fan, Y. (1996). Sample quantiles in statistical packages. The American
    Statistician 50(4), 361-365, doi:10.1080/00031305.1996.10473566.

    Examples
    --------
    Of the draws 1, 2, 3 the quartiles are x_(1) and x_(3), as 0.25 * 4 = 1:

    >>> quantiles([[1.0], [2.0], [3.0]], [0.25, 0.5, 0.75]).ravel()
    array([1., 2., 3.])
    """
    sample = ensemble(draws)
    ordered, n = sample.ordered, sample.n_draws
    place = fractions("probabilities", probabilities) * (n + 1) - 1
    place = np.clip(place, 0, n - 1)  # of the value, counted from 0
    below = np.floor(place).astype(int)
    low, high = ordered[..., below], ordered[..., np.minimum(below + 1, n - 1)]
    return np.asarray((low + (place - below) * (high - low)).swapaxes(-1, -2))


def interval_score(
    lower: ArrayLike, upper: ArrayLike, outcome: ArrayLike, *, level: float
) -> FloatArray:
    """Score central intervals: their width, and a fine for an outcome outside.

        IS = (u - l) + (2 / a) (l - y)+ + (2 / a) (y - u)+,  a = 1 - level

    Unit: that of the bounds. Range: 0 upwards. Lower is better.

    Parameters
    ----------
    lower, upper, outcome : array_like [..., C]
    level : float
        Nominal coverage, between 0 and 1 exclusive.

    Raises
    ------
    ForecastError
        If a value is missing, a lower bound exceeds its upper bound, or the level is out of range.

    References
    ----------
    Gneiting and Raftery (2007), doi:10.1198/016214506000001437, equation 43.

    Examples
    --------
    Width 2, missed by 1 at the level 0.5, so 2 + (2 / 0.5) * 1:

    >>> interval_score([4.0], [6.0], [7.0], level=0.5)
    array([6.])
    """
    low, high = (
        finite(name, bound, ndim=1, batch=True)
        for name, bound in (("lower", lower), ("upper", upper))
    )
    official = finite("outcome", outcome, ndim=1, batch=True)
    if not 0 < level < 1:
        raise ForecastError(f"level is {level}; it must lie between 0 and 1, exclusive")
    if low.shape != high.shape or low.shape[-1] != official.shape[-1] or (low > high).any():
        raise ForecastError("lower, upper and outcome must have one length, and lower <= upper")
    import scoringrules

    shape = np.broadcast_shapes(low.shape, official.shape)
    low, high, official = (np.broadcast_to(array, shape) for array in (low, high, official))
    score = scoringrules.interval_score(official, low, high, 1 - level, backend="numpy")
    return np.asarray(score, dtype=np.float64).reshape(shape)  # it drops dimensions of length 1


@metric(
    "wis",
    label="Weighted interval score",
    label_fr="Score d’intervalles pondéré",
    unit="fraction",
    range=(0, math.inf),
    direction="lower",
    level="candidate",
)
def weighted_interval_score(
    draws: Draws, outcome: ArrayLike, *, levels: tuple[float, ...] = LEVELS
) -> FloatArray:
    """Score the median and central intervals of the draws together.

        WIS_c = [ |y - m| / 2 + sum_k (a_k / 2) IS_k ] / (K + 1/2),  a_k = 1 - level_k

    It is the mean pinball loss, doubled, of the 2K + 1 quantiles involved, and tends to
    the CRPS as intervals are added. Ours, since scoringrules up to 0.10 adds the median m where
    the distance |y - m| belongs. Unit: that of the draws. Range: 0 upwards. Lower is better.

    Parameters
    ----------
    draws : array_like [..., S, C]
    outcome : array_like [..., C]
    levels : tuple of float
        Nominal coverages of the K central intervals.

    Raises
    ------
    ForecastError
        As `crps` and `interval_score`.

    References
    ----------
    Bracher, J. et al. (2021). Evaluating epidemic forecasts in an interval format.
    PLOS Computational Biology 17(2), e1008618, doi:10.1371/journal.pcbi.1008618.

    Examples
    --------
    Quartiles 1 and 3, median 2, outcome 4: (2/2 + 0.25 * (2 + 4 * 1)) / 1.5:

    >>> weighted_interval_score([[1.0], [2.0], [3.0]], [4.0], levels=(0.5,)).round(4)
    array([1.6667])
    """
    draws, outcome = ensemble_and_outcome(draws, outcome)
    score = np.abs(outcome - quantiles(draws, [0.5])[..., 0, :]) / 2
    for level in levels:
        low, high = central_interval(draws, level)
        score = score + (1 - level) / 2 * interval_score(low, high, outcome, level=level)
    return np.asarray(score / (len(levels) + 0.5), dtype=np.float64)


def central_interval(draws: Draws, level: float) -> tuple[FloatArray, FloatArray]:
    """Give the bounds [..., C] that leave (1 - level) / 2 of the draws on either side.

    The same definition of quantiles everywhere: `quantiles`.

    Raises
    ------
    ForecastError
        As `quantiles`, and if the level is not between 0 and 1.

    Examples
    --------
    >>> central_interval([[1.0], [2.0], [3.0]], 0.5)
    (array([1.]), array([3.]))
    """
    sample = ensemble(draws)
    if not 0 < level < 1:
        raise ForecastError(f"level is {level}; it must lie between 0 and 1, exclusive")
    if level not in sample.intervals:
        bounds = quantiles(sample, [(1 - level) / 2, (1 + level) / 2])
        sample.intervals[level] = bounds[..., 0, :], bounds[..., 1, :]
    return sample.intervals[level]


def inside_interval(draws: Draws, outcome: ArrayLike, *, level: float) -> BoolArray:
    """Say whether the central interval of a level holds the outcome, bounds included.

        q((1 - level) / 2) <= y <= q((1 + level) / 2)

    Unit: yes or no. A calibrated method has a share of `level` of yes over many elections;
    more is underconfident, less overconfident. Narrow intervals are not rewarded.

    Parameters
    ----------
    draws : array_like [..., S, C]
    outcome : array_like [..., C]
    level : float
        Nominal coverage, between 0 and 1.

    Returns
    -------
    ndarray of bool [..., C]

    Raises
    ------
    ForecastError
        As `central_interval`, and if C differs.

    References
    ----------
    Gneiting, T., Balabdaoui, F., Raftery, A. E. (2007). Probabilistic forecasts, calibration
    and sharpness. JRSS B 69, 243-268, doi:10.1111/j.1467-9868.2007.00587.x.

    Examples
    --------
    >>> inside_interval([[1.0], [2.0], [3.0]], [3.5], level=0.5)
    array([False])
    """
    draws, outcome = ensemble_and_outcome(draws, outcome)
    low, high = central_interval(draws, level)
    return np.asarray((low <= outcome) & (outcome <= high))


for _level in LEVELS:
    metric(
        f"inside_{100 * _level:.0f}",
        label=f"Outcome inside the {100 * _level:.0f}% interval",
        label_fr=f"Résultat dans l’intervalle à {100 * _level:.0f} %",
        unit="probability",
        range=(0, 1),
        direction="level",
        best=_level,
        level="candidate",
        options={"level": _level},
    )(inside_interval)


@metric(
    "pit",
    label="Place of the outcome among the draws (PIT)",
    label_fr="Rang du résultat parmi les tirages (PIT)",
    unit="probability",
    range=(0, 1),
    direction="uniform",
    level="candidate",
)
def pit(draws: Draws, outcome: ArrayLike, rng: np.random.Generator | None = None) -> FloatArray:
    """Place the outcome among the draws (probability integral transform).

        PIT_c = (#{x_sc < y_c} + V (#{x_sc = y_c} + 1)) / (S + 1)

    V is uniform on 0..1 if a generator is handed in (exactly uniform PIT for an outcome
    exchangeable with the draws, ties and few draws included), 1/2 otherwise.
    Unit: probability. Range: 0 to 1. Best: evenly spread over many elections; near 0 the
    method overstated the candidate, near 1 it understated.

    Parameters
    ----------
    draws : array_like [..., S, C]
    outcome : array_like [..., C]
    rng : numpy.random.Generator, optional

    Raises
    ------
    ForecastError
        If a value is missing or C differs.

    References
    ----------
    Czado, C., Gneiting, T., Held, L. (2009). Predictive model assessment for count data.
    Biometrics 65, 1254-1261, doi:10.1111/j.1541-0420.2009.01191.x.

    Examples
    --------
    Two of three draws lie below, none is equal: (2 + 1/2) / 4:

    >>> pit([[0.1], [0.2], [0.4]], [0.3])
    array([0.625])
    """
    draws, outcome = ensemble_and_outcome(draws, outcome)
    below = np.count_nonzero(draws.columns < outcome[..., None], axis=-1)
    equal = np.count_nonzero(draws.columns == outcome[..., None], axis=-1)
    v = np.full(below.shape, 0.5) if rng is None else rng.random(below.shape)
    return np.asarray((below + v * (equal + 1)) / (draws.n_draws + 1), dtype=np.float64)


def _pairs(n_draws: int, fair: bool) -> int:
    if not fair:
        return n_draws * n_draws
    if n_draws < 2:
        raise ForecastError("draws holds 1 draw; the fair estimator needs 2, or pass fair=False")
    return n_draws * (n_draws - 1)
