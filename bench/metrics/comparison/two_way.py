"""Methods that answered different votes, compared with the difficulty of each vote taken out."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bench.core.arrays import BoolArray, FloatArray, IntArray
from bench.core.errors import ForecastError
from bench.metrics.arrays import finite

SINGULAR = 1e-8  # of a leverage: a cluster that alone determines an effect shows no error of it
TOLERANCE = 1e-10
ALMOST = 1e-6
MOST_STEPS = 10_000
FEWEST_VOTES = 10  # below, the variance between votes is not estimated


@dataclass(frozen=True, kw_only=True)
class Losses:
    """Losses of methods on votes, one row per vote and method, in clusters of votes.

    Attributes
    ----------
    value : numpy.ndarray [N]
        Loss, or its logarithm.
    vote, method, cluster : numpy.ndarray of int [N]
        Codes from 0. A vote lies in one cluster; votes of one cluster share their errors.
    weight : numpy.ndarray [N]
        Of each row, equal within a cluster.
    n_methods : int
        M.
    """

    value: FloatArray
    vote: IntArray
    method: IntArray
    cluster: IntArray
    weight: FloatArray
    n_methods: int


def losses(
    value: ArrayLike,
    vote: ArrayLike,
    method: ArrayLike,
    cluster: ArrayLike,
    *,
    n_methods: int,
    reference: int,
    alike: str = "clusters",
) -> Losses:
    """The rows that can be compared: of votes which at least two methods answered.

    Parameters
    ----------
    value : array_like [N]
        Loss, or its logarithm, of one method on one vote.
    vote, cluster : array_like [N]
        Any labels; a vote lies in one cluster.
    method : array_like of int [N]
        0 to `n_methods` - 1.
    n_methods, reference : int
        M; the method beside which the others stand. Methods that no chain of common votes joins to
        it are left out.
    alike : {"clusters", "votes"}
        What counts alike: every cluster (its votes divide the weight 1), or every vote.

    Raises
    ------
    ForecastError
        If a value is missing, a method answered a vote twice, or a vote lies in two clusters.

    Examples
    --------
    The third vote has one answer and compares nothing:

    >>> rows = losses([1, 2, 3, 4, 5], [1, 1, 2, 2, 3], [0, 1, 0, 1, 0], list("aabbc"),
    ...               n_methods=2, reference=0)
    >>> rows.value.tolist(), rows.weight.tolist()
    ([1.0, 2.0, 3.0, 4.0], [1.0, 1.0, 1.0, 1.0])
    """
    if alike not in ("clusters", "votes"):
        raise ForecastError(f"alike is {alike!r}; accepted: clusters, votes")
    y = finite("value", value, ndim=1) if np.size(value) else np.zeros(0)
    m = np.asarray(method, dtype=np.int64)
    votes, v = np.unique(np.asarray(vote), return_inverse=True)
    _, c = np.unique(np.asarray(cluster), return_inverse=True)
    answers = np.zeros((len(votes), n_methods))
    np.add.at(answers, (v, m), 1)
    if (answers > 1).any():
        raise ForecastError("a method answered a vote twice; give one loss per vote and method")
    home = np.zeros(len(votes), dtype=np.int64)
    home[v] = c
    if (home[v] != c).any():
        raise ForecastError(f"vote {votes[v[home[v] != c][0]]!r} lies in two clusters")
    joined = _joined(answers, reference)
    keep = (np.bincount(v[joined[m]], minlength=len(votes)) > 1)[v]
    weight = np.ones(keep.sum())
    if alike == "clusters":
        weight = 1.0 / np.bincount(home[np.unique(v[keep])])[c[keep]]
    _, v = np.unique(v[keep], return_inverse=True)
    _, c = np.unique(c[keep], return_inverse=True)
    return Losses(
        value=y[keep], vote=v, method=m[keep], cluster=c, weight=weight, n_methods=n_methods
    )


def _joined(answers: FloatArray, reference: int) -> BoolArray:
    """Methods [M] that a chain of common votes joins to the reference."""
    common = answers.T @ answers > 0
    reached = np.zeros(len(common), dtype=bool)
    reached[reference] = True
    for _ in common:
        reached = reached | common[reached].any(axis=0)
    return reached


@dataclass(frozen=True, kw_only=True)
class Effects:
    """Methods [M] beside the reference; NaN for it, and where nothing can be said.

    Attributes
    ----------
    estimate, standard_error, degrees, low, high, p_value : numpy.ndarray [M]
        Of the difference from the reference (whose estimate is 0); Satterthwaite's degrees of
        freedom; a confidence interval; the two-sided p-value that there is no difference.
    votes, clusters : numpy.ndarray of int [M]
        On which the method stands beside another one.
    beside : numpy.ndarray of int [M]
        Clusters in which it stands beside the reference itself.
    """

    estimate: FloatArray
    standard_error: FloatArray
    degrees: FloatArray
    low: FloatArray
    high: FloatArray
    p_value: FloatArray
    votes: IntArray
    clusters: IntArray
    beside: IntArray


def fixed_effects(
    rows: Losses, reference: int, *, level: float = 0.95, fewest_clusters: int = 6
) -> Effects:
    """Difference of every method from the reference, the difficulty of every vote taken out.

        y_vm = a_v + b_m + e_vm,    b_reference = 0,

    by weighted least squares; the standard errors allow for any dependence within a cluster
    (Bell and McCaffrey's CR2 for weights that are constant in a cluster, the effects a_v
    absorbed), with Satterthwaite's degrees of freedom. Where all methods answered all votes and
    every cluster is one vote this is Student's interval of the paired differences. Unit: that of
    the value. Range: any. Below 0 a method is better than the reference.

    Parameters
    ----------
    rows : Losses
    reference : int
    level : float
        Of the intervals.
    fewest_clusters : int
        A method has an interval if its degrees of freedom are those of as many clusters or more
        in which all methods answered alike: a chain of common votes that hangs on one cluster has
        none, however many clusters are at its ends.

    References
    ----------
    Bell, R. M., McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression
    with multi-stage samples. Survey Methodology 28(2), 169-181.
    Pustejovsky, J. E., Tipton, E. (2018). Small-sample methods for cluster-robust variance
    estimation and hypothesis testing in fixed effects models. JBES 36(4), 672-683,
    doi:10.1080/07350015.2016.1247004.

    Examples
    --------
    Method 1 is off by 1 more on the easy vote and by 3 more on the hard one:

    >>> rows = losses([1, 2, 11, 14], [0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 1, 1],
    ...               n_methods=2, reference=0)
    >>> found = fixed_effects(rows, 0, fewest_clusters=2)
    >>> found.estimate.tolist(), [float(one[1].round(6)) for one in (found.standard_error,
    ...                                                              found.degrees)]
    ([0.0, 2.0], [1.0, 1.0])
    """
    from scipy import stats

    m = rows.n_methods
    nan = np.full(m, np.nan)
    votes = np.bincount(rows.method, minlength=m)
    there = np.flatnonzero(votes > 0)
    others = there[there != reference]
    estimate, error, degrees = nan.copy(), nan.copy(), nan.copy()
    estimate[reference] = 0.0
    if len(others):
        design = rows.method[:, None] == others
        root = np.sqrt(rows.weight)
        x = _within(design, rows.vote) * root[:, None]
        y = _within(rows.value[:, None], rows.vote)[:, 0] * root
        estimate[others], covariance, freedom = _clustered(x, y, rows.cluster)
        error[others], degrees[others] = np.sqrt(np.diag(covariance)), freedom
    few = ~(degrees > fewest_clusters - 1 - ALMOST)
    error[few], degrees[few] = np.nan, np.nan
    half = stats.t.ppf((1 + level) / 2, degrees) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * stats.t.sf(np.abs(estimate / error), degrees)
    return Effects(
        estimate=estimate,
        standard_error=error,
        degrees=degrees,
        low=estimate - half,
        high=estimate + half,
        p_value=np.asarray(p),
        votes=votes,
        clusters=_clusters(rows, votes=np.unique(rows.vote)),
        beside=_clusters(rows, votes=rows.vote[rows.method == reference]),
    )


def _clusters(rows: Losses, *, votes: IntArray) -> IntArray:
    """Clusters [M] in which a method answered one of these votes."""
    pairs = np.column_stack([rows.method, rows.cluster])[np.isin(rows.vote, votes)]
    return np.bincount(np.unique(pairs, axis=0)[:, 0], minlength=rows.n_methods)


def _within(values: FloatArray | BoolArray, vote: IntArray) -> FloatArray:
    """Values [N, K] less their mean over the rows of the vote."""
    count = np.bincount(vote)
    mean = [np.bincount(vote, weights=column) / count for column in values.T]
    return values - np.column_stack(mean)[vote]


def _clustered(
    x: FloatArray, y: FloatArray, cluster: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Coefficients [K], their CR2 covariance [K, K], and Satterthwaite's degrees of freedom [K]."""
    inverse = np.linalg.pinv(x.T @ x)
    beta = inverse @ (x.T @ y)
    residual = y - x @ beta
    values, vectors = np.linalg.eigh(inverse)
    half = vectors * np.sqrt(np.clip(values, 0.0, None))
    clusters, k = np.unique(cluster), x.shape[1]
    scores = np.zeros((len(clusters), k))
    squares = np.zeros((len(clusters), k))
    blind = np.zeros(k)  # what of a coefficient rests on rows that fit exactly, whatever they say
    crossed = np.zeros((len(clusters), k, k))  # [cluster, coefficient, column of x]
    for place, chosen in enumerate(cluster == one for one in clusters):
        mine = x[chosen]
        left, singular, _ = np.linalg.svd(mine @ half, full_matrices=False)
        gap = 1.0 - singular**2
        factor = np.where(gap > SINGULAR, 1.0 / np.sqrt(np.maximum(gap, SINGULAR)), 0.0) - 1.0
        plain = mine @ inverse
        blind += ((left[:, gap <= SINGULAR].T @ plain) ** 2).sum(axis=0)
        adjusted = plain + left @ (factor[:, None] * (left.T @ plain))
        scores[place] = adjusted.T @ residual[chosen]
        squares[place] = (adjusted**2).sum(axis=0)
        crossed[place] = adjusted.T @ mine
    freedom = np.zeros(k)
    for j in range(k):
        joint = np.diag(squares[:, j]) - crossed[:, j] @ inverse @ crossed[:, j].T
        seen = blind[j] <= SINGULAR * squares[:, j].sum()
        freedom[j] = np.trace(joint) ** 2 / (joint**2).sum() if seen else np.nan
    return beta, scores.T @ scores, freedom


