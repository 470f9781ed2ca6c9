"""Every score of one forecast as rows of the long error table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from bench.core import Forecast, on_ballot
from bench.metrics import areas, bias, events, probabilities, shares
from bench.metrics import ensemble as draws
from bench.metrics.arrays import BoolArray, FloatArray

NATIONAL = "national"
ERROR_COLUMNS = ["area", "ballot", "candidate", "score", "value"]
MAX_JOINT_DRAWS = 1000  # the joint scores compare all pairs of draws


def score_forecast(
    forecast: Forecast,
    outcome: pd.Series,
    seats: int,
    *,
    ballots: Mapping[str, tuple[str, ...]],
    area_votes: pd.DataFrame | None = None,
    elected: str | None = None,
) -> pd.DataFrame:
    """Score one checked forecast.

    Parameters
    ----------
    forecast : Forecast
        In ballot order.
    outcome : pandas.Series [C]
        Fractions of the valid votes, in the same order.
    seats : int
        How many candidates got through.
    ballots : mapping of str to tuple of str
        Sets of candidates on which to compare, e.g. ``{"full": (...), "common": (...)}``.
        Both sides are renormalised on the set. On ``full`` the candidates whom the method does
        not name are filled (see `bench.core.on_ballot`); on any other set only those count
        whom it names.
    area_votes : pandas.DataFrame, optional
        Official votes [U, C] by area code.
    elected : str, optional
        Who won the office in the end; for methods that state chances of that.

    Returns
    -------
    pandas.DataFrame
        Columns `area`, `ballot`, `candidate` (empty for summary scores), `score`, `value`, in
        the units and with the directions of the functions of `bench.metrics` that bear the name;
        `crps_mc_error` is the standard error of the mean CRPS of the ballot from the number of
        draws (`bench.metrics.ensemble.crps_monte_carlo_error`), absent for a forecast without draws.

    Examples
    --------
    >>> forecast = Forecast(share=pd.Series({"ash": 0.6, "birch": 0.4}))
    >>> official = pd.Series({"ash": 0.55, "birch": 0.45})
    >>> rows = score_forecast(forecast, official, 1, ballots={"full": ("ash", "birch")})
    >>> rows[rows["score"] == "signed_error"].iloc[0].tolist()[:4]
    ['national', 'full', 'ash', 'signed_error']
    >>> rows.loc[rows["score"] == "signed_error", "value"].round(4).tolist()
    [0.05, -0.05]
    """
    rows = list(_rows(forecast, outcome, seats, ballots, area_votes, elected))
    return pd.DataFrame(rows, columns=ERROR_COLUMNS)


Row = tuple[str, str, str, str, float]


def _rows(
    forecast: Forecast,
    outcome: pd.Series,
    seats: int,
    ballots: Mapping[str, tuple[str, ...]],
    area_votes: pd.DataFrame | None,
    elected: str | None,
) -> Iterator[Row]:
    names = np.asarray(outcome.index, dtype=object)
    named = forecast.share.notna().to_numpy()
    official = outcome.to_numpy(dtype=float)
    if forecast.win_probability is not None and elected is not None:
        yield from _chances(forecast.win_probability, elected)
    for ballot, members in ballots.items():
        keep = np.isin(names, list(members))
        if ballot != "full":
            keep &= named
        if keep.sum() < 2 or not named.any():
            continue
        share = on_ballot(forecast.share.to_numpy(), named, keep)
        truth = official[keep] / official[keep].sum()
        sample = None if forecast.draws is None else on_ballot(forecast.draws, named, keep)
        yield from _by_candidate(ballot, names[keep], share, truth, sample)
        yield from _summaries(ballot, share, truth, sample)
        if ballot == "full":
            yield from _events(share, truth, sample, seats)
    if forecast.areas is not None and area_votes is not None and len(area_votes):
        yield from _areas(forecast.areas, area_votes)


def _by_candidate(
    ballot: str, names: FloatArray, share: FloatArray, truth: FloatArray, sample: FloatArray | None
) -> Iterator[Row]:
    columns = {
        "signed_error": shares.signed_error(share, truth),
        "absolute_error": shares.absolute_error(share, truth),
    }
    if (share > 0).all() and (truth > 0).all():
        columns["a_prime"] = bias.a_prime(share, truth)
    if sample is None:
        columns["crps"] = columns["absolute_error"]
    else:
        columns["crps"] = draws.crps(sample, truth)
        columns["wis"] = draws.weighted_interval_score(sample, truth)
        columns["pit"] = draws.pit(sample, truth)
        inside = draws.interval_coverage(sample, truth)
        for level, held in zip(draws.LEVELS, inside, strict=True):
            columns[f"inside_{100 * level:.0f}"] = held.astype(float)
    for score, values in columns.items():
        for name, value in zip(names, values, strict=True):
            yield (NATIONAL, ballot, str(name), score, float(value))


def _summaries(
    ballot: str, share: FloatArray, truth: FloatArray, sample: FloatArray | None
) -> Iterator[Row]:
    summary = {
        "largest_error": shares.largest_error(share, truth),
        "margin_error": shares.margin_error(share, truth),
        "kendall_tau": events.kendall_tau(share, truth),
    }
    if (share > 0).all() and (truth > 0).all():
        summary["b"] = bias.b(share, truth)
        summary["b_w"] = bias.b_w(share, truth)
    if sample is not None:
        joint = sample[:MAX_JOINT_DRAWS]
        summary["crps_mc_error"] = draws.crps_monte_carlo_error(sample, truth)
        summary["energy"] = draws.energy_score(joint, truth)
        summary["variogram"] = draws.variogram_score(joint, truth)
    for score, value in summary.items():
        yield (NATIONAL, ballot, "", score, float(value))


def _events(
    share: FloatArray, truth: FloatArray, sample: FloatArray | None, seats: int
) -> Iterator[Row]:
    summary = {
        "first_right": events.qualified_hit(share, truth, 1),
        "pair_right": events.qualified_hit(share, truth, seats),
    }
    through = events.qualified(truth, seats)
    first = events.qualified(truth, 1)
    if sample is None:
        chance_first, chance_through = events.first_place(share), events.qualifies(share, seats)
        summary["p_pair"] = summary["pair_right"]
    else:
        chance_first = events.event_probability(sample, 1)
        chance_through = events.event_probability(sample, seats)
        summary["p_pair"] = _joint(sample, through, seats)
        n = len(sample)
        summary["log_first"] = probabilities.log_score(chance_first, first, n_draws=n).mean()
        summary["log_qualify"] = probabilities.log_score(chance_through, through, n_draws=n).mean()
    summary["brier_first"] = probabilities.brier_score(chance_first, first).mean()
    summary["brier_qualify"] = probabilities.brier_score(chance_through, through).mean()
    for score, value in summary.items():
        yield (NATIONAL, "full", "", score, float(value))


def _joint(sample: FloatArray, through: BoolArray, seats: int) -> float:
    if seats == 1:
        return float(events.event_probability(sample, 1)[through][0])
    if seats == 2:
        first, second = np.flatnonzero(through)
        return float(events.pair_probability(sample)[first, second])
    worst_in = sample[:, through].min(axis=1)
    return float((worst_in > sample[:, ~through].max(axis=1)).mean())


def _chances(chance: pd.Series, elected: str) -> Iterator[Row]:
    stated = chance.fillna(0.0)
    happened = (stated.index == elected).astype(float)
    yield (NATIONAL, "full", "", "p_elected", float(stated[elected]))
    brier = probabilities.brier_score(stated.to_numpy(), happened).mean()
    yield (NATIONAL, "full", "", "brier_elected", float(brier))


def _areas(forecast: pd.DataFrame, votes: pd.DataFrame) -> Iterator[Row]:
    total = votes.sum(axis=1)
    both = [area for area in forecast.index if area in votes.index and total[area] > 0]
    if not both:
        return
    share = forecast.loc[both].to_numpy(dtype=float)
    counted = total[both].to_numpy(dtype=float)
    truth = votes.loc[both].to_numpy(dtype=float) / counted[:, None]
    for area, errors in zip(both, share - truth, strict=True):
        for name, value in zip(forecast.columns, errors, strict=True):
            yield (str(area), "full", str(name), "signed_error", float(value))
    mae = areas.area_mean_absolute_error(share, truth, counted)
    rmse = areas.area_root_mean_squared_error(share, truth, counted)
    for name, one, other in zip(forecast.columns, mae, rmse, strict=True):
        yield (NATIONAL, "full", str(name), "area_absolute_error", float(one))
        yield (NATIONAL, "full", str(name), "area_rmse", float(other))
