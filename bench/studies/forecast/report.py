"""The report of a forecast: headline, odds, what changed, other slates, what polls got wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core.settings import Experiment
from bench.data.election import Election, load_election
from bench.report.columns import ColumnSpec
from bench.report.context import names_of, sources_of
from bench.report.formatting import day, days_in_words, format_fixed, listed
from bench.report.report import FigureSection, Report, Sentences
from bench.report.tables import Table
from bench.report.tables import table as build_table
from bench.runner.results import Results
from bench.studies.base import settings_of
from bench.studies.forecast.analysis import Settings
from bench.studies.forecast.break_even import EVENS, MOST_SHARE, N_POLLS, RESPONDENTS
from bench.studies.forecast.plots import fan
from bench.studies.forecast.words import ROUNDS, against, in_ten, odds

MOST_PAIRS = 5
PAIR = 2  # candidates of a ballot that needs no name
SHOWN = 0.10  # chance, or share, from which a candidate is named in sentences
QUIET_DAYS = 30  # without a poll, after which a forecast says that it is old
MOST_OFF = 0.15
"""Polls of which a larger part chose somebody who is not on the ballot are not shown."""

SMALL = 0.005  # a change of share that is not worth a sentence


@dataclass(frozen=True)
class Told:
    """The tables of a forecast with what was asked."""

    vote: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    settings: Settings

    @cached_property
    def election(self) -> Election:
        """The election."""
        return load_election(str(self.vote["election"]))

    @cached_property
    def names(self) -> dict[str, str]:
        """Surnames by slug."""
        return names_of([str(self.vote["election"])])

    @cached_property
    def as_of(self) -> pd.Timestamp:
        """The moment."""
        return pd.Timestamp(self.vote["as_of"])

    @cached_property
    def days(self) -> list[pd.Timestamp]:
        """The days on which the vote may be."""
        return [pd.Timestamp(one) for one in self.vote["days"]]

    @cached_property
    def seats(self) -> int:
        """How many get through."""
        return self.election.round(int(self.vote["round"])).seats

    @cached_property
    def through(self) -> str:
        """What they get."""
        return "gets into the runoff" if self.seats > 1 else "wins"

    def rows(
        self, predictor: str, as_of: pd.Timestamp | None = None, slate: str | None = None
    ) -> pd.DataFrame:
        """Forecasts of one predictor by candidate, the largest share first."""
        rows = self.tables["forecasts"]
        here = (rows["predictor"] == predictor) & (rows["as_of"] == (as_of or self.as_of))
        if "slate" in rows:
            here &= rows["slate"].fillna("") == (self.vote["slate"] if slate is None else slate)
        return (
            rows[here].set_index("candidate").sort_values("share", ascending=False, kind="stable")
        )

    @cached_property
    def now(self) -> pd.DataFrame:
        """The headline forecast."""
        return self.rows(self.settings.headline)

    @cached_property
    def polls(self) -> pd.DataFrame:
        """The polls that are shown."""
        rows = self.tables["polls"]
        return rows[rows["off_ballot"] <= MOST_OFF]

    @cached_property
    def before(self) -> pd.DataFrame:
        """The headline forecast with which it is compared; no rows if there was none."""
        return self.rows(self.settings.headline, self.since)

    @cached_property
    def elected(self) -> pd.Series:
        """Chances of being elected in the end, by candidate; empty where there is no runoff."""
        rows = self.tables.get("joint")
        if rows is None or self.seats == 1:
            return pd.Series(dtype=float)
        return rows.set_index("candidate")["p_elected"].dropna()

    @cached_property
    def mixture(self) -> pd.DataFrame:
        """The forecast over all slates that have a weight; no rows without weights."""
        return self.tables.get("mixture", pd.DataFrame(columns=["candidate"]))

    @cached_property
    def since(self) -> pd.Timestamp:
        """When that was made."""
        return self.as_of - pd.Timedelta(days=self.settings.since_days)


def report(experiment: Experiment, results: Results) -> Report:
    """Title, findings, tables, figure and page of a forecast."""
    told = Told(
        vote=results.facts["vote"],
        tables=results.tables,
        settings=settings_of(Settings, experiment),
    )
    title = f"{told.election.title}: {ROUNDS[int(told.vote['round'])]}, as of {day(told.as_of)}"
    mixed = mixture_table(told)
    tables = [*mixed, forecast_table(told)]
    tables += [*pairs_table(told), *slates_table(told), methods_table(told)]
    past = history_table(told)
    unknown = Sentences(
        name="unknown",
        heading="What it cannot know yet",
        lines=tuple(unknown_yet(told)),
        nav="Not known yet",
    )
    changed = Sentences(
        name="changed", heading="What changed, and what would", lines=tuple(changes(told))
    )
    figures = {"fan": partial(_fan, told)}
    if told.polls.empty:
        figures = {}
    return Report(
        title=title,
        kicker=f"Forecast of {days_in_words(told.days)}",
        findings=(
            *under_weights(told),
            *headline(told),
            *unknown.lines[:1],
            *changed.lines[:1],
        ),
        tables=(*tables, *past, polls_table(told)),
        figures=figures,
        source=sources_of([str(told.vote["election"])]),
        counts=(
            ("Vote", days_in_words(told.days)),
            ("Evidence until", f"{told.as_of:%Y-%m-%d %H:%M}"),
            ("Polls", str(told.polls["poll_id"].nunique())),
            ("Ballot", _ballot(told)),
        ),
        sections=(
            *tables[: len(mixed) + 1],
            *map(FigureSection, figures),
            changed,
            unknown,
            *tables[len(mixed) + 1 :],
            *past,
            polls_table(told),
        ),
    )


def _fan(told: Told, size: str) -> Any:
    return fan(
        told.polls,
        told.tables["forecasts"],
        told.now,
        average=told.settings.average,
        headline=told.settings.headline,
        slate=str(told.vote["slate"]),
        as_of=told.as_of,
        vote_on=told.days[-1],
        names=told.names,
        title=f"{told.election.title}, {ROUNDS[int(told.vote['round'])]}",
        source=sources_of([str(told.vote["election"])]),
        size=size,
    )


def _ballot(told: Told) -> str:
    n = len(told.vote["ballot"])
    if not told.vote["slate"]:
        return f"the official one, {n} candidates"
    return f"slate {told.vote['slate_name']}, {n} candidates"


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
    said = [
        f"Under the weights of {Path(told.settings.weights).name} ({n} slate{'s' * (n > 1)}{least}), {what}: "
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
    else:
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


def forecast_table(told: Told) -> Table:
    """Share, interval and chances of every candidate."""
    rows = told.now.reset_index()
    before = told.before["share"] if len(told.before) else pd.Series(dtype=float)
    rows["change"] = rows["share"] - rows["candidate"].map(before)
    rows["p_elected"] = rows["candidate"].map(told.elected)
    columns = {
        "candidate": ColumnSpec("candidate"),
        "share": ColumnSpec("share, %", "of the valid votes, expected", "1pp"),
        "interval": ColumnSpec(
            "9 in 10", "the vote is inside with a chance of 9 in 10, percent", write=_interval
        ),
        "p_qualify": ColumnSpec(
            "runoff" if told.seats > 1 else "wins", f"chance that he or she {told.through}", "%"
        ),
        "words": ColumnSpec("in words", write=lambda row: _words(row["p_qualify"])),
        "p_first": ColumnSpec("first", "chance of coming first", "%", spare=1),
        "p_elected": ColumnSpec("elected", "chance of being elected in the end", "%"),
        "change": ColumnSpec(
            "change",
            f"points since {day(told.since)}",
            write=_change,
            numeric=True,
        ),
    }
    keys = list(columns)
    if told.seats == 1:
        keys.remove("p_first")
    if told.elected.empty:
        keys.remove("p_elected")
    if told.before.empty:
        keys.remove("change")
    return build_table(
        "forecast",
        rows,
        title=f"{told.election.title}, {ROUNDS[int(told.vote['round'])]}: {told.settings.headline}",
        heading="The forecast",
        columns=columns,
        show=keys,
        names=told.names,
        filters=(),
        terminal=True,
    )


def mixture_table(told: Told) -> list[Table]:
    """Who runs, gets through and is elected under stated weights, and the weights."""
    if told.mixture.empty:
        return []
    weights = told.tables["weights"]
    through = "runoff" if told.seats > 1 else "wins"
    columns = {
        "candidate": ColumnSpec("candidate"),
        "p_runs": ColumnSpec("runs", "weight of the slates with him or her", "%"),
        "p_qualify_if_runs": ColumnSpec(
            f"{through} if runs", f"chance that he or she {told.through}, given a candidacy", "%"
        ),
        "p_qualify": ColumnSpec(
            through, f"chance that he or she runs and {told.through}, under the weights", "%"
        ),
        "p_elected_if_runs": ColumnSpec("elected if runs", form="%"),
        "p_elected": ColumnSpec("elected", "chance of running and being elected", "%"),
        "share": ColumnSpec("share if runs", "percent of the valid votes, expected", "1pp"),
        "interval": ColumnSpec(
            "9 in 10",
            "the vote is inside with a chance of 9 in 10, given a candidacy, percent",
            write=_interval,
            spare=1,
        ),
    }
    keys = list(columns)
    if told.elected.empty:
        keys = [key for key in keys if not key.startswith("p_elected")]
    reasons = build_table(
        "weights",
        weights,
        title=f"The weights, as {Path(told.settings.weights).name} states them",
        columns={
            "name": ColumnSpec("slate"),
            "weight": ColumnSpec("weight", "probability that this is the ballot", "%"),
            "reason": ColumnSpec("reason"),
        },
        show=["name", "weight", "reason"],
        filters=(),
        terminal=False,
    )
    rest = float(weights.loc[weights["slate"] == "", "weight"].sum())
    note = (
        f"{rest:.0%} lies on slates that the file does not list, of which nothing is forecast: "
        "every chance without 'if runs' is the least that it can be.",
    ) * (rest > 0)
    return [
        build_table(
            "mixture",
            told.mixture,
            title="Over all slates that have a weight",
            heading="Under your weights",
            notes=(
                "The weights are not ours and no result of a poll: they are what the file states, "
                "each with its reason.",
                *note,
            ),
            columns=columns,
            show=keys,
            names=told.names,
            filters=(),
            terminal=True,
        ),
        reasons,
    ]


def _interval(row: Mapping[Any, Any]) -> str:
    if pd.isna(row["q05"]):
        return "–"
    return f"{100 * row['q05']:.0f} to {100 * row['q95']:.0f}"


def _words(chance: float) -> str:
    return "" if pd.isna(chance) else odds(chance)


def _change(row: Mapping[Any, Any]) -> str:
    change = 100 * row["change"]
    text = format_fixed(change, 1)
    return f"+{text}" if change >= 0.05 else text


def pairs_table(told: Told) -> list[Table]:
    """The likeliest pairs of the runoff, and who wins each."""
    rows = told.tables.get("pairs")
    if rows is None:
        return []
    if "slate" in rows:
        rows = rows[rows["slate"].fillna("") == told.vote["slate"]]
    rows = rows.head(MOST_PAIRS)
    ahead = rows["first_wins"] >= 0.5
    rows = rows.assign(
        ahead=rows["first"].where(ahead, rows["second"]),
        p_ahead=rows["first_wins"].where(ahead, 1 - rows["first_wins"]),
        share_ahead=rows["first_share"].where(ahead, 1 - rows["first_share"]),
    )
    columns = {
        "pair": ColumnSpec(
            "pair", write=lambda r: f"{told.names[r['first']]} – {told.names[r['second']]}"
        ),
        "probability": ColumnSpec("chance", "of this runoff", "%"),
        "ahead": ColumnSpec("ahead in it", write=lambda row: told.names[row["ahead"]]),
        "share_ahead": ColumnSpec("share, %", "of the runoff, expected", "1pp"),
        "p_ahead": ColumnSpec("wins it", "chance of winning, if these two meet", "%"),
        "basis": ColumnSpec(
            "from", "runoff polls of the pair, or transfers of votes learned elsewhere"
        ),
    }
    return [
        build_table(
            "likely_pairs",
            rows,
            title="Who would meet in the runoff, and who would win it",
            columns=columns,
            show=list(columns),
            filters=(),
            terminal=True,
        )
    ]


def slates_table(told: Told) -> list[Table]:
    """What the headline says if another slate stands."""
    slates = told.tables["slates"]
    if len(slates) < 2:
        return []
    leading: dict[str, float] = {}
    found = []
    for row in slates.to_dict("records"):
        said = told.rows(told.settings.headline, slate=row["slate"])
        if said.empty:
            continue
        chances = said["p_qualify"].dropna()
        found.append({**row, **chances.to_dict()})
        for name, chance in chances.items():
            leading[str(name)] = max(leading.get(str(name), 0.0), float(chance))
    shown = sorted((n for n in leading if leading[n] >= SHOWN), key=lambda n: -leading[n])
    ballot = told.vote["ballot"]
    columns = {
        "name": ColumnSpec("slate"),
        "what": ColumnSpec(
            "against this ballot",
            write=lambda row: against(row["slate"].split(), ballot, told.names),
        ),
        "n_recent": ColumnSpec("polls", "of the last three months with polls", "0"),
        **{
            name: ColumnSpec(
                told.names[name], form="%", meaning="", numeric=True, in_terminal=place < 4
            )
            for place, name in enumerate(shown)
        },
    }
    return [
        build_table(
            "slates",
            pd.DataFrame(found),
            title=f"If another slate stands: chance that a candidate {told.through}",
            heading="If another slate stands",
            columns=columns,
            show=list(columns),
            filters=(),
            terminal=True,
        )
    ]


def methods_table(told: Told) -> Table:
    """What every method says of the leading candidates."""
    rows, methods = [], told.tables["methods"]
    here = methods["as_of"] == told.as_of
    if "slate" in methods:
        here &= methods["slate"].fillna("") == told.vote["slate"]
    leading = [str(n) for n in told.now.index if told.now.loc[n, "share"] >= 0.05]
    for row in methods[here].to_dict("records"):
        said = told.rows(row["predictor"])
        shares = {f"share_{n}": said["share"].get(n) for n in leading} if len(said) else {}
        chance = {f"p_{n}": said["p_qualify"].get(n) for n in leading} if len(said) else {}
        rows.append({"predictor": row["predictor"], **shares, **chance, "message": row["message"]})
    columns = {
        "predictor": ColumnSpec("method"),
        **{
            f"share_{n}": ColumnSpec(told.names[n], "share, percent", "1pp", numeric=True)
            for n in leading
        },
        **{
            f"p_{n}": ColumnSpec(
                f"P {told.names[n]}", f"chance that he or she {told.through}", "%", numeric=True
            )
            for n in leading[: told.seats + 2]
        },
        "message": ColumnSpec("says", "why a method says nothing"),
    }
    return build_table(
        "methods_now",
        pd.DataFrame(rows),
        title="What every method says",
        columns=columns,
        show=[key for key in columns if key in pd.DataFrame(rows)],
        filters=(),
        terminal=False,
    )


def history_table(told: Told) -> list[Table]:
    """How wrong polls were before other votes, at the distances that lie ahead."""
    rows = told.tables["history"]
    if rows.empty:
        return []
    columns = {
        "votes_in": ColumnSpec("votes"),
        "horizon_days": ColumnSpec("days before", "polls at least so many days before", "0"),
        "votes": ColumnSpec("n", "votes", "0"),
        "mae_leading": ColumnSpec(
            "error", "mean absolute error of candidates polled at 10% or more, points", "1pp"
        ),
        "worst": ColumnSpec("worst", "largest of these errors, mean over the votes, points", "1pp"),
        "leader_first": ColumnSpec("leader first", "whoever led the polls came first", "%"),
    }
    return [
        build_table(
            "history",
            rows,
            title="How polls at this distance have fared before other votes of this kind",
            heading="How polls at this distance have fared",
            notes=(
                "Polls of the ballots that came to be, as far as they were known by the moment of "
                "the forecast: who would stand is not among these errors.",
            ),
            columns=columns,
            show=list(columns),
            shown=rows.sort_values(
                ["votes_in", "horizon_days"], ascending=[False, False], kind="stable"
            ),
            filters=(),
            terminal=True,
        )
    ]


def polls_table(told: Told) -> Table:
    """The last poll of every institute, as read on the ballot."""
    rows = told.polls
    wide = rows.pivot_table(
        index=["fieldwork_end", "institute", "poll_id"], columns="candidate", values="share"
    ).reset_index()
    size = rows.drop_duplicates("poll_id").set_index("poll_id")["respondents"]
    wide["respondents"] = wide["poll_id"].map(size)
    wide = wide.sort_values("fieldwork_end", ascending=False, kind="stable")
    order = [str(n) for n in told.now.index if n in wide]
    columns = {
        "fieldwork_end": ColumnSpec(
            "until", "last interviews", write=lambda r: f"{r['fieldwork_end']:%Y-%m-%d}"
        ),
        "institute": ColumnSpec("institute"),
        "respondents": ColumnSpec("n", "interviews on this ballot", "0"),
        **{n: ColumnSpec(told.names[n], form="1pp", numeric=True) for n in order},
    }
    return build_table(
        "polls_read",
        wide,
        title="The polls as they are read on this ballot, percent",
        heading="The polls",
        notes=(
            "Of several lists put to one sample the nearest to this ballot is read, without those "
            f"who are not on it; the others are divided by their sum. Polls of which more than "
            f"{MOST_OFF:.0%} chose somebody who is not on it are not shown.",
        ),
        columns=columns,
        show=list(columns),
        filters=("institute",),
        terminal=False,
    )