def random_effects(rows: Losses, reference: int) -> FloatArray:
    """The same differences with votes as draws from one population: a mixed model by REML.

        y_vm = a + b_m + u_v + e_vm,    u_v ~ N(0, tau^2),    e_vm ~ N(0, sigma^2)

    A method that answers hard votes alone is here judged by its level too, not within votes
    only. Rows count alike. Fitted by statsmodels. Unit: that of the value.

    Parameters
    ----------
    rows : Losses
    reference : int

    Returns
    -------
    ndarray [M]
        0 for the reference, NaN for methods without rows; all NaN below `FEWEST_VOTES` votes and
        where the fit does not converge.

    References
    ----------
    Laird, N. M., Ware, J. H. (1982). Random-effects models for longitudinal data. Biometrics 38,
    963-974, doi:10.2307/2529876.
    """
    from statsmodels.regression.mixed_linear_model import MixedLM

    there = np.unique(rows.method)
    found = np.full(rows.n_methods, np.nan)
    if len(np.unique(rows.vote)) < FEWEST_VOTES or reference not in there:
        return found
    others = there[there != reference]
    design = np.column_stack([np.ones(len(rows.value)), rows.method[:, None] == others])
    model = MixedLM(rows.value, design, groups=rows.vote)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what comes of them is in `converged`
            fit = model.fit(reml=True, method="powell")  # without derivatives: tau may be near 0
    except np.linalg.LinAlgError:
        return found
    if fit.converged:
        found[reference], found[others] = 0.0, np.asarray(fit.fe_params)[1:]
    return found


