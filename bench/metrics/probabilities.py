"""Scores of probabilities of events."""

import math

import numpy as np
from numpy.typing import ArrayLike

from bench.core.arrays import FloatArray
from bench.core.errors import ForecastError
from bench.metrics.arrays import PerBallot, fractions, per_ballot, same_candidates, zero_or_one
from bench.metrics.registry import metric

PRINTED = 0.0005  # half of the last digit of a chance printed to a tenth of a percent
STATED = 0  # "number of draws" of chances that are stated and not counted


def _events(probability: ArrayLike, happened: ArrayLike) -> tuple[FloatArray, FloatArray]:
    chance = np.clip(fractions("probability", probability, batch=True), 0.0, 1.0)
    fact = zero_or_one("happened", happened, batch=True)
    same_candidates("probability", chance.shape, "happened", fact.shape)
    return chance, fact


def _drawn_events(drawn: ArrayLike, happened: ArrayLike) -> tuple[FloatArray, FloatArray]:
    is_drawn = fractions("drawn", drawn, ndim=2, batch=True)
    fact = zero_or_one("happened", happened, batch=True)
    same_candidates("drawn", is_drawn.shape[:-1], "happened", fact.shape)
    return is_drawn, fact


def brier_score(probability: ArrayLike, happened: ArrayLike) -> FloatArray:
    """Score probabilities of events that happen or not.

        (p - o)^2,  o = 1 if it happened

    Brier's own score sums over both answers and is twice this one.
    Unit: squared probability. Range: 0 to 1. Lower is better; 1/4 for always saying 1/2.

    Parameters
    ----------
    probability : array_like [..., E]
    happened : array_like [..., E]
        0 or 1 (or booleans).

    Raises
    ------
    ForecastError
        If a probability is missing or outside 0 to 1, `happened` is not 0 or 1, or lengths differ.

    References
    ----------
    Brier, G. W. (1950). Verification of forecasts expressed in terms of probability. Monthly
    Weather Review 78, 1-3, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2.

    Examples
    --------
    >>> brier_score([0.8, 0.8], [1, 0]).round(2)
    array([0.04, 0.64])
    """
    probability, happened = _events(probability, happened)
    return np.square(probability - happened)


def log_score(
    probability: ArrayLike, happened: ArrayLike, *, n_draws: int | None = None
) -> FloatArray:
    """Score probabilities of events by the surprise at what came.

        -ln p if it happened, -ln(1 - p) if not

    Unit: nats. Range: 0 upwards, infinite for a certainty that failed. Lower is better;
    ln 2 for always saying 1/2. A probability counted in S draws is floored by
    `floored_probability` if `n_draws` is given.

    Parameters
    ----------
    probability, happened : array_like [..., E]
        As `brier_score`.
    n_draws : int, optional
        Number S of draws in which the probability was counted; 0 for one that is stated.

    Raises
    ------
    ForecastError
        As `brier_score` and `floored_probability`.

    References
    ----------
    Good, I. J. (1952). Rational decisions. JRSS B 14, 107-114,
    doi:10.1111/j.2517-6161.1952.tb00104.x.

    Examples
    --------
    -ln 0.8 and -ln 0.2, then a certainty from 9 draws that failed, -ln(0.5 / 10):

    >>> log_score([0.8, 0.8], [1, 0]).round(4)
    array([0.2231, 1.6094])
    >>> log_score([1.0], [0], n_draws=9).round(4)
    array([2.9957])
    """
    chance, fact = _events(probability, happened)
    if n_draws is not None:
        chance = floored_probability(chance, n_draws)
    with np.errstate(divide="ignore"):
        return np.asarray(-np.log(np.where(fact == 1, chance, 1 - chance)) + 0.0)  # not -0.0


