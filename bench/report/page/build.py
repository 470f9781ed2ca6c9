"""One self-contained HTML file: this file holds `write_page`."""

import json
import math
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from bench.report import words
from bench.report.drawings import Drawing, drawings
from bench.report.facts import RunFacts, day
from bench.report.page import content
from bench.report.page.svg import dark_colours
from bench.report.write import write_text

if TYPE_CHECKING:
    from jinja2 import Environment


def write_page(
    path: Path,
    errors: pd.DataFrame,
    forecasts: pd.DataFrame,
    methods: pd.DataFrame,
    facts: RunFacts,
    *,
    tables: Mapping[str, pd.DataFrame] | None = None,
    drawn: Sequence[Drawing] | None = None,
) -> Path:
    """Write the report of a run as one HTML file that needs no network.

    Parameters
    ----------
    path
        Target, by custom ``report.html``.
    errors, forecasts, methods
        Long tables; several dates get a slider, several scenarios a choice.
    facts
        The run.
    tables
        Headline tables of `facts` by ballot, where they are known already.
    drawn
        Figures, where they are drawn already.
    """
    text = page(errors, forecasts, methods, facts, tables=tables, drawn=drawn)
    return write_text(path, text)


def page(
    errors: pd.DataFrame,
    forecasts: pd.DataFrame,
    methods: pd.DataFrame,
    facts: RunFacts,
    *,
    tables: Mapping[str, pd.DataFrame] | None = None,
    drawn: Sequence[Drawing] | None = None,
) -> str:
    """Text of the page; same tables, same bytes."""
    found = content.all_cells(errors, forecasts, methods, facts, tables=tables)
    ballots = facts.ballot_keys
    table = found[0].table[ballots[0]]
    order = [str(name) for name in table["predictor"]]
    if drawn is None:
        drawn = drawings(errors, forecasts, table, facts, kinds=())
    explorer = content.explorer_data(forecasts, facts)
    values = {
        "facts": facts,
        "sentence": words.headline_sentence(table, facts),
        "counts": _counts(table, facts),
        "columns": content.page_columns(facts),
        "caption": words.caption(table, facts, ballots[0]),
        "notes": {b: words.table_notes(found[0].table[b], facts, b) for b in ballots},
        "ballots": {b: facts.ballots.get(b, b) for b in ballots},
        "cells": [cell.label for cell in found],
        "rows": _by_block(list(content.table_rows(found))),
        "families": sorted(set(methods["family"])),
        "figures": _figures(drawn),
        "explorer": explorer,
        "order": order,
        "data": content.safe_json({"explorer": explorer}),
        "mask": content.coverage_mask(forecasts, methods, facts, order),
        "breaks": _breaks(errors, facts, ballots[0]),
        "methods": _without_gaps(methods).sort_values("predictor").to_dict("records"),
        "manifest": json.dumps(facts.manifest, indent=2, ensure_ascii=False, default=str),
        "dark": dark_colours(),
    }
    return _environment().get_template("page.html").render(values)


def _environment() -> "Environment":
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    room = files("bench.report.page")

    def load(name: str) -> str:
        return room.joinpath(name).read_text(encoding="utf-8")

    environment = Environment(
        loader=FunctionLoader(load), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    # style and script are files of this package, not data
    environment.globals["packaged"] = lambda name: Markup(load(name))
    environment.filters["trusted"] = Markup
    return environment


def _counts(table: pd.DataFrame, facts: RunFacts) -> list[tuple[str, str]]:
    ranked = int(table["block"].eq("ranked").sum())
    return [
        ("Vote", day(facts.vote_on)),
        ("Evidence until", facts.cut),
        ("Predictors", f"{len(table)}, of which {ranked} ranked"),
        ("First places", " and ".join(facts.name_of(c) for c in facts.qualifiers)),
    ]


def _without_gaps(table: pd.DataFrame) -> pd.DataFrame:
    values = table.astype(object)
    return values.where(values.notna(), "")


def _by_block(rows: list[dict[str, Any]]) -> list[tuple[str, str, list[dict[str, Any]]]]:
    headings = {
        "ranked": "Ranked: name every compared candidate",
        "partial": "Not ranked: do not name every compared candidate",
        "none": "No forecast",
    }
    return [(k, text, [r for r in rows if r["block"] == k]) for k, text in headings.items()]


def _figures(drawn: Sequence[Drawing]) -> list[dict[str, Any]]:
    from markupsafe import Markup

    return [
        {"key": one.name, "title": one.title, "caption": one.caption,
         "wide": Markup(one.wide), "narrow": Markup(one.narrow)}
        for one in drawn
    ]  # fmt: skip


def _breaks(errors: pd.DataFrame, facts: RunFacts, ballot: str) -> list[dict[str, Any]]:
    from bench.report.figures.dose_response import (
        breaking_points,
        error_by_dose,
        reference_level,
    )

    curves = error_by_dose(errors, facts, ballot=ballot)
    level = reference_level(errors, facts, ballot=ballot)
    if curves.empty or pd.isna(level):
        return []
    most = curves.groupby("scenario")["dose"].max()
    return [
        {"scenario": row["scenario"].replace("_", " "), "predictor": row["predictor"],
         "dose": _dose_words(row["breaking_dose"], float(most[row["scenario"]]))}
        for row in breaking_points(curves, level).to_dict("records")
    ]  # fmt: skip


def _dose_words(dose: float, most: float) -> str:
    if math.isnan(dose):
        return f"holds up to {most:g}"
    return "worse from the start" if dose == 0 else f"{dose:.2g}"
