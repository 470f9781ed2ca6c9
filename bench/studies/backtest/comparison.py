"""Many votes compared: this file holds the report of a run that is no single vote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from bench.report.plain_table import plain_table
from bench.report.report import Report
from bench.report.table import Table
from bench.studies.backtest.plots.comparison import comparison
from bench.studies.backtest.plots.coverage import coverage

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CHANCE = 0.05  # of a difference that is called one
DATE = r"\d+ \w+ \d{4}"


def comparison_report(
    summary: pd.DataFrame,
    methods: pd.DataFrame,
    tables: Sequence[Table],
    sentences: Sequence[str],
    title: str,
    source: str,
) -> Report:
    """Words, tables and figures of methods over many votes.

    Parameters
    ----------
    summary
        One row per predictor, from `bench.metrics.comparison.compare`.
    methods
        What became of every attempt: election, round, as_of, predictor, status, named,
        n_candidates, message.
    tables
        From `bench.studies.backtest.summary.summary_tables`.
    sentences
        What the comparison says, in words.
    title, source
        Heading; where evidence and outcome come from.
    """
    votes = methods[["election", "round"]].drop_duplicates()
    moments = methods[["election", "round", "as_of"]].drop_duplicates()
    figures: dict[str, Callable[[str], Figure]] = {}
    if summary["relative_skill"].notna().any():
        figures["comparison"] = lambda size: comparison(summary, title, source, size=size)
    if len(moments) > 1:
        figures["coverage"] = lambda size: coverage(methods, title, source, size=size)
    return Report(
        title=title,
        findings=(leader(summary), *sentences[:1]),  # the others stand below the table
        tables=(*tables, missing_table(methods)),
        figures=figures,
        source=source,
        kicker="Many votes compared",
        counts=(
            ("Elections", str(votes["election"].nunique())),
            ("Votes", str(len(votes))),
            ("Votes and dates", str(len(moments))),
            ("Predictors", str(methods["predictor"].nunique())),
        ),
    )


def leader(summary: pd.DataFrame) -> str:
    """Who came closest in the set of most methods, with what the number of elections allows."""
    if summary.empty:
        return "No predictor answered, so none is compared."
    members = summary.groupby("group")["predictor"].transform("size")
    most = summary[members.eq(members.max())]
    first = most[most["group"].eq(most["group"].min())].sort_values("rank", kind="stable")
    best, n = first.iloc[0], int(first["elections"].iloc[0])
    lead = ", ".join(first.loc[first["rank"].eq(1), "predictor"])
    text = (
        f"Over {_count(int(best['votes']), 'vote or date', 'votes and dates')} of "
        f"{_count(n, 'election')}, {lead} came closest of "
        f"{_count(len(first), 'method')} compared on them"
    )
    if not pd.isna(best["crps_pp"]):
        text += f": mean CRPS {best['crps_pp']:.2f} points"
        if not pd.isna(best["low_pp"]):
            text += f" (95% interval {best['low_pp']:.2f} to {best['high_pp']:.2f})"
    if "p_baseline" in first and first["p_baseline"].min() >= CHANCE:
        text += "; none differs from the baseline by more than chance could"
    if n == 1:
        return text + ". One election does not say who comes closest in the next."
    return text + "."


def _count(n: int, one: str, many: str = "") -> str:
    return f"{n} {one if n == 1 else many or one + 's'}"


def missing_table(methods: pd.DataFrame) -> Table:
    """What is missing and why: one row per predictor and reason.

    Parameters
    ----------
    methods
        As `comparison_report`.
    """
    whole = methods["named"].ge(methods["n_candidates"])
    outcome = whole.map({True: "whole ballot", False: "part of the ballot"})
    outcome = outcome.where(methods["status"].eq("ok"), methods["status"])
    why = methods["message"].fillna("").astype(str).str.replace(DATE, "…", regex=True)
    less = outcome.eq("part of the ballot") & why.eq("")
    rows = pd.DataFrame(
        {
            "predictor": methods["predictor"],
            "outcome": outcome,
            "why": why.where(~less, "names fewer candidates"),
        }
    )
    asked = rows.groupby("predictor").size()
    counts = rows.value_counts(sort=False).rename("votes_and_dates").reset_index()
    counts = counts.sort_values(["predictor", "outcome", "why"], ignore_index=True)
    counts["of"] = counts["predictor"].map(asked)
    return plain_table(
        "missing",
        counts[["predictor", "outcome", "votes_and_dates", "of", "why"]],
        title="What each method answered, and why not",
        heading="Coverage: what is missing and why",
        notes=("Dates in the reasons are left out (…), so that equal reasons are counted once.",)
        if counts["why"].str.contains("…").any()
        else (),
    )
