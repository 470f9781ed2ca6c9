"""How often tests and intervals over few elections err: the table of `docs/inference.md`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.metrics.comparison.ratios import LEVEL
from bench.metrics.comparison.significance import (
    SERIAL,
    innovations,
    mean_interval,
    model_confidence_set,
    serial_correlation,
    sign_flip_test,
)
from bench.metrics.comparison.tests import SIZE

PAGE = Path(__file__).resolve().parents[1] / "docs" / "inference.md"
MARKERS = r"(<!-- size -->\n).*?(\n<!-- /size -->)"
ELECTIONS = (5, 6, 10, 20, 50)
SERIES = {"serial .4": 0.4, "serial .6": 0.6}  # correlation of consecutive elections
WORLDS = ("normal", "heteroscedastic", "t3", "skewed", *SERIES)
# how elections are taken: by themselves, or as one series
TAKEN = {
    "apart": WORLDS,
    "series": ("normal", *SERIES),
}
METHODS = 5
WORSE_BY = 1.0  # standard deviations of a method's own error, for the power
QUANTITIES = {
    "baseline": "tests against the baseline: any of 4 rejected, nominal .05",
    "pairs": "tests of all pairs: any of 10 rejected, nominal .05",
    "set": "model confidence set drops one of 5 equal methods, nominal .10",
    "ratio": "95 % interval of a ratio holds the truth",
    "mean": "95 % interval of a mean holds the truth",
    "power": "test against the baseline finds a method worse by 1 SD",
}


def errors_of(world: str, n: int, rng: np.random.Generator) -> FloatArray:
    """Log losses [n, METHODS] of equally good methods over n elections, each with mean 0.

    The elections of `heteroscedastic` differ in how far all methods err (a factor with a gamma
    distribution of shape 2); in `skewed` every second method errs little as a rule and badly at
    times, the others the other way round (exponential), so that turned signs are not as likely;
    in those of `SERIES` each method's errors are a stationary normal AR(1) process.

    Examples
    --------
    >>> errors_of("t3", 6, np.random.default_rng(1)).shape
    (6, 5)
    """
    shape = (n, METHODS)
    if world == "t3":
        return np.asarray(rng.standard_t(3, shape))
    if world == "skewed":
        return np.asarray((rng.exponential(size=shape) - 1) * np.resize([1, -1], METHODS))
    scale = rng.gamma(2.0, 1.0, (n, 1)) if world == "heteroscedastic" else 1.0
    loss = rng.standard_normal(shape) * scale
    rho = SERIES.get(world, 0.0)
    for k in range(1, n if rho else 0):
        loss[k] = rho * loss[k - 1] + np.sqrt(1 - rho**2) * loss[k]
    return np.asarray(loss)


def _in_series(n: int, rho: float) -> FloatArray:
    """Correlation [n, n] of elections that follow each other."""
    return serial_correlation([""] * n, list(pd.date_range("2000", periods=n)), rho=rho)


def size_table(
    n_replications: int, seed: int, elections: Sequence[int] = ELECTIONS
) -> pd.DataFrame:
    """Fractions of simulated comparisons, a column each: a row per n, way of `TAKEN` and world.

    Parameters
    ----------
    n_replications : int
        Per row; the standard error of a fraction p is sqrt(p (1 - p) / n_replications).
    seed : int
    elections : sequence of int

    Examples
    --------
    Five elections cannot reach 5 %:

    >>> size_table(20, 1, [5])["baseline"].tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    one, other = np.triu_indices(METHODS, k=1)
    rows = []
    for n in elections:
        for taken, world in [(way, one) for way, worlds in TAKEN.items() for one in worlds]:
            of = _in_series(n, SERIAL if taken == "series" else 0.0)
            rng = np.random.default_rng([seed, n, WORLDS.index(world)])
            seen = dict.fromkeys(QUANTITIES, 0)
            for _ in range(n_replications):
                loss = errors_of(world, n, rng)
                beside = loss[:, 1:] - loss[:, :1]
                tested = innovations(loss[:, :, None] - loss[:, None], of)
                p = sign_flip_test(tested[:, 1:, 0], rng)
                seen["baseline"] += int((p <= LEVEL).any())
                seen["pairs"] += int((sign_flip_test(tested[:, one, other], rng) <= LEVEL).any())
                kept = model_confidence_set(tested, rng, size=SIZE).included
                seen["set"] += int(not kept.all())
                seen["ratio"] += _holds(beside[:, :1], of)
                seen["mean"] += _holds(loss[:, :1], np.eye(n))
                worse = beside + np.array([WORSE_BY * _spread(world), 0.0, 0.0, 0.0])
                seen["power"] += int(sign_flip_test(innovations(worse, of), rng)[0] <= LEVEL)
            fractions = {name: count / n_replications for name, count in seen.items()}
            rows.append({"elections": n, "taken": taken, "world": world, **fractions})
    return pd.DataFrame(rows)


def _holds(values: FloatArray, correlation: FloatArray) -> int:
    low, high = mean_interval(values, level=1 - LEVEL, correlation=correlation)
    return int(low[0] <= 0 <= high[0])


def _spread(world: str) -> float:
    """Standard deviation of one error; of a gamma factor of shape 2 the mean square is 6."""
    return {"t3": 3**0.5, "heteroscedastic": 6**0.5}.get(world, 1.0)


def as_markdown(table: pd.DataFrame) -> str:
    """The table of the page.

    Examples
    --------
    >>> row = {"elections": 5, "taken": "apart", "world": "t3"} | dict.fromkeys(QUANTITIES, 0.05)
    >>> as_markdown(pd.DataFrame([row])).splitlines()[-1]
    '| 5 | apart | t3 | .050 | .050 | .050 | .050 | .050 | .050 |'
    """
    heads = ["elections", "taken", "errors", *QUANTITIES.values()]
    lines = ["| " + " | ".join(heads) + " |", "| ---: | --- | --- |" + " ---: |" * len(QUANTITIES)]
    for row in table.to_dict("records"):
        cells = [f"{row[name]:.3f}".removeprefix("0") for name in QUANTITIES]
        keys = [str(row["elections"]), row["taken"], row["world"]]
        lines.append("| " + " | ".join([*keys, *cells]) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    block = as_markdown(size_table(1000, 2017))
    PAGE.write_text(
        re.sub(MARKERS, lambda found: found[1] + block + found[2], text, flags=re.DOTALL),
        encoding="utf-8",
    )
