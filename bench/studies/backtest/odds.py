"""Chances of events, scored: markets beside the polls whose draws give the same events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from bench.core.arrays import sorted_digits
from bench.metrics.events import came_true
from bench.metrics.probabilities import mean_brier_score
from bench.report.context import ReportContext
from bench.report.formatting import MISSING
from bench.report.tables import Table
from bench.report.text import Text
from bench.report.view import view_tables
from bench.studies.backtest.findings import vote_facts
from bench.studies.backtest.headline import Vote, rankable
from bench.studies.backtest.tables import joined_names

DOUBT = 0.005  # an event that nobody gives a chance between it and its complement is left out
DRAWN, STATED = "from draws", "stated"
COLUMNS = [
    *("event", "block", "predictor", "also", "family", "brier", "brier_mc_error"),
    *("log_score", "n_events", "n_certain", "states", "missing"),
]


text = Text("backtest")


def events_of(context: ReportContext) -> tuple[str, ...]:
    """The different events of a vote, by the keys of `bench.core.forecast.EVENTS`.

    Where the vote decides, several are one.
    """
    if context.n_advance > 1:
        return ("qualify", "first", "elected", "majority")
    return ("elected", "majority") if len(context.outcome) > 2 else ("elected",)


def odds(vote: Vote) -> pd.DataFrame:
    """Brier and log scores of every method that states chances, event by event.

    All scores of an event are of the same candidates, those that the shares are compared on; a
    method that says nothing of one of them has no score. The Brier score is the mean over these
    candidates of (chance - 1 or 0)². Methods that say the same share a row.

    Parameters
    ----------
    vote : Vote
        At the moment that is shown.

    Returns
    -------
    DataFrame
        event, block (ranked | partial), predictor, also (tuple of the others of the
        row), family, brier, brier_mc_error (NaN for what is stated), log_score, n_events (one in
        a vote between two), n_certain (chances of 0 or 1, which the log score does not take at
        their word), states (``stated`` or ``from draws``), missing (candidates, tuple). Events in
        the order of `events_of`, best first.
    """
    found = list(_by_event(vote)) or [pd.DataFrame(columns=COLUMNS)]
    return pd.concat(found, ignore_index=True)[COLUMNS]


def first_odds(vote: Vote) -> pd.DataFrame:
    """The rows of `odds` about the first of its events, without those of any other."""
    return next(_by_event(vote), pd.DataFrame(columns=COLUMNS))


def _by_event(vote: Vote) -> Iterator[pd.DataFrame]:
    """Scores of one event after the other.

    Left out is an event of which nobody states all chances, and one that nobody doubts.
    """
    members = _members(vote)
    national = rankable(vote.latest.national_forecasts, vote.latest.methods)
    events = [key for key in events_of(vote.context) if f"p_{key}" in national]
    asked = vote.latest.methods["predictor"]
    has_draws = national.groupby("predictor")["q50"].count().gt(0)
    scores = _scores(vote, vote.context.ballot_keys[0])
    families = vote.latest.methods.set_index("predictor")["family"]
    of_event = {"brier": "brier_{}", "brier_mc_error": "brier_{}_mc_error", "log_score": "log_{}"}
    for event in events:
        said = _chances(national, event)
        chance = said.reindex(asked[asked.isin(said.index)], columns=members).dropna(how="all")
        if not (chance.gt(DOUBT) & chance.lt(1 - DOUBT)).any(axis=None):
            continue
        found = scores.reindex(
            chance.index, columns=[key.format(event) for key in of_event.values()]
        )
        found = found.set_axis(list(of_event), axis=1)
        is_whole = chance.notna().all(axis=1) & found["log_score"].notna()
        if not is_whole.any():
            continue
        n_events = 1 if len(vote.context.outcome) == 2 else len(members)
        missing = [tuple(chance.columns[gaps]) for gaps in chance.isna().to_numpy()]
        rows = found.where(is_whole).assign(
            event=event,
            block=np.where(is_whole, "ranked", "partial"),
            family=families.reindex(chance.index),
            n_events=np.where(is_whole, n_events, 0),
            n_certain=(chance.eq(0) | chance.eq(1)).sum(axis=1),
            states=np.where(has_draws[chance.index], DRAWN, STATED),
            missing=pd.Series(missing, chance.index, dtype=object),
        )
        rows = _joined(rows.rename_axis("predictor").reset_index(), chance)
        yield rows.sort_values(
            ["block", "brier", "predictor"], key=_ranked_first, ignore_index=True
        )


def _ranked_first(column: pd.Series) -> pd.Series:
    return column.ne("ranked") if column.name == "block" else sorted_digits(column)


def _chances(rows: pd.DataFrame, event: str) -> pd.DataFrame:
    """Chances of an event, methods by candidates.

    Only what a method says itself: chances filled in for candidates whom it does not name are NaN.
    """
    has_shares = rows.groupby("predictor")["share"].transform("count").gt(0)
    own = ~rows["filled"].astype(bool) | ~has_shares
    said = rows.assign(chance=rows[f"p_{event}"].where(own))
    return said.pivot(index="predictor", columns="candidate", values="chance").astype(float)


def _scores(vote: Vote, ballot: str) -> pd.DataFrame:
    """Scores of the whole country, methods by scores."""
    rows = vote.latest.national_errors
    rows = rows[rows["ballot"].eq(ballot) & rows["candidate"].eq("")]
    rows = rows[rows["metric"].str.startswith(("brier_", "log_"))]
    return rows.pivot(index="predictor", columns="metric", values="value")


def _joined(rows: pd.DataFrame, chance: pd.DataFrame) -> pd.DataFrame:
    """Methods that state the same chances share the row of the first of them."""
    alike: dict[tuple[float, ...], list[str]] = {}
    for name, said in zip(chance.index, chance.round(12).fillna(-1.0).to_numpy(), strict=True):
        alike.setdefault(tuple(said), []).append(name)
    others = {first: tuple(rest) for first, *rest in alike.values()}
    kept = rows[rows["predictor"].isin(others)]
    also = pd.Series([others[name] for name in kept["predictor"]], index=kept.index, dtype=object)
    return kept.assign(also=also)


def odds_table(vote: Vote, table: pd.DataFrame, *, label: str = "", terminal: bool = True) -> Table:
    """The odds with their texts.

    Parameters
    ----------
    vote, table
        The vote, and what `odds` found; it must have rows.
    label
        Put before the name of the files.
    terminal
        Whether it is printed when a run ends.
    """
    context = vote.context
    missing = [[context.surnames[name] for name in names] for names in table["missing"]]
    frames = {
        "odds": table.assign(
            also=[" ".join(names) for names in table["also"]],
            missing=[" ".join(names) for names in table["missing"]],
        ),
        "odds_shown": table.assign(
            predictor=joined_names(table),
            note=[text("odds_note", names=names) if names else "" for names in missing],
            n_text=[str(n or MISSING) for n in table["n_events"]],
        ),
    }
    methods = rankable(vote.latest.methods, vote.methods)
    named = {*table["predictor"], *(name for names in table["also"] for name in names)}
    answered = methods.loc[methods["status"].eq("ok"), "predictor"]
    events, error = events_of(context), table["brier_mc_error"].max()
    facts = {
        "ballot": context.ballots["all"],
        "events": events,
        "left_out": [event for event in events if event not in set(table["event"])],
        "silent": [str(name) for name in answered if name not in named],
        "equal": equal_chances(vote, table),
        "mc_error": None if pd.isna(error) else float(error),
    }
    (found,) = view_tables("backtest", frames, {**vote_facts(vote), **facts}, prefix=label)
    return replace(found, terminal=terminal)


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
