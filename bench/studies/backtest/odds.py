"""Chances of events, scored: of one vote event by event, and of many votes on the same events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.core.arrays import sorted_digits
from bench.core.options import labels
from bench.metrics.comparison.ratios import LEVEL
from bench.metrics.comparison.significance import mean_interval, serial_correlation
from bench.metrics.comparison.tests import has_interval
from bench.metrics.events import came_true
from bench.metrics.probabilities import (
    STATED,
    brier_score,
    floored_probability,
    log_score,
    mean_brier_score,
)
from bench.report.context import ReportContext
from bench.report.document import MakeTable, table_of
from bench.report.formatting import MISSING, format_values
from bench.report.plotting.reliability import reliability_diagram
from bench.studies.backtest.facts import NOTES, OddsFacts, OddsOverVotes
from bench.studies.backtest.headline import Vote, by_vote, of_votes, rankable
from bench.studies.backtest.tables import joined_names

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOUBT = 0.005  # an event that nobody gives a chance between it and its complement is left out
COLUMNS = [
    *("event", "block", "predictor", "also", "family", "brier", "brier_mc_error"),
    *("log_score", "n_events", "n_certain", "states", "missing"),
]
EVENTS = ("qualify", "first", "elected", "majority")
METHOD = ["vote", "predictor"]  # the vote by its number
EVENT = ["election", "round", "as_of", "candidate"]
COLUMNS_OVER_VOTES = [
    *("rank", "predictor", "brier", "log_score", "less", "less_low", "less_high"),
    *("elections", "days", "n_events", "answered"),
]
MIN_ANSWERED = 0.5  # of the elections of whoever answered most: others are not compared


def events_of(context: ReportContext) -> tuple[str, ...]:
    """The different events of a vote, by the keys of `bench.core.forecast.EVENTS`.

    Where the vote decides, several are one.
    """
    if context.n_advance > 1:
        return EVENTS
    return ("elected", "majority") if len(context.outcome) > 2 else ("elected",)


def odds(votes: Sequence[Vote]) -> list[pd.DataFrame]:
    """Brier and log scores of every method that states chances, by vote and event.

    All scores of an event are of the same candidates, those that the shares are compared on; a
    method that says nothing of one of them has no score. The Brier score is the mean over these
    candidates of (chance - 1 or 0)². Methods that say the same share a row. Left out is an event of
    which nobody states all chances, and one that nobody doubts.

    Parameters
    ----------
    votes : sequence of Vote
        At the moment that is shown.

    Returns
    -------
    list of DataFrame
        event, block (ranked | partial), predictor, also (tuple of the others of the
        row), family, brier, brier_mc_error (NaN for what is stated), log_score, n_events (one in
        a vote between two), n_certain (chances of 0 or 1, which the log score does not take at
        their word), states (``stated`` or ``from draws``), missing (candidates, tuple). Events in
        the order of `events_of`, best first.
    """
    votes = [vote.latest for vote in votes]
    methods = of_votes(votes, "methods")
    rows = rankable(of_votes(votes, "national_forecasts"), methods)
    by_method = rows.groupby(METHOD)
    # what is filled in for candidates whom a method does not name is not its own
    is_own = ~rows["filled"].astype(bool) | by_method["share"].transform("count").eq(0)
    members = [_members(vote) for vote in votes]
    places = {(n, name): at for n, names in enumerate(members) for at, name in enumerate(names)}
    rows["place"] = [places.get(key) for key in zip(rows["vote"], rows["candidate"], strict=True)]
    keys = [f"p_{event}" for event in EVENTS if f"p_{event}" in rows]
    own = rows[[*METHOD, "place"]].assign(**rows[keys].where(is_own)).dropna(subset="place")
    chances = own.pivot(index=METHOD, columns="place", values=keys).astype(float)
    methods = methods.set_index(METHOD)
    methods = methods[methods.index.isin(chances.index)]
    numbers = methods.index.get_level_values("vote")
    methods["members"] = [members[n] for n in numbers]
    methods["n_events"] = [
        1 if len(votes[n].context.outcome) == 2 else len(members[n]) for n in numbers
    ]
    methods["has_draws"] = by_method["q50"].count().gt(0)
    scores = _scores(votes)
    tables = []
    for event in EVENTS:
        is_of_vote = np.array([event in events_of(votes[n].context) for n in numbers])
        columns = [(f"p_{event}", place) for place in range(max(map(len, members)))]
        chance = chances.reindex(index=methods.index, columns=columns).droplevel(0, axis=1)
        tables.append(_of_event(event, chance[is_of_vote].dropna(how="all"), scores, methods))
    return by_vote(pd.concat(tables), COLUMNS, len(votes))


def _of_event(
    event: str, chance: pd.DataFrame, scores: pd.DataFrame, methods: pd.DataFrame
) -> pd.DataFrame:
    """The rows of `odds` about one event, of all votes.

    Parameters
    ----------
    event
        Of `EVENTS`.
    chance
        By method of a vote and place of the candidate among the members.
    scores, methods
        By method of a vote: its scores; family, members, n_events, has_draws.
    """
    is_doubted = (chance.gt(DOUBT) & chance.lt(1 - DOUBT)).any(axis=1)
    chance = chance[is_doubted.groupby("vote").transform("any")]
    columns = {
        f"brier_{event}": "brier",
        f"brier_{event}_mc_error": "brier_mc_error",
        f"log_{event}": "log_score",
    }
    found = scores.reindex(index=chance.index, columns=list(columns)).rename(columns=columns)
    asked = methods.loc[chance.index]
    gaps = zip(asked["members"], chance.isna().to_numpy(), strict=True)
    missing = pd.Series(
        [tuple(name for name, is_gap in zip(*row, strict=False) if is_gap) for row in gaps],
        chance.index,
        dtype=object,
    )
    is_whole = missing.map(len).eq(0) & found["log_score"].notna()
    rows = found.where(is_whole).assign(
        event=event,
        block=np.where(is_whole, "ranked", "partial"),
        family=asked["family"],
        n_events=np.where(is_whole, asked["n_events"], 0),
        n_certain=(chance.eq(0) | chance.eq(1)).sum(axis=1),
        states=np.where(asked["has_draws"], "from draws", "stated"),
        missing=missing,
    )
    rows = _joined(rows[is_whole.groupby("vote").transform("any")].reset_index(), chance)
    return rows.sort_values(["vote", "block", "brier", "predictor"], key=_ranked_first)


def _ranked_first(column: pd.Series) -> pd.Series:
    return column.ne("ranked") if column.name == "block" else sorted_digits(column)


def _scores(votes: Sequence[Vote]) -> pd.DataFrame:
    """Scores of the whole country on the first ballot of each vote, methods by scores."""
    rows = of_votes(votes, "national_errors")
    first = pd.Series([vote.context.ballot_keys[0] for vote in votes])
    rows = rows[rows["ballot"].eq(rows["vote"].map(first)) & rows["candidate"].eq("")]
    return rows.pivot(index=METHOD, columns="metric", values="value")


def _joined(rows: pd.DataFrame, chance: pd.DataFrame) -> pd.DataFrame:
    """Methods that state the same chances share the row of the first of them."""
    stated = chance.round(12).fillna(-1.0).reset_index()
    alike = stated.groupby(["vote", *chance.columns])["predictor"].agg(tuple).reset_index()
    rows_of = zip(alike["vote"], alike["predictor"], strict=True)
    also = {(number, first): tuple(rest) for number, (first, *rest) in rows_of}
    others = [also.get(key) for key in zip(rows["vote"], rows["predictor"], strict=True)]
    return rows.assign(also=pd.Series(others, rows.index, dtype=object)).dropna(subset="also")


def odds_table(vote: Vote, table: pd.DataFrame, *, terminal: bool = True) -> MakeTable:
    """The odds with their texts.

    Parameters
    ----------
    vote, table
        The vote, and what `odds` found; it must have rows.
    terminal
        Whether it is printed when a run ends.
    """
    names = vote.context.surnames
    notes = [
        NOTES.text("says_nothing_about", names=[names[key] for key in missing]) if missing else ""
        for missing in table["missing"]
    ]
    return table_of(
        table.assign(
            also=[" ".join(keys) for keys in table["also"]],
            missing=[" ".join(keys) for keys in table["missing"]],
        ),
        shown=table.assign(
            predictor=joined_names(table),
            note=notes,
            n_text=[str(n or MISSING) for n in table["n_events"]],
        ),
        show=["predictor", "family", "brier", "log_score", "n_events", "n_certain", "states"],
        columns={
            "family": {"in_papers": False, "in_terminal": False},
            "brier": "<3",
            "log_score": "<2",
            "n_events": {"text": "n_text"},
            "n_certain": "0",
        },
        filters=[],
        block_by="event",
        row_notes="note",
        terminal=terminal,
    )


def facts_of_odds(vote: Vote, table: pd.DataFrame) -> OddsFacts:
    """What the document says of the odds.

    Parameters
    ----------
    vote, table
        As of `odds_table`.
    """
    methods = rankable(vote.latest.methods, vote.methods)
    named = {*table["predictor"], *(name for names in table["also"] for name in names)}
    answered = methods.loc[methods["status"].eq("ok"), "predictor"]
    events, error = events_of(vote.context), table["brier_mc_error"].max()
    return OddsFacts(
        ballot=vote.context.ballots["all"],
        events=events,
        left_out=[event for event in events if event not in set(table["event"])],
        silent=[str(name) for name in answered if name not in named],
        equal=equal_chances(vote, table),
        mc_error=None if pd.isna(error) else float(error),
    )


def equal_chances(vote: Vote, table: pd.DataFrame) -> dict[str, float]:
    """The Brier score of the same chance for everybody on the ballot, by event."""
    n_advance, outcome = vote.context.n_advance, vote.context.outcome.sort_index(kind="stable")
    keep = outcome.index.isin(_members(vote))
    found = {}
    for event in events_of(vote.context):
        if event == "majority" or event not in set(table["event"]):
            continue
        came = came_true(outcome.to_numpy(), event, n_advance)[keep]
        if not np.isnan(came).any():
            equal = (n_advance if event == "qualify" else 1) / len(outcome)
            found[event] = float(mean_brier_score(np.full(len(came), equal), came))
    return found


def _members(vote: Vote) -> list[str]:
    """Candidates whose chances are compared: those that the shares are ranked on."""
    return list(vote.compared or vote.context.by_votes)


def events_that_count(forecasts: pd.DataFrame, votes: Sequence[ReportContext]) -> pd.DataFrame:
    """Chances of getting through (of winning, where the vote decides) beside what happened.

    Parameters
    ----------
    forecasts : pandas.DataFrame
        Long table of a run, of any votes and dates.
    votes : sequence of ReportContext
        What happened.

    Returns
    -------
    DataFrame
        election, day (of its first vote), round, as_of, predictor, candidate, probability, happened
        (0 or 1): what methods say themselves of candidates whom they name; of a ballot of two the
        first by name, as the other is the same event.
    """
    rows = forecasts[forecasts["area"].eq("national")]
    rows = rows[rows["p_qualify"].notna() & (~rows["filled"].astype(bool) | rows["share"].isna())]
    days: dict[str, pd.Timestamp] = {}
    rounds: dict[tuple[str, int], ReportContext] = {}
    for vote in votes:
        days[vote.election] = min(vote.vote_on, days.get(vote.election, vote.vote_on))
        rounds[vote.election, vote.round] = vote
    parts = []
    by_round = dict(tuple(rows.groupby(["election", "round"])))
    for key, vote in rounds.items():
        happened = came_true(vote.outcome.to_numpy(), "qualify", vote.n_advance)
        truth = pd.Series(happened, index=vote.outcome.index).sort_index(kind="stable")
        counted = truth.iloc[:1] if len(truth) == 2 else truth
        of_vote = by_round.get(key, rows.iloc[:0])
        of_vote = of_vote[of_vote["candidate"].isin(counted.index)]
        happens = of_vote["candidate"].map(counted)
        parts.append(of_vote.assign(happened=happens, day=days[vote.election]))
    table = pd.concat(parts, ignore_index=True).rename(columns={"p_qualify": "probability"})
    return table[["day", *EVENT, "predictor", "probability", "happened"]]


def reliability(
    events: pd.DataFrame, title: str, source: str, *, order: Sequence[str], size: str = "double"
) -> Figure:
    """Draw the reliability of the chances of many votes.

    Parameters
    ----------
    events
        From `events_that_count`.
    title, source
        Of the run.
    order
        Methods in reading order.
    size
        Size preset.
    """
    votes = len(events[["election", "round"]].drop_duplicates())
    dates = len(events[["election", "round", "as_of"]].drop_duplicates())
    extent = {"n_votes": votes, "n_dates": dates, "n_elections": events["election"].nunique()}
    return reliability_diagram(
        events["probability"].to_numpy(),
        events["happened"].to_numpy(),
        events["predictor"].to_numpy(),
        title=title,
        source=source,
        order=order,
        names=labels("predictor", order),
        about=NOTES.text("reliability_about", **extent),
        size=size,
    )


def odds_over_votes(events: pd.DataFrame) -> pd.DataFrame:
    """Brier and log score of every method over many votes, on one and the same set of events.

    The set is what all methods answered, of those who spoke of at least half of the elections of
    whoever spoke of most; the others have no score. Events are averaged within an election first,
    so that elections count alike.

    Parameters
    ----------
    events
        From `events_that_count`.

    Returns
    -------
    DataFrame
        rank, predictor, brier, log_score (a chance of 0 or 1 counts as 0.0005 or 0.9995), less,
        less_low and less_high (Brier score less that of the first, paired by election, with its
        95 % t interval over the days of vote, from 6 on: elections of one day err together, and the
        days count as one series of `bench.metrics.comparison.significance.serial_correlation`),
        elections, n_events (compared), answered (events of
        its own), days (on which these elections began; their number bounds what is independent).
        Best first.
    """
    n_elections = events.groupby("predictor")["election"].nunique()
    is_compared = n_elections.ge(MIN_ANSWERED * n_elections.max())
    compared = list(n_elections.index[is_compared])
    rows = events[events["predictor"].isin(compared)]
    rows = rows[rows.groupby(EVENT)["predictor"].transform("nunique").eq(len(compared))]
    chance, fact = rows["probability"].to_numpy(), rows["happened"].to_numpy()
    answered = events.groupby("predictor").size()
    scores = pd.DataFrame({"answered": answered, "n_events": rows.groupby("predictor").size()})
    if rows.empty:
        return pd.DataFrame()
    rows = rows.assign(
        brier=brier_score(chance, fact),
        log_score=log_score(floored_probability(chance, STATED), fact),
    )
    each = rows.groupby(["predictor", "election"])[["brier", "log_score"]].mean()
    scores = scores.join(each.groupby(level="predictor").mean())
    scores["elections"] = each.groupby(level="predictor").size()
    scores = scores.sort_values(["brier", "answered"], ascending=[True, False], kind="stable")
    scores["rank"] = scores["brier"].rank(method="min").astype("Int64")
    wide = each["brier"].unstack("predictor")
    day = rows.drop_duplicates("election").set_index("election")["day"].reindex(wide.index)
    scores["days"] = day.nunique()
    gaps = wide.sub(wide[scores.index[0]], axis=0)
    by_day = gaps.groupby(day).mean()
    correlation = serial_correlation([""] * len(by_day), list(by_day.index))
    for name in wide.columns.drop(scores.index[0]):
        scores.loc[name, "less"] = gaps[name].mean()
        if has_interval(correlation):
            low, high = mean_interval(
                by_day[[name]].to_numpy(), level=1 - LEVEL, correlation=correlation
            )
            scores.loc[name, ["less_low", "less_high"]] = low[0], high[0]
    return scores.reset_index().reindex(columns=COLUMNS_OVER_VOTES)


def odds_over_votes_table(scores: pd.DataFrame) -> MakeTable:
    """The odds over many votes with their texts.

    Parameters
    ----------
    scores
        From `odds_over_votes`.
    """
    return table_of(
        scores,
        shown=scores.assign(less_text=_with_interval(scores)),
        show=[
            "rank",
            "predictor",
            "brier",
            "log_score",
            "less",
            "elections",
            "n_events",
            "answered",
        ],
        columns={
            "brier": "3",
            "log_score": "2",
            "less": {"text": "less_text", "numeric": True},
            **dict.fromkeys(("rank", "elections", "n_events", "answered"), "0"),
        },
        filters=[],
        terminal=True,
    )


def facts_over_votes(events: pd.DataFrame, scores: pd.DataFrame) -> OddsOverVotes:
    """What the document says of the odds over many votes.

    Parameters
    ----------
    events, scores
        From `events_that_count`, and what `odds_over_votes` made of it.
    """
    ranked = scores[scores["rank"].notna()]
    compared = events[events["predictor"].isin(ranked["predictor"])]
    first = ranked.iloc[0]
    return OddsOverVotes(
        n_ranked=len(ranked),
        n_events=int(first["n_events"]),
        n_elections=int(first["elections"]),
        n_days=int(first["days"]),
        base_rate=float(compared.drop_duplicates(EVENT)["happened"].mean()),
        has_intervals=bool(scores["less_low"].notna().any()),
        excluded=list(scores.loc[scores["rank"].isna(), "predictor"]),
    )


def _with_interval(rows: pd.DataFrame) -> list[str]:
    keys = ("less", "less_low", "less_high")
    texts = zip(*(format_values(list(rows[key]), "3") for key in keys), strict=True)
    return [
        value if low == MISSING else NOTES.text("interval", value=value, low=low, high=high)
        for value, low, high in texts
    ]
