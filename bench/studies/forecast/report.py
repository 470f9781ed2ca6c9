"""The report of a forecast: headline, odds, what changed, other slates, what polls got wrong."""

from __future__ import annotations

from bench.core.language import _
from bench.core.settings import Experiment
from bench.report.formatting import day, days_in_words
from bench.report.report import FigureSection, Report, Sentences
from bench.report.tables import Table
from bench.runner.results import Results
from bench.studies.base import settings_of
from bench.studies.forecast.analysis import Settings
from bench.studies.forecast.plots import fan, fan_chart
from bench.studies.forecast.sentences import (
    changes,
    fared_then,
    headline,
    under_weights,
    unknown_yet,
)
from bench.studies.forecast.tables import (
    fared_table,
    forecast_table,
    history_table,
    methods_table,
    mixture_table,
    pairs_table,
    polls_table,
    slates_table,
    weights_table,
)
from bench.studies.forecast.told import Told


def report(experiment: Experiment, results: Results) -> Report:
    """Title, findings, tables, figure and page of a forecast."""
    told = Told(
        vote=results.facts["vote"],
        tables=results.tables,
        settings=settings_of(Settings, experiment),
    )
    said = headline(told)
    first = _some(mixture_table(told), weights_table(told), forecast_table(told))
    others = _some(
        pairs_table(told),
        slates_table(told),
        methods_table(told),
        fared_table(told),
        history_table(told),
        polls_table(told),
    )
    unknown = Sentences(
        name="unknown",
        heading=_("What it cannot know yet"),
        lines=tuple(unknown_yet(told)),
        nav=_("Not known yet"),
    )
    changed = Sentences(
        name="changed", heading=_("What changed, and what would"), lines=tuple(changes(told))
    )
    figures = {}
    if not told.polls.empty:
        figures["fan"] = lambda size: fan(told, claim=said[0]).draw(size)
    return Report(
        title=_(
            "{election}: {round}, as of {day}",
            election=told.title,
            round=told.round_words,
            day=day(told.as_of),
        ),
        kicker=_("Forecast of {days}", days=days_in_words(told.days)),
        findings=(
            *under_weights(told),
            *said,
            *unknown.lines[:1],
            *fared_then(told),
            *changed.lines[:1],
        ),
        tables=(*first, *others),
        figures=figures,
        charts={"fan": fan_chart(told)} if figures else {},
        source=told.source,
        counts=(
            (_("Vote"), days_in_words(told.days)),
            (
                _("Evidence until"),
                _("{day}, {hour}", day=day(told.as_of), hour=f"{told.as_of:%H:%M}"),
            ),
            (_("Polls"), str(told.polls["poll_id"].nunique())),
            (_("Ballot"), _ballot(told)),
        ),
        sections=(*first, *map(FigureSection, figures), changed, unknown, *others),
    )


def _some(*tables: Table | None) -> list[Table]:
    """Those of which there is something to say."""
    return [one for one in tables if one is not None]


def _ballot(told: Told) -> str:
    n = len(told.vote["ballot"])
    if not told.vote["slate"]:
        return _("the official one, {n} candidates", n=n)
    return _("slate {slate}, {n} candidates", slate=told.vote["slate_name"], n=n)
