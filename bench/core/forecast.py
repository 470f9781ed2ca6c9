"""Forecast: shares, draws and chances of events that a predictor returns; checked and completed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from bench.core.errors import ForecastError, did_you_mean, shortlist

SUM_TOLERANCE = 1e-6
CENTRES = 0.05
"""By how much centres of one forecast may differ."""
EVENTS = {
    "elected": "wins the office in the end",
    "first": "comes first in this round",
    "qualify": "is among those who get through",
    "majority": "has more than half of the valid votes of this round",
}
"""Events of which a forecast may state chances, and what each of them is."""
AT_MOST_ONE = ("elected", "first", "majority")  # candidates to whom it happens


@dataclass(frozen=True, init=False)
class Forecast:
    """What a predictor says: shares of the vote, draws of them, chances of events, or several.

    Parameters
    ----------
    share : pandas.Series, optional
        Fractions of the valid votes, 0 to 1, indexed by candidate. NaN (or absent) where the
        method names nobody. The named shares sum to at most 1; what is left belongs to the
        candidates who are not named. Left out by methods that state chances alone.
    draws : numpy.ndarray, optional
        Joint draws [S, C] in the order of ``share``'s index, NaN in the columns of candidates
        who are not named. Chances of events are counted in them.
    chances : pandas.DataFrame, or mapping of str to pandas.Series, optional
        Probabilities, 0 to 1, of the `EVENTS` that the method states by itself (markets): a
        column per event, a row per candidate, NaN where it says nothing. What is stated goes
        before what could be counted in draws.
    areas : pandas.DataFrame, optional
        Shares [U, C]: one row per area code, one column per candidate.
    converted : str
        The rule that turned other figures (followers, favourable ratings) into shares, in a few
        words, or by the key of a rule that pages know (``"places"``); empty when the method
        speaks of votes by itself.
    order_only : bool
        Whether ``share`` says no more than who is before whom: its author claimed no shares, and
        scores that read sizes are not taken.
    election, round, as_of : str, int, pandas.Timestamp, optional
        The vote and the moment that it is about: the bench writes them into the answer of a
        predictor, whatever that says, and `bench.score` compares them with the outcome. Empty, 0
        and None in a forecast made by hand.

    Examples
    --------
    >>> forecast = Forecast(chances={"elected": {"ash": 0.7, "birch": 0.2}})
    >>> forecast.chances["elected"].to_dict()
    {'ash': 0.7, 'birch': 0.2}
    """

    share: pd.Series
    draws: npt.NDArray[np.float64] | None
    chances: pd.DataFrame | None
    areas: pd.DataFrame | None
    converted: str
    order_only: bool
    election: str
    round: int
    as_of: pd.Timestamp | None

    def __init__(
        self,
        *,
        share: pd.Series | None = None,
        draws: npt.NDArray[np.float64] | None = None,
        chances: pd.DataFrame | Mapping[str, pd.Series | Mapping[str, float]] | None = None,
        areas: pd.DataFrame | None = None,
        converted: str = "",
        order_only: bool = False,
        election: str = "",
        round: int = 0,  # noqa: A002 - the word of every table
        as_of: pd.Timestamp | None = None,
    ) -> None:
        if chances is not None and not isinstance(chances, pd.DataFrame):
            chances = pd.DataFrame({event: pd.Series(stated) for event, stated in chances.items()})
        vars(self).update(
            share=pd.Series(dtype=float) if share is None else share,
            draws=draws,
            chances=chances,
            areas=areas,
            converted=converted,
            order_only=order_only,
            election=election,
            round=round,
            as_of=as_of,
        )

    def __repr__(self) -> str:
        """Three lines: the vote, the largest shares, and what else is stated."""
        vote = f"{self.election} round {self.round} as of {self.as_of}"
        largest = self.share.dropna().sort_values(ascending=False, kind="stable")
        shares = [f"{name} {value:.1%}" for name, value in largest.items()]
        parts = ("draws", "chances", "areas")
        stated = [name for name in parts if getattr(self, name) is not None]
        return (
            f"Forecast of {vote if self.election else 'no vote'}\n"
            f"shares: {shortlist(shares)}\n"
            f"with: {', '.join(stated) or 'nothing else'}"
        )


@cache
def same_events(event: str, n_advance: int, n_candidates: int) -> tuple[str, ...]:
    """List the names of an event: in a vote that decides, several are one and the same.

    Where one candidate gets through, being elected, coming first and getting through are one event;
    between two candidates so is the majority. A market that states who is elected and a poll
    whose draws say who comes first are then compared.

    Parameters
    ----------
    event : str
        Of `EVENTS`.
    n_advance : int
        How many get through.
    n_candidates : int
        C, of the ballot.

    Returns
    -------
    tuple of str
        The event first.

    Raises
    ------
    ForecastError
        If there is no such event.

    Examples
    --------
    >>> same_events("elected", n_advance=1, n_candidates=2)
    ('elected', 'first', 'qualify', 'majority')
    >>> same_events("elected", n_advance=2, n_candidates=11)
    ('elected',)
    """
    if event not in EVENTS:
        raise ForecastError(f"no event is called '{event}' ({did_you_mean(event, EVENTS)})")
    alike = ["elected", "first", "qualify"] if n_advance == 1 else []
    alike += ["majority"] if n_advance == 1 and n_candidates == 2 else []
    return (event, *(name for name in alike if name != event)) if event in alike else (event,)


def check_forecast(
    forecast: object, candidates: Sequence[str], n_advance: int | None = None
) -> Forecast:
    """The forecast with its index in ballot order, or an error that says what is wrong with it.

    Which vote it is about is not looked at, and left out of the answer.

    Parameters
    ----------
    forecast : object
        What `predict` returned.
    candidates : sequence of str
        The ballot, C slugs.
    n_advance : int, optional
        How many get through: what the chances of that sum to at most.

    Raises
    ------
    ForecastError
        Not a Forecast; an unknown candidate; a share that is negative, above 1 or infinite;
        named shares that sum to more than 1; an order with draws or areas; draws of a wrong
        shape, off the simplex, NaN where the shares are not, or whose mean differs from a share
        by more than `CENTRES` and four standard errors together; chances of an unknown event,
        outside 0 to 1, or of more candidates than it can happen to; complex numbers.

    Examples
    --------
    >>> good = check_forecast(Forecast(share=pd.Series({"b": 0.25, "a": 0.75})), ["a", "b"])
    >>> good.share.tolist()
    [0.75, 0.25]
    >>> check_forecast(Forecast(share=pd.Series({"a": 75.0})), ["a", "b"])
    Traceback (most recent call last):
    ...
    bench.core.errors.ForecastError: share of 'a' is 75.0; accepted: 0 to 1 (a fraction of
    the valid votes, not percent)
    """
    if not isinstance(forecast, Forecast):
        raise ForecastError(
            f"predict returned {type(forecast).__name__}; accepted: return "
            "bench.Forecast(share=SHARES), where SHARES is a pandas.Series of fractions, 0 to 1, "
            "by candidate"
        )
    stated_share = forecast.share
    if not isinstance(stated_share, pd.Series) or not stated_share.index.is_unique:
        raise ForecastError("share must be a pandas Series with one entry per candidate")
    _refuse_strangers("share names", stated_share.index, candidates)
    share = _numbers("share", stated_share.reindex(list(candidates)))
    values = share.to_numpy()
    outside = np.flatnonzero((values < 0) | (values > 1 + SUM_TOLERANCE))
    if len(outside):
        raise ForecastError(
            f"share of '{share.index[outside[0]]}' is {values[outside[0]]}; accepted: 0 to 1 "
            "(a fraction of the valid votes, not percent)"
        )
    named = ~np.isnan(values)
    total = float(share.sum())
    if total > 1 + SUM_TOLERANCE:
        raise ForecastError(
            f"the named shares sum to {total:.6f}; accepted: at most 1 (divide by their sum)"
        )
    if named.all() and total < 1 - SUM_TOLERANCE:
        raise ForecastError(
            f"every candidate is named and the shares sum to {total:.6f}; accepted: 1"
        )
    chances = _check_chances(forecast.chances, candidates, n_advance)
    if not named.any() and chances is None:
        raise ForecastError("no candidate is named; a method with nothing to say raises Abstain")
    draws = forecast.draws
    if forecast.order_only and (draws is not None or forecast.areas is not None):
        raise ForecastError("order_only goes with draws or areas; accepted: share alone")
    if draws is not None:
        order = stated_share.index.get_indexer(pd.Index(candidates))
        draws = _check_draws(_numbers("draws", np.asarray(draws)), order, named)
        _refuse_other_draws(share[named], draws[:, named])
    return Forecast(
        share=share,
        draws=draws,
        chances=chances,
        areas=_check_areas(forecast.areas, candidates),
        converted=forecast.converted,
        order_only=forecast.order_only,
    )


Table = TypeVar("Table", pd.Series, pd.DataFrame, npt.NDArray[np.float64])


def _numbers(subject: str, values: Table) -> Table:
    try:
        if np.iscomplexobj(values):
            raise TypeError("some are complex")
        return values.astype(float)
    except (TypeError, ValueError) as error:
        raise ForecastError(f"{subject} must hold numbers: {error}") from error


def contradiction(
    centres: Mapping[str, npt.NDArray[np.float64]],
    names: Sequence[str],
    tolerance: npt.ArrayLike = CENTRES,
) -> str:
    """How centres of one forecast contradict each other, in words; empty if none do.

    Parameters
    ----------
    centres : mapping of str to numpy.ndarray [C]
        Shares by what they are.
    names : sequence of str
        The C candidates.
    tolerance : array_like [C]
        By how much they may differ.

    Examples
    --------
    >>> contradiction({"share": np.array([0.2]), "mean of the draws": np.array([0.9])}, ["ash"])
    "the share of 'ash' is 0.2 and the mean of the draws 0.9; accepted: 0.05 apart at most"
    """
    for (first_label, first), (second_label, second) in combinations(centres.items(), 2):
        too_far = np.abs(first - second) - tolerance
        place = int(too_far.argmax())
        if too_far[place] > 0:
            limit = np.broadcast_to(tolerance, too_far.shape)[place]
            return (
                f"the {first_label} of '{names[place]}' is {first[place]:.4g} and the "
                f"{second_label} {second[place]:.4g}; accepted: {limit:.2g} apart at most"
            )
    return ""


def _refuse_other_draws(share: pd.Series, draws: npt.NDArray[np.float64]) -> None:
    """Refuse draws around something else than the shares that are stated.

    Beyond `CENTRES` four standard errors of the mean of few draws are allowed.
    """
    centres = {"share": share.to_numpy(), "mean of the draws": draws.mean(axis=0)}
    tolerance = CENTRES + 4.0 * draws.std(axis=0) / len(draws) ** 0.5
    if words := contradiction(centres, list(share.index), tolerance):
        raise ForecastError(f"{words} ({CENTRES} and four standard errors of that mean)")


def _refuse_strangers(subject: str, names: pd.Index, candidates: Sequence[str]) -> None:
    if strangers := [name for name in names if name not in candidates]:
        near = did_you_mean(str(strangers[0]), candidates)
        raise ForecastError(f"{subject} '{strangers[0]}', who is not on the ballot ({near})")


def _check_draws(
    draws: npt.NDArray[np.float64], order: npt.NDArray[np.intp], named: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    width = int((order >= 0).sum())
    if draws.ndim != 2 or draws.shape[1] != width or draws.shape[0] == 0:
        raise ForecastError(
            f"draws have shape {draws.shape}; accepted: [S, {width}], one column per share"
        )
    full = draws.copy()
    if not np.array_equal(order, np.arange(width)):
        full = np.full((draws.shape[0], len(order)), np.nan)
        full[:, order >= 0] = draws[:, order[order >= 0]]
    inside = full if named.all() else full[:, named]
    smallest = inside.min(initial=0.0)
    largest = inside.max(initial=0.0)
    if not (smallest >= 0 and largest <= 1 + SUM_TOLERANCE):  # NaN is neither
        raise ForecastError("draws of named candidates must be finite and within 0 to 1")
    total = inside.sum(axis=1)
    if (total > 1 + SUM_TOLERANCE).any() or (named.all() and (total < 1 - SUM_TOLERANCE).any()):
        worst = float(total[np.argmax(np.abs(total - 1))])
        raise ForecastError(f"a draw sums to {worst:.6f}; accepted: 1 over the whole ballot")
    full[:, ~named] = np.nan
    return full


def _check_chances(
    chances: pd.DataFrame | None, candidates: Sequence[str], n_advance: int | None
) -> pd.DataFrame | None:
    """In ballot order, in the order of `EVENTS`; None where nothing is stated."""
    if chances is None:
        return None
    for event in map(str, chances.columns):
        if event not in EVENTS:
            raise ForecastError(
                f"chances of '{event}', which is not an event ({did_you_mean(event, EVENTS)})"
            )
    for axis, names in (("candidate", chances.index), ("event", chances.columns)):
        if not names.is_unique:
            raise ForecastError(f"chances have two rows or columns for one {axis}; accepted: one")
    _refuse_strangers("chances name", chances.index, candidates)
    table = _numbers("chances", chances.reindex(list(candidates)))
    table = table[[event for event in EVENTS if event in table]].dropna(axis=1, how="all")
    for event in map(str, table.columns):
        stated = table[event].dropna()
        outside = stated[(stated < 0) | (stated > 1 + SUM_TOLERANCE)]
        if len(outside):
            raise ForecastError(
                f"the chance of '{outside.index[0]}' that he or she {EVENTS[event]} "
                f"('{event}') is {outside.iloc[0]}; accepted: 0 to 1 (a probability, not percent)"
            )
        _check_sum(event, stated, len(candidates), n_advance)
    return None if table.empty else table.clip(upper=1.0)


def _check_sum(event: str, stated: pd.Series, n_candidates: int, n_advance: int | None) -> None:
    """An event that happens to so many candidates has chances that sum to that number."""
    places = 1 if event in AT_MOST_ONE else n_advance
    if places is None:
        return
    total = float(stated.sum())
    is_whole = len(stated) == n_candidates and event != "majority"
    if total > places + SUM_TOLERANCE or (is_whole and total < places - SUM_TOLERANCE):
        raise ForecastError(
            f"the chances of '{event}' sum to {total:.6f}; accepted: "
            f"{'' if is_whole else 'at most '}{places}, as it happens to "
            f"{'one candidate' if places == 1 else f'{places} candidates'}: divide by their sum"
        )


def _check_areas(areas: pd.DataFrame | None, candidates: Sequence[str]) -> pd.DataFrame | None:
    if areas is None:
        return None
    if set(areas.columns) != set(candidates) or not areas.index.is_unique:
        raise ForecastError("areas must have one row per area code and one column per candidate")
    areas = _numbers("areas", areas[list(candidates)])
    values = areas.to_numpy()
    total = values.sum(axis=1)
    are_shares = np.isfinite(values).all() and (values >= 0).all()
    if not are_shares or (np.abs(total - 1) > 1e-6).any():
        raise ForecastError("area shares must be finite, at least 0 and sum to 1 in every area")
    return areas


def on_ballot(
    values: npt.ArrayLike, named: npt.ArrayLike, keep: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """Shares completed over the whole ballot, then renormalised on the candidates kept.

    The rule for partial ballots, the same for everyone: named candidates keep their shares, and
    what is left of 1 is divided equally among those whom the method does not name. If nothing
    is left they get 0.

    Parameters
    ----------
    values : array_like [..., C]
        Shares or draws, NaN where a candidate is not named.
    named : array_like of bool [C]
        Whom the method names.
    keep : array_like of bool [C]
        The candidates on whom to compare.

    Returns
    -------
    numpy.ndarray [..., number kept]
        Non-negative, summing to 1.

    Examples
    --------
    >>> on_ballot([0.5, 0.4, np.nan, np.nan], [1, 1, 0, 0], [1, 1, 1, 1]).round(3).tolist()
    [0.5, 0.4, 0.05, 0.05]
    >>> on_ballot([0.5, 0.3, np.nan, np.nan], [1, 1, 0, 0], [1, 1, 0, 0]).round(3).tolist()
    [0.625, 0.375]
    """
    shares = np.asarray(values, dtype=float)
    is_named = np.asarray(named, dtype=bool)
    is_compared = np.asarray(keep, dtype=bool)
    full = np.where(is_named, shares, 0.0)
    if not is_named.all():
        rest = np.clip(1 - full.sum(axis=-1, keepdims=True), 0, None) / (~is_named).sum()
        full = np.where(is_named, full, rest)
    chosen = full[..., is_compared]
    total = chosen.sum(axis=-1, keepdims=True)
    if (total <= 0).any():
        raise ForecastError("all shares are 0 on the candidates compared; nothing to renormalise")
    return np.asarray(chosen / total)
