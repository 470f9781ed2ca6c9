"""What a forecast says in sentences: chances, what is not known yet, what changed and would."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.core.language import listed
from bench.report.formatting import day, days_in_words, format_fixed
from bench.studies.forecast.break_even import EVENS, MOST_SHARE, N_POLLS, RESPONDENTS
from bench.studies.forecast.told import SHOWN, THROUGH, Told, numbers
from bench.studies.forecast.words import in_ten, odds

PAIR = 2  # candidates of a ballot that needs no name
QUIET_DAYS = 30  # without a poll, after which a forecast says that it is old
SMALL = 0.005  # a change of share that is not worth a sentence


def headline(told: Told) -> list[str]:
    """Who gets through, in one sentence, and on what it rests."""
    chances = told.now["p_qualify"].dropna().sort_values(ascending=False, kind="stable")
    named = [name for name in chances.index if chances[name] >= SHOWN][: told.seats + 2]
    words = [
        f"{told.names[name]} {odds(chances[name])} ({in_ten(chances[name])})" for name in named
    ]
    supposed, ballot = "", told.vote["ballot"]
    if told.vote["slate"]:
        supposed = f" if the ballot is that of slate {told.vote['slate_name']}"
        if len(ballot) == PAIR:
            supposed = f" if {listed([told.names[name] for name in ballot])} meet"
    if not words:
        leader = str(told.now.index[0])
        return [f"{told.names[leader]} leads{supposed}; the method states no chances."]
    first = told.now["p_first"].idxmax()
    what = "Into the runoff" if told.seats > 1 else "Wins the round"
    said = [f"{what}{supposed}: {', '.join(words)}."]
    if told.seats > 1 and told.mixture.empty:
        said.append(
            f"{told.names[str(first)]} comes first with a chance of "
            f"{in_ten(told.now['p_first'].max())} ({odds(told.now['p_first'].max())})."
        )
    if len(told.elected):
        said.append(f"Elected in the end{supposed}: {_in_words(told, told.elected)}.")
    return said


def _in_words(told: Told, chances: pd.Series, most: int = 3) -> str:
    """The likeliest with their chances: "Ash likely (8 in 10), Birch unlikely (2 in 10)"."""
    chances = chances.sort_values(ascending=False, kind="stable")
    named = [str(name) for name in chances.index if chances[name] >= SHOWN] or [chances.index[0]]
    return ", ".join(
        f"{told.names[name]} {odds(chances[name])} ({in_ten(chances[name])})"
        for name in named[:most]
    )


def under_weights(told: Told) -> list[str]:
    """What the weights that somebody stated make of the slates, and whose weights they are."""
    if told.mixture.empty:
        return []
    weights = told.tables["weights"]
    listed_slates = weights[weights["slate"] != ""]
    rest = float(weights.loc[weights["slate"] == "", "weight"].sum())
    rows = told.mixture.set_index("candidate")
    n = len(listed_slates)
    least = f", and {rest:.0%} on slates that it does not list: chances are at least these" * (
        rest > 0
    )
    what = "into the runoff" if told.seats > 1 else "wins the round"
    slates = f"{n} slate{'s' * (n > 1)}{least}"
    said = [
        f"Under the weights of {Path(told.settings.weights).name} ({slates}), {what}: "
        f"{_in_words(told, rows['p_qualify'], told.seats + 2)}."
    ]
    if told.seats > 1 and rows["p_elected"].notna().any():
        said.append(
            f"Under these weights, elected in the end: {_in_words(told, rows['p_elected'])}."
        )
    return said


def unknown_yet(told: Told) -> list[str]:
    """What stands between the forecast and the vote: the ballot, the day, the weeks, the polls."""
    said = []
    vote, left = told.vote, (told.days[-1].normalize() - told.as_of.normalize()).days
    if vote["is_open"]:
        said.append(
            f"Who runs is not known: {vote['slates_standing']} slates that polls have tested still "
            f"stand, and every number here supposes one of them ({vote['slate_name']}: "
            f"{listed([told.names[name] for name in vote['ballot']])})."
        )
    elif vote["slate"]:
        said.append(
            f"Every number supposes slate {vote['slate_name']}, the ballot asked about, and not "
            "the official one."
        )
    elif not told.is_listed:
        said.append(
            "The ballot is the official one, whether or not it was known at the moment of the "
            "forecast (settings.slate=polled asks about the one most tested by then)."
        )
    if len(told.days) > 1:
        said.append(f"The day is {days_in_words(told.days)}; days are counted to the later one.")
    if vote["last_interview_on"] is not None:
        last = pd.Timestamp(vote["last_interview_on"])
        quiet = (told.as_of.normalize() - last).days
        old = f", and nothing of the {quiet} days since is in it" if quiet > QUIET_DAYS else ""
        said.append(
            f"The last poll in the data ended on {day(last)}{old}; the vote is {left} days after "
            f"this forecast and {(told.days[-1] - last).days} after that poll."
        )
    said.append(
        "A campaign, a withdrawal or an alliance is in no poll before it happens; the width of the "
        "intervals comes from how wrong polls were before other votes."
    )
    return said


def changes(told: Told) -> list[str]:
    """What moved since the earlier forecast, and how little would change who gets through."""
    said = []
    if told.before.empty:
        said.append(
            f"There is no earlier forecast of this ballot to compare with ({day(told.since)})."
        )
    else:
        public = told.polls.drop_duplicates("poll_id")["published_on"]
        new = int((public > told.since).sum())
        moved = (told.now["share"] - told.before["share"]).dropna()
        moved = moved[moved.abs() >= SMALL].sort_values(key=abs, ascending=False)
        polls = f"{new or 'no'} new poll{'' if new == 1 else 's'}"
        words = [
            f"{told.names[str(name)]} {100 * change:+.1f}".replace("-", "−")
            for name, change in moved.head(4).items()
        ]
        what = f"points: {', '.join(words)}" if words else "no share moved by half a point"
        said.append(f"Since {day(told.since)}, {polls} of this ballot; {what}.")
    order = told.now["share"].dropna()
    if len(order) > told.seats:
        last_in, first_out = order.index[told.seats - 1], order.index[told.seats]
        gap = float(order.iloc[told.seats - 1] - order.iloc[told.seats])
        said.append(
            f"{told.names[str(first_out)]} is {format_fixed(100 * gap, 1)} points behind "
            f"{told.names[str(last_in)]}: a shift of {format_fixed(50 * gap, 1)} points from one "
            f"to the other changes who {told.through}."
        )
    return [*said, *polls_needed(told)]


def polls_needed(told: Told) -> list[str]:
    """What new polls would have to show so that a chance becomes one half."""
    rows = told.tables.get("break_even", pd.DataFrame())
    said = []
    for row in rows.to_dict("records"):
        who, has = told.names[row["candidate"]], in_ten(row["p_qualify"])
        way = "fall" if row["p_qualify"] >= EVENS else "rise"
        new = f"{N_POLLS} new polls of {RESPONDENTS:,} people"
        if pd.isna(row["needed"]):
            said.append(
                f"No {new} that put {who} at up to {MOST_SHARE:.0%} would make it even odds."
            )
            continue
        verb = "at most" if way == "fall" else "at least"
        said.append(
            f"For the chance of {who} ({has} now) to {way} to one half, {new} would have to show "
            f"{verb} {format_fixed(100 * row['needed'], 1)}% (expected now: "
            f"{format_fixed(100 * row['share'], 1)}%), the others in proportion."
        )
    return said


def fared_then(told: Told) -> list[str]:
    """How the headline's forecasts at this distance fared, in a sentence."""
    rows = told.tables.get("fared")
    if rows is None:
        return []
    chances = pd.Series([one for text in rows["chances"] for one in numbers(text)])
    below = int((chances.fillna(0) < 0.5).sum())
    votes = f"{len(rows)} earlier vote{'s' * (len(rows) > 1)}"
    who = f"of the {len(chances)} who {THROUGH[told.seats > 1]}"
    surprises = (
        f"{below} {who} had been given less than one in two, or not been asked about"
        if below
        else f"each {who} had been given one in two or more"
    )
    return [
        f"Forecasts of this method at this distance before {votes} of the country were "
        f"{format_fixed(100 * rows['mae_leading'].mean(), 1)} points off, of candidates with 10% "
        f"or more; {surprises}."
    ]
