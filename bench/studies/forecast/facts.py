"""What the page of a forecast knows: numbers and names, which `page.en.md` puts into words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from pathlib import Path
from typing import NamedTuple, TypedDict

import numpy as np
import pandas as pd

from bench.core.arrays import sorted_digits
from bench.core.language import current_language
from bench.core.options import label
from bench.data.slates import coming_events
from bench.models.families import FAMILIES
from bench.report.context import election_title, sources_of
from bench.report.document import Document
from bench.report.formatting import days_in_words
from bench.report.simulated import signed
from bench.studies.forecast.break_even import EVENS, MAX_SHARE, N_POLLS, RESPONDENTS
from bench.studies.forecast.chances import MAX_ELECTED, Chance, capped, is_even, likeliest
from bench.studies.forecast.fan import FanRows
from bench.studies.forecast.outlook import LEADING, MAX_OFF_BALLOT, Outlook

SMALL_SHARE = 0.03  # in the polls below which no earlier vote shows what a chance is worth
SMALL_CHANGE = 0.005  # of a share that is not worth a word
MAX_MOVES = 4  # that are named
QUIET_DAYS = 30  # without a poll, after which a forecast says that it is old
CHECKED_IN = 2022  # the season on which learned chances of standing were checked
MIN_WEIGHT = 0.02  # of a slate that has a line of its own
PAIR = 2  # candidates of a ballot that needs no name


class Difference(NamedTuple):
    """How the people of one family on a ballot differ from those on another."""

    family: str
    members: list[str]
    added: list[str]
    removed: list[str]


class Ballot(NamedTuple):
    """The ballot that is asked about.

    Attributes
    ----------
    candidates : list of str
    differences : list of Difference
        Whereby it is called; empty for the official one.
    is_supposed, is_pair, is_open, is_listed : bool
        Whether it is not the official one, and is then of two; whether who will run is not known;
        whether the official one was public.
    n_standing : int
        Slates that polls have tested and that are still possible.
    """

    candidates: list[str]
    differences: list[Difference]
    is_supposed: bool
    is_pair: bool
    is_open: bool
    is_listed: bool
    n_standing: int


class NewestPoll(NamedTuple):
    """When the last interviews ended, and how many days lie between them, now and the vote."""

    ended_on: pd.Timestamp
    age_days: int
    days_before_vote: int
    is_old: bool


class Running(NamedTuple):
    """A candidate and his or her chance of standing, or part of the votes of samples."""

    name: str
    weight: float


class Mixture(NamedTuple):
    """The forecast over several ballots, under chances of standing or the weights of a file.

    Attributes
    ----------
    file : str
        That states the weights.
    n_samples, n_ballots : int
    unlisted : float
        Weight of the ballots that the file does not list.
    chances, elected, elected_stated : list of Chance
        Of a place, and of being elected; the latter also with prices of standing, if there are any.
    first_three : list of str
    running : list of Running
    seasons : list of str
        Years of the votes that taught who stands.
    is_checked : bool
        Whether the vote of `CHECKED_IN`, which taught nothing, was over.
    """

    file: str
    n_samples: int
    n_ballots: int
    unlisted: float
    chances: list[Chance]
    elected: list[Chance]
    elected_stated: list[Chance]
    first_three: list[str]
    running: list[Running]
    seasons: list[str]
    is_checked: bool


class Favourites(NamedTuple):
    """How often the person with the largest chance of being elected was elected.

    Had the chances been right, so few or fewer would be with a chance of `as_few`.
    """

    n_votes: int
    n_elected: int
    as_few: float
    low: float
    high: float
    days_before: int
    source: str


class Price(NamedTuple):
    """What a market asked last for the likeliest to be elected, and our chance in words."""

    name: str
    publisher: str
    published_on: pd.Timestamp
    source: str
    elected: float
    on_ballot: float | None
    forecast: str


class PastPerformance(NamedTuple):
    """How forecasts from polls as old did before earlier votes; errors in points."""

    n_votes: int
    mean_error: float
    min_error: float
    max_error: float
    min_inside: float | None
    n_through: int
    n_below_half: int


class Move(NamedTuple):
    """The change of a share since the earlier forecast, points with their sign."""

    name: str
    change: str


class Gap(NamedTuple):
    """Between the last who gets through and the first who does not, in points."""

    ahead: str
    behind: str
    points: float
    shift: float


class BreakEven(NamedTuple):
    """What new polls have to show of a candidate for a chance of one half; None: nothing does."""

    chance: Chance
    share: float
    needed: float | None
    falls: bool


class Facts(TypedDict):
    """What the document knows.

    Of `sampled` and `stated` at most one is there: the mixture under the weights of samples, or of
    a file. `elected` and `chances` are about the ballot that is asked about, `together` about the
    likeliest to be elected: that chance by the assumptions of `TOGETHER`, if there is a runoff.
    """

    source: str
    election: str
    round: int
    as_of: pd.Timestamp
    hour: str
    method: str
    names: Mapping[str, str]
    to_runoff: bool
    vote_days: str
    vote_on: pd.Timestamp
    is_day_open: bool
    announced_on: pd.Timestamp | None
    days_left: int
    ballot: Ballot
    n_polls: int
    newest_poll: NewestPoll | None
    leader: str
    chances: list[Chance]
    elected: list[Chance]
    sampled: Mixture | None
    stated: Mixture | None
    favourites: Favourites | None
    together: list[str]
    events: list[str]
    price: Price | None
    past: PastPerformance | None
    since: pd.Timestamp
    has_earlier: bool
    n_new_polls: int
    moves: list[Move]
    gap: Gap | None
    break_even: list[BreakEven]
    has_small_shares: bool
    is_transferred: bool
    n_drawn_polls: int
    n_supposed_polls: int
    n_respondents: int
    max_supposed_share: float
    max_off_ballot: float
    small_share: float
    min_weight: float
    rivals: list[str]


PAGE = Document(
    "forecast",
    Facts,
    tables=(
        "mixture",
        "forecast",
        "weights",
        "likely_pairs",
        "slates",
        "list_pairs",
        "methods_now",
        "past_performance",
        "elected",
        "favourites",
        "history",
        "polls_read",
    ),
    figures=("fan", "favourites"),
)


def facts_of(outlook: Outlook) -> Facts:
    """What the document knows of a forecast."""
    published_on = outlook.polls.drop_duplicates("poll_id")["published_on"]
    mixture = mixture_of(outlook)
    is_stated = bool(outlook.settings.weights)
    return Facts(
        source=sources_of([str(outlook.vote["election"])]),
        election=election_title(outlook.election.title),
        round=int(outlook.vote["round"]),
        as_of=outlook.as_of,
        hour=f"{outlook.as_of:%H:%M}",
        method=label("predictor", outlook.settings.headline),
        names=outlook.names,
        to_runoff=not outlook.decides,
        vote_days=days_in_words(outlook.possible_days),
        vote_on=outlook.vote_on,
        is_day_open=len(outlook.possible_days) > 1,
        announced_on=outlook.round.announced_on,
        days_left=(outlook.vote_on.normalize() - outlook.as_of.normalize()).days,
        ballot=ballot_of(outlook),
        n_polls=len(published_on),
        newest_poll=newest_poll_of(outlook),
        leader=outlook.names[str(outlook.headline.index[0])],
        chances=chances_of_place(outlook, outlook.headline["p_qualify"]),
        elected=chances_of_election(outlook, "joint"),
        sampled=None if is_stated else mixture,
        stated=mixture if is_stated else None,
        favourites=favourites_of(outlook),
        together=outlook.together.head(1).map(capped).to_numpy().ravel().tolist(),
        events=events_of(outlook),
        price=price_of(outlook),
        past=past_of(outlook),
        since=outlook.since,
        has_earlier=not outlook.earlier.empty,
        n_new_polls=int((published_on > outlook.since).sum()),
        moves=moves_of(outlook),
        gap=gap_of(outlook),
        break_even=break_even_of(outlook),
        has_small_shares=has_small_shares(outlook),
        is_transferred=is_transferred(outlook),
        n_drawn_polls=FanRows.of(outlook).polls["poll_id"].nunique(),
        n_supposed_polls=N_POLLS,
        n_respondents=RESPONDENTS,
        max_supposed_share=MAX_SHARE,
        max_off_ballot=MAX_OFF_BALLOT,
        small_share=SMALL_SHARE,
        min_weight=MIN_WEIGHT,
        rivals=rivals_of(outlook),
    )


def ballot_of(outlook: Outlook) -> Ballot:
    """The ballot that is asked about."""
    slate, candidates = outlook.vote["slate"], outlook.vote["ballot"]
    return Ballot(
        candidates=[outlook.names[candidate] for candidate in candidates],
        differences=differences(outlook, slate) if slate else [],
        is_supposed=bool(slate),
        is_pair=bool(slate) and len(candidates) == PAIR,
        is_open=outlook.vote["is_open"],
        is_listed=outlook.is_listed,
        n_standing=outlook.vote["slates_standing"],
    )


def differences(outlook: Outlook, slate: str) -> list[Difference]:
    """Where a ballot differs from the one asked about, family by family.

    The ballot asked about is compared with the next. Nothing differs where it is the only one.

    Parameters
    ----------
    outlook
        With every ballot.
    slate : str
        Key of a ballot.
    """
    slates = outlook.tables["slates"]["slate"]
    compared = slates[slates != slate]
    if compared.empty or not compared.iloc[0]:
        return []
    candidates, previous = set(slate.split()), set(str(compared.iloc[0]).split())
    names = outlook.names
    family_of = outlook.election.people.set_index("candidate")["family"]
    order = [*outlook.headline.index, *sorted(candidates | previous)]
    differences = []
    for family in FAMILIES:
        members = [
            candidate
            for candidate in sorted(candidates, key=order.index)
            if family_of[candidate] == family
        ]
        added = [names[candidate] for candidate in members if candidate not in previous]
        removed = [
            names[candidate]
            for candidate in sorted(previous - candidates)
            if family_of[candidate] == family
        ]
        if added or removed:
            all_names = [names[candidate] for candidate in members]
            differences.append(Difference(family, all_names, added, removed))
    return differences


def ballot_name(outlook: Outlook, slate: str) -> str:
    """What a ballot is called: by the people who differ, and by no code."""
    return PAGE.text("ballot_name", differences=differences(outlook, slate))


def newest_poll_of(outlook: Outlook) -> NewestPoll | None:
    """The newest poll, and how old it is."""
    ended_on = outlook.last_interview_on
    if ended_on is None:
        return None
    age_days = (outlook.as_of.normalize() - ended_on).days
    days_before_vote = (outlook.vote_on - ended_on).days
    return NewestPoll(ended_on, age_days, days_before_vote, age_days > QUIET_DAYS)


def chances_of_place(outlook: Outlook, chances: pd.Series) -> list[Chance]:
    """The likeliest to get through, two more than there are places."""
    return likeliest(chances, outlook.names, outlook.round.n_advance + 2)


def chances_of_election(outlook: Outlook, table: str) -> list[Chance]:
    """The likeliest to be elected in the end."""
    chances = outlook.chances_of_election(table)
    return likeliest(chances, outlook.names, maximum=MAX_ELECTED)


def mixture_of(outlook: Outlook) -> Mixture | None:
    """The forecast by person, under the weights of samples or of a file."""
    if outlook.mixture.empty:
        return None
    rows, weights = outlook.mixture.set_index("candidate"), outlook.tables["weights"]
    running = rows.loc[rows["share"] >= LEADING, "p_runs"]
    running = running.sort_values(ascending=False, kind="stable", key=sorted_digits)
    is_listed = weights["slate"] != ""
    stated = rows.get("p_elected_stated", pd.Series(dtype=float))
    return Mixture(
        file=Path(outlook.settings.weights).name,
        n_samples=round(weights["votes"].sum()),
        n_ballots=int(is_listed.sum()),
        unlisted=float(weights.loc[~is_listed, "weight"].sum()),
        chances=chances_of_place(outlook, rows["p_qualify"]),
        elected=chances_of_election(outlook, "mixture"),
        elected_stated=likeliest(stated, outlook.names, maximum=MAX_ELECTED),
        first_three=[outlook.names[name] for name in rows["p_qualify"].nlargest(3).index],
        running=[Running(outlook.names[str(name)], weight) for name, weight in running.items()],
        seasons=list(map(str, outlook.vote.get("taught_by", []))),
        is_checked=outlook.as_of.year > CHECKED_IN,
    )


def favourites_of(outlook: Outlook) -> Favourites | None:
    """Of earlier votes."""
    rows = outlook.tables.get("favourites")
    if rows is None:
        return None
    n_elected = int(rows["favourite"].eq(rows["winner"]).sum())
    both_ways = [np.array([1 - chance, chance]) for chance in rows["p_elected"]]
    count_chances = reduce(np.convolve, both_ways)  # of 0, 1, … elected
    return Favourites(
        n_votes=len(rows),
        n_elected=n_elected,
        as_few=float(count_chances[: n_elected + 1].sum()),
        low=rows["p_elected"].min(),
        high=rows["p_elected"].max(),
        days_before=int(rows["days"].iloc[0]),
        source=sources_of(list(rows["address"])),
    )


def events_of(outlook: Outlook) -> list[str]:
    """What no poll can know."""
    column = "words_fr" if current_language() == "fr" else "words"
    return list(coming_events(outlook.election, outlook.as_of)[column])


def rivals_of(outlook: Outlook) -> list[str]:
    """The two of one family whom most samples were asked about side by side, and without one."""
    rows = outlook.tables.get("list_pairs")
    if rows is None:
        return []
    family = outlook.election.people.set_index("candidate")["family"]
    family = family[family != "other"]
    is_kin = rows["leaves"].map(family) == rows["candidate"].map(family)
    beside = rows[is_kin].query("comes == '' and candidate != leaves")
    two = beside.nlargest(1, "n_samples")[["candidate", "leaves"]]
    return [outlook.names[name] for name in two.to_numpy().flat]


def price_of(outlook: Outlook) -> Price | None:
    """What a market asked last for the likeliest to be elected."""
    chances = outlook.together["elected"]
    if chances.empty:
        return None
    candidate = str(chances.index[0])
    prices = outlook.tables["prices"]
    quoted = prices[prices["candidate"].eq(candidate) & prices["win_probability"].notna()]
    if quoted.empty:
        return None
    quote = quoted.iloc[0]
    on_ballot = quote["candidacy_probability"]
    return Price(
        name=outlook.names[candidate],
        publisher=quote["publisher"],
        published_on=quote["published_on"],
        source=quote["source"],
        elected=quote["win_probability"],
        on_ballot=None if pd.isna(on_ballot) else on_ballot,
        forecast=capped(chances[candidate]),
    )


def past_of(outlook: Outlook) -> PastPerformance | None:
    """How the headline's forecasts from polls as old did before earlier votes."""
    rows = outlook.tables.get("past_performance")
    if rows is None:
        return None
    chances = pd.Series([chance for row in rows["chances"] for chance in numbers(row)])
    errors = 100 * rows["mae_leading"]
    min_inside = rows["inside_90"].min()
    return PastPerformance(
        n_votes=len(rows),
        mean_error=errors.mean(),
        min_error=errors.min(),
        max_error=errors.max(),
        min_inside=None if pd.isna(min_inside) else min_inside,
        n_through=len(chances),
        n_below_half=int((chances.fillna(0) < EVENS).sum()),
    )


