"""Ecological inference: transition tables from the margins of many units, or many districts."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Hashable, Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from bench.core.arrays import FloatArray, IntArray
from bench.core.errors import ConfigError, DataError, did_you_mean
from bench.models.ecological_inference.common_odds import LabelledTable, fit_districts
from bench.models.ecological_inference.draws import posterior_draws
from bench.models.ecological_inference.margins import (
    Counted,
    Transition,
    check_margins,
    scale_to_totals,
    scaled_tables,
    scaled_total,
)
from bench.models.ecological_inference.row_profiles import PROFILES, Profiles, installed_methods
from bench.models.ecological_inference.two_way import (
    LikelihoodSettings,
    two_way_table,
    two_way_units,
)

_MIN_SHARE = 1e-6

METHODS = ("likelihood", *PROFILES)
Labels = Sequence[Hashable]
Parts = list[IntArray]


def estimate(
    row_votes: npt.ArrayLike,
    column_votes: npt.ArrayLike,
    *,
    method: str = "likelihood",
    groups: npt.ArrayLike | None = None,
    rng: np.random.Generator | None = None,
    unit_tables: bool = False,
    n_draws: int = 0,
    settings: LikelihoodSettings | None = None,
) -> Transition:
    """How many votes went from each row to each column, from the margins of many units.

    Parameters
    ----------
    row_votes : [U, R] in votes; for instance the first round by polling station.
    column_votes : [U, K] in votes, with the same total in every unit.
    method : one of `METHODS`, or what an installed package brings: see `installed_methods`.
    groups : [U] labels, none missing; each group gets its own table, drawn to the odds ratios
        that all groups share (`likelihood`), or on its own (the others).
    rng : needed for draws.
    unit_tables : whether to keep the table of every unit.
    n_draws : S, how many tables to draw, from the posterior or (other methods than `likelihood`)
        over resampled units; 0 for none.
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
    brought = {} if method in METHODS else installed_methods()
    if method not in METHODS and method not in brought:
        accepted = (*METHODS, *brought)
        raise ConfigError(f"method is {method!r}; {did_you_mean(str(method), accepted)}")
    _check_draws(n_draws, rng, method)
    settings = settings or LikelihoodSettings()
    labels = (np.arange(rows.shape[1]), np.arange(columns.shape[1]))
    whole = Counted.of(rows, columns, *labels)
    parts = _members_of(groups, rows.shape[0], whole.used[0])
    if whole.is_given:
        method = "independence"  # the margins are the table
    if method == "likelihood":
        units = whole.used[0]
        groups_of_units = [units[part] for part in parts]
        counted = [whole]
        if len(parts) > 1:
            counted = [Counted.of(rows[part], columns[part], *labels) for part in groups_of_units]
        transitions = _likelihood_tables(
            counted,
            settings,
            unit_tables=unit_tables,
            n_draws=n_draws,
            rng=rng,
        )
        if len(parts) == 1:
            return next(transitions)
        return _together(transitions, groups_of_units, rows.shape[0])
    profile_of: Profiles = brought[method].load() if method in brought else PROFILES[method]
    estimated = _from_profiles(
        whole.rows, whole.columns, parts, profile_of, unit_tables, n_draws, rng
    )
    return whole.at_full_size(estimated)


@dataclasses.dataclass(frozen=True)
class EarlierTable:
    """A transition table of the election before whose cells are known, by a count or a survey.

    Attributes
    ----------
    votes : [R, K] in votes, zero or more.
    row_labels : [R], what its rows are called; the same name as today for what is the same.
    column_labels : [K] likewise; None where every district has candidates of its own.

    Raises
    ------
    DataError
        If the votes cannot be used, or the labels are not one for each row (column).

    Examples
    --------
    >>> EarlierTable([[80, 20], [10, 90]], ["left", "right"]).row_labels
    ['left', 'right']
    """

    votes: npt.ArrayLike
    row_labels: Labels
    column_labels: Labels | None = None

    def __post_init__(self) -> None:
        """Refuse votes and labels that cannot be used."""
        votes = np.asarray(self.votes, dtype=np.float64)
        if votes.ndim != 2 or not np.isfinite(votes).all() or votes.min() < 0 or not votes.any():
            raise DataError(
                f"votes of an earlier table have the shape {votes.shape}; accepted: votes by row "
                "and column, finite, zero or more and not all zero"
            )
        _check_labels("row_labels of an earlier table", self.row_labels, votes.shape[0])
        if self.column_labels is not None:
            _check_labels("column_labels of an earlier table", self.column_labels, votes.shape[1])


