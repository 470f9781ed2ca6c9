"""The scores of two rounds forecast as one."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from bench.core.errors import ForecastError, did_you_mean
from bench.metrics import ensemble as draws
from bench.metrics import probabilities
from bench.metrics.comparison.compare import paired_differences
from bench.metrics.score_forecast import ERROR_COLUMNS, NATIONAL
from bench.models.chain import Chain

BALLOT = "chain"


def score_chain(both: Chain, runoff: pd.Series) -> pd.DataFrame:
    """Score the pair, the election and the runoff given the pair, and all of it together.

    ``p_pair``, ``log_pair``, ``brier_pair`` (summed over pairs) and ``rank_pair`` (1: the most
    probable) judge the pair that qualified; ``p_elected``, ``log_elected`` and ``brier_elected``
    who won; ``runoff_signed_error`` and ``runoff_crps`` the winner's share in the draws that let
    the pair through (absent if none or one does). ``log_chain`` is `Chain.log_score`: the surprise
    at pair and share, in nats. ``energy_chain`` is the energy score of all runoff shares at once,
    0 for whoever is not in the runoff: every draw counts, whichever pair it lets through. Lower is
    better, of ``p_`` scores higher.
    Unit: probability (``p_``, ``brier_``), nats (``log_``), fraction of the valid votes
    (``runoff_``, ``energy_``).

    Parameters
    ----------
    both : Chain
        Joint draws of both rounds.
    runoff : pandas.Series
        Official shares of the two finalists, fractions of the valid votes.

    Returns
    -------
    pandas.DataFrame
        Columns as of `bench.metrics.score_forecast.score_forecast`; the ballot is ``chain``.

    Raises
    ------
    ForecastError
        If a finalist is not on the ballot of the first round.

    References
    ----------
    As `bench.metrics.probabilities.log_score`, `bench.metrics.probabilities.brier_score`,
    `bench.metrics.ensemble.crps` and `bench.metrics.ensemble.energy_score`, which these are.

    Examples
    --------
    Three draws of four let ash and birch through, and ash wins two of them; of the one runoff
    against cedar ash wins as well. ``-ln(3.5 / 5)`` and ``-ln(3.5 / 5)``:

    >>> both = Chain(
    ...     candidates=("ash", "birch", "cedar"), first=np.full((4, 3), 1 / 3),
    ...     pair=np.array([[0, 1], [0, 1], [0, 1], [0, 2]]), share=np.array([0.6, 0.6, 0.4, 0.7]),
    ... )
    >>> rows = score_chain(both, pd.Series({"ash": 0.55, "birch": 0.45})).set_index("metric")
    >>> rows.loc[["p_pair", "p_elected", "log_pair", "log_elected"], "value"].round(4).tolist()
    [0.75, 0.75, 0.3567, 0.3567]
    """
    for name in runoff.index:
        if name not in both.candidates:
            raise ForecastError(
                f"'{name}' is in the runoff but was not on the ballot before "
                f"({did_you_mean(str(name), both.candidates)})"
            )
    return pd.DataFrame(list(_rows(both, runoff)), columns=ERROR_COLUMNS)


def compare_chains(
    errors: pd.DataFrame, baseline: str, series: Mapping[str, str]
) -> list[dict[str, Any]]:
    """How much lower each predictor's log score of both rounds was than the baseline's.

    Parameters
    ----------
    errors : pandas.DataFrame
        Long error table with the rows of :func:`score_chain`.
    baseline : str
        The predictor to beat.
    series : mapping of str to str
        As of `bench.metrics.comparison.compare.compare`.

    Returns
    -------
    list of dict
        One per other predictor; none for a single election or without the baseline: `method`,
        `baseline`, `size` of the mean difference (nats), `is_lower` (which is better) or `tied`,
        `low` and `high` (its 95 % t interval; None where
        `bench.metrics.comparison.tests.has_interval` says no), `n` elections and in how many of
        them its score was `less`. The moments of one election are one value.

    References
    ----------
    As `bench.metrics.comparison.significance.mean_interval`.

    Examples
    --------
    Half a nat less in each of two elections, too few for an interval:

    >>> errors = pd.DataFrame({
    ...     "election": ["a", "a", "b", "b"], "predictor": ["mine", "base"] * 2,
    ...     "value": [0.5, 1.0, 0.7, 1.2], "as_of": "t", "ballot": "chain", "metric": "log_chain"})
    >>> one, = compare_chains(errors, "base", {})
    >>> one["is_lower"], round(one["size"], 6), one["less"], one["n"], one["low"]
    (True, 0.5, 2, 2, None)
    """
    rows = errors[(errors["ballot"] == BALLOT) & (errors["metric"] == "log_chain")]
    loss = rows.pivot_table(index=["election", "as_of"], columns="predictor", values="value")
    if baseline not in loss:
        return []
    table = paired_differences(loss, baseline, series)
    return [
        {
            "method": row["predictor"],
            "baseline": baseline,
            "size": abs(row["difference"]),
            "is_lower": row["difference"] < 0,
            "tied": round(abs(row["difference"]), 2) == 0,
            "low": None if np.isnan(row["low"]) else row["low"],
            "high": None if np.isnan(row["high"]) else row["high"],
            "n": row["elections"],
            "less": row["better_in"],
        }
        for row in table[table["elections"] > 1].to_dict("records")
    ]


def _rows(both: Chain, runoff: pd.Series) -> Iterator[tuple[str, str, str, str, float]]:
    n_draws = len(both.share)
    pair = tuple(sorted(map(str, runoff.index), key=both.candidates.index))
    elected = str(runoff.idxmax())
    table = both.pairs()
    came = ((table["first"] == pair[0]) & (table["second"] == pair[1])).to_numpy()
    chance = table["probability"].to_numpy(dtype=float)
    p_pair = float(chance[came].sum())
    won = both.elected()
    happened = (won.index == elected).astype(float)
    shares = both.runoff_shares()
    share = both.shares_of_pair(pair[0], pair[1])
    log_chain = both.log_score((pair[0], pair[1]), float(runoff[pair[0]]))
    log_pair, log_elected = probabilities.log_score([p_pair, won[elected]], [1, 1], n_draws=n_draws)
    summary = {
        "p_pair": p_pair,
        "rank_pair": 1.0 + float((chance > p_pair).sum()),
        "log_pair": log_pair,
        "brier_pair": np.square(chance - came).sum() + (0.0 if came.any() else 1.0),
        "p_elected": won[elected],
        "log_elected": log_elected,
        "brier_elected": probabilities.brier_score(won.to_numpy(), happened).mean(),
        "log_chain": log_chain,
        "energy_chain": draws.energy_score(
            shares, runoff.reindex(list(both.candidates)).fillna(0.0)
        ),
    }
    for score, value in summary.items():
        yield (NATIONAL, BALLOT, "", score, float(value))
    if len(share) > 1:
        share = share if elected == pair[0] else 1.0 - share
        official = float(runoff[elected])
        crps = draws.crps(share[:, None], [official])[0]
        yield (NATIONAL, BALLOT, elected, "runoff_signed_error", float(share.mean() - official))
        yield (NATIONAL, BALLOT, elected, "runoff_crps", float(crps))
