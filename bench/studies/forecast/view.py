"""What a forecast shows: chances, what is not known yet, what changed, and how such have done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core.arrays import sorted_digits
from bench.core.language import LANGUAGES, current_language, use_language
from bench.core.options import label
from bench.core.settings import Experiment
from bench.data.election import Election, Round, load_election
from bench.data.slates import coming_events
from bench.models.families import FAMILIES
from bench.report.charts import PERCENT
from bench.report.context import election_title, names_of, sources_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import MISSING, days_in_words, format_probability
from bench.report.plotting import layout, style
from bench.report.report import FigureSection, Report, Sentences
from bench.report.simulated import signed
from bench.report.text import Text
from bench.report.view import view_report, view_tables
from bench.runner.results import Results
from bench.studies.base import settings_of
from bench.studies.forecast.analysis import PRICES, Settings
from bench.studies.forecast.break_even import EVENS, MAX_SHARE, N_POLLS, RESPONDENTS

MIN_NAMED = 10  # percent: the chance, as it is printed, from which a candidate is named
SMALL_SHARE = 0.03  # in the polls below which no earlier vote shows what a chance is worth
SMALL_CHANGE = 0.005  # of a share that is not worth a word
QUIET_DAYS = 30  # without a poll, after which a forecast says that it is old
EVEN = (45, 55)  # percent: chances that are told alike, so that none turns into another
HIGHEST = 90  # percent: beyond it no chance of being elected is shown
LIGHT = 0.02  # a weight of less has no line of its own
MAX_PAIRS = 5
N_LEADING = 4  # candidates whose chance on other slates a terminal shows
PAIR = 2  # candidates of a ballot that needs no name
FIRST = ("mixture", "forecast")
text = Text("forecast")


def report(experiment: Experiment, results: Results) -> Report:
    """Title, findings, tables, figure and page of a forecast."""
    view = _view_of(experiment, results)
    facts, frames = facts_of(view), frames_of(view)
    facts["title"] = text("title", **facts)
    tables = view_tables("forecast", frames, facts, names=view.names)
    figures = {} if view.polls.empty else {"fan": fan(view, facts)}
    people, ballot = ([table for table in tables if table.name == name] for name in FIRST)
    changed = Sentences(
        name="changed", heading=text("changed_heading"), lines=text.lines("changed", **facts)
    )
    unknown = Sentences(
        name="unknown",
        heading=text("unknown_heading"),
        lines=text.lines("unknown", **facts),
        nav=text("unknown_nav"),
    )
    reading = text("fan_reading", **facts)
    return view_report(
        "forecast",
        facts,
        frames,
        figures,
        tables=tables,
        sections=(
            *people,
            *(FigureSection(name, reading, text("fan_heading")) for name in figures),
            *ballot,
            changed,
            unknown,
            *(table for table in tables if table.name not in FIRST),
        ),
    )


def _view_of(experiment: Experiment, results: Results) -> ForecastView:
    return ForecastView(
        vote=results.facts["vote"],
        tables=results.tables,
        settings=settings_of(Settings, experiment),
    )


def sealed(experiment: Experiment, results: Results) -> dict[str, Any]:
    """What a record of `bench freeze` holds beside the forecasts.

    Returns
    -------
    dict
        `people`: the table by person, of whom `bench score` knows the columns; `hypotheses`: by
        language, sentences that the outcome can refute. Empty where no samples weigh ballots.
    """
    view = _view_of(experiment, results)
    if view.mixture.empty or view.settings.weights:
        return {}
    rows = _mixture(view)["mixture"].apply(sorted_digits)
    people = [row.dropna().to_dict() for _, row in rows.iterrows()]
    hypotheses = {}
    for language in LANGUAGES:
        with use_language(language):
            hypotheses[language] = list(text.lines("hypotheses", **facts_of(view)))
    return {"people": people, "hypotheses": hypotheses}


def percentage(chance: float) -> int:
    """A chance in whole percent, as tables print it: 0 stands for <1%, 100 for >99%.

    Examples
    --------
    >>> percentage(0.3476), percentage(0.005), percentage(0.0051), percentage(0.995)
    (35, 0, 1, 100)
    """
    return 100 if chance >= 0.995 else min(round(100 * chance), 99)


def chance_words(chance: float) -> str:
    """A chance in words: one word for all chances that are printed as the same percentage.

    Examples
    --------
    >>> chance_words(0.97), chance_words(0.5), chance_words(0.2), chance_words(0.001)
    ('very likely', 'about even', 'unlikely', 'all but impossible')
    >>> chance_words(0.3451), chance_words(0.3549)
    ('less likely than not', 'less likely than not')
    """
    percent = percentage(chance)
    return next(
        words for least, words in text.words("chance_words").items() if percent >= int(least)
    )


def in_ten(chance: float) -> str:
    """A chance as so many times in ten, or in a hundred where it is near 0 or 1.

    Examples
    --------
    >>> in_ten(0.62), in_ten(0.97), in_ten(0.03), in_ten(0.001)
    ('6 in 10', '97 in 100', '3 in 100', 'under 1 in 100')
    >>> in_ten(0.3451), in_ten(0.3549)
    ('4 in 10', '4 in 10')
    """
    percent = percentage(chance)
    n, of = ((percent + 5) // 10, 10) if 5 < percent < 95 else (percent, 100)
    return text("times", n=n, of=of, below=percent == 0, above=percent == 100)


def facts_of(view: ForecastView) -> dict[str, Any]:
    """What the texts know.

    Parameters
    ----------
    view
        What was asked and found.
    """
    vote, last = view.vote, view.last_interview_on
    moment, vote_on = view.as_of.normalize(), view.days[-1]
    age = None if last is None else (moment - last).days
    public = view.polls.drop_duplicates("poll_id")["published_on"]
    pairs = view.tables.get("pairs")
    people = _people(view)
    return {
        "source": sources_of([str(vote["election"])]),
        "election": election_title(view.election.title),
        "round": int(vote["round"]),
        "as_of": view.as_of,
        "hour": f"{view.as_of:%H:%M}",
        "method": label("predictor", view.settings.headline),
        "names": view.names,
        "to_runoff": view.round.n_advance > 1,
        "vote_days": days_in_words(view.days),
        "last_day": vote_on,
        "is_unset": len(view.days) > 1,
        "announced_on": view.round.announced_on,
        "called": called(view, vote["slate"]) if vote["slate"] else "",
        "is_supposed": bool(vote["slate"]),
        "is_pair": bool(vote["slate"]) and len(vote["ballot"]) == PAIR,
        "is_open": vote["is_open"],
        "is_listed": view.is_listed,
        "n_slates": vote["slates_standing"],
        "ballot": [view.names[name] for name in vote["ballot"]],
        "n_polls": len(public),
        "last_interview_on": last,
        "poll_age": age,
        "is_quiet": age is not None and age > QUIET_DAYS,
        "days_left": (vote_on.normalize() - moment).days,
        "days_of_polls": None if last is None else (vote_on - last).days,
        "leader": view.names[str(view.now.index[0])],
        "chances": _likely(view, view.now["p_qualify"], view.round.n_advance + 2),
        "elected": _likely(view, view.elected(), highest=HIGHEST),
        "weights": people if view.settings.weights else None,
        "people": None if view.settings.weights else people,
        "favourites": _favourites(view),
        "events": _events(view),
        "price": _price(view),
        "past": _past(view),
        "since": view.since,
        "has_earlier": not view.before.empty,
        "n_new": int((public > view.since).sum()),
        "moved": _moved(view),
        "gap": _gap(view),
        "break_even": _break_even(view),
        "n_new_polls": N_POLLS,
        "n_respondents": RESPONDENTS,
        "max_share": MAX_SHARE,
        "max_off_ballot": MAX_OFF_BALLOT,
        "small_share": SMALL_SHARE,
        "light": LIGHT,
        "has_small": view.round.n_advance > 1 and bool((view.now["share"] < SMALL_SHARE).any()),
        "is_transferred": pairs is not None and not pairs["basis"].eq("polls").all(),
    }


def called(view: ForecastView, slate: str) -> str:
    """What a ballot is called: who differs from the ballot asked about, family by family.

    The ballot asked about is called by what parts it from the next.

    Parameters
    ----------
    view
        With every ballot.
    slate : str
        Key of a ballot.
    """
    other = next((key for key in view.tables["slates"]["slate"] if key != slate), "")
    if not other:
        return text("only_ballot")
    here, there = set(slate.split()), set(other.split())
    people = view.election.people.set_index("candidate")["family"]
    families = text.words("families")
    order = [*view.now.index, *sorted(here | there)]
    parts = []
    for family in FAMILIES:
        members = [one for one in sorted(here, key=order.index) if people[one] == family]
        new = [view.names[one] for one in members if one not in there]
        gone = [view.names[one] for one in sorted(there - here) if people[one] == family]
        if new or gone:
            names, words = [view.names[one] for one in members], families.get(family, "")
            parts.append(text("called", family=words, members=names, new=new, gone=gone))
    return ", ".join(parts)


def capped(chance: float) -> str:
    """A chance of being elected in percent, nothing beyond `HIGHEST`.

    Examples
    --------
    >>> capped(0.42), capped(0.904), capped(0.97)
    ('42%', '90%', '≥90%')
    """
    beyond = not pd.isna(chance) and percentage(chance) > HIGHEST
    return f"≥{format_probability(HIGHEST / 100)}" if beyond else format_probability(chance)


def _people(view: ForecastView) -> dict[str, Any] | None:
    """What the forecast by person says, under the weights of samples or of a file."""
    if view.mixture.empty:
        return None
    rows, weights = view.mixture.set_index("candidate"), view.tables["weights"]
    often = rows.loc[rows["share"] >= LEADING, "p_runs"]
    often = often.sort_values(ascending=False, kind="stable", key=sorted_digits)
    is_listed = weights["slate"] != ""
    return {
        "file": Path(view.settings.weights).name,
        "n_samples": round(weights["votes"].sum()),
        "n_ballots": int(is_listed.sum()),
        "unlisted": float(weights.loc[~is_listed, "weight"].sum()),
        "chances": _likely(view, rows["p_qualify"], view.round.n_advance + 2),
        "elected": _likely(view, view.elected("mixture"), highest=HIGHEST),
        "likeliest": [view.names[name] for name in rows["p_qualify"].nlargest(3).index],
        "on": [{"name": view.names[str(name)], "part": part} for name, part in often.items()],
    }


def _favourites(view: ForecastView) -> dict[str, Any] | None:
    """How often whoever had the largest chance of being elected was elected."""
    rows = view.tables.get("favourites")
    if rows is None:
        return None
    return {
        "n": len(rows),
        "right": int(rows["favourite"].eq(rows["winner"]).sum()),
        "low": rows["p_elected"].min(),
        "high": rows["p_elected"].max(),
        "days": int(rows["days"].iloc[0]),
    }


def _events(view: ForecastView) -> list[str]:
    """What no poll can know."""
    words = "words_fr" if current_language() == "fr" else "words"
    return list(coming_events(view.election, view.as_of)[words])


def _price(view: ForecastView) -> Mapping[Any, Any]:
    """What a market last asked for whoever is likeliest to be elected."""
    chances = view.elected("joint" if view.mixture.empty else "mixture")
    if chances.empty:
        return {}
    name = str(chances.idxmax())
    quoted = view.tables["prices"].query("candidate == @name and win_probability.notna()")
    if quoted.empty:
        return {}
    return quoted.iloc[0].to_dict() | {"name": view.names[name], "ours": capped(chances[name])}


def _likely(
    view: ForecastView, chances: pd.Series, most: int = 3, highest: int = PERCENT
) -> list[dict[str, Any]]:
    """The likeliest: those whose chance is printed as `MIN_NAMED` or more, at least the first.

    No chance is said to be beyond `highest` percent.
    """
    chances = chances.dropna().sort_values(ascending=False, kind="stable")
    n_named = max(1, int(chances.map(percentage).ge(MIN_NAMED).sum()))
    limited = chances.clip(upper=highest / PERCENT)
    return [
        {
            "name": view.names[str(name)],
            "words": chance_words(limited[name]),
            "times": in_ten(limited[name]),
            "or_more": percentage(chances[name]) > highest,
        }
        for name in chances.index[: min(n_named, most)]
    ]


def _past(view: ForecastView) -> dict[str, Any] | None:
    """How the headline's forecasts from polls as old did before earlier votes."""
    rows = view.tables.get("past_performance")
    if rows is None:
        return None
    chances = pd.Series([one for row in rows["chances"] for one in numbers(row)])
    errors = 100 * rows["mae_leading"]
    return {
        "n": len(rows),
        "error": errors.mean(),
        "least_error": errors.min(),
        "most_error": errors.max(),
        "least_inside": rows["inside_90"].min(),
        "n_through": len(chances),
        "n_below": int((chances.fillna(0) < EVENS).sum()),
    }


