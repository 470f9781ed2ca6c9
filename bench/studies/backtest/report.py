"""The report of a backtest: its tables, words, figures, and what stands on its page."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from bench.report.columns import ColumnSpec, column
from bench.report.context import ReportContext
from bench.report.formatting import MISSING, format_fixed
from bench.report.tables import Table
from bench.report.tables import table as build_table
from bench.studies.backtest import words
from bench.studies.backtest.headline import one_row_each

BLOCKS = {
    "ranked": "",
    "partial": "Not ranked: do not name every compared candidate",
    "none": "No vote shares: abstained, or none given",
    "failed": "Failed: a fault of the method or of its settings, no abstention",
}
POINT = "·"  # after the CRPS of a forecast without spread
FILLED = "°"  # after an error on a ballot whose gaps were filled

Row = Mapping[Any, Any]


def headline_table(
    table: pd.DataFrame, facts: ReportContext, *, ballot: str = "common", name: str = "headline"
) -> Table:
    """The table of `bench.studies.backtest.headline.headline` with its words.

    Parameters
    ----------
    table
        From `bench.studies.backtest.headline.headline`.
    facts, ballot
        For the caption and the notes.
    name
        Of the files.
    """
    columns = headline_columns(facts)
    return build_table(
        name,
        table,
        shown=shown_rows(table),
        title=words.caption(table, facts, ballot),
        heading="How wrong was each method?",
        nav="Errors",
        notes=words.table_notes(table, facts, ballot),
        columns=columns,
        show=list(columns),
        filters=(),
        block_by="block",
        blocks=BLOCKS,
        row_notes="notes",
        row_looks="look",
        terminal=True,
    )


def shown_rows(table: pd.DataFrame) -> pd.DataFrame:
    """One row per national forecast, with its names, remarks, look and block."""
    rows = one_row_each(table)
    names = [
        " = ".join([name, *also])
        for name, also in zip(rows["predictor"], rows["also"], strict=True)
    ]
    missing = rows["missing"].map(lambda names: f"does not name {names}" if names else "")
    notes = [
        "; ".join(part for part in both if part)
        for both in zip(missing, rows["notes"], strict=True)
    ]
    first = rows["block"].eq("ranked") & rows["rank"].eq(1).fillna(False)
    look = first.map({True: "first", False: ""}).mask(rows["block"].eq("none"), "silent")
    block = rows["block"].mask(rows["status"].eq("failed"), "failed")
    return rows.assign(predictor=names, notes=notes, look=look, block=block)


def headline_columns(facts: ReportContext) -> dict[str, ColumnSpec]:
    """Columns that make sense: a runoff has no pair, and one ballot no second reading.

    What a terminal without room leaves out goes in the order of `spare`.
    """
    columns = {
        "rank": column("rank", write=lambda row: place(row["rank"], row["tied"])),
        "predictor": column("predictor"),
        "family": column("family", in_papers=False, in_terminal=False),
        "mae_pp": column(
            "mae_pp",
            meaning="mean absolute error of the shares, percentage points; lower is better",
        ),
        "rank_full": column(
            "rank_full", write=lambda row: place(row["rank_full"], row["tied_full"]), spare=6
        ),
        "mae_full_pp": column("mae_full_pp", write=_marked("mae_full_pp", "gaps_filled", FILLED)),
        "rmse_pp": column(
            "rmse_pp",
            meaning="root mean square error of the shares, percentage points; lower is better",
            spare=1,
        ),
        "largest_error_pp": column("largest_error_pp", spare=2),
        "crps_pp": column("crps_pp", write=_crps, spare=9),
        "coverage_90": column("coverage_90", spare=4),
        "first_named": column("first_named", write=lambda row: _first(row, facts), numeric=False),
        "pair_right": column(
            "pair_right", write=lambda row: verdict(row["pair_right"]), numeric=False
        ),
        "p_pair": column("p_pair", spare=7),
        "skill": column("skill", form="2", spare=5),
        "evidence_age_days": column("evidence_age_days", spare=8),
        "named": column("named", write=_named, spare=3),
        "notes": column("notes", in_papers=False, in_terminal=False),
    }
    out = set() if facts.seats > 1 else {"pair_right", "p_pair"}
    out |= set() if "common" in facts.ballots else {"rank_full", "mae_full_pp"}
    return {key: spec for key, spec in columns.items() if key not in out}


def place(rank: Any, tied: bool = False) -> str:
    """A rank; one that several share is marked.

    Examples
    --------
    >>> place(1), place(2, tied=True), place(None)
    ('1', '2=', '')
    """
    return "" if rank in (None, "") or pd.isna(rank) else f"{rank}{'=' if tied else ''}"


def verdict(right: Any, who: str = "") -> str:
    """Tick or cross, and whom the forecast named."""
    if right is None or (isinstance(right, float) and math.isnan(right)):
        return MISSING
    return f"{'✓' if right else '✗'} {who}".rstrip()


def _first(row: Row, facts: ReportContext) -> str:
    return verdict(
        row["first_right"], facts.short(row["first_named"]) if row["first_named"] else "tie"
    )


def _marked(key: str, is_marked: str, sign: str) -> Callable[[Row], str]:
    return lambda row: format_fixed(row[key]) + (sign if row[is_marked] else "")


def _crps(row: Row) -> str:
    is_point = not row["has_spread"] and not math.isnan(row["crps_pp"])
    return format_fixed(row["crps_pp"]) + (POINT if is_point else "")


def _named(row: Row) -> str:
    return f"{row['named']}/{row['n_candidates']}" if row["named"] else MISSING
