"""How each column of the headline table is called and written: this file holds COLUMNS."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bench.report.facts import RunFacts

NOTHING = "–"
Row = Mapping[Any, Any]


@dataclass(frozen=True)
class Column:
    """One printed column: key in the headline table, short label, meaning, writer of a cell."""

    key: str
    label: str
    meaning: str
    write: Callable[[Row, RunFacts], str]
    numeric: bool = True


def number(value: Any, digits: int = 2) -> str:
    """Write a number, or a dash where there is none.

    Examples
    --------
    >>> number(1.234), number(float("nan")), number(-0.001)
    ('1.23', '–', '0.00')
    """
    if value is None or math.isnan(value):
        return NOTHING
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text.replace("-", "\N{MINUS SIGN}")


def probability(value: Any) -> str:
    """Write a probability in percent without claiming certainty that rounding made up.

    Examples
    --------
    >>> probability(0.999), probability(1.0), probability(0.004), probability(0.5)
    ('>99%', '100%', '<1%', '50%')
    """
    if value is None or math.isnan(value):
        return NOTHING
    if 0 < value < 0.005:
        return "<1%"
    if 0.995 <= value < 1:
        return ">99%"
    return f"{100 * value:.0f}%"


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
    Column("predictor", "predictor", "name of the predictor", lambda r, f: r["predictor"], False),
    Column("family", "family", "family of methods", lambda r, f: r["family"], False),
    Column("mae_pp", "MAE", "mean absolute error of the shares, percentage points",
           lambda r, f: number(r["mae_pp"])),
    Column("rmse_pp", "RMSE", "root mean square error of the shares, percentage points",
           lambda r, f: number(r["rmse_pp"])),
    Column("largest_error_pp", "max", "largest absolute error, percentage points",
           lambda r, f: number(r["largest_error_pp"])),
    Column("crps_pp", "CRPS", "continuous ranked probability score, percentage points; "
           "for a point forecast (·) it equals the MAE",
           lambda r, f: number(r["crps_pp"])
           + ("" if r["has_spread"] or math.isnan(r["crps_pp"]) else "·")),
    Column("coverage_90", "cov90", "share of outcomes inside the 90% intervals",
           lambda r, f: probability(r["coverage_90"])),
    Column("first_named", "first", "first place: right or wrong, and whom it named",
           lambda r, f: verdict(r["first_right"], f.short(r["first_named"])
                                if r["first_named"] else "tie"), False),
    Column("pair_right", "pair", "the set that qualifies, right or wrong",
           lambda r, f: verdict(r["pair_right"]), False),
    Column("p_pair", "P(pair)", "probability given to the set that really qualified",
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
