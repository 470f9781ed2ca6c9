"""Ecological inference in many districts of one election at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

from bench.core.arrays import FloatArray, IntArray
from bench.core.errors import DataError
from bench.models.ecological_inference.common_odds import LabelledTable
from bench.models.ecological_inference.counted import UNCERTAINTIES, Counted, likelihood_tables
from bench.models.ecological_inference.estimate import check_draws, check_name
from bench.models.ecological_inference.margins import check_margins
from bench.models.ecological_inference.transition import Transition
from bench.models.ecological_inference.two_way import LikelihoodSettings

Labels = Sequence[Hashable]


@dataclasses.dataclass(frozen=True)
class EarlierTable:
    """A transition table of an earlier election that is known, a survey's or a count's.

    Attributes
    ----------
    votes : [R, K] in votes.
    row_labels : [R], what its rows are called, as in the districts of today where they are the
        same.
    column_labels : [K] likewise; None where the districts have candidates of their own.
    """

    votes: npt.ArrayLike
    row_labels: Labels
    column_labels: Labels | None = None


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
    uncertainty_by: str = "posterior",
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
    earlier : tables of an earlier election that are known, from any districts.
    rng, unit_tables, n_draws, uncertainty_by, settings : as of `estimate`.

    Returns
    -------
    list of Transition
        One per district, in the order given.

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
    check_name("uncertainty_by", uncertainty_by, UNCERTAINTIES)
    check_draws(n_draws, rng, "likelihood")
    n = len(row_votes)
    if not n or len(column_votes) != n:
        raise DataError(
            f"row_votes holds {n} districts and column_votes {len(column_votes)}; accepted: the "
            "same districts in the same order, at least one"
        )
    sides = [_checked(k, *pair) for k, pair in enumerate(zip(row_votes, column_votes, strict=True))]
    before = [_known(k, table) for k, table in enumerate(earlier)]
    rows = _numbered(
        "row_labels",
        row_labels,
        [side[0].shape[1] for side in sides],
        [table.row_labels for table in earlier],
        [table.shape[0] for table in before],
    )
    own_columns = column_labels is None
    columns: list[IntArray] = [np.arange(side[1].shape[1]) for side in sides]
    columns_before: list[IntArray | None] = [None] * len(before)
    if column_labels is not None:
        both = _numbered(
            "column_labels",
            column_labels,
            [side[1].shape[1] for side in sides],
            [table.column_labels or () for table in earlier],
            [table.shape[1] for table in before],
        )
        columns, columns_before = both[:n], list(both[n:])
    return list(
        likelihood_tables(
            [
                Counted.of(*side, row, column, own_columns=own_columns)
                for side, row, column in zip(sides, rows[:n], columns, strict=True)
            ],
            settings or LikelihoodSettings(),
            earlier=[
                _without_empty(*one) for one in zip(before, rows[n:], columns_before, strict=True)
            ],
            unit_tables=unit_tables,
            n_draws=n_draws,
            rng=rng,
            uncertainty_by=uncertainty_by,
        )
    )


def _checked(
    district: int, row_votes: npt.ArrayLike, column_votes: npt.ArrayLike
) -> tuple[FloatArray, FloatArray]:
    try:
        return check_margins(row_votes, column_votes)
    except DataError as error:
        raise DataError(f"district {district}: {error}") from error


def _known(number: int, table: EarlierTable) -> FloatArray:
    votes = np.asarray(table.votes, dtype=np.float64)
    if votes.ndim != 2 or not np.isfinite(votes).all() or (votes < 0).any() or not votes.any():
        raise DataError(
            f"earlier[{number}].votes has the shape {votes.shape}; accepted: votes by row and "
            "column, finite, zero or more and not all zero"
        )
    return votes


def _without_empty(
    votes: FloatArray, row_labels: IntArray, column_labels: IntArray | None
) -> LabelledTable:
    rows, columns = votes.sum(axis=1) > 0, votes.sum(axis=0) > 0
    return LabelledTable(
        votes[np.ix_(rows, columns)],
        row_labels[rows],
        None if column_labels is None else column_labels[columns],
    )


def _numbered(
    what: str,
    labels: Sequence[Labels] | None,
    sizes: Sequence[int],
    earlier: Sequence[Labels],
    earlier_sizes: Sequence[int],
) -> list[IntArray]:
    """Labels of every district, then of every earlier table, as numbers that mean the same."""
    if labels is None:
        if earlier or len(set(sizes)) > 1:
            raise DataError(
                f"{what} is None for districts of {min(sizes)} to {max(sizes)} rows and "
                f"{len(earlier)} earlier tables; accepted without labels: the same rows in the "
                "same order everywhere, and no earlier tables; pass the names of every "
                "district's rows"
            )
        return [np.arange(size) for size in sizes]
    if len(labels) != len(sizes):
        raise DataError(
            f"{what} names {len(labels)} districts of {len(sizes)}; accepted: one list of labels "
            "for each"
        )
    places = [f"{what}[{k}]" for k in range(len(sizes))]
    places += [f"earlier[{k}].{what}" for k in range(len(earlier))]
    every = [tuple(given) for given in (*labels, *earlier)]
    for place, given, size in zip(places, every, (*sizes, *earlier_sizes), strict=True):
        if len(given) != size or len(set(given)) != size:
            raise DataError(
                f"{place} holds {len(given)} labels, {len(set(given))} of them different; "
                f"accepted: one of its own for each of the {size}"
            )
    number = {name: k for k, name in enumerate(dict.fromkeys(n for given in every for n in given))}
    return [np.array([number[name] for name in given], dtype=np.int64) for given in every]
