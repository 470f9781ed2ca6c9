"""The facts of what a backtest found: how far off each kind of evidence was, what was public."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from bench.report.context import ReportContext
from bench.studies.backtest.facts import (
    Addition,
    BallotErrors,
    EventBriers,
    KindBriers,
    KindErrors,
    MomentFacts,
    OverDates,
    PollsOfVotes,
    Span,
)
from bench.studies.backtest.headline import Vote, kind_of, kinds, ranked_once

EQUAL_SHARES = "equal_shares"  # the kind beside which all others are set
BASELINE = "baselines"
BASELINES = (EQUAL_SHARES, "last_election", BASELINE)  # kinds that read nothing of the campaign


def moment_facts(
    table: pd.DataFrame,
    vote: Vote,
    chances: pd.DataFrame,
    additions: Sequence[Addition] = (),
) -> MomentFacts:
    """How far off each kind of evidence was, on what, and how many named the first places.

    Parameters
    ----------
    table
        From `bench.studies.backtest.headline.headline`, one moment and ballot.
    vote
        At that moment.
    chances
        As of `odds_facts`.
    additions
        From `with_and_without`.
    """
    context = vote.context
    ranked = table[table["block"].eq("ranked")]
    outside = table[table["block"].eq("outside")]
    kinds_of_evidence, equal_shares = kinds_facts(table)
    return MomentFacts(
        election=context.name,
        round=context.round_words,
        vote_on=context.vote_on,
        cut=context.cut,
        days=vote.days[context.as_of],
        is_eve=context.as_of == context.vote_on.normalize(),
        n_advance=context.n_advance,
        elected=[context.name_of(name) for name in context.qualifiers],
        winner=context.name_of(context.by_votes[0]),
        n_candidates=len(context.outcome),
        compared=[context.surnames[name] for name in vote.compared],
        least_polled=context.least_polled,
        kinds=kinds_of_evidence,
        equal_shares=equal_shares,
        n_methods=len(table),
        n_ranked=len(ranked),
        n_first=int(ranked["first_right"].eq(True).sum()),
        n_pair=int(ranked["pair_right"].eq(True).sum()),
        outside=dict(zip(outside["predictor"], outside["notes"], strict=True)),
        odds=odds_facts(chances),
        additions=list(additions),
    )


def with_and_without(
    table: pd.DataFrame, beside: Mapping[str, str], by_area: pd.Series
) -> list[Addition]:
    """Errors of methods that add something to another, and of those that do without.

    Pairs of which one is not compared are left out.

    Parameters
    ----------
    table
        From `bench.studies.backtest.headline.headline`, one moment and ballot.
    beside
        The method without, by the method with.
    by_area
        Mean absolute errors over areas in percentage points, by method.
    """
    rows = table[table["block"].eq("ranked")].set_index("predictor")
    lead = rows["same_as"].where(rows["same_as"].ne(""), rows.index.to_series())
    additions = []
    for method, without in beside.items():
        if method in rows.index and without in rows.index:
            areas = [by_area.get(name) for name in (method, without)]
            has_areas = None not in areas
            additions.append(
                Addition(
                    method=method,
                    without=without,
                    error=float(rows["mae_pp"][method]),
                    error_without=float(rows["mae_pp"][without]),
                    is_same=bool(lead[method] == lead[without]),
                    area_error=areas[0] if has_areas else None,
                    area_error_without=areas[1] if has_areas else None,
                )
            )
    return additions


def kinds_facts(table: pd.DataFrame) -> tuple[list[KindErrors], KindErrors | None]:
    """The errors of every kind of evidence, over all methods of the kind that are compared.

    Never the best method: of many rows one is close by chance. Equal shares stand beside the kinds,
    other baselines are among them only where nothing else is compared.

    Returns
    -------
    list of KindErrors, KindErrors or None
        In the order of the table; and of equal shares.
    """
    ranked = ranked_once(table)
    by_kind = dict(list(ranked.groupby("kind")))
    errors = [_kind_errors(kind, by_kind[kind]) for kind in kinds() if kind in by_kind]
    equal_shares = next((row for row in errors if row.kind == EQUAL_SHARES), None)
    evidence = [row for row in errors if row.kind not in BASELINES]
    return evidence or errors, equal_shares if evidence else None


def _kind_errors(kind: str, rows: pd.DataFrame) -> KindErrors:
    error = _span(rows["mae_pp"])
    assert error is not None
    return KindErrors(kind, error, _span(rows["mae_all_pp"]), _span(rows["evidence_age_days"]))


def _span(values: pd.Series) -> Span | None:
    """Least and greatest value; None where there are none."""
    values = values.dropna().astype(float)
    return Span(float(values.min()), float(values.max())) if len(values) else None


def over_dates_facts(table: pd.DataFrame, vote: Vote) -> OverDates | None:
    """How far off the first kind of evidence was on the first and on the last of many dates.

    Parameters
    ----------
    table
        From `bench.studies.backtest.headline.headline`, every moment and ballot.
    vote
        With several dates.
    """
    if len(vote.dates) < 2:
        return None
    whole = table[table["ballot"].eq("all")]
    in_the_end, _equal_shares = kinds_facts(whole[whole["as_of"].eq(vote.context.as_of)])
    if not in_the_end:
        return None
    last = in_the_end[0]
    of_kind = ranked_once(whole[whole["kind"].eq(last.kind)])
    earliest = of_kind[of_kind["as_of"].eq(of_kind["as_of"].min())]
    return OverDates(
        kind=last.kind,
        error_first=_kind_errors(last.kind, earliest).error,
        error_last=last.error,
        days_first=vote.days[pd.Timestamp(earliest["as_of"].iloc[0])],
        days_last=vote.days[vote.context.as_of],
    )


def ballot_errors(
    table: pd.DataFrame,
    context: ReportContext,
    ballot: str,
    *,
    is_dated: bool = True,
    words: str = "",
) -> BallotErrors:
    """The facts of title and notes of a table of errors.

    Parameters
    ----------
    table
        From `bench.studies.backtest.headline.headline`, one moment and ballot.
    context, ballot
        Its vote, and the key of the ballot.
    is_dated
        Whether the table has one date of evidence, which is then named.
    words
        What the ballot is called, where that is not what the context says.
    """
    blocks = list(table["block"])
    rows = zip(table["predictor"], blocks, table["has_spread"], strict=True)
    base = [spread for *row, spread in rows if row == [context.reference, "ranked"]]
    error = table.loc[table["block"].eq("ranked"), "crps_mc_error_pp"].max()
    return BallotErrors(
        election=context.name,
        round=context.round_words,
        ballot=words or context.ballots.get(ballot, ballot),
        is_part=ballot == "compared",
        n_partial=blocks.count("partial"),
        n_shared=sum(map(bool, table["same_as"])),
        mc_error=None if pd.isna(error) else float(error),
        has_baseline=bool(base),
        baseline_is_point=not any(base),
        reference=context.reference,
        is_dated=is_dated,
        cut=context.cut,
        n_polls=context.n_polls,
        n_polls_by_rule=context.n_polls_by_rule,
        n_questions=context.n_questions,
    )


def odds_facts(table: pd.DataFrame) -> EventBriers | None:
    """How good the chances of the first event are, by kind of evidence; None if one method has any.

    Parameters
    ----------
    table
        What `bench.studies.backtest.odds.odds` found of a vote.
    """
    if table.empty:
        return None
    event = table["event"].iloc[0]
    rows = table[table["block"].eq("ranked") & table["event"].eq(event)]
    if len(rows) < 2:
        return None
    kind = pd.Series(list(map(kind_of, rows["predictor"], rows["family"])), rows.index)
    spans = {key: _span(rows.loc[kind.eq(key), "brier"]) for key in kinds()}
    briers = [KindBriers(key, span) for key, span in spans.items() if span is not None]
    return EventBriers(str(event), briers)


def has_gaps(methods: pd.DataFrame) -> bool:
    """Whether a method named a part of a ballot: what is left of 1 was divided."""
    is_part = methods["named"].between(1, methods["n_candidates"] - 1)
    return bool((methods["status"].eq("ok") & is_part).any())


def polls_of_votes(votes: Sequence[ReportContext]) -> PollsOfVotes | None:
    """Polls that were public at the last moment of every vote; None where nobody counted."""
    in_time = sorted(votes, key=lambda vote: vote.as_of)
    last = {(vote.election, vote.round): vote for vote in in_time}
    counted = [vote for vote in last.values() if vote.n_polls is not None]
    if not counted:
        return None
    return PollsOfVotes(
        n_votes=len(counted),
        n_polls=sum(vote.n_polls or 0 for vote in counted),
        n_by_rule=sum(vote.n_polls_by_rule for vote in counted),
        n_questions=sum(vote.n_questions for vote in counted),
    )
