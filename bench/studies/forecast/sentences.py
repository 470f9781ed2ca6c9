"""What a forecast says in sentences: chances, what is not known yet, what changed and would."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.core.language import _, in_form, listed, ngettext
from bench.report.formatting import day, days_in_words, format_fixed
from bench.studies.forecast.break_even import EVENS, MOST_SHARE, N_POLLS, RESPONDENTS
from bench.studies.forecast.told import SHOWN, THROUGH, Told, numbers
from bench.studies.forecast.words import in_ten, odds, percentage

PAIR = 2  # candidates of a ballot that needs no name
QUIET_DAYS = 30  # without a poll, after which a forecast says that it is old
SMALL = 0.005  # a change of share that is not worth a sentence


def headline(told: Told) -> list[str]:
    """Who gets through, in one sentence, and on what it rests."""
    chances = told.now["p_qualify"].dropna()
    if chances.empty:
        leader = told.names[str(told.now.index[0])]
        leads = _supposed(told, _dated(told, _("{name} leads", name=leader)))
        return [_("{leads}; the method states no chances.", leads=leads)]
    what = _("Chances of reaching the runoff") if told.seats > 1 else _("Chances of winning")
    likely = _in_words(told, chances, told.seats + 2)
    said = [_("{what}: {chances}.", what=_supposed(told, _dated(told, what)), chances=likely)]
    if told.seats > 1 and told.mixture.empty:
        first = told.now["p_first"]
        said.append(
            _(
                "The chance that {name} comes first is {chance} ({words}).",
                name=told.names[str(first.idxmax())],
                chance=in_ten(first.max()),
                words=odds(first.max()),
            )
        )
    if len(told.elected):
        elected = _supposed(told, _("Chances of being elected"))
        likely = _in_words(told, told.elected)
        said.append(_("{what}: {chances}.", what=elected, chances=likely))
    return said


def _dated(told: Told, what: str) -> str:
    """What is said, with the age of the newest poll on which it rests."""
    last = told.last_interview_on
    if last is None:
        return what
    days = (told.as_of.normalize() - last).days
    age = ngettext("{n} day", "{n} days", days)
    return _("{what}, from polls up to {day} ({age} old)", what=what, age=age, day=day(last))


def _supposed(told: Told, what: str) -> str:
    """What is said, with the ballot that it supposes."""
    ballot = told.vote["ballot"]
    if not told.vote["slate"]:
        return what
    if len(ballot) == PAIR:
        return _("{what}, if {names} meet", what=what, names=[told.names[name] for name in ballot])
    return _(
        "{what}, if the candidates are those of slate {slate}",
        what=what,
        slate=told.vote["slate_name"],
    )


def _in_words(told: Told, chances: pd.Series, most: int = 3) -> str:
    """The likeliest with their chances: "Ash likely (8 in 10), Birch unlikely (2 in 10)"."""
    chances = chances.sort_values(ascending=False, kind="stable")
    named = [str(name) for name in chances.index if percentage(chances[name]) >= SHOWN]
    named = named or [str(chances.index[0])]
    return ", ".join(
        f"{told.names[name]} {odds(chances[name])} ({in_ten(chances[name])})"
        for name in named[:most]
    )


def under_weights(told: Told) -> list[str]:
    """What the weights that somebody stated make of the slates, and whose weights they are."""
    if told.mixture.empty:
        return []
    rows = told.mixture.set_index("candidate")
    what = _("chances of reaching the runoff") if told.seats > 1 else _("chances of winning")
    n_slates = int((told.tables["weights"]["slate"] != "").sum())
    slates = ngettext("{n} slate", "{n} slates", n_slates)
    if told.unlisted > 0:
        slates = _(
            "{slates}, and {rest:.0%} on slates that it does not list: chances are at least these",
            slates=slates,
            rest=told.unlisted,
        )
    said = [
        _(
            "Under the weights of {file} ({slates}), {what}: {chances}.",
            file=Path(told.settings.weights).name,
            slates=slates,
            what=_dated(told, what),
            chances=_in_words(told, rows["p_qualify"], told.seats + 2),
        )
    ]
    if told.seats > 1 and rows["p_elected"].notna().any():
        said.append(
            _(
                "Under these weights, chances of being elected: {chances}.",
                chances=_in_words(told, rows["p_elected"]),
            )
        )
    return said


def unknown_yet(told: Told) -> list[str]:
    """What stands between the forecast and the vote: the ballot, the day, the weeks, the polls."""
    said, vote = [], told.vote
    if vote["is_open"]:
        said.append(
            _(
                "Who will run is not known: {n} slates that polls have tested are still possible, "
                "and every number here assumes one of them ({slate}: {names}).",
                n=vote["slates_standing"],
                slate=vote["slate_name"],
                names=listed([told.names[name] for name in vote["ballot"]]),
            )
        )
    elif vote["slate"]:
        said.append(
            _(
                "Every number assumes slate {slate}, the ballot asked about, and not the official "
                "one.",
                slate=vote["slate_name"],
            )
        )
    elif not told.is_listed:
        said.append(
            _(
                "The ballot is the official one, whether or not it was known at the moment of "
                "the forecast (settings.slate=polled asks about the one most tested by then)."
            )
        )
    if len(told.days) > 1:
        said.append(
            _(
                "The day is {days}; days are counted to the later one.",
                days=days_in_words(told.days),
            )
        )
    if told.announced_on is not None:
        said.append(
            _(
                "The day, {day}, was announced on {announced}; no legal act has set it yet.",
                day=day(told.days[-1]),
                announced=day(told.announced_on),
            )
        )
    if (last := told.last_interview_on) is not None:
        quiet = (told.as_of.normalize() - last).days
        told_days = {
            "day": day(last),
            "left": (told.days[-1].normalize() - told.as_of.normalize()).days,
            "days": (told.days[-1] - last).days,
            "quiet": quiet,
        }
        said.append(
            _(
                "The last poll in the data ended on {day}, and nothing of the {quiet} days since "
                "is in it; the vote is {left} days after this forecast and {days} after that poll.",
                **told_days,
            )
            if quiet > QUIET_DAYS
            else _(
                "The last poll in the data ended on {day}; the vote is {left} days after this "
                "forecast and {days} after that poll.",
                **told_days,
            )
        )
    said.append(
        _(
            "No poll knows of a campaign, a withdrawal or an alliance before it happens; the width "
            "of the intervals comes from how wrong polls were before other votes."
        )
    )
    return said


def changes(told: Told) -> list[str]:
    """What moved since the earlier forecast, and how little would change who gets through."""
    said = []
    if told.before.empty:
        said.append(
            _(
                "There is no earlier forecast of this ballot to compare with ({day}).",
                day=day(told.since),
            )
        )
    else:
        public = told.polls.drop_duplicates("poll_id")["published_on"]
        new = int((public > told.since).sum())
        moved = (told.now["share"] - told.before["share"]).dropna()
        moved = moved[moved.abs() >= SMALL].sort_values(key=abs, ascending=False)
        polls = (
            ngettext(
                "{n} new poll of this ballot in the data",
                "{n} new polls of this ballot in the data",
                new,
            )
            if new
            else _("no new poll of this ballot in the data")
        )
        words = [
            f"{told.names[str(name)]} {in_form(f'{100 * change:+.1f}'.replace('-', '−'))}"
            for name, change in moved.head(4).items()
        ]
        since = {"day": day(told.since), "polls": polls, "changes": ", ".join(words)}
        said.append(
            _("Since {day}: {polls}; changes in points: {changes}.", **since)
            if words
            else _("Since {day}: {polls}; no share moved by half a point.", **since)
        )
    around = told.now["share"].dropna().iloc[told.seats - 1 : told.seats + 1]
    if len(around) == 2:
        last_in, first_out = around.index
        gap = float(around.iloc[0] - around.iloc[1])
        said.append(
            _(
                "{behind} is {gap} points behind {ahead}: a shift of {shift} points from one to "
                "the other changes who {through}.",
                behind=told.names[str(first_out)],
                gap=format_fixed(100 * gap, 1),
                ahead=told.names[str(last_in)],
                shift=format_fixed(50 * gap, 1),
                through=told.through,
            )
        )
    return [*said, *polls_needed(told)]


def polls_needed(told: Told) -> list[str]:
    """What new polls would have to show so that a chance becomes one half."""
    rows = told.tables.get("break_even", pd.DataFrame())
    said = []
    for row in rows.to_dict("records"):
        who = told.names[row["candidate"]]
        new = _("{n} new polls of {people:,} people", n=N_POLLS, people=RESPONDENTS)
        if pd.isna(row["needed"]):
            said.append(
                _(
                    "No {polls} that put {name} at up to {share:.0%} would make it even odds.",
                    polls=new,
                    name=who,
                    share=MOST_SHARE,
                )
            )
            continue
        told_polls = {
            "name": who,
            "chance": in_ten(row["p_qualify"]),
            "polls": new,
            "needed": format_fixed(100 * row["needed"], 1),
            "share": format_fixed(100 * row["share"], 1),
        }
        said.append(
            _(
                "For the chance of {name} ({chance} now) to fall to one half, {polls} would have "
                "to show at most {needed}% (expected now: {share}%), the others in proportion.",
                **told_polls,
            )
            if row["p_qualify"] >= EVENS
            else _(
                "For the chance of {name} ({chance} now) to rise to one half, {polls} would have "
                "to show at least {needed}% (expected now: {share}%), the others in proportion.",
                **told_polls,
            )
        )
    return said


def fared_then(told: Told) -> list[str]:
    """How the headline's forecasts from polls as old fared, in a sentence."""
    rows = told.tables.get("fared")
    if rows is None:
        return []
    chances = pd.Series([one for text in rows["chances"] for one in numbers(text)])
    below = int((chances.fillna(0) < 0.5).sum())
    votes = ngettext("{n} earlier vote", "{n} earlier votes", len(rows))
    through = _(THROUGH[told.seats > 1])
    who = _("of the {n} who {through}", n=len(chances), through=through)
    surprises = (
        _(
            "{n} {who} had been given a chance below one in two or had not been asked about",
            n=below,
            who=who,
        )
        if below
        else _("each {who} had been given a chance of one in two or more", who=who)
        if len(chances) > 1
        else _("the one who {through} had been given one in two or more", through=through)
    )
    return [
        _(
            "Before {votes} in this country, with polls about as old ({days} days before the "
            "vote), this method was {error} points off per candidate with 10% or more; "
            "{surprises}.",
            votes=votes,
            days=told.days_of_polls,
            error=format_fixed(100 * rows["mae_leading"].mean(), 1),
            surprises=surprises,
        )
    ]