def _moved(view: ForecastView) -> list[dict[str, str]]:
    """Whose share moved most since the earlier forecast."""
    moved = (view.now["share"] - view.before["share"]).dropna()
    moved = moved[moved.abs() >= SMALL_CHANGE].sort_values(key=abs, ascending=False, kind="stable")
    return [
        {"name": view.names[str(name)], "change": signed(100 * change)}
        for name, change in moved.head(4).items()
    ]


def _gap(view: ForecastView) -> dict[str, Any] | None:
    """Between the last who gets through and the first who does not, in points."""
    around = view.now["share"].dropna().iloc[view.round.n_advance - 1 : view.round.n_advance + 1]
    if len(around) < 2:
        return None
    gap = 100 * float(around.iloc[0] - around.iloc[1])
    ahead, behind = (view.names[str(name)] for name in around.index)
    return {"ahead": ahead, "behind": behind, "gap": gap, "shift": gap / 2}


def _break_even(view: ForecastView) -> list[dict[str, Any]]:
    """What new polls would have to show so that a chance becomes one half, if it is another."""
    return [
        {
            "name": view.names[row["candidate"]],
            "times": in_ten(row["p_qualify"]),
            "needed": None if pd.isna(row["needed"]) else row["needed"],
            "share": row["share"],
            "falls": row["p_qualify"] >= EVENS,
        }
        for row in view.tables.get("break_even", pd.DataFrame()).to_dict("records")
        if not EVEN[0] <= percentage(row["p_qualify"]) <= EVEN[1]
    ]


