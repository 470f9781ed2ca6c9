"""Margins without what is empty, and the likelihood method on them, district by district."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from bench.core.arrays import FloatArray, IntArray
from bench.models.ecological_inference.common_odds import District, LabelledTable, fit_districts
from bench.models.ecological_inference.draws import bootstrap_draws, posterior_draws
from bench.models.ecological_inference.transition import Transition
from bench.models.ecological_inference.two_way import (
    LikelihoodSettings,
    two_way_table,
    two_way_units,
)

UNCERTAINTIES = ("posterior", "bootstrap")


@dataclasses.dataclass(frozen=True)
class Counted:
    """Margins without units, rows and columns that have no votes, and where they stood.

    Attributes
    ----------
    rows, columns : [U, R], [U, K] in votes, of what is left.
    row_labels, column_labels : [R], [K], numbers that mean the same in every district.
    used : the units, rows and columns that are left.
    shape : units, rows and columns as given.
    own_columns : whether the columns of other districts are others.
    """

    rows: FloatArray
    columns: FloatArray
    row_labels: IntArray
    column_labels: IntArray
    used: tuple[IntArray, IntArray, IntArray]
    shape: tuple[int, int, int]
    own_columns: bool = False

    @classmethod
    def of(
        cls,
        rows: FloatArray,
        columns: FloatArray,
        row_labels: IntArray | None = None,
        column_labels: IntArray | None = None,
        *,
        own_columns: bool = False,
    ) -> Counted:
        """What is left of margins as given; without labels, a number is a label."""
        used = (
            np.flatnonzero(rows.sum(axis=1) > 0),
            np.flatnonzero(rows.sum(axis=0) > 0),
            np.flatnonzero(columns.sum(axis=0) > 0),
        )
        return cls(
            _chosen(rows, used[0], used[1]),
            _chosen(columns, used[0], used[2]),
            used[1] if row_labels is None else row_labels[used[1]],
            used[2] if column_labels is None else column_labels[used[2]],
            used,
            (*rows.shape, columns.shape[1]),
            own_columns,
        )

    @property
    def is_given(self) -> bool:
        """Whether the margins are the table."""
        return 1 in (self.rows.shape[1], self.columns.shape[1])

    @property
    def district(self) -> District:
        """What the likelihood method needs."""
        labels = None if self.own_columns else self.column_labels
        return District(self.rows, self.columns, self.row_labels, labels)

    def at_full_size(self, found: Transition) -> Transition:
        """The tables with the units, rows and columns that were left out, empty."""
        units, rows, columns = self.used

        def widen(votes: FloatArray | None, first: IntArray, n_first: int) -> FloatArray | None:
            if votes is None or votes.shape == (n_first, *self.shape[1:]):
                return votes
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


def _chosen(votes: FloatArray, units: IntArray, categories: IntArray) -> FloatArray:
    """The part of an array, which is not copied if the part is everything."""
    if votes.shape == (len(units), len(categories)):
        return votes
    return votes[np.ix_(units, categories)]


def likelihood_tables(
    counted: Sequence[Counted],
    settings: LikelihoodSettings,
    *,
    earlier: Sequence[LabelledTable] = (),
    unit_tables: bool = False,
    n_draws: int = 0,
    rng: np.random.Generator | None = None,
    uncertainty_by: str = "posterior",
) -> Iterator[Transition]:
    """The tables of districts that share their odds ratios, at their full size, one by one.

    Parameters
    ----------
    counted : the districts.
    settings : see `LikelihoodSettings`.
    earlier : known tables, see `fit_districts`.
    unit_tables, n_draws, rng, uncertainty_by : as of `estimate`.
    """
    fits = iter(
        fit_districts([one.district for one in counted if not one.is_given], settings, earlier)
    )
    # The contextual part is one unknown for all districts: their errors do not cancel out.
    context = np.zeros(0)
    if rng is not None and n_draws:
        context = np.clip(rng.normal(settings.context, settings.context_sd, n_draws), 0.0, 0.5)
    draw = posterior_draws if uncertainty_by == "posterior" else bootstrap_draws
    for one in counted:
        x, y = one.rows, one.columns
        if one.is_given:
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
        yield one.at_full_size(transition)
