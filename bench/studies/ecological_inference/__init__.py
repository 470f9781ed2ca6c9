"""The study of ecological inference on elections whose tables are known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core import paths
from bench.core.settings import Experiment
from bench.core.write import write_csv, write_parquet
from bench.data.known_elections import FOLDER, KnownTables, read_known_tables
from bench.metrics.transition_tables import (
    against_peer,
    evaluate,
    known_elections,
    peer_rows,
    summary_by_dataset,
)
from bench.models.ecological_inference import LikelihoodSettings
from bench.report.plain_table import plain_table
from bench.report.report import Report, print_study_table, print_table
from bench.report.table import Table
from bench.runner import Part, memoised, run
from bench.runner.results import Results
from bench.studies.ecological_inference.plots import known_tables
from bench.studies.published import publish_study

PER_PIECE = 30  # elections
FEW = 6  # elections below which a bootstrap says little
SOURCE = "Elections: New Zealand 2002 and 2005, Scotland 2007 (Pavía 2022), CC BY 4.0."
FORMATS = {
    **dict.fromkeys(["error_index", "peer_error_index", "low", "high"], "2"),
    **dict.fromkeys(["difference", "difference_low", "difference_high"], "2"),
    "lower_share": "0%",
}


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


def compute(experiment: Experiment) -> Found:
    """Run every method on every known election.

    Parameters
    ----------
    experiment : Experiment
        Its settings: `methods`, `variants`, `n_draws`, `level`, `default`, `shown_peers`, `first`
        (how many elections, in order of their keys; all if null), `context` (false: the
        likelihood method without its contextual part, which was tuned on some of the elections).
    """
    settings: dict[str, Any] = experiment.settings
    tables = _known(experiment)
    n = len(tables.index)
    parts = [
        {"method": method, "start": start, "stop": min(start + PER_PIECE, n)}
        for method in settings["methods"]
        for start in range(0, n, PER_PIECE)
    ]
    made = run(experiment, some_elections, parts, [paths.datasets() / FOLDER])
    errors = pd.concat([one.tables["errors"] for one in made], ignore_index=True)
    mine = errors[errors["method"] == settings["default"]]
    peers = peer_rows(mine, tables.peers)
    shown = peers[peers["method"].isin(settings["shown_peers"])]
    return Found(
        errors=errors,
        summary=summary_by_dataset(pd.concat([errors, shown], ignore_index=True)),
        against=against_peer(mine, tables.peers, seed=experiment.seed),
    )


def some_elections(experiment: Experiment, part: Part) -> Results:
    """One method on the elections from `start` to before `stop`."""
    settings, method = experiment.settings, str(part["method"])
    tables = _known(experiment)
    elections = memoised(
        "known elections",
        experiment,
        [paths.datasets() / FOLDER],
        lambda: known_elections(
            tables.index, tables.row_votes, tables.column_votes, tables.true_tables
        ),
    )
    table = evaluate(
        elections[part["start"] : part["stop"]],
        methods=[method],
        variants=settings["variants"],
        n_draws=settings["n_draws"] if method == settings["default"] else 0,
        level=settings["level"],
        settings=None if settings.get("context", True) else LikelihoodSettings(context=0),
        seed=experiment.seed,
    )
    return Results(tables={"errors": table})


def _known(experiment: Experiment) -> KnownTables:
    return memoised(
        "known tables",
        experiment,
        [paths.datasets() / FOLDER],
        lambda: read_known_tables(first=experiment.settings["first"]),
    )


def run_study(experiment: Experiment, arguments: list[str]) -> int:
    """Print and write errors by dataset, the comparison with peers, and the figure."""
    found = compute(experiment)
    kept = Results(
        tables={"summary": found.summary, "against": found.against},
        facts={"n_elections": int(found.errors["key"].nunique())},
    )

    def long_table(folder: Path) -> None:
        write_parquet(folder / "errors.parquet", found.errors)
        write_csv(folder / "errors.csv", found.errors)

    data = {FOLDER: paths.datasets() / FOLDER}
    summary, against = _tables(experiment, kept)
    publish_study(experiment, data, arguments, kept, report_of, also=long_table)
    print_table(summary)
    print()
    shown = found.against[found.against["peer"].isin(experiment.settings["shown_peers"])]
    print_study_table(shown, title=against.title, notes=against.notes, formats=FORMATS)
    return 0


def report_of(experiment: Experiment, kept: Results) -> Report:
    """Errors where the answer is known, in words, tables and figures."""
    summary, n = kept.tables["summary"], int(kept.facts["n_elections"])
    return Report(
        title=experiment.title,
        findings=told(summary, kept.tables["against"], experiment.settings["default"]),
        tables=_tables(experiment, kept),
        figures={
            "known_tables": lambda size: known_tables(
                summary,
                ours=experiment.settings["methods"],
                n_elections=n,
                caption=SOURCE,
                size=size,
            )
        },
        source=SOURCE,
        kicker="Ecological inference, measured",
        counts=(
            ("Elections", str(n)),
            ("Methods of this project", str(len(experiment.settings["methods"]))),
            ("Other systems", str(kept.tables["against"]["peer"].nunique())),
        ),
    )


def told(summary: pd.DataFrame, against: pd.DataFrame, default: str) -> tuple[str, ...]:
    """The error of the default method, and of the best other system on the same elections."""
    mine = summary[summary["method"].eq(default)]
    fresh = mine[~mine["tuned"].astype(bool)]
    row = (fresh if len(fresh) else mine).sort_values("n").iloc[-1]
    where = "not tuned on them" if len(fresh) else "tuned on them"
    first = (
        f"{default} puts {row['error_index']:.1f}% of the votes into the wrong cell of the table "
        f"of transitions (mean of {int(row['n'])} elections of {row['dataset']}, {where}, variant "
        f"{row['variant']}; 95% bootstrap interval {row['low']:.1f} to {row['high']:.1f}%)."
    )
    same = against[
        against["dataset"].eq(row["dataset"])
        & against["variant"].eq(row["variant"])
        & against["tuned"].eq(row["tuned"])
    ]
    # a system that was run on a few elections only is no comparison
    same = same[same["n"].ge(max(2, 0.5 * row["n"]))]
    if same.empty:
        return (first,)
    best = same.sort_values("ratio").iloc[-1]
    return (
        first,
        f"The closest of the other systems there is {best['peer']}: on the same {int(best['n'])} "
        f"elections our error is {best['ratio']:.2f} of its (95% interval {best['ratio_low']:.2f} "
        f"to {best['ratio_high']:.2f}).",
    )


def _shown(table: pd.DataFrame, low: str, high: str) -> pd.DataFrame:
    """The table without intervals that rest on a few elections only."""
    enough = table["n"].ge(FEW)
    return table.assign(**{key: table[key].where(enough) for key in (low, high)})


def _tables(experiment: Experiment, kept: Results) -> tuple[Table, Table]:
    default = experiment.settings["default"]
    few = f"No interval from fewer than {FEW} elections."
    notes = [
        "Percent of the votes in the wrong cell: mean of n elections, with 95% bootstrap interval "
        f"(from, to). Inside: share of the true cells within {default}'s "
        f"{experiment.settings['level']:.0%} intervals. {few}",
        "Tuned: settings were chosen on these elections; other systems were not tuned by us.",
    ]
    ratio = f"Ours: {default}, on the same elections; 95% bootstrap interval (from, to). {few}"
    return (
        plain_table(
            "by_dataset", kept.tables["summary"],
            shown=_shown(kept.tables["summary"], "low", "high"), title=experiment.title,
            notes=notes, formats=FORMATS, heading="The same in numbers: votes in the wrong cell",
        ),
        plain_table(
            "against_peers", kept.tables["against"], title=f"{default} beside other systems",
            shown=_shown(kept.tables["against"], "ratio_low", "ratio_high"),
            notes=[ratio], formats=FORMATS, heading=f"Our default, {default}, beside other systems",
            labels={"error_index": "ours, %"},
        ),
    )  # fmt: skip
