"""Scores of forecasts that are given as draws."""

import numpy as np
from numpy.typing import ArrayLike

from bench.core.errors import ForecastError
from bench.metrics.arrays import (
    BoolArray,
    FloatArray,
    draws_and_outcome,
    finite,
    fractions,
    same_shape,
)

LEVELS = (0.5, 0.8, 0.9, 0.95)


def crps(draws: ArrayLike, outcome: ArrayLike, *, fair: bool = True) -> FloatArray:
    """Score the marginal distribution of each candidate's share.

        CRPS_c = mean_s |x_sc - y_c| - D_c / 2
        D_c = sum_{s,t} |x_sc - x_tc| / (S (S - 1))   fair
        D_c = sum_{s,t} |x_sc - x_tc| / S^2           not fair: the draws *are* the forecast

    The fair estimator is unbiased for the distribution that the draws come from, so that
    methods with unequal numbers of draws compare; it can fall slightly below 0.
    With one draw the second form is the absolute error.
    Unit: that of the draws (fraction of the valid votes). Range: 0 upwards. Lower is better.

    Parameters
    ----------
    draws : array_like [S, C]
    outcome : array_like [C]
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
    sample, official = draws_and_outcome(draws, outcome)
    n_draws = sample.shape[0]
    distance = np.abs(sample - official).mean(axis=0)
    # sum over ordered pairs of |x_s - x_t|, from the order statistics
    rank = 2 * np.arange(1, n_draws + 1) - n_draws - 1
    spread = 2 * (rank[:, None] * np.sort(sample, axis=0)).sum(axis=0)
    return np.asarray(distance - spread / (2 * _pairs(n_draws, fair)), dtype=np.float64)


def crps_monte_carlo_error(
    draws: ArrayLike, outcome: ArrayLike, *, other: ArrayLike | None = None
) -> float:
    """Standard error of the mean CRPS of a ballot that comes from the number of draws alone.

        I_s = mean_c [ |x_sc - y_c| - sum_t |x_sc - x_tc| / (S - 1) ]
        SE = sd_s(I_s) / sqrt(S)

    The fair CRPS is a U-statistic and I_s is, up to a constant, the first-order contribution of
    draw s. All candidates of a draw enter together, since they are not independent. With `other`,
    the difference of two CRPS under common random numbers, row s of both from the same numbers:
    the sd is that of I_s(draws) - I_s(other). For methods with random numbers of their own the
    error of a difference is sqrt(SE_a^2 + SE_b^2). Draws are taken for independent of one another:
    antithetic or stratified draws have a smaller error. Unit: that of the draws. Range: 0 upwards.

    Parameters
    ----------
    draws : array_like [S, C]
        One column for the error of one candidate.
    outcome : array_like [C]
    other : array_like [S, C], optional
        Draws of another method for the same outcome.

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
    sample, official = draws_and_outcome(draws, outcome)
    part = _contributions(sample, official)
    if other is not None:
        rival, _ = draws_and_outcome(other, official)
        same_shape("draws", sample, "other", rival)
        part = part - _contributions(rival, official)
    return float(part.std(ddof=1) / np.sqrt(len(part)))


def _contributions(sample: FloatArray, official: FloatArray) -> FloatArray:
    n = len(sample)
    _pairs(n, fair=True)
    order = np.argsort(sample, axis=0)
    ordered = np.take_along_axis(sample, order, axis=0)
    below = np.cumsum(ordered, axis=0)
    # sum over t of |x_(k) - x_t| = (2k - S) x_(k) - 2 sum of the k smallest + sum of all
    rank = np.arange(1, n + 1)[:, None]
    ordered = (2 * rank - n) * ordered - 2 * below + below[-1]
    spread = np.empty_like(sample)
    np.put_along_axis(spread, order, ordered, axis=0)
    return np.asarray((np.abs(sample - official) - spread / (n - 1)).mean(axis=1))


