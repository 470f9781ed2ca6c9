"""This file holds raking: fitting a table, or the weights of respondents, to known margins."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bench.core.errors import ForecastError

FloatArray = NDArray[np.float64]


def fit_table(
    table: ArrayLike,
    margins: Sequence[tuple[tuple[int, ...], ArrayLike]],
    *,
    tolerance: float = 1e-10,
    max_iterations: int = 1000,
) -> FloatArray:
    """Scale a table until it has the given margins (iterative proportional fitting).

        x <- x * target / margin(x), one margin after the other, until all agree

    The result has the margins asked for and keeps the odds ratios of `table`; empty cells
    stay empty. Unit: that of the margins.

    Parameters
    ----------
    table : array_like, any number of dimensions
        Not below 0.
    margins : sequence of (axes, totals)
        `axes` are the dimensions that are kept, in ascending order, and `totals` has their
        shape. All totals must have one sum.
    tolerance : float
        Largest deviation of any margin at the end, as a fraction of the total.
    max_iterations : int
        Rounds through all margins before giving up.

    Raises
    ------
    ForecastError
        If shapes or sums do not fit, a margin above 0 has only empty cells, or the margins
        are not met after `max_iterations` rounds (they contradict each other or the empty cells).

    References
    ----------
    Deming, W. E., Stephan, F. F. (1940). On a least squares adjustment of a sampled frequency
    table when the expected marginal totals are known. Annals of Mathematical Statistics 11(4),
    427-444, doi:10.1214/aoms/1177731829.

    Examples
    --------
    Rows of 40 and 60 and columns of 50 and 50 leave an even table no choice:

    >>> fit_table([[1, 1], [1, 1]], [((0,), [40, 60]), ((1,), [50, 50])])
    array([[20., 20.],
           [30., 30.]])
    """
    fitted = _not_negative("table", table).copy()
    targets = [_target(fitted, axes, totals) for axes, totals in margins]
    total = _common_total([target for _, target in targets])
    for dropped, target in targets:
        _refuse_empty(fitted.sum(axis=dropped), target.reshape(fitted.sum(axis=dropped).shape))

    for _ in range(max_iterations):
        for dropped, target in targets:
            margin = fitted.sum(axis=dropped, keepdims=True)
            fitted *= np.divide(target, margin, out=np.zeros_like(margin), where=margin > 0)
        worst = max(
            float(np.abs(fitted.sum(axis=dropped, keepdims=True) - target).max())
            for dropped, target in targets
        )
        if worst <= tolerance * total:
            return fitted
    raise ForecastError(_not_converged(worst / total, tolerance, max_iterations))


def rake(
    groups: Mapping[str, ArrayLike],
    margins: Mapping[str, ArrayLike],
    *,
    design_weights: ArrayLike | None = None,
    largest_weight: float | None = None,
    tolerance: float = 1e-10,
    max_iterations: int = 1000,
) -> FloatArray:
    """Weight respondents until every variable has the shares of the population.

        w_i = d_i * prod_v f_v[group_v(i)]

    Design weights d are the start, so respondents in equal groups keep their ratio, and
    the weights sum to the sum of the design weights. With `largest_weight`, weights above
    that multiple of the mean are cut and the rest raked again, until margins and limit hold.

    Parameters
    ----------
    groups : mapping of name to array_like [N]
        The group of each respondent, as whole numbers from 0. To rake to a crossed margin
        (age by sex), number its cells and pass them as one variable.
    margins : mapping of name to array_like [G]
        Share of each group in the population, rescaled to sum 1; the same names.
    design_weights : array_like [N], optional
        Above 0; 1 for everybody if left out.
    largest_weight : float, optional
        Above 1, as a multiple of the mean weight.
    tolerance : float
        Largest deviation of any share, and of any weight above the limit, at the end.
    max_iterations : int
        Rounds through all variables before giving up.

    Raises
    ------
    ForecastError
        If names or lengths do not fit, a group with a share has no respondent, a respondent
        belongs to a group without share, or the weights do not converge.

    References
    ----------
    Deming and Stephan (1940), doi:10.1214/aoms/1177731829. Deville, J.-C., Sarndal, C.-E.,
    Sautory, O. (1993). Generalized raking procedures in survey sampling. JASA 88, 1013-1020,
    doi:10.1080/01621459.1993.10476369.

    Examples
    --------
    Three women and one man where both are half; the man weighs 2, each woman 2/3:

    >>> rake({"sex": [0, 0, 0, 1]}, {"sex": [0.5, 0.5]}).round(4)
    array([0.6667, 0.6667, 0.6667, 2.    ])
    """
    if not groups or set(groups) != set(margins):
        raise ForecastError(
            f"groups are {sorted(groups)} but margins {sorted(margins)}; name the same variables"
        )
    codes = {name: _codes(name, groups[name]) for name in groups}
    lengths = {name: code.size for name, code in codes.items()}
    if len(set(lengths.values())) > 1:
        raise ForecastError(f"groups have unequal lengths {lengths}; one value per respondent")
    n = next(iter(lengths.values()))
    weight = np.ones(n) if design_weights is None else _not_negative("weights", design_weights)
    if weight.shape != (n,) or (weight <= 0).any():
        raise ForecastError(f"design_weights must be {n} numbers above 0, one per respondent")
    if largest_weight is not None and not largest_weight > 1:
        raise ForecastError(f"largest_weight is {largest_weight}; it must be above 1 (the mean)")

    total = float(weight.sum())
    limit = np.inf if largest_weight is None else largest_weight * total / n
    targets = {name: _group_targets(name, codes[name], margins[name]) * total for name in groups}
    weight = weight.astype(np.float64, copy=True)
    worst = np.inf
    for _ in range(max_iterations):
        weight = np.minimum(weight, limit)
        for name, code in codes.items():
            margin = np.bincount(code, weights=weight, minlength=targets[name].size)
            factor = np.divide(targets[name], margin, out=np.zeros_like(margin), where=margin > 0)
            weight = weight * factor[code]
        worst = _worst_share(weight, codes, targets) / total
        if worst <= tolerance and weight.max() <= limit * (1 + tolerance):
            return weight
    if worst <= tolerance:
        raise ForecastError(
            f"no weights meet the margins with none above {largest_weight} times the mean "
            f"(found {weight.max() * n / total:.3g}); raise largest_weight or merge small groups"
        )
    raise ForecastError(_not_converged(worst, tolerance, max_iterations))


def kish_design_effect(weights: ArrayLike) -> float:
    """Say by how much unequal weights inflate the variance of a mean.

        deff = n sum_i w_i^2 / (sum_i w_i)^2 = 1 + cv(w)^2

    for answers unrelated to the weights; n / deff is Kish's effective sample size.
    Unit: none. Range: 1 to n. Lower is better.

    Parameters
    ----------
    weights : array_like [N]
        Not below 0, some above.

    Raises
    ------
    ForecastError
        If a weight is missing or below 0, or all are 0.

    References
    ----------
    Kish, L. (1992). Weighting for unequal P_i. Journal of Official Statistics 8(2), 183-200
    (no DOI). Kish, L. (1965). Survey Sampling, section 11.7, Wiley.

    Examples
    --------
    >>> kish_design_effect([1, 1, 1, 3])  # 4 * 12 / 6^2
    1.3333333333333333
    """
    weight = _not_negative("weights", weights)
    if weight.ndim != 1 or weight.sum() == 0:
        raise ForecastError("weights must be one list of numbers, some above 0")
    return float(weight.size * np.sum(weight**2) / weight.sum() ** 2)


def _target(
    table: FloatArray, axes: tuple[int, ...], totals: ArrayLike
) -> tuple[tuple[int, ...], FloatArray]:
    if tuple(sorted(set(axes))) != tuple(axes) or not set(axes) <= set(range(table.ndim)):
        raise ForecastError(f"axes {axes} must ascend within 0 to {table.ndim - 1}")
    target = _not_negative(f"the margin of axes {axes}", totals)
    shape = tuple(table.shape[axis] for axis in axes)
    if target.shape != shape:
        raise ForecastError(
            f"the margin of axes {axes} has shape {target.shape}; the table needs {shape}"
        )
    dropped = tuple(axis for axis in range(table.ndim) if axis not in axes)
    return dropped, np.expand_dims(target, dropped)


def _common_total(targets: Sequence[FloatArray]) -> float:
    if not targets:
        raise ForecastError("margins is empty; at least one margin is needed")
    sums = [float(target.sum()) for target in targets]
    if min(sums) <= 0 or max(sums) - min(sums) > 1e-9 * max(sums):
        raise ForecastError(f"margins sum to {sums}; all must have one sum above 0")
    return sums[0]


def _refuse_empty(margin: FloatArray, target: FloatArray) -> None:
    empty = np.argwhere((margin == 0) & (target > 0))
    if empty.size:
        place = tuple(int(i) for i in empty[0])
        raise ForecastError(
            f"the margin {list(place)} should be {target[place]:g}, but all its cells are "
            "empty; merge it with a neighbour"
        )


def _codes(name: str, value: ArrayLike) -> NDArray[np.int64]:
    array = np.asarray(value)
    if array.ndim != 1 or array.size == 0 or array.dtype.kind not in "iu" or array.min() < 0:
        raise ForecastError(f"groups[{name!r}] must be a list of whole numbers from 0")
    return array.astype(np.int64)


def _group_targets(name: str, code: NDArray[np.int64], share: ArrayLike) -> FloatArray:
    target = _not_negative(f"margins[{name!r}]", share)
    if target.ndim != 1 or target.sum() <= 0 or code.max() >= target.size:
        raise ForecastError(
            f"margins[{name!r}] has shape {target.shape} and groups up to {int(code.max())}; "
            "give one share per group, some above 0"
        )
    respondents = np.bincount(code, minlength=target.size)
    for group in np.flatnonzero((respondents == 0) != (target == 0)):
        raise ForecastError(
            f"margins[{name!r}][{group}] is {target[group]:g} but {respondents[group]} respondents "
            "are in it; merge the group with another"
        )
    return np.asarray(target / target.sum(), dtype=np.float64)


def _worst_share(
    weight: FloatArray,
    codes: Mapping[str, NDArray[np.int64]],
    targets: Mapping[str, FloatArray],
) -> float:
    return max(
        float(np.abs(np.bincount(code, weight, targets[name].size) - targets[name]).max())
        for name, code in codes.items()
    )


def _not_negative(name: str, value: ArrayLike) -> FloatArray:
    array = np.asarray(value, dtype=np.float64)
    if array.size == 0 or not np.isfinite(array).all() or (array < 0).any():
        raise ForecastError(f"{name} must hold finite numbers, none below 0")
    return array


def _not_converged(worst: float, tolerance: float, max_iterations: int) -> str:
    return (
        f"raking is off by {worst:.2g} of the total after {max_iterations} rounds "
        f"({tolerance:.2g} accepted); the margins contradict each other or the empty cells: "
        "merge small groups"
    )
