"""One row per predictor, ranked only against its equals."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bench.report.context import RunFacts
from bench.studies.backtest import selection as cells

SAME_SHARE = 0.002  # fraction of the valid votes
PRIVATE = "evidence compiled or published later, counted from when somebody could have had it"
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
    equals the mean absolute error, so both kinds share one order. Rows whose CRPS differ from the
    best of their rank by no more than two Monte-Carlo standard errors of the difference share it.
    Methods with one national forecast (`same_as`) count as one. Replicates are averaged last.

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
        rank, tied, block (ranked | partial | none), predictor, same_as, family, mae_pp, rmse_pp,
        largest_error_pp, largest_error_on, crps_pp, crps_mc_error_pp, has_spread, coverage_90,
        first_named, first_right, pair_named, pair_right, p_pair, skill, and on the whole ballot
        rank_full, tied_full, mae_full_pp, crps_full_pp, gaps_filled; named, n_candidates,
        evidence_age_days (from the newest row that it read to the vote), missing, status, notes.

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
    shares = cells.national(cells.one_cell(forecasts, facts))
    table = _scored(wrong, shares, methods, facts, ballot)
    whole = table if ballot == "full" else _scored(wrong, shares, methods, facts, "full")
    whole = whole.set_index("predictor").reindex(table["predictor"]).reset_index()
    answered = table["block"].ne("none")
    filled = answered & whole["block"].eq("partial")
    table["rank_full"], table["tied_full"] = whole["rank"], whole["tied"].eq(True)
    table["mae_full_pp"], table["crps_full_pp"] = whole["mae_pp"], whole["crps_pp"]
    table["gaps_filled"] = filled & whole["mae_pp"].notna()
    table["p_pair"] = table["predictor"].map(pairs).astype(float).where(table["has_odds"])
    table["skill"] = _skill(table, facts.reference)
    last = ["named", "n_candidates", "evidence_age_days", "missing", "status", "notes"]
    table = table.drop(columns="has_odds")
    return table[[*(c for c in table if c not in last), *last]]


def _scored(
    wrong: pd.DataFrame, shares: pd.DataFrame, methods: pd.DataFrame, facts: RunFacts, ballot: str
) -> pd.DataFrame:
    """Rows of one ballot, sorted and ranked."""
    wrong = wrong[wrong["ballot"].eq(ballot)]
    ballot_candidates = sorted(set(wrong["candidate"].dropna()) - {""})
    wrong_of: dict[Any, pd.DataFrame] = dict(iter(wrong.groupby("predictor")))
    shares_of: dict[Any, pd.DataFrame] = dict(iter(shares.groupby("predictor")))
    rows = []
    for method in methods.to_dict("records"):
        name = method["predictor"]
        mine = (wrong_of.get(name, wrong.iloc[:0]), shares_of.get(name, shares.iloc[:0]))
        rows.append(_row(method, *mine, ballot_candidates, facts, ballot))
    table = pd.DataFrame(rows)
    level_of = dict(zip(methods["predictor"], methods.get("level_of", ""), strict=False))
    table.insert(2, "same_as", _same_as(table, shares, level_of))
    # a group with one national forecast stands where its first member does
    lead = table["same_as"].where(table["same_as"].ne(""), table["predictor"])
    of_lead = table.set_index("predictor")[["block", "crps_pp", "mae_pp"]].loc[lead]
    table["_block"] = of_lead["block"].map(LADDER).to_numpy()
    table["_crps"], table["_mae"] = of_lead["crps_pp"].to_numpy(), of_lead["mae_pp"].to_numpy()
    table["_lead"], table["_second"] = lead, table["same_as"].ne("")
    order = ["_block", "_crps", "_mae", "_lead", "_second", "predictor"]
    table = table.sort_values(order, ignore_index=True)
    table.insert(0, "rank", _ranks(table))
    places = table.loc[table["same_as"].eq(""), "rank"]
    table.insert(1, "tied", table["rank"].isin(places[places.duplicated()]))
    return table.drop(columns=order[:-1])


def _ranks(table: pd.DataFrame) -> pd.Series:
    """Ranks of sorted rows; within two standard errors of the best of a rank it is shared."""
    ranks: dict[str, int] = {}
    best = (math.nan, 0.0)
    first = table[table["block"].eq("ranked") & table["same_as"].eq("")]
    columns = ("predictor", "crps_pp", "crps_mc_error_pp")
    for place, (name, crps, error) in enumerate(zip(*(first[c] for c in columns), strict=True), 1):
        if not crps - best[0] <= max(1e-10, 2 * math.hypot(error, best[1])):
            best, rank = (crps, error), place
        ranks[name] = rank
    lead = table["same_as"].where(table["same_as"].ne(""), table["predictor"])
    return lead.map(ranks).where(table["block"].eq("ranked")).astype("Int64")


def _same_as(table: pd.DataFrame, shares: pd.DataFrame, level_of: Mapping[str, str]) -> pd.Series:
    """For each row the first method with the same national forecast; empty if it is the first.

    The same are equal shares and spreads; and those of a method that says whose level it takes
    over (`Predictor.level_of`), if both agree to a fifth of a point: a map cut at 0 moves a little.
    """
    of = shares.pivot_table(index="predictor", columns="candidate", values="share", dropna=False)
    found: dict[str, str] = {}
    heads: list[dict[Any, Any]] = []
    for row in table.to_dict("records"):
        name = row["predictor"]
        if row["block"] == "none" or name not in of.index:
            continue
        mine = level_of.get(name) or name
        for head in heads:
            other = head["predictor"]
            told = mine == (level_of.get(other) or other)
            near = SAME_SHARE if told else 1e-9
            alike = np.isclose(of.loc[name], of.loc[other], rtol=0, atol=near, equal_nan=True).all()
            same = all(row[key] == head[key] for key in ("has_spread", "named"))
            if same and alike and abs(row["crps_pp"] - head["crps_pp"]) <= 100 * near:
                found[name] = other
                break
        else:
            heads.append(row)
    return table["predictor"].map(lambda name: found.get(name, ""))


def one_row_each(table: pd.DataFrame) -> pd.DataFrame:
    """Rows as people see them: methods with one national forecast share a row.

    Parameters
    ----------
    table
        From `headline`.

    Returns
    -------
    DataFrame
        First methods only, with `also` (tuple of str): the others of the row.
    """
    others = table[table["same_as"].ne("")].groupby("same_as")["predictor"].agg(tuple)
    shown = table[table["same_as"].eq("")]
    return shown.assign(also=[others.get(name, ()) for name in shown["predictor"]])


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
        "crps_mc_error_pp": _monte_carlo(scored) if answered else np.nan,
        "has_spread": answered and _has_spread(mine[mine["candidate"].isin(ballot_candidates)]),
        "coverage_90": _mean(scored, cells.INSIDE_90) if answered else np.nan,
        **_events(mine, facts, answered),
        "p_pair": np.nan,
        "skill": np.nan,
        "has_odds": answered and _has_odds(mine),
        "named": len(named) if answered else 0,
        "n_candidates": len(facts.outcome),
        "evidence_age_days": age_days(method, facts) if answered else np.nan,
        "missing": ", ".join(facts.short(c) for c in missing) if answered else "",
        "status": method["status"],
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


def _has_spread(mine: pd.DataFrame) -> bool:
    """Whether the forecast has intervals."""
    return {"q05", "q95"} <= set(mine.columns) and len(mine.dropna(subset=["q05", "q95"])) > 0


def _mean(scored: pd.DataFrame, score: str) -> float:
    """Mean of a score over candidates and replicates; NaN where it was not taken."""
    return float(scored.loc[scored["score"].eq(score), "value"].mean())


def _monte_carlo(scored: pd.DataFrame) -> float:
    """Monte-Carlo standard error of the mean CRPS, points; NaN where nobody computed it."""
    each = scored.loc[scored["score"].eq(cells.CRPS_MC_ERROR), "value"]
    # of the mean over replicates, which draw independently
    return 100 * float(np.sqrt((each**2).sum()) / len(each)) if len(each) else math.nan


def age_days(method: Mapping[Any, Any], facts: RunFacts) -> float:
    """Days from the newest row that the method read to the vote; NaN where it read none."""
    newest = method.get("newest_row_on", "")
    if pd.isna(newest) or not newest:
        return math.nan
    return float((facts.vote_on.normalize() - pd.Timestamp(newest).normalize()).days)


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
        parts.append(f"converted: {method['converted']}" if named else method["converted"])
    if method["access"] == "owner":
        parts.append(PRIVATE)
    return "; ".join(parts)
