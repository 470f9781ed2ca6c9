"""Two rounds as one forecast from before the first: the study `chain`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace as with_changes
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.core import ConfigError, Evidence
from bench.core.settings import Experiment
from bench.data.evidence import polled_pairs
from bench.metrics.forecast_rows import forecast_rows
from bench.models.chain import Chain, RunoffDraws, chain
from bench.models.families import family_of
from bench.models.transfers import learn_transfers
from bench.report.report import Report
from bench.runner import (
    Part,
    Prediction,
    Results,
    labelled,
    method_row,
    predict_named,
    run_predictors,
    stacked,
    task_of,
    tasks_of,
    timing_row,
)
from bench.studies.backtest.analysis import LongTables
from bench.studies.backtest.context import names_of, sources_of
from bench.studies.backtest.publish import write_long_tables
from bench.studies.published import publish_study
from bench.studies.two_rounds.metrics import compare_chains, score_chain
from bench.studies.two_rounds.report import chain_report, print_chain


@dataclass(frozen=True, kw_only=True)
class Chained:
    """The long tables of a run, and the pairs that every predictor held possible."""

    results: LongTables
    pairs: pd.DataFrame


def run_study(experiment: Experiment, arguments: list[str]) -> int:
    """Forecast, score and publish; the exit status is 3 if a predictor failed."""
    found = results_of(experiment)
    publish(experiment, found, arguments)
    return 3 if (found.results.methods["status"] == "failed").any() else 0


def results_of(experiment: Experiment) -> Chained:
    """Ask every predictor for both rounds at every moment before the first.

    Raises
    ------
    ConfigError
        If the experiment asks about another round than the first, or nobody has draws.
    """
    if experiment.rounds != [1]:
        raise ConfigError(f"rounds is {experiment.rounds}; a chain starts before round 1: [1]")
    found = run_predictors(experiment, one_chain, tasks_of(experiment), label="chains")
    methods = stacked(found, "methods")
    errors = stacked(found, "errors")
    if errors.empty:
        first = methods.drop_duplicates("predictor")
        said = "; ".join(first["predictor"] + ": " + first["message"])
        moment = methods["as_of"].iloc[0]
        raise ConfigError(
            f"no predictor gave draws of a first round as of {moment} ({said}); choose "
            "methods that draw whole ballots (last_poll, poll_tracker) and a moment with polls "
            "(as_of=… or days_before=…)"
        )
    results = LongTables(
        errors=errors,
        forecasts=stacked(found, "forecasts"),
        methods=methods,
        timings=stacked(found, "timings"),
    )
    return Chained(results=results, pairs=stacked(found, "pairs"))


def publish(experiment: Experiment, found: Chained, arguments: list[str]) -> Path:
    """Write the long tables, `tables/chain.*` and `tables/pairs.*`; print them."""
    elections = {cell.election.name: cell.election.folder for cell in tasks_of(experiment)}
    errors = found.results.errors
    sentences = compare_chains(errors, experiment.baseline)
    print_chain(errors, found.pairs, sentences, experiment.title or experiment.name)
    kept = Results(
        tables={
            "scores": errors[errors["ballot"].eq("chain")],
            "pairs": found.pairs,
            "methods": found.results.methods.drop(columns="trace"),
        },
        facts={"sentences": list(sentences), "names": names_of(experiment.elections)},
    )

    def long_tables(folder: Path) -> None:
        write_long_tables(folder, found.results)

    return publish_study(experiment, elections, arguments, kept, report_of, also=long_tables)


def report_of(experiment: Experiment, kept: Results) -> Report:
    """Both rounds as one forecast, in words, tables and figures."""
    return chain_report(
        kept.tables["scores"],
        kept.tables["pairs"],
        kept.tables["methods"],
        kept.facts["sentences"],
        title=experiment.title or experiment.name,
        source=sources_of(experiment.elections),
        names=kept.facts.get("names"),
    )


def one_chain(experiment: Experiment, part: Part) -> Results:
    """What one predictor says of both rounds at one moment, scored."""
    task, name = task_of(experiment, part), str(part["predictor"])
    first = task.evidence()
    runoff = with_changes(task, round=2).outcome().share
    one = predict_named(experiment, name, task)
    # every pair that anybody had polled is asked about alike, whichever came to be
    said = {
        pair: predict_named(experiment, name, with_changes(task, round=2, pair=pair))
        for pair in pairs_polled(first)
    }
    if one.forecast is not None and not _has_draws(one, whole=True):
        reason = "it gives no draws of the whole ballot"
        one = with_changes(one, status="abstained", forecast=None, message=reason)
    tables = {
        "methods": pd.DataFrame([method_row(experiment, name, task, one)]),
        "timings": pd.DataFrame([timing_row(name, task, one, *said.values())]),
    }
    if one.forecast is not None and one.forecast.draws is not None:
        label = {**task.key, "predictor": name}
        rng = task.rng(f"{name} chain")
        both = chain(one.forecast.draws, first.candidates, runoff_draws(first, said, rng))
        tables["errors"] = labelled(score_chain(both, runoff), label)
        tables["forecasts"] = labelled(forecast_rows(one.forecast, first.seats), label)
        tables["pairs"] = labelled(_marked(both, runoff, said), label)
    failures = {name: one.trace} if one.status == "failed" else {}
    return Results(tables=tables, failures=failures)


def pairs_polled(first: Evidence) -> list[tuple[str, str]]:
    """The pairs of this election whose runoff public polls had tested, by name.

    Parameters
    ----------
    first : Evidence
        Of the first round: its `past_polls` hold the runoff polls of every pair, or none.
    """
    polls = first["past_polls"]
    own = polls[(polls["election"] == first.election) & (polls["round"] == 2)]
    known = [tuple(sorted(pair)) for pair in polled_pairs(own) if pair <= set(first.candidates)]
    return sorted((pair[0], pair[1]) for pair in known if len(pair) == 2)


def runoff_draws(
    first: Evidence,
    said: Mapping[tuple[str, str], Prediction],
    rng: np.random.Generator,
) -> RunoffDraws:
    """The runoff of any pair: what the predictor said of it, otherwise transfers of votes.

    Parameters
    ----------
    first : Evidence
        Of the first round, from which transfers are learned.
    said : mapping of (str, str) to Prediction
        The predictor's forecast of every pair that was polled, or its abstention.
    rng : numpy.random.Generator
    """
    names = list(first.candidates)
    families = family_of(first["ballots"], first.election, 1)
    outcomes = first["outcomes"]
    transfers = learn_transfers(outcomes[outcomes["election"] != first.election], first["ballots"])

    def draws(pair: tuple[int, int], rows: NDArray[np.float64]) -> NDArray[np.float64]:
        spoken = said.get((names[pair[0]], names[pair[1]]))
        if spoken is not None and _has_draws(spoken) and spoken.forecast is not None:
            drawn = np.asarray(spoken.forecast.draws)
            return rng.choice(drawn[:, 0], size=len(rows), replace=True)
        return transfers.draws(rows, [families[name] for name in names], pair, rng)

    return draws


def _has_draws(tried: Prediction, *, whole: bool = False) -> bool:
    forecast = tried.forecast
    if forecast is None or forecast.draws is None:
        return False
    return bool(np.isfinite(forecast.draws).all()) if whole else True


def _marked(
    both: Chain, runoff: pd.Series, said: Mapping[tuple[str, str], Prediction]
) -> pd.DataFrame:
    table = both.pairs()
    came = table["first"].isin(runoff.index) & table["second"].isin(runoff.index)
    answered = {pair for pair, tried in said.items() if _has_draws(tried)}
    both_names = zip(table["first"], table["second"], strict=True)
    basis = ["polls" if pair in answered else "transfers" for pair in both_names]
    return table.assign(basis=basis, came=came)
