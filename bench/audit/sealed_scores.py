"""Sealed forecasts against the outcome: nothing is run again, no library has to be that of then."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.audit.preregistration import Record, opened, read_record
from bench.core import DataError, Forecast
from bench.data.election import Election, load_election
from bench.data.ingest.official_count import OfficialCount, official_outcomes, read_counts
from bench.data.readers import sha256
from bench.data.tables import Outcome, outcome_of
from bench.data.task import portable
from bench.metrics.score_forecast import (
    FULL,
    NATIONAL,
    forecast_rows,
    on_official,
    score_forecast,
)

_ScoredSlate = tuple[dict[str, Any], Mapping[str, Forecast], Outcome]
"""A row of `SealedScores.seals`, the forecasts by method, and the outcome."""
_OutcomeOf = Callable[[Election, int], Outcome]

BOTH = "compared"
"""The ballot on which a forecast about supposed candidates is scored: those who also stood."""

NOTED = 0.05
"""Share of the vote from which whoever had not been asked about is named."""


@dataclass(frozen=True, kw_only=True)
class SealedScores:
    """What sealed forecasts scored.

    Attributes
    ----------
    scores : pandas.DataFrame
        One row per score: record, election, round, as_of, predictor and the columns of
        `bench.metrics.score_forecast.score_forecast`; of the whole ballot and, where the ballot
        that was supposed is not the official one, of the candidates on both.
    forecasts : pandas.DataFrame
        record, election, round, as_of, predictor, candidate, share, quantiles and chances as of
        `bench.metrics.score_forecast.forecast_rows` on the ballot that was asked about, outcome.
    seals : pandas.DataFrame
        One row per record and vote: record, seal, frozen_at, outcome_known, label, election,
        address (to open it again), round, as_of, vote_on, days_before (the seal), supposed
        (candidates asked about who did not stand), missing (those who stood and were not asked
        about), apart (how many these are), came_later (the missing with `NOTED` of the votes or
        more), through (who got through), slate and weight (where a record was sealed under
        weights: of the slate that is scored).
    people : pandas.DataFrame
        One row per record and person of its table by person: record, candidate, p_runs, share and
        quantiles (given a candidacy), p_qualify, p_elected, price (of a market), and what came:
        outcome (share; NaN: did not stand), through, won (NaN while nobody is elected).
    hypotheses : mapping of str to mapping of str to list of str
        By record and language, sentences that were sealed so that the outcome can refute them.
    counts : sequence of OfficialCount
        The official files that took the place of the outcome of the election.
    """

    scores: pd.DataFrame
    forecasts: pd.DataFrame
    seals: pd.DataFrame
    people: pd.DataFrame = field(default_factory=pd.DataFrame)
    hypotheses: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)
    counts: Sequence[OfficialCount] = ()

    @cached_property
    def scored(self) -> pd.DataFrame:
        """The rows of `scores` to show: on the candidates of both ballots where these differ.

        Events are scored on the whole ballot alone.
        """
        rows = self.scores
        on_both = rows["ballot"].eq(BOTH)
        vote = [rows[key] for key in ("record", "election", "round", "as_of")]
        has_both = on_both.groupby(vote).transform("any")
        on_full_alone = ~rows["metric"].isin(rows.loc[on_both, "metric"])
        return rows[on_both | ~has_both | on_full_alone]

    @property
    def manifest(self) -> dict[str, Any]:
        """What the page says about where the numbers come from."""
        rows = self.seals.astype({"as_of": str, "vote_on": str})
        counts = [
            {"file": count.path.name, "sha256": sha256(count.path), "is_final": count.is_final}
            for count in self.counts
        ]
        return {"sealed": rows.to_dict("records"), "counts": counts}

    @property
    def cite(self) -> str:
        """How to cite the records."""
        return "; ".join(
            f"election-bench seal {seal}, {frozen_at}"
            for seal, frozen_at in self.seals.set_index("seal")["frozen_at"].to_dict().items()
        )


def score_sealed(
    paths: Sequence[Path],
    election: str | None = None,
    counts: Sequence[Path] = (),
    same_as: Mapping[str, str | bool] | None = None,
) -> SealedScores:
    """Score the forecasts of records against the official votes.

    Parameters
    ----------
    paths : sequence of Path
        Records of `bench.audit.preregistration.freeze`.
    election : str, optional
        Name or folder of the election, where that of the record is not shipped.
    counts : sequence of Path
        Official files that stand for its outcome, in the order of the rounds from that of the
        records on; as of `bench.data.ingest.official_count.read_counts`.
    same_as : mapping of str to str or False, optional
        Who is who in them, as of `bench.data.ingest.official_count.official_outcomes`.

    Raises
    ------
    DataError
        If a record was edited, there is no outcome yet, it is the same record twice, or counts are
        given for records of several elections.
    """
    records: dict[str, Mapping[str, Any]] = {}
    path_of_seal: dict[str, Path] = {}
    for path in paths:
        record = read_record(path)
        if record["seal"] in path_of_seal:
            raise DataError(
                f"{path} is the same record as {path_of_seal[record['seal']]}; give it once"
            )
        path_of_seal[record["seal"]] = path
        records[path.name if path.name not in records else str(path)] = record
    if not counts:
        return score_records(records, election)
    loaded, rounds = _vote_counted(records, election)
    read = read_counts(counts, rounds)
    outcomes = official_outcomes(read, loaded, same_as or {})
    return replace(score_records(records, election, outcomes), counts=read)


def _vote_counted(
    records: Mapping[str, Mapping[str, Any]], election: str | None
) -> tuple[Election, list[int]]:
    """The one election of some records, and its rounds from the first that was sealed on."""
    opened_records = [opened(record, name)[0] for name, record in records.items()]
    votes = [vote for record in opened_records for vote in record.votes.values()]
    names = {election or vote.election for vote in votes}
    if len(names) != 1:
        raise DataError(f"counts are given of records about {', '.join(names)}; accepted: of one")
    loaded = load_election(names.pop())
    first = min(vote.round for vote in votes)
    return loaded, [number for number in loaded.rounds if number >= first]


def score_records(
    records: Mapping[str, Mapping[str, Any]],
    election: str | None = None,
    outcomes: Mapping[int, Outcome] | None = None,
) -> SealedScores:
    """Score records by their names, against outcomes by round; all else as `score_sealed`.

    Where a record holds one vote on several slates, the slate is scored that came to be the
    ballot, or is nearest to it: a forecast given a slate says nothing if another one stands.
    """
    outcome_at = partial(_outcome_at, outcomes or {})
    scores, forecasts, seals = [], [], []
    people: list[pd.DataFrame] = []
    hypotheses = {}
    for name, record in records.items():
        read, answers = opened(record, name)
        hypotheses[name] = read.hypotheses
        for seal, forecasts_of_vote, outcome in _nearest(name, read, answers, election, outcome_at):
            seals.append(seal)
            if read.people:
                people.append(_people(read, seal, outcome, outcome_at))
            key = {column: seal[column] for column in ("record", "election", "round", "as_of")}
            for predictor, forecast in forecasts_of_vote.items():
                key["predictor"] = predictor
                scores.append(scores_of(forecast, outcome).assign(**key))
                forecasts.append(beside_outcome(forecast, outcome).assign(**key))
    if not scores:
        raise DataError("no record holds a forecast: every method had abstained")
    return SealedScores(
        scores=pd.concat(scores, ignore_index=True),
        forecasts=pd.concat(forecasts, ignore_index=True),
        seals=pd.DataFrame(seals),
        people=pd.concat(people, ignore_index=True) if people else pd.DataFrame(),
        hypotheses=hypotheses,
    )


def _outcome_at(outcomes: Mapping[int, Outcome], election: Election, number: int) -> Outcome:
    return outcomes[number] if number in outcomes else outcome_of(election, number)


def _people(
    record: Record, seal: Mapping[str, Any], outcome: Outcome, outcome_at: _OutcomeOf
) -> pd.DataFrame:
    """The rows of `SealedScores.people` of a record, which has one vote."""
    rows = pd.DataFrame([person.model_dump() for person in record.people])
    rows.insert(0, "record", seal["record"])
    rows["outcome"] = rows["candidate"].map(outcome.share)
    rows["through"] = rows["candidate"].isin(seal["through"].split(", "))
    rows["won"] = np.nan
    election = load_election(seal["address"])
    with suppress(DataError):  # it may be still to come
        winner = str(outcome_at(election, max(election.rounds)).share.idxmax())
        rows["won"] = rows["candidate"].eq(winner)
    return rows


def _nearest(
    name: str,
    record: Record,
    forecasts: Mapping[str, Mapping[str, Forecast]],
    election: str | None,
    outcome_at: _OutcomeOf,
) -> list[_ScoredSlate]:
    """Of each vote of a record the slate that differs least from the ballot."""
    nearest: dict[tuple[Any, ...], _ScoredSlate] = {}
    for label, forecasts_of_slate in forecasts.items():
        vote = record.votes[label]
        loaded = load_election(election or vote.election)
        outcome = outcome_at(loaded, vote.round)
        seal = _seal_row(name, record, label, loaded, outcome)
        key = (loaded.name, vote.round, vote.as_of)
        if key not in nearest or _distance(seal) < _distance(nearest[key][0]):
            nearest[key] = seal, forecasts_of_slate, outcome
    return list(nearest.values())


def _distance(seal: Mapping[str, Any]) -> tuple[int, float]:
    return seal["apart"], -np.nan_to_num(seal["weight"])


def beside_outcome(forecast: Forecast, outcome: Outcome) -> pd.DataFrame:
    """Shares, intervals and chances on the ballot that was asked about, beside the outcome."""
    rows = forecast_rows(forecast, outcome.n_advance).drop(columns="area")
    rows["share"] = rows["share"].where(~rows["filled"])
    rows["outcome"] = outcome.share.reindex(rows["candidate"]).to_numpy()
    return rows.drop(columns="filled")


def _seal_row(
    name: str, record: Record, label: str, election: Election, outcome: Outcome
) -> dict[str, Any]:
    """A row of `SealedScores.seals`, from what a record says of a vote."""
    vote = record.votes[label]
    vote_on = election.rounds[vote.round].vote_on
    stood = outcome.share.sort_values(ascending=False, kind="stable")
    missing = [name for name in map(str, outcome.share.index) if name not in vote.ballot]
    supposed = [name for name in vote.ballot if name not in outcome.share.index]
    return {
        "record": name,
        "seal": record.seal,
        "frozen_at": record.frozen_at.isoformat(),
        "outcome_known": record.outcome_known,
        "label": label,
        "election": election.name,
        "address": portable(election.address),
        "round": vote.round,
        "as_of": pd.Timestamp(vote.as_of),
        "vote_on": vote_on,
        "days_before": (vote_on.date() - record.frozen_at.date()).days,
        "supposed": ", ".join(supposed),
        "missing": ", ".join(missing),
        "apart": len(supposed) + len(missing),
        "came_later": ", ".join(
            name for name in stood.index if name in missing and stood[name] >= NOTED
        ),
        "through": ", ".join(outcome.share.nlargest(outcome.n_advance).index),
        "slate": vote.slate,
        "weight": vote.weight,
    }


def scores_of(forecast: Forecast, outcome: Outcome) -> pd.DataFrame:
    """Every national score, on the official ballot and on the candidates of both.

    Parameters
    ----------
    forecast : Forecast
        About the official ballot, or a supposed one.
    outcome : Outcome

    Raises
    ------
    DataError
        If fewer than two of the candidates stood.
    """
    official = list(map(str, outcome.share.index))
    both = [name for name in official if name in forecast.share.index]
    if len(both) < 2:
        raise DataError(
            "fewer than two of the candidates of a sealed forecast stood in the end, so it cannot "
            f"be scored; it named {', '.join(map(str, forecast.share.index))}"
        )
    on_ballot = on_official(forecast, official)
    ballots = {FULL: tuple(official)}
    if len(both) < max(len(official), len(forecast.share)):
        ballots[BOTH] = tuple(both)
    scores = score_forecast(on_ballot, outcome.share, outcome.n_advance, ballots=ballots)
    return scores[scores["area"] == NATIONAL]
