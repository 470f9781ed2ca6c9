"""Events of a vote: who is elected, comes first, gets through, has a majority; in which order."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bench.core.arrays import SORTED_DIGITS, BoolArray, FloatArray
from bench.core.errors import ForecastError
from bench.core.forecast import AT_MOST_ONE, Forecast, on_ballot, same_events
from bench.metrics.arrays import (
    Draws,
    Ensemble,
    PerBallot,
    ensemble,
    ensemble_and_outcome,
    finite,
    fractions,
    per_ballot,
    share_and_outcome,
)
from bench.metrics.registry import metric


def qualifies(share: ArrayLike, n_advance: int) -> FloatArray:
    """Say who is among the first `n_advance`; equal candidates divide what is left.

    1 for every candidate above the threshold, (free n_advance) / (tied candidates) for those on
    it, 0 below; the sum is `n_advance`. Unit: probability under a fair drawing of lots.

    Parameters
    ----------
    share : array_like [..., C]
        Shares, or draws of them, ranked within each row.
    n_advance : int
        1 for the first place, 2 for a French first round; at most C.

    Raises
    ------
    ForecastError
        If a value is missing, or `n_advance` is not between 1 and C.

    References
    ----------
    Counting; no source needed.

    Examples
    --------
    One seat is sure, three candidates draw lots for the other:

    >>> qualifies([0.4, 0.2, 0.2, 0.2], n_advance=2).round(3)
    array([1.   , 0.333, 0.333, 0.333])
    """
    rows = finite("share", share, ndim=1, batch=True)
    return _weights(_places(rows[..., None], n_advance))[..., 0]


def event_probability(draws: Draws, n_advance: int) -> FloatArray:
    """Give each candidate's probability of being among the first `n_advance`, from draws.

        p_c = mean_s qualifies(x_s, n_advance)_c

    Unit: probability. Range: 0 to 1; the sum is `n_advance`. With `n_advance=1` it is the
    probability to win.

    Parameters
    ----------
    draws : array_like [..., S, C]
    n_advance : int

    Raises
    ------
    ForecastError
        As `qualifies`.

    References
    ----------
    Counting; no source needed.

    Examples
    --------
    The first leads in one draw and ties in the other:

    >>> event_probability([[0.6, 0.4], [0.5, 0.5]], n_advance=1)
    array([0.75, 0.25])
    """
    return np.asarray(_weights(_drawn_places(ensemble(draws), n_advance)).mean(axis=-1))


def drawn_event(draws: Draws, event: str, n_advance: int) -> FloatArray | None:
    """Say draw by draw to whom an event happens; equal candidates divide it.

    Parameters
    ----------
    draws : array_like [..., S, C]
    event : str
        Of `bench.core.forecast.EVENTS`.
    n_advance : int
        How many get through.

    Returns
    -------
    ndarray [..., C, S] or None
        0 to 1; None where the draws do not tell: those of a first round say nothing of who is
        elected after the second. A majority is more than half of the valid votes.

    Raises
    ------
    ForecastError
        As `bench.core.forecast.same_events` and `qualifies`.

    References
    ----------
    Counting; no source needed.

    Examples
    --------
    >>> drawn_event([[0.6, 0.4], [0.5, 0.5]], "first", n_advance=1)
    array([[1. , 0.5],
           [0. , 0.5]])
    """
    sample = ensemble(draws)
    names = same_events(event, n_advance, sample.n_candidates)
    if "first" in names:
        return _weights(_drawn_places(sample, 1))
    if event == "qualify":
        return _weights(_drawn_places(sample, n_advance))
    if event == "majority":
        return np.asarray(sample.columns > 0.5, dtype=np.float64)
    return None


def chances(
    forecast: Forecast,
    event: str,
    n_advance: int,
    *,
    draws: Draws | None = None,
    fill: bool = False,
) -> FloatArray:
    """Give the probability of an event for every candidate, whatever kind of forecast it is.

    What the forecast states goes first (under any of the names of the event, see
    `bench.core.forecast.same_events`);
    else the event is counted in its draws, completed over the whole ballot. Scores, tables,
    figures and audits all take chances from here. Unit: probability. Range: 0 to 1.

    Parameters
    ----------
    forecast : Forecast
        Checked, in ballot order.
    event : str
        Of `bench.core.forecast.EVENTS`.
    n_advance : int
        How many get through.
    draws : array_like [S, C], optional
        The draws completed over the ballot, where the caller has them.
    fill : bool
        Whether those whom the method does not name have a chance too: that counted in the
        completed draws or, of stated chances, an equal part of what is left of 1 (of `n_advance`,
        for getting through).

    Returns
    -------
    ndarray [C]
        NaN where the method says nothing: everywhere for a forecast of shares without draws.

    Raises
    ------
    ForecastError
        As `bench.core.forecast.same_events`.

    References
    ----------
    Counting; no source needed.

    Examples
    --------
    A market that quotes two of three, and draws in which the first leads twice in three:

    >>> import pandas as pd
    >>> ballot = ["ash", "birch", "cedar"]
    >>> quoted = pd.DataFrame({"elected": [0.6, 0.3, np.nan]}, index=ballot)
    >>> market = Forecast(share=pd.Series(np.nan, index=ballot), chances=quoted)
    >>> chances(market, "elected", n_advance=2)
    array([0.6, 0.3, nan])
    >>> chances(market, "elected", n_advance=2, fill=True).round(3)
    array([0.6, 0.3, 0.1])
    >>> sample = np.array([[0.5, 0.3, 0.2], [0.4, 0.5, 0.1], [0.6, 0.2, 0.2]])
    >>> poll = Forecast(share=pd.Series(sample.mean(axis=0), index=ballot), draws=sample)
    >>> chances(poll, "first", n_advance=2).round(3)
    array([0.667, 0.333, 0.   ])
    """
    named = forecast.share.notna().to_numpy()
    n_candidates = len(named)
    stated = forecast.chances
    for name in same_events(event, n_advance, n_candidates):
        if stated is not None and name in stated:
            chance = stated[name].to_numpy(dtype=np.float64)
            return _filled(chance, event, n_advance) if fill else chance
    if draws is None and forecast.draws is not None:
        draws = on_ballot(forecast.draws, named, np.ones(n_candidates, dtype=bool))
    drawn = None if draws is None else drawn_event(draws, event, n_advance)
    if drawn is None:
        return np.full(n_candidates, np.nan)
    chance = np.asarray(drawn.mean(axis=-1))
    return chance if fill else np.where(named, chance, np.nan)


def came_true(
    outcome: ArrayLike, event: str, n_advance: int, elected: int | None = None
) -> FloatArray:
    """Say to whom an event happened.

    Parameters
    ----------
    outcome : array_like [..., C]
        Official shares, fractions of the valid votes.
    event : str
        Of `bench.core.forecast.EVENTS`.
    n_advance : int
        How many got through.
    elected : int, optional
        Place on the ballot of who won the office in the end, where this vote did not decide it.

    Returns
    -------
    ndarray [..., C]
        1 where it happened, 0 where not; NaN where nobody can say yet (who is elected after a
        later round).

    Raises
    ------
    ForecastError
        As `bench.core.forecast.same_events` and `qualified`.

    References
    ----------
    Counting; no source needed.

    Examples
    --------
    >>> came_true([0.24, 0.21, 0.20, 0.35], "qualify", n_advance=2)
    array([1., 0., 0., 1.])
    >>> came_true([0.24, 0.21, 0.20, 0.35], "majority", n_advance=2)
    array([0., 0., 0., 0.])
    """
    official = fractions("outcome", outcome, batch=True)
    n_candidates = official.shape[-1]
    if "first" in same_events(event, n_advance, n_candidates):
        return qualified(official, 1).astype(np.float64)
    if event == "qualify":
        return qualified(official, n_advance).astype(np.float64)
    if event == "majority":
        return np.asarray(official > 0.5, dtype=np.float64)
    if elected is None:
        return np.full(official.shape, np.nan)
    is_elected = np.broadcast_to(np.arange(n_candidates) == elected, official.shape)
    return is_elected.astype(np.float64)


Inputs = dict[str, Any]
"""What metrics may ask for (`bench.metrics.registry.INPUTS`), if it is there."""

HAPPENED = {
    "elected": "elected",
    "first": "came_first",
    "qualify": "qualified",
    "majority": "had_majority",
}
"""Input of metrics that says to whom an event happened."""


def event_inputs(
    events: Iterable[str], n_advance: int, outcome: FloatArray, forecast: FloatArray | Ensemble
) -> Inputs:
    """Give all that metrics ask about events, for forecasts of one ballot.

    Parameters
    ----------
    events : iterable of str
        Of `bench.core.forecast.EVENTS`.
    n_advance : int
        How many got through.
    outcome : ndarray [..., C]
        Checked (`bench.metrics.arrays.share_and_outcome`).
    forecast : ndarray [..., C] or Ensemble [..., S, C]
        Shares or draws, checked.

    Returns
    -------
    dict
        `HAPPENED` of every event; of draws whether each brings the event about (``drawn_…``)
        and how often (``chance_…``), where they tell; of shares the chance that they leave to a
        drawing of lots, of the first place and of getting through.

    References
    ----------
    Counting; no source needed.

    Examples
    --------
    >>> found = event_inputs(["first"], 2, np.array([0.5, 0.3, 0.2]), np.array([0.4, 0.4, 0.2]))
    >>> found["came_first"], found["chance_first"]
    (array([1., 0., 0.]), array([0.5, 0.5, 0. ]))
    """
    inputs: Inputs = {}
    counted: dict[tuple[str, ...], FloatArray | None] = {}
    for event in events:
        alike = tuple(sorted(same_events(event, n_advance, outcome.shape[-1])))
        inputs[HAPPENED[event]] = came_true(outcome, event, n_advance)
        if not isinstance(forecast, Ensemble):
            if event in ("first", "qualify"):
                places = _places(forecast[..., None], 1 if event == "first" else n_advance)
                inputs[f"chance_{event}"] = _weights(places)[..., 0]
            continue
        if alike not in counted:
            counted[alike] = drawn_event(forecast, event, n_advance)
        if (drawn := counted[alike]) is not None:
            inputs |= {f"drawn_{event}": drawn, f"chance_{event}": drawn.mean(axis=-1)}
    return inputs


def _filled(stated: FloatArray, event: str, n_advance: int) -> FloatArray:
    """Stated chances with an equal part of what is left for everybody else."""
    silent = np.isnan(stated)
    if not silent.any() or event == "majority":  # which may be nobody's
        return stated
    remainder = (1 if event in AT_MOST_ONE else n_advance) - np.nansum(stated)
    return np.where(silent, np.clip(remainder / silent.sum(), 0.0, 1.0), stated)


@metric(
    "pair_right",
    label="Right set of qualifiers named",
    label_fr="Qualifiés bien désignés",
    unit="probability",
    range=(0, 1),
    direction="higher",
    level="event",
    of_order=True,
)
def qualified_hit(share: ArrayLike, outcome: ArrayLike, n_advance: int) -> PerBallot:
    """Say whether the forecast names the right set of qualifiers.

        P(T_1..n_advance(share) = T_1..n_advance(outcome)),  ties broken by lot

    The probability that a fair drawing of lots among equal shares gives exactly the set
    that qualified: 1 or 0 where nothing is tied. A uniform forecast of 11 candidates has
    1/55 for two n_advance. Unit: probability. Range: 0 to 1. Higher is better.

    Parameters
    ----------
    share, outcome : array_like [..., C]
    n_advance : int
        1 scores the winner, 2 the pair of a runoff.

    Raises
    ------
    ForecastError
        As `qualifies`, and if the outcome itself is tied at the threshold.

    References
    ----------
    Counting; no source needed.

    Examples
    --------
    >>> qualified_hit([0.3, 0.4, 0.3], [0.2, 0.5, 0.3], n_advance=2)
    0.5
    """
    share, outcome = share_and_outcome(share, outcome)
    return per_ballot(
        _hit(_places(share[..., None], n_advance), qualified(outcome, n_advance))[..., 0]
    )


@metric(
    "first_right",
    label="Right first place named",
    label_fr="Premier bien désigné",
    unit="probability",
    range=(0, 1),
    direction="higher",
    level="event",
    of_order=True,
)
def first_hit(share: ArrayLike, outcome: ArrayLike) -> PerBallot:
    """Say whether the forecast names the candidate who came first: `qualified_hit` for one seat.

        P(argmax_c share_c = argmax_c outcome_c),  ties broken by lot

    Unit: probability. Range: 0 to 1. Higher is better.

    Parameters
    ----------
    share, outcome : array_like [..., C]

    Raises
    ------
    ForecastError
        As `qualified_hit`.

    References
    ----------
    Counting; no source needed.

    Examples
    --------
    >>> first_hit([0.3, 0.4, 0.3], [0.2, 0.5, 0.3])
    1.0
    """
    return qualified_hit(share, outcome, 1)


@metric(
    "p_pair",
    label="Probability given to the right set of qualifiers",
    label_fr="Probabilité donnée aux qualifiés",
    unit="probability",
    range=(0, 1),
    direction="higher",
    level="event",
    point=qualified_hit,
)
def probability_of_qualified(draws: Draws, outcome: ArrayLike, n_advance: int) -> PerBallot:
    """Give the probability, from draws, that exactly those qualify who did.

        p = mean_s qualified_hit(x_s, outcome, n_advance)

    Unit: probability. Range: 0 to 1. Higher is better.

    Parameters
    ----------
    draws : array_like [..., S, C]
    outcome : array_like [..., C]
    n_advance : int
        1 scores the winner, 2 the pair of a runoff.

    Raises
    ------
    ForecastError
        As `qualified_hit`.

    References
    ----------
    Counting; no source needed.

    Examples
    --------
    >>> probability_of_qualified([[0.5, 0.3, 0.2], [0.5, 0.2, 0.3]], [0.4, 0.35, 0.25], n_advance=2)
    0.5
    """
    draws, outcome = ensemble_and_outcome(draws, outcome)
    places = _drawn_places(draws, n_advance)
    return per_ballot(_hit(places, qualified(outcome, n_advance)).mean(axis=-1))


def qualified(outcome: ArrayLike, n_advance: int) -> BoolArray:
    """Say who qualified in a vote.

    Parameters
    ----------
    outcome : array_like [..., C]
    n_advance : int

    Raises
    ------
    ForecastError
        As `qualifies`, and if candidates are tied at the threshold: votes do not tell then.

    References
    ----------
    Counting; no source needed.

    Examples
    --------
    >>> qualified([0.24, 0.20, 0.21], n_advance=2)
    array([ True, False,  True])
    """
    weight = qualifies(finite("outcome", outcome, ndim=1, batch=True), n_advance)
    if not ((weight == 0) | (weight == 1)).all():
        raise ForecastError(
            f"outcome has candidates tied for the last of {n_advance} places; "
            "an outcome must say who qualified"
        )
    return np.asarray(weight == 1.0)


@metric(
    "kendall_tau",
    label="Kendall's tau of the order",
    label_fr="Tau de Kendall de l’ordre",
    unit="none",
    range=(-1, 1),
    direction="higher",
    level="summary",
    of_order=True,
)
def kendall_tau(share: ArrayLike, outcome: ArrayLike) -> PerBallot:
    """Compare the order of the candidates with the official one.

        tau = (concordant pairs - discordant pairs) / (C (C - 1) / 2)

    Pairs that are equal in either list count 0 (tau-a), so a uniform forecast has 0 and
    nobody gains by leaving pairs undecided. Without ties it is SciPy's tau-b.
    Unit: none. Range: -1 (reversed) to 1 (right order). Higher is better.

    Parameters
    ----------
    share, outcome : array_like [..., C]
        At least two candidates.

    Raises
    ------
    ForecastError
        As `bench.metrics.shares.signed_error`, and if there is only one candidate.

    References
    ----------
    Kendall, M. G. (1938). A new measure of rank correlation. Biometrika 30, 81-93,
    doi:10.1093/biomet/30.1-2.81.

    Examples
    --------
    Of three pairs two are in order:

    >>> round(kendall_tau([0.5, 0.2, 0.3], [0.5, 0.3, 0.2]), 4)  # (2 - 1) / 3
    0.3333
    """
    share, outcome = share_and_outcome(share, outcome)
    n_candidates = outcome.shape[-1]
    if n_candidates < 2:
        raise ForecastError("there is 1 candidate; an order needs at least 2")
    agreement = _order(share) * _order(outcome)
    return per_ballot(agreement.sum(axis=(-2, -1)) / (n_candidates * (n_candidates - 1)))


def _order(share: FloatArray) -> FloatArray:
    difference = share[..., :, None] - share[..., None, :]
    return np.asarray(np.sign(difference.round(SORTED_DIGITS)))


_Places = tuple[BoolArray, BoolArray, FloatArray]


def _places(columns: FloatArray, n_advance: int) -> _Places:
    """Who has a seat [..., C, S], who is tied for the last ones, how many of these are free.

    Where as many candidates as seats are at least as good as the last of them, nobody is tied.
    """
    n_candidates = columns.shape[-2]
    if not 1 <= n_advance <= n_candidates:
        raise ForecastError(
            f"n_advance is {n_advance}; it must lie between 1 and the {n_candidates} candidates"
        )
    last = columns.max(axis=-2, keepdims=True)
    at_least = columns >= last
    for _ in range(n_advance - 1):
        short = at_least.sum(axis=-2, keepdims=True) < n_advance
        below = np.where(at_least, -np.inf, columns).max(axis=-2, keepdims=True)
        last = np.where(short, below, last)
        at_least = columns >= last
    contested = at_least.sum(axis=-2) > n_advance
    tied = (columns == last) & contested[..., None, :]
    above = at_least & ~tied
    return above, tied, np.where(contested, n_advance - above.sum(axis=-2), 0.0)


def _drawn_places(sample: Ensemble, n_advance: int) -> _Places:
    if n_advance not in sample.places:
        sample.places[n_advance] = _places(sample.columns, n_advance)
    return sample.places[n_advance]


def _weights(places: _Places) -> FloatArray:
    above, tied, free = places
    if not tied.any():
        return above.astype(np.float64)
    each = free / np.maximum(tied.sum(axis=-2), 1)
    return np.asarray(above + tied * each[..., None, :])


def _hit(places: _Places, right: BoolArray) -> FloatArray:
    """The probability [..., S] that a fair drawing of lots gives exactly the set `right`."""
    above, tied, free = places
    is_right = right[..., None]
    if not tied.any():
        return np.asarray((above == is_right).all(axis=-2), dtype=np.float64)
    from scipy.special import comb

    fits = ~(above & ~is_right).any(axis=-2) & ((tied & is_right).sum(axis=-2) == free)
    return np.asarray(np.where(fits, 1 / comb(tied.sum(axis=-2), free), 0.0))
