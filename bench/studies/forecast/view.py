"""What a forecast shows: chances, what is not known yet, what changed, and how such have done."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd

from bench.core.arrays import sorted_digits
from bench.core.language import LANGUAGES, use_language
from bench.core.settings import Experiment
from bench.data.board import board_folder, stated_rows
from bench.metrics.by_person import LEVELS
from bench.report.document import AnyFigure, MakeFigure
from bench.report.report import Report
from bench.runner.results import Results
from bench.studies.forecast.earlier_favourites import earlier_favourites
from bench.studies.forecast.facts import PAGE, facts_of
from bench.studies.forecast.fan import fan
from bench.studies.forecast.outlook import Outlook
from bench.studies.forecast.tables import tables_of, with_prices


def report(experiment: Experiment, results: Results) -> Report:
    """Title, findings, tables, figure and page of a forecast."""
    outlook = Outlook.of_run(experiment, results)
    figures: dict[str, AnyFigure | MakeFigure] = {}
    if not outlook.polls.empty:
        figures["fan"] = partial(fan, outlook)
    if "favourites" in outlook.tables:
        figures["favourites"] = partial(earlier_favourites, outlook)
    return PAGE.report(facts_of(outlook), tables_of(outlook), figures)


def sealed(experiment: Experiment, results: Results) -> dict[str, Any]:
    """What a record of `bench freeze` holds beside the forecasts.

    Returns
    -------
    dict
        `people`: the table by person, of whom `bench score` knows the columns; `hypotheses`: by
        language, sentences that the outcome can refute. Empty where no samples weigh ballots.
    """
    outlook = Outlook.of_run(experiment, results)
    if outlook.mixture.empty or outlook.settings.weights:
        return {}
    rows = with_prices(outlook).apply(sorted_digits)
    people = [row.dropna().to_dict() for _, row in rows.iterrows()]
    return {
        "people": people,
        "hypotheses": {language: hypotheses(outlook, language) for language in LANGUAGES},
    }


def dated_rows(experiment: Experiment, results: Results, source: str) -> pd.DataFrame:
    """The headline forecast as rows of a board.

    Parameters
    ----------
    experiment, results
        As of `report`.
    source : str
        Whose it is called.
    """
    outlook = Outlook.of_run(experiment, results)
    people = outlook.mixture
    if people.empty:
        of_ballot = outlook.tables.get("joint", outlook.headline.reset_index())
        people = of_ballot.drop(columns="p_runs", errors="ignore")
    if outlook.decides:
        people = people.assign(p_elected=people["p_qualify"]).drop(columns="p_qualify")
    levels = {name: level for name, level in LEVELS.items() if name in people}
    return stated_rows(
        people,
        levels,
        source=source,
        public_on=outlook.as_of.isoformat(),
        address=f"election-bench: {outlook.settings.headline}",
        election=board_folder(outlook.election).name,
        round=outlook.round.number,
    )


def hypotheses(outlook: Outlook, language: str) -> list[str]:
    """Sentences that the outcome can refute."""
    with use_language(language):
        facts = facts_of(outlook)
        sentences = PAGE.lines(
            "hypotheses",
            mixture=facts["sampled"],
            past=facts["past"],
            favourites=facts["favourites"],
            price=facts["price"],
            to_runoff=facts["to_runoff"],
        )
    return list(sentences)
