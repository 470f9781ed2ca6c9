"""Raking: fitting a table, or the weights of respondents, to known margins."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from bench.core.arrays import FloatArray, IntArray
from bench.core.errors import ForecastError

ROUNDS = 200
SETTLED = 1e-11


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
        margin = fitted.sum(axis=dropped)
        _refuse_empty(margin, target.reshape(margin.shape))

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
    raise ForecastError(
        f"raking is off by {worst / total:.2g} of the total after {max_iterations} rounds "
        f"({tolerance:.2g} accepted); the margins contradict each other or the empty cells: "
        "merge small groups"
    )


def rake_cells(
    counts: FloatArray,
    codes: Mapping[str, IntArray],
    margins: Mapping[str, FloatArray],
    *,
    largest_weight: float,
) -> FloatArray:
    """Weights by cell such that every variable has the population's shares.

        w_r = prod_v f_v[group_v(r)], cut at `largest_weight` times the mean, raked again

    Everybody in a cell has one weight; B samples are raked side by side, each as if alone. A group
    without respondents in a sample is left out there, and its share goes to the others.

    Parameters
    ----------
    counts : numpy.ndarray [B, R]
        Respondents by cell.
    codes : mapping of str to numpy.ndarray [R]
        Group of each cell, from 0.
    margins : mapping of str to numpy.ndarray [G]
        Shares of the groups in the population.
    largest_weight : float
        Above 1; a multiple of the mean weight.

    Returns
    -------
    numpy.ndarray [B, R]
        Mean 1 over the respondents of each sample (trimming that binds aside).

    Raises
    ------
    ForecastError
        If names differ or `largest_weight` is not above 1.

    References
    ----------
    Deming, W. E., Stephan, F. F. (1940). doi:10.1214/aoms/1177731829

    Examples
    --------
    Three women and one man where both are half; the man weighs 2, each woman 2/3:

    >>> counts, codes = np.array([[3.0, 1.0]]), {"sex": np.array([0, 1])}
    >>> rake_cells(counts, codes, {"sex": np.array([0.5, 0.5])}, largest_weight=5).round(3)
    array([[0.667, 2.   ]])
    """
    if set(codes) != set(margins):
        raise ForecastError(f"codes are {sorted(codes)} but margins {sorted(margins)}")
    if not largest_weight > 1:
        raise ForecastError(f"largest_weight is {largest_weight}; accepted: above 1 (the mean)")
    n = counts.sum(axis=1, keepdims=True)
    members = {
        name: (code[:, None] == np.arange(len(margins[name]))).astype(float)
        for name, code in codes.items()
    }
    weight = np.ones_like(counts)
    for _ in range(ROUNDS):
        before = weight
        weight = np.minimum(weight, largest_weight)
        for name, code in codes.items():
            current = (weight * counts) @ members[name]
            target = np.where(current > 0, margins[name], 0.0)
            target = target / np.maximum(target.sum(axis=1, keepdims=True), 1e-300) * n
            factor = np.divide(target, current, out=np.ones_like(current), where=current > 0)
            weight = weight * factor[:, code]
        if np.abs(weight - before).max() < SETTLED:
            break
    return np.asarray(np.minimum(weight, largest_weight))


def design_effect(counts: FloatArray, weight: FloatArray) -> FloatArray:
    """By how much unequal weights inflate the variance of a mean (Kish), of each sample [B].

        deff = n sum_r n_r w_r^2 / (sum_r n_r w_r)^2 = 1 + cv(w)^2

    for answers unrelated to the weights; n / deff is Kish's effective sample size.

    References
    ----------
    Kish, L. (1992). Weighting for unequal P_i. Journal of Official Statistics 8(2), 183-200
    (no DOI). Kish, L. (1965). Survey Sampling, section 11.7, Wiley.

    Examples
    --------
    >>> design_effect(np.array([[3.0, 1.0]]), np.array([[1.0, 3.0]])).tolist()  # 4 * 12 / 36
    [1.3333333333333333]
    """
    n = counts.sum(axis=1)
    return np.asarray(n * (counts * weight**2).sum(axis=1) / (counts * weight).sum(axis=1) ** 2)


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


def _not_negative(name: str, value: ArrayLike) -> FloatArray:
    array = np.asarray(value, dtype=np.float64)
    if array.size == 0 or not np.isfinite(array).all() or (array < 0).any():
        raise ForecastError(f"{name} must hold finite numbers, none below 0")
    return array
