"""The study of ecological inference on elections whose tables are known."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bench import paths
from bench.data.known_elections import FOLDER, read_known_tables
from bench.experiment import Experiment
from bench.report.figures import canvas
from bench.report.figures.known_tables import known_tables
from bench.report.study import print_study_table, write_study_table
from bench.report.write import write_csv, write_parquet
from bench.run.publish import run_folder
from bench.score.ecological_summary import peer_rows, summary_by_dataset
from bench.score.ecological_truth import against_peer, evaluate, known_elections

SOURCE = "Elections: New Zealand 2002 and 2005, Scotland 2007 (Pavía 2022), CC BY 4.0."
FORMATS = {
    "error_index": ".2f", "low": ".2f", "high": ".2f", "covered": ".2f", "covered_votes": ".2f",
    "cpu_s": ".3f", "peer_error_index": ".2f", "ratio": ".2f", "ratio_low": ".2f",
    "ratio_high": ".2f",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Found:
    """The tables of the study.

    Attributes
    ----------
    errors : one row per election, variant and method.
    summary : by dataset and method, peers included.
    against : the default method beside every peer, same elections.
    """

    errors: pd.DataFrame
    summary: pd.DataFrame
    against: pd.DataFrame


def compute(experiment: Experiment, *, first: int | None = None) -> Found:
    """Run every method on every known election.

    Parameters
    ----------
    experiment : Experiment
        Its settings: `methods`, `variants`, `n_draws`, `level`, `default`, `shown_peers`.
    first : int, optional
        How many elections, in order of their keys; all if None.
    """
    settings: dict[str, Any] = experiment.settings
    tables = read_known_tables(first=first)
    elections = known_elections(
        tables.index, tables.row_votes, tables.column_votes, tables.true_tables
    )
    parts = []
    for method in settings["methods"]:
        print(f"{method}: {len(elections)} elections", file=sys.stderr)
        parts.append(
            evaluate(
                elections,
                methods=[method],
                variants=settings["variants"],
                n_draws=settings["n_draws"] if method == settings["default"] else 0,
                level=settings["level"],
                seed=experiment.seed,
            )
        )
    errors = pd.concat(parts, ignore_index=True)
    mine = errors[errors["method"] == settings["default"]]
    peers = peer_rows(mine, tables.peers)
    shown = peers[peers["method"].isin(settings["shown_peers"])]
    return Found(
        errors=errors,
        summary=summary_by_dataset(pd.concat([errors, shown], ignore_index=True)),
        against=against_peer(mine, tables.peers, seed=experiment.seed),
    )


def run_study(experiment: Experiment, arguments: list[str]) -> int:
    """Print and write errors by dataset, the comparison with peers, and the figure."""
    found = compute(experiment, first=experiment.settings["first"])
    default = experiment.settings["default"]
    notes = [
        "error_index: percent of the votes in the wrong cell, mean of n elections, with 95% "
        f"bootstrap interval; covered: share of the true cells within {default}'s "
        f"{experiment.settings['level']:.0%} intervals (covered_votes: cells weighted by votes).",
        "tuned: settings were chosen on these elections; peers were not tuned by us. "
        "cpu_s per table, on another machine for peers.",
    ]
    against_notes = [f"ratio: error of {default} over that of the peer on the same elections."]
    title = experiment.title
    with run_folder(experiment, {FOLDER: paths.datasets() / FOLDER}, arguments) as run:
        write_parquet(run.path / "errors.parquet", found.errors)
        write_csv(run.path / "errors.csv", found.errors)
        for name, table, more in (
            ("by_dataset", found.summary, notes),
            ("against_peers", found.against, against_notes),
        ):
            write_study_table(
                run.path / "tables", name, table, title=title, notes=more, formats=FORMATS
            )
        figure = known_tables(
            found.summary,
            ours=experiment.settings["methods"],
            n_elections=found.errors["key"].nunique(),
            caption=SOURCE,
        )
        canvas.save(figure, run.path / "figures", "known_tables")
        print_study_table(found.summary, title=title, notes=notes, formats=FORMATS)
        shown = found.against[found.against["peer"].isin(experiment.settings["shown_peers"])]
        print()
        print_study_table(
            shown, title=f"{default} beside peers", notes=against_notes, formats=FORMATS
        )
    return 0
