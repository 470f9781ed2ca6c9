"""Ecological inference: transition tables from the margins of many units."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from bench.core.arrays import FloatArray
from bench.core.errors import ConfigError, DataError, did_you_mean
from bench.models.ecological_inference.draws import bootstrap_draws, posterior_draws
from bench.models.ecological_inference.margins import (
    check_margins,
    scale_to_totals,
    scaled_tables,
    scaled_total,
)
from bench.models.ecological_inference.row_profiles import PACKAGES, PROFILES, Profiles
from bench.models.ecological_inference.transition import Transition
from bench.models.ecological_inference.two_way import (
    LikelihoodSettings,
    fit_groups,
    two_way_table,
    two_way_units,
)

_MIN_SHARE = 1e-6


METHODS = ("likelihood", *PROFILES)
UNCERTAINTIES = ("posterior", "bootstrap")


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
    groups : [U] labels, none missing; each group gets its own table, drawn to that of all units.
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
    _check_name("method", method, (*METHODS, *PACKAGES))
    _check_name("uncertainty_by", uncertainty_by, UNCERTAINTIES)
    _check_draws(n_draws, rng, method)
    counted = np.flatnonzero(rows.sum(axis=1) > 0)
    used = np.ix_(counted, np.flatnonzero(rows.sum(axis=0) > 0))
    used_too = np.ix_(counted, np.flatnonzero(columns.sum(axis=0) > 0))
    x, y = rows[used], columns[used_too]
    parts = _members_of(groups, rows.shape[0], rows.sum(axis=1) > 0)

    if min(x.shape[1], y.shape[1]) == 1:
        method = "independence"  # the margins are the table
    if method == "likelihood":
        found = _likelihood(
            x, y, parts, settings or LikelihoodSettings(), unit_tables, n_draws, rng, uncertainty_by
        )
    else:
        profile_of = {**PROFILES, **PACKAGES}[method]
        found = _from_profiles(x, y, parts, profile_of, unit_tables, n_draws, rng)
    return _at_full_size(found, rows.shape, columns.shape, used, used_too)


Parts = list[npt.NDArray[np.intp]]


def _likelihood(
    x: FloatArray,
    y: FloatArray,
    parts: Parts,
    settings: LikelihoodSettings,
    unit_tables: bool,
    n_draws: int,
    rng: np.random.Generator | None,
    uncertainty_by: str,
) -> Transition:
    fits = fit_groups(x, y, parts, settings)
    table = np.zeros((x.shape[1], y.shape[1]))
    units = np.zeros((x.shape[0], *table.shape)) if unit_tables else None
    for part, fit in zip(parts, fits, strict=True):
        if units is None:
            table += two_way_table(fit, x[part], y[part])
        else:
            units[part] = two_way_units(fit, x[part], y[part])
    if units is not None:
        table = units.sum(axis=0)
    if rng is None or not n_draws:
        return Transition(table, units)

    # The contextual part is one unknown for all groups: their errors do not cancel out.
    context = np.clip(rng.normal(settings.context, settings.context_sd, n_draws), 0.0, 0.5)
    draws = np.zeros((n_draws, *table.shape))
    by_posterior = uncertainty_by == "posterior"
    draw = posterior_draws if by_posterior else bootstrap_draws
    for part, fit in zip(parts, fits, strict=True):
        draws += draw(fit, x[part], y[part], context, rng)
    return Transition(table, units, draws)


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


def _members_of(groups: npt.ArrayLike | None, n_units: int, kept: npt.NDArray[np.bool_]) -> Parts:
    if groups is None:
        return [np.arange(int(kept.sum()))]
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


def _at_full_size(
    found: Transition,
    rows: tuple[int, ...],
    columns: tuple[int, ...],
    used: tuple[npt.NDArray[np.intp], ...],
    used_too: tuple[npt.NDArray[np.intp], ...],
) -> Transition:
    row_index, column_index = used[1].ravel(), used_too[1].ravel()

    def widen(
        votes: FloatArray | None, n_first: int | None, first: npt.NDArray[np.intp]
    ) -> FloatArray | None:
        if votes is None:
            return None
        wide = np.zeros((n_first or votes.shape[0], rows[1], columns[1]))
        wide[np.ix_(first, row_index, column_index)] = votes
        return wide

    table = np.zeros((rows[1], columns[1]))
    table[np.ix_(row_index, column_index)] = found.table
    draws = found.draws
    n_draws = 0 if draws is None else draws.shape[0]
    return Transition(
        table,
        widen(found.units, rows[0], used[0].ravel()),
        widen(draws, n_draws, np.arange(n_draws)),
    )


def _check_name(what: str, given: str, known: Iterable[str]) -> None:
    if given not in known:
        raise ConfigError(f"{what} is {given!r}; {did_you_mean(str(given), known)}")


def _check_draws(n_draws: object, rng: object, method: str) -> None:
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
