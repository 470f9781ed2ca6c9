"""What each method used, and the look-ahead audit."""

from __future__ import annotations

import pandas as pd

from bench.report.context import RunFacts
from bench.report.html.blocks import Row, Shown, TablePart
from bench.report.numbers import number
from bench.report.table import Head
from bench.studies.backtest.headline import age_days

NOT_AUDITED = "Not audited for look-ahead in this run; the command “bench audit” does it."
METHOD_HEADS = (
    Head("predictor"),
    Head("family"),
    Head("status", key="why"),
    Head(
        "evidence",
        "public: everything it read was published by then; ‡: compiled or published "
        "later, and counted from when somebody could have had it",
    ),
    Head("newest row", "day on which the newest row that it read could be read", key="day"),
    Head("age", "days from that row to the vote", True, key="age"),
    Head("conversion", "rule that turned the evidence into shares of the vote", key="notes"),
    Head("audit", "what the look-ahead audit found", key="audit"),
)


def methods_table(methods: pd.DataFrame, facts: RunFacts) -> TablePart:
    """What each method used, and what the audit found."""
    rows = []
    for row in methods.sort_values("predictor").to_dict("records"):
        kept = {key: "" if pd.isna(value) else str(value) for key, value in row.items()}
        status = ": ".join(part for part in (kept["status"], kept.get("message", "")) if part)
        age = age_days(row, facts)
        cells = (
            Shown(kept["predictor"]),
            Shown(kept["family"]),
            Shown(status),
            Shown("‡" if kept["access"] == "owner" else "public"),
            Shown("–" if pd.isna(age) else str(pd.Timestamp(kept["newest_row_on"]).date())),
            Shown(number(age, 0), None if pd.isna(age) else age),
            Shown(kept["converted"] or "–"),
            Shown(facts.audit.get(kept["predictor"], "not audited")),
        )
        rows.append(Row(cells=cells))
    notes = () if facts.audit else (NOT_AUDITED,)
    return (
        TablePart(
            key="methods",
            heading="What did each method use?",
            nav="Methods",
            caption="Evidence of every method"
            + (" and the look-ahead audit" if facts.audit else ""),
            heads=METHOD_HEADS,
            groups=(("", "", tuple(rows)),),
            notes=(("", notes),) if notes else (),
            search=False,
        )
        .without(() if facts.audit else ("audit",))
        .spoken()
    )