def numbers(row: str) -> list[float]:
    """Numbers that were joined by commas.

    Examples
    --------
    >>> numbers("0.5, 0.25")
    [0.5, 0.25]
    """
    return [float(one) for one in row.split(", ")]


def frames_of(view: ForecastView) -> dict[str, pd.DataFrame]:
    """The tables, each with the rows that people see, ``NAME_shown``."""
    frames = {"history": view.tables["history"]}
    for part in (_mixture, _forecast, _pairs, _slates, _methods, _past_performance, _polls):
        frames |= part(view)
    return frames


Frames = dict[str, pd.DataFrame]


def _intervals(rows: pd.DataFrame) -> list[str]:
    return [
        MISSING if pd.isna(low) else text("interval", low=100 * low, high=100 * high)
        for low, high in zip(rows["q05"], rows["q95"], strict=True)
    ]


def _mixture(view: ForecastView) -> Frames:
    """Who runs, gets through and is elected under stated weights."""
    rows = view.mixture
    if rows.empty:
        return {}
    prices = view.tables["prices"].set_index("candidate")[list(PRICES)]
    if len(prices):
        rows = rows.join(prices.set_axis(["price", "price_runs"], axis=1), on="candidate")
    shown = rows.assign(
        p_runs=sorted_digits(rows["p_runs"]),  # a sum of weights may be a last bit below 1
        interval=_intervals(rows),
        elected=rows["p_elected"].map(capped),
    )
    if view.elected().empty:
        shown = shown.drop(columns="p_elected")
    if not view.settings.weights:
        return {"mixture": rows, "mixture_shown": shown[shown["p_qualify"].map(percentage) > 0]}
    weights = view.tables["weights"]
    names = [called(view, key) if key else text("unlisted") for key in weights["slate"]]
    listed = {"weights": weights, "weights_shown": weights.assign(what=names)}
    return {"mixture": rows, "mixture_shown": shown, **listed}


