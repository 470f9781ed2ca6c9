"""How each column of the headline table is called and written."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bench.report.context import RunFacts
from bench.report.numbers import NOTHING, number, probability

Row = Mapping[Any, Any]
FILLED = "°"  # after an error on a ballot whose gaps were filled


@dataclass(frozen=True)
class Column:
    """One printed column: key in the headline table, short label, meaning, writer of a cell."""

    key: str
    label: str
    meaning: str
    write: Callable[[Row, RunFacts], str]
    numeric: bool = True


def verdict(right: Any, who: str = "") -> str:
    """Tick or cross, and whom the forecast named."""
    if right is None or (isinstance(right, float) and math.isnan(right)):
        return NOTHING
    mark = "✓" if right else "✗"
    return f"{mark} {who}".rstrip()


def place(rank: Any, tied: bool = False) -> str:
    """A rank; one that several share is marked.

    Examples
    --------
    >>> place(1), place(2, tied=True), place(None)
    ('1', '2=', '')
    """
    return "" if rank in (None, "") or pd.isna(rank) else f"{rank}{'=' if tied else ''}"


def names(row: Row) -> str:
    """Every method of a row."""
    return " = ".join([row["predictor"], *row.get("also", ())])


COLUMNS = (
    Column("rank", "#", "rank among forecasts of the same candidates",
           lambda r, f: place(r["rank"], r["tied"])),
    Column("predictor", "predictor", "", lambda r, f: names(r), False),
    Column("family", "family", "", lambda r, f: r["family"], False),
    Column("mae_pp", "MAE", "mean absolute error of the shares, percentage points; lower is better",
           lambda r, f: number(r["mae_pp"])),
    Column("rank_full", "# all", "rank on the whole ballot",
           lambda r, f: place(r["rank_full"], r["tied_full"])),
    Column("mae_full_pp", "MAE all", "mean absolute error on the whole ballot, percentage points; "
           "lower is better; ° gaps filled by rule, not ranked there",
           lambda r, f: number(r["mae_full_pp"]) + (FILLED if r["gaps_filled"] else "")),
    Column("rmse_pp", "RMSE", "root mean square error of the shares, percentage points; lower is "
           "better",
           lambda r, f: number(r["rmse_pp"])),
    Column("largest_error_pp", "largest", "largest absolute error of a candidate, percentage "
           "points; lower is better",
           lambda r, f: number(r["largest_error_pp"])),
    Column("crps_pp", "CRPS", "continuous ranked probability score, percentage points; "
           "lower is better; for a point forecast (·) it equals the MAE",
           lambda r, f: number(r["crps_pp"])
           + ("" if r["has_spread"] or math.isnan(r["crps_pp"]) else "·")),
    Column("coverage_90", "in 90%", "share of the outcomes inside the 90% intervals; best near "
           "90%",
           lambda r, f: probability(r["coverage_90"])),
    Column("first_named", "first place", "right or wrong, and whom it named",
           lambda r, f: verdict(r["first_right"], f.short(r["first_named"])
                                if r["first_named"] else "tie"), False),
    Column("pair_right", "pair", "those who reach the runoff: right or wrong",
           lambda r, f: verdict(r["pair_right"]), False),
    Column("p_pair", "P(pair)", "probability given to those who really qualified; higher is better",
           lambda r, f: probability(r["p_pair"])),
    Column("skill", "skill", "1 − CRPS / CRPS of the baseline; 1 perfect, 0 no better",
           lambda r, f: number(r["skill"])),
    Column("evidence_age_days", "age", "of the evidence: days from the newest row that it read to "
           "the vote",
           lambda r, f: number(r["evidence_age_days"], 0)),
    Column("named", "named", "candidates named, of those on the ballot",
           lambda r, f: f"{r['named']}/{r['n_candidates']}" if r["named"] else NOTHING),
    Column("notes", "notes", "conversion, evidence, failures",
           lambda r, f: remark(r), False),
)  # fmt: skip


def remark(row: Row) -> str:
    """Notes of a row, led by what keeps it from being ranked."""
    missing = f"does not name {row['missing']}" if row["missing"] else ""
    return "; ".join(part for part in (missing, row["notes"]) if part)


def columns_for(facts: RunFacts) -> tuple[Column, ...]:
    """Columns that make sense: a runoff has no pair, and one ballot no second reading."""
    out = set() if facts.seats > 1 else {"pair_right", "p_pair"}
    out |= set() if "common" in facts.ballots else {"rank_full", "mae_full_pp"}
    return tuple(c for c in COLUMNS if c.key not in out)
