"""A sweep: a run for every combination of the values after `-m`, and one table across them."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bench.core.compose import as_typed, compose
from bench.core.errors import BenchError, ConfigError
from bench.core.write import csv_text, write_text
from bench.report.macros import RUN_WORDS
from bench.report.report import Report
from bench.report.tables import table
from bench.report.terminal import print_report

if TYPE_CHECKING:
    import pandas as pd

    from bench.studies.run import Run

SCORES = ("mae_pp", "crps_pp")


def combinations(arguments: Sequence[str]) -> list[dict[str, str]]:
    """The settings of every job that vary, by key.

    Raises
    ------
    ConfigError
        If no setting has several values.

    Examples
    --------
    >>> combinations(["+experiment=own", "seed=1,2", "n_draws=500"])
    [{'seed': '1'}, {'seed': '2'}]
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser

    values: dict[str, list[str]] = {}
    for argument in arguments:
        override = OverridesParser.create().parse_override(argument)
        if override.is_sweep_override():
            values[argument.partition("=")[0]] = [*map(str, override.sweep_string_iterator())]
    if not values:
        raise ConfigError("-m is given, but no setting has several values; accepted: key=a,b")
    return [dict(zip(values, row, strict=True)) for row in itertools.product(*values.values())]


def run_jobs(arguments: Sequence[str], *, everything: bool) -> int:
    """Run every job, a line for each, and print and write one table; the status of the worst.

    All are composed before the first is run; one that cannot be run stops no other.
    """
    from bench.cli.main import in_one_sentence, run_and_save, status_of

    jobs = []
    for job in combinations(arguments):
        fixed = [word for word in arguments if word.partition("=")[0] not in job]
        settings = as_typed([*fixed, *map("=".join, job.items())])
        jobs.append((job, settings, compose(*settings)))
    runs, status = [], 0
    for number, (job, settings, experiment) in enumerate(jobs, 1):
        try:
            run = run_and_save(experiment, settings)
        except BenchError as error:
            in_one_sentence(type(error), error, None)
            status = 1
            continue
        words = " ".join(map("=".join, job.items()))
        print(f"{number}/{len(jobs)}  {words}  {run.folder}", flush=True)
        if everything:
            run.print(everything=True)
        status = max(status, status_of(run))
        runs.append((job, run))
    if runs:
        _compare(runs)
    return status


def across(runs: Sequence[tuple[Mapping[str, str], Run]]) -> pd.DataFrame:
    """MAE and CRPS of every method in every job, or else the first numbers of the printed table."""
    import pandas as pd

    parts = []
    for job, run in runs:
        table = run.shown.printed[0]
        numbers = [column.key for column in table.columns if column.numeric]
        scores = [key for key in SCORES if key in numbers] or numbers[:2]
        part = table.data.set_index(table.columns[table.name_at].key)[scores].dropna(how="all")
        parts.append(part.rename_axis("method").reset_index().assign(**job))
    return pd.concat(parts, ignore_index=True)


def _compare(runs: Sequence[tuple[Mapping[str, str], Run]]) -> None:
    """Print the scores of the methods that differ between jobs, and write those of all."""
    rows = across(runs)
    job, first = runs[0]
    assert first.folder is not None
    path = write_text(first.folder.with_name(f"sweep_{first.folder.name}.csv"), csv_text(rows))
    scores = list(rows.columns.drop(["method", *job]))
    by_method = rows.round(9).groupby("method", sort=False)
    is_same = by_method[scores].nunique(dropna=False).eq(1).all(axis=1)
    is_same &= by_method.size().eq(len(runs))
    moved = rows[~rows["method"].map(is_same)].sort_values("method", kind="stable")
    columns = {
        column.key: {"label": column.label, "meaning": column.meaning}
        for column in first.shown.printed[0].columns
    }
    result = table(
        "sweep",
        moved,
        title=RUN_WORDS.text("sweep", n=len(runs)),
        notes=RUN_WORDS.lines("sweep_same", methods=list(is_same.index[is_same])),
        show=["method", *job, *scores],
        columns=columns | {key: {"label": key} for key in job},
    )
    print()
    print_report(Report(title=result.title, tables=(result,)), everything=True)
    print(f"table: {path}", file=sys.stderr)