def estimate_districts(
    row_votes: Sequence[npt.ArrayLike],
    column_votes: Sequence[npt.ArrayLike],
    row_labels: Sequence[Labels] | None = None,
    *,
    column_labels: Sequence[Labels] | None = None,
    earlier: Sequence[EarlierTable] = (),
    rng: np.random.Generator | None = None,
    unit_tables: bool = False,
    n_draws: int = 0,
    settings: LikelihoodSettings | None = None,
) -> list[Transition]:
    """Transition tables of the districts of one election, which share their odds ratios.

    Where each district has candidates of its own, those correspond who gain most from the same
    rows. See `bench.models.ecological_inference.common_odds.fit_districts`.

    Parameters
    ----------
    row_votes, column_votes : [U, R] and [U, K] of every district, in votes.
    row_labels : what the rows of every district are called (parties), in any order; None if all
        have the same rows in the same order.
    column_labels : likewise the columns; None for candidates of their own in every district.
    earlier : known tables of the election before, from any districts; their odds ratios count
        ten times each among those that the districts share.
    rng, unit_tables, n_draws, settings : as of `estimate`.

    Returns
    -------
    list of Transition
        One per district, in the order given.

    Raises
    ------
    DataError
        If the margins of a district cannot be used, the labels are not one for each row, or
        earlier tables come without labels on both sides or with none of today's.
    ConfigError
        As `estimate`.

    Examples
    --------
    >>> rows = np.array([[90.0, 10.0], [20.0, 80.0], [50.0, 50.0]])
    >>> found = estimate_districts([rows, rows[:, ::-1]], [rows, rows], [["a", "b"], ["b", "a"]])
    >>> (found[0].table.argmax(axis=1) == found[1].table.argmax(axis=1)[::-1]).all()
    np.True_

    The margins of one unit leave open how many of the 60 stayed; last time nearly all did:

    >>> before = EarlierTable([[49, 1], [1, 49]], ["a", "b"])
    >>> for earlier in ([], [before]):
    ...     found = estimate_districts([[[60, 40]]], [[[60, 40]]], [["a", "b"]], earlier=earlier)
    ...     print(found[0].table[0, 0].round())
    37.0
    54.0
    """
    _check_draws(n_draws, rng, "likelihood")
    n = len(row_votes)
    if not n or len(column_votes) != n:
        raise DataError(
            f"row_votes holds {n} districts and column_votes {len(column_votes)}; accepted: the "
            "same districts in the same order, at least one"
        )
    sides = [_checked(k, *pair) for k, pair in enumerate(zip(row_votes, column_votes, strict=True))]
    row_sizes, column_sizes = ([side[k].shape[1] for side in sides] for k in (0, 1))
    rows = _numbered("row_labels", row_labels, row_sizes, [table.row_labels for table in earlier])
    columns: Sequence[IntArray | None] = [None] * (n + len(earlier))
    if column_labels is not None:
        names_before = [table.column_labels for table in earlier if table.column_labels is not None]
        if len(names_before) < len(earlier):
            raise DataError("column_labels are given; pass column_labels of every earlier table")
        columns = _numbered("column_labels", column_labels, column_sizes, names_before)
    tables_before = [
        _without_empty(*parts) for parts in zip(earlier, rows[n:], columns[n:], strict=True)
    ]
    return list(
        _likelihood_tables(
            [
                Counted.of(*side, row, column)
                for side, row, column in zip(sides, rows[:n], columns[:n], strict=True)
            ],
            settings or LikelihoodSettings(),
            earlier=tables_before,
            unit_tables=unit_tables,
            n_draws=n_draws,
            rng=rng,
        )
    )


def _checked(
    district: int, row_votes: npt.ArrayLike, column_votes: npt.ArrayLike
) -> tuple[FloatArray, FloatArray]:
    try:
        return check_margins(row_votes, column_votes)
    except DataError as error:
        raise DataError(f"district {district}: {error}") from error


def _without_empty(
    table: EarlierTable, row_numbers: IntArray, column_numbers: IntArray | None
) -> LabelledTable:
    """The rows and columns of an earlier table that have votes."""
    votes = np.asarray(table.votes, dtype=np.float64)
    rows, columns = votes.sum(axis=1) > 0, votes.sum(axis=0) > 0
    return LabelledTable(
        votes[np.ix_(rows, columns)],
        row_numbers[rows],
        None if column_numbers is None else column_numbers[columns],
    )


