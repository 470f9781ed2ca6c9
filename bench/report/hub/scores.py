"""Scores of a hub after the vote: what was sealed, by everybody, with our metrics."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from bench.audit.sealed_scores import SealedScores, scores_of
from bench.core.errors import DataError
from bench.core.write import write_csv
from bench.data.checksums import sha256
from bench.data.election import Election
from bench.data.outcome import Outcome
from bench.data.task import portable
from bench.report.hub.config import ORACLE, oracle_output
from bench.report.hub.layout import Hub
from bench.report.hub.seals import latest_seals
from bench.report.hub.submissions import forecasts_of, read_submission

LATE = " (late)"


def score_hub(hub: Hub, election: Election) -> SealedScores:
    """Score every sealed submission of a hub.

    Of the slates of one submission the one nearest to the official ballot is scored: most
    candidates in common, then fewest who did not stand, then the first by name. Late submissions
    bear a mark in the name of their method.

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
    outcomes = {
        number: outcome for number in election.rounds if (outcome := _outcome(election, number))
    }
    if not outcomes:
        first = min(election.rounds.values(), key=lambda this: this.number)
        raise DataError(
            f"{election.name}: no outcome is known (round {first.number} is on "
            f"{first.vote_on:%Y-%m-%d}), so nothing can be scored yet"
        )
    elected = _elected(election, outcomes)
    scores, forecasts, seals = [], [], []
    for row in latest_seals(hub).to_dict("records"):
        path = hub.folder / row["file"]
        if not path.is_file() or sha256(path) != row["sha256"]:
            state = "was changed after it was" if path.is_file() else "is gone, but was"
            raise DataError(
                f"{path} {state} sealed on {row['sealed_at']}; nothing can be scored with it; take "
                "it back from the history of the repository"
            )
        answers = list(forecasts_of(hub, read_submission(hub, path)))
        for number, outcome in outcomes.items():
            asked = {slate: said for n, slate, said in answers if n == number}
            if not asked:
                continue
            official = list(map(str, outcome.share.index))
            ballots = {slate: list(map(str, said.share.index)) for slate, said in asked.items()}
            slate = nearest_slate(ballots, official)
            this, said = election.round(number), asked[slate]
            sealed_at = pd.Timestamp(row["sealed_at"])
            local = hub.local(sealed_at.to_pydatetime())
            key = {
                "record": path.name,
                "election": election.name,
                "round": number,
                "as_of": pd.Timestamp(row["reference_date"]),
                "predictor": row["model_id"] + ("" if row["in_time"] == "true" else LATE),
            }
            scores.append(scores_of(said, outcome, elected).assign(**key))
            shares = pd.DataFrame(
                {
                    "candidate": ballots[slate],
                    "share": said.share.to_numpy(),
                    "outcome": outcome.share.reindex(ballots[slate]).to_numpy(),
                }
            )
            forecasts.append(shares.assign(**key))
            seals.append(
                {
                    **{name: key[name] for name in ("record", "election", "round", "as_of")},
                    "seal": row["sha256"],
                    "frozen_at": row["sealed_at"],
                    "outcome_known": bool(local >= this.known_at),
                    "label": f"{election.name} round {number}, {row['reference_date']}, if {slate}",
                    "address": portable(election.address),
                    "vote_on": this.vote_on,
                    "days_before": (this.vote_on - local.normalize()).days,
                    "supposed": ", ".join(who for who in ballots[slate] if who not in official),
                    "missing": ", ".join(who for who in official if who not in ballots[slate]),
                }
            )
    if not scores:
        raise DataError(
            f"{hub.folder}: nothing is sealed that could be scored; bench hub validate --seal "
            "seals what has come in"
        )
    return SealedScores(
        scores=pd.concat(scores, ignore_index=True),
        forecasts=pd.concat(forecasts, ignore_index=True),
        seals=pd.DataFrame(seals),
    )


def write_oracle(hub: Hub, election: Election) -> Path:
    """Write the outcome where hubverse looks for it, for every round whose outcome is known."""
    outcomes = {
        number: outcome for number in election.rounds if (outcome := _outcome(election, number))
    }
    elected = _elected(election, outcomes)
    rows = [oracle_output(election, number, elected) for number in outcomes]
    return write_csv(hub.folder / ORACLE, pd.concat(rows, ignore_index=True))


def nearest_slate(slates: dict[str, list[str]], official: Sequence[str]) -> str:
    """The slate nearest to a ballot.

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
    )


def _outcome(election: Election, number: int) -> Outcome | None:
    try:
        return election.outcome(number)
    except DataError:
        return None


def _elected(election: Election, outcomes: dict[int, Outcome]) -> str | None:
    """Who won in the end, once the last round is counted."""
    last = outcomes.get(max(election.rounds))
    return None if last is None or last.seats > 1 else str(last.share.idxmax())
