"""What the study of confounded ecological inference shows: words, a table and a figure."""

from __future__ import annotations

import pandas as pd

from bench.report.numbers import plain
from bench.report.plain_table import plain_table
from bench.report.report import Report
from bench.report.table import Table
from bench.studies.ecological_confounding.plots import confounding

FORMS = dict.fromkeys(["error_index", "low", "high", "added"], "2")
MADE_UP = (
    "Made-up elections at the composition of real stations; how much real voters follow their "
    "neighbours no margin can tell."
)


def confounding_report(
    table: pd.DataFrame, *, default: str, level: float, unit: str, title: str, source: str
) -> Report:
    """Error index and coverage by dose.

    Parameters
    ----------
    table
        dose, method, replicates, error_index, low, high, covered, covered_votes, added.
    default, level
        The method whose intervals were measured, and their nominal coverage.
    unit
        Of the dose.
    title, source
        Heading; whose stations they are.
    """
    return Report(
        title=title,
        findings=(*told(table, default, level, unit), MADE_UP),
        tables=(by_dose(table, default=default, level=level, unit=unit, title=title),),
        figures={
            "by_dose": lambda size: confounding(
                table, default=default, level=level, unit=unit, title=title, size=size
            )
        },
        source=source,
        kicker="Simulated stations",
        counts=(
            ("Elections per dose", str(int(table["replicates"].max()))),
            ("Methods", str(table["method"].nunique())),
        ),
    )


def told(table: pd.DataFrame, default: str, level: float, unit: str) -> tuple[str, ...]:
    """Error and coverage of the default without and with the largest dose."""
    mine = table[table["method"].eq(default)].sort_values("dose")
    calm, worst = mine.iloc[0], mine.iloc[-1]
    return (
        f"Without confounding {default} puts {_index(calm)} of the votes into the wrong cell, at "
        f"{plain(worst['dose'])} {unit} {_index(worst)}; its {level:.0%} intervals then hold "
        f"{worst['covered']:.0%} of the cells, weighted by votes {worst['covered_votes']:.0%}.",
    )


def _index(row: pd.Series) -> str:
    return f"{row['error_index']:.1f}% (95% interval {row['low']:.1f} to {row['high']:.1f})"


def by_dose(table: pd.DataFrame, *, default: str, level: float, unit: str, title: str) -> Table:
    """Error and coverage by method and dose."""
    return plain_table(
        "by_dose", table, title=f"{title}: by dose", formats=FORMS, filters=("method",),
        first={"method": default}, meanings={"dose": f"how much confounding: {unit}"},
        heading="The same in numbers: error and coverage by dose",
        notes=(
            f"Dose: {unit}. From, to: 95% bootstrap interval of the percent in the wrong cell. "
            f"Inside: share of the true cells within the {level:.0%} intervals of {default}.",
        ),
    )
