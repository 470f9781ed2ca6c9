"""What the tables of a backtest say, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from bench.core.options import labels
from bench.report.context import ReportContext
from bench.report.formatting import day, format_significant, listed
from bench.studies.backtest.headline import Vote, barred

ONE_VOTE = (
    "One election is one draw (n = 1): who came closest here need not be the better method. "
    "Whether a difference could be chance takes many elections."
)
MOST_NAMES = 3  # of methods in one sentence
NEAR_PP = 0.05  # within which nobody came closer


def headline_sentence(table: pd.DataFrame, vote: Vote) -> str:
    """Say in plain words who came closest, on what, and who named the first place.

    Parameters
    ----------
    table
        From `bench.studies.backtest.headline.headline`, one moment and ballot.
    vote
        At that moment.
    """
    facts = vote.context
    if not table["block"].eq("ranked").any():
        return (
            f"No method named every compared candidate of the {facts.round_words} of "
            f"{day(facts.vote_on)}, so none is ranked."
        )
    midnight = facts.as_of == facts.vote_on.normalize()
    days = (facts.vote_on.normalize() - facts.as_of.normalize()).days
    text = f"{'On the eve of' if midnight else when(days)} the {facts.round_words} of "
    text += f"{day(facts.vote_on)}, {claim(table, vote)}"
    if vote.compared and facts.ranked_by:
        text += f" ({facts.ranked_by})"
    answered = table[~table["block"].isin(["outside", "none"])]
    right = int(answered["first_right"].astype(bool).sum())
    winner = facts.name_of(facts.by_votes[0])
    text += f". {right} of {len(answered)} forecasts had {winner} first"
    if facts.seats > 1:
        pair = int(answered["pair_right"].astype(bool).sum())
        text += f", {pair} named the right {number_word(facts.seats)}"
    return text + "."


def claim(table: pd.DataFrame, vote: Vote) -> str:
    """Who came closest of the ranked, by how much they were off, and on which candidates.

    Methods within a twentieth of a point of the best share the claim: nobody sees the difference.
    """
    ranked = table[table["block"].eq("ranked") & table["same_as"].eq("")]
    if ranked.empty:
        return "No method named every compared candidate"
    best = ranked["mae_pp"].min()
    near = ranked[ranked["mae_pp"].le(best + NEAR_PP)].sort_values("mae_pp", kind="stable")
    names = [f"“{vote.labels[name]}”" for name in near["predictor"]]
    few = len(names) <= MOST_NAMES
    who = listed(names) if few else f"{number_word(len(names))} methods, {names[0]} first of them,"
    over = compared_words(vote)
    return f"{who} came closest: {best:.1f} points off per candidate, over {over}"


def compared_words(vote: Vote) -> str:
    """Whose shares are compared at the moment that is shown, in words."""
    if not vote.compared:
        return f"all {len(vote.context.outcome)} candidates"
    return listed([vote.context.surnames[name] for name in vote.compared])


def beside_the_claim(table: pd.DataFrame, vote: Vote) -> str:
    """What has to stand beside the claim: the whole ballot, the baseline, and the spread.

    Parameters
    ----------
    table, vote
        As `headline_sentence`.
    """
    ranked = table[table["block"].eq("ranked") & table["same_as"].eq("")]
    if ranked.empty:
        return ""
    best = ranked.sort_values("mae_pp", kind="stable").iloc[0]["predictor"]
    said = []
    whole = ranked[ranked["mae_full_pp"].notna() & ~ranked["gaps_filled"].astype(bool)]
    if vote.compared and len(whole):
        first = whole.sort_values("mae_full_pp", kind="stable").iloc[0]
        who = "it" if first["predictor"] == best else f"“{vote.labels[first['predictor']]}”"
        said.append(
            f"on the whole ballot of {len(vote.context.outcome)} {who} came closest "
            f"({first['mae_full_pp']:.1f} points)"
        )
    base = ranked[ranked["predictor"].eq(vote.context.reference)]
    if len(base) and base["mae_pp"].iloc[0] > ranked["mae_pp"].min() + NEAR_PP:
        said.append(
            f"the baseline “{vote.labels[vote.context.reference]}” was "
            f"{base['mae_pp'].iloc[0]:.1f} points off"
        )
    lead = ranked[ranked["rank"].eq(1)]["predictor"]
    if best not in set(lead):
        names = listed([f"“{vote.labels[name]}”" for name in lead])
        verb = "rank" if len(lead) > 1 else "ranks"
        said.append(f"by CRPS, which judges the stated spread too, {names} {verb} first")
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def horizon_sentence(table: pd.DataFrame, vote: Vote) -> str:
    """How far off the method that came closest in the end was on the first of many dates.

    Parameters
    ----------
    table
        From `bench.studies.backtest.headline.headline`, every moment and ballot.
    vote
        With several dates.
    """
    facts = vote.context
    whole = table[table["ballot"].eq("full") & table["mae_pp"].notna() & table["same_as"].eq("")]
    now = whole[whole["as_of"].eq(facts.as_of) & whole["block"].eq("ranked")]
    if now.empty or len(vote.dates) < 2:
        return ""
    last = now.sort_values("mae_pp", kind="stable").iloc[0]
    mine = whole[whole["predictor"].eq(last["predictor"])].sort_values("as_of")
    first = mine.iloc[0]
    days = [
        (facts.vote_on.normalize() - moment.normalize()).days
        for moment in (first["as_of"], last["as_of"])
    ]
    return (
        f"{days[0]} days before the {facts.round_words} of {day(facts.vote_on)} “"
        f"{vote.labels[last['predictor']]}”, which came closest in the end, was "
        f"{first['mae_pp']:.1f} points off per candidate; {days[1]} days before it was "
        f"{last['mae_pp']:.1f} points off, on the whole ballot."
    )


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
    notes += outside_in(table)
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


def outside_sentences(why: Mapping[str, str]) -> list[str]:
    """One sentence about all who stand outside the ranking; none where nobody does.

    Parameters
    ----------
    why
        Reason by method.

    Examples
    --------
    >>> outside_sentences({"last_poll": "it leaks"})
    ['† Outside the ranking: “Last poll of each institute” (it leaks).']
    """
    called = labels("predictor", list(why))
    said = [f"“{called[name]}” ({reason})" for name, reason in why.items()]
    return [f"† Outside the ranking: {'; '.join(said)}."] if said else []


def outside_in(table: pd.DataFrame) -> list[str]:
    """The same of a headline table."""
    out = table[table["block"].eq("outside")]
    return outside_sentences(dict(zip(out["predictor"], out["notes"], strict=True)))


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
        *outside_sentences(barred(methods)),
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
    if table.loc[table["block"].eq("outside"), "predictor"].eq(facts.reference).any():
        return f"No skill: the baseline {facts.reference} stands outside the ranking."
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
