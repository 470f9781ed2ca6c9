"""What the tables of a backtest say, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from bench.report.context import ReportContext
from bench.report.formatting import day, format_significant, listed

ONE_VOTE = (
    "One election is one draw (n = 1): who came closest here need not be the better method. "
    "Whether a difference could be chance takes many elections."
)
MOST_NAMES = 3  # of methods in one sentence


def headline_sentence(table: pd.DataFrame, facts: ReportContext) -> str:
    """Say in plain words who ranks first, how close that is, and who named the first place.

    Parameters
    ----------
    table
        From `bench.studies.backtest.headline.headline`, one moment and ballot.
    facts
        The run.
    """
    ranked = table[table["block"].eq("ranked")]
    if ranked.empty:
        return (
            f"No predictor named every compared candidate of the {facts.round_words} of "
            f"{day(facts.vote_on)}, so none is ranked."
        )
    midnight = facts.as_of == facts.vote_on.normalize()
    days = (facts.vote_on.normalize() - facts.as_of.normalize()).days
    text = f"{'On the eve of' if midnight else when(days)} the {facts.round_words} of "
    text += f"{day(facts.vote_on)}, {first_ranked(ranked, facts)}"
    answered = table[table["block"].ne("none")]
    right = int(answered["first_right"].astype(bool).sum())
    winner = facts.name_of(facts.by_votes[0])
    text += f". {right} of {len(answered)} forecasts had {winner} first"
    if facts.seats > 1:
        pair = int(answered["pair_right"].astype(bool).sum())
        text += f", {pair} named the right {number_word(facts.seats)}"
    return text + "."


def first_ranked(ranked: pd.DataFrame, facts: ReportContext) -> str:
    """Who is in the first rank, with the mean absolute error beside that of the baseline."""
    first = ranked[ranked["rank"].eq(ranked["rank"].min())]
    best = first[first["same_as"].eq("")] if first["same_as"].eq("").any() else first
    base = ranked[ranked["predictor"].eq(facts.reference)]
    base = base[~base["predictor"].isin(first["predictor"])]
    names = list(best["predictor"])
    who = listed(names) if len(names) <= MOST_NAMES else f"{number_word(len(names))} methods"
    verb = "ranks first" if len(names) == 1 else "share the first rank"
    said = (
        f"{who} {verb} with a mean absolute error of {_span(best['mae_pp'])} points per candidate"
    )
    against = [f"{value:.2f}" for value in base["mae_pp"]]
    if "common" in facts.ballots and best["mae_full_pp"].notna().all():
        filled = ", its gaps filled" if best["gaps_filled"].any() else ""
        said += f" ({_span(best['mae_full_pp'])} on the whole ballot{filled})"
        against = [
            f"{one} ({value:.2f})" for one, value in zip(against, base["mae_full_pp"], strict=True)
        ]
    return said + "".join(f"; {facts.reference}: {one}" for one in against)


def _span(values: pd.Series) -> str:
    low, high = f"{values.min():.2f}", f"{values.max():.2f}"
    return low if low == high else f"{low} to {high}"


def sets_by_date(sets: Mapping[pd.Timestamp, Sequence[str]]) -> str:
    """Which candidates the ranking of each date is made on, runs of equal dates together.

    Examples
    --------
    >>> dates = pd.to_datetime(["2029-12-01", "2029-12-20", "2030-01-01"])
    >>> sets_by_date(dict(zip(dates, [["Ash"], ["Ash", "Fir"], ["Ash", "Fir"]])))[40:]
    '1 December 2029: Ash; 20 December 2029 to 1 January 2030: Ash and Fir.'
    """
    runs: list[tuple[str, list[pd.Timestamp]]] = []
    for moment in sorted(sets):
        said = listed(list(sets[moment]))
        if not runs or runs[-1][0] != said:
            runs.append((said, []))
        runs[-1][1].append(moment)
    spans = []
    for said, dates in runs:
        first, last = day(dates[0]), day(dates[-1])
        spans.append(f"{first}{'' if first == last else f' to {last}'}: {said}")
    return f"Ranked on, by the date of the evidence: {'; '.join(spans)}."


def number_word(count: int) -> str:
    """Small numbers in letters."""
    letters = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight"}
    return letters.get(count, str(count))


def when(days: int) -> str:
    """Distance to the vote at the start of a sentence.

    Examples
    --------
    >>> when(2), when(1), when(0)
    ('Two days before', 'One day before', 'On the day of')
    """
    if days < 1:
        return "On the day of"
    words = ["One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"]
    count = words[days - 1] if days <= len(words) else str(days)
    return f"{count} day{'s' if days > 1 else ''} before"


RETROSPECTIVE = (
    "Retrospective: all other elections are given whole, later ones too, also to what is learned "
    "(errors of polls, their half-life)."
)


GAPS_FILLED = (
    "All of this is on the whole ballot: where a method does not name everybody, what is left of 1 "
    "is divided equally among the others."
)


def table_notes(
    table: pd.DataFrame, facts: ReportContext, ballot: str = "common", *, dated: bool = True
) -> list[str]:
    """Sentences under a headline table: how to read it and what was left out.

    Parameters
    ----------
    table, facts, ballot
        As `caption`.
    dated
        Whether the table has one date of evidence, which is then named.
    """
    cut = f"; evidence as public on {facts.cut}" if dated else ""
    notes = [
        f"Errors in percentage points on {facts.ballots.get(ballot, ballot)}{cut}. "
        "Sorted by CRPS; point forecasts (·) have no spread, their CRPS equals the MAE. "
        + _skill(table, facts),
    ]
    if ballot == "common":
        notes.append(
            "All: on the whole ballot. ° The method does not name everybody: what is left of 1 is "
            "divided equally among the others, and the method is not ranked there."
        )
    notes += _ties(table)
    if table["same_as"].ne("").any():
        notes.append("Methods with one national forecast (=) share a row, that of the first.")
    if table["evidence_age_days"].notna().any():
        notes.append("Age: days from the newest row that a method read to the vote.")
    if dated and facts.n_polls is not None:
        notes.append(polls_known(facts.n_polls, facts.n_polls_by_rule, facts.n_questions))
    if facts.retrospective:
        notes.append(RETROSPECTIVE)
    if table["block"].eq("partial").any():
        unequal = "Unranked forecasts do not name every compared candidate"
        tail = (
            "; what is left of 1 is divided equally among the others."
            if ballot == "full"
            else "; their errors are on the candidates they name and are not comparable."
        )
        notes.append(unequal + tail)
    notes += [ONE_VOTE, facts.source]
    return notes


def polls_known(n: int, by_rule: int, n_questions: int = 0) -> str:
    """How many polls there were, how many lists of candidates they asked about, how they are dated.

    Examples
    --------
    >>> polls_known(136, 130)
    '136 polls were public; the publication of 96% of them is dated by rule, not by their source.'
    >>> polls_known(136, 130, 382).split(";")[0]
    '136 polls were public (382 questions, as some asked about several lists of candidates)'
    >>> polls_known(1, 1)
    '1 poll was public; its publication is dated by rule, not by its source.'
    >>> polls_known(0, 0)
    'No poll was public.'
    """
    if not n:
        return "No poll was public."
    if n == 1:
        how = "rule, not by its source" if by_rule else "its source"
        return f"1 poll was public; its publication is dated by {how}."
    several = f" ({n_questions} questions, as some asked about several lists of candidates)"
    return (
        f"{n} polls were public{several if n_questions > n else ''}; the "
        f"publication of {100 * by_rule / n:.0f}% of them is dated by rule, not by their source."
    )


def on_the_evidence(methods: pd.DataFrame, votes: Sequence[ReportContext]) -> tuple[str, ...]:
    """What has to be said of the evidence of many votes: gaps, polls at the end, hindsight.

    Parameters
    ----------
    methods
        What became of every attempt: status, named, n_candidates.
    votes
        Of the run.
    """
    partly = methods["status"].eq("ok") & methods["named"].between(1, methods["n_candidates"] - 1)
    return (
        *([GAPS_FILLED] if partly.any() else []),
        *polls_at_the_end(votes),
        *([RETROSPECTIVE] if any(vote.retrospective for vote in votes) else []),
    )


def polls_at_the_end(votes: Sequence[ReportContext]) -> tuple[str, ...]:
    """The same for many votes, each at its last moment; nothing where nobody counted."""
    last = {(one.election, one.round): one for one in sorted(votes, key=lambda one: one.as_of)}
    counted = [one for one in last.values() if one.n_polls is not None]
    if not counted:
        return ()
    n = sum(one.n_polls or 0 for one in counted)
    by_rule = sum(one.n_polls_by_rule for one in counted)
    where = "" if len(last) == 1 else f"Over {len(counted)} votes: "
    return (where + polls_known(n, by_rule, sum(one.n_questions for one in counted)),)


def _skill(table: pd.DataFrame, facts: ReportContext) -> str:
    base = table[table["predictor"].eq(facts.reference) & table["block"].eq("ranked")]
    if base.empty:
        return f"No skill: the baseline {facts.reference} is not ranked here."
    text = f"Skill: 1 − CRPS / CRPS of {facts.reference}"
    if not base["has_spread"].iloc[0]:
        text += ", a point forecast: some of the skill is that of stating a spread at all"
    return text + "."


def _ties(table: pd.DataFrame) -> list[str]:
    """What ranks are shared, and how large the Monte-Carlo error is."""
    error = table.loc[table["block"].eq("ranked"), "crps_mc_error_pp"].max()
    if pd.isna(error):
        return []
    size = f"Monte-Carlo error of a CRPS: at most {format_significant(error, 1)} points."
    if not table[["tied", "tied_full"]].any(axis=None):
        return [size]
    return [
        "Ranks with = are shared: their CRPS differ by no more than two Monte-Carlo standard "
        f"errors of the difference. {size}"
    ]


def caption(table: pd.DataFrame, facts: ReportContext, ballot: str = "common") -> str:
    """Title of a headline table."""
    n_ranked = int(table["block"].eq("ranked").sum())
    return (
        f"{facts.name}, {facts.round_words}: errors of {len(table)} predictors "
        f"({n_ranked} ranked), {facts.ballots.get(ballot, ballot)}"
    )
