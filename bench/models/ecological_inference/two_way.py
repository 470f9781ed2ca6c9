"""The likelihood method: both directions, both priors, their mean."""

from __future__ import annotations

import dataclasses
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from bench.core.arrays import FloatArray
from bench.core.errors import ConfigError
from bench.models.ecological_inference.likelihood import (
    RowPosterior,
    RowPrior,
    regress,
    regress_again,
)
from bench.models.ecological_inference.margins import scaled_tables, scaled_total

_MIN_VOTES = 1e-3
_RANGES = {
    "context": (0.0, 1.0),
    "context_sd": (0.0, 1.0),
    "unit_rounds": (1, 1000),
    "inflation": (0.0, 1000.0),
    "common_inflation": (0.0, 1000.0),
    "common_degrees": (1.0, 1e6),
    "disagreement_pp": (0.01, 1e6),
    "degrees": (1.0, 1e6),
    "rare": (0.0, 1.0),
    "common_factor": (0.0, 1e6),
    "common_votes": (0.0, 1e6),
}
_MIN_SHARE = 1e-3
_CHUNK = 8192
Side = TypeVar("Side")


@dataclasses.dataclass(frozen=True)
class Pooling:
    """Which category goes to which pool, and its part of the pool's votes.

    Attributes
    ----------
    pool : [categories], index of the pool of each category.
    part : [categories], share of the category in the votes of its pool.
    """

    pool: npt.NDArray[np.intp]
    part: FloatArray

    @classmethod
    def of(cls, votes: FloatArray, threshold: float) -> Pooling:
        """One pool for all categories below `threshold`, a share of all votes, if two or more.

        Examples
        --------
        >>> Pooling.of(np.array([[90.0, 2.0, 7.0, 1.0]]), 0.03).pool.tolist()
        [0, 2, 1, 2]
        """
        total = votes.sum(axis=0)
        rare = total < threshold * total.sum()
        if rare.sum() < 2 or rare.all():
            rare = np.zeros(len(total), dtype=bool)
        pool = np.where(rare, (~rare).sum(), np.cumsum(~rare) - 1).astype(np.intp)
        in_pool = np.bincount(pool, weights=total)[pool]
        n_in_pool = np.bincount(pool)[pool]
        part = np.where(in_pool > 0, total / np.maximum(in_pool, 1e-300), 1 / n_in_pool)
        return cls(pool=pool, part=part)

    def merge(self, votes: FloatArray) -> FloatArray:
        """Votes of the pools, [U, pools]."""
        member = np.zeros((len(self.pool), int(self.pool.max()) + 1))
        member[np.arange(len(self.pool)), self.pool] = 1.0
        return votes @ member


def expand(profile: FloatArray, rows: Pooling, columns: Pooling) -> FloatArray:
    """Profiles [..., R, K] of all categories from those of the pools."""
    return profile[..., rows.pool, :][..., columns.pool] * columns.part


@dataclasses.dataclass(frozen=True, kw_only=True)
class LikelihoodSettings:
    """What the likelihood method takes for given.

    Attributes
    ----------
    context : γ, 0 to 1, weight of the neighbourhood model, in which all rows of a unit vote
        alike: areas where a party is strong also vote for its candidate more than their
        rows explain, and no margin shows it.
    context_sd : standard deviation of γ over elections, used by the draws.
    unit_rounds : how often every unit is scaled to its margins and the units are added up,
        each time from the odds ratios of the sum before.
    inflation : factor of the posterior standard deviations in the draws: units are less
        alike than the regression takes them for.
    disagreement_pp : distance between the associations found in the two directions, in
        percent of the votes, from which on the weaker one is trusted more.
    degrees : degrees of freedom of the t distribution of the residuals.
    rare : categories below this share of the votes are fitted as one, 0 to 1.
    common_inflation : the same factor under the prior of common odds ratios, which are less
        common than the prior takes them for.
    common_degrees : at most so many degrees of freedom of the t of the draws under that prior:
        most districts obey it, and a few, with candidates of their own strength, lie far off.
    common_factor : how many times the votes that the distance of a district from the odds
        ratios that all districts share speaks for; above 1, as noise is part of the distance.
    common_votes : how many votes per row these odds ratios are worth at most.

    Raises
    ------
    ConfigError
        If a value is outside of its range.

    Examples
    --------
    >>> LikelihoodSettings(context=0).context
    0
    """

    context: float = 0.06
    context_sd: float = 0.06
    unit_rounds: int = 5
    inflation: float = 1.55
    disagreement_pp: float = 8.0
    degrees: float = 20.0
    rare: float = 0.005
    common_inflation: float = 2.3
    common_degrees: float = 3.0
    common_factor: float = 16.0
    common_votes: float = 300.0

    def __post_init__(self) -> None:
        """Refuse what no fit can use."""
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise ConfigError(
                    f"{name} of the likelihood method is {value!r}; accepted: {low:g} to "
                    f"{high:g}; default: {getattr(LikelihoodSettings, name):g}"
                )


