"""What the page shows: this file gathers it from the long tables."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from bench.report import cells
from bench.report.columns import Column, columns_for
from bench.report.facts import RunFacts, day
from bench.report.headline import headline

MOST_CELLS = 80
AUDIT = Column(
    "audit", "audit", "what the look-ahead audit found",
    lambda row, facts: facts.audit.get(row["predictor"], "not audited"), False,
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """One date, scenario and dose of the tables."""

    facts: RunFacts
    table: dict[str, pd.DataFrame]

    @property
    def label(self) -> str:
        """The cell in words."""
        facts = self.facts
        spoilt = "" if facts.dose == 0 else f", {facts.scenario} {facts.dose:g}"
        return f"{day(facts.as_of)}{spoilt}"


def page_columns(facts: RunFacts) -> tuple[Column, ...]:
    """Columns of the error table on the page."""
    return (*(c for c in columns_for(facts) if c.key != "family"), AUDIT)


def all_cells(
    errors: pd.DataFrame,
    forecasts: pd.DataFrame,
    methods: pd.DataFrame,
    facts: RunFacts,
    *,
    tables: Mapping[str, pd.DataFrame] | None = None,
) -> list[Cell]:
    """Headline tables of every date and scenario, that of `facts` first, then by time and dose."""
    mine = errors[errors["election"].eq(facts.election) & errors["round"].eq(facts.round)]
    mine = mine.assign(as_of=pd.to_datetime(mine["as_of"]))
    theirs = forecasts[
        forecasts["election"].eq(facts.election) & forecasts["round"].eq(facts.round)
    ]
    theirs = theirs.assign(as_of=pd.to_datetime(theirs["as_of"]))
    keys = ["as_of", "scenario", "dose"]
    parts: dict[Any, pd.DataFrame] = dict(iter(theirs.groupby(keys)))
    found: list[Cell] = []
    main = (facts.as_of, facts.scenario, facts.dose)
    groups: list[tuple[Any, pd.DataFrame]] = list(mine.groupby(keys))
    groups.sort(key=lambda item: (item[0] != main, item[0]))
    for key, part in groups[:MOST_CELLS]:
        as_of, scenario, dose = key
        if (dose == 0 and scenario != facts.scenario) or key not in parts:
            continue
        here = replace(facts, as_of=pd.Timestamp(as_of), scenario=scenario, dose=dose)
        known = methods if key == main else methods[methods["predictor"].isin(part["predictor"])]
        made = tables if tables and key == main else {}
        for ballot in facts.ballot_keys:
            if ballot not in made:
                table = headline(part, parts[key], known, here, ballot=ballot)
                made = {**made, ballot: table}
        found.append(Cell(here, {ballot: made[ballot] for ballot in facts.ballot_keys}))
    return found


def table_rows(found: list[Cell]) -> Iterator[dict[str, Any]]:
    """Rows of the error table, with what sorting and filtering need."""
    for number, cell in enumerate(found):
        columns = page_columns(cell.facts)
        for ballot, table in cell.table.items():
            for row in table.to_dict("records"):
                yield {
                    "cell": number, "ballot": ballot, "block": row["block"],
                    "family": row["family"], "predictor": row["predictor"],
                    "first": number == 0 and ballot == next(iter(cell.table)),
                    "tds": [(c, c.write(row, cell.facts), _sort_value(c, row)) for c in columns],
                }  # fmt: skip


def _sort_value(column: Column, row: dict[Any, Any]) -> str:
    value = row.get(column.key)
    if column.numeric:
        return "" if value is None or pd.isna(value) else f"{float(value):.12g}"
    return ""


def coverage_mask(
    forecasts: pd.DataFrame, methods: pd.DataFrame, facts: RunFacts, order: list[str]
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


def explorer_data(forecasts: pd.DataFrame, facts: RunFacts) -> dict[str, Any]:
    """Shares and 90% intervals by date, predictor and candidate, in percent, for the slider."""
    shares = cells.national(cells.one_cell(forecasts, facts, any_date=True))
    dates = sorted(shares["as_of"].unique())
    place = {candidate: i for i, candidate in enumerate(facts.by_votes)}
    found: dict[str, dict[str, list[Any]]] = {}
    for row in shares.sort_values(["predictor", "as_of"]).to_dict("records"):
        when = found.setdefault(row["predictor"], {})
        points = when.setdefault(str(dates.index(row["as_of"])), [None] * len(place))
        if row["candidate"] in place and not pd.isna(row["share"]):
            points[place[row["candidate"]]] = [
                _percent(row["share"]), _percent(row.get("q05")), _percent(row.get("q95")),
                int(row["filled"]),
            ]  # fmt: skip
    return {
        "dates": [day(pd.Timestamp(d)) for d in dates],
        "days": [(facts.vote_on.normalize() - pd.Timestamp(d).normalize()).days for d in dates],
        "candidates": [facts.short(c) for c in facts.by_votes],
        "outcome": [round(100 * float(facts.outcome[c]), 2) for c in facts.by_votes],
        "forecasts": found,
    }


def _percent(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else round(100 * float(value), 2)


def safe_json(data: Any) -> str:
    """JSON that cannot end the script element it stands in.

    Examples
    --------
    >>> safe_json("</script>")
    '"\\\\u003c/script\\\\u003e"'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