def energy_score(draws: ArrayLike, outcome: ArrayLike, *, fair: bool = True) -> float:
    """Score the joint distribution of all shares; with one candidate it is the CRPS.

        ES = mean_s ||x_s - y|| - sum_{s,t} ||x_s - x_t|| / (2 P)

    with P = S (S - 1) for the fair estimator, S^2 otherwise, and Euclidean norms.
    Unit: that of the draws. Range: 0 upwards (fair: about). Lower is better.

    Parameters
    ----------
    draws : array_like [S, C]
    outcome : array_like [C]
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
    from scipy.spatial.distance import pdist

    sample, official = draws_and_outcome(draws, outcome)
    distance = np.linalg.norm(sample - official, axis=1).mean()
    spread = 2 * pdist(sample).sum()
    return float(distance - spread / (2 * _pairs(sample.shape[0], fair)))


def variogram_score(
    draws: ArrayLike, outcome: ArrayLike, *, p: float = 0.5, weights: ArrayLike | None = None
) -> float:
    """Score the dependence between candidates' shares.

        VS = sum_{i,j} w_ij (|y_i - y_j|^p - mean_s |x_si - x_sj|^p)^2

    over ordered pairs, so every pair counts twice. It sees differences only: a forecast
    that is wrong by one constant for all candidates goes unpunished, so use it beside CRPS.
    Unit: that of the draws to the power 2p. Range: 0 upwards. Lower is better.

    Parameters
    ----------
    draws : array_like [S, C]
    outcome : array_like [C]
    p : float
        Order of the variogram, above 0.
    weights : array_like [C, C], optional
        Not below 0; 1 for every pair if left out.

    Raises
    ------
    ForecastError
        As `crps`, and if p or a weight is out of range.

    References
    ----------
    Scheuerer, M., Hamill, T. M. (2015). Variogram-based proper scoring rules for
    probabilistic forecasts of multivariate quantities. Monthly Weather Review 143,
    1321-1334, doi:10.1175/MWR-D-14-00269.1.

    Examples
    --------
    Outcome apart by 4, one draw apart by 1, p = 1/2: 2 * (2 - 1)^2:

    >>> variogram_score([[0.0, 1.0]], [0.0, 4.0])
    2.0
    """
    sample, official = draws_and_outcome(draws, outcome)
    n_candidates = official.size
    weight = np.ones((n_candidates, n_candidates))
    if weights is not None:
        weight = finite("weights", weights, ndim=2)
    if not p > 0 or weight.shape != (n_candidates, n_candidates) or (weight < 0).any():
        raise ForecastError(
            f"p is {p} and weights have shape {weight.shape}; p must be above 0 and weights "
            f"of shape {(n_candidates, n_candidates)}, none below 0"
        )
    observed = np.abs(official[:, None] - official) ** p
    score = 0.0
    for i in range(n_candidates):
        expected = (np.abs(sample[:, [i]] - sample) ** p).mean(axis=0)
        score += float(np.sum(weight[i] * (observed[i] - expected) ** 2))
    return score


def chance_of_smaller_error(draws: ArrayLike, share: ArrayLike, outcome: ArrayLike) -> float:
    """Give the probability, under the forecast, of an error no larger than the one observed.

        P(mean_c |X_c - f_c| <= mean_c |y_c - f_c|),   X drawn from the forecast

    A method that is often far below one half has been luckier, or its draws are wider, than its
    errors. Unit: probability. Range: 0 to 1. Neither end is better.

    Parameters
    ----------
    draws : array_like [S, C]
    share : array_like [C]
        The point forecast f.
    outcome : array_like [C]

    Raises
    ------
    ForecastError
        If a value is missing or C differs.

    References
    ----------
    A predictive tail probability as in Gelman, A., Meng, X.-L., Stern, H. (1996). Posterior
    predictive assessment of model fitness via realized discrepancies. Statistica Sinica 6, 733-760.

    Examples
    --------
    The forecast .5 misses by .125; of four draws one is nearer and one as near:

    >>> draws = [[0.5, 0.5], [0.625, 0.375], [0.75, 0.25], [0.25, 0.75]]
    >>> chance_of_smaller_error(draws, [0.5, 0.5], [0.375, 0.625])
    0.5
    """
    sample, official = draws_and_outcome(draws, outcome)
    centre = draws_and_outcome(draws, share)[1]
    error = np.abs(sample - centre).mean(axis=1)
    return float((error <= np.abs(official - centre).mean()).mean())


def quantiles(draws: ArrayLike, probabilities: ArrayLike) -> FloatArray:
    """Give quantiles of the draws, candidate by candidate.

        q(p) = x_(h),  h = p (S + 1), interpolated linearly and held within 1..S

    This definition (number 6 of Hyndman and Fan) makes an outcome that is exchangeable
    with the draws fall below q(p) with probability p wherever h is whole; the commoner
    number 7 gives intervals that are too narrow for few draws.

    Parameters
    ----------
    draws : array_like [S, C]
    probabilities : array_like [Q]
        Between 0 and 1.

    Returns
    -------
    ndarray [Q, C]

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
    sample = finite("draws", draws, ndim=2)
    probability = fractions("probabilities", probabilities)
    return np.asarray(np.quantile(sample, probability, axis=0, method="weibull"), dtype=np.float64)


