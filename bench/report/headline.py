"""One row per predictor, ranked only against its equals: this file holds `headline`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bench.report import cells
from bench.report.facts import RunFacts

LADDER = {"ranked": 0, "partial": 1, "none": 2}


def headline(
    errors: pd.DataFrame,
    forecasts: pd.DataFrame,
    methods: pd.DataFrame,
    facts: RunFacts,
    *,
    ballot: str = "common",
) -> pd.DataFrame:
    """Build the headline table from the long tables.

    A predictor is ranked if it names every candidate of the ballot; the others follow unranked,
    scored on the candidates they do name. Rows are sorted by CRPS; for a point forecast the CRPS
    equals the mean absolute error, so both kinds share one order. Replicates are averaged last.

    Parameters
    ----------
    errors, forecasts, methods
        Long tables; shares and errors are fractions.
    facts
        The run; its date, scenario and dose choose the rows.
    ballot
        ``"common"`` or ``"full"``.

    Returns
    -------
    DataFrame
        rank, block (ranked | partial | none), predictor, family, mae_pp, rmse_pp,
        largest_error_pp, largest_error_on, crps_pp, has_spread, coverage_90, first_named,
        first_right, pair_named, pair_right, p_pair, skill, named, n_candidates, missing, notes.

    Raises
    ------
    DataError
        If a column is missing or no row belongs to `facts`.
    """
    cells.require(errors, cells.ERRORS, "errors")
    cells.require(forecasts, cells.FORECASTS, "forecasts")
    cells.require(methods, cells.METHODS, "methods")
    wrong = cells.national(cells.one_cell(errors, facts))
    # the probability of the pair belongs to the forecast, not to a ballot
    pairs = wrong[wrong["score"].eq(cells.P_PAIR)].groupby("predictor")["value"].mean()
    wrong = wrong[wrong["ballot"].eq(ballot)]
    shares = cells.national(cells.one_cell(forecasts, facts))
    ballot_candidates = sorted(set(wrong["candidate"].dropna()) - {""})

    wrong_of: dict[Any, pd.DataFrame] = dict(iter(wrong.groupby("predictor")))
    shares_of: dict[Any, pd.DataFrame] = dict(iter(shares.groupby("predictor")))
    rows = []
    for method in methods.to_dict("records"):
        name = method["predictor"]
        mine = (wrong_of.get(name, wrong.iloc[:0]), shares_of.get(name, shares.iloc[:0]))
        rows.append(_row(method, *mine, ballot_candidates, facts, ballot))
    table = pd.DataFrame(rows)
    table["p_pair"] = table["predictor"].map(pairs).astype(float).where(table["has_odds"])
    table["skill"] = _skill(table, facts.reference)
    table["_block"] = table["block"].map(LADDER)
    table = table.sort_values(["_block", "crps_pp", "mae_pp", "predictor"], ignore_index=True)
    ranked = table["block"].eq("ranked")
    rank = table["crps_pp"].round(12).where(ranked).rank(method="min")
    table.insert(0, "rank", rank.astype("Int64"))
    return table.drop(columns=["_block", "has_odds"])


def best_of_families(table: pd.DataFrame, limit: int = 6, *, spread: bool = False) -> list[str]:
    """Best ranked predictor of each family, in the order of the table.

    Parameters
    ----------
    table
        From `headline`.
    limit
        How many at most.
    spread
        Only forecasts with draws or quantiles.
    """
    ranked = table[table["block"].eq("ranked")]
    if spread:
        ranked = ranked[ranked["has_spread"].astype(bool)]
    return [str(name) for name in ranked.drop_duplicates("family")["predictor"][:limit]]


def _row(
    method: Mapping[Any, Any],
    wrong: pd.DataFrame,
    shares: pd.DataFrame,
    ballot_candidates: list[str],
    facts: RunFacts,
    ballot: str,
) -> dict[str, Any]:
    name = method["predictor"]
    mine = shares[~shares["filled"].astype(bool)]
    mine = mine[mine["share"].notna()]
    named = sorted(set(mine["candidate"]))
    missing = [c for c in ballot_candidates if c not in named]
    # the full ballot is scored with its gaps filled, so there the gaps stay in the score
    scored = wrong if ballot == "full" else wrong[wrong["candidate"].isin(["", *named])]
    answered = method["status"] == "ok" and bool(named)
    block = "none" if not answered else "partial" if missing else "ranked"
    sizes = _sizes(scored) if answered else {}
    return {
        "block": block,
        "predictor": name,
        "family": method["family"],
        **{key: sizes.get(key, np.nan) for key in ("mae_pp", "rmse_pp", "largest_error_pp")},
        "largest_error_on": sizes.get("largest_error_on", ""),
        "crps_pp": sizes.get("crps_pp", np.nan),
        **_spread(mine[mine["candidate"].isin(ballot_candidates)], facts),
        **_events(mine, facts, answered),
        "p_pair": np.nan,
        "has_odds": answered and _has_odds(mine),
        "named": len(named) if answered else 0,
        "n_candidates": len(facts.outcome),
        "missing": ", ".join(facts.short(c) for c in missing) if answered else "",
        "notes": _notes(method, bool(named)),
    }


def _sizes(scored: pd.DataFrame) -> dict[str, Any]:
    """Mean, root mean square and largest absolute error, and CRPS, in percentage points."""
    signed = scored[scored["score"].eq(cells.SIGNED_ERROR)].dropna(subset="value")
    if signed.empty:
        return {}
    size_pp = 100 * signed["value"].abs()
    each = size_pp.groupby(signed["replicate"])
    crps = scored[scored["score"].eq(cells.CRPS) & scored["candidate"].ne("")]
    crps = crps.dropna(subset=["value", "candidate"])
    mae_pp = float(each.mean().mean())
    per_candidate = size_pp.groupby(signed["candidate"]).mean()
    return {
        "mae_pp": mae_pp,
        "rmse_pp": float(np.sqrt((size_pp**2).groupby(signed["replicate"]).mean()).mean()),
        "largest_error_pp": float(each.max().mean()),
        "largest_error_on": str(per_candidate.idxmax()),
        "crps_pp": mae_pp if crps.empty else 100 * float(crps["value"].mean()),
    }


def _spread(mine: pd.DataFrame, facts: RunFacts) -> dict[str, Any]:
    """Share of candidates whose outcome lies in the 90% interval of the forecast."""
    if mine.empty or not {"q05", "q95"} <= set(mine.columns):
        return {"has_spread": False, "coverage_90": np.nan}
    held = mine.dropna(subset=["q05", "q95"])
    if held.empty:
        return {"has_spread": False, "coverage_90": np.nan}
    outcome = held["candidate"].map(facts.outcome)
    inside = outcome.between(held["q05"], held["q95"])
    return {"has_spread": True, "coverage_90": float(inside.mean())}


def _events(mine: pd.DataFrame, facts: RunFacts, answered: bool) -> dict[str, Any]:
    """First place and the pair, as named by the forecast shares."""
    if not answered:
        return {"first_named": "", "first_right": None, "pair_named": "", "pair_right": None}
    share = mine.groupby("candidate")["share"].mean().sort_values(ascending=False, kind="stable")
    top = [str(c) for c in share.index[: facts.seats]]
    # equal shares name nobody: `uniform` must not be right by the alphabet
    first_tied = len(share) > 1 and np.isclose(share.iloc[0], share.iloc[1], rtol=0, atol=1e-12)
    cut_tied = len(share) > facts.seats and np.isclose(
        share.iloc[facts.seats - 1], share.iloc[facts.seats], rtol=0, atol=1e-12
    )
    winner = facts.by_votes[0]
    return {
        "first_named": "" if first_tied else top[0],
        "first_right": bool(not first_tied and top[0] == winner),
        "pair_named": "" if cut_tied else " ".join(top),
        "pair_right": bool(not cut_tied and set(top) == set(facts.qualifiers)),
    }


def _has_odds(mine: pd.DataFrame) -> bool:
    """Whether the forecast states probabilities, instead of the 0 and 1 of a point forecast."""
    columns = [c for c in ("q05", "p_qualify") if c in mine.columns]
    return bool(mine[columns].notna().any().any())


def _skill(table: pd.DataFrame, reference: str) -> pd.Series:
    """1 - CRPS / CRPS of the reference, among the ranked only: equal candidates on both sides."""
    ranked = table["block"].eq("ranked")
    base = table.loc[ranked & table["predictor"].eq(reference), "crps_pp"]
    if base.empty or not float(base.iloc[0]) > 0:
        return pd.Series(np.nan, index=table.index)
    return (1 - table["crps_pp"] / float(base.iloc[0])).where(ranked)


def _notes(method: Mapping[Any, Any], named: bool) -> str:
    parts = []
    if method["status"] != "ok":
        message = method.get("message")
        message = message.strip() if isinstance(message, str) else ""
        parts.append(method["status"] + (f": {message}" if message else ""))
    elif not named:
        parts.append("gives no vote shares")
    if isinstance(method["converted"], str) and method["converted"]:
        parts.append(f"converted: {method['converted']}")
    if method["access"] == "owner":
        parts.append("owner's evidence, not public at the time")
    return "; ".join(parts)