def floored_probability(probability: ArrayLike, n_draws: int) -> FloatArray:
    """Move a probability counted in finitely many draws, or printed, away from 0 and 1.

        (k + 1/2) / (S + 1),  k = p S;  of a stated probability (S = 0) max(0.0005, min(p, 0.9995))

    the mean of the Jeffreys posterior: no event is impossible because 1,000 draws missed it. A
    stated 0 or 1 is read as one printed to a tenth of a percent, so that it costs at most
    -ln 0.0005 = 7.6 nats: about what 0 of 1,000 draws cost. Unit: probability. Range: 1 / (2S + 2)
    to its complement; 0.0005 to 0.9995 if stated.

    Parameters
    ----------
    probability : array_like [..., E]
    n_draws : int
        S, at least 1; 0 for probabilities that are stated.

    Raises
    ------
    ForecastError
        If a probability is outside 0 to 1, or `n_draws` is below 0.

    References
    ----------
    Krichevsky, R. E., Trofimov, V. K. (1981). The performance of universal encoding. IEEE
    Transactions on Information Theory 27, 199-207, doi:10.1109/TIT.1981.1056331.

    Examples
    --------
    >>> floored_probability([0.0, 0.5, 1.0], n_draws=9)  # 0.5, 5 and 9.5 of 10
    array([0.05, 0.5 , 0.95])
    >>> floored_probability([0.0, 0.5, 1.0], n_draws=0)  # stated
    array([5.000e-04, 5.000e-01, 9.995e-01])
    """
    chance = fractions("probability", probability, batch=True)
    if n_draws < 0:
        raise ForecastError(
            f"n_draws is {n_draws}; at least 1 draw is needed (0: the probability is stated)"
        )
    if n_draws == STATED:
        return np.clip(chance, PRINTED, 1 - PRINTED)
    return (chance * n_draws + 0.5) / (n_draws + 1)


def mean_brier_score(probability: ArrayLike, happened: ArrayLike) -> PerBallot:
    """Average the Brier score over the candidates.

        (1/C) sum_c (p_c - o_c)^2,  o_c = 1 for those to whom it happened

    Unit: squared probability. Range: 0 to 1. Lower is better. As a metric it is taken of every
    event: being elected, coming first, getting through, a majority.

    Parameters
    ----------
    probability, happened : array_like [..., C]
        As `brier_score`.

    Raises
    ------
    ForecastError
        As `brier_score`.

    References
    ----------
    Brier (1950), doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2.

    Examples
    --------
    (0.2^2 + 0.2^2) / 2:

    >>> round(mean_brier_score([0.8, 0.2], [1, 0]), 4)
    0.04
    """
    return per_ballot(brier_score(probability, happened).mean(axis=-1))


def mean_log_score(probability: ArrayLike, happened: ArrayLike, n_draws: int) -> PerBallot:
    """Average the log score over the candidates, of probabilities kept away from 0 and 1.

        -(1/C) sum_c ln(p_c if it happened, else 1 - p_c),  p_c = (k_c + 1/2) / (S + 1)

    of k_c among S draws. A stated p_c counts as it is, but 0 and 1 as 0.0005 and 0.9995
    (`floored_probability`). Unit: nats. Range: 0 upwards. Lower is better. As a metric it is taken
    of every event, as the Brier score is.

    Parameters
    ----------
    probability, happened : array_like [..., C]
        As `brier_score`.
    n_draws : int
        Number S of draws in which the probabilities were counted; 0 if they are stated.

    Raises
    ------
    ForecastError
        As `log_score`.

    References
    ----------
    Good (1952), doi:10.1111/j.2517-6161.1952.tb00104.x; floor: Krichevsky and Trofimov (1981),
    doi:10.1109/TIT.1981.1056331.

    Examples
    --------
    Certain and right, from 9 draws: -ln(9.5 / 10):

    >>> round(mean_log_score([1.0, 0.0], [1, 0], 9), 4)
    0.0513
    """
    return per_ballot(log_score(probability, happened, n_draws=n_draws).mean(axis=-1))