def interval_score(
    lower: ArrayLike, upper: ArrayLike, outcome: ArrayLike, *, level: float
) -> FloatArray:
    """Score central intervals: their width, and a fine for an outcome outside.

        IS = (u - l) + (2 / a) (l - y)+ + (2 / a) (y - u)+,  a = 1 - level

    Unit: that of the bounds. Range: 0 upwards. Lower is better.

    Parameters
    ----------
    lower, upper, outcome : array_like [C]
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
    low, high = finite("lower", lower, ndim=1), finite("upper", upper, ndim=1)
    official = finite("outcome", outcome, ndim=1)
    if not 0 < level < 1:
        raise ForecastError(f"level is {level}; it must lie between 0 and 1, exclusive")
    if not low.shape == high.shape == official.shape or (low > high).any():
        raise ForecastError("lower, upper and outcome must have one length, and lower <= upper")
    miss = np.maximum(low - official, 0) + np.maximum(official - high, 0)
    return np.asarray((high - low) + 2 / (1 - level) * miss, dtype=np.float64)


def weighted_interval_score(
    draws: ArrayLike, outcome: ArrayLike, *, levels: tuple[float, ...] = LEVELS
) -> FloatArray:
    """Score the median and central intervals of the draws together.

        WIS_c = [ |y - m| / 2 + sum_k (a_k / 2) IS_k ] / (K + 1/2),  a_k = 1 - level_k

    It is the mean pinball loss, doubled, of the 2K + 1 quantiles involved, and tends to
    the CRPS as intervals are added. Unit: that of the draws. Range: 0 upwards. Lower is better.

    Parameters
    ----------
    draws : array_like [S, C]
    outcome : array_like [C]
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
    sample, official = draws_and_outcome(draws, outcome)
    score = np.abs(official - quantiles(sample, [0.5])[0]) / 2
    for level in levels:
        low, high = central_interval(sample, level)
        score = score + (1 - level) / 2 * interval_score(low, high, official, level=level)
    return np.asarray(score / (len(levels) + 0.5), dtype=np.float64)


def central_interval(draws: ArrayLike, level: float) -> tuple[FloatArray, FloatArray]:
    """Give the bounds [C] that leave (1 - level) / 2 of the draws on either side.

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
    if not 0 < level < 1:
        raise ForecastError(f"level is {level}; it must lie between 0 and 1, exclusive")
    low, high = quantiles(draws, [(1 - level) / 2, (1 + level) / 2])
    return low, high


def interval_coverage(
    draws: ArrayLike, outcome: ArrayLike, *, levels: tuple[float, ...] = LEVELS
) -> BoolArray:
    """Say which central intervals hold the outcome, bounds included.

    Unit: yes or no. A calibrated method has a share of `level` of yes over many elections;
    more is underconfident, less overconfident. Narrow intervals are not rewarded.

    Parameters
    ----------
    draws : array_like [S, C]
    outcome : array_like [C]
    levels : tuple of float [L]

    Returns
    -------
    ndarray of bool [L, C]

    Raises
    ------
    ForecastError
        As `crps` and `central_interval`.

    References
    ----------
    Gneiting, T., Balabdaoui, F., Raftery, A. E. (2007). Probabilistic forecasts, calibration
    and sharpness. JRSS B 69, 243-268, doi:10.1111/j.1467-9868.2007.00587.x.

    Examples
    --------
    >>> interval_coverage([[1.0], [2.0], [3.0]], [3.5], levels=(0.5,))
    array([[False]])
    """
    sample, official = draws_and_outcome(draws, outcome)
    bounds = [central_interval(sample, level) for level in levels]
    return np.asarray([(low <= official) & (official <= high) for low, high in bounds])


def pit(draws: ArrayLike, outcome: ArrayLike, rng: np.random.Generator | None = None) -> FloatArray:
    """Place the outcome among the draws (probability integral transform).

        PIT_c = (#{x_sc < y_c} + V (#{x_sc = y_c} + 1)) / (S + 1)

    V is uniform on 0..1 if a generator is handed in (exactly uniform PIT for an outcome
    exchangeable with the draws, ties and few draws included), 1/2 otherwise.
    Unit: probability. Range: 0 to 1. Best: evenly spread over many elections; near 0 the
    method overstated the candidate, near 1 it understated.

    Parameters
    ----------
    draws : array_like [S, C]
    outcome : array_like [C]
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
    sample, official = draws_and_outcome(draws, outcome)
    below = (sample < official).sum(axis=0)
    equal = (sample == official).sum(axis=0)
    v = np.full(official.shape, 0.5) if rng is None else rng.random(official.shape)
    return np.asarray((below + v * (equal + 1)) / (sample.shape[0] + 1), dtype=np.float64)


def _pairs(n_draws: int, fair: bool) -> int:
    if not fair:
        return n_draws * n_draws
    if n_draws < 2:
        raise ForecastError("draws holds 1 draw; the fair estimator needs 2, or pass fair=False")
    return n_draws * (n_draws - 1)
