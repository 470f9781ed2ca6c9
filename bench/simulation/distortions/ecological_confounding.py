"""Voters who follow their neighbours: transfers that go with an area's composition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.core import ConfigError
from bench.core.arrays import FloatArray
from bench.simulation.distortions import TransferDistortion


@dataclass(frozen=True, kw_only=True)
class EcologicalConfounding(TransferDistortion):
    """Where an area leans to a column, every row gives that column more, by `dose`.

        p[u, r, k] ∝ q[r, k] (m[u, k] / m[k]) ** (dose / 10),   m[u, k] = (x[u] P)[k] / n[u]

    m[u] is the vote of area u by its composition alone, m that of all areas. A row that votes like
    the whole gives column k `dose` points more where the area leans to it by ten, to first order.
    q is chosen, in `rounds` steps, such that the rows of all areas together keep their profile P:
    the truth that is looked for stays the same, and the totals of a single area betray nothing.
    Robinson (1950), doi:10.2307/2087176.
    """

    unit: ClassVar[str] = "points per ten by which the area leans"
    kind: ClassVar[str] = "bias"
    touches: ClassVar[frozenset[str]] = frozenset({"stations"})

    rounds: int

    @override
    def distort_profiles(self, profile: FloatArray, rows: FloatArray, dose: float) -> FloatArray:
        size = rows.sum(axis=1, keepdims=True)
        if (size <= 0).any():
            raise ConfigError("an area has no votes; drop it before confounding is added")
        whole = rows.sum(axis=0) @ profile / rows.sum()
        by_area = rows @ profile / size
        lean = np.divide(by_area, whole, out=np.ones_like(by_area), where=whole > 0)
        pull = (lean ** (dose / 10))[:, None, :]
        weight = rows / np.maximum(rows.sum(axis=0), 1)
        base = profile.copy()
        for _ in range(self.rounds):
            local = base * pull
            local /= local.sum(axis=2, keepdims=True)
            over_all = np.einsum("ur,urk->rk", weight, local)
            base *= np.divide(profile, over_all, out=np.ones_like(base), where=over_all > 0)
            base /= base.sum(axis=1, keepdims=True)
        local = base * pull
        return np.asarray(local / local.sum(axis=2, keepdims=True))
