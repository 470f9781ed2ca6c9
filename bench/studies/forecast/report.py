"""The report of a forecast: headline, odds, what changed, other slates, what polls got wrong."""

from __future__ import annotations

from functools import partial
from typing import Any

from bench.core.language import _
from bench.core.settings import Experiment
from bench.report.context import election_title, sources_of
from bench.report.formatting import day, days_in_words
from bench.report.report import FigureSection, Report, Sentences
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
)
from bench.studies.forecast.told import Told
from bench.studies.forecast.words import ROUNDS


def report(experiment: Experiment, results: Results) -> Report:
    """Title, findings, tables, figure and page of a forecast."""
    told = Told(
        vote=results.facts["vote"],
        tables=results.tables,
        settings=settings_of(Settings, experiment),
    )
    title = _(
        "{election}: {round}, as of {day}",
        election=election_title(told.election.title),
        round=_(ROUNDS[int(told.vote["round"])]),
        day=day(told.as_of),
    )
    mixed = mixture_table(told)
    tables = [*mixed, forecast_table(told)]
    tables += [*pairs_table(told), *slates_table(told), methods_table(told)]
    past = [*fared_table(told), *history_table(told)]
    unknown = Sentences(
        name="unknown",
        heading=_("What it cannot know yet"),
        lines=tuple(unknown_yet(told)),
        nav=_("Not known yet"),
    )
    changed = Sentences(
        name="changed", heading=_("What changed, and what would"), lines=tuple(changes(told))
    )
    figures = {"fan": partial(_fan, told)}
    if told.polls.empty:
        figures = {}
    return Report(
        title=title,
        kicker=_("Forecast of {days}", days=days_in_words(told.days)),
        findings=(
            *under_weights(told),
            *headline(told),
            *unknown.lines[:1],
            *fared_then(told),
            *changed.lines[:1],
        ),
        tables=(*tables, *past, polls_table(told)),
        figures=figures,
        charts={"fan": fan_chart(told)} if figures else {},
        source=sources_of([str(told.vote["election"])]),
        counts=(
            (_("Vote"), days_in_words(told.days)),
            (
                _("Evidence until"),
                _("{day}, {hour}", day=day(told.as_of), hour=f"{told.as_of:%H:%M}"),
            ),
            (_("Polls"), str(told.polls["poll_id"].nunique())),
            (_("Ballot"), _ballot(told)),
        ),
        sections=(
            *tables[: len(mixed) + 1],
            *map(FigureSection, figures),
            changed,
            unknown,
            *tables[len(mixed) + 1 :],
            *past,
            polls_table(told),
        ),
    )


def _fan(told: Told, size: str) -> Any:
    return fan(
        told.polls,
        told.tables["forecasts"],
        told.now,
        average=told.settings.average,
        headline=told.settings.headline,
        slate=str(told.vote["slate"]),
        as_of=told.as_of,
        vote_on=told.days[-1],
        names=told.names,
        title=f"{election_title(told.election.title)}, {_(ROUNDS[int(told.vote['round'])])}",
        source=sources_of([str(told.vote["election"])]),
        claim=next(iter(headline(told)), ""),
        size=size,
    )


def _ballot(told: Told) -> str:
    n = len(told.vote["ballot"])
    if not told.vote["slate"]:
        return _("the official one, {n} candidates", n=n)
    return _("slate {slate}, {n} candidates", slate=told.vote["slate_name"], n=n)
