"""The facts of what a backtest found: who came closest, how chances scored, what was public."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from bench.report.context import ReportContext
from bench.report.formatting import format_value
from bench.report.text import Text
from bench.studies.backtest.headline import Vote, ranked_once

MAX_NAMES = 3  # of methods in one sentence
NEAR_PP = 0.05  # within which nobody came closer
text = Text("backtest")


def context_facts(context: ReportContext) -> dict[str, Any]:
    """One vote at the moment that is shown, for every text about it."""
    return {
        "title": context.title,
        "election": context.name,
        "round": context.round_words,
        "vote_on": context.vote_on,
        "is_eve": context.as_of == context.vote_on.normalize(),
        "cut": context.cut,
        "n_advance": context.n_advance,
        "elected": [context.name_of(name) for name in context.qualifiers],
        "winner": context.name_of(context.by_votes[0]),
        "n_candidates": len(context.outcome),
        "least_polled": context.least_polled,
        "reference": context.reference,
        "is_audited": bool(context.audit),
        "n_polls": context.n_polls,
        "n_polls_by_rule": context.n_polls_by_rule,
        "n_questions": context.n_questions,
    }


def vote_facts(vote: Vote) -> dict[str, Any]:
    """The same with the days to the vote and the candidates who are compared."""
    return {
        **context_facts(vote.context),
        "days": vote.days[vote.context.as_of],
        "compared": [vote.context.surnames[name] for name in vote.compared],
    }


def with_and_without(
    table: pd.DataFrame, beside: Mapping[str, str], by_area: pd.Series
) -> list[dict[str, Any]]:
    """Errors of methods that add something to another, and of those that do without.

    Parameters
    ----------
    table
        From `bench.studies.backtest.headline.headline`, one moment and ballot.
    beside
        The method without, by the method with.
    by_area
        Mean absolute errors over areas in percentage points, by method.

    Returns
    -------
    list of dict
        `method`, `without`, `error`, `error_without`, `is_same` (one national forecast: what is
        added moves areas alone), and `area_error` and `area_error_without`, None if either has no
        areas. Pairs of which one is not compared are left out.
    """
    rows = table[table["block"].eq("ranked")].set_index("predictor")
    lead = rows["same_as"].where(rows["same_as"].ne(""), rows.index.to_series())
    found = []
    for method, without in beside.items():
        if method in rows.index and without in rows.index:
            areas = [by_area.get(name) for name in (method, without)]
            has_areas = None not in areas
            found.append(
                {
                    "method": method,
                    "without": without,
                    "error": float(rows["mae_pp"][method]),
                    "error_without": float(rows["mae_pp"][without]),
                    "is_same": bool(lead[method] == lead[without]),
                    "area_error": areas[0] if has_areas else None,
                    "area_error_without": areas[1] if has_areas else None,
                }
            )
    return found


def headline_facts(table: pd.DataFrame, vote: Vote) -> dict[str, Any]:
    """Who came closest, on what, and who named the first place.

    Parameters
    ----------
    table
        From `bench.studies.backtest.headline.headline`, one moment and ballot.
    vote
        At that moment.
    """
    answered = table[~table["block"].isin(["outside", "none"])]
    out = table[table["block"].eq("outside")]
    return {
        **vote_facts(vote),
        **closest_facts(table, vote),
        "n_methods": len(table),
        "n_ranked": int(table["block"].eq("ranked").sum()),
        "n_answered": len(answered),
        "n_first": int(answered["first_right"].astype(bool).sum()),
        "n_pair": int(answered["pair_right"].astype(bool).sum()),
        "outside": dict(zip(out["predictor"], out["notes"], strict=True)),
    }


def closest_facts(table: pd.DataFrame, vote: Vote) -> dict[str, Any]:
    """Who came closest of the ranked, and what has to stand beside it.

    Methods within a twentieth of a point of the best share the claim: nobody sees the difference.
    Beside it: who did on the whole ballot where fewer candidates are compared, the baseline where
    it did not, and who did by CRPS where that is another.
    """
    ranked = ranked_once(table).sort_values("mae_pp", kind="stable")
    if ranked.empty:
        return {"n_closest": 0}
    low = float(ranked["mae_pp"].iloc[0])
    near = ranked[ranked["mae_pp"].le(low + NEAR_PP)]
    high, names = float(near["mae_pp"].iloc[-1]), list(near["predictor"])
    whole = ranked[ranked["mae_all_pp"].notna() & ~ranked["gaps_filled"].astype(bool)]
    whole = whole.sort_values("mae_all_pp", kind="stable") if vote.compared else whole.iloc[:0]
    base = ranked.loc[ranked["predictor"].eq(vote.context.reference), "mae_pp"]
    base = base[base.gt(low + NEAR_PP)]
    spread = str(ranked.sort_values("crps_pp", kind="stable")["predictor"].iloc[0])
    return {
        "n_closest": len(names),
        "closest": names if len(names) <= MAX_NAMES else [],
        "first": names[0],
        "low": low,
        "high": None if f"{low:.1f}" == f"{high:.1f}" else high,
        "whole": str(whole["predictor"].iloc[0]) if len(whole) else "",
        "whole_error": float(whole["mae_all_pp"].iloc[0]) if len(whole) else None,
        "baseline_error": float(base.iloc[0]) if len(base) else None,
        "by_crps": "" if spread in names else spread,
    }


def claim(table: pd.DataFrame, vote: Vote) -> str:
    """Who came closest of the ranked, by how much they were off, and on which candidates."""
    return text("claim", **vote_facts(vote), **closest_facts(table, vote))


def over_dates_facts(table: pd.DataFrame, vote: Vote) -> dict[str, Any]:
    """How far off the method that came closest in the end was on the first of many dates.

    Parameters
    ----------
    table
        From `bench.studies.backtest.headline.headline`, every moment and ballot.
    vote
        With several dates.
    """
    mine = closest_in_the_end(table, vote)
    if mine.empty or len(vote.dates) < 2:
        return {}
    first, last = mine.iloc[0], mine[mine["as_of"].eq(vote.context.as_of)].iloc[0]
    return {
        "method": str(last["predictor"]),
        "error_first": float(first["mae_pp"]),
        "error_last": float(last["mae_pp"]),
        "days_first": vote.days[first["as_of"]],
        "days_last": vote.days[last["as_of"]],
    }


def closest_in_the_end(table: pd.DataFrame, vote: Vote) -> pd.DataFrame:
    """Rows by date of the ranked method that is closest on the whole ballot at the last.

    Parameters
    ----------
    table, vote
        As `over_dates_facts`.
    """
    whole = table[table["ballot"].eq("all") & table["mae_pp"].notna() & table["same_as"].eq("")]
    now = whole[whole["as_of"].eq(vote.context.as_of) & whole["block"].eq("ranked")]
    best = now.sort_values("mae_pp", kind="stable")["predictor"].head(1)
    return whole[whole["predictor"].isin(best)].sort_values("as_of", kind="stable")


def table_facts(
    table: pd.DataFrame,
    context: ReportContext,
    ballot: str,
    *,
    dated: bool = True,
    words: str = "",
) -> dict[str, Any]:
    """The facts of title and notes of a headline table.

    Parameters
    ----------
    table
        From `bench.studies.backtest.headline.headline`, one moment and ballot.
    context, ballot
        Its vote, and the key of the ballot.
    dated
        Whether the table has one date of evidence, which is then named.
    words
        What the ballot is called, where that is not what the context says.
    """
    block = table["block"]
    base = table[table["predictor"].eq(context.reference) & block.eq("ranked")]
    error = table.loc[block.eq("ranked"), "crps_mc_error_pp"].max()
    return {
        **context_facts(context),
        "n_methods": len(table),
        "n_ranked": int(block.eq("ranked").sum()),
        "n_partial": int(block.eq("partial").sum()),
        "n_shared": int(table["same_as"].ne("").sum()),
        "ballot": words or context.ballots.get(ballot, ballot),
        "is_part": ballot == "compared",
        "mc_error": None if pd.isna(error) else float(error),
        "has_baseline": len(base) > 0,
        "baseline_is_point": not base["has_spread"].any(),
        "dated": dated,
    }


def odds_facts(table: pd.DataFrame) -> dict[str, Any] | None:
    """How good the chances of the first event are: the best, the worst, and who states them.

    Parameters
    ----------
    table
        What `odds` or `first_odds` of `bench.studies.backtest.odds` found.
    """
    if table.empty:
        return None
    event = table["event"].iloc[0]
    rows = table[table["block"].eq("ranked") & table["event"].eq(event)]
    if len(rows) < 2:
        return None
    best, worst = rows.iloc[0], rows.iloc[-1]
    between = rows.iloc[1:-1]
    stated = between.loc[between["states"].eq("stated"), ["predictor", "brier"]]
    return {
        "event": str(event),
        "n": len(rows) + int(rows["also"].map(len).sum()),
        "best": str(best["predictor"]),
        "low": float(best["brier"]),
        "worst": str(worst["predictor"]),
        "high": float(worst["brier"]),
        "all_equal": format_value(best["brier"], "<3") == format_value(worst["brier"], "<3"),
        "stated": stated.to_dict("records"),
    }


def on_the_evidence(methods: pd.DataFrame, votes: Sequence[ReportContext]) -> tuple[str, ...]:
    """What has to be said of the evidence of many votes: gaps, and polls at the last moment.

    Parameters
    ----------
    methods
        What became of every attempt: status, named, n_candidates.
    votes
        Of the run.
    """
    partly = methods["status"].eq("ok") & methods["named"].between(1, methods["n_candidates"] - 1)
    last = {(one.election, one.round): one for one in sorted(votes, key=lambda one: one.as_of)}
    counted = [one for one in last.values() if one.n_polls is not None]
    said = [text("gaps_filled")] if partly.any() else []
    if counted:
        found = {
            "n_votes": len(counted),
            "n": sum(one.n_polls or 0 for one in counted),
            "by_rule": sum(one.n_polls_by_rule for one in counted),
            "questions": sum(one.n_questions for one in counted),
        }
        said.append(text("polls_of_votes", **found))
    return tuple(said)
