"""Forecasts as rows: what they state, and every metric of them as the long error table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from bench.core import Forecast, ForecastError, on_ballot
from bench.core.arrays import BoolArray, FloatArray
from bench.core.forecast import EVENTS, check_forecast, same_events
from bench.metrics.arrays import Ensemble, share_and_outcome
from bench.metrics.ensemble import quantiles
from bench.metrics.events import HAPPENED, Inputs, came_true, chances, event_inputs
from bench.metrics.probabilities import STATED
from bench.metrics.registry import Metric, metrics

NATIONAL, FULL = "national", "all"  # area and ballot
FIRST = "first_right"  # all that is scored of an order that names one candidate
ERROR_COLUMNS = ["area", "ballot", "candidate", "metric", "value"]
MAX_JOINT_DRAWS = 1000  # the joint scores compare all pairs of draws
OF_EVENTS = {
    **{f"{kind}_{event}": (kind, event) for event in EVENTS for kind in ("chance", "drawn")},
    **{name: ("happened", event) for event, name in HAPPENED.items()},
}
BLOCK_BYTES = 2**19  # of draws that are scored together, so that they stay near the processor
DRAWN = frozenset({"draws", "joint_draws", *(f"drawn_{event}" for event in EVENTS)})


@dataclass(frozen=True, kw_only=True)
class Official:
    """What a forecast is compared with.

    Attributes
    ----------
    outcome : pandas.Series [C]
        Fractions of the valid votes, in ballot order.
    n_advance : int
        How many candidates got through.
    ballots : mapping of str to tuple of str
        Sets of candidates on which to compare, e.g. ``{"all": (...), "compared": (...)}``.
        Shares of both sides are renormalised on the set; chances are not, and are scored for its
        candidates. On ``full`` the candidates whom the method does not name are filled (see
        `bench.core.on_ballot`); on any other set only those count whom it names.
    area_votes : pandas.DataFrame, optional
        Official votes [U, C] by area code.
    elected : str, optional
        Who won the office in the end; for methods that state chances of that before a vote
        that did not decide it.
    """

    outcome: pd.Series
    n_advance: int
    ballots: Mapping[str, tuple[str, ...]]
    area_votes: pd.DataFrame | None = None
    elected: str | None = None


class CompletedForecast:
    """A checked forecast on the whole ballot, completed and sorted once for all that read it.

    Parameters
    ----------
    forecast : Forecast
        Checked, in ballot order.

    Examples
    --------
    What one candidate of three leaves is divided between the others:

    >>> share = pd.Series({"ash": 0.6, "birch": np.nan, "cedar": np.nan})
    >>> CompletedForecast(Forecast(share=share)).share
    array([0.6, 0.2, 0.2])
    """

    def __init__(self, forecast: Forecast) -> None:
        self.forecast = forecast
        self.candidates = tuple(map(str, forecast.share.index))
        self.stated = forecast.share.to_numpy(dtype=float)
        self.named: BoolArray = ~np.isnan(self.stated)
        self.everybody: BoolArray = np.ones(len(self.named), dtype=bool)

    @cached_property
    def share(self) -> FloatArray:
        """Shares [C] on the whole ballot; NaN where nobody is named."""
        if not self.named.any():
            return self.stated
        return on_ballot(self.stated, self.named, self.everybody)

    @cached_property
    def draws(self) -> Ensemble | None:
        """Draws [S, C] on the whole ballot."""
        return self.drawn(self.everybody)

    @cached_property
    def stated_events(self) -> frozenset[str]:
        """Events of which the forecast states chances, by the names under which it does."""
        stated = self.forecast.chances
        return frozenset() if stated is None else frozenset(map(str, stated.columns))

    def drawn(self, keep: BoolArray) -> Ensemble | None:
        """Draws renormalised on some candidates."""
        if self.forecast.draws is None:
            return None
        if keep is not self.everybody and keep.all():
            return self.draws
        return Ensemble(on_ballot(self.forecast.draws, self.named, keep))


def completed(forecast: Forecast | CompletedForecast) -> CompletedForecast:
    """Return a forecast completed; what is so already stays as it is."""
    return forecast if isinstance(forecast, CompletedForecast) else CompletedForecast(forecast)


def score_forecast(
    forecast: Forecast | CompletedForecast,
    outcome: pd.Series,
    n_advance: int,
    *,
    ballots: Mapping[str, tuple[str, ...]],
    area_votes: pd.DataFrame | None = None,
    elected: str | None = None,
) -> pd.DataFrame:
    """Score one checked forecast: `score_columns` of one.

    Parameters
    ----------
    forecast : Forecast
        In ballot order.
    outcome, n_advance, ballots, area_votes, elected
        As the attributes of `Official`.

    Returns
    -------
    pandas.DataFrame
        Columns `area`, `ballot`, `candidate` (empty for summary scores), `metric`, `value`, in
        the units and with the directions of `bench.metrics.registry.metrics`; `crps_mc_error`
        is the standard error of the mean CRPS of the ballot from the number of draws, absent
        for a forecast without draws.

    Examples
    --------
    >>> forecast = Forecast(share=pd.Series({"ash": 0.6, "birch": 0.4}))
    >>> official = pd.Series({"ash": 0.55, "birch": 0.45})
    >>> rows = score_forecast(forecast, official, 1, ballots={"all": ("ash", "birch")})
    >>> rows[rows["metric"] == "signed_error"].iloc[0].tolist()[:4]
    ['national', 'all', 'ash', 'signed_error']
    >>> rows.loc[rows["metric"] == "signed_error", "value"].round(4).tolist()
    [0.05, -0.05]
    """
    official = Official(
        outcome=outcome,
        n_advance=n_advance,
        ballots=ballots,
        area_votes=area_votes,
        elected=elected,
    )
    return pd.DataFrame(score_columns([forecast], [official]))[ERROR_COLUMNS]


def score_columns(
    forecasts: Sequence[Forecast | CompletedForecast], officials: Sequence[Official]
) -> dict[str, np.ndarray[Any, Any]]:
    """Score many checked forecasts at once, those of one ballot as one array.

    Parameters
    ----------
    forecasts : sequence of Forecast
        In ballot order.
    officials : sequence of Official
        What each is compared with.

    Returns
    -------
    dict of str to numpy.ndarray
        `forecast` (its place in the sequence, ascending) and the columns of `score_forecast`.

    Examples
    --------
    >>> forecast = Forecast(share=pd.Series({"ash": 0.6, "birch": 0.4}))
    >>> official = Official(outcome=pd.Series({"ash": 0.55, "birch": 0.45}), n_advance=1,
    ...                     ballots={"all": ("ash", "birch")})
    >>> list(score_columns([forecast], [official]))
    ['forecast', 'area', 'ballot', 'candidate', 'metric', 'value']
    """
    rows, registered = _Rows(), tuple(metrics().values())
    batches: dict[_Batch, list[_Entry]] = {}
    for number, (stated, official) in enumerate(zip(forecasts, officials, strict=True)):
        forecast = completed(stated)
        _score_events(rows, number, forecast, official, registered)
        for keep, ballots in _ballots(forecast, official):
            entry = _entry(number, forecast, official, keep)
            drawn = entry.draws is not None
            batch = _Batch(
                names=tuple(np.array(forecast.candidates, dtype=object)[keep]),
                ballots=ballots,
                n_advance=official.n_advance,
                stated=entry.stated,
                n_draws=entry.draws.n_draws if entry.draws is not None else None,
                order_only=forecast.forecast.order_only,
                one_place=forecast.forecast.order_only and bool(forecast.named.sum() == 1),
                smaller=_smaller(forecast, official) if drawn and FULL in ballots else (),
            )
            batches.setdefault(batch, []).append(entry)
        _score_areas(rows, number, forecast, official, registered)
    for batch, entries in batches.items():
        _score_batch(rows, entries, batch, registered)
    return rows.columns()


def _ballots(
    forecast: CompletedForecast, official: Official
) -> Iterator[tuple[BoolArray, tuple[str, ...]]]:
    """Sets of candidates on which to compare, each with the names of its ballots."""
    sets: dict[bytes, tuple[BoolArray, list[str]]] = {}
    for ballot, members in official.ballots.items():
        keep = np.array([name in members for name in forecast.candidates])
        if ballot != FULL:
            keep &= forecast.named
        if keep.sum() >= 2 and forecast.named.any():
            sets.setdefault(keep.tobytes(), (keep, []))[1].append(ballot)
    for keep, names in sets.values():
        yield keep, tuple(names)


def _smaller(
    forecast: CompletedForecast, official: Official
) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Sets of named candidates for whom events are scored beside the whole ballot."""
    places = {name: place for place, name in enumerate(forecast.candidates)}
    smaller_sets = {
        ballot: tuple(sorted(places[name] for name in members if name in places))
        for ballot, members in official.ballots.items()
        if ballot != FULL
    }
    return tuple(
        (ballot, places_in_set)
        for ballot, places_in_set in smaller_sets.items()
        if forecast.named[[*places_in_set]].all()
    )


