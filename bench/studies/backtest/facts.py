"""What the documents of a backtest know: one vote, many votes, and notes of tables."""

from __future__ import annotations

from typing import NamedTuple, TypedDict

import pandas as pd

from bench.report.answers import Answers
from bench.report.comparison import Compared
from bench.report.document import Document


class Span(NamedTuple):
    """Least and greatest value."""

    low: float
    high: float


class KindErrors(NamedTuple):
    """Ranges of a kind of evidence: errors in percentage points, ages in days.

    `whole` holds the errors on the whole ballot.
    """

    kind: str
    error: Span
    whole: Span | None
    age: Span | None


class KindBriers(NamedTuple):
    """Range of the Brier scores of a kind of evidence."""

    kind: str
    brier: Span


class EventBriers(NamedTuple):
    """Brier scores of one event by kind of evidence."""

    event: str
    kinds: list[KindBriers]


class Addition(NamedTuple):
    """A method that adds something to another: errors with it and without, in percentage points.

    `is_same`: one national forecast, as what is added moves areas alone. The errors over areas are
    None if either method has no areas.
    """

    method: str
    without: str
    error: float
    error_without: float
    is_same: bool
    area_error: float | None
    area_error_without: float | None


class MomentFacts(NamedTuple):
    """One vote as it was forecast at one moment."""

    election: str
    round: str
    vote_on: pd.Timestamp
    cut: str
    days: int
    is_eve: bool
    n_advance: int
    elected: list[str]
    winner: str
    n_candidates: int
    compared: list[str]
    least_polled: float | None
    kinds: list[KindErrors]
    equal_shares: KindErrors | None
    n_methods: int
    n_ranked: int
    n_first: int
    n_pair: int
    outside: dict[str, str]
    odds: EventBriers | None
    additions: list[Addition]


class OverDates(NamedTuple):
    """Errors of the first kind of evidence on the first and on the last of many dates."""

    kind: str
    error_first: Span
    error_last: Span
    days_first: int
    days_last: int


class BallotErrors(NamedTuple):
    """What title and notes of a table of errors say of one ballot.

    `is_part`: it is not the whole ballot. `is_dated`: the table has one date of evidence.
    """

    election: str
    round: str
    ballot: str
    is_part: bool
    n_partial: int
    n_shared: int
    mc_error: float | None
    has_baseline: bool
    baseline_is_point: bool
    reference: str
    is_dated: bool
    cut: str
    n_polls: int | None
    n_polls_by_rule: int
    n_questions: int


class OddsFacts(NamedTuple):
    """What the table of chances says: `equal` are the Brier scores of equal chances, by event."""

    ballot: str
    events: tuple[str, ...]
    left_out: list[str]
    silent: list[str]
    equal: dict[str, float]
    mc_error: float | None


class VoteTables(NamedTuple):
    """What the tables of one vote say.

    `prefix` stands before the names of the files; `through` holds who got through, by key.
    """

    prefix: str
    on_page: bool
    title: str
    election: str
    round: str
    n_advance: int
    compared: list[str]
    headline: BallotErrors
    full_ballot: BallotErrors | None
    odds: OddsFacts
    through: dict[str, str]


class PollsClaim(NamedTuple):
    """By how much the polls of the last week missed the candidate whom they missed most."""

    n_polls: int
    is_pair: bool
    candidate: str
    error: float
    is_above: bool


class PollsFacts(NamedTuple):
    """Words of the figure of polls; `institutes` is empty where they are too many."""

    n_polls: int
    institutes: list[str]
    n_institutes: int
    method: str
    claim: PollsClaim | None


class OneSided(NamedTuple):
    """The candidate about whom most methods erred to one side."""

    n_erring: int
    n_methods: int
    is_above: bool
    candidate: str


class SignedFacts(NamedTuple):
    """Words of the figure of signed errors; the others share a panel."""

    n_others: int
    others: list[str]
    n_more: int
    claim: OneSided | None


