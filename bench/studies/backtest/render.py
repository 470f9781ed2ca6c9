"""Everything a finished backtest has to show, from its long tables alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core import DataError, paths
from bench.core.seeds import generator
from bench.core.write import write_text
from bench.metrics.comparison.compare import compare
from bench.report.kept_context import FACTS, Shown, facts_text, read_facts
from bench.report.report import write_study
from bench.report.table import Table
from bench.report.tables import write_table
from bench.studies.backtest.comparison import comparison_report, missing_table
from bench.studies.backtest.context import sources_of
from bench.studies.backtest.summary import report_summary
from bench.studies.backtest.vote import report_vote
from bench.studies.backtest.words import GAPS_FILLED, RETROSPECTIVE, polls_at_the_end


def keep_facts(folder: Path, shown: list[Shown]) -> None:
    """Write `facts.json`: what `show_again` has to know beside the long tables."""
    write_text(folder / FACTS, facts_text(shown, paths.datasets()))


def show(
    folder: Path,
    errors: pd.DataFrame,
    forecasts: pd.DataFrame,
    methods: pd.DataFrame,
    settings: Mapping[str, Any],
    shown: list[Shown],
    *,
    timings: pd.DataFrame | None = None,
    keep: Path | None = None,
) -> None:
    """Print and write tables, figures and pages.

    Parameters
    ----------
    folder : Path
        Of the run.
    errors, forecasts, methods : pandas.DataFrame
        Long tables.
    settings : mapping
        Of the experiment: `seed`, `baseline`, `title`, `name` are read.
    shown : list of Shown
        The votes.
    timings : pandas.DataFrame, optional
        Seconds by cell and predictor; printed with the summary of many votes.
    keep : Path, optional
        Where drawings are kept from run to run.
    """
    more: list[Table] = []
    if len(shown) > 1 or any(item.quietly for item in shown):
        rng = generator(settings["seed"], "comparisons")
        found = compare(errors, settings["baseline"], rng)
        partly = methods["status"].eq("ok") & methods["named"].between(
            1, methods["n_candidates"] - 1
        )
        also = [
            *([GAPS_FILLED] if partly.any() else []),
            *polls_at_the_end([item.facts for item in shown]),
            *([RETROSPECTIVE] if settings.get("learn_from") == "others" else []),
        ]
        found = replace(found, sentences=(*found.sentences, *also))
        title = settings["title"] or settings["name"]
        more = report_summary(
            folder,
            found.summary,
            found.by_round,
            found.by_vote,
            found.sentences,
            title,
            timings=timings,
        )
        if not any(item.whole for item in shown):
            source = sources_of(settings["elections"])
            report = comparison_report(found.summary, methods, more, found.sentences, title, source)
            write_study(folder, report, shown[0].facts.manifest, shown[0].facts.cite)
        else:
            more = [*more, missing_table(methods)]
            write_table(folder / "tables", more[-1])
    for item in shown:
        report_vote(
            folder,
            item.label,
            errors,
            forecasts,
            methods,
            item.facts,
            quietly=item.quietly,
            whole=item.whole,
            keep=keep,
            more=more,
        )


def show_again(run: Path, target: Path) -> list[Shown]:
    """Tables, figures and page of a kept run, made again without running it.

    Parameters
    ----------
    run : Path
        The folder of the run.
    target : Path
        Where to write; the run itself, or another folder.

    Raises
    ------
    DataError
        If the folder is not that of a whole backtest.
    """
    shown = shown_of(run)
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    path = run / "timings.csv"
    timings = pd.read_csv(path) if path.is_file() else None
    show(target, *long_tables(run), manifest["settings"], shown, timings=timings)
    return shown


def shown_of(run: Path) -> list[Shown]:
    """The votes of a kept run.

    Raises
    ------
    DataError
        As `show_again`.
    """
    try:
        manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{run / 'manifest.json'}: cannot be read ({error})") from error
    return read_facts(run / FACTS, manifest, paths.datasets())


def long_tables(run: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The tables `errors`, `forecasts` and `methods` of a kept run.

    Raises
    ------
    DataError
        As `show_again`.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    found = []
    for name in ("errors", "forecasts"):
        path = run / f"{name}.parquet"
        try:
            found.append(pq.read_table(path).to_pandas())
        except (OSError, pa.ArrowException) as error:
            raise DataError(f"{path}: cannot be read ({str(error).splitlines()[0]})") from error
    path = run / "methods.csv"
    if not path.is_file():
        raise DataError(f"{path}: cannot be read (no such file)")
    # an empty cell of this table is an empty text
    methods = pd.read_csv(path, keep_default_na=False)
    methods["as_of"] = pd.to_datetime(methods["as_of"])
    for moment in {"data_used_until", "newest_row_on"} & set(methods):
        methods[moment] = pd.to_datetime(methods[moment], errors="coerce")
    return found[0], found[1], methods


def figures_in_sizes(
    target: Path,
    errors: pd.DataFrame,
    forecasts: pd.DataFrame,
    methods: pd.DataFrame,
    shown: list[Shown],
    sizes: list[str],
) -> None:
    """Write every figure in these size presets as well."""
    from bench.report.plotting.layout import save
    from bench.studies.backtest.headline import headline
    from bench.studies.backtest.plots.choose import figures_of

    for item in shown:
        facts = item.facts
        cell = methods["election"].eq(facts.election) & methods["round"].eq(facts.round)
        mine = methods[cell & methods["as_of"].eq(facts.as_of)]
        table = headline(errors, forecasts, mine, facts, ballot=facts.ballot_keys[0])
        for name, draw in figures_of(errors, forecasts, table, facts).items():
            for size in sizes:
                ending = "" if size == "double" else f"_{size}"
                save(draw(size), target / "figures", f"{item.label}{name}{ending}")