@dataclasses.dataclass(frozen=True)
class Member:
    """One of the regressions that are averaged.

    Attributes
    ----------
    posterior : of the profiles of the pools.
    turned : True if it explains the row votes from the column votes.
    informed : True if its prior is quasi-independence.
    prior : if it is neither that nor the broad one.
    """

    posterior: RowPosterior
    turned: bool
    informed: bool
    prior: RowPrior | None = None

    def sides(self, rows: Side, columns: Side) -> tuple[Side, Side]:
        """What belongs to the votes that explain, and to the votes that are explained."""
        return (columns, rows) if self.turned else (rows, columns)


@dataclasses.dataclass(frozen=True)
class TwoWayFit:
    """The members, their weights, and how their pools map to the categories.

    Attributes
    ----------
    members, weights : the regressions, four or (under the prior of `fit_again`) two, and their
        part in the mean.
    mean : weighted mean of the members' tables, [R, K] in votes.
    odds : table whose odds ratios all units share, after the unit rounds, [R, K] in votes.
    rows, columns : the pools of rare categories.
    settings : see `LikelihoodSettings`.
    """

    members: tuple[Member, ...]
    weights: FloatArray
    mean: FloatArray
    odds: FloatArray
    rows: Pooling
    columns: Pooling
    settings: LikelihoodSettings


def fit_two_way(
    row_votes: FloatArray, column_votes: FloatArray, settings: LikelihoodSettings
) -> TwoWayFit:
    """Regress columns on rows and rows on columns, and weigh the two directions.

    Parameters
    ----------
    row_votes, column_votes : [U, R], [U, K].
    settings : see `LikelihoodSettings`.
    """
    rows, columns = (Pooling.of(side, settings.rare) for side in (row_votes, column_votes))
    x, y = rows.merge(row_votes), columns.merge(column_votes)
    members: list[Member] = []
    for turned, (explaining, explained) in enumerate(((x, y), (y, x))):
        broad, pooled = regress(explaining, explained, degrees=settings.degrees)
        members.append(Member(broad, bool(turned), informed=False))
        members.append(Member(pooled, bool(turned), informed=True))
    return _averaged(members, row_votes, column_votes, rows, columns, settings)


def fit_again(
    fit: TwoWayFit,
    row_votes: FloatArray,
    column_votes: FloatArray,
    prior_table: FloatArray,
    like_votes: float,
) -> TwoWayFit:
    """The fit whose prior, in both directions, is a table.

    Parameters
    ----------
    fit : of the same margins.
    row_votes, column_votes : [U, R], [U, K].
    prior_table : [R, K] in votes, no row or column empty.
    like_votes : how many votes per row the prior is worth, above 0.
    """
    x, y = fit.rows.merge(row_votes), fit.columns.merge(column_votes)
    pooled = fit.columns.merge(fit.rows.merge(prior_table.T).T)
    members = []
    for before in fit.members:
        if before.informed:
            prior = RowPrior(_profiles(pooled.T if before.turned else pooled), like_votes)
            posterior = regress_again(
                *before.sides(x, y), prior, before.posterior, degrees=fit.settings.degrees
            )
            members.append(Member(posterior, before.turned, informed=True, prior=prior))
    return _averaged(members, row_votes, column_votes, fit.rows, fit.columns, fit.settings)