def _forecast(view: ForecastView) -> Frames:
    """Share, interval and chances of every candidate."""
    rows = view.now.reset_index()
    rows["change"] = rows["share"] - rows["candidate"].map(view.before["share"])
    elected = view.elected()
    rows["p_elected"] = rows["candidate"].map(elected)
    shown = rows.assign(
        interval=_intervals(rows),
        words=["" if pd.isna(chance) else chance_words(chance) for chance in rows["p_qualify"]],
        signed=[signed(100 * change) for change in rows["change"]],
        elected=rows["p_elected"].map(capped),
    )
    gone = ["p_first"] * (view.round.n_advance == 1) + ["p_elected"] * elected.empty
    unmoved = shown["signed"].eq(signed(0.0)).all()
    shown = shown.drop(columns=gone + ["change"] * bool(view.before.empty or unmoved))
    return {"forecast": rows, "forecast_shown": shown}


def _pairs(view: ForecastView) -> Frames:
    """The likeliest pairs of the runoff, and who wins each."""
    if "pairs" not in view.tables:
        return {}
    rows = view.on_slate(view.tables["pairs"]).head(MAX_PAIRS)
    ahead = rows["first_wins"] >= EVENS
    rows = rows.assign(
        ahead=rows["first"].where(ahead, rows["second"]),
        p_ahead=rows["first_wins"].where(ahead, 1 - rows["first_wins"]),
        share_ahead=rows["first_share"].where(ahead, 1 - rows["first_share"]),
    )
    both = rows[["first", "second"]].replace(view.names)
    shown = rows.assign(
        pair=both["first"] + " – " + both["second"],
        ahead=rows["ahead"].map(view.names),
        # without polls of the pair only its own draws count, and they are few
        chance=[
            capped(chance if basis == "polls" else round(chance, 1))
            for basis, chance in zip(rows["basis"], rows["p_ahead"], strict=True)
        ],
    )
    return {"likely_pairs": rows, "likely_pairs_shown": shown}


