"""How each column of the headline table is called and written: this file holds COLUMNS."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bench.report.facts import RunFacts
from bench.report.numbers import NOTHING, number, probability

Row = Mapping[Any, Any]


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


def _skill(row: Row, facts: RunFacts) -> str:
    del facts
    return number(row["skill"])


COLUMNS = (
    Column("rank", "#", "rank among forecasts of the same candidates",
           lambda r, f: "" if r["block"] != "ranked" else str(r["rank"])),
    Column("predictor", "predictor", "", lambda r, f: r["predictor"], False),
    Column("family", "family", "", lambda r, f: r["family"], False),
    Column("mae_pp", "MAE", "mean absolute error of the shares, percentage points; lower is better",
           lambda r, f: number(r["mae_pp"])),
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
    Column("skill", "skill", "1 − CRPS / CRPS of the reference; 1 perfect, 0 no better",
           _skill),
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
    """Columns that make sense for the round: a runoff has no pair."""
    pair = {"pair_right", "p_pair"}
    return tuple(c for c in COLUMNS if facts.seats > 1 or c.key not in pair)
