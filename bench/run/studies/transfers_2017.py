"""The study of transfers between two votes, at every level of areas."""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Sequence

import numpy as np
import pandas as pd

from bench import paths
from bench.data.election import Election, load_election
from bench.data.evidence import evidence_for
from bench.data.margins import NOBODY, Margins, margins_of_first_rounds, margins_of_rounds
from bench.execution.seeds import generator
from bench.experiment import Experiment
from bench.kit.ecological_inference import estimate, total_bounds, transition_rows
from bench.report.facts import RunFacts
from bench.run.backtest import Cell
from bench.run.facts import facts_of

WITHIN = "_by_departement"
CAUTION = "The flows of candidates with under 2% of the votes are no findings."


@dataclasses.dataclass(frozen=True, kw_only=True)
class Found:
    """The tables of the study.

    Attributes
    ----------
    rounds : electorate, level and the columns of `transition_rows`, first to second round.
    past_vote : the same, from the first round of the election before to this first round.
    costs : what was estimated, areas, seconds.
    others : source, from_candidate, to, share: surveys and published estimates.
    margins : first to second round, whole electorate, by station.
    """

    rounds: pd.DataFrame
    past_vote: pd.DataFrame
    costs: pd.DataFrame
    others: pd.DataFrame
    margins: Margins


def compute(experiment: Experiment) -> Found:
    """Estimate the transfers between the rounds at every level, and from the election before.

    Parameters
    ----------
    experiment : Experiment
        Its `elections` name this election and the one before; settings: `levels`,
        `electorates`, `n_draws`, `level`.
    """
    settings = experiment.settings
    this, before = (load_election(name) for name in experiment.elections)
    rounds, costs = [], []
    for electorate in settings["electorates"]:
        margins = margins_of_rounds(this, electorate)
        for level in settings["levels"]:
            table, cost = _estimated(experiment, margins, level, f"{electorate}, {level}")
            rounds.append(table.assign(electorate=electorate, level=level))
            costs.append(cost)
    past = margins_of_first_rounds(before, this)
    past_vote, cost = _estimated(experiment, past, "", f"{before.name} to {this.name}, commune")
    return Found(
        rounds=pd.concat(rounds, ignore_index=True),
        past_vote=past_vote,
        costs=pd.DataFrame([*costs, cost]),
        others=_other_sources(this),
        margins=margins_of_rounds(this),
    )


def facts_for(experiment: Experiment, found: Found, record: dict[str, object]) -> RunFacts:
    """The facts of the second round, with the transfers at the finest level."""
    this = load_election(experiment.elections[0])
    cell = Cell(election=this, round=2, as_of=this.round(2).known_at)
    facts = facts_of(experiment, cell, record)
    finest = experiment.settings["levels"][0]
    flows = found.rounds[
        (found.rounds["electorate"] == "registered") & (found.rounds["level"] == finest)
    ]
    columns = ["from_candidate", "to", "share", "lower", "upper"]
    return dataclasses.replace(
        facts,
        transitions=flows[columns].assign(predictor=f"estimated by {finest}"),
        names={**facts.names, NOBODY: "No candidate"},
        source=f"Percent of the registered. {CAUTION} {facts.source}",
    )


def side_by_side(found: Found, electorate: str, levels: Sequence[str]) -> pd.DataFrame:
    """One row per cell that may be read: every level, the interval of the finest, the bounds.

    Shares in percent of the origin's votes; other sources where the electorate is everybody.
    """
    rows = found.rounds[(found.rounds["electorate"] == electorate) & found.rounds["readable"]]
    keys = ["from_candidate", "to"]
    wide = 100 * rows.pivot(index=keys, columns="level", values="share")[list(levels)]
    finest = rows[rows["level"] == levels[0]].set_index(keys)
    for name in ("lower", "upper", "least", "most"):
        wide[name] = 100 * finest[name]
    wide["range_of_levels"] = wide[list(levels)].max(axis=1) - wide[list(levels)].min(axis=1)
    if electorate == "registered":
        for source, part in found.others.groupby("source"):
            wide[str(source)] = 100 * part.set_index(keys)["share"]
    order = finest["origin_share"].groupby("from_candidate").first().sort_values(ascending=False)
    return wide.loc[list(order.index)].reset_index()


def _estimated(
    experiment: Experiment, margins: Margins, level: str, label: str
) -> tuple[pd.DataFrame, dict[str, object]]:
    settings = experiment.settings
    groups = None
    if level.endswith(WITHIN):
        groups = margins.keys["departement"].to_numpy()
    elif level not in ("", "station"):
        margins = margins.at(level)
    print(f"{label}: {len(margins.keys)} areas", file=sys.stderr)
    rows, columns = margins.rows.to_numpy(), margins.columns.to_numpy()
    wall, cpu = time.perf_counter(), time.process_time()
    found = estimate(
        rows,
        columns,
        groups=groups,
        n_draws=settings["n_draws"],
        rng=generator(experiment.seed, label),
    )
    cost = {
        "estimate": label,
        "n_areas": len(rows),
        "n_left_out": margins.n_left_out,
        "moved": margins.moved,
        "wall_s": time.perf_counter() - wall,
        "cpu_s": time.process_time() - cpu,
    }
    table = transition_rows(
        found,
        total_bounds(rows, columns),
        [str(name) for name in margins.rows],
        [str(name) for name in margins.columns],
        level=settings["level"],
    )
    return table, cost


def _other_sources(election: Election) -> pd.DataFrame:
    """What surveys of the day and published estimates say, a year after the vote."""
    moment = election.round(2).known_at + pd.Timedelta(days=365)
    rows = evidence_for(election, 2, moment)["transfers"]
    rows = rows[rows["kind"] != "pre_vote_intention"]
    kind = np.where(rows["kind"] == "post_vote_survey", "survey", "published estimate")
    source = [
        f"{name.split('_')[0].capitalize()} {what}"
        for name, what in zip(rows["survey"], kind, strict=True)
    ]
    return rows.assign(source=source)[["source", "from_candidate", "to", "share"]]


def run_study(experiment: Experiment, arguments: list[str]) -> int:
    """Print and write the transfers, what they cost, and the figures."""
    from bench.report.transfers import report_transfers
    from bench.run.publish import run_folder

    found = compute(experiment)
    folders = {name: load_election(name).folder for name in experiment.elections}
    levels = experiment.settings["levels"]
    if "canton" in levels:
        folders["france"] = paths.datasets() / "france"
    with run_folder(experiment, folders, arguments) as run:
        report_transfers(
            run.path,
            facts_for(experiment, found, run.manifest),
            rounds=found.rounds,
            past_vote=found.past_vote,
            costs=found.costs,
            others=found.others,
            weights=found.margins.rows.sum(),
            tables={
                electorate: side_by_side(found, electorate, levels)
                for electorate in experiment.settings["electorates"]
            },
        )
    return 0
