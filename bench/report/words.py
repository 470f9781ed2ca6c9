"""What the tables say, in sentences: this file holds the headline sentence and the table notes."""

import math

import pandas as pd

from bench.report.facts import RunFacts, day

ONE_VOTE = (
    "One election is one draw (n = 1): who came closest here need not be the better method. "
    "Whether a difference could be chance takes many elections."
)


def headline_sentence(table: pd.DataFrame, facts: RunFacts) -> str:
    """Say in plain words who came closest, how close, and who named the first place.

    Parameters
    ----------
    table
        From `bench.report.headline.headline`.
    facts
        The run.
    """
    ranked = table[table["block"].eq("ranked")]
    if ranked.empty:
        return (
            f"No predictor named every compared candidate of the {facts.round_words} of "
            f"{day(facts.vote_on)}, so none is ranked."
        )
    best = ranked.iloc[0]
    days = (facts.vote_on.normalize() - facts.as_of.normalize()).days
    text = (
        f"{when(days)} the {facts.round_words} of {day(facts.vote_on)}, {best['predictor']} "
        f"({best['family']}) came closest: on average {best['mae_pp']:.2f} points off per candidate"
    )
    if not math.isnan(best["skill"]) and best["predictor"] != facts.reference:
        text += f", {100 * best['skill']:.0f}% less error than {facts.reference}"
    answered = table[table["block"].ne("none")]
    right = int(answered["first_right"].astype(bool).sum())
    winner = facts.name_of(facts.by_votes[0])
    text += f". {right} of {len(answered)} forecasts had {winner} first"
    if facts.seats > 1:
        pair = int(answered["pair_right"].astype(bool).sum())
        text += f", {pair} named the right {number_word(facts.seats)}"
    return text + "."


def number_word(count: int) -> str:
    """Small numbers in letters."""
    return {2: "two", 3: "three", 4: "four"}.get(count, str(count))


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


def table_notes(
    table: pd.DataFrame, facts: RunFacts, ballot: str = "common", *, dated: bool = True
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
        "Sorted by CRPS; point forecasts (·) have no spread, "
        f"their CRPS equals the MAE. Skill: 1 − CRPS / CRPS of {facts.reference}.",
    ]
    if table["block"].eq("partial").any():
        unequal = "Unranked forecasts do not name every compared candidate"
        tail = (
            "; the gaps are filled by the contract's rule."
            if ballot == "full"
            else "; their errors are on the candidates they name and are not comparable."
        )
        notes.append(unequal + tail)
    notes += [ONE_VOTE, facts.source]
    return notes


def caption(table: pd.DataFrame, facts: RunFacts, ballot: str = "common") -> str:
    """Title of a headline table."""
    n_ranked = int(table["block"].eq("ranked").sum())
    return (
        f"{facts.name}, {facts.round_words}: errors of {len(table)} predictors "
        f"({n_ranked} ranked), {facts.ballots.get(ballot, ballot)}"
    )
