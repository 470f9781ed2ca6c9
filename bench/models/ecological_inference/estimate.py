"""Ecological inference: transition tables from the margins of many units."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from bench.core.arrays import FloatArray, IntArray
from bench.core.errors import ConfigError, DataError, did_you_mean
from bench.models.ecological_inference.counted import UNCERTAINTIES, Counted, likelihood_tables
from bench.models.ecological_inference.margins import (
    check_margins,
    scale_to_totals,
    scaled_tables,
    scaled_total,
)
from bench.models.ecological_inference.row_profiles import PACKAGES, PROFILES, Profiles
from bench.models.ecological_inference.transition import Transition
from bench.models.ecological_inference.two_way import LikelihoodSettings

_MIN_SHARE = 1e-6

METHODS = ("likelihood", *PROFILES)
Parts = list[npt.NDArray[np.intp]]


def estimate(
    row_votes: npt.ArrayLike,
    column_votes: npt.ArrayLike,
    *,
    method: str = "likelihood",
    groups: npt.ArrayLike | None = None,
    rng: np.random.Generator | None = None,
    unit_tables: bool = False,
    n_draws: int = 0,
    uncertainty_by: str = "posterior",
    settings: LikelihoodSettings | None = None,
) -> Transition:
    """How many votes went from each row to each column, from the margins of many units.

    Parameters
    ----------
    row_votes : [U, R] in votes; for instance the first round by polling station.
    column_votes : [U, K] in votes, with the same total in every unit.
    method : one of `METHODS`, or of `PACKAGES`: packages of others, each behind an extra.
    groups : [U] labels, none missing; each group gets its own table, drawn to the odds ratios
        that all groups share (`likelihood`), or on its own (the others).
    rng : needed for draws.
    unit_tables : whether to keep the table of every unit.
    n_draws : S, how many tables to draw; 0 for none.
    uncertainty_by : one of `UNCERTAINTIES`; other methods than `likelihood` know
        `bootstrap` only.
    settings : of the likelihood method.

    Raises
    ------
    DataError
        If the margins cannot be used: `check_margins` says why.
    ConfigError
        If a name is unknown, a setting out of range, or draws are asked for without `rng`.

    Examples
    --------
    >>> rows = np.array([[90.0, 10.0], [20.0, 80.0], [50.0, 50.0]])
    >>> estimate(rows, rows, method="scaling").table.round().tolist()
    [[160.0, 0.0], [0.0, 140.0]]
    """
    rows, columns = check_margins(row_votes, column_votes)
    check_name("method", method, (*METHODS, *PACKAGES))
    check_name("uncertainty_by", uncertainty_by, UNCERTAINTIES)
    check_draws(n_draws, rng, method)
    settings = settings or LikelihoodSettings()
    whole = Counted.of(rows, columns)
    parts = _members_of(groups, rows.shape[0], whole.used[0])
    if whole.is_given:
        method = "independence"  # the margins are the table
    if method == "likelihood":
        units = whole.used[0]
        found = likelihood_tables(
            [whole]
            if len(parts) == 1
            else [Counted.of(rows[units[part]], columns[units[part]]) for part in parts],
            settings,
            unit_tables=unit_tables,
            n_draws=n_draws,
            rng=rng,
            uncertainty_by=uncertainty_by,
        )
        if len(parts) == 1:
            return next(found)
        return _together(found, [units[part] for part in parts], rows.shape[0])
    profile_of = {**PROFILES, **PACKAGES}[method]
    estimated = _from_profiles(
        whole.rows, whole.columns, parts, profile_of, unit_tables, n_draws, rng
    )
    return whole.at_full_size(estimated)


def _together(found: Iterable[Transition], units: Parts, n_units: int) -> Transition:
    """The sum of the tables of groups of units."""
    tables, draws = [], []
    by_unit = None
    for one, part in zip(found, units, strict=True):
        tables.append(one.table)
        if one.draws is not None:
            draws.append(one.draws)
        if one.units is not None:
            if by_unit is None:
                by_unit = np.zeros((n_units, *one.table.shape))
            by_unit[part] = one.units
    return Transition(np.sum(tables, axis=0), by_unit, np.sum(draws, axis=0) if draws else None)


def _from_profiles(
    x: FloatArray,
    y: FloatArray,
    parts: Parts,
    method: Profiles,
    unit_tables: bool,
    n_draws: int,
    rng: np.random.Generator | None,
) -> Transition:
    def total(chosen: Parts) -> FloatArray:
        tables = [
            scaled_total(x[part], y[part], np.maximum(method(x[part], y[part]), _MIN_SHARE))
            for part in chosen
        ]
        return np.asarray(np.sum(tables, axis=0))

    units = np.zeros((x.shape[0], x.shape[1], y.shape[1])) if unit_tables else None
    if units is not None:
        for part in parts:
            profile = np.maximum(method(x[part], y[part]), _MIN_SHARE)
            units[part] = scaled_tables(x[part], y[part], profile)
    table = total(parts) if units is None else units.sum(axis=0)
    if rng is None or not n_draws:
        return Transition(table, units)
    draws = [total([rng.choice(part, len(part)) for part in parts]) for _ in range(n_draws)]
    rows, columns = x.sum(axis=0), y.sum(axis=0)
    return Transition(table, units, scale_to_totals(np.asarray(draws), rows, columns))


def _members_of(groups: npt.ArrayLike | None, n_units: int, kept: IntArray) -> Parts:
    if groups is None:
        return [np.arange(len(kept))]
    labels = np.asarray(groups)
    if labels.shape != (n_units,):
        raise DataError(
            f"groups has the shape {labels.shape}; accepted: one label for each of the "
            f"{n_units} units"
        )
    group, _ = pd.factorize(labels)
    if (group < 0).any():
        unit = int(np.argmax(group < 0))
        raise DataError(
            f"groups[{unit}] is {labels[unit]}; accepted: a label for every unit; "
            "give units of no group a label of their own"
        )
    return [np.flatnonzero(group[kept] == g) for g in np.unique(group[kept])]


def check_name(what: str, given: str, known: Iterable[str]) -> None:
    """Refuse a name that is not among those known."""
    if given not in known:
        raise ConfigError(f"{what} is {given!r}; {did_you_mean(str(given), known)}")


def check_draws(n_draws: object, rng: object, method: str) -> None:
    """Refuse draws that cannot be made."""
    if not isinstance(n_draws, (int, np.integer)) or n_draws < 0:
        raise ConfigError(f"n_draws is {n_draws!r}; accepted: a whole number, 0 for no draws")
    if n_draws and not isinstance(rng, np.random.Generator):
        raise ConfigError(f"n_draws is {n_draws} but rng is {rng!r}; pass a numpy Generator as rng")
    if n_draws and method in PACKAGES:
        raise ConfigError(
            f"n_draws is {n_draws} and method is {method!r}, which would be fitted anew for every "
            "draw; pass n_draws=0, or take the draws of "
            "bench.models.ecological_inference.row_profiles.pyei_posterior"
        )
