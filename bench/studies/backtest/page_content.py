"""The tables of a backtest's page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from bench.report.columns import Column, columns_for
from bench.report.context import RunFacts, day
from bench.report.html.blocks import Choice, Row, Shown, TablePart
from bench.report.numbers import plain
from bench.report.table import Head
from bench.studies.backtest import selection as cells
from bench.studies.backtest import words
from bench.studies.backtest.headline import headline
from bench.studies.backtest.headline_table import FAILED, SILENT, blocks, sort_value
from bench.studies.backtest.page_methods import NOT_AUDITED

MOST_CELLS = 80
WHOLE = "the whole ballot"
AUDIT = Column(
    "audit", "audit", "what the look-ahead audit found",
    lambda row, facts: facts.audit.get(row["predictor"], "not audited"), False,
)  # fmt: skip
GROUPS = {
    "ranked": "Ranked: name every compared candidate",
    "partial": "Not ranked: do not name every compared candidate",
    "none": SILENT,
    "failed": FAILED,
}


@dataclass(frozen=True)
class Cell:
    """One date, scenario and dose of the tables."""

    facts: RunFacts
    table: dict[str, pd.DataFrame]

    @property
    def label(self) -> str:
        """The cell in words."""
        facts = self.facts
        spoilt = f", {facts.scenario.replace('_', ' ')} {plain(facts.dose)}" if facts.dose else ""
        return f"{day(facts.as_of)}{spoilt}"


def page_columns(facts: RunFacts) -> tuple[Column, ...]:
    """Columns of the error table on the page."""
    audit = (AUDIT,) if facts.audit else ()
    return (*(c for c in columns_for(facts) if c.key != "family"), *audit)


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
    sets = cells.ranked_sets(errors, facts) if "common" in facts.ballots else {}
    for key, part in groups[:MOST_CELLS]:
        as_of, scenario, dose = key
        if (dose == 0 and scenario != facts.scenario) or key not in parts:
            continue
        here = replace(facts, as_of=pd.Timestamp(as_of), scenario=scenario, dose=dose)
        if key != main and here.as_of in sets:  # who was ranked on then
            who = [facts.short(name) for name in sorted(sets[here.as_of])]
            everybody = len(who) == len(facts.outcome)
            said = WHOLE if everybody else words.ranked_words(who, facts.ranked_by)
            here = replace(here, ballots={**facts.ballots, "common": said})
        then = methods[methods["as_of"].eq(here.as_of)] if "as_of" in methods else methods
        known = then if key == main else then[then["predictor"].isin(part["predictor"])]
        made = tables if tables and key == main else {}
        for ballot in facts.ballot_keys:
            if ballot not in made:
                table = headline(part, parts[key], known, here, ballot=ballot)
                made = {**made, ballot: table}
        found.append(Cell(here, {ballot: made[ballot] for ballot in facts.ballot_keys}))
    return found


def error_table(
    found: list[Cell], methods: pd.DataFrame, facts: RunFacts, dates: list[pd.Timestamp]
) -> TablePart:
    """The error table of every date, scenario and ballot; `dates` are those of the slider."""
    ballots = facts.ballot_keys
    several = len(found) > 1
    called = dict(facts.ballots)
    if several and facts.ranked_by and "common" in called:
        called["common"] = f"those with {facts.ranked_by}, shares renormalised among them"
    choices = [
        Choice(label="family", options=tuple((f, f) for f in sorted(set(methods["family"])))),
        Choice(label="ballot", any=False, options=tuple((b, called.get(b, b)) for b in ballots)),
    ]
    if len(found) > 1:
        clean = [c.facts.dose == facts.dose and c.facts.scenario == facts.scenario for c in found]
        choices.append(
            Choice(
                label="evidence",
                any=False,
                options=tuple((str(i), cell.label) for i, cell in enumerate(found)),
                dates=tuple(
                    dates.index(cell.facts.as_of) if ok and cell.facts.as_of in dates else -1
                    for cell, ok in zip(found, clean, strict=True)
                )
                if len(dates) > 1
                else (),
            )
        )
    caption = words.caption(found[0].table[ballots[0]], facts, ballots[0])
    if several:  # other dates have other counts
        caption = f"{facts.name}, {facts.round_words}: errors by the date of the evidence"
    not_audited = () if facts.audit else (("", (NOT_AUDITED,)),)
    rows: dict[str, list[Row]] = {key: [] for key in GROUPS}
    for block, row in _rows(found, several=several):
        rows[block].append(row)
    return TablePart(
        key="errors",
        heading="How wrong was each method?",
        nav="Errors",
        caption=caption,
        heads=tuple(Head(c.label, c.meaning, c.numeric, c.key) for c in page_columns(facts)),
        groups=tuple((key, heading, tuple(rows[key])) for key, heading in GROUPS.items()),
        choices=tuple(choices),
        name_column=1,
        sorted_by=0,
        notes=(
            *((b, tuple(words.table_notes(found[0].table[b], replace(facts, ballots=called), b,
                                          dated=not several)))
              for b in ballots),
            *([("common", (words.sets_by_date([cell.facts for cell in found]),))]
              if several and "common" in called else []),
            *not_audited,
        ),
    ).spoken()  # fmt: skip


def _rows(found: list[Cell], *, several: bool) -> Iterator[tuple[str, Row]]:
    for number, cell in enumerate(found):
        columns = page_columns(cell.facts)
        for place, (ballot, table) in enumerate(cell.table.items()):
            rows = [row for _, part in blocks(table) for row in part.to_dict("records")]
            for row in rows:
                keys = (str(row["family"]), ballot, *([str(number)] if several else []))
                yield (
                    "failed" if row["status"] == "failed" else str(row["block"]),
                    Row(
                        cells=tuple(_shown(column, row, cell.facts) for column in columns),
                        keys=keys,
                        hidden=number > 0 or place > 0,
                    ),
                )


def _shown(column: Column, row: dict[Any, Any], facts: RunFacts) -> Shown:
    text = column.write(row, facts)
    look = "yes" if text.startswith("✓") else "no" if text.startswith("✗") else ""
    under = str(row["family"]) if column.key == "predictor" else ""
    return Shown(text, sort_value(column, row), look, under)


def breaking_table(errors: pd.DataFrame, facts: RunFacts, ballot: str) -> TablePart | None:
    """Doses at which a method becomes worse than the reference; None without scenarios."""
    from bench.studies.backtest.plots.dose_response import (
        breaking_points,
        error_by_dose,
        reference_level,
    )

    curves = error_by_dose(errors, facts, ballot=ballot)
    level = reference_level(errors, facts, ballot=ballot)
    if curves.empty or pd.isna(level):
        return None
    most = curves.groupby("scenario")["dose"].max()
    rows = []
    for point in breaking_points(curves, level).to_dict("records"):
        dose = float(point["breaking_dose"])
        said = _dose_words(dose, float(most[point["scenario"]]))
        scenario = str(point["scenario"]).replace("_", " ")
        cells_ = (Shown(str(point["predictor"])), Shown(scenario), Shown(said, dose))
        rows.append(Row(cells=cells_, keys=(scenario,)))
    names = list(dict.fromkeys(row.keys[0] for row in rows))
    return TablePart(
        key="breaking",
        heading="How much bad evidence does each method bear?",
        nav="Breaking points",
        caption="Dose at which the median error exceeds that of "
        f"{facts.reference} on clean evidence",
        heads=(
            Head("predictor"),
            Head("scenario"),
            Head("breaking dose", "dose at which it becomes worse; higher is better", True),
        ),
        groups=(("", "", tuple(rows)),),
        choices=(Choice(label="scenario", options=tuple((n, n) for n in names)),),
    )


def _dose_words(dose: float, most: float) -> str:
    if math.isnan(dose):
        return f"holds up to {plain(most)}"
    return "worse from the start" if dose == 0 else plain(dose, 2)


def explorer_data(forecasts: pd.DataFrame, facts: RunFacts) -> dict[str, Any]:
    """Shares and 90% intervals by date, predictor and candidate, in percent, for the slider."""
    shares = cells.national(cells.one_cell(forecasts, facts, any_date=True))
    dates = dates_of(forecasts, facts)
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
        "dates": [day(moment) for moment in dates],
        "days": [(facts.vote_on.normalize() - moment.normalize()).days for moment in dates],
        "candidates": [facts.short(c) for c in facts.by_votes],
        "outcome": [round(100 * float(facts.outcome[c]), 2) for c in facts.by_votes],
        "forecasts": found,
    }


def dates_of(forecasts: pd.DataFrame, facts: RunFacts) -> list[pd.Timestamp]:
    """Moments with a forecast of this vote, earliest first."""
    rows = cells.one_cell(forecasts, facts, any_date=True)
    return [pd.Timestamp(moment) for moment in sorted(rows["as_of"].unique())]


def _percent(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else round(100 * float(value), 2)
