"""What a backtest shows: one vote, on one date or many, or many votes compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import pandas as pd

from bench.core.errors import ConfigError, nearest, no_such
from bench.core.settings import Experiment
from bench.data.election import load_election, series_of
from bench.metrics.calibration import MIN_EVENTS, groups_with_curve
from bench.metrics.comparison.compare import KEY, answered, paired_differences
from bench.report.answers import Answers, coverage
from bench.report.charts import Moment
from bench.report.comparison import Compared, comparison_figures, comparison_tables
from bench.report.context import ReportContext, sources_of, title_of
from bench.report.document import AnyFigure, MakeFigure, MakeTable, Words, counts_of, table_of
from bench.report.figure import DrawnBy
from bench.report.formatting import day
from bench.report.report import Report
from bench.runner.results import Results
from bench.studies.backtest.area_map import (
    area_map,
    extent_of_chart,
    map_chart,
    map_facts,
    outlines,
    outlines_file,
)
from bench.studies.backtest.facts import (
    NOTES,
    VOTE,
    VOTES,
    Addition,
    MomentFacts,
    VoteFacts,
    VotesFacts,
    VoteTables,
)
from bench.studies.backtest.figures import (
    calibration,
    calibration_facts,
    closest,
    coverage_by_level,
    horizon,
    horizon_facts,
    polls,
    polls_facts,
    qualify,
    qualify_facts,
    shares,
    shares_facts,
    signed_errors,
    signed_facts,
)
from bench.studies.backtest.findings import (
    ballot_errors,
    has_gaps,
    moment_facts,
    over_dates_facts,
    polls_of_votes,
    with_and_without,
)
from bench.studies.backtest.headline import (
    Vote,
    at,
    best_of_families,
    excluded,
    headline,
    kinds,
    rankable,
)
from bench.studies.backtest.odds import (
    events_that_count,
    facts_of_odds,
    facts_over_votes,
    odds,
    odds_over_votes,
    odds_over_votes_table,
    odds_table,
    reliability,
)
from bench.studies.backtest.slates import chances_table, people_table
from bench.studies.backtest.tables import (
    area_errors,
    area_tables,
    dates_shown,
    error_table,
    errors_by_ballot,
    headline_table,
    mask_table,
    methods_table,
    rounds_table,
)

__all__ = ["NOTES", "VOTE", "VOTES", "report"]  # the documents are checked before a run
Figures = dict[str, AnyFigure | MakeFigure]
Tables = dict[str, MakeTable]
PANELS = 6  # of figures with one panel per method


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
    stored = results.facts["votes"]
    contexts = [ReportContext.from_json(context, experiment.name) for context in stored]
    votes = Vote.of(tables, contexts)
    moments = tables["methods"][["election", "round", "as_of"]].drop_duplicates()
    if len(moments.drop_duplicates(["election", "round"])) > 1:
        return votes_report(experiment, results, votes)
    beside = experiment.settings.get("beside")
    return vote_report(votes[0], results, beside or {})


def vote_report(
    vote: Vote, results: Results | None = None, beside: Mapping[str, str] | None = None
) -> Report:
    """The report of one vote.

    Parameters
    ----------
    vote
        At the moment that is shown.
    results
        Of the run: of many moments with the comparison of methods.
    beside
        See `bench.studies.backtest.analysis.Settings`.
    """
    results = results or Results()
    seen = {moment: vote.seen_at(moment) for moment in vote.dates}
    chances_at = dict(zip(seen, odds(list(seen.values())), strict=True))
    table, chances = headline([vote])[0], chances_at[vote.context.as_of]
    methods = _Methods.of(vote, table)
    moments = {
        moment: _facts_at(vote_then, table, chances_at[moment], beside or {})
        for moment, vote_then in seen.items()
    }
    has_comparison = "comparison" in results.facts
    tables, facts = _of_vote(vote, table, chances, is_printed=not has_comparison)
    tables |= {
        "errors": error_table(vote, table),
        "mask": partial(mask_table, vote, list(methods.order)),
        "methods": methods_table(vote),
        **_audit_table(results),
    }
    if "people" in results.tables:
        tables["people"] = people_table(vote, results.tables["people"])
    figures = _figures(vote, methods)
    if has_comparison:
        tables |= comparison_tables(results)
        figures["coverage"] = partial(coverage, vote.methods)
    page = VOTE.report(
        _vote_facts(vote, table, facts, methods, results, moments[vote.context.as_of]),
        tables,
        figures,
        timeline=_timeline(moments) if len(moments) > 1 else (),
    )
    drawn = page.figures.get("area_map")
    if not isinstance(drawn, DrawnBy):
        return page
    chart = map_chart(vote, methods.mapped, drawn.settings["words"])
    return replace(page, maps={"area_map": chart})


def differences(experiment: Experiment, results: Results, baseline: str = "") -> pd.DataFrame:
    """Mean absolute error of every method less that of the baseline, over elections.

    Parameters
    ----------
    experiment : Experiment
        The settings.
    results : Results
        From `bench.studies.backtest.analysis.analyse`.
    baseline : str
        That of the experiment if left out.

    Returns
    -------
    pandas.DataFrame
        As of `bench.metrics.comparison.compare.paired_differences`, over the candidates whom both
        name, in percentage points (`difference_pp`, `low_pp`, `high_pp`); smallest first.

    Raises
    ------
    ConfigError
        If there are no errors of the baseline.
    """
    errors = rankable(results.tables["errors"], results.tables["methods"])
    errors = errors[errors["ballot"].eq("all") & errors["area"].eq("national")]
    absolute = 100 * answered(errors, "absolute_error")
    baseline = baseline or experiment.baseline
    if baseline not in absolute:
        methods = list(map(str, absolute))
        error = no_such("baseline", baseline, methods)
        example = nearest(baseline, methods) or next(iter(methods), "")
        raise ConfigError(f'{error}; name a method of this run: compared("{example}")')
    losses = absolute.sub(absolute[baseline], axis=0).groupby(level=KEY).mean()
    series = series_of(map(load_election, experiment.elections))
    units = {name: f"{name}_pp" for name in ("difference", "low", "high")}
    table = paired_differences(losses, baseline, series).rename(columns=units)
    return table.sort_values("difference_pp", kind="stable", ignore_index=True)


def votes_report(experiment: Experiment, results: Results, votes: Sequence[Vote]) -> Report:
    """The report of many votes: methods compared over all of them, and the tables of each."""
    methods = results.tables["methods"]
    contexts = [vote.context for vote in votes]
    forecasts = rankable(results.tables["forecasts"], methods)
    events = events_that_count(forecasts, contexts)
    scores = odds_over_votes(events)
    has_odds = len(scores) > 1
    title, source = title_of(experiment), sources_of(experiment.elections)
    tables = comparison_tables(results) | _audit_table(results)
    figures: Figures = dict(comparison_figures(results))
    if has_odds:
        tables["odds"] = odds_over_votes_table(scores)
    if has_odds and groups_with_curve(events["predictor"]):
        order = [str(name) for name in scores["predictor"]]
        drawn = {"events": events, "title": title, "source": source, "order": order}
        figures["reliability"] = DrawnBy(reliability, drawn)
    of_votes, errors, chances = [], headline([vote.latest for vote in votes]), odds(votes)
    is_one_date = len(votes) == len(methods[["election", "round", "as_of"]].drop_duplicates())
    if is_one_date and len({context.election for context in contexts}) == 1:
        order = list(results.tables["summary"]["predictor"])
        tables["rounds"] = rounds_table(votes, errors, order)
    for vote, table, chance in zip(votes, errors, chances, strict=True):
        prefix = f"{vote.context.election}_r{vote.context.round}_"
        tables_of_vote, facts_of_vote = _of_vote(vote, table, chance, prefix, is_printed=False)
        tables |= tables_of_vote
        of_votes.append(facts_of_vote)
    facts = VotesFacts(
        title=title,
        source=source,
        kinds=kinds(),
        rounds=[context.round for context in contexts] if "rounds" in tables else [],
        compared=Compared.of(results, excluded(methods)),
        has_slates=_has_slates(results),
        n_early=_n_early(results),
        polls_of_votes=polls_of_votes(contexts),
        has_gaps=has_gaps(methods),
        odds=facts_over_votes(events, scores) if has_odds else None,
        votes=of_votes,
        answers=Answers.of(methods),
    )
    return VOTES.report(facts, tables, figures)


def _has_slates(results: Results) -> bool:
    return "slate_forecasts" in results.tables


def _n_early(results: Results) -> int:
    """Moments at which no poll was public whose slate could be supposed."""
    return len(results.facts["too_early"]) if _has_slates(results) else 0


def _audit_table(results: Results) -> Tables:
    if "audit" not in results.tables:
        return {}
    return {"audit": table_of(results.tables["audit"], terminal=False)}


class _Methods(NamedTuple):
    """Methods of a vote, at the moment that is shown, by what a figure draws of them.

    Attributes
    ----------
    table, every
        Rows of `headline` of the ballot that is ranked on, of this moment and of all, without those
        who stand outside the ranking.
    order
        As the table has them.
    answered, compared
        Those with shares, and those who are ranked.
    best
        One of each family.
    with_chances
        Those with shares, and those without who say who gets through.
    with_spread
        Those with intervals and outcomes enough for a curve.
    band_of
        The first with intervals; empty if none is ranked, or there is one date.
    mapped
        Those with a map, the best first.
    """

    table: pd.DataFrame
    every: pd.DataFrame
    order: tuple[str, ...]
    answered: list[str]
    compared: list[str]
    best: list[str]
    with_chances: list[str]
    with_spread: list[str]
    band_of: str
    mapped: list[str]

    @classmethod
    def of(cls, vote: Vote, table: pd.DataFrame) -> _Methods:
        """Those of the table of every moment and ballot."""
        as_of, ballot = vote.context.as_of, vote.context.ballot_keys[0]
        first = at(table, as_of, ballot)
        every = table[table["block"].ne("outside") & table["ballot"].eq(ballot)]
        rows = first[first["block"].ne("outside")]
        answered = [str(name) for name in rows.loc[rows["block"].ne("none"), "predictor"]]
        spread = _with_spread(rows)
        is_band = len(vote.dates) > 1 and spread["block"].eq("ranked").any()
        return cls(
            table=rows,
            every=every,
            order=tuple(map(str, first["predictor"])),
            answered=answered,
            compared=[str(name) for name in rows.loc[rows["block"].eq("ranked"), "predictor"]],
            best=(best_of_families(rows) or answered)[:PANELS],
            with_chances=[*answered, *_odds_alone(vote, rows)],
            with_spread=_with_curve(vote, spread),
            band_of=str(spread["predictor"].iloc[0]) if is_band else "",
            mapped=_mapped(vote, answered) if answered else [],
        )

    @property
    def in_panels(self) -> list[str]:
        """Those with shares, the best of each family first."""
        return [*self.best, *(name for name in self.answered if name not in self.best)]


def _with_curve(vote: Vote, spread: pd.DataFrame) -> list[str]:
    """Methods with intervals and outcomes enough: of fewer, coverage is mostly chance."""
    if len(vote.dates) * len(vote.context.outcome) < MIN_EVENTS:
        return []
    outcomes = coverage_by_level(vote).groupby("predictor")["n"].min()
    enough = set(outcomes.index[outcomes >= MIN_EVENTS])
    return [str(name) for name in spread["predictor"] if name in enough][:PANELS]


def _vote_facts(
    vote: Vote,
    table: pd.DataFrame,
    tables: VoteTables,
    methods: _Methods,
    results: Results,
    moment: MomentFacts,
) -> VoteFacts:
    """What the document of one vote knows."""
    context = vote.context
    is_drawn = bool(methods.answered)
    has_dates, ballot = len(vote.dates) > 1, _ballot_over_dates(vote)
    comparison = "comparison" in results.facts
    return VoteFacts(
        title=context.title,
        source=context.source,
        moment=moment,
        over_dates=over_dates_facts(table, vote),
        has_slates=_has_slates(results),
        n_early=_n_early(results),
        kinds=kinds(),
        vote=tables,
        errors=errors_by_ballot(vote, table)[context.ballot_keys[0]],
        has_several_dates=len(dates_shown(vote)) > 1,
        is_audited=bool(context.audit),
        has_partial=bool(methods.table["block"].eq("partial").any()),
        polls=polls_facts(vote, band_of=methods.band_of) if is_drawn and len(vote.polls) else None,
        signed_errors=signed_facts(vote, compared=methods.compared or methods.answered)
        if is_drawn
        else None,
        shares=shares_facts(vote, predictors=methods.in_panels) if is_drawn else None,
        qualify=qualify_facts(vote, predictors=methods.with_chances) if is_drawn else None,
        horizon=horizon_facts(vote, predictors=methods.answered, ballot=ballot)
        if is_drawn and has_dates
        else None,
        calibration=calibration_facts(vote, predictors=methods.with_spread)
        if methods.with_spread
        else None,
        maps=[map_facts(vote, name, methods.mapped) for name in methods.mapped],
        extent_of_maps=extent_of_chart(vote, methods.mapped) if methods.mapped else None,
        compared=Compared.of(results, excluded(vote.methods)) if comparison else None,
        polls_of_votes=polls_of_votes([context]),
        has_gaps=has_gaps(vote.methods),
        answers=Answers.of(vote.methods),
    )


def _timeline(moments: Mapping[pd.Timestamp, MomentFacts]) -> tuple[Moment, ...]:
    """What the page says of each moment of its slider."""
    return tuple(
        Moment(
            as_of=f"{moment:%Y-%m-%dT%H:%M}",
            date=day(moment),
            cut=facts.cut,
            days=facts.days,
            findings=VOTE.lines("findings", moment=facts),
            counts=tuple(value for _label, value in counts_of(VOTE.lines("counts", moment=facts))),
        )
        for moment, facts in moments.items()
    )


def _facts_at(
    vote: Vote, table: pd.DataFrame, chances: pd.DataFrame, beside: Mapping[str, str]
) -> MomentFacts:
    """What the page says of the moment that the vote is seen at."""
    rows = at(table, vote.context.as_of, vote.context.ballot_keys[0])
    additions: list[Addition] = []
    if beside:
        errors = area_errors(vote).set_index("predictor")
        by_area = errors.loc[errors["candidate"].eq(""), "weighted_pp"]
        additions = with_and_without(rows, beside, by_area)
    return moment_facts(rows, vote, chances, additions)


def _of_vote(
    vote: Vote, table: pd.DataFrame, chances: pd.DataFrame, prefix: str = "", *, is_printed: bool
) -> tuple[Tables, VoteTables]:
    """The tables of a vote at the moment that is shown, and what they say.

    They stand on the page of this vote, whose names have no prefix.
    """
    context = vote.context
    by_ballot = {ballot: at(table, context.as_of, ballot) for ballot in context.ballot_keys}
    rows, *_whole = by_ballot.values()
    tables: Tables = {}
    for name, of_ballot in zip(("headline", "full_ballot"), by_ballot.values(), strict=False):
        is_first = name == "headline"
        tables[name] = headline_table(of_ballot, context, terminal=is_printed and is_first)
    if len(chances):
        tables["odds"] = odds_table(vote, chances, terminal=is_printed)
    if len(vote.slate_forecasts) and (by_day := chances_table(vote)):
        tables["chances_by_day"] = by_day
    with_areas = set(vote.errors.loc[vote.errors["area"].ne("national"), "predictor"])
    if with_areas:
        is_about_areas = with_areas == set(rows.loc[rows["block"].ne("none"), "predictor"])
        tables |= area_tables(vote, terminal=is_printed and is_about_areas)
    errors = [ballot_errors(rows, context, ballot) for ballot, rows in by_ballot.items()]
    facts = VoteTables(
        prefix=prefix,
        on_page=not prefix,
        title=context.title,
        election=context.name,
        round=context.round_words,
        n_advance=context.n_advance,
        compared=[context.surnames[name] for name in vote.compared],
        headline=errors[0],
        full_ballot=errors[1] if len(errors) > 1 else None,
        odds=facts_of_odds(vote, chances),
        through={name: context.surnames[name] for name in context.qualifiers},
    )
    return {f"{prefix}{name}": make for name, make in tables.items()}, facts


def _figures(vote: Vote, methods: _Methods) -> Figures:
    """Every figure that the tables allow, by name.

    No figure shows who stands outside the ranking.
    """
    if not methods.answered:
        return {}
    figures: Figures = {
        "signed_errors": partial(signed_errors, vote, methods.answered),
        "shares": partial(shares, vote, methods.in_panels, len(methods.best)),
        "qualify": qualify(vote, predictors=methods.with_chances),
    }
    if len(vote.dates) > 1:
        figures["horizon"] = horizon(
            vote, predictors=methods.answered, ballot=_ballot_over_dates(vote)
        )
    if methods.compared:
        figures["closest"] = closest(vote, table=methods.every)
    if len(vote.polls):
        figures["polls"] = polls(vote, band_of=methods.band_of)
    if methods.with_spread:
        figures["calibration"] = partial(_calibration, vote, methods.with_spread)
    for number, name in enumerate(methods.mapped):
        key = f"area_map_{name}" if number else "area_map"
        figures[key] = partial(_area_map, vote, name, methods.mapped)
    return figures


def _calibration(vote: Vote, predictors: Sequence[str], words: Words) -> DrawnBy:
    return DrawnBy(calibration, {"vote": vote, "predictors": predictors, "words": words})


def _area_map(vote: Vote, predictor: str, mapped: Sequence[str], words: Words) -> DrawnBy:
    drawn = {"vote": vote, "predictor": predictor, "beside": mapped, "words": words}
    return DrawnBy(area_map, drawn, [outlines_file(vote)])


def _mapped(vote: Vote, answered: Sequence[str]) -> list[str]:
    """Methods with a map, the best first: everybody in a run about areas, else the best.

    Parameters
    ----------
    vote
        At the moment that is shown.
    answered
        Methods with shares, the best first.
    """
    path = vote.context.area_outlines
    if path is None or not vote.errors["area"].ne("national").any():
        return []
    local = vote.errors.loc[vote.errors["area"].isin(outlines(path)), "predictor"].unique()
    with_map = [name for name in answered if name in local]
    return with_map if with_map == list(answered) else with_map[:1]


def _with_spread(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of those who answer with intervals, one of each national forecast."""
    has_spread = table["has_spread"].astype(bool) & table["block"].ne("none")
    return table[has_spread & table["same_as"].eq("")]


def _odds_alone(vote: Vote, table: pd.DataFrame) -> list[str]:
    """Those who have no shares and yet say who gets through."""
    rows = vote.latest.national_forecasts
    stated = set(rows.loc[rows["share"].isna() & rows["p_qualify"].notna(), "predictor"])
    return [str(name) for name in table["predictor"] if name in stated]


def _ballot_over_dates(vote: Vote) -> str:
    """A curve compares one and the same ballot, and the rule may choose another set by date."""
    sets = vote.ranked_sets  # none on a date whose set is the whole ballot
    is_one_set = len(set(sets.values())) == 1 and len(sets) == len(vote.dates)
    return vote.context.ballot_keys[0] if is_one_set else "all"
