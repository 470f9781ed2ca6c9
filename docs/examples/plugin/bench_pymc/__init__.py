"""Adapters of two packages that sample with PyMC: kronikas (polls), PyEI (transition tables)."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import warnings
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from typing_extensions import override

from bench.core import Abstain, ConfigError, Evidence, Forecast, Predictor
from bench.core.arrays import FloatArray
from bench.models.ecological_inference.margins import scale_to_totals
from bench.models.polls.poll_table import PollTable, pattern, polls_of, whole_ballots

OTHER = "other"
SEED = 2017
MODEL = "multinomial-dirichlet"


@dataclass(frozen=True, kw_only=True)
class Kronikas(Predictor):
    """The package kronikas, as it comes: weekly walk, house effects, Dirichlet polls, NUTS.

    ``share_t = softmax(walk_t)``, ``poll ~ Dirichlet(kappa n softmax(walk + house))``; the forecast
    is the mean of the posterior on election day. It wants every candidate in every poll, so those
    usually polled under ``smallest_share`` are one category, "other", and are not named here.
    A date takes minutes.

    References
    ----------
    Tisza, V., kronikas, doi:10.5281/zenodo.19163741.
    """

    family: ClassVar[str] = "quota polls"
    needs: ClassVar[frozenset[str]] = frozenset({"polls"})

    window_days: float
    smallest_share: float
    draws_per_chain: int
    tune_per_chain: int
    chains: int
    cores: int
    target_accept: float

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        if importlib.util.find_spec("kronikas") is None:
            raise Abstain("the package kronikas is not installed; pip install 'kronikas>=0.2,<0.3'")
        table = polls_of(evidence)
        table = table.take(table.days <= table.days.min() + self.window_days)
        named = named_by(table, self.smallest_share)
        table = table.take(np.asarray(~np.isnan(table.share[:, named]).any(axis=1)))
        if named.sum() < 2 or len(table) == 0:
            raise Abstain("no two candidates are in the same polls")

        draws = self._sample(rows_of(table, named, evidence.vote_on), evidence, rng)
        columns = [c for c, keep in zip(table.candidates, named, strict=True) if keep]
        return Forecast(share=draws[columns].mean(), draws=draws[columns].to_numpy(dtype=float))

    def _sample(
        self, rows: pd.DataFrame, evidence: Evidence, rng: np.random.Generator
    ) -> pd.DataFrame:
        """Posterior draws on election day, fractions, one column per category."""
        kronikas: Any = importlib.import_module("kronikas")
        config = kronikas.ModelConfig(
            num_draws=self.draws_per_chain,
            num_tune=self.tune_per_chain,
            num_chains=self.chains,
            cores=self.cores,
            target_accept=self.target_accept,
            random_seed=int(rng.integers(2**31)),
            progressbar=False,
        )
        model = kronikas.ElectionForecast.from_dataframe(
            rows, evidence.vote_on.date(), today=evidence.as_of.date(), config=config
        )
        shares: pd.DataFrame = model.run().party_forecast_dataframe(day="election_day") / 100.0
        return shares.div(shares.sum(axis=1), axis=0)


def named_by(table: PollTable, smallest_share: float) -> NDArray[np.bool_]:
    """Who is a category of his or her own [C]: usually polled at this fraction or above."""
    return np.asarray(np.nan_to_num(pattern(table)) >= smallest_share)


def rows_of(table: PollTable, named: NDArray[np.bool_], vote_on: pd.Timestamp) -> pd.DataFrame:
    """The polls as kronikas reads them: one row each, the unnamed summed as "other".

    Respondents are those of :func:`bench.models.polls.poll_table.poll_table`, as for every other
    method: a rolling sample counts its new fieldwork days only.
    """
    share = whole_ballots(table)
    rows = pd.DataFrame(
        {
            "date": [vote_on - pd.Timedelta(days=float(d)) for d in table.days],
            "pollster": [table.institutes[k] for k in table.institute],
            "sample_size": np.maximum(1, np.round(table.respondents)).astype(int),
        }
    )
    for position in np.flatnonzero(named):
        rows[table.candidates[position]] = 100.0 * share[:, position]
    if not named.all():
        rows[OTHER] = 100.0 * share[:, ~named].sum(axis=1)
    return rows


def pyei_posterior(
    row_votes: FloatArray,
    column_votes: FloatArray,
    *,
    seed: int = SEED,
    chains: int = 1,
    tune: int = 1500,
    draws: int = 1000,
) -> FloatArray:
    """Posterior draws of the table, [S, R, K] in votes, by the package PyEI as it comes.

    Minutes and more than a gigabyte for one election of fifty units: a yardstick for a few
    tables, not a method for many. Sampling starts from `seed`, so that the answer is the same
    every time.

    Parameters
    ----------
    row_votes, column_votes : [U, R], [U, K] in votes, no unit empty.
    seed : of the sampler.
    chains, tune, draws : of the sampler, PyEI's defaults but for a single chain.

    Raises
    ------
    ConfigError
        If PyEI is not installed.

    References
    ----------
    Rosen, Jiang, King & Tanner (2001), doi:10.1111/1467-9574.00162 (the model);
    Knudson, Schoenbach & Becker (2021), PyEI, doi:10.21105/joss.03397.
    """
    if importlib.util.find_spec("pyei") is None:
        raise ConfigError(
            "the method 'pyei' needs the package PyEI, which is not installed; "
            "install it with: pip install 'pyei>=1.1.4,<2'"
        )
    size = row_votes.sum(axis=1, keepdims=True)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")  # of PyMC, JAX and numba at their imports
        model = importlib.import_module("pyei").RowByColumnEI(MODEL)
        model.fit(
            (row_votes / size).T,
            (column_votes / size).T,
            np.maximum(np.rint(size[:, 0]), 1).astype(np.int64),
            tune=tune,
            draws=draws,
            chains=chains,
            random_seed=seed,
            progressbar=False,
        )
    profile = np.asarray(model.sampled_voting_prefs, dtype=np.float64)  # [S, R, K]
    rows, columns = row_votes.sum(axis=0), column_votes.sum(axis=0)
    return scale_to_totals(profile * rows[:, None], rows, columns)


def pyei_profile(row_votes: FloatArray, column_votes: FloatArray) -> FloatArray:
    """Row profiles at the mean of the posterior, [R, K]."""
    table = pyei_posterior(row_votes, column_votes).mean(axis=0)
    return np.asarray(table / np.maximum(table.sum(axis=1, keepdims=True), 1e-300))
