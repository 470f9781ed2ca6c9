"""Two rounds as one forecast from before the first: who qualifies, then who wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from bench.core import ConfigError, Evidence, Forecast
from bench.core.arrays import FloatArray
from bench.core.settings import Experiment
from bench.data.election import rounds_of_runoff
from bench.data.evidence import LearnFrom, evidence_for, polled_pairs
from bench.data.outcome import outcome_of
from bench.metrics.forecast_rows import forecast_rows
from bench.models.chain import Chain, RunoffDraws, chain
from bench.models.families import family_of
from bench.models.transfers import learn_transfers
from bench.runner.asked import ask, labelled, seeded, time_taken, what_became
from bench.runner.attempt import Attempt
from bench.runner.cell import Cell
from bench.runner.results import Results
from bench.studies.backtest.analysis import plan
from bench.studies.base import Study
from bench.studies.two_rounds.metrics import compare_chains, score_chain
from bench.studies.two_rounds.report import two_rounds_report

Pair = tuple[str, str]


def analyse(experiment: Experiment) -> Results:
    """Ask every predictor for both rounds at every moment before the first.

    Raises
    ------
    ConfigError
        If the experiment asks about another round than the first, or nobody has draws.
    """
    if experiment.rounds != [1]:
        raise ConfigError(f"rounds is {experiment.rounds}; a chain starts before round 1: [1]")
    found = [one_task(experiment, cell) for cell in plan(experiment)]
    tables = {
        name: pd.concat([one.tables[name] for one in found], ignore_index=True)
        for name in ("errors", "forecasts", "methods", "timings", "pairs")
    }
    methods = tables["methods"]
    if tables["errors"].empty:
        first = methods.drop_duplicates("predictor")
        said = "; ".join(first["predictor"] + ": " + first["message"])
        raise ConfigError(
            f"no predictor gave draws of a first round as of {methods['as_of'].iloc[0]} ({said}); "
            "choose methods that draw whole ballots (last_poll, poll_tracker) and a moment with "
            "polls (as_of=… or days_before=…)"
        )
    failed = methods[methods["status"].eq("failed")]
    return Results(
        tables=tables,
        facts={"sentences": compare_chains(tables["errors"], experiment.baseline)},
        failures=dict(zip(failed["predictor"], failed["trace"], strict=True)),
    )


def one_task(experiment: Experiment, cell: Cell) -> Results:
    """What every predictor says of both rounds of one election at one moment."""
    learn_from: LearnFrom = "earlier" if experiment.learn_from == "earlier" else "others"
    _, last = rounds_of_runoff(cell.election)

    def public(number: int, pair: Pair | None = None) -> Evidence:
        return evidence_for(
            cell.election,
            number,
            cell.as_of,
            learn_from=learn_from,
            owners_of=experiment.owners_of,
            pair=pair,
            poll_lag_days=experiment.poll_lag_days,
        )

    first = public(cell.round)
    # every pair that anybody had polled is asked about alike, whichever came to be
    seconds = {pair: public(last.number, pair) for pair in pairs_polled(first)}
    runoff = outcome_of(cell.election, last.number).share
    rows: dict[str, list[pd.DataFrame]] = {"errors": [], "forecasts": [], "pairs": []}
    methods, timings = [], []
    for name in experiment.predictors:
        one = ask(experiment, name, cell, first)
        later = replace(cell, round=last.number)
        said = {pair: ask(experiment, name, later, second) for pair, second in seconds.items()}
        if one.forecast is not None and not _has_draws(one, whole=True):
            reason = "it gives no draws of the whole ballot"
            one = replace(one, status="abstained", forecast=None, message=reason)
        methods.append(what_became(experiment, name, cell, one))
        timings.append(time_taken(name, cell, one, *said.values()))
        if one.forecast is None or one.forecast.draws is None:
            continue
        rng = seeded(experiment, f"{name} chain", cell)
        both = chain(one.forecast.draws, first.candidates, runoff_draws(first, said, rng))
        for table, found in (
            ("errors", score_chain(both, runoff)),
            ("forecasts", forecast_rows(one.forecast, first.seats)),
            ("pairs", _marked(both, runoff, said)),
        ):
            rows[table].append(labelled(found, {**cell.key, "predictor": name}))
    return Results(
        tables={
            **{key: pd.concat(some) if some else pd.DataFrame() for key, some in rows.items()},
            "methods": pd.DataFrame(methods),
            "timings": pd.DataFrame(timings),
        }
    )


def pairs_polled(first: Evidence) -> list[Pair]:
    """The pairs of this election whose runoff public polls had tested, by name.

    Parameters
    ----------
    first : Evidence
        Of the first round: its `past_polls` hold the runoff polls of every pair, or none.
    """
    polls = first["past_polls"]
    own = polls[(polls["election"] == first.election) & (polls["round"] > first.round)]
    known = [tuple(sorted(pair)) for pair in polled_pairs(own) if pair <= set(first.candidates)]
    return sorted((pair[0], pair[1]) for pair in known if len(pair) == 2)


def runoff_draws(
    first: Evidence, said: Mapping[Pair, Attempt[Forecast]], rng: np.random.Generator
) -> RunoffDraws:
    """The runoff of any pair: what the predictor said of it, otherwise transfers of votes.

    Parameters
    ----------
    first : Evidence
        Of the first round, from which transfers are learned.
    said : mapping of (str, str) to Attempt
        The predictor's forecast of every pair that was polled, or its abstention.
    rng : numpy.random.Generator
    """
    names = list(first.candidates)
    families = family_of(first["ballots"], first.election, first.round)
    outcomes = first["outcomes"]
    transfers = learn_transfers(outcomes[outcomes["election"] != first.election], first["ballots"])

    def draws(pair: tuple[int, int], rows: FloatArray) -> FloatArray:
        tried = said.get((names[pair[0]], names[pair[1]]))
        if tried is not None and _has_draws(tried) and tried.forecast is not None:
            drawn = np.asarray(tried.forecast.draws)
            return rng.choice(drawn[:, 0], size=len(rows), replace=True)
        return transfers.draws(rows, [families[name] for name in names], pair, rng)

    return draws


def _has_draws(tried: Attempt[Forecast], *, whole: bool = False) -> bool:
    forecast = tried.forecast
    if forecast is None or forecast.draws is None:
        return False
    return bool(np.isfinite(forecast.draws).all()) if whole else True


def _marked(both: Chain, runoff: pd.Series, said: Mapping[Pair, Attempt[Forecast]]) -> pd.DataFrame:
    table = both.pairs()
    came = table["first"].isin(runoff.index) & table["second"].isin(runoff.index)
    answered = {pair for pair, tried in said.items() if _has_draws(tried)}
    both_names = zip(table["first"], table["second"], strict=True)
    basis = ["polls" if pair in answered else "transfers" for pair in both_names]
    return table.assign(basis=basis, came=came)


STUDY = Study(
    analyse=analyse,
    report=two_rounds_report,
    uses=frozenset(
        {
            "as_of",
            "baseline",
            "days_before",
            "learn_from",
            "n_draws",
            "owners_of",
            "poll_half_life_days",
            "poll_lag_days",
            "predictors",
            "rounds",
        }
    ),
    long_tables={
        "errors": ("parquet", "csv"),
        "forecasts": ("parquet",),
        "methods": ("csv",),
        "timings": ("csv",),
    },
)
