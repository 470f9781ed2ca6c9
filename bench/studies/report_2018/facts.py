"""What the document of the report of 2018 knows."""

from __future__ import annotations

from typing import NamedTuple, TypedDict

import pandas as pd

from bench.report.document import Document
from bench.studies.report_2018.decisive_margin import Margin


class Statement(NamedTuple):
    """Who comes first and who behind, by name, when it was published, and its error."""

    first: str
    behind: list[str]
    on: pd.Timestamp
    mae_pp: float


class VoteFacts(NamedTuple):
    """Whom challengers and polls put first before one vote.

    Challengers who named the winner alone first are `right`, those who had several first `level`;
    the same of measures of buzz, of which `earlier_buzz` had been right before their last word and
    `claimed_buzz` say so afterwards. `stated` holds last words by publisher. `polls_right` is None
    without polls; `newest` is the institute of the newest poll.
    """

    name: str
    winner: str
    n_challengers: int
    right: list[str]
    level: list[str]
    n_buzz: int
    right_buzz: list[str]
    level_buzz: list[str]
    earlier_buzz: list[str]
    claimed_buzz: list[str]
    stated: dict[str, Statement]
    polls_right: bool | None
    newest: str
    newest_on: pd.Timestamp
    newest_right: bool


class Lead(NamedTuple):
    """A row of `bench.studies.report_2018.polled_leads.polled_leads`."""

    days: int
    n: int
    n_ahead: int
    n_tied: int
    n_last: int
    lead_pp: float
    result_pp: float
    error_pp: float
    absolute_pp: float


class Gain(NamedTuple):
    """A row of `bench.studies.report_2018.canvassing.canvassing_bounds`."""

    gain_pp: float
    votes: float
    margin_percent: float
    per_station: float


class Result(NamedTuple):
    """Name, share and place of a candidate."""

    name: str
    share_percent: float
    place: int


class Institute(NamedTuple):
    """Error of an institute, and its place among all."""

    mae_pp: float
    place: int


class Elasticity(NamedTuple):
    """Of shares in attention, with its standard error."""

    elasticity: float
    elasticity_se: float


class ListedPart(NamedTuple):
    """Part of the winner's gain in the first tenth of a list of stations, percent, with 90%."""

    found: float
    low: float
    high: float


class OtherVotes(NamedTuple):
    """Errors of the last polls in other first rounds."""

    n: int
    low: float
    high: float


class SameFirst(NamedTuple):
    """Publications in a row, before the last, that put the same candidate first."""

    n: int
    first: str
    since: pd.Timestamp | None


class LastDaily(NamedTuple):
    """The last publication of those that came day by day."""

    first: str
    published_on: pd.Timestamp


class ClaimFacts(NamedTuple):
    """The numbers of the table of claims.

    Votes have the key ``election round``, candidates, methods and institutes their own.
    """

    by_vote: dict[str, VoteFacts]
    results: dict[str, dict[str, Result]]
    leads: dict[str, dict[str, list[Lead]]]
    us_margin: Margin
    closest: Margin
    canvassing: dict[str, Gain]
    error: dict[str, float]
    elasticity: dict[str, Elasticity]
    other_votes: OtherVotes
    institutes: dict[str, Institute]
    institute_errors: tuple[float, float]
    lists: dict[str, ListedPart]
    variables: dict[str, int]
    n_variables: int
    n_stations: int
    daily_first: dict[str, int]
    last_daily: LastDaily
    before_last: SameFirst
    n_polls_closer: int


class Facts(TypedDict):
    """What the document knows, by the last moment before each vote.

    Of `n_cases` pairs of a challenger and a vote `n_stated` have a statement, and credit was taken
    for `n_credited` of the others. `n_named` challengers named somebody alone first, in
    `max_votes` votes at most; for `n_too_few` of them no result could have told them from chance;
    those in `only_level` always had several level.
    """

    title: str
    source: str
    n_votes: int
    n_publishers: int
    n_cases: int
    n_stated: int
    n_credited: int
    n_named: int
    max_votes: int
    n_too_few: int
    told_apart: list[str]
    only_level: list[str]
    n_polled: int
    polls_right: int
    n_newest_right: int
    votes: list[VoteFacts]
    n_leaders: int
    n_daily: int
    n_scored: int
    decisive: Margin
    claims: ClaimFacts | None


PAGE = Document(
    "report_2018",
    Facts,
    tables=(
        *("claims", "statements", "record", "systems"),
        *("daily", "decisive_margins", "polled_leads", "canvassing"),
    ),
    figures=("by_day", "decisive"),
)
