"""What the study of known tables shows: the facts of its sentences, and its figure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple, TypedDict

import pandas as pd

from bench.core.arrays import sorted_digits
from bench.core.settings import Experiment
from bench.report.context import title_of
from bench.report.document import Document, Words, table_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.plotting import layout as canvas
from bench.report.report import Report
from bench.runner.results import Results
from bench.studies.base import settings_of
from bench.studies.ecological_inference.analysis import Settings, confounding_of
from bench.studies.known_tables import (
    COVERED,
    DISTRICTS,
    GIVEN_BEFORE,
    GROUP,
    LEVELS,
    MIN_CELL,
)

MIN_ELECTIONS = 6  # below which a bootstrap says little
TICKS = (5, 10, 20, 40)  # percent
OF_ERRORS = {"covered*": "%", "error_index": "2", "low": "2", "high": "2"}
OF_DIFFERENCES = {
    **dict.fromkeys(("error_index", "peer_error_index", "ratio", "ratio_low", "ratio_high"), "2"),
    **dict.fromkeys(("difference", "difference_low", "difference_high"), "2"),
    "lower_share": "0%",
}


class MeanError(NamedTuple):
    """What the default puts into the wrong cell, percent of the votes, with a 95 % interval.

    `covered` is the share of the cells that matter within their 90 % intervals, None without draws.
    """

    dataset: str
    variant: str
    is_tuned: bool
    n_elections: int
    error_index: float
    low: float
    high: float
    covered: float | None


class ErrorRatio(NamedTuple):
    """Our error over that of another system, same elections, with a 95 % interval."""

    peer: str
    n_elections: int
    ratio: float
    low: float
    high: float


class GivenBefore(NamedTuple):
    """The default where it is told the tables of the election before.

    `difference` is what the default errs more without them, points, with a 95 % interval.
    """

    error_index: float
    covered: float | None
    n_districts: int
    difference: float
    low: float
    high: float


class Confounding(NamedTuple):
    """The unit of the dose; the method whose intervals, of this level, are checked."""

    unit: str
    method: str
    level: float


class Facts(TypedDict):
    """What the document knows.

    `level` is that of the intervals of all cells, `probability_of` those of the cells that matter,
    by column.
    """

    title: str
    source: str
    default: str
    level: float
    n_methods: int
    n_elections: int
    n_peers: int
    min_elections: int
    min_cell: float
    probability_of: dict[str, float]
    default_error: MeanError
    best_peer: ErrorRatio | None
    given_before: GivenBefore | None
    confounding: Confounding | None


PAGE = Document(
    "ecological_inference",
    Facts,
    tables=("by_dataset", "against_peers", "by_dose"),
    figures=("known_tables",),
)


def report(experiment: Experiment, results: Results) -> Report:
    """Errors where the answer is known."""
    settings = settings_of(Settings, experiment)
    summary, against = results.tables["summary"], results.tables["against"]
    default_row = row_of_default(summary, settings)
    compared = against[against[GROUP].eq(default_row[GROUP]).all(axis=1)]
    confounding = _confounding(experiment, results)
    facts = Facts(
        title=title_of(experiment),
        source=PAGE.text("source_of_elections"),
        default=words_of(settings.default),
        level=settings.level,
        n_methods=len(settings.methods),
        n_elections=int(results.facts["n_elections"]),
        n_peers=len(set(against["peer"]) - set(settings.methods)),
        min_elections=MIN_ELECTIONS,
        min_cell=MIN_CELL,
        probability_of=dict(zip(COVERED, LEVELS, strict=True)),
        default_error=mean_error(default_row),
        best_peer=best_peer(compared, settings, n_elections=int(default_row["n"])),
        given_before=given_before(compared, summary) if settings.default == DISTRICTS else None,
        confounding=confounding,
    )
    tables = {
        "by_dataset": table_of(
            summary.drop(columns="cpu_s", errors="ignore"),
            shown=_in_words(_without_few(summary, "low", "high")),
            columns={**OF_ERRORS, "cpu_s": {"form": "2g", "in_files": False}},
            terminal=True,
        ),
    }
    if not against.empty:
        tables["against_peers"] = table_of(
            against,
            shown=_in_words(_without_few(against, "ratio_low", "ratio_high")),
            columns=OF_DIFFERENCES,
        )
    if confounding is not None:
        tables["by_dose"] = table_of(
            results.tables["by_dose"],
            columns={**OF_ERRORS, "added": "2"},
            filters=["method"],
            first={"method": confounding.method},
        )
    figures = {"known_tables": partial(known_tables, summary, settings.methods)}
    return PAGE.report(facts, tables, figures)


def row_of_default(summary: pd.DataFrame, settings: Settings) -> pd.Series:
    """The default on most elections; not on those that it was tuned on, if there are others."""
    rows = summary[summary["method"].eq(settings.default)]
    untouched = rows[~rows["tuned"].astype(bool)]
    candidates = untouched if len(untouched) else rows
    return candidates.sort_values("n", kind="stable").iloc[-1]


def mean_error(row: pd.Series) -> MeanError:
    """The error of a row of the summary."""
    return MeanError(
        dataset=words_of(row["dataset"]),
        variant=row["variant"],
        is_tuned=bool(row["tuned"]),
        n_elections=int(row["n"]),
        error_index=row["error_index"],
        low=row["low"],
        high=row["high"],
        covered=_or_none(row["covered_90"]),
    )


def best_peer(compared: pd.DataFrame, settings: Settings, *, n_elections: int) -> ErrorRatio | None:
    """The other system that comes nearest, of those that were run on half the elections.

    Parameters
    ----------
    compared
        Rows of the comparison of one variant and dataset.
    settings
        With the methods of this project.
    n_elections
        On which the default was run.
    """
    # a system that was run on a few elections only is no comparison
    is_comparable = compared["n"].ge(max(2, 0.5 * n_elections))
    peers = compared[is_comparable & ~compared["peer"].isin(settings.methods)]
    if peers.empty:
        return None
    best = peers.sort_values("ratio", kind="stable", key=sorted_digits).iloc[-1]
    return ErrorRatio(
        peer=words_of(best["peer"]),
        n_elections=int(best["n"]),
        ratio=best["ratio"],
        low=best["ratio_low"],
        high=best["ratio_high"],
    )


def given_before(compared: pd.DataFrame, summary: pd.DataFrame) -> GivenBefore | None:
    """What the election before changes on the same elections; None where it is not known.

    Parameters
    ----------
    compared
        Rows of the comparison of one variant and dataset.
    summary
        Errors of all methods.
    """
    methods = summary.rename(columns={"method": "peer"})
    coverage = methods[[*GROUP, "peer", "n", "covered_90"]]
    rows = compared[compared["peer"].eq(GIVEN_BEFORE)].merge(coverage, on=[*GROUP, "peer", "n"])
    if rows.empty:
        return None
    row = rows.iloc[0]
    return GivenBefore(
        error_index=row["peer_error_index"],
        covered=_or_none(row["covered_90"]),
        n_districts=int(row["n"]),
        difference=row["difference"],
        low=row["difference_low"],
        high=row["difference_high"],
    )


def _confounding(experiment: Experiment, results: Results) -> Confounding | None:
    settings = confounding_of(experiment)
    if settings is None:
        return None
    return Confounding(results.facts["dose_unit"], settings.default, settings.level)


def _or_none(number: float) -> float | None:
    return None if pd.isna(number) else float(number)


def words_of(key: str) -> str:
    """A method or a dataset in words.

    Examples
    --------
    >>> words_of("likelihood_districts"), words_of("ei_NZ_2002")
    ('likelihood districts', 'NZ 2002')
    """
    return key.removeprefix("ei_").replace("_", " ")


def _in_words(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with datasets and methods in words."""
    keys = [key for key in ("dataset", "method", "peer") if key in rows]
    return rows.assign(**{key: rows[key].map(words_of) for key in keys})


