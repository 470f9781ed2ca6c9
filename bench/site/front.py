"""What the first page of the site knows: who can be trusted, by the tables of the runs shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypedDict

import pandas as pd

from bench.core.language import current_language
from bench.data.election import load_election
from bench.report.columns import in_words
from bench.report.document import Document
from bench.studies.base import settings_of
from bench.studies.forecast.facts import PastPerformance, past_of
from bench.studies.forecast.outlook import Outlook
from bench.studies.run import Run
from bench.studies.track_record.settings import Settings as RecordSettings

FORECAST, RECORD, VOTE, HISTORY = "2027_r1", "track_record", "2017_r1", "history"
"""The experiments whose tables it reads."""


class Family(NamedTuple):
    """How far a family of methods missed, relative to the last polls, where both answered.

    Attributes
    ----------
    low, high : float
        Smallest and largest ratio of the errors, over kinds of votes.
    of_chances : bool
        Whether chances are compared (Brier score), and not shares.
    is_shown : bool
        Whether one of them has a direction that is shown.
    n_votes, n_days : int
        On how many votes and election days it was seen.
    countries : list of str
        Where.
    """

    low: float
    high: float
    of_chances: bool
    is_shown: bool
    n_votes: int
    n_days: int
    countries: list[str]


class Past(NamedTuple):
    """How forecasts from polls as old did, and how many days before the vote these polls ended."""

    performance: PastPerformance
    min_days: int
    max_days: int


class RoundError(NamedTuple):
    """The error of the last polls before a round, beside all such rounds of the country.

    Attributes
    ----------
    round : int
    error, median : float
        Of this round and of the middle one of all, in points, over all candidates.
    place, n_votes : int
        Its place from the smallest, and how many rounds there are.
    since : int
        Year of the earliest.
    """

    round: int
    error: float
    median: float
    place: int
    n_votes: int
    since: str


class Facts(TypedDict):
    """What the document knows.

    `year` is that of the vote to come, empty without its forecast; `vote_year` that of the election
    of which `rounds` are. `claims` are the findings of every run that has this language.
    """

    source: str
    year: str
    past: Past | None
    families: Mapping[str, Family]
    vote_year: str
    rounds: Sequence[RoundError]
    claims: Mapping[str, Sequence[str]]


FRONT = Document(Path(__file__).parent, Facts, name="front")


def facts_of(runs: Mapping[str, Run]) -> Facts:
    """What the document knows, in the current language.

    Parameters
    ----------
    runs : mapping of str to Run
        By experiment, those that the site shows, in this language where they have it.
    """
    year, past = past_performance_of(runs.get(FORECAST))
    vote_year, rounds = rounds_of(runs.get(VOTE), runs.get(HISTORY))
    language = current_language()
    return Facts(
        source="",
        year=year,
        past=past,
        families=families_of(runs.get(RECORD)),
        vote_year=vote_year,
        rounds=rounds,
        claims={name: run.findings for name, run in runs.items() if run.language == language},
    )


def past_performance_of(forecast: Run | None) -> tuple[str, Past | None]:
    """The year of the vote to come, and how forecasts from polls as old did."""
    if forecast is None:
        return "", None
    outlook = Outlook.of_run(forecast.experiment, forecast.results)
    year = str(outlook.vote_on.year)
    performance = past_of(outlook)
    if performance is None:
        return year, None
    days = outlook.tables["past_performance"]["days_of_polls"]
    return year, Past(performance, int(days.min()), int(days.max()))


def families_of(record: Run | None) -> dict[str, Family]:
    """By key, the families that answered where the reference of the record did.

    Of shares and chances, what was compared on more votes.
    """
    if record is None:
        return {}
    reference = settings_of(RecordSettings, record.experiment).reference
    pairs = record.table("pairs")
    compared = pairs.query(f"primary and other == '{reference}' and kind in ['shares', 'chances']")
    rows_of = dict(list(compared.groupby("family")))
    places = record.table("countries").groupby("family")["country"].unique()
    families = {}
    for seen in record.table("seen").to_dict("records"):
        rows = rows_of.get(seen["family"])
        if rows is None:
            continue
        kind = str(rows.sort_values("votes", kind="stable")["kind"].iloc[-1])
        rows = rows[rows["kind"].eq(kind)]
        families[seen["family"]] = Family(
            low=rows["ratio"].min(),
            high=rows["ratio"].max(),
            of_chances=kind == "chances",
            is_shown=bool(rows["direction"].ne("not_shown").any()),
            n_votes=seen["votes"],
            n_days=seen["days"],
            countries=[in_words(code, "country") for code in places.get(seen["family"], ())],
        )
    return families


def rounds_of(vote: Run | None, history: Run | None) -> tuple[str, list[RoundError]]:
    """The errors of the last polls before the rounds of an election, and its year."""
    if vote is None or history is None:
        return "", []
    election = load_election(vote.experiment.elections[0])
    errors = history.errors.query(
        "predictor == 'last_poll' and metric == 'mean_absolute_error' "
        "and area == 'national' and ballot == 'all'"
    )
    rounds = []
    for _round, rows in errors.dropna(subset="value").groupby("round"):
        by_election = 100 * rows.set_index("election")["value"]
        if election.name in by_election.index:
            error = float(by_election[election.name])
            rounds.append(
                RoundError(
                    round=int(rows["round"].iloc[0]),
                    error=error,
                    median=float(by_election.median()),
                    place=int(by_election.lt(error).sum()) + 1,
                    n_votes=len(by_election),
                    since=f"{pd.to_datetime(rows['as_of']).min():%Y}",
                )
            )
    return f"{election.rounds[1].vote_on:%Y}", rounds
