"""What each method used, and the look-ahead audit: this file holds `methods_table`."""

from __future__ import annotations

import pandas as pd

from bench.report.facts import RunFacts
from bench.report.page.parts import Row, Shown, TablePart
from bench.report.table import Head

NOT_AUDITED = "Not audited for look-ahead in this run; the command “bench audit” does it."
LATE = "*"
METHOD_HEADS = (
    Head("predictor"),
    Head("family"),
    Head("status", key="why"),
    Head("evidence", "public: everything it used was published by then; owner: kept by its owner"),
    Head("newest row", "latest publication or correction in the tables that it read", key="day"),
    Head("conversion", "rule that turned the evidence into shares of the vote", key="notes"),
    Head("audit", "what the look-ahead audit found", key="audit"),
)


def methods_table(methods: pd.DataFrame, facts: RunFacts) -> TablePart:
    """What each method used, and what the audit found."""
    rows = []
    for row in methods.sort_values("predictor").to_dict("records"):
        kept = {key: "" if pd.isna(value) else str(value) for key, value in row.items()}
        status = ": ".join(part for part in (kept["status"], kept.get("message", "")) if part)
        texts = (kept["predictor"], kept["family"], status, kept["access"],
                 _until(kept.get("data_used_until", ""), facts), kept["converted"] or "–",
                 facts.audit.get(kept["predictor"], "not audited"))  # fmt: skip
        rows.append(Row(cells=tuple(Shown(text) for text in texts)))
    late = any(row.cells[4].text.endswith(LATE) for row in rows)
    notes = (
        *([f"{LATE} A table that it may read also holds rows which their owner had before the vote "
           "and published afterwards."] if late else []),
        *([] if facts.audit else [NOT_AUDITED]),
    )  # fmt: skip
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


def _until(moment: str, facts: RunFacts) -> str:
    """The day of the latest row that could be read; marked where it came after the cut."""
    if not moment:
        return "–"
    until = pd.Timestamp(moment)
    return f"{until:%Y-%m-%d}{LATE if until > facts.as_of else ''}"
