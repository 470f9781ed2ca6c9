"""What the page shows: this file gathers it from the long tables."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from bench.report import cells
from bench.report.columns import Column, columns_for
from bench.report.facts import RunFacts, day
from bench.report.headline import best_of_families, headline

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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


def ballots_of(facts: RunFacts) -> tuple[str, ...]:
    """Ballots of the tables, the one that is ranked on first."""
    return tuple(b for b in ("common", "full") if b in facts.ballots) or ("full",)


def page_columns(facts: RunFacts) -> tuple[Column, ...]:
    """Columns of the error table on the page."""
    return (*(c for c in columns_for(facts) if c.key != "family"), AUDIT)


def all_cells(
    errors: pd.DataFrame, forecasts: pd.DataFrame, methods: pd.DataFrame, facts: RunFacts
) -> list[Cell]:
    """Headline tables of every date and scenario, that of `facts` first, then by time and dose."""
    mine = errors[errors["election"].eq(facts.election) & errors["round"].eq(facts.round)]
    mine = mine.assign(as_of=pd.to_datetime(mine["as_of"]))
    theirs = forecasts.assign(as_of=pd.to_datetime(forecasts["as_of"]))
    keys = ["as_of", "scenario", "dose"]
    parts = {key: part for key, part in theirs.groupby(keys)}
    found: list[Cell] = []
    main = (facts.as_of, facts.scenario, facts.dose)
    groups = sorted(mine.groupby(keys), key=lambda item: (item[0] != main, item[0]))
    for key, part in groups[:MOST_CELLS]:
        as_of, scenario, dose = key
        if (dose == 0 and scenario != facts.scenario) or key not in parts:
            continue
        here = replace(facts, as_of=pd.Timestamp(as_of), scenario=scenario, dose=dose)
        known = methods if key == main else methods[methods["predictor"].isin(part["predictor"])]
        found.append(
            Cell(
                here,
                {b: headline(part, parts[key], known, here, ballot=b) for b in ballots_of(facts)},
            )
        )
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
    found: dict[str, dict[str, list[Any]]] = {}
    for row in shares.sort_values(["predictor", "as_of"]).itertuples():
        when = found.setdefault(str(row.predictor), {})
        points = when.setdefault(str(dates.index(row.as_of)), [None] * len(facts.by_votes))
        if row.candidate in facts.by_votes and not pd.isna(row.share):
            low, high = getattr(row, "q05", None), getattr(row, "q95", None)
            points[facts.by_votes.index(str(row.candidate))] = [
                round(100 * float(row.share), 2), _percent(low), _percent(high), int(row.filled)
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


def figures(
    errors: pd.DataFrame,
    forecasts: pd.DataFrame,
    table: pd.DataFrame,
    facts: RunFacts,
) -> dict[str, "Callable[[str], Figure]"]:
    """Every figure that the tables allow, by name, as a function of the size preset."""
    from bench.report.figures.area_map import area_map, outlines
    from bench.report.figures.calibration import calibration
    from bench.report.figures.dose_response import dose_response
    from bench.report.figures.horizon import horizon
    from bench.report.figures.qualify import qualify
    from bench.report.figures.shares import shares
    from bench.report.figures.signed_errors import signed_errors
    from bench.report.figures.transfers import transfers

    ballot = ballots_of(facts)[0]
    answered = [str(n) for n in table.loc[table["block"].ne("none"), "predictor"]]
    with_spread = table[table["block"].ne("none") & table["has_spread"].astype(bool)]
    best = best_of_families(table) or answered[:6]
    families = dict(zip(table["predictor"], table["family"], strict=True))
    drawn: dict[str, Callable[[str], Figure]] = {}
    if not answered:
        return drawn
    drawn["signed_errors"] = lambda size: signed_errors(
        errors, forecasts, facts, predictors=answered, size=size
    )
    drawn["shares"] = lambda size: shares(forecasts, facts, predictors=best, size=size)
    drawn["qualify"] = lambda size: qualify(forecasts, facts, predictors=answered, size=size)
    if cells.one_cell(errors, facts, any_date=True)["as_of"].nunique() > 1:
        drawn["horizon"] = lambda size: horizon(
            errors, facts, families=families, predictors=answered, ballot=ballot, size=size
        )
    if len(with_spread):
        held = [str(n) for n in with_spread["predictor"][:6]]
        drawn["calibration"] = lambda size: calibration(
            errors, forecasts, facts, predictors=held, size=size
        )
    if (errors["dose"].gt(0) & errors["scenario"].ne(facts.scenario)).any():
        drawn["dose_response"] = lambda size: dose_response(
            errors, facts, families=families, ballot=ballot, size=size
        )
    if facts.area_outlines is not None:
        areas = errors["area"].isin(outlines(facts.area_outlines))
        with_areas = set(errors.loc[areas, "predictor"])
        for name in [n for n in answered if n in with_areas][:1]:
            drawn["area_map"] = lambda size, name=name: area_map(
                errors, facts, predictor=name, size=size
            )
    if facts.transitions is not None and len(facts.transitions):
        name = str(facts.transitions["predictor"].iloc[0])
        drawn["transfers"] = lambda size, name=name: transfers(facts, predictor=name, size=size)
    return drawn
