"""Multi-party measures of polling bias: A', B, B_w and the tests of no bias."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bench.core.arrays import FloatArray
from bench.core.errors import ForecastError
from bench.metrics.arrays import PerBallot, per_ballot, positive, same_shape, share_and_outcome
from bench.metrics.registry import metric

_NO_ODDS = "A' is a logarithm of odds; merge the candidate with others, or leave it out"


@dataclass(frozen=True)
class PollingBias:
    """Bias of one poll: per category, in two averages, and tested.

    `a_prime` and `standard_error` [C] are log odds ratios, `b` and `b_w` averages of their
    absolute values, `pearson` and `likelihood_ratio` chi-squared statistics on `df` degrees.
    """

    a_prime: FloatArray
    standard_error: FloatArray
    b: float
    b_w: float
    pearson: float
    pearson_p: float
    likelihood_ratio: float
    likelihood_ratio_p: float
    df: int


def _odds(share: FloatArray, outcome: FloatArray) -> tuple[FloatArray, FloatArray]:
    if share.shape[-1] < 2:
        raise ForecastError("there is 1 candidate; odds need at least 2")
    for name, array in (("share", share), ("outcome", outcome)):
        positive(name, array, ndim=1, batch=True, because=_NO_ODDS)
    return share / share.sum(axis=-1, keepdims=True), outcome / outcome.sum(axis=-1, keepdims=True)


def _log_odds_ratio(share: FloatArray, outcome: FloatArray) -> FloatArray:
    from scipy import special

    return np.asarray(special.logit(share) - special.logit(outcome), dtype=np.float64)


@metric(
    "a_prime",
    label="A' (Arzheimer and Evans)",
    label_fr="A' (Arzheimer et Evans)",
    unit="log odds",
    range=(-math.inf, math.inf),
    direction="zero",
    level="candidate",
    positive=True,
)
def a_prime(share: ArrayLike, outcome: ArrayLike) -> FloatArray:
    """Compare the odds of each candidate in a forecast with the odds in the vote.

        A'_c = logit(share_c) - logit(outcome_c),  logit(p) = ln[p / (1 - p)]

    both rescaled to sum 1. With two candidates A'_1 is Martin, Traugott and Kennedy's A.
    Unit: log odds ratio. Range: all numbers. Best: 0; above 0 overstates the candidate.

    Parameters
    ----------
    share, outcome : array_like [..., C]
        Fractions above 0 in one order of at least two candidates.

    Raises
    ------
    ForecastError
        If a value is missing, 0, or above 1, or the lengths differ.

    References
    ----------
    Arzheimer, K., Evans, J. (2014). A new multinomial accuracy measure for polling bias.
    Political Analysis 22(1), 31-44, doi:10.1093/pan/mpt012.

    Examples
    --------
    ln(0.5 / 0.5) - ln(0.6 / 0.4) = -0.4055:

    >>> a_prime([0.5, 0.5], [0.6, 0.4]).round(4)
    array([-0.4055,  0.4055])
    """
    return _log_odds_ratio(*_odds(*share_and_outcome(share, outcome)))


@metric(
    "b",
    label="B (Arzheimer and Evans)",
    label_fr="B (Arzheimer et Evans)",
    unit="log odds",
    range=(0, math.inf),
    direction="lower",
    level="summary",
    positive=True,
)
def arzheimer_evans_b(share: ArrayLike, outcome: ArrayLike) -> PerBallot:
    """Average the size of A' over the candidates.

        B = (1/C) sum_c |A'_c|

    Unit: log odds ratio. Range: 0 upwards. Lower is better.

    Parameters
    ----------
    share, outcome : array_like [..., C]
        As `a_prime`.

    Raises
    ------
    ForecastError
        As `a_prime`.

    References
    ----------
    Arzheimer and Evans (2014), doi:10.1093/pan/mpt012.

    Examples
    --------
    Both |A'| are ln 1.5:

    >>> round(arzheimer_evans_b([0.5, 0.5], [0.6, 0.4]), 4)
    0.4055
    """
    return per_ballot(np.abs(a_prime(share, outcome)).mean(axis=-1))


@metric(
    "b_w",
    label="B_w (Arzheimer and Evans)",
    label_fr="B_w (Arzheimer et Evans)",
    unit="log odds",
    range=(0, math.inf),
    direction="lower",
    level="summary",
    positive=True,
)
def arzheimer_evans_bw(share: ArrayLike, outcome: ArrayLike) -> PerBallot:
    """Average the size of A', candidates weighing what they won.

        B_w = sum_c outcome_c |A'_c|

    The weights are the shares in the vote, not those in the forecast.
    Unit: log odds ratio. Range: 0 upwards. Lower is better.

    Parameters
    ----------
    share, outcome : array_like [..., C]
        As `a_prime`.

    Raises
    ------
    ForecastError
        As `a_prime`.

    References
    ----------
    Arzheimer and Evans (2014), doi:10.1093/pan/mpt012.

    Examples
    --------
    A' is (ln 1/2, ln 7/6, ln 2), so B_w is 0.5 * 0.6931 + 0.3 * 0.1542 + 0.2 * 0.6931:

    >>> round(arzheimer_evans_bw([1 / 3, 1 / 3, 1 / 3], [0.5, 0.3, 0.2]), 4)
    0.5314
    """
    share, outcome = _odds(*share_and_outcome(share, outcome))
    return per_ballot(np.sum(outcome * np.abs(_log_odds_ratio(share, outcome)), axis=-1))


def arzheimer_evans(counts: ArrayLike, outcome: ArrayLike) -> PollingBias:
    """Measure the bias of a poll from its respondents, and test that there is none.

        A'_c = logit(k_c / n) - logit(outcome_c)
        SE(A'_c) = 1 / sqrt(n p_c (1 - p_c)),  p_c = k_c / n   (delta method)
        Pearson = sum_c (k_c - n outcome_c)^2 / (n outcome_c)
        LR = 2 sum_c k_c ln[k_c / (n outcome_c)]

    Both statistics follow chi-squared with C - 1 degrees of freedom if the poll is a simple
    random sample without bias; quota and weighted samples need `counts` divided by their
    design effect. Unit: log odds ratio. Best: 0 (`a_prime`); lower is better (`b`, `b_w`).

    Parameters
    ----------
    counts : array_like [C]
        Respondents (or share * sample size, not necessarily whole) per candidate, above 0.
    outcome : array_like [C]
        Votes or shares of the same candidates, above 0, rescaled to sum 1.

    Raises
    ------
    ForecastError
        If a value is missing or not above 0, the lengths differ, or C is 1.

    References
    ----------
    Arzheimer, K., Evans, J. (2014). A new multinomial accuracy measure for polling bias.
    Political Analysis 22(1), 31-44, doi:10.1093/pan/mpt012.

    Examples
    --------
    100 people, 50 for either side, where 60 and 40 % voted: SE = 1 / sqrt(100 / 4),
    Pearson = 10^2 / 60 + 10^2 / 40:

    >>> bias = arzheimer_evans([50, 50], [0.6, 0.4])
    >>> bias.a_prime.round(4), bias.standard_error, round(bias.pearson, 4), bias.df
    (array([-0.4055,  0.4055]), array([0.2, 0.2]), 4.1667, 1)
    """
    from scipy import stats

    respondents = positive("counts", counts, because=_NO_ODDS)
    votes = positive("outcome", outcome, because=_NO_ODDS)
    same_shape("counts", respondents, "outcome", votes)
    forecast, official = _odds(respondents, votes)

    n = respondents.sum()
    log_odds_ratio = _log_odds_ratio(forecast, official)
    expected = n * official
    pearson = float(np.sum((respondents - expected) ** 2 / expected))
    likelihood_ratio = max(float(2 * np.sum(respondents * np.log(respondents / expected))), 0.0)
    df = respondents.size - 1
    return PollingBias(
        a_prime=log_odds_ratio,
        standard_error=1 / np.sqrt(n * forecast * (1 - forecast)),
        b=float(np.abs(log_odds_ratio).mean()),
        b_w=float(np.sum(official * np.abs(log_odds_ratio))),
        pearson=pearson,
        pearson_p=float(stats.chi2.sf(pearson, df)),
        likelihood_ratio=likelihood_ratio,
        likelihood_ratio_p=float(stats.chi2.sf(likelihood_ratio, df)),
        df=df,
    )
