"""Ecological inference: transition tables from the margins of many units."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from bench.core.arrays import FloatArray, IntArray
from bench.core.errors import ConfigError, DataError, did_you_mean
from bench.models.ecological_inference.common_odds import District, fit_districts
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
    _check_name("method", method, (*METHODS, *PACKAGES))
    _check_name("uncertainty_by", uncertainty_by, UNCERTAINTIES)
    _check_draws(n_draws, rng, method)
    whole = _Counted.of(rows, columns)
    parts = _members_of(groups, rows.shape[0], rows.sum(axis=1) > 0)
    if min(whole.rows.shape[1], whole.columns.shape[1]) == 1:
        method = "independence"  # the margins are the table
    if method == "likelihood":
        units = whole.used[0]
        found = _likelihood(
            [_Counted.of(rows[units[part]], columns[units[part]]) for part in parts],
            settings or LikelihoodSettings(),
            unit_tables,
            n_draws,
            rng,
            uncertainty_by,
        )
        return _together(found, [units[part] for part in parts], rows.shape[0])
    profile_of = {**PROFILES, **PACKAGES}[method]
    estimated = _from_profiles(
        whole.rows, whole.columns, parts, profile_of, unit_tables, n_draws, rng
    )
    return whole.at_full_size(estimated)


def estimate_districts(
    row_votes: Sequence[npt.ArrayLike],
    column_votes: Sequence[npt.ArrayLike],
    row_labels: Sequence[Sequence[str]],
    *,
    column_labels: Sequence[Sequence[str]] | None = None,
    rng: np.random.Generator | None = None,
    unit_tables: bool = False,
    n_draws: int = 0,
    uncertainty_by: str = "posterior",
    settings: LikelihoodSettings | None = None,
) -> list[Transition]:
    """Transition tables of the districts of one election, which share their odds ratios.

    Each district has candidates of its own: whose votes they gain most from says which of them
    correspond. See `bench.models.ecological_inference.common_odds.fit_districts`.

    Parameters
    ----------
    row_votes, column_votes : [U, R] and [U, K] of every district, in votes.
    row_labels : what the rows of every district are called, the same in all of them.
    column_labels : likewise the columns, where the candidates are the same everywhere.
    rng, unit_tables, n_draws, uncertainty_by, settings : as of `estimate`.

    Raises
    ------
    DataError
        If the margins of a district cannot be used, or the labels are not one for each row.
    ConfigError
        As `estimate`.

    Examples
    --------
    >>> rows = np.array([[90.0, 10.0], [20.0, 80.0], [50.0, 50.0]])
    >>> found = estimate_districts([rows, rows[:, ::-1]], [rows, rows], [["a", "b"], ["b", "a"]])
    >>> (found[0].table.argmax(axis=1) == found[1].table.argmax(axis=1)[::-1]).all()
    np.True_
    """
    _check_name("uncertainty_by", uncertainty_by, UNCERTAINTIES)
    _check_draws(n_draws, rng, "likelihood")
    sides = [check_margins(*pair) for pair in zip(row_votes, column_votes, strict=True)]
    rows = _numbered("row_labels", row_labels, [side[0].shape[1] for side in sides])
    columns: list[IntArray | None] = [None] * len(sides)
    if column_labels is not None:
        columns = list(
            _numbered("column_labels", column_labels, [side[1].shape[1] for side in sides])
        )
    return _likelihood(
        [
            _Counted.of(*side, row, column)
            for side, row, column in zip(sides, rows, columns, strict=True)
        ],
        settings or LikelihoodSettings(),
        unit_tables,
        n_draws,
        rng,
        uncertainty_by,
        own_columns=column_labels is None,
    )


def _numbered(what: str, labels: Sequence[Sequence[str]], sizes: Sequence[int]) -> list[IntArray]:
    """Labels of every district as numbers that mean the same in all of them."""
    for district, (given, size) in enumerate(zip(labels, sizes, strict=True)):
        if len(given) != size or len(set(given)) != size:
            raise DataError(
                f"{what}[{district}] holds {len(given)} labels, {len(set(given))} of them "
                f"different; accepted: one of its own for each of the {size}"
            )
    number = {name: k for k, name in enumerate(sorted({n for given in labels for n in given}))}
    return [np.array([number[name] for name in given], dtype=np.int64) for given in labels]


Parts = list[npt.NDArray[np.intp]]


@dataclasses.dataclass(frozen=True)
class _Counted:
    """Margins without units, rows and columns that have no votes, and where they stood."""

    rows: FloatArray
    columns: FloatArray
    row_labels: IntArray
    column_labels: IntArray
    used: tuple[IntArray, IntArray, IntArray]
    shape: tuple[int, int, int]

    @classmethod
    def of(
        cls,
        rows: FloatArray,
        columns: FloatArray,
        row_labels: IntArray | None = None,
        column_labels: IntArray | None = None,
    ) -> _Counted:
        used = (
            np.flatnonzero(rows.sum(axis=1) > 0),
            np.flatnonzero(rows.sum(axis=0) > 0),
            np.flatnonzero(columns.sum(axis=0) > 0),
        )
        return cls(
            rows[np.ix_(used[0], used[1])],
            columns[np.ix_(used[0], used[2])],
            used[1] if row_labels is None else row_labels[used[1]],
            used[2] if column_labels is None else column_labels[used[2]],
            used,
            (*rows.shape, columns.shape[1]),
        )

    def at_full_size(self, found: Transition) -> Transition:
        """The tables with the units, rows and columns that were left out, empty."""
        units, rows, columns = self.used

        def widen(votes: FloatArray | None, first: IntArray, n_first: int) -> FloatArray | None:
            if votes is None:
                return None
            wide = np.zeros((n_first, *self.shape[1:]))
            wide[np.ix_(first, rows, columns)] = votes
            return wide

        table = np.zeros(self.shape[1:])
        table[np.ix_(rows, columns)] = found.table
        n_draws = 0 if found.draws is None else len(found.draws)
        return Transition(
            table,
            widen(found.units, units, self.shape[0]),
            widen(found.draws, np.arange(n_draws), n_draws),
        )


def _likelihood(
    counted: Sequence[_Counted],
    settings: LikelihoodSettings,
    unit_tables: bool,
    n_draws: int,
    rng: np.random.Generator | None,
    uncertainty_by: str,
    *,
    own_columns: bool = False,
) -> list[Transition]:
    fits = iter(
        fit_districts(
            [
                District(
                    one.rows,
                    one.columns,
                    one.row_labels,
                    None if own_columns else one.column_labels,
                )
                for one in counted
                if not _is_given(one)
            ],
            settings,
        )
    )
    # The contextual part is one unknown for all districts: their errors do not cancel out.
    context = np.zeros(0)
    if rng is not None and n_draws:
        context = np.clip(rng.normal(settings.context, settings.context_sd, n_draws), 0.0, 0.5)
    draw = posterior_draws if uncertainty_by == "posterior" else bootstrap_draws
    found = []
    for one in counted:
        x, y = one.rows, one.columns
        if _is_given(one):
            units = x[:, :, None] * y[:, None, :] / x.sum(axis=1)[:, None, None]
            table = units.sum(axis=0)
            draws = np.repeat(table[None], n_draws, axis=0) if n_draws else None
            transition = Transition(table, units if unit_tables else None, draws)
        else:
            fit = next(fits)
            by_unit = two_way_units(fit, x, y) if unit_tables else None
            transition = Transition(
                two_way_table(fit, x, y) if by_unit is None else by_unit.sum(axis=0),
                by_unit,
                draw(fit, x, y, context, rng) if rng is not None and n_draws else None,
            )
        found.append(one.at_full_size(transition))
    return found


def _is_given(one: _Counted) -> bool:
    """Whether the margins are the table."""
    return min(one.rows.shape[1], one.columns.shape[1]) == 1


def _together(found: Sequence[Transition], units: Parts, n_units: int) -> Transition:
    """The sum of the tables of groups of units."""
    draws = [one.draws for one in found if one.draws is not None]
    by_unit = None
    if found[0].units is not None:
        by_unit = np.zeros((n_units, *found[0].table.shape))
        for one, part in zip(found, units, strict=True):
            by_unit[part] = one.units
    table = np.sum([one.table for one in found], axis=0)
    return Transition(table, by_unit, np.sum(draws, axis=0) if draws else None)


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