def bradley_terry(rows: Losses, reference: int, *, prior: float = 0.5) -> FloatArray:
    """Strength of every method from who was closer, pair by pair and vote by vote.

        P(i closer than j) = exp(-b_i) / [exp(-b_i) + exp(-b_j)],    b_reference = 0

    Each of two methods that met starts with `prior` wins over the other, so that nobody is
    infinitely strong or weak; a tie is half a win; a pair counts with the weight of its vote. By
    how much somebody is closer does not enter. Unit: log odds; below 0 is better than the
    reference.

    Parameters
    ----------
    rows : Losses
    reference : int
    prior : float
        Wins.

    Returns
    -------
    ndarray [M]
        NaN for methods without rows.

    References
    ----------
    Bradley, R. A., Terry, M. E. (1952). Rank analysis of incomplete block designs. Biometrika 39,
    324-345, doi:10.1093/biomet/39.3-4.324.
    Algorithm: Hunter, D. R. (2004). MM algorithms for generalized Bradley-Terry models. Annals of
    Statistics 32(1), 384-406, doi:10.1214/aos/1079120141.

    Examples
    --------
    Method 1 is closer on three votes of four; without a prior the odds are 3:

    >>> rows = losses([2, 1, 2, 1, 2, 1, 1, 2], [0, 0, 1, 1, 2, 2, 3, 3], [0, 1] * 4,
    ...               [0, 0, 1, 1, 2, 2, 3, 3], n_methods=2, reference=0)
    >>> float(np.exp(-bradley_terry(rows, 0, prior=0.0)[1]).round(6))
    3.0
    """
    wins = closer(rows)
    met = wins + wins.T
    wins = wins + prior * (met > 0)
    met = wins + wins.T
    there = met.sum(axis=1) > 0
    strength = np.ones(rows.n_methods)
    for _ in range(MOST_STEPS):
        before = strength
        both = strength[:, None] + strength
        total = np.divide(met, both, out=np.zeros_like(met), where=met > 0)
        strength = np.where(there, wins.sum(axis=1) / np.maximum(total.sum(axis=1), 1e-300), 1.0)
        strength = strength / max(float(strength[reference]), 1e-300)
        if np.abs(strength - before).max() < TOLERANCE * strength.max():
            break
    with np.errstate(divide="ignore"):
        found = -np.log(strength)
    return np.asarray(np.where(there, found, np.nan))


