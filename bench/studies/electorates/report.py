"""What the study of many electorates shows: words, tables and a figure."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from bench.core.language import _, in_form, ngettext
from bench.core.settings import Experiment
from bench.data.election import load_election
from bench.report.context import election_title, sources_of, title_of
from bench.report.doses import SIMULATED, conclusion_words
from bench.report.report import Report
from bench.report.tables import Table, table
from bench.runner.results import Results
from bench.studies.electorates.analysis import MORE_ERROR, WORSE
from bench.studies.electorates.plots import electorates


def electorates_report(experiment: Experiment, results: Results) -> Report:
    """Bias and variance by election, and which conclusions hold."""
    apart, claims = results.tables["apart"], results.tables["claims"]
    title, families = title_of(experiment), results.facts["families"]
    called = {
        name: election_title(load_election(name).title) for name in claims["election"].unique()
    }
    said = tuple(_findings(claims.assign(election=claims["election"].map(called))))
    return Report(
        title=title,
        findings=(*said, _(SIMULATED)),
        tables=(claims_table(claims, title), _apart_table(apart, title)),
        figures={"electorates": electorates(apart, families, title, claim=said[0]).draw},
        source=sources_of(experiment.elections),
        kicker=_("Simulated evidence"),
        counts=(
            (_("Elections"), str(apart["election"].nunique())),
            (_("Electorates of each"), in_form(f"{int(apart['electorates'].max()):,}")),
            (_("Methods"), str(apart["predictor"].nunique())),
        ),
    )


def _findings(claims: pd.DataFrame) -> Iterator[str]:
    """How many conclusions hold in every election, and which do not.

    Examples
    --------
    >>> table = pd.DataFrame({"conclusion": ["a errs more than b", "a errs more than b"],
    ...                       "election": ["x", "y"], "holds": ["yes", "no, the reverse"]})
    >>> list(_findings(table))[1]
    'a errs more than b: yes (x); no, the reverse (y).'
    """
    by = claims.groupby("conclusion", sort=False)["holds"].agg(lambda one: set(one) == {"yes"})
    n = claims["election"].nunique()
    yield ngettext(
        "{held} of {claims} conclusions hold in the one election tried, with their whole 95% "
        "interval.",
        "{held} of {claims} conclusions drawn from one election hold in all {n} elections, "
        "with their whole 95% interval.",
        n,
        held=int(by.sum()),
        claims=len(by),
    )
    for name in by.index[~by]:
        rows = claims[claims["conclusion"].eq(name)]
        verdicts = [
            _(
                "{verdict} ({elections})",
                verdict=_(str(verdict)),
                elections=list(part["election"]),
            )
            for verdict, part in rows.groupby("holds", sort=False)
        ]
        yield _(
            "{claim}: {verdicts}.",
            claim=conclusion_words(str(name), MORE_ERROR, WORSE),
            verdicts=_("; ").join(verdicts),
        )


def claims_table(claims: pd.DataFrame, title: str) -> Table:
    """Conclusions by election."""
    return table(
        "conclusions",
        claims,
        title=_("{title}: does a conclusion hold elsewhere?", title=title),
        columns={
            **dict.fromkeys(["value", "low", "high"], "2"),
            "conclusion": {
                "write": lambda row: conclusion_words(row["conclusion"], MORE_ERROR, WORSE)
            },
        },
        heading=_("Does a conclusion hold elsewhere?"),
        notes=(
            _(
                "95% intervals of a paired bootstrap over electorates. What an election does "
                "not know itself is lent by another: docs/simulation.md."
            ),
        ),
        terminal=True,
    )


def _apart_table(apart: pd.DataFrame, title: str) -> Table:
    return table(
        "bias_variance",
        apart,
        title=_("{title}: bias and variance", title=title),
        columns={
            "volunteers": {"meaning": _("those who come, or a random sample of as many people")}
        },
        first={"election": str(apart["election"].iloc[-1])} if len(apart) else None,
        heading=_("How much of the error is bias, which no larger sample removes?"),
        notes=(_("Root mean squared errors over electorates around each election, points."),),
    )
