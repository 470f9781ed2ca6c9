"""What the tables of a backtest say, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from bench.core.language import N_, Message, _, in_form, listed, ngettext
from bench.report.comparison import outside_sentences, quoted
from bench.report.context import ReportContext
from bench.report.formatting import day, format_significant
from bench.studies.backtest.headline import Vote, barred, ranked_once

ONE_VOTE = N_(
    "One election is one draw (n = 1): the order of the rows is that of their errors and no "
    "ranking, and who came closest here need not be the better method. That takes many elections."
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
        return _(
            "No method named every compared candidate of the {round} of {day}, so there is nothing "
            "to compare.",
            **vote.words,
        )
    said = {
        "when": _("On the eve of the {round} of {day}", **vote.words)
        if facts.as_of == facts.vote_on.normalize()
        else when(vote.days[facts.as_of], **vote.words),
        "claim": claim(table, vote),
        "rule": facts.ranked_by,
    }
    whole = _on_the_whole(table, vote)
    answered = table[~table["block"].isin(["outside", "none"])]
    first = {
        "n": int(answered["first_right"].astype(bool).sum()),
        "of": len(answered),
        "winner": facts.name_of(facts.by_votes[0]),
        "pair": int(answered["pair_right"].astype(bool).sum()),
        "seats": number_word(facts.seats),
    }
    return " ".join(
        [
            _("{when}, {claim} ({rule}); {whole}.", whole=whole, **said)
            if whole and facts.ranked_by
            else _("{when}, {claim}; {whole}.", whole=whole, **said)
            if whole
            else _("{when}, {claim}.", **said),
            _(
                "{n} of {of} forecasts had {winner} in first place, and {pair} named the right "
                "{seats}.",
                **first,
            )
            if facts.seats > 1
            else _("{n} of {of} forecasts had {winner} in first place.", **first),
        ]
    )


def claim(table: pd.DataFrame, vote: Vote) -> str:
    """Who came closest of the ranked, by how much they were off, and on which candidates.

    Methods within a twentieth of a point of the best share the claim: nobody sees the difference.
    """
    ranked = ranked_once(table)
    if ranked.empty:
        return _("No method named every compared candidate")
    best = ranked["mae_pp"].min()
    near = ranked[ranked["mae_pp"].le(best + NEAR_PP)].sort_values("mae_pp", kind="stable")
    names = [_("“{name}”", name=vote.labels[name]) for name in near["predictor"]]
    low, high = (f"{error:.1f}" for error in (best, near["mae_pp"].max()))
    error = low if low == high else f"{low}–{high}"
    found = {"names": names, "error": in_form(error), "candidates": compared_words(vote)}
    if len(names) <= MOST_NAMES:
        return _(
            "{names} came closest: {error} points off per candidate, over {candidates}",
            **found,
        )
    return _(
        "{n} methods, among them {first}, came closest: {error} points off per candidate, over "
        "{candidates}",
        n=number_word(len(names)),
        first=names[0],
        **found,
    )


def _on_the_whole(table: pd.DataFrame, vote: Vote) -> str:
    """Who came closest on the whole ballot, where fewer candidates are compared."""
    ranked = ranked_once(table)
    whole = ranked[ranked["mae_full_pp"].notna() & ~ranked["gaps_filled"].astype(bool)]
    if not vote.compared or whole.empty:
        return ""
    here = ranked.sort_values("mae_pp", kind="stable").iloc[0]
    first = whole.sort_values("mae_full_pp", kind="stable").iloc[0]
    found = {
        "n": len(vote.context.outcome),
        "here": vote.labels[here["predictor"]],
        "own": here["mae_full_pp"],
        "first": vote.labels[first["predictor"]],
        "error": first["mae_full_pp"],
    }
    if first["predictor"] == here["predictor"]:
        return _("over all {n} candidates “{first}” too, {error:.1f} points off", **found)
    if here["predictor"] not in set(whole["predictor"]):
        return _("over all {n} candidates “{first}” did, {error:.1f} points off", **found)
    return _(
        "over all {n} candidates “{first}” did, {error:.1f} points off, and “{here}” was {own:.1f} "
        "points off",
        **found,
    )


def compared_words(vote: Vote) -> str:
    """Whose shares are compared at the moment that is shown, in words."""
    if not vote.compared:
        n = len(vote.context.outcome)
        return _("both candidates") if n == 2 else _("all {n} candidates", n=n)
    return listed([vote.context.surnames[name] for name in vote.compared])


def beside_the_claim(table: pd.DataFrame, vote: Vote) -> str:
    """What has to stand beside the claim: the baseline, and the stated spread.

    Parameters
    ----------
    table, vote
        As `headline_sentence`.
    """
    ranked = ranked_once(table)
    if ranked.empty:
        return ""
    best = ranked.sort_values("mae_pp", kind="stable").iloc[0]["predictor"]
    said = []
    base = ranked[ranked["predictor"].eq(vote.context.reference)]
    if len(base) and base["mae_pp"].iloc[0] > ranked["mae_pp"].min() + NEAR_PP:
        said.append(
            _(
                "the baseline “{name}” was {error:.1f} points off",
                name=vote.labels[vote.context.reference],
                error=base["mae_pp"].iloc[0],
            )
        )
    spread = ranked.sort_values("crps_pp", kind="stable").iloc[0]["predictor"]
    if best != spread:
        said.append(
            _(
                "by CRPS, which judges the stated spread too, “{name}” came closest",
                name=vote.labels[spread],
            )
        )
    text = _("; ").join(said)
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
    mine = closest_in_the_end(table, vote)
    if mine.empty or len(vote.dates) < 2:
        return ""
    first, last = mine.iloc[0], mine[mine["as_of"].eq(vote.context.as_of)].iloc[0]
    return _(
        "“{name}”, which came closest in the end, was {first:.1f} points off per candidate "
        "{first_days} days before the {round} of {day} and {last:.1f} points off {last_days} days "
        "before it, on the whole ballot.",
        first_days=vote.days[first["as_of"]],
        last_days=vote.days[last["as_of"]],
        name=vote.labels[last["predictor"]],
        first=first["mae_pp"],
        last=last["mae_pp"],
        **vote.words,
    )


def closest_in_the_end(table: pd.DataFrame, vote: Vote) -> pd.DataFrame:
    """Rows by date of the ranked method that is closest on the whole ballot at the last.

    Parameters
    ----------
    table, vote
        As of `horizon_sentence`.
    """
    whole = table[table["ballot"].eq("full") & table["mae_pp"].notna() & table["same_as"].eq("")]
    now = whole[whole["as_of"].eq(vote.context.as_of) & whole["block"].eq("ranked")]
    best = now.sort_values("mae_pp", kind="stable")["predictor"].head(1)
    return whole[whole["predictor"].isin(best)].sort_values("as_of")


def sets_by_date(sets: Mapping[pd.Timestamp, Sequence[str]]) -> str:
    """Which candidates the ranking of each date is made on, runs of equal dates together.

    Examples
    --------
    >>> dates = pd.to_datetime(["2029-12-01", "2029-12-20", "2030-01-01"])
    >>> sets_by_date(dict(zip(dates, [["Ash"], ["Ash", "Fir"], ["Ash", "Fir"]])))[42:]
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
        days = first if first == last else _("{first} to {last}", first=first, last=last)
        spans.append(_("{days}: {names}", days=days, names=said))
    return _("Compared on, by the date of the evidence: {spans}.", spans=_("; ").join(spans))


