"""The study of transfers between two votes, at every level of areas."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from bench.core import paths
from bench.core.seeds import generator
from bench.core.settings import Experiment
from bench.data.election import Election, load_election
from bench.data.margins import NOBODY, Margins, margins_of_first_rounds, margins_of_rounds
from bench.data.task import Task
from bench.models.ecological_inference import estimate, total_bounds, transition_rows
from bench.report.context import RunFacts
from bench.report.report import Report
from bench.runner import Part, run
from bench.runner.results import Results
from bench.studies.backtest.context import facts_of, names_of

WITHIN = "_by_departement"
PAST_VOTE = {"electorate": "", "level": ""}
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
    this = load_election(experiment.elections[0])
    parts = [
        {"electorate": electorate, "level": level}
        for electorate in settings["electorates"]
        for level in settings["levels"]
    ]
    *rounds, past = run(experiment, one_level, [*parts, PAST_VOTE], _folders(experiment))
    return Found(
        rounds=pd.concat([one.tables["transfers"] for one in rounds], ignore_index=True),
        past_vote=past.tables["transfers"],
        costs=pd.DataFrame([one.facts for one in (*rounds, past)]),
        others=_other_sources(this),
        margins=margins_of_rounds(this),
    )


def one_level(experiment: Experiment, part: Part) -> Results:
    """The transfers between the rounds at one level, or from the election before."""
    this, before = (load_election(name) for name in experiment.elections)
    electorate, level = str(part["electorate"]), str(part["level"])
    if part == PAST_VOTE:
        past = margins_of_first_rounds(before, this)
        label = f"{before.name} to {this.name}, commune"
        table, cost = _estimated(experiment, past, "", label)
        return Results(tables={"transfers": table}, facts=cost)
    margins = margins_of_rounds(this, electorate)
    table, cost = _estimated(experiment, margins, level, f"{electorate}, {level}")
    table = table.assign(electorate=electorate, level=level)
    return Results(tables={"transfers": table}, facts=cost)


def _folders(experiment: Experiment) -> list[Path]:
    folders = [load_election(name).folder for name in experiment.elections]
    return [*folders, paths.datasets() / "france"]


def facts_for(experiment: Experiment, found: Found, record: dict[str, object]) -> RunFacts:
    """The facts of the second round, with the transfers at the finest level."""
    this = load_election(experiment.elections[0])
    cell = Task(election=this, round=2, as_of=this.round(2).known_at)
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
        "n_left_out": int(margins.n_left_out),
        "moved": float(margins.moved),
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
    rows = Task(election, 2, moment).evidence()["transfers"]
    rows = rows[rows["kind"] != "pre_vote_intention"]
    kind = np.where(rows["kind"] == "post_vote_survey", "survey", "published estimate")
    source = [
        f"{name.split('_')[0].capitalize()} {what}"
        for name, what in zip(rows["survey"], kind, strict=True)
    ]
    return rows.assign(source=source)[["source", "from_candidate", "to", "share"]]


def run_study(experiment: Experiment, arguments: list[str]) -> int:
    """Print and write the transfers, what they cost, and the figures."""
    from bench.core.write import write_csv
    from bench.report.report import print_study_table, print_table
    from bench.studies.published import publish_study
    from bench.studies.vote_transfers.report import (
        CONTEXT,
        COST_FORMS,
        COST_NOTE,
        NOTES,
        transfer_tables,
    )

    found = compute(experiment)
    folders = {folder.name: folder for folder in _folders(experiment)}
    sides = {
        electorate: side_by_side(found, electorate, experiment.settings["levels"])
        for electorate in experiment.settings["electorates"]
    }
    for table in transfer_tables(sides, found.past_vote, found.costs)[:-1]:
        print_table(dataclasses.replace(table, notes=()))
        print()
    print(CONTEXT, *NOTES, "", sep="\n")
    print_study_table(found.costs, title="What it cost", notes=(COST_NOTE,), formats=COST_FORMS)

    def long_tables(folder: Path) -> None:
        write_csv(folder / "transitions.csv", found.rounds)
        write_csv(folder / "past_vote_transitions.csv", found.past_vote)
        write_csv(folder / "timings.csv", found.costs)

    kept = kept_of(experiment, found, sides)
    publish_study(experiment, folders, arguments, kept, report_of, also=long_tables)
    return 0


def kept_of(experiment: Experiment, found: Found, sides: dict[str, pd.DataFrame]) -> Results:
    """What the page needs."""
    from bench.core import paths
    from bench.report.kept_context import Shown, facts_text

    manifest: dict[str, object] = {"libraries": {"election-bench": ""}}
    facts = facts_for(experiment, found, manifest)
    shown = Shown(facts=facts, label="", quietly=True, whole=True)
    weights = found.margins.rows.sum()
    return Results(
        tables={
            "rounds": found.rounds,
            "past_vote": found.past_vote,
            "costs": found.costs,
            "others": found.others,
            "weights": weights.rename("votes").rename_axis("origin").reset_index(),
            **{f"levels_{electorate}": side for electorate, side in sides.items()},
        },
        facts={
            "vote": json.loads(facts_text([shown], paths.datasets()))[0],
            "names": names_of(experiment.elections),
        },
    )


def report_of(experiment: Experiment, kept: Results) -> Report:
    """The transfers in words, tables and figures."""
    from bench.core import paths
    from bench.report.kept_context import facts_from
    from bench.studies.vote_transfers.report import transfer_tables, transfers_report

    sides = {
        electorate: kept.tables[f"levels_{electorate}"]
        for electorate in experiment.settings["electorates"]
    }
    return transfers_report(
        facts_from(kept.facts["vote"], {}, paths.datasets()).facts,
        rounds=kept.tables["rounds"],
        others=kept.tables["others"],
        weights=kept.tables["weights"].set_index("origin")["votes"],
        tables=transfer_tables(
            sides, kept.tables["past_vote"], kept.tables["costs"], kept.facts.get("names")
        ),
        title=experiment.title,
    )
