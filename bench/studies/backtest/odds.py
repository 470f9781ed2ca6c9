"""Chances of events, scored: markets beside the polls whose draws give the same events."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from bench.core.language import N_, Message, _, listed
from bench.metrics.events import came_true
from bench.metrics.probabilities import mean_brier_score
from bench.report.comparison import quoted
from bench.report.context import WHOLE, ReportContext
from bench.report.formatting import (
    MISSING,
    format_significant,
    format_value,
    format_values,
)
from bench.report.tables import Table
from bench.report.tables import table as build_table
from bench.studies.backtest.findings import ONE_VOTE, number_word
from bench.studies.backtest.headline import Vote, rankable
from bench.studies.backtest.tables import joined_names

DOUBT = 0.005  # an event that nobody gives a chance between it and its complement is left out
DRAWN, STATED = N_("from draws"), N_("stated")
COLUMNS = [
    *("event", "block", "predictor", "also", "family", "brier", "brier_mc_error"),
    *("log_score", "n_events", "n_certain", "states", "missing"),
]


def events_of(context: ReportContext) -> dict[str, Message]:
    """The different events of a vote, in words as part of a sentence: chances of …

    Where the vote decides, several are one. Keys are those of `bench.core.forecast.EVENTS`.
    """
    return _events(len(context.outcome), context.seats)


@cache
def _events(n_candidates: int, seats: int) -> dict[str, Message]:
    majority = {"majority": Message("a majority of the valid votes")}
    if seats == 1:
        return {"elected": Message("winning"), **(majority if n_candidates > 2 else {})}
    return {
        "qualify": Message("being among the first {seats}", seats=number_word(seats)),
        "first": Message("coming first"),
        "elected": Message("being elected in the end"),
        **majority,
    }


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
    return column.ne("ranked") if column.name == "block" else column


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
    rows = rows[rows["score"].str.startswith(("brier_", "log_"))]
    return rows.pivot(index="predictor", columns="score", values="value")


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
    """The odds with their words.

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
    names = context.surnames
    shown = table.assign(
        predictor=joined_names(table),
        note=[
            _("says nothing about {names}", names=listed([names[name] for name in missing]))
            if missing
            else ""
            for missing in table["missing"]
        ],
        n_text=[str(n or MISSING) for n in table["n_events"]],
    )
    columns: dict[str, dict[str, Any]] = {
        "predictor": {},
        "family": {"in_papers": False, "in_terminal": False},
        "brier": {"form": "<3"},
        "log_score": {"form": "<2"},
        "n_events": {"text": "n_text"},
        "n_certain": {},
        "states": {},
    }
    blocks = {
        key: _("Chances of {event}", event=words) for key, words in events_of(context).items()
    }
    data = table.assign(
        also=[" ".join(names) for names in table["also"]],
        missing=[" ".join(names) for names in table["missing"]],
    )
    return build_table(
        f"{label}odds",
        data,
        of="odds",
        shown=shown,
        title=_(
            "{election}, {round}: chances of events, {candidates}",
            candidates=[names[one] for one in vote.compared] or _(WHOLE),
            **vote.words,
        ),
        heading=_("Whose odds were good?"),
        nav=_("Odds"),
        notes=tuple(_notes(vote, table)),
        columns=columns,
        show=list(columns),
        filters=(),
        block_by="event",
        blocks=blocks,
        row_notes="note",
        terminal=terminal,
    )


def _notes(vote: Vote, table: pd.DataFrame) -> Iterator[str]:
    context = vote.context
    yield (
        _(
            "Brier: mean squared distance of the chances from what happened, 0 to 1; "
            "{equal}. Chances are those of the whole ballot; leaving a candidate out of the "
            "comparison makes nobody else likelier.",
            equal=_("; ").join(_equal_chances(vote, table)),
        )
    )
    yield (
        _(
            "Log: surprise in nats. A chance of 0 or 1 (“certain”) is not taken at its "
            "word: a stated one counts as 0.05% or 99.95%, one counted in S draws as (k + "
            "½) / (S + 1)."
        )
    )
    error = table["brier_mc_error"].max()
    if not pd.isna(error):
        yield (
            _(
                "Monte-Carlo error of a Brier score: at most {error}.",
                error=format_significant(error, 1),
            )
        )
    methods = rankable(vote.latest.methods, vote.methods)
    spoke = set(table["predictor"]) | {name for names in table["also"] for name in names}
    silent = [
        str(name)
        for name, status in zip(methods["predictor"], methods["status"], strict=True)
        if status == "ok" and name not in spoke
    ]
    if silent:
        yield _("State no chances: {names}.", names=quoted(silent))
    shown = set(table["event"])
    left = [words for key, words in events_of(context).items() if key not in shown]
    if left:
        yield _(
            "Left out, because no method states chances for every candidate or none is in doubt: "
            "{events}.",
            events=left,
        )
    yield _(ONE_VOTE)


def _equal_chances(vote: Vote, table: pd.DataFrame) -> list[str]:
    """What the same chance for everybody on the ballot would have had."""
    seats, outcome = vote.context.seats, vote.context.outcome.sort_index()
    keep = outcome.index.isin(_members(vote))
    words = events_of(vote.context)
    events = [key for key in words if key in set(table["event"]) and key != "majority"]
    happened = {key: came_true(outcome.to_numpy(), key, seats)[keep] for key in events}
    scores = {}
    for key, came in happened.items():
        if not np.isnan(came).any():
            equal = (seats if key == "qualify" else 1) / len(outcome)
            scores[key] = mean_brier_score(np.full(len(came), equal), came)
    texts = format_values(list(scores.values()), "3")
    return [
        _("equal chances of {event}: {score}", event=words[key], score=text)
        for key, text in zip(scores, texts, strict=True)
    ]


def _members(vote: Vote) -> list[str]:
    """Candidates whose chances are compared: those that the shares are ranked on."""
    return list(vote.compared or vote.context.by_votes)


def odds_sentence(vote: Vote, table: pd.DataFrame) -> str:
    """How good the chances of the first event are: the best, the worst, and who states them.

    Parameters
    ----------
    vote, table
        The vote, and what `odds` or `first_odds` found.
    """
    if table.empty:
        return ""
    first = table[table["block"].eq("ranked") & table["event"].eq(table["event"].iloc[0])]
    if len(first) < 2:
        return ""

    def brier_of(row: Any) -> str:
        return format_value(row.brier, "<3")

    def scored(row: Any) -> str:
        return _("“{name}” {score}", name=vote.labels[row.predictor], score=brier_of(row))

    *rows, worst = first.itertuples()
    others = [scored(row) for row in rows[1:] if row.states == STATED]
    is_one = brier_of(rows[0]) == brier_of(worst)
    said = _(
        N_("Brier scores of {n} methods that state chances of {event}, in this one vote: {score}")
        if is_one
        else N_(
            "Brier scores of {n} methods that state chances of {event}, in this one vote: from "
            "{best} to {worst}"
        ),
        n=len(first) + int(first["also"].map(len).sum()),
        score=brier_of(worst),
        event=events_of(vote.context)[first["event"].iloc[0]],
        best=scored(rows[0]),
        worst=scored(worst),
    )
    if not others:
        return f"{said}."
    return _("{said}; stated, and not counted in draws: {others}.", said=said, others=others)