class _Batch(NamedTuple):
    """What forecasts have in common that are scored as one array."""

    names: tuple[str, ...]
    ballots: tuple[str, ...]
    n_advance: int
    stated: frozenset[str]  # events of which chances are stated
    n_draws: int | None
    order_only: bool
    one_place: bool  # an order that names one candidate: the first, and nothing else
    smaller: tuple[tuple[str, tuple[int, ...]], ...]

    def events(self) -> list[str]:
        """Events of which no chances are stated."""
        n = len(self.names)
        return [e for e in EVENTS if self.stated.isdisjoint(same_events(e, self.n_advance, n))]


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """One forecast on the candidates of a ballot, renormalised."""

    number: int
    share: FloatArray
    outcome: FloatArray
    draws: Ensemble | None
    stated: frozenset[str]


def _entry(number: int, forecast: CompletedForecast, official: Official, keep: BoolArray) -> _Entry:
    outcome = official.outcome.to_numpy(dtype=float)[keep]
    share = forecast.share
    if not keep.all():
        share = on_ballot(forecast.stated, forecast.named, keep)
    return _Entry(
        number=number,
        share=share,
        outcome=outcome / outcome.sum(),
        draws=forecast.drawn(keep),
        stated=forecast.stated_events,
    )


def _score_batch(
    rows: _Rows, entries: Sequence[_Entry], batch: _Batch, registered: Sequence[Metric]
) -> None:
    with_odds = [e for e in entries if (e.share > 0).all() and (e.outcome > 0).all()]
    of_event = FULL in batch.ballots
    chosen = [
        m
        for m in registered
        if (of_event or m.level != "event")
        and (m.of_order or not batch.order_only)
        and (m.name == FIRST or not batch.one_place)
    ]
    if len(with_odds) == len(entries):
        scores = _scores(entries, batch, chosen)
    else:
        scores = _scores(entries, batch, [m for m in chosen if not m.positive])
        if with_odds:
            scores |= _scores(with_odds, batch, [m for m in chosen if m.positive])
    numbers = {True: [e.number for e in with_odds], False: [e.number for e in entries]}
    for metric in chosen:
        names = batch.names if metric.level == "candidate" else ("",)
        for ballot, values in scores.get(metric.name, ()):
            rows.add(numbers[metric.positive], NATIONAL, ballot, names, metric.name, values)


