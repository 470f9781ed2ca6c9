"""What an election night shows: words, tables and figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from bench.core.language import N_, _, retold
from bench.core.settings import Experiment
from bench.report.context import sources_of, title_of
from bench.report.formatting import column, in_words
from bench.report.report import Report
from bench.report.tables import Table, table
from bench.runner.results import Results
from bench.studies.base import settings_of
from bench.studies.election_night.analysis import Settings
from bench.studies.election_night.plots import (
    estimator_words,
    night_figure,
    sample_figure,
)

ONE = N_("All simulated evenings reorder one election: their errors are not independent.")
SAMPLES = N_(
    "From left to right more stations are in the sample. The lower a line of errors, the closer "
    "the estimate; what the past vote of each station adds is the distance between the lines."
)
OTHERS = N_(
    "Other evenings are counted again by areas where no stations are known, in the "
    "same made-up orders; each is estimated with what the rest of them teaches."
)


def night_report(experiment: Experiment, results: Results) -> Report:
    """How the evening went, in words, tables and figures."""
    settings, facts = settings_of(Settings, experiment), results.facts
    moments, calls, samples = (results.tables[key] for key in ("moments", "called", "samples"))
    title, source = title_of(experiment, facts["elections"][:1]), sources_of(facts["elections"])
    level, frames = settings.level, facts["frames"]
    in_points = samples.assign(
        mae_leading=100 * samples["mae_leading"], half_width=100 * samples["half_width"]
    )
    number = moments["round"].iloc[0]
    first = moments[moments["round"].eq(number)]
    some = in_points[in_points["round"].eq(number)]
    said = tuple(headline(first, calls, results.tables["rule"], settings))
    return Report(
        title=title,
        findings=(*said, _(ONE)),
        tables=(
            *night_tables(moments, calls, in_points, title, level),
            *other_tables(results.tables),
        ),
        figures={
            "night": night_figure(
                first, title=title, level=level, source=source, claim=said[0]
            ).draw,
            "samples": sample_figure(some, level=level, frames=frames, source=source).draw,
        },
        reading={"samples": _(SAMPLES)},
        source=source,
        kicker=_("Election night, counted again"),
        counts=(
            (_("Orders of reporting"), str(moments["order"].nunique())),
            (
                _("Simulated evenings"),
                str(int(calls.drop_duplicates(["round", "order"])["n"].sum())),
            ),
            (_("Moments"), str(moments["counted"].nunique())),
        ),
    )


def night_tables(
    moments: pd.DataFrame, calls: pd.DataFrame, samples: pd.DataFrame, title: str, level: float
) -> tuple[Table, ...]:
    """The tables of the study, errors in percentage points."""
    notes = (
        _(
            "Errors and intervals ({level:.0%}) in percentage points; a dash: votes as "
            "counted state no interval.",
            level=level,
        ),
        ONE,
    )
    called = estimator_words()
    names = ["round", "allowed", "estimator", "n_stations", "mae_leading", "half_width", "covered"]
    return (
        table(
            "by_moment",
            moments,
            called=called,
            title=title,
            notes=notes,
            heading=_("How good was each estimate at every moment?"),
            first={"round": str(moments["round"].iloc[0]), "order": str(moments["order"].iloc[0])},
            terminal=False,
        ),
        table(
            "calls",
            calls,
            called=called,
            title=_("When the leaders are called, and how often wrongly"),
            notes=(ONE,),
            heading=_("When can the leaders be called, and how often is that wrong?"),
            terminal=True,
        ),
        table(
            "samples",
            samples[[*names, "covered_leading", "leaders_right"]],
            called=called,
            columns={"allowed": column("allowed", write=_allowed)},
            title=_("Samples of polling stations, means over samples"),
            heading=_("The same in numbers: samples of polling stations"),
            terminal=True,
        ),
    )


def _allowed(row: Mapping[Any, Any]) -> str:
    """From which stations a sample is drawn, in the language that is spoken."""
    return retold(in_words(row["allowed"], "allowed", {}), N_("closed at {hour}"))


def other_tables(tables: Mapping[str, pd.DataFrame]) -> tuple[Table, ...]:
    """What other evenings teach, and how it did on them; nothing where there are none."""
    if tables["other_evenings"].empty:
        return ()
    called = estimator_words()
    return (
        table(
            "shared_bias",
            tables["learned"],
            called=called,
            title=_("The bias that outstanding stations share, learned from other evenings"),
            notes=(OTHERS,),
            of="other_evenings",
            terminal=False,
        ),
        table(
            "other_evenings",
            tables["other_evenings"],
            called=called,
            title=_("Intervals from votes alone on the other evenings"),
            heading=_("Do the intervals hold on other evenings?"),
            notes=(OTHERS, _("Means over evenings; errors and intervals in percentage points.")),
            terminal=False,
        ),
        table(
            "rule",
            tables["rule"],
            called=called,
            title=_("Calling the leaders of the other evenings from votes alone"),
            heading=_("How often is a call wrong on other evenings?"),
            notes=(OTHERS,),
            of="other_evenings",
            terminal=True,
        ),
    )


def headline(
    moments: pd.DataFrame, calls: pd.DataFrame, rule: pd.DataFrame, settings: Settings
) -> Iterator[str]:
    """Errors with few stations counted, and the first call, in the first order of the study.

    Parameters
    ----------
    moments : pandas.DataFrame
        Of one round.
    calls, rule : pandas.DataFrame
        Of every round; no rule without other evenings.
    settings : Settings
    """
    number, order = moments["round"].iloc[0], str(moments["order"].iloc[0])
    away = (moments["counted"] - settings.headline_at).abs()
    nearest = float(moments["counted"].iloc[away.argmin()])
    here = moments[moments["order"].eq(order) & moments["counted"].eq(nearest)]
    row = here.set_index("estimator")
    ours = "calibrated" if "calibrated" in row.index else "extrapolation"
    best = row.loc[ours]
    mine = calls["round"].eq(number) & calls["order"].eq(order) & calls["estimator"].eq(ours)
    called = calls[mine].iloc[0]
    n = int(called["n"])
    yield _(
        "With {nearest:.0%} of the stations counted, the extrapolation is {error:.1f} points "
        "off per leading candidate; the votes counted so far are {raw:.1f} points off.",
        nearest=nearest,
        error=best["mae_leading"],
        raw=row.loc["counted", "mae_leading"],
    )
    yield _(
        "This is the order “{order}”; the {level:.0%} intervals of the extrapolation reach "
        "{half_width:.1f} points either way and hold {inside:.0%} of the results.",
        order=in_words(order, "order", {}),
        level=settings.level,
        half_width=best["half_width"],
        inside=best["covered_leading"],
    )
    if not called["ever_called"] > 0:
        yield _("The leaders are called in none of the {n} simulated evenings.", n=n)
        return
    yield _(
        "The leaders are first called with {counted:.0%} of the stations counted (median of "
        "{n} simulated evenings), and wrongly in {wrong} of the {n}.",
        counted=called["counted_at_call"],
        n=n,
        wrong=round(called["wrong_first_call"] * n),
    )
    if rule.empty:
        return
    same = rule["round"].eq(number) & rule["estimator"].eq(ours)
    for other in rule[same & rule["chance"].eq(settings.call_at)].to_dict("records"):
        yield _(
            "By the same rule (a chance of {call_at:.0%}), {n_wrong} of {n_called} other "
            "evenings were called wrongly. This excludes an error rate above "
            "{wrong_at_most:.0%} with 95% confidence, but no smaller one.",
            call_at=settings.call_at,
            n_wrong=other["n_wrong"],
            n_called=other["n_called"],
            wrong_at_most=other["wrong_at_most"],
        )
