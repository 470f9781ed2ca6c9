"""The page of a backtest of one vote, its parts in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from bench.report.context import RunFacts, day
from bench.report.figure_export import drawings
from bench.report.html.blocks import ExplorerPart, FigurePart, LinesPart, Page, Part
from bench.report.html.from_table import from_table
from bench.report.table import Table
from bench.studies.backtest import page_content as content
from bench.studies.backtest import page_coverage as coverage
from bench.studies.backtest import words
from bench.studies.backtest.page_methods import methods_table

if TYPE_CHECKING:
    from bench.report.figure_export import Drawing


def backtest_page(
    errors: pd.DataFrame,
    forecasts: pd.DataFrame,
    methods: pd.DataFrame,
    facts: RunFacts,
    *,
    tables: Mapping[str, pd.DataFrame] | None = None,
    drawn: Sequence[Drawing] | None = None,
    more: Sequence[Table] = (),
    asked: pd.DataFrame | None = None,
) -> Page:
    """The parts of the page.

    Parameters
    ----------
    errors, forecasts, methods
        Long tables; several dates get a slider, several scenarios a choice.
    facts
        The run.
    tables
        Headline tables of `facts` by ballot, where they are known already.
    drawn
        Figures, where they are drawn already.
    more
        Further tables, such as the comparison over many dates.
    asked
        `methods` of every date of the vote; those of `facts` alone if left out.
    """
    every = methods if asked is None else asked
    found = content.all_cells(errors, forecasts, every, facts, tables=tables)
    ballot = facts.ballot_keys[0]
    table = found[0].table[ballot]
    order = [str(name) for name in table["predictor"]]
    if drawn is None:
        drawn = drawings(errors, forecasts, table, facts, kinds=())
    explorer = content.explorer_data(forecasts, facts)
    dates = content.dates_of(forecasts, facts)
    parts: list[Part] = [content.error_table(found, methods, facts, dates)]
    parts += [FigurePart(drawing=drawing) for drawing in drawn]
    parts.append(
        ExplorerPart(
            names=tuple(name for name in order if name in explorer["forecasts"]),
            dates=tuple(explorer["dates"]),
        )
    )
    parts += [from_table(one) for one in more]
    parts.append(coverage.mask_table(forecasts, methods, facts, order))
    if facts.comparisons:
        parts.append(
            LinesPart(
                key="comparisons", heading="Could the differences be chance?", nav="Comparisons",
                lines=facts.comparisons,
            )
        )  # fmt: skip
    breaks = content.breaking_table(errors, facts, ballot)
    parts += [] if breaks is None else [breaks]
    parts.append(methods_table(methods, facts))
    return Page(
        title=facts.title,
        kicker=f"{facts.name} · {facts.round_words}",
        lead=(words.headline_sentence(table, facts),),
        counts=_counts(table, facts),
        parts=tuple(parts),
        manifest=facts.manifest,
        cite=facts.cite,
        source=facts.source,
        data={"explorer": explorer},
    )


def _counts(table: pd.DataFrame, facts: RunFacts) -> tuple[tuple[str, str], ...]:
    ranked = int(table["block"].eq("ranked").sum())
    return (
        ("Vote", day(facts.vote_on)),
        ("Evidence until", facts.cut),
        ("Predictors", f"{len(table)}, of which {ranked} ranked"),
        (
            "Elected" if facts.seats == 1 else "Into the runoff",
            " and ".join(facts.name_of(c) for c in facts.qualifiers),
        ),
    )