def closer(rows: Losses) -> FloatArray:
    """Wins [M, M] of the method of the row over that of the column, by weight; a tie is half a win.

    Examples
    --------
    >>> rows = losses([1, 2, 3, 3], [0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 1, 1],
    ...               n_methods=2, reference=0)
    >>> closer(rows).tolist()
    [[0.0, 1.5], [0.5, 0.0]]
    """
    n_votes = len(np.unique(rows.vote))
    table = np.full((n_votes, rows.n_methods), np.nan)
    table[rows.vote, rows.method] = rows.value
    weight = np.zeros(n_votes)
    weight[rows.vote] = rows.weight
    wins = np.zeros((rows.n_methods, rows.n_methods))
    for i in range(rows.n_methods):
        gap = table[:, i, None] - table
        wins[i] = weight @ ((gap < 0) + 0.5 * (gap == 0))  # where one is missing, neither
        wins[i, i] = 0.0
    return wins


def holm(p_values: ArrayLike) -> FloatArray:
    """Holm's adjusted p-values: the chance that any true hypothesis is rejected stays below level.

        p_(k) adjusted = max_{j <= k} min(1, (n - j + 1) p_(j))

    Parameters
    ----------
    p_values : array_like [K]
        NaN where nothing was tested, which stays NaN and is not counted.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal
    of Statistics 6, 65-70.

    Examples
    --------
    >>> holm([0.01, float("nan"), 0.04, 0.03]).round(3).tolist()
    [0.03, nan, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(len(p), np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested])]
    steps = np.arange(len(order), 0, -1) * p[order]
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted
