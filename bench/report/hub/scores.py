"""Scores of a hub after the vote: what was sealed, by everybody, with our metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from bench.audit.sealed_scores import Part, SealedScores, scores_under, seal_row
from bench.core.errors import DataError
from bench.core.forecast import Forecast
from bench.core.write import write_csv
from bench.data.election import Election
from bench.data.readers import sha256
from bench.data.tables import Outcome
from bench.report.hub.config import ORACLE, known_outcomes, oracle_output
from bench.report.hub.layout import Hub
from bench.report.hub.seals import latest_seals
from bench.report.hub.submissions import forecasts_of, read_submission

LATE = " (late)"


def score_hub(hub: Hub, election: Election) -> SealedScores:
    """Score every sealed submission of a hub; a round of it is a record with many methods.

    Of the slates that a round asks about the one nearest to the official ballot is scored: most
    candidates in common, then fewest who did not stand, then the first by name. It is the same for
    everybody, and whoever did not answer it is not scored. Late submissions bear a mark in the name
    of their method.

    Parameters
    ----------
    hub : Hub
    election : Election
        With the outcome of a round at least.

    Raises
    ------
    DataError
        If no outcome is known, nothing is sealed, or a file is not what was sealed.
    """
    outcomes = known_outcomes(election)
    if not outcomes:
        first = min(election.rounds.values(), key=lambda this: this.number)
        raise DataError(
            f"{election.name}: no outcome is known (round {first.number} is on "
            f"{first.vote_on:%Y-%m-%d}), so nothing can be scored yet"
        )
    elected = _elected(election, outcomes)
    return scores_under(
        _parts(hub, election, outcomes),
        f"{hub.folder}: nothing is sealed that could be scored; bench hub validate --seal "
        "seals what has come in",
        elected,
    )


def _parts(hub: Hub, election: Election, outcomes: Mapping[int, Outcome]) -> Iterator[Part]:
    for day, sealed in latest_seals(hub).groupby("reference_date", sort=True):
        answers = {_name(row): _answers(hub, row) for row in sealed.to_dict("records")}
        for number, outcome in outcomes.items():
            asked = hub.round_of(str(day)).slates.get(str(number), {})
            slate = nearest_slate(asked, list(map(str, outcome.share.index)))
            about = (number, slate)
            said = [(name, found[about]) for name, found in answers.items() if about in found]
            if said:
                yield _seal(hub, str(day), number, slate, sealed, election, outcome), said, outcome


def _name(row: Mapping[Any, Any]) -> str:
    return str(row["model_id"]) + ("" if row["in_time"] == "true" else LATE)


def _answers(hub: Hub, row: Mapping[Any, Any]) -> dict[tuple[int, str], Forecast]:
    """The forecasts of a sealed file by number of the round and slate."""
    path = hub.folder / str(row["file"])
    if not path.is_file() or sha256(path) != row["sha256"]:
        state = "was changed after it was" if path.is_file() else "is gone, but was"
        raise DataError(
            f"{path} {state} sealed on {row['sealed_at']}; nothing can be scored with it; take "
            "it back from the history of the repository"
        )
    found = forecasts_of(hub, read_submission(hub, path))
    return {(number, slate): said for number, slate, said in found}


def _seal(
    hub: Hub,
    day: str,
    number: int,
    slate: str,
    sealed: pd.DataFrame,
    election: Election,
    outcome: Outcome,
) -> dict[str, Any]:
    """What is known of a round: the last seal of those that came in time."""
    this = hub.round_of(day)
    in_time = sealed[sealed["in_time"].eq("true")]
    last = (in_time if len(in_time) else sealed).iloc[-1]
    local = hub.local(pd.Timestamp(last["sealed_at"]).to_pydatetime())
    record = {
        "seal": last["chain"],
        "frozen_at": last["sealed_at"],
        "outcome_known": local >= election.rounds[number].known_at,
    }
    vote = {
        "round": number,
        "as_of": this.due.isoformat(),
        "ballot": list(this.slates[str(number)][slate]),
        "slate": slate,
    }
    label = f"{election.name} round {number}, round of {day}, if {slate}"
    return seal_row(day, record, label, vote, election, outcome)


def write_oracle(hub: Hub, election: Election) -> Path:
    """Write the outcome where hubverse looks for it, for every round whose outcome is known.

    Only people whom the hub asked about: hubverse accepts no others.
    """
    outcomes = known_outcomes(election)
    elected = _elected(election, outcomes)
    rows = [oracle_output(election, number, elected) for number in outcomes]
    table = pd.concat(rows, ignore_index=True)
    tasks = [task for this in hub.rounds.values() for task in this.tasks]
    asked = {(n, who) for t in tasks for n in t.values["round"] for who in t.values["candidate"]}
    pairs = zip(table["round"], table["candidate"], strict=True)
    return write_csv(hub.folder / ORACLE, table[[pair in asked for pair in pairs]])


def nearest_slate(slates: Mapping[str, Sequence[str]], official: Sequence[str]) -> str:
    """The slate nearest to a ballot; empty if there is none.

    Examples
    --------
    >>> nearest_slate({"H1": ["ash", "birch"], "H2": ["ash", "elm"]}, ["ash", "birch", "cedar"])
    'H1'
    """
    return min(
        sorted(slates),
        key=lambda name: (
            -len(set(slates[name]) & set(official)),
            len(set(slates[name]) - set(official)),
        ),
        default="",
    )


def _elected(election: Election, outcomes: dict[int, Outcome]) -> str | None:
    """Who won in the end, once the last round is counted."""
    last = outcomes.get(max(election.rounds))
    return None if last is None or last.seats > 1 else str(last.share.idxmax())