def numbers(row: str) -> list[float]:
    """Numbers that were added by commas.

    Examples
    --------
    >>> numbers("0.5, 0.25")
    [0.5, 0.25]
    """
    return [float(number) for number in row.split(", ")]


def moves_of(outlook: Outlook) -> list[Move]:
    """The shares that moved most since the earlier forecast."""
    changes = (outlook.headline["share"] - outlook.earlier["share"]).dropna()
    large = changes[changes.abs() >= SMALL_CHANGE]
    largest = large.sort_values(key=abs, ascending=False, kind="stable").head(MAX_MOVES)
    return [
        Move(outlook.names[str(name)], signed(100 * change)) for name, change in largest.items()
    ]


def gap_of(outlook: Outlook) -> Gap | None:
    """Around the last place."""
    n_advance = outlook.round.n_advance
    around = outlook.headline["share"].dropna().iloc[n_advance - 1 : n_advance + 1]
    if len(around) < 2:
        return None
    points = 100 * float(around.iloc[0] - around.iloc[1])
    ahead, behind = (outlook.names[str(candidate)] for candidate in around.index)
    return Gap(ahead, behind, points, points / 2)


def break_even_of(outlook: Outlook) -> list[BreakEven]:
    """What new polls would have to show, of those whose chance is not about one half already."""
    rows = outlook.tables.get("break_even", pd.DataFrame())
    return [
        BreakEven(
            chance=Chance.of_candidate(outlook.names[row["candidate"]], row["p_qualify"]),
            share=row["share"],
            needed=None if pd.isna(row["needed"]) else row["needed"],
            falls=row["p_qualify"] >= EVENS,
        )
        for row in rows.to_dict("records")
        if not is_even(row["p_qualify"])
    ]


def has_small_shares(outlook: Outlook) -> bool:
    """Whether somebody is too small for earlier votes to check the chance of a place."""
    return not outlook.decides and bool((outlook.headline["share"] < SMALL_SHARE).any())


def is_transferred(outlook: Outlook) -> bool:
    """Whether some runoff follows from transfers of votes."""
    return outlook.has_pairs and not outlook.tables["pairs"]["basis"].eq("polls").all()