NUMBERS = {
    1: N_("one"),
    2: N_("two"),
    3: N_("three"),
    4: N_("four"),
    5: N_("five"),
    6: N_("six"),
    7: N_("seven"),
    8: N_("eight"),
    9: N_("nine"),
    10: N_("ten"),
}


def number_word(count: int) -> Message:
    """Small numbers in letters."""
    return Message(NUMBERS[count]) if 1 < count < 9 else Message("{n}", n=count)


def when(days: int, **vote: str) -> str:
    """Distance to the vote at the start of a sentence.

    Parameters
    ----------
    days
        Before the vote.
    **vote
        `round` and `day`, in words.

    Examples
    --------
    >>> vote = {"round": "runoff", "day": "7 May 2017"}
    >>> when(2, **vote), when(0, **vote)
    ('Two days before the runoff of 7 May 2017', 'On the day of the runoff of 7 May 2017')
    """
    if days < 1:
        return _("On the day of the {round} of {day}", **vote)
    count = _(NUMBERS[days]).capitalize() if days in NUMBERS else str(days)
    return ngettext(
        "{count} day before the {round} of {day}",
        "{count} days before the {round} of {day}",
        days,
        count=count,
        **vote,
    )


GAPS_FILLED = N_(
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
    on = {"ballot": facts.ballots.get(ballot, ballot), "cut": facts.cut}
    notes = [
        " ".join(
            [
                _("Errors in percentage points on {ballot}; evidence as public on {cut}.", **on)
                if dated
                else _("Errors in percentage points on {ballot}.", **on),
                _(
                    "Sorted by MAE. CRPS judges the stated spread too; point forecasts (·) have "
                    "none, their CRPS equals the MAE."
                ),
                _skill(table, facts),
            ]
        )
    ]
    if ballot == "common":
        notes.append(
            _(
                "All: on the whole ballot. ° The method does not name everybody: what is left of 1 "
                "is divided equally among the others."
            )
        )
    notes += _monte_carlo(table)
    notes += outside_in(table)
    if table["same_as"].ne("").any():
        notes.append(_("Methods with one national forecast (=) share a row, that of the first."))
    if table["evidence_age_days"].notna().any():
        notes.append(_("Age: days from the newest row that a method read to the vote."))
    if dated and facts.n_polls is not None:
        notes.append(polls_known(facts.n_polls, facts.n_polls_by_rule, facts.n_questions).told())
    if table["block"].eq("partial").any():
        notes.append(
            _(
                "Forecasts apart do not name every compared candidate; what is left of 1 is "
                "divided equally among the others."
            )
            if ballot == "full"
            else _(
                "Forecasts apart do not name every compared candidate; their errors are on the "
                "candidates they name and are not comparable."
            )
        )
    notes += [_(ONE_VOTE), facts.source]
    return notes


def outside_in(table: pd.DataFrame) -> list[str]:
    """The same of a headline table."""
    out = table[table["block"].eq("outside")]
    if out.empty:
        return []
    found = outside_sentences(dict(zip(out["predictor"], out["notes"], strict=True)))
    return [one.told() for one in found]


def polls_known(n: int, by_rule: int, n_questions: int = 0) -> Message:
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
        return Message("No poll was public.")
    if n == 1 and by_rule:
        return Message("1 poll was public; its publication is dated by rule, not by its source.")
    if n == 1:
        return Message("1 poll was public; its publication is dated by its source.")
    counted = {"n": n, "questions": n_questions, "share": by_rule / n}
    if n_questions > n:
        return Message(
            "{n} polls were public ({questions} questions, as some asked about several lists of "
            "candidates); the publication of {share:.0%} of them is dated by rule, not by their "
            "source.",
            **counted,
        )
    return Message(
        "{n} polls were public; the publication of {share:.0%} of them is dated by rule, not by "
        "their source.",
        **counted,
    )


def on_the_evidence(methods: pd.DataFrame, votes: Sequence[ReportContext]) -> tuple[Message, ...]:
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
        *([Message(GAPS_FILLED)] if partly.any() else []),
        *polls_at_the_end(votes),
    )


