"""Fewer people asked, and otherwise the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from bench.core import ConfigError
from bench.core.arrays import FloatArray
from bench.core.evidence import BatchTable, EvidenceBatch
from bench.models.polls.poll_table import CLOSED_TOTAL
from bench.simulation.distortions import EvidenceDistortion, poll_rows


@dataclass(frozen=True, kw_only=True)
class SmallSamples(EvidenceDistortion):
    """The fraction `dose` of all who answered is left out at random, and the figures counted again.

    Those who stay are drawn without replacement, so that k of m have variance
    ``p (1 - p) / m * (N - m) / (N - 1)`` around the share of all N; at least one stays. Of polls
    the interviews, of apps the raters and users (with their votes), of ballots the declared votes
    and the approvals. A printed share stands for the nearest whole number of people. Posts are
    not people and stay.
    """

    unit: ClassVar[str] = "fraction of the people left out"
    kind: ClassVar[str] = "bias"
    touches: ClassVar[frozenset[str]] = frozenset(
        {"polls", "ratings", "app_support", "online_ballot"}
    )

    assumed_interviews: float
    assumed_raters: float

    @override
    def distort_evidence(
        self, batch: EvidenceBatch, dose: float, rng: np.random.Generator
    ) -> EvidenceBatch:
        if dose >= 1:
            raise ConfigError(f"dose {dose} of small_samples; accepted: below 1 (a fraction)")
        ways = {
            "polls": self._polls,
            "ratings": self._ratings,
            "app_support": _support,
            "online_ballot": _ballots,
        }
        return batch.with_tables(
            **{
                name: thin(batch[name], 1.0 - dose, rng)
                for name, thin in ways.items()
                if name in batch.tables and len(batch[name].rows)
            }
        )

    def _polls(self, table: BatchTable, fraction: float, rng: np.random.Generator) -> BatchTable:
        rows, share = table.rows, table.values["share"].copy()
        for at, interviewed in poll_rows(rows, self.assumed_interviews):
            named = np.round(share[:, at] * interviewed)
            unlisted = np.maximum(round(interviewed) - named.sum(axis=1), 0.0)
            unlisted[share[:, at].sum(axis=1) >= CLOSED_TOTAL] = 0.0  # rounding, not people
            whole = np.column_stack([named, unlisted])
            size = _stay(whole.sum(axis=1), fraction)
            share[:, at] = sample_without_replacement(whole, size, rng)[:, :-1] / size[:, None]
        fewer = {
            name: np.maximum(1.0, np.round(rows[name] * fraction))
            for name in ("sample_size", "sample_expressed")
        }
        fewer_asked = BatchTable(rows=rows.assign(**fewer), values=table.values)
        return fewer_asked.with_values(share=share)

    def _ratings(self, table: BatchTable, fraction: float, rng: np.random.Generator) -> BatchTable:
        value = table.values
        n = np.where(np.isnan(value["n"]), self.assumed_raters, value["n"])
        n = n.round().astype(float)
        liked = np.clip(np.round(value["favourable"] * n), 0.0, n)
        disliked = np.where(np.isnan(value["unfavourable"]), 0.0, value["unfavourable"])
        disliked = np.clip(np.round(disliked * n), 0.0, n - liked)
        size = _stay(n, fraction)
        drawn = sample_without_replacement(
            np.stack([liked, disliked, n - liked - disliked], axis=-1), size, rng
        )
        unfavourable = np.where(np.isnan(value["unfavourable"]), np.nan, drawn[..., 1] / size)
        return table.with_values(favourable=drawn[..., 0] / size, unfavourable=unfavourable, n=size)


def _support(table: BatchTable, fraction: float, rng: np.random.Generator) -> BatchTable:
    users = np.round(table.values["users"])
    stayed = sample_without_replacement(users, _stay(users.sum(axis=1), fraction), rng)
    each = np.divide(table.values["votes"], users, out=np.zeros_like(users), where=users > 0)
    return table.with_values(users=stayed, votes=each * stayed)


def _ballots(table: BatchTable, fraction: float, rng: np.random.Generator) -> BatchTable:
    value = {name: column.copy() for name, column in table.values.items()}
    for at in table.rows.groupby(["source", "day"], sort=True).indices.values():
        declared = np.round(value["declared_votes"][:, at])
        value["declared_votes"][:, at] = sample_without_replacement(
            declared, _stay(declared.sum(axis=1), fraction), rng
        )
        ballots = np.round(value["ballots"][:, at])
        approved = np.minimum(np.round(value["approvals"][:, at]), ballots)
        size = _stay(ballots, fraction)
        drawn = sample_without_replacement(
            np.stack([approved, ballots - approved], axis=-1), size, rng
        )
        value["approvals"][:, at] = drawn[..., 0]
        value["ballots"][:, at] = size
    return table.with_values(**value)


def _stay(people: FloatArray, fraction: float) -> FloatArray:
    """How many stay: the nearest whole number, one at least where there was anybody."""
    return np.minimum(people, np.maximum(1.0, np.round(people * fraction)))


def sample_without_replacement(
    counts: FloatArray, size: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Draw people without replacement from groups.

    Parameters
    ----------
    counts : numpy.ndarray [..., K]
        Whole numbers of people by group.
    size : numpy.ndarray [...]
        How many are drawn, at most the sum of the groups.
    rng : numpy.random.Generator

    Returns
    -------
    numpy.ndarray [..., K]
        How many were drawn from each group.

    Examples
    --------
    >>> people, rng = np.array([3.0, 0.0, 2.0]), np.random.default_rng(0)
    >>> sample_without_replacement(people, np.array(5.0), rng).tolist()
    [3.0, 0.0, 2.0]
    """
    from scipy.stats import multivariate_hypergeom

    people: NDArray[np.int64] = counts.astype(np.int64)
    drawn = multivariate_hypergeom.rvs(people, size.astype(np.int64), random_state=rng)
    return np.asarray(drawn, dtype=float).reshape(counts.shape)
