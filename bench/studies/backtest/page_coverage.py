"""What was forecast and what is missing, and why: the coverage mask of a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from bench.report.context import RunFacts
from bench.report.html.blocks import Row, Shown, TablePart
from bench.report.table import Head
from bench.studies.backtest import selection as cells

SIGNS = {"named": "●", "filled": "○", "none": ""}
FEW = 4  # missing candidates that are named one by one


def coverage_mask(
    forecasts: pd.DataFrame, methods: pd.DataFrame, facts: RunFacts, order: Sequence[str]
) -> list[tuple[str, list[str]]]:
    """For every predictor, whether it names each candidate: named, filled or none."""
    shares = cells.national(cells.one_cell(forecasts, facts))
    filled = shares.groupby(["predictor", "candidate"])["filled"].first()
    held = shares.groupby(["predictor", "candidate"])["share"].first()
    names = [*order, *(n for n in methods["predictor"] if n not in order)]
    mask = []
    for name in names:
        states = []
        for candidate in facts.by_votes:
            key = (name, candidate)
            if key not in held.index or pd.isna(held[key]):
                states.append("none")
            else:
                states.append("filled" if bool(filled[key]) else "named")
        mask.append((name, states))
    return mask


def areas_named(forecasts: pd.DataFrame, facts: RunFacts) -> dict[str, int]:
    """Areas of which a predictor says something; empty if no predictor does."""
    rows = cells.one_cell(forecasts, facts)
    local = rows[rows["area"].ne("national") & rows["share"].notna()]
    counts = local.groupby("predictor")["area"].nunique()
    return {str(name): int(n) for name, n in counts.items()}


def why_missing(states: Sequence[str], method: dict[Any, Any] | None, facts: RunFacts) -> str:
    """In words, why a row of the mask is not full; empty if it is."""
    if method is not None and method["status"] != "ok":
        message = method.get("message")
        said = message.strip() if isinstance(message, str) else ""
        return f"{method['status']}: {said}" if said else str(method["status"])
    missing = [c for c, s in zip(facts.by_votes, states, strict=True) if s != "named"]
    if not missing:
        return ""
    if len(missing) == len(states):
        return "gives no vote shares"
    named = f"its evidence names {len(states) - len(missing)} of {len(states)} candidates"
    if len(missing) > FEW:
        return named
    return f"{named}; not {', '.join(facts.short(c) for c in missing)}"


def mask_table(
    forecasts: pd.DataFrame, methods: pd.DataFrame, facts: RunFacts, order: Sequence[str]
) -> TablePart:
    """The mask of a vote: candidates, areas, what is missing and why, and the audit."""
    areas = areas_named(forecasts, facts)
    most = max(areas.values(), default=0)
    known = {row["predictor"]: row for row in methods.to_dict("records")}
    rows = []
    for name, states in coverage_mask(forecasts, methods, facts, order):
        shown = [Shown(name), *(Shown(SIGNS[s], look=s, under=s) for s in states)]
        if most:
            n = areas.get(name, 0)
            shown.append(Shown(f"{n}/{most}" if n else "–", n))
        shown.append(Shown(why_missing(states, known.get(name), facts)))
        shown += [Shown(facts.audit.get(name, "not audited"))] if facts.audit else []
        rows.append(Row(cells=tuple(shown)))
    heads = [Head("predictor", key="predictor")]
    heads += [Head(facts.short(c), key="candidate") for c in facts.by_votes]
    if most:
        heads.append(Head("areas", "areas of which it says something", True, key="areas"))
    heads.append(Head("what is missing, and why", key="why"))
    if facts.audit:
        heads.append(Head("audit", "what the look-ahead audit found", key="audit"))
    return TablePart(
        key="mask",
        heading="Which candidates does each method name, and what is missing?",
        nav="Candidates named",
        caption="● named by the method; ○ not named, filled by rule for the full ballot; blank: "
        f"no forecast. Evidence as public on {facts.cut}.",
        heads=tuple(heads),
        groups=(("", "", tuple(rows)),),
        search=False,
        look="mask",
    )