def polls_at_the_end(votes: Sequence[ReportContext]) -> tuple[Message, ...]:
    """The same for many votes, each at its last moment; nothing where nobody counted."""
    last = {(one.election, one.round): one for one in sorted(votes, key=lambda one: one.as_of)}
    counted = [one for one in last.values() if one.n_polls is not None]
    if not counted:
        return ()
    n = sum(one.n_polls or 0 for one in counted)
    by_rule = sum(one.n_polls_by_rule for one in counted)
    known = polls_known(n, by_rule, sum(one.n_questions for one in counted))
    if len(last) == 1:
        return (known,)
    return (Message("Over {n} votes: {polls}", n=len(counted), polls=known),)


def _skill(table: pd.DataFrame, facts: ReportContext) -> str:
    baseline = quoted([facts.reference])[0]
    base = table[table["predictor"].eq(facts.reference) & table["block"].eq("ranked")]
    if table.loc[table["block"].eq("outside"), "predictor"].eq(facts.reference).any():
        return _(
            "No skill: the baseline {baseline} stands outside the comparison.", baseline=baseline
        )
    if base.empty:
        return _("No skill: the baseline {baseline} is not compared here.", baseline=baseline)
    if base["has_spread"].iloc[0]:
        return _("Skill: 1 − CRPS / CRPS of {baseline}.", baseline=baseline)
    return _(
        "Skill: 1 − CRPS / CRPS of {baseline}, a point forecast: some of the skill is that of "
        "stating a spread at all.",
        baseline=baseline,
    )


def _monte_carlo(table: pd.DataFrame) -> list[str]:
    """How far the number of draws leaves a CRPS open."""
    error = table.loc[table["block"].eq("ranked"), "crps_mc_error_pp"].max()
    if pd.isna(error):
        return []
    return [
        _(
            "Monte-Carlo standard error of a CRPS: at most {error} points.",
            error=format_significant(error, 2),
        )
    ]


def caption(table: pd.DataFrame, facts: ReportContext, ballot: str = "common") -> str:
    """Title of a headline table."""
    n_ranked = int(table["block"].eq("ranked").sum())
    return _(
        "{election}, {round}: errors of {n} predictors ({ranked} compared), {ballot}",
        election=facts.name,
        round=facts.round_words,
        n=len(table),
        ranked=n_ranked,
        ballot=facts.ballots.get(ballot, ballot),
    )
