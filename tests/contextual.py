"""Made-up elections in which voters follow their neighbours, whatever their row."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.metrics.shares import transition_error_index
from bench.models.ecological_inference import LikelihoodSettings, estimate
from bench.studies.ecological_inference.confounding import drawn_tables


@dataclasses.dataclass(frozen=True, kw_only=True)
class ContextualElectorate:
    """Units whose row profiles lean to the columns that are locally strong.

    The profile of row r in unit i is (1 - γ) P_r + γ Σ_s (x_is / n_i) P_s, drawn from a
    Dirichlet of size 1 / ρ - 1; columns follow a multinomial. With γ = 0 all rows behave
    alike everywhere, but for chance; the larger γ, the more a regression on the margins
    overstates the differences between rows, and nothing in the margins shows it.

    Attributes
    ----------
    n_units, unit_votes : number of units and votes in each.
    profile : P, [R, K], rows sum to one.
    row_shares : shares of the rows in all votes, [R].
    segregation : variance of a row's share over units, as a part of its greatest, 0 to 1.
    overdispersion : ρ, 0 to 1.
    """

    n_units: int = 80
    unit_votes: int = 500
    profile: tuple[tuple[float, ...], ...] = (
        (0.75, 0.15, 0.10),
        (0.10, 0.80, 0.10),
        (0.25, 0.25, 0.50),
    )
    row_shares: tuple[float, ...] = (0.45, 0.35, 0.20)
    segregation: float = 0.05
    overdispersion: float = 0.01

    def draw(
        self, context: float, rng: np.random.Generator
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Row votes [U, R], column votes [U, K] and true unit tables [U, R, K].

        Parameters
        ----------
        context : γ, 0 (none) to 1 (all rows of a unit vote alike).
        rng : source of chance.
        """
        base = np.asarray(self.profile)
        size = 1 / self.segregation - 1
        local = rng.dirichlet(np.asarray(self.row_shares) * size, self.n_units)
        rows = rng.multinomial(self.unit_votes, local)
        around = (rows / self.unit_votes) @ base
        mean = (1 - context) * base + context * around[:, None, :]
        tables = drawn_tables(rows, mean, self.overdispersion, rng)
        return rows.astype(float), tables.sum(axis=1), tables


def aggregation_bias(
    contexts: Iterable[float],
    methods: Sequence[str],
    *,
    electorate: ContextualElectorate | None = None,
    n_elections: int = 20,
    seed: int = 2017,
) -> pd.DataFrame:
    """Error of each method as voters follow their neighbours more and more.

    `likelihood, context 0` is the default method without its contextual part.

    Returns
    -------
    pandas.DataFrame
        context, method, error_index (percent, mean over elections) and diagonal_pp (mean
        estimated less true share of votes in the largest cell of each row, in percentage
        points of the rows' votes).
    """
    made_up = electorate or ContextualElectorate()
    records = []
    for context in contexts:
        for k in range(n_elections):
            rows, columns, units = made_up.draw(context, np.random.default_rng([seed, k]))
            true = units.sum(axis=0)
            largest = (np.arange(true.shape[0]), true.argmax(axis=1))
            for method in (*methods, "likelihood, context 0"):
                settings = LikelihoodSettings(context=0.0) if "," in method else None
                name = method.split(",")[0]
                found = estimate(rows, columns, method=name, settings=settings).table
                excess = 100 * (found - true)[largest] / true.sum(axis=1)
                records.append(
                    (
                        context,
                        method,
                        100 * transition_error_index(true, found),
                        float(excess.mean()),
                    )
                )
    names = ["context", "method", "error_index", "diagonal_pp"]
    frame = pd.DataFrame.from_records(records, columns=names)
    return frame.groupby(["context", "method"], as_index=False, sort=False).mean()
