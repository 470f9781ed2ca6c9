"""What a backtest shows: one vote, on one date or many, or many votes compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from bench.core.settings import Experiment
from bench.metrics.calibration import MIN_EVENTS, groups_with_curve
from bench.report.answers import coverage_figure
from bench.report.charts import Moment
from bench.report.comparison import comparison_report, outside
from bench.report.context import ReportContext
from bench.report.figure import DrawnBy, Figure
from bench.report.formatting import day
from bench.report.report import FigureSection, Report
from bench.report.tables import Table
from bench.report.text import Text
from bench.report.view import view_tables
from bench.runner.results import Results
from bench.studies.backtest.area_map import area_map, map_chart, outlines, outlines_file
from bench.studies.backtest.figures import (
    calibration,
    closest,
    coverage_by_level,
    horizon,
    polls,
    qualify,
    shares,
    signed_errors,
)
from bench.studies.backtest.findings import (
    headline_facts,
    odds_facts,
    on_the_evidence,
    over_dates_facts,
    vote_facts,
    with_and_without,
)
from bench.studies.backtest.headline import (
    Vote,
    at,
    best_of_families,
    excluded,
    headline,
    rankable,
)
from bench.studies.backtest.odds import (
    events_that_count,
    first_odds,
    odds,
    odds_over_votes,
    odds_over_votes_table,
    odds_table,
    reliability,
)
from bench.studies.backtest.slates import chances_table
from bench.studies.backtest.tables import (
    area_errors,
    area_tables,
    error_table,
    headline_table,
    mask_table,
    methods_table,
)

Figures = dict[str, Figure | DrawnBy]
PANELS = 6  # of figures with one panel per method
LEAD = ("horizon", "closest", "polls", "shares", "signed_errors", "qualify")  # before the tables
text = Text("backtest")


def report(experiment: Experiment, results: Results) -> Report:
    """Title, findings, tables, figures and page.

    Parameters
    ----------
    experiment : Experiment
        The settings.
    results : Results
        From `bench.studies.backtest.analysis.analyse`.
    """
    tables = results.tables
    votes = [Vote.of(tables, ReportContext.from_json(kept)) for kept in results.facts["votes"]]
    asked = tables["methods"][["election", "round", "as_of"]].drop_duplicates()
    is_alone = len(asked.drop_duplicates(["election", "round"])) == 1
    compared = _compared(experiment, results, votes) if len(asked) > 1 else None
    frames = {"audit": tables["audit"]} if "audit" in tables else {}
    audit = view_tables("backtest", frames, {})
    has_slates = "slate_forecasts" in tables
    too_early = len(results.facts["too_early"]) if has_slates else 0
    on_slates = text.lines("on_slates", n_early=too_early) if has_slates else ()
    if is_alone:
        alone = vote_report(votes[0], compared, audit, experiment.settings.get("beside"))
        return replace(alone, findings=(*alone.findings, *on_slates))
    assert compared is not None
    more: list[Table] = []
    for vote in votes:
        name = f"{vote.context.election}_r{vote.context.round}_"
        more += _vote_tables(vote, headline(vote), odds(vote), label=name, is_printed=False)
    compared = _with_odds(compared, votes, results)
    return replace(
        compared,
        findings=(*compared.findings, *on_slates),
        tables=(*compared.tables, *more, *audit),
        sections=compared.page_sections,
    )


def _with_odds(compared: Report, votes: Sequence[Vote], results: Results) -> Report:
    """The comparison with the odds over all votes and, of events enough, their reliability."""
    forecasts = rankable(results.tables["forecasts"], results.tables["methods"])
    events = events_that_count(forecasts, [vote.context for vote in votes])
    scores = odds_over_votes(events)
    if len(scores) < 2:
        return compared
    figures = dict(compared.figures)
    if groups_with_curve(events["predictor"]):
        order = [str(name) for name in scores["predictor"]]
        figures["reliability"] = DrawnBy(
            reliability,
            {
                "events": events,
                "title": compared.title,
                "source": compared.source,
                "order": order,
            },
        )
    tables = list(compared.tables)
    tables.insert(1, odds_over_votes_table(events, scores, compared.title))
    return replace(compared, tables=tuple(tables), figures=figures)


def _compared(experiment: Experiment, results: Results, votes: Sequence[Vote]) -> Report:
    """The methods over all votes and dates."""
    methods = results.tables["methods"]
    out = outside(excluded(methods))
    notes = (*out, *on_the_evidence(methods, [vote.context for vote in votes]))
    found = comparison_report(experiment, results, notes=notes)
    return replace(found, findings=(*found.findings, *out))


def vote_report(
    vote: Vote,
    compared: Report | None = None,
    audit: Sequence[Table] = (),
    beside: Mapping[str, str] | None = None,
) -> Report:
    """The report of one vote; `compared` if it was forecast at many moments.

    `beside`: see `bench.studies.backtest.analysis.Settings`.
    """
    context = vote.context
    table = headline(vote)
    first = at(table, context.as_of, context.ballot_keys[0])
    order = [str(name) for name in first["predictor"]]
    events = odds(vote)
    tables = _vote_tables(vote, table, events, label="", is_printed=compared is None)
    chances = [entry for entry in tables if entry.name in ("odds", "chances_by_day")]
    facts = over_dates_facts(table, vote)
    over_dates = text("over_dates", **vote_facts(vote), **facts) if facts else ""
    figures = figures_of(vote, first, over_dates, table)
    mapped = _mapped(vote, first[first["block"].ne("outside")])
    by_area = [one for one in tables if one.name.startswith("areas")]
    more = [] if compared is None else list(compared.tables)
    if compared is not None:
        figures["coverage"] = coverage_figure(vote.methods, context.title, context.source)
    sections = {
        name: FigureSection(name, _if_any(f"{name}_reading"), _if_any(f"{name}_section"))
        for name in figures
        if not name.startswith("area_map_")  # the chart shows every method's map
    }
    lead = [sections.pop(name) for name in LEAD if name in sections]
    moments = [_moment(table, vote, moment, events, beside or {}) for moment in vote.dates]
    return Report(
        title=context.title,
        kicker=text("vote_kicker", **vote_facts(vote)),
        findings=(*filter(None, [over_dates]), *moments[-1].findings),
        counts=text.pairs("counts", **headline_facts(first, vote)),
        tables=(*tables, *more, *audit),
        figures=figures,
        source=context.source,
        maps={"area_map": map_chart(vote, mapped)} if mapped else {},
        timeline=tuple(moments) if len(moments) > 1 else (),
        sections=(
            *lead,
            error_table(vote, table),
            *chances,
            *sections.values(),
            *more,
            *by_area,
            mask_table(vote, order),
            methods_table(vote),
        ),
    )


def _moment(
    table: pd.DataFrame,
    vote: Vote,
    moment: pd.Timestamp,
    chances: pd.DataFrame,
    beside: Mapping[str, str],
) -> Moment:
    """What the page says of one moment; `chances` are the odds of the one that is shown."""
    then = vote.seen_at(moment)
    rows = at(table, moment, vote.context.ballot_keys[0])
    known = chances if moment == vote.context.as_of else first_odds(then)
    facts = {**headline_facts(rows, then), "odds": odds_facts(known), "beside": []}
    if beside:
        errors = area_errors(then).set_index("predictor")
        by_area = errors.loc[errors["candidate"].eq(""), "weighted_pp"]
        facts["beside"] = with_and_without(rows, beside, by_area)
    return Moment(
        as_of=f"{moment:%Y-%m-%dT%H:%M}",
        date=day(moment),
        cut=then.context.cut,
        days=vote.days[moment],
        findings=text.lines("findings", **facts),
        counts=tuple(value for _label, value in text.pairs("counts", **facts)),
    )


def _if_any(key: str) -> str:
    return text(key) if key in text else ""


def _vote_tables(
    vote: Vote,
    table: pd.DataFrame,
    chances: pd.DataFrame,
    *,
    label: str,
    is_printed: bool,
) -> list[Table]:
    """The tables of a vote at the moment that is shown."""
    context = vote.context
    ballots = context.ballot_keys
    names = dict(zip(ballots, ("headline", "full_ballot"), strict=False))
    shown = {ballot: at(table, context.as_of, ballot) for ballot in ballots}
    tables = [
        headline_table(
            shown[ballot],
            context,
            ballot=ballot,
            name=name,
            label=label,
            terminal=is_printed and name == "headline",
        )
        for ballot, name in names.items()
    ]
    if len(chances):
        tables.append(odds_table(vote, chances, label=label, terminal=is_printed))
    if len(vote.slate_forecasts):
        tables += chances_table(vote, label=label)
    with_areas = set(vote.errors.loc[vote.errors["area"].ne("national"), "predictor"])
    if with_areas:
        first = shown[ballots[0]]
        is_about_areas = with_areas == set(first.loc[first["block"].ne("none"), "predictor"])
        tables += area_tables(vote, label=label, terminal=is_printed and is_about_areas)
    return tables


def figures_of(
    vote: Vote, table: pd.DataFrame, over_dates: str = "", every: pd.DataFrame | None = None
) -> Figures:
    """Every figure that the tables allow, by name.

    Parameters
    ----------
    vote
        At the moment that is shown.
    table
        From `bench.studies.backtest.headline.headline`: this moment, the ballot that is ranked on.
        No figure shows who stands outside the ranking.
    over_dates
        What the figure of errors over dates shows, in a sentence.
    every
        The table of every moment and ballot, for pages; of this one alone if None.
    """
    as_of, ballot = vote.context.as_of, vote.context.ballot_keys[0]
    if every is None:
        every = table.assign(as_of=as_of, ballot=ballot)
    every = every[every["block"].ne("outside") & every["ballot"].eq(ballot)]
    table = table[table["block"].ne("outside")]
    silent = table["block"].eq("none")
    answered = [str(name) for name in table.loc[~silent, "predictor"]]
    if not answered:
        return {}
    compared = [str(name) for name in table.loc[table["block"].eq("ranked"), "predictor"]]
    best = (best_of_families(table) or answered)[:PANELS]
    spread = _with_spread(table)
    figures: Figures = {}
    if len(vote.dates) > 1:
        figures["horizon"] = horizon(
            vote, predictors=answered, ballot=_ballot_over_dates(vote), claim=over_dates
        )
    if compared:
        figures["closest"] = closest(vote, table=every, shown=table)
    if len(vote.polls):
        figures["polls"] = polls(vote, band_of=_band_of(table))
    others = [name for name in answered if name not in best]
    figures |= {
        "signed_errors": signed_errors(vote, predictors=answered, compared=compared or answered),
        "shares": shares(vote, predictors=[*best, *others], most=len(best)),
        "qualify": qualify(vote, predictors=[*answered, *_odds_alone(vote, table)]),
    }
    # of fewer outcomes, coverage is mostly chance
    if len(vote.dates) * len(vote.context.outcome) >= MIN_EVENTS:
        outcomes = coverage_by_level(vote).groupby("predictor")["n"].min()
        enough = set(outcomes.index[outcomes >= MIN_EVENTS])
        held = [str(name) for name in spread["predictor"] if name in enough][:PANELS]
        if held:
            figures["calibration"] = DrawnBy(calibration, {"vote": vote, "predictors": held})
    shown = _mapped(vote, table)
    for number, name in enumerate(shown):
        key = f"area_map_{name}" if number else "area_map"
        mapped = {"vote": vote, "predictor": name, "beside": shown}
        figures[key] = DrawnBy(area_map, mapped, [outlines_file(vote)])
    return figures


def _mapped(vote: Vote, table: pd.DataFrame) -> list[str]:
    """Methods with a map, the best first: everybody in a run about areas, else the best.

    Parameters
    ----------
    vote, table
        As of `figures_of`.
    """
    path = vote.context.area_outlines
    if path is None or not vote.errors["area"].ne("national").any():
        return []
    answered = [str(name) for name in table.loc[table["block"].ne("none"), "predictor"]]
    local = vote.errors.loc[vote.errors["area"].isin(outlines(path)), "predictor"].unique()
    known = [name for name in answered if name in local]
    return known if known == answered else known[:1]


def _with_spread(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of those who answer with intervals, one of each national forecast."""
    has_spread = table["has_spread"].astype(bool) & table["block"].ne("none")
    return table[has_spread & table["same_as"].eq("")]


def _band_of(table: pd.DataFrame) -> str:
    """The first method with intervals, for the chart of polls; empty if none is ranked."""
    spread = _with_spread(table)
    return str(spread["predictor"].iloc[0]) if spread["block"].eq("ranked").any() else ""


def _odds_alone(vote: Vote, table: pd.DataFrame) -> list[str]:
    """Those who have no shares and yet say who gets through."""
    rows = vote.latest.national_forecasts
    stated = set(rows.loc[rows["share"].isna() & rows["p_qualify"].notna(), "predictor"])
    return [str(name) for name in table["predictor"] if name in stated]


def _ballot_over_dates(vote: Vote) -> str:
    """A curve compares one and the same ballot, and the rule may choose another set by date."""
    sets = vote.ranked_sets  # none on a date whose set is the whole ballot
    is_one = len(set(sets.values())) == 1 and len(sets) == len(vote.dates)
    return vote.context.ballot_keys[0] if is_one else "all"