def _without_few(rows: pd.DataFrame, low: str, high: str) -> pd.DataFrame:
    """The table without intervals that rest on a few elections only."""
    enough = rows["n"].ge(MIN_ELECTIONS)
    return rows.assign(**{key: rows[key].where(enough) for key in (low, high)})


def known_tables(summary: pd.DataFrame, methods: Sequence[str], words: Words) -> Figure:
    """The mean error index of every method by dataset, one panel per variant.

    Parameters
    ----------
    summary
        variant, dataset, tuned, method, n, error_index, low, high.
    methods
        Those of this project; others are drawn hollow.
    words
        Of the section, with what the variants are called.
    """
    mean = (
        summary.groupby("method")["error_index"]
        .mean()
        .sort_values(kind="stable", key=sorted_digits)
    )
    pairs = summary[["dataset", "tuned"]].drop_duplicates().sort_values(["dataset", "tuned"])
    groups = [
        PAGE.text("group", dataset=words_of(dataset), is_tuned=is_tuned)
        for dataset, is_tuned in pairs.itertuples(index=False, name=None)
    ]
    looks = canvas.series_looks(groups, shift=0.18)
    rows = summary.merge(pairs.assign(group=groups), how="left").assign(
        peer=~summary["method"].isin(methods).to_numpy(),
        name=summary["method"].map(words_of).to_numpy(),
    )
    variants = set(summary["variant"])
    return Figure(
        panel="variant",
        panels={variant: label for variant, label in words.labels.items() if variant in variants},
        x=Axis(scale="log", ticks=TICKS),
        y=Axis(names=[words_of(str(method)) for method in mean.index]),
        height=0.5,
        per_row=0.27,
        bands=True,
        looks=looks,
        legend={group: look | {"linestyle": "-"} for group, look in looks.items()},
        marks=(
            Mark("rule", rows, "low", "name", "high", by="group"),
            Mark("dot", rows, "error_index", "name", by="group", hollow="peer"),
        ),
    )
