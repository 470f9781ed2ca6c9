"""Checks of calibration with few observations."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from bench.core.arrays import FloatArray
from bench.core.errors import ForecastError
from bench.metrics.arrays import fractions, same_shape, zero_or_one

MIN_EVENTS = 50  # below, a curve of reliability is mostly chance: its bins hold a few events
N_BINS = 10


@dataclass(frozen=True, kw_only=True)
class Recalibrated:
    """Probabilities of events beside what they should have been, and the Brier score in parts.

    Attributes
    ----------
    n, n_true : int
        Events, and how many came true.
    probability : numpy.ndarray [K]
        The distinct probabilities that were stated, ascending.
    recalibrated : numpy.ndarray [K]
        The isotonic estimate of how often such events come true.
    brier, miscalibration, discrimination, uncertainty : float
        ``brier = miscalibration - discrimination + uncertainty``.
    """

    n: int
    n_true: int
    probability: FloatArray
    recalibrated: FloatArray
    brier: float
    miscalibration: float
    discrimination: float
    uncertainty: float


def recalibrated(probability: ArrayLike, happened: ArrayLike) -> Recalibrated:
    """Estimate how often events of each stated probability come true, without bins (CORP).

        r = isotonic regression of o on p;  MCB = BS(p) - BS(r),  DSC = BS(mean o) - BS(r),
        UNC = BS(mean o);  BS(p) = mean (p - o)^2 = MCB - DSC + UNC

    The curve is the best one that never falls (pool adjacent violators, by scikit-learn).
    Miscalibration is what recalibrating would have saved, 0 is best; discrimination is what
    telling events apart saved over always stating how often they come true, higher is better;
    both flatter themselves on few events, as r is fitted to them. Unit: probability, and squared
    probability for the parts.

    Parameters
    ----------
    probability, happened : array_like [N]
        As `bench.metrics.probabilities.brier_score`; at least `MIN_EVENTS` events.

    Raises
    ------
    ForecastError
        If a probability is missing or outside 0 to 1, `happened` is not 0 or 1, lengths differ,
        or there are too few events.

    References
    ----------
    Dimitriadis, T., Gneiting, T., Jordan, A. I. (2021). Stable reliability diagrams for
    probabilistic classifiers. PNAS 118(8), e2016191118, doi:10.1073/pnas.2016191118.

    Examples
    --------
    Events of 20 % came true in half of the cases, those of 80 % too:

    >>> found = recalibrated([0.2, 0.2, 0.8, 0.8] * 20, [0, 1, 0, 1] * 20)
    >>> found.probability, found.recalibrated
    (array([0.2, 0.8]), array([0.5, 0.5]))
    >>> [round(x, 4) for x in (found.brier, found.miscalibration, found.discrimination)]
    [0.34, 0.09, 0.0]
    """
    from sklearn.isotonic import IsotonicRegression

    chance, fact = _events(probability, happened)
    if len(chance) < MIN_EVENTS:
        raise ForecastError(
            f"{len(chance)} events; a curve of reliability takes at least {MIN_EVENTS}"
        )
    fitted = IsotonicRegression().fit_transform(chance, fact)
    base = float(np.square(fact.mean() - fact).mean())
    after, before = (float(np.square(forecast - fact).mean()) for forecast in (fitted, chance))
    levels, first = np.unique(chance, return_index=True)
    return Recalibrated(
        n=len(fact),
        n_true=int(fact.sum()),
        probability=levels,
        recalibrated=fitted[first],
        brier=before,
        miscalibration=before - after,
        discrimination=base - after,
        uncertainty=base,
    )


def groups_with_curve(group: ArrayLike) -> list[str]:
    """Name the groups that have events enough for a curve, in order of the alphabet.

    Examples
    --------
    >>> groups_with_curve(["market"] * 50 + ["model"] * 49)
    ['market']
    """
    names, counts = np.unique(np.asarray(group).astype(str), return_counts=True)
    return [str(name) for name in names[counts >= MIN_EVENTS]]


def reliability(
    probability: ArrayLike,
    happened: ArrayLike,
    group: ArrayLike | None = None,
    *,
    n_bins: int = N_BINS,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Count in bins of probability how often events came true, for every group apart.

        frequency = mean o over the events of a bin, beside mean p over them

    with Wilson's interval of the frequency, and the range in which it would fall if the stated
    probabilities were right (consistency bars: quantiles of the binomial distribution with the
    mean p of the bin, a little wider than those of unequal p). Both count events as independent:
    candidates of one election are not. Unit: probability.

    Parameters
    ----------
    probability, happened : array_like [N]
        As `bench.metrics.probabilities.brier_score`. Of a ballot of two take one candidate: the
        other is the same event.
    group : array_like [N], optional
        The method or other label of each event; all are one group, "", if left out.
    n_bins : int
        Of equal width; 1 belongs to the last.
    confidence : float
        Of interval and range.

    Returns
    -------
    pandas.DataFrame
        `group`, `lower_edge`, `upper_edge`, `n`, `n_true`, `mean_probability`, `frequency`, `low`,
        `high`, `expected_low`, `expected_high`; a row per group and bin that holds events. Groups
        of fewer than `MIN_EVENTS` events are left out.

    Raises
    ------
    ForecastError
        As `recalibrated`, but for few events, and if `group` has another length.

    References
    ----------
    Murphy, A. H., Winkler, R. L. (1977). Reliability of subjective probability forecasts of
    precipitation and temperature. Applied Statistics 26, 41-47, doi:10.2307/2346866.
    Consistency bars: Bröcker, J., Smith, L. A. (2007). Increasing the reliability of reliability
    diagrams. Weather and Forecasting 22, 651-661, doi:10.1175/WAF993.1.

    Examples
    --------
    >>> rows = reliability([0.25] * 40 + [0.75] * 20, [1] * 10 + [0] * 30 + [1] * 20, n_bins=2)
    >>> rows[["n", "mean_probability", "frequency"]].to_numpy().tolist()
    [[40.0, 0.25, 0.25], [20.0, 0.75, 1.0]]
    >>> rows[["low", "expected_high"]].round(3).to_numpy().tolist()
    [[0.142, 0.4], [0.839, 0.9]]
    """
    from scipy.stats import binom
    from statsmodels.stats.proportion import proportion_confint

    chance, fact = _events(probability, happened)
    if n_bins < 1 or not 0 < confidence < 1:
        raise ForecastError(
            f"n_bins is {n_bins} and confidence {confidence}; at least 1 bin is needed, and a "
            "confidence between 0 and 1"
        )
    label = np.full(len(chance), "") if group is None else np.asarray(group)
    same_shape("group", label, "probability", chance)
    place = np.minimum((chance * n_bins).astype(int), n_bins - 1)
    rows = pd.DataFrame({"group": label, "bin": place, "probability": chance, "happened": fact})
    enough = rows.groupby("group")["bin"].transform("size").ge(MIN_EVENTS)
    by = rows[enough].groupby(["group", "bin"])
    summary = by.agg(
        n=("happened", "size"),
        n_true=("happened", "sum"),
        mean_probability=("probability", "mean"),
    ).reset_index()
    n, n_true = summary["n"].to_numpy(), summary["n_true"].to_numpy().astype(int)
    low, high = proportion_confint(n_true, n, 1 - confidence, "wilson")
    mean, tail = summary["mean_probability"].to_numpy(), (1 - confidence) / 2
    edges = summary.pop("bin").to_numpy()
    return summary.assign(
        n_true=n_true,
        lower_edge=edges / n_bins,
        upper_edge=(edges + 1) / n_bins,
        frequency=n_true / n,
        low=low,
        high=high,
        expected_low=binom.ppf(tail, n, mean) / n,
        expected_high=binom.ppf(1 - tail, n, mean) / n,
    )[
        [
            *("group", "lower_edge", "upper_edge", "n", "n_true", "mean_probability", "frequency"),
            *("low", "high", "expected_low", "expected_high"),
        ]
    ]


def _events(probability: ArrayLike, happened: ArrayLike) -> tuple[FloatArray, FloatArray]:
    chance = np.clip(fractions("probability", probability), 0.0, 1.0)
    fact = zero_or_one("happened", happened)
    same_shape("probability", chance, "happened", fact)
    return chance, fact