def _scores(
    entries: Sequence[_Entry], batch: _Batch, chosen: Sequence[Metric]
) -> dict[str, list[tuple[str, FloatArray]]]:
    """Values of metrics by ballot.

    What reads draws is computed block by block, so that it stays near the processor; all else
    of every forecast at once.
    """
    drawn = [m for m in chosen if batch.n_draws and not DRAWN.isdisjoint(m.needs)]
    pointwise = [m for m in chosen if m not in drawn]
    whole, blocks = _inputs(entries, batch)
    values = _joined(_values(block, drawn) for block in blocks) | _values(whole, pointwise)
    by_ballot = {
        name: [(ballot, scores) for ballot in batch.ballots] for name, scores in values.items()
    }
    # what is not in a smaller set belongs to the forecast all the same: leaving a candidate out
    # makes nobody else likelier
    drawn, pointwise = (
        [m for m in chosen_metrics if m.level == "event"] for chosen_metrics in (drawn, pointwise)
    )
    for metric in (*drawn, *pointwise):
        by_ballot[metric.name] = [
            entry for entry in by_ballot.get(metric.name, ()) if entry[0] == FULL
        ]
    for ballot, keep in batch.smaller:
        values = _joined(_values(_of_candidates(block, [*keep]), drawn) for block in blocks)
        for name, scores in (values | _values(_of_candidates(whole, [*keep]), pointwise)).items():
            by_ballot[name].append((ballot, scores))
    return by_ballot