class IntervalsFacts(NamedTuple):
    """How many outcomes the 90% intervals of a method hold."""

    method: str
    n_inside: int
    n_outcomes: int


class SharesFacts(NamedTuple):
    """Words of the figure of shares."""

    n_left_out: int
    intervals: IntervalsFacts | None


class QualifyFacts(NamedTuple):
    """Words of the figure of chances; `ranges` says who was given which."""

    n_left_out: int
    ranges: list[str]


class HorizonFacts(NamedTuple):
    """Words of the figure of errors over dates.

    `is_whole`: on the whole ballot, gaps filled; `sets_differ`: since dates rank on other sets.
    `n_points` are candidates per point.
    """

    ballot: str
    is_whole: bool
    sets_differ: bool
    n_dates: int
    first_day: int
    last_day: int
    n_points: str
    without: list[str]
    clipped_at: float | None


class CalibrationFacts(NamedTuple):
    """Words of the figure of intervals: those of a method that promise most, and what they held."""

    method: str
    nominal: float
    observed: float
    n_outcomes: str


class MapExtent(NamedTuple):
    """How many areas maps show, and where their one scale of colours ends, in points."""

    n_areas: int
    n_more: int
    is_enlarged: bool
    reach: float


class MapFacts(NamedTuple):
    """Words of the map of a method; `suffix` is that of its file, empty for the first."""

    suffix: str
    method: str
    median: float
    extent: MapExtent


class PollsOfVotes(NamedTuple):
    """Polls that were public at the last moment of every vote."""

    n_votes: int
    n_polls: int
    n_by_rule: int
    n_questions: int


class VoteFacts(TypedDict):
    """What `vote` and `notes` know."""

    title: str
    source: str
    moment: MomentFacts
    over_dates: OverDates | None
    has_slates: bool
    n_early: int
    kinds: tuple[str, ...]
    vote: VoteTables
    errors: BallotErrors
    has_several_dates: bool
    is_audited: bool
    has_partial: bool
    polls: PollsFacts | None
    signed_errors: SignedFacts | None
    shares: SharesFacts | None
    qualify: QualifyFacts | None
    horizon: HorizonFacts | None
    calibration: CalibrationFacts | None
    maps: list[MapFacts]
    extent_of_maps: MapExtent | None
    compared: Compared | None
    polls_of_votes: PollsOfVotes | None
    has_gaps: bool
    answers: Answers


class OddsOverVotes(NamedTuple):
    """What the table of chances over many votes says.

    `base_rate` is the fraction of the events that came true, `excluded` holds methods that speak of
    too few elections.
    """

    n_ranked: int
    n_events: int
    n_elections: int
    n_days: int
    base_rate: float
    has_intervals: bool
    excluded: list[str]


class VotesFacts(TypedDict):
    """What `votes` knows; `rounds` are those of the one election, if it is one on one date."""

    title: str
    source: str
    kinds: tuple[str, ...]
    rounds: list[int]
    compared: Compared
    has_slates: bool
    n_early: int
    polls_of_votes: PollsOfVotes | None
    has_gaps: bool
    odds: OddsOverVotes | None
    votes: list[VoteTables]
    answers: Answers


OF_VOTE = ("headline", "full_ballot", "odds", "chances_by_day", "areas", "areas_by_candidate")
OF_COMPARISON = ("summary", "by_round", "by_vote", "missing", "audit")
VOTE = Document(
    "backtest",
    VoteFacts,
    tables=(*OF_VOTE, "people", *OF_COMPARISON, "errors", "mask", "methods"),
    figures=(
        *("horizon", "closest", "polls", "shares", "signed_errors", "qualify"),
        *("calibration", "area_map", "coverage"),
    ),
    name="vote",
)
VOTES = Document(
    "backtest",
    VotesFacts,
    tables=("rounds", *OF_VOTE, *OF_COMPARISON),
    figures=("comparison", "coverage", "reliability"),
    name="votes",
)
NOTES = Document("backtest", VoteFacts, name="notes")
