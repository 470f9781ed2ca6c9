"""This file holds an adapter of PyEI, whose multinomial-Dirichlet model PyMC samples."""

import contextlib
import importlib
import importlib.util
import io
import warnings

import numpy as np

from bench.core.errors import ConfigError
from bench.models.ecological_inference.margins import scale_to_totals
from bench.models.ecological_inference.types import Floats

SEED = 2017
MODEL = "multinomial-dirichlet"


def pyei_posterior(
    row_votes: Floats,
    column_votes: Floats,
    *,
    seed: int = SEED,
    chains: int = 1,
    tune: int = 1500,
    draws: int = 1000,
) -> Floats:
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
            "install it with: pip install 'election-bench[pyei]'"
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


def pyei_profile(row_votes: Floats, column_votes: Floats) -> Floats:
    """Row profiles at the mean of the posterior, [R, K]."""
    table = pyei_posterior(row_votes, column_votes).mean(axis=0)
    return np.asarray(table / np.maximum(table.sum(axis=1, keepdims=True), 1e-300))