def _joined(parts: Iterable[dict[str, FloatArray]]) -> dict[str, FloatArray]:
    """Values of blocks, one block after the other."""
    by_metric: dict[str, list[FloatArray]] = {}
    for part in parts:
        for name, values in part.items():
            by_metric.setdefault(name, []).append(values)
    return {name: np.concatenate(values) for name, values in by_metric.items()}


def _inputs(entries: Sequence[_Entry], batch: _Batch) -> tuple[Inputs, list[Inputs]]:
    """Inputs of all forecasts, without their draws; and with them, block by block."""
    share, outcome = share_and_outcome(
        np.stack([entry.share for entry in entries]),
        np.stack([entry.outcome for entry in entries]),
    )
    whole: Inputs = {"share": share, "outcome": outcome, "n_advance": batch.n_advance}
    events = batch.events()
    if not batch.n_draws:
        return whole | event_inputs(events, batch.n_advance, outcome, share), []
    whole["n_draws"] = batch.n_draws
    drawn = [entry.draws for entry in entries if entry.draws is not None]
    step = max(1, BLOCK_BYTES // drawn[0].values.nbytes)
    blocks: list[Inputs] = []
    for start in range(0, len(entries), step):
        in_block = drawn[start : start + step]
        alone = len(in_block) == 1  # and sorted already
        draws = (
            in_block[0] if alone else Ensemble(np.stack([ensemble.values for ensemble in in_block]))
        )
        rows = start if alone else slice(start, start + step)
        block = whole | {"share": share[rows], "outcome": outcome[rows]}
        block |= {"draws": draws, "joint_draws": draws.first(MAX_JOINT_DRAWS)}
        blocks.append(block | event_inputs(events, batch.n_advance, outcome[rows], draws))
    for name, (kind, _) in OF_EVENTS.items():
        if name in blocks[0] and kind != "drawn":
            flat = [block[name].ravel() for block in blocks]
            whole[name] = np.concatenate(flat).reshape(share.shape)
    return whole, blocks


def _of_candidates(inputs: Inputs, keep: list[int]) -> Inputs:
    """What is known of events, for some candidates of the whole ballot."""
    of_candidates: Inputs = {"n_draws": inputs["n_draws"]}
    for name, (kind, _) in OF_EVENTS.items():
        if name in inputs:
            of_candidates[name] = np.take(inputs[name], keep, axis=-2 if kind == "drawn" else -1)
    return of_candidates


def _values(inputs: Inputs, chosen: Iterable[Metric]) -> dict[str, FloatArray]:
    """Values of the metrics for which the inputs suffice, forecast by forecast."""
    scores = {}
    for metric in chosen:
        if inputs.keys() >= set(metric.needs):
            values = metric.function(*map(inputs.get, metric.needs), **metric.options)
        elif (point := metric.point) and inputs.keys() >= set(metric.point_needs):
            values = point(*map(inputs.get, metric.point_needs))
        else:
            continue
        scores[metric.name] = np.asarray(values, dtype=np.float64).ravel()
    return scores


def _score_events(
    rows: _Rows,
    number: int,
    forecast: CompletedForecast,
    official: Official,
    registered: Sequence[Metric],
) -> None:
    """Chances that are stated; those of draws are scored with their shares."""
    names, n_advance = forecast.candidates, official.n_advance
    outcome = official.outcome.to_numpy(dtype=float)
    elected = names.index(official.elected) if official.elected in names else None
    for event in EVENTS if forecast.stated_events else ():
        if forecast.stated_events.isdisjoint(same_events(event, n_advance, len(names))):
            continue
        happened = came_true(outcome, event, n_advance, elected)
        for ballot, members in official.ballots.items():
            keep = np.array([name in members for name in names])
            chance = chances(forecast.forecast, event, n_advance, fill=ballot == FULL)
            if not keep.any() or np.isnan(chance[keep]).any() or np.isnan(happened[keep]).any():
                continue
            inputs = {
                f"chance_{event}": np.clip(chance[keep], 0.0, 1.0),
                HAPPENED[event]: happened[keep],
                "n_draws": STATED,
            }
            of_events = [m for m in registered if m.level == "event"]
            for name, values in _values(inputs, of_events).items():
                rows.add([number], NATIONAL, ballot, ("",), name, values)


def _score_areas(
    rows: _Rows,
    number: int,
    forecast: CompletedForecast,
    official: Official,
    registered: Sequence[Metric],
) -> None:
    areas, votes = forecast.forecast.areas, official.area_votes
    if areas is None or votes is None or not len(votes):
        return
    total = votes.sum(axis=1)
    both = [area for area in areas.index if area in votes.index and total[area] > 0]
    if not both:
        return
    counted = total[both].to_numpy(dtype=float)
    share = areas.loc[both].to_numpy(dtype=float)
    outcome = votes.loc[both].to_numpy(dtype=float) / counted[:, None]
    over_areas = {"area_share": share, "area_outcome": outcome, "area_votes": counted}
    for name, values in _values(over_areas, [m for m in registered if m.level == "area"]).items():
        rows.add([number], NATIONAL, FULL, forecast.candidates, name, values)
    each_area = {"share": share, "outcome": outcome}
    for name, values in _values(each_area, [m for m in registered if m.each_area]).items():
        for area, area_values in zip(both, values.reshape(share.shape), strict=True):
            rows.add([number], str(area), FULL, forecast.candidates, name, area_values)


class _Rows:
    """Long columns, grown block by block: a value per forecast and candidate of one metric."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.keys: tuple[list[str], list[str], list[str], list[str]] = [], [], [], []
        self.values: list[float] = []

    def add(
        self,
        numbers: Sequence[int],
        area: str,
        ballot: str,
        candidates: Sequence[str],
        score: str,
        values: object,
    ) -> None:
        n, k = len(numbers), len(candidates)
        self.numbers += [number for number in numbers for _ in range(k)]
        for column, cells in zip(
            self.keys, ([area] * k, [ballot] * k, list(candidates), [score] * k), strict=True
        ):
            column += cells * n
        self.values += np.asarray(values, dtype=float).reshape(n * k).tolist()

    def columns(self) -> dict[str, np.ndarray[Any, Any]]:
        """In order of the forecasts."""
        number = np.array(self.numbers, dtype=np.int64)
        order = np.argsort(number, kind="stable")
        columns = {"forecast": number[order]}
        for name, cells in zip(ERROR_COLUMNS, self.keys, strict=False):
            columns[name] = np.array(cells, dtype=object)[order]
        return columns | {"value": np.array(self.values)[order]}


LEVELS = {
    "q025": 0.025,
    "q05": 0.05,
    "q10": 0.10,
    "q25": 0.25,
    "q50": 0.50,
    "q75": 0.75,
    "q90": 0.90,
    "q95": 0.95,
    "q975": 0.975,
}


def forecast_rows(forecast: Forecast | CompletedForecast, n_advance: int) -> pd.DataFrame:
    """Shares on the whole ballot, with quantiles and chances where there are draws.

    Parameters
    ----------
    forecast : Forecast
        Checked, in ballot order.
    n_advance : int
        How many candidates get through.

    Returns
    -------
    pandas.DataFrame
        Columns `area`, `candidate`, `share`, `filled` (the method does not name this
        candidate), `q025` … `q975`, and the chances `p_elected`, `p_first`, `p_qualify`,
        `p_majority`, stated or counted in the draws; NaN where there are none.
        Area forecasts follow the national rows. Unit: fraction of the valid votes, and
        probability for the chances.

    Examples
    --------
    What one candidate of three leaves is divided between the others:

    >>> share = pd.Series({"ash": 0.6, "birch": np.nan, "cedar": np.nan})
    >>> rows = forecast_rows(Forecast(share=share), 1)
    >>> rows[["share", "filled"]].to_numpy().tolist()
    [[0.6, False], [0.2, True], [0.2, True]]
    """
    return pd.DataFrame(forecast_columns(forecast, n_advance))


def forecast_columns(
    forecast: Forecast | CompletedForecast, n_advance: int
) -> dict[str, np.ndarray[Any, Any]]:
    """The columns of `forecast_rows` as arrays, for those who collect before they build a table.

    Examples
    --------
    >>> list(forecast_columns(Forecast(share=pd.Series({"ash": 0.6, "birch": 0.4})), 1))[:4]
    ['area', 'candidate', 'share', 'filled']
    """
    whole = completed(forecast)
    n = len(whole.candidates)
    names = np.array(whole.candidates, dtype=object)
    columns = {
        "area": np.full(n, NATIONAL, dtype=object),
        "candidate": names,
        "share": whole.share,
        "filled": ~whole.named,
    }
    for name in LEVELS:
        columns[name] = np.full(n, np.nan)
    if whole.draws is not None:
        columns |= dict(zip(LEVELS, quantiles(whole.draws, list(LEVELS.values())), strict=True))
    for event in EVENTS:
        columns[f"p_{event}"] = chances(
            whole.forecast, event, n_advance, draws=whole.draws, fill=bool(whole.named.any())
        )
    areas = whole.forecast.areas
    if areas is None:
        return columns
    local = {
        "area": np.tile(areas.index.to_numpy(dtype=object), n),
        "candidate": np.repeat(names, len(areas)),
        "share": areas.to_numpy().T.ravel(),
        "filled": np.zeros(n * len(areas), dtype=bool),
    }
    no_value = np.full(n * len(areas), np.nan)
    return {
        name: np.concatenate([values, local.get(name, no_value)])
        for name, values in columns.items()
    }


def draw_columns(forecast: Forecast | CompletedForecast) -> dict[str, np.ndarray[Any, Any]]:
    """Every draw of the national shares on the whole ballot, completed as `forecast_rows` does.

    Parameters
    ----------
    forecast : Forecast
        Checked, in ballot order, with draws [S, C].

    Returns
    -------
    dict of str to numpy.ndarray
        S times C values, draw by draw in ballot order: `draw` (from 0), `candidate`, `share`
        (fraction of the valid votes, 0 to 1).

    Raises
    ------
    ForecastError
        If the forecast has no draws.

    Examples
    --------
    >>> share = pd.Series({"ash": 0.5, "birch": 0.3, "cedar": np.nan})
    >>> found = draw_columns(Forecast(share=share, draws=np.array([[0.6, 0.3, np.nan]])))
    >>> found["candidate"].tolist(), found["share"].round(3).tolist()
    (['ash', 'birch', 'cedar'], [0.6, 0.3, 0.1])
    """
    whole = completed(forecast)
    if whole.draws is None:
        raise ForecastError("the forecast has no draws")
    n_draws, n_candidates = whole.draws.values.shape
    return {
        "draw": np.repeat(np.arange(n_draws, dtype=np.int32), n_candidates),
        "candidate": np.tile(np.array(whole.candidates, dtype=object), n_draws),
        "share": whole.draws.values.ravel(),
    }


def on_official(forecast: Forecast, official: Sequence[str]) -> Forecast:
    """A forecast about supposed candidates, given that those of the official ballot stood.

    Whoever did not stand is left out, and the others are divided by their sum; whoever stood and
    was not supposed is not named.

    Examples
    --------
    >>> said = Forecast(share=pd.Series({"ash": 0.5, "birch": 0.3, "cedar": 0.2}))
    >>> on_official(said, ["ash", "birch", "dogwood"]).share.round(3).to_dict()
    {'ash': 0.625, 'birch': 0.375, 'dogwood': nan}
    """
    ballot = forecast.share.index.astype(str)
    keep = ballot.isin(list(official))
    named = forecast.share.notna().to_numpy()

    def of_both(values: FloatArray) -> FloatArray:
        if not keep.all():
            values = np.where(named[keep], on_ballot(values, named, keep), np.nan)
        table = pd.DataFrame(np.atleast_2d(values), columns=ballot[keep])
        return table.reindex(columns=list(official)).to_numpy()

    reduced = replace(
        forecast,
        share=pd.Series(of_both(forecast.share.to_numpy(float))[0], index=list(official)),
        draws=None if forecast.draws is None else of_both(forecast.draws),
        chances=None if forecast.chances is None else forecast.chances.reindex(list(official)),
        areas=None,
    )
    return check_forecast(reduced, official)