def _slates(view: ForecastView) -> Frames:
    """What the headline says if another slate stands."""
    slates = view.tables["slates"]
    found = []
    for row in slates.to_dict("records"):
        rows = view.rows(view.settings.headline, slate=row["slate"])
        if len(rows):
            found.append({**row, **rows["p_qualify"].dropna().to_dict()})
    if len(slates) < 2:
        return {}
    rows = pd.DataFrame(found)
    most = rows.drop(columns=slates.columns).max().sort_values(ascending=False, kind="stable")
    named = [str(name) for name in most.index if percentage(most[name]) >= MIN_NAMED]
    heads = {
        name: f"{'lead' if place < N_LEADING else 'rest'}_{name}"
        for place, name in enumerate(named)
    }
    shown = rows[["name", "n_recent", *named]].rename(columns=heads)
    shown = shown.assign(what=[called(view, row["slate"]) for row in found])
    if not view.mixture.empty:
        weight = view.tables["weights"].set_index("slate")["weight"]
        shown = shown.assign(weight=rows["slate"].map(weight))
        shown = shown[~(shown["weight"] < LIGHT)]
    return {"slates": rows, "slates_shown": shown}


def _methods(view: ForecastView) -> Frames:
    """What every method says of the leading candidates."""
    found, leading = [], view.leading
    methods = view.on_slate(view.tables["methods"])
    if view.settings.average != view.settings.headline:  # it is drawn, and no forecast of a vote
        methods = methods[methods["predictor"] != view.settings.average]
    for row in methods[methods["as_of"] == view.as_of].to_dict("records"):
        rows = view.rows(row["predictor"]).reindex(leading)
        found.append(
            {
                "predictor": row["predictor"],
                **rows["share"].add_prefix("share_").to_dict(),
                **rows["p_qualify"].add_prefix("p_").to_dict(),
                "message": row["message"],
            }
        )
    data = pd.DataFrame(found)
    shown = data.drop(columns=[f"p_{name}" for name in leading[view.round.n_advance + 2 :]])
    return {"methods_now": data, "methods_now_shown": shown}


def _past_performance(view: ForecastView) -> Frames:
    """What the headline said from polls as old before earlier votes of the country."""
    rows = view.tables.get("past_performance")
    if rows is None:
        return {}
    names, votes = names_of(list(rows["address"])), rows.to_dict("records")
    years = [f"{load_election(vote['address']).round(vote['round']).vote_on:%Y}" for vote in votes]
    who = [_chances(vote, names) for vote in votes]
    return {
        "past_performance": rows,
        "past_performance_shown": rows.assign(election=years, who=who),
    }