@metric(
    "p_elected",
    label="Probability given to the one elected",
    label_fr="Probabilité donnée à l’élu",
    unit="probability",
    range=(0, 1),
    direction="higher",
    level="event",
    inputs={"probability": "chance_elected", "happened": "elected"},
)
def probability_of_what_happened(probability: ArrayLike, happened: ArrayLike) -> PerBallot:
    """Give the probability of the one candidate to whom it happened.

        sum_c p_c o_c

    Unit: probability. Range: 0 to 1. Higher is better.

    Parameters
    ----------
    probability, happened : array_like [..., C]
        As `brier_score`; it happened to one candidate.

    Raises
    ------
    ForecastError
        As `brier_score`.

    References
    ----------
    Counting; no source needed.

    Examples
    --------
    >>> probability_of_what_happened([0.7, 0.3], [1, 0])
    0.7
    """
    probability, happened = _events(probability, happened)
    return per_ballot((probability * happened).sum(axis=-1))


def brier_monte_carlo_error(drawn: ArrayLike, happened: ArrayLike) -> PerBallot:
    """Standard error of the mean Brier score that comes from the number of draws alone.

        I_s = (1/C) sum_c 2 (p_c - o_c) x_cs,  p_c = mean_s x_cs;  SE = sd_s(I_s) / sqrt(S)

    x_cs says whether it happens to candidate c in draw s. By the delta method; the bias from
    squaring, p (1 - p) / S, is far below it. Unit: squared probability. Range: 0 to 1.

    Parameters
    ----------
    drawn : array_like [..., C, S]
        From `bench.metrics.events.drawn_event`.
    happened : array_like [..., C]
        0 or 1.

    Raises
    ------
    ForecastError
        If `drawn` is missing or outside 0 to 1, or the candidates differ.

    References
    ----------
    van der Vaart, A. W. (1998). Asymptotic Statistics, chapter 3,
    doi:10.1017/CBO9780511802256.

    Examples
    --------
    Half of 100 draws have the first of two in front, who won: I_s is -1/2 or 1/2:

    >>> first = np.repeat([1.0, 0.0], 50)
    >>> round(brier_monte_carlo_error([first, 1 - first], [1, 0]), 4)
    0.0503
    """
    drawn, happened = _drawn_events(drawn, happened)
    n_draws = drawn.shape[-1]
    if n_draws < 2:
        return per_ballot(np.full(happened.shape[:-1], np.nan)[()])
    slope = 2 * (drawn.mean(axis=-1) - happened) / happened.shape[-1]
    influence = (slope[..., None] * drawn).sum(axis=-2)
    return per_ballot(influence.std(axis=-1, ddof=1) / math.sqrt(n_draws))


for _event, _fact, _label, _label_fr in (
    ("elected", "elected", "being elected", "élection"),
    ("first", "came_first", "first place", "première place"),
    ("qualify", "qualified", "qualifying", "qualification"),
    ("majority", "had_majority", "a majority", "majorité"),
):
    metric(
        f"brier_{_event}",
        label=f"Brier score of {_label}",
        label_fr=f"Score de Brier, {_label_fr}",
        unit="squared probability",
        range=(0, 1),
        direction="lower",
        level="event",
        inputs={"probability": f"chance_{_event}", "happened": _fact},
    )(mean_brier_score)
    metric(
        f"log_{_event}",
        label=f"Log score of {_label}",
        label_fr=f"Score logarithmique, {_label_fr}",
        unit="nats",
        range=(0, math.inf),
        direction="lower",
        level="event",
        inputs={"probability": f"chance_{_event}", "happened": _fact},
    )(mean_log_score)
    metric(
        f"brier_{_event}_mc_error",
        label=f"Monte Carlo error of the Brier score of {_label}",
        label_fr=f"Erreur de Monte-Carlo du score de Brier, {_label_fr}",
        unit="squared probability",
        range=(0, 1),
        direction="none",
        level="event",
        inputs={"drawn": f"drawn_{_event}", "happened": _fact},
    )(brier_monte_carlo_error)
