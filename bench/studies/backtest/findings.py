"""The facts of what a backtest found: how far off each kind of evidence was, what was public."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from bench.report.context import ReportContext
from bench.report.text import Text
from bench.studies.backtest.headline import Vote, kind_of, kinds, ranked_once

EQUAL_SHARES = "equal_shares"  # the kind beside which all others are set
BASELINE = "baselines"
BASELINES = (EQUAL_SHARES, "last_election", BASELINE)  # kinds that read nothing of the campaign
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
    """How far off each kind of evidence was, on what, and how many named the first places.

    Parameters
    ----------
    table
        From `bench.studies.backtest.headline.headline`, one moment and ballot.
    vote
        At that moment.
    """
    ranked = table[table["block"].eq("ranked")]
    out = table[table["block"].eq("outside")]
    return {
        **vote_facts(vote),
        **kinds_facts(table),
        "n_methods": len(table),
        "n_ranked": len(ranked),
        "n_first": int(ranked["first_right"].eq(True).sum()),
        "n_pair": int(ranked["pair_right"].eq(True).sum()),
        "outside": dict(zip(out["predictor"], out["notes"], strict=True)),
    }


def kinds_facts(table: pd.DataFrame) -> dict[str, Any]:
    """The errors of every kind of evidence, over all methods of the kind that are compared.

    Never the best method: of many rows one is close by chance. Equal shares stand beside the kinds,
    other baselines are among them only where nothing else is compared.

    Returns
    -------
    dict
        `kinds`, in the order of the table, each as `_kind_facts` has it, and `equal_shares`, the
        same, or None.
    """
    ranked = ranked_once(table)
    by_kind = {kind: ranked[ranked["kind"].eq(kind)] for kind in kinds()}
    found = [_kind_facts(kind, rows) for kind, rows in by_kind.items() if len(rows)]
    equal_shares = next((facts for facts in found if facts["kind"] == EQUAL_SHARES), None)
    evidence = [facts for facts in found if facts["kind"] not in BASELINES]
    return {"kinds": evidence or found, "equal_shares": equal_shares if evidence else None}


def _kind_facts(kind: str, rows: pd.DataFrame) -> dict[str, Any]:
    """Ranges of a kind: errors in percentage points, ages in days, None where there are none."""
    columns = {"error": "mae_pp", "whole": "mae_all_pp", "age": "evidence_age_days"}
    ranges = {name: rows[column].dropna().astype(float) for name, column in columns.items()}
    return {
        "kind": kind,
        **{
            name: (float(values.min()), float(values.max())) if len(values) else None
            for name, values in ranges.items()
        },
    }


def claim(table: pd.DataFrame, vote: Vote) -> str:
    """How far off the first kind of evidence was, and equal shares."""
    return text("claim", **vote_facts(vote), **kinds_facts(table))


def over_dates_facts(table: pd.DataFrame, vote: Vote) -> dict[str, Any]:
    """How far off the first kind of evidence was on the first and on the last of many dates.

    Parameters
    ----------
    table
        From `bench.studies.backtest.headline.headline`, every moment and ballot.
    vote
        With several dates.
    """
    if len(vote.dates) < 2:
        return {}
    whole = table[table["ballot"].eq("all")]
    in_the_end = kinds_facts(whole[whole["as_of"].eq(vote.context.as_of)])["kinds"]
    if not in_the_end:
        return {}
    last = in_the_end[0]
    of_kind = ranked_once(whole[whole["kind"].eq(last["kind"])])
    earliest = of_kind[of_kind["as_of"].eq(of_kind["as_of"].min())]
    return {
        "kind": last["kind"],
        "error_first": _kind_facts(last["kind"], earliest)["error"],
        "error_last": last["error"],
        "days_first": vote.days[pd.Timestamp(earliest["as_of"].iloc[0])],
        "days_last": vote.days[vote.context.as_of],
    }


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
    """How good the chances of the first event are, by kind of evidence; None if one method has any.

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
    kind = pd.Series(list(map(kind_of, rows["predictor"], rows["family"])), rows.index)
    briers = {key: rows.loc[kind.eq(key), "brier"] for key in kinds()}
    return {
        "event": str(event),
        "kinds": [
            {"kind": key, "brier": (float(values.min()), float(values.max()))}
            for key, values in briers.items()
            if len(values)
        ],
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