def _averaged(
    members: list[Member],
    row_votes: FloatArray,
    column_votes: FloatArray,
    rows: Pooling,
    columns: Pooling,
    settings: LikelihoodSettings,
) -> TwoWayFit:
    tables = []
    for member in members:
        profile = expand(member.posterior.profile, *member.sides(rows, columns))
        table = scaled_total(*member.sides(row_votes, column_votes), profile)
        tables.append(table.T if member.turned else table)
    turned = np.array([member.turned for member in members])
    stacked = np.stack(tables)
    forward = stacked[~turned].mean(axis=0)
    backward = stacked[turned].mean(axis=0)
    share = forward_weight(forward, backward, settings.disagreement_pp)
    weights = np.where(turned, 1 - share, share) / (len(members) / 2)
    mean = odds = np.tensordot(weights, tables, axes=1)
    for _ in range(settings.unit_rounds - 1):
        odds = scaled_total(row_votes, column_votes, np.maximum(odds, _MIN_VOTES))
    odds = np.maximum(odds, _MIN_VOTES)
    return TwoWayFit(tuple(members), weights, mean, odds, rows, columns, settings)


def _profiles(table: FloatArray) -> FloatArray:
    share = np.maximum(table / table.sum(axis=1, keepdims=True), _MIN_SHARE)
    return np.asarray(share / share.sum(axis=1, keepdims=True))


def forward_weight(forward: FloatArray, backward: FloatArray, disagreement_pp: float) -> float:
    """Weight of the table found by regressing columns on rows, 0 to 1.

    1 / (1 + exp(d |d| / s²)), where d is by how much the forward table is further from
    independence than the backward one, as an error index in percent, and s is
    `disagreement_pp`. If only one of P(column | row) and P(row | column) is the same in all
    units, the regression in the other direction mistakes chance for loyalty: its slopes
    divide by too small a variance. The weaker association is then the right one.

    Examples
    --------
    >>> strong, weak = np.array([[9.0, 1.0], [1.0, 9.0]]), np.array([[6.0, 4.0], [4.0, 6.0]])
    >>> forward_weight(strong, strong, 8.0), round(forward_weight(strong, weak, 8.0), 6)
    (0.5, 1e-06)
    """
    d = _association(forward) - _association(backward)
    return float(1 / (1 + np.exp(np.clip(d * abs(d) / disagreement_pp**2, -50.0, 50.0))))


def _association(table: FloatArray) -> float:
    independent = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return float(50 * np.abs(table - independent).sum() / table.sum())


def neighbourhood_table(row_votes: FloatArray, column_votes: FloatArray) -> FloatArray:
    """Σ_i x_i y_i' / n_i: the table if all rows of a unit vote alike, [R, K].

    References
    ----------
    Freedman, Klein, Sacks, Smyth & Everett (1991), doi:10.1177/0193841X9101500602.

    Examples
    --------
    >>> neighbourhood_table(np.array([[6.0, 4.0]]), np.array([[5.0, 5.0]])).tolist()
    [[3.0, 3.0], [2.0, 2.0]]
    """
    size = np.maximum(row_votes.sum(axis=1, keepdims=True), 1e-300)
    return np.asarray((row_votes / size).T @ column_votes)


def two_way_table(fit: TwoWayFit, row_votes: FloatArray, column_votes: FloatArray) -> FloatArray:
    """The sum of `two_way_units` over the units, [R, K] in votes."""
    context = fit.settings.context
    fitted = scaled_total(row_votes, column_votes, fit.odds)
    alike = neighbourhood_table(row_votes, column_votes)
    return np.asarray((1 - context) * fitted + context * alike)


def two_way_units(fit: TwoWayFit, row_votes: FloatArray, column_votes: FloatArray) -> FloatArray:
    """(1 - γ) times the table with the common odds ratios and γ x_i y_i' / n_i, [U, R, K]."""
    units = np.empty((*row_votes.shape, column_votes.shape[1]))
    for start in range(0, len(units), _CHUNK):
        part = slice(start, start + _CHUNK)
        x, y = row_votes[part], column_votes[part]
        fitted = scaled_tables(x, y, fit.odds)
        shares = y / np.maximum(x.sum(axis=1, keepdims=True), 1e-300)
        alike = x[:, :, None] * shares[:, None, :]
        units[part] = fitted + fit.settings.context * (alike - fitted)
    return units