def _chances(row: Mapping[Any, Any], names: Mapping[str, str]) -> str:
    """The chances that those who got through had been given."""
    who = zip(row["through"].split(", "), numbers(row["chances"]), strict=True)
    return " · ".join(
        text("not_asked", name=names.get(key, key))
        if pd.isna(chance)
        else f"{names.get(key, key)} {format_probability(chance)}"
        for key, chance in who
    )


def _polls(view: ForecastView) -> Frames:
    """The last poll of every institute, as read on the ballot."""
    rows = view.polls
    wide = rows.pivot_table(
        index=["fieldwork_end", "institute", "poll_id"], columns="candidate", values="share"
    ).reset_index()
    size = rows.drop_duplicates("poll_id").set_index("poll_id")["respondents"]
    wide["respondents"] = wide["poll_id"].map(size)
    wide = wide.sort_values("fieldwork_end", ascending=False, kind="stable")
    order = [str(name) for name in view.now.index if name in wide]
    shown = wide[["institute", "respondents"]].join(wide[order].add_prefix("of_"))
    days = wide["fieldwork_end"].dt.strftime("%Y-%m-%d")
    return {"polls_read": wide, "polls_read_shown": shown.assign(fieldwork_end=days)}


LEADING = 0.05  # share from which a candidate is drawn
MAX_OFF_BALLOT = 0.15
"""Polls of which a larger part chose somebody who is not on the ballot are not shown."""


@dataclass(frozen=True)
class ForecastView:
    """The tables of a forecast with what was asked."""

    vote: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    settings: Settings

    @cached_property
    def election(self) -> Election:
        """The election."""
        return load_election(str(self.vote["election"]))

    @cached_property
    def round(self) -> Round:
        """The round that is asked about."""
        return self.election.rounds[int(self.vote["round"])]

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
    def last_interview_on(self) -> pd.Timestamp | None:
        """The day on which the interviews of the newest poll ended; None without polls."""
        last = self.vote["last_interview_on"]
        return None if last is None else pd.Timestamp(last)

    @cached_property
    def is_listed(self) -> bool:
        """Whether the official ballot was public at the moment, as far as the folder says."""
        first = self.election.rounds[min(self.election.rounds)]
        public = first.known_at if self.round is not first else self.round.listed_on
        return public is not None and self.as_of >= public

    def rows(
        self, predictor: str, as_of: pd.Timestamp | None = None, slate: str | None = None
    ) -> pd.DataFrame:
        """Forecasts of one predictor by candidate, the largest share first."""
        rows = self.on_slate(self.tables["forecasts"], slate)
        here = (rows["predictor"] == predictor) & (rows["as_of"] == (as_of or self.as_of))
        return (
            rows[here].set_index("candidate").sort_values("share", ascending=False, kind="stable")
        )

    def on_slate(self, rows: pd.DataFrame, slate: str | None = None) -> pd.DataFrame:
        """Rows about a slate, the one asked about if none is given."""
        if "slate" not in rows:
            return rows
        return rows[rows["slate"].fillna("") == (self.vote["slate"] if slate is None else slate)]

    @cached_property
    def now(self) -> pd.DataFrame:
        """The headline forecast."""
        return self.rows(self.settings.headline)

    @cached_property
    def leading(self) -> list[str]:
        """Whom it gives `LEADING` or more, else the first alone."""
        shares = self.now["share"]
        return list(map(str, shares.index[shares >= LEADING])) or [str(shares.index[0])]

    @cached_property
    def polls(self) -> pd.DataFrame:
        """The polls that are shown."""
        rows = self.tables["polls"]
        return rows[rows["off_ballot"] <= MAX_OFF_BALLOT]

    @cached_property
    def since(self) -> pd.Timestamp:
        """The moment of the forecast with which it is compared."""
        return self.as_of - pd.Timedelta(days=self.settings.since_days)

    @cached_property
    def before(self) -> pd.DataFrame:
        """That forecast; no rows if there was none."""
        return self.rows(self.settings.headline, self.since)

    def elected(self, table: str = "joint") -> pd.Series:
        """Chances of being elected in the end, by candidate; none where this round decides."""
        rows = self.tables.get(table)
        if rows is None or self.round.n_advance == 1:
            return pd.Series(dtype=float)
        return rows.set_index("candidate")["p_elected"].dropna()

    @cached_property
    def mixture(self) -> pd.DataFrame:
        """The forecast over all slates that have a weight; no rows without weights."""
        return self.tables.get("mixture", pd.DataFrame(columns=["candidate"]))


