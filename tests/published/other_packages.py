"""Comparisons with other software, on random forecasts."""

import contextlib
import io
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from scipy import stats

from bench.core.arrays import FloatArray
from bench.metrics.ensemble import (
    LEVELS,
    central_interval,
    crps,
    energy_score,
    quantiles,
    weighted_interval_score,
)
from bench.models.raking import fit_table
from tests.published.figure import Figure

_TOLERANCE = 1e-10
_SEED = 20170423
_WIS_REASON = (
    "scoringrules 0.10.0 adds w_median * median where Bracher et al. 2021 (and its own "
    "documentation) have w_median * |observation - median|; with that distance handed in as "
    "its median the two agree"
)


def figures() -> list[Figure]:
    """List the largest differences between our scores and those of other packages."""
    return [
        Figure(
            "CRPS of a standard normal at its mean",
            "0.2337",
            "(sqrt 2 - 1) / sqrt pi; Gneiting & Raftery 2007, doi:10.1198/016214506000001437",
            _normal_crps,
        ),
        _compared("CRPS, fair", partial(_crps, True)),
        _compared("CRPS, ensemble", partial(_crps, False)),
        _compared("energy score, fair", partial(_energy, True)),
        _compared("energy score, ensemble", partial(_energy, False)),
        _compared("raking, three dimensions", _raking, package="ipfn", tolerance=1e-8),
        replace(
            _compared("weighted interval score", partial(_wis, False)),
            because=_WIS_REASON,
        ),
        _compared("weighted interval score, distance handed in", partial(_wis, True)),
    ]


def _compared(
    what: str,
    compute: Callable[[], float],
    *,
    package: str = "scoringrules",
    tolerance: float = _TOLERANCE,
) -> Figure:
    return Figure(f"{what}: largest difference", "0", package, compute, tolerance)


def _forecast() -> tuple[FloatArray, FloatArray]:
    rng = np.random.default_rng(_SEED)
    shape = np.array([24.0, 21.0, 20.0, 20.0, 6.0, 5.0, 4.0])
    return rng.dirichlet(shape, size=400), rng.dirichlet(shape)


def _normal_crps() -> float:
    n = 20_000
    midpoints = stats.norm.ppf((np.arange(n) + 0.5) / n)
    return float(crps(midpoints[:, None], [0.0], fair=False)[0])


def _crps(fair: bool) -> float:
    import scoringrules

    draws, outcome = _forecast()
    kind = "fair" if fair else "nrg"
    theirs = scoringrules.crps_ensemble(outcome, draws.T, estimator=kind, backend="numpy")
    return _largest(crps(draws, outcome, fair=fair) - theirs)


def _energy(fair: bool) -> float:
    import scoringrules

    draws, outcome = _forecast()
    theirs = scoringrules.es_ensemble(
        outcome, draws, estimator="fair" if fair else "nrg", backend="numpy"
    )
    return _largest(energy_score(draws, outcome, fair=fair) - theirs)


def _wis(distance_as_median: bool) -> float:
    import scoringrules

    draws, outcome = _forecast()
    median = quantiles(draws, [0.5])[0]
    bounds = np.array([central_interval(draws, level) for level in LEVELS])  # [K, 2, C]
    theirs = scoringrules.weighted_interval_score(
        outcome,
        np.abs(outcome - median) if distance_as_median else median,
        bounds[:, 0].T,
        bounds[:, 1].T,
        1 - np.array(LEVELS),
        backend="numpy",
    )
    return _largest(weighted_interval_score(draws, outcome) - theirs)


def _raking() -> float:
    from ipfn import ipfn

    rng = np.random.default_rng(_SEED)
    table, target = rng.gamma(1.0, size=(4, 3, 5)), rng.gamma(1.0, size=(4, 3, 5))
    axes: list[tuple[int, ...]] = [(0,), (1, 2)]
    margins = [target.sum(axis=(1, 2)), target.sum(axis=0)]
    algorithm = ipfn.ipfn(
        table.copy(),
        margins,
        [list(kept) for kept in axes],
        convergence_rate=1e-14,
        rate_tolerance=1e-16,
    )
    with contextlib.redirect_stdout(io.StringIO()):
        theirs = algorithm.iteration()
    return _largest(fit_table(table, list(zip(axes, margins, strict=True))) - theirs)


def _largest(difference: FloatArray | float) -> float:
    return float(np.abs(difference).max())