def _numbered(
    argument: str,
    labels: Sequence[Labels] | None,
    sizes: Sequence[int],
    names_before: Sequence[Labels],
) -> list[IntArray]:
    """Labels of every district, then of every earlier table, as numbers that mean the same."""
    if labels is None:
        if names_before or len(set(sizes)) > 1:
            raise DataError(
                f"{argument} is None for districts of {min(sizes)} to {max(sizes)} rows and "
                f"{len(names_before)} earlier tables; accepted without labels: the same rows in "
                "the same order everywhere and no earlier table; pass the names of every "
                "district's rows"
            )
        return [np.arange(size) for size in sizes]
    if len(labels) != len(sizes):
        raise DataError(
            f"{argument} names {len(labels)} districts of {len(sizes)}; accepted: one list of "
            "labels for each"
        )
    for place, (district_labels, size) in enumerate(zip(labels, sizes, strict=True)):
        _check_labels(f"{argument}[{place}]", district_labels, size)
    today = set(itertools.chain(*labels))
    for place, names in enumerate(names_before):
        if today.isdisjoint(names):
            raise DataError(
                f"earlier[{place}] and the districts have no name of {argument} in common; "
                "accepted: known tables under the names of today"
            )
    together = [*labels, *names_before]
    number = {name: k for k, name in enumerate(dict.fromkeys(itertools.chain(*together)))}
    return [np.array([number[name] for name in names], dtype=np.int64) for names in together]


def _check_labels(place: str, labels: Labels, size: int) -> None:
    """Refuse labels that are not one of its own for each row or column."""
    if len(labels) != size or len(set(labels)) != size:
        raise DataError(
            f"{place} holds {len(labels)} labels, {len(set(labels))} of them different; "
            f"accepted: one of its own for each of the {size}"
        )


def _likelihood_tables(
    counted: Sequence[Counted],
    settings: LikelihoodSettings,
    *,
    earlier: Sequence[LabelledTable] = (),
    unit_tables: bool = False,
    n_draws: int = 0,
    rng: np.random.Generator | None = None,
) -> Iterator[Transition]:
    """The tables of districts that share their odds ratios, at their full size, one by one.

    Parameters
    ----------
    counted : the districts.
    settings : see `LikelihoodSettings`.
    earlier : known tables of the election before.
    unit_tables, n_draws, rng : as of `estimate`.
    """
    to_fit = [district for district in counted if not district.is_given]
    fits = iter(fit_districts(to_fit, settings, earlier))
    # The contextual part is one unknown for all districts: their errors do not cancel out.
    context = np.zeros(0)
    if rng is not None and n_draws:
        context = np.clip(rng.normal(settings.context, settings.context_sd, n_draws), 0.0, 0.5)
    for district in counted:
        x, y = district.rows, district.columns
        if district.is_given:
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
                posterior_draws(fit, x, y, context, rng) if rng is not None and n_draws else None,
            )
        yield district.at_full_size(transition)


def _together(transitions: Iterable[Transition], units: Parts, n_units: int) -> Transition:
    """The sum of the tables of groups of units."""
    tables, draws = [], []
    by_unit = None
    for transition, part in zip(transitions, units, strict=True):
        tables.append(transition.table)
        if transition.draws is not None:
            draws.append(transition.draws)
        if transition.units is not None:
            if by_unit is None:
                by_unit = np.zeros((n_units, *transition.table.shape))
            by_unit[part] = transition.units
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
    def sides(part: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Margins of a part of the units, and the profile that they share."""
        return x[part], y[part], np.maximum(method(x[part], y[part]), _MIN_SHARE)

    def total(chosen: Parts) -> FloatArray:
        return np.asarray(np.sum([scaled_total(*sides(part)) for part in chosen], axis=0))

    units = np.zeros((x.shape[0], x.shape[1], y.shape[1])) if unit_tables else None
    if units is not None:
        for part in parts:
            units[part] = scaled_tables(*sides(part))
    table = total(parts) if units is None else units.sum(axis=0)
    if rng is None or not n_draws:
        return Transition(table, units)
    draws = [total([rng.choice(part, len(part)) for part in parts]) for _ in range(n_draws)]
    rows, columns = x.sum(axis=0), y.sum(axis=0)
    return Transition(table, units, scale_to_totals(np.asarray(draws), rows, columns))


def _members_of(groups: npt.ArrayLike | None, n_units: int, used: IntArray) -> Parts:
    if groups is None:
        return [np.arange(len(used))]
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
    return [np.flatnonzero(group[used] == g) for g in np.unique(group[used])]


def _check_draws(n_draws: object, rng: object, method: str) -> None:
    """Refuse draws that cannot be made."""
    if not isinstance(n_draws, (int, np.integer)) or n_draws < 0:
        raise ConfigError(f"n_draws is {n_draws!r}; accepted: a whole number, 0 for no draws")
    if n_draws and not isinstance(rng, np.random.Generator):
        raise ConfigError(f"n_draws is {n_draws} but rng is {rng!r}; pass a numpy Generator as rng")
    if n_draws and method not in METHODS:
        raise ConfigError(
            f"n_draws is {n_draws} and method is {method!r}, which would be fitted anew for every "
            "draw; pass n_draws=0"
        )