MOST = 6  # candidates
BEFORE_DAYS = 60  # of polls before the curve begins
FRESH = {"color": style.INK, "linewidth": 1}
STALE = {**FRESH, "linestyle": "--"}
VOTE = {"color": style.INK, "marker": "_", "markersize": 9}
VOTE_INTERVAL = {"color": style.INK, "linewidth": 3, "alpha": 0.5}
NOW = {"color": style.SOFT, "linewidth": 0.6, "linestyle": ":"}


def fan(view: ForecastView, facts: Mapping[str, Any]) -> Figure:
    """A panel per leading candidate: polls, their average over time, interval of the vote.

    Parameters
    ----------
    view : ForecastView
        Its polls, the forecasts of `settings.average` at all moments, and the headline of now.
    facts : mapping
        Of the texts.
    """
    shown, vote_on = view.leading[:MOST], view.days[-1]
    polls, band, start = _over_time(view, shown)
    stale = _stale_from(view, band)
    numbers, called = ["share", "q05", "q95"], view.names
    band = band.assign(candidate=band["candidate"].map(called), **(PERCENT * band[numbers]))
    band = band.sort_values("as_of", kind="stable")
    polls = polls.assign(
        share=PERCENT * polls["share"],
        candidate=polls["candidate"].map(called),
        day=polls["fieldwork_end"].dt.strftime("%Y-%m-%d"),
        n=polls["respondents"],
    )
    now = (PERCENT * view.now.loc[shown, numbers]).set_axis(["forecast", "low", "high"], axis=1)
    now = now.assign(candidate=[called[one] for one in shown], as_of=vote_on)
    institutes = [
        str(one)
        for one in view.polls["institute"].value_counts().index
        if one in set(polls["institute"])
    ]
    looks = layout.series_looks(institutes, style.STRANGER_COLOURS, markersize=3, alpha=0.85)
    return Figure(
        **text.figure("fan", n=polls["poll_id"].nunique(), **facts),
        panel="candidate",
        panels={called[name]: called[name] for name in shown},
        columns=text.words("chart_polls"),
        x=Axis(
            low=_days(start - pd.Timedelta(days=10)),
            high=_days(vote_on + pd.Timedelta(days=14)),
            dates=True,
        ),
        y=Axis(low=0),
        per_line=2,
        height=1.25,
        more=0.2,
        looks=looks,
        legend=looks,
        legend_columns=5,
        grid="y",
        marks=(
            Mark("at", pd.DataFrame({"as_of": [view.as_of]}), "as_of", look=NOW),
            Mark("band", band, "as_of", "q05", "q95", look={"color": style.GRID, "alpha": 1}),
            Mark("line", band[band["as_of"] <= stale], "as_of", "share", look=FRESH),
            Mark("line", band[band["as_of"] >= stale], "as_of", "share", look=STALE),
            Mark("dot", polls, "fieldwork_end", "share", by="institute", look={"zorder": 2}),
            Mark("stem", now, "as_of", "low", "high", look=VOTE_INTERVAL),
            Mark("dot", now, "as_of", "forecast", look=VOTE),
        ),
    )


def _over_time(
    view: ForecastView, shown: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Timestamp]:
    """Polls and their average at all moments, of those shown; and from which day on."""
    rows = view.on_slate(view.tables["forecasts"])
    band = rows[rows["predictor"].eq(view.settings.average) & rows["candidate"].isin(shown)]
    start = view.as_of if band.empty else band["as_of"].min()
    start -= pd.Timedelta(days=BEFORE_DAYS)
    polls = view.polls[view.polls["candidate"].isin(shown)]
    return polls[polls["fieldwork_end"] >= start], band, start


def _stale_from(view: ForecastView, band: pd.DataFrame) -> pd.Timestamp:
    """The first moment of the curve at which the newest poll was public."""
    last = pd.Timestamp(view.vote["last_poll_on"])
    return min((one for one in band["as_of"] if one >= last), default=view.as_of)


def _days(moment: pd.Timestamp) -> float:
    """Since 1970."""
    return (moment - pd.Timestamp(0)) / pd.Timedelta(days=1)
