"""Two runs side by side: what changed between them, and whether their numbers may be ranked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.core.arrays import sorted_digits
from bench.core.errors import ConfigError, DataError
from bench.core.language import N_, _
from bench.data.election import load_election, series_of
from bench.metrics.comparison.compare import compare
from bench.report.comparison import comparison_tables
from bench.report.formatting import format_fixed, format_significant
from bench.report.report import Report
from bench.report.run_folder import read_manifest, said_if_changed
from bench.report.tables import table
from bench.runner.results import read_table

PARTS = {"code": N_("Code"), "data": N_("Data"), "settings": N_("Settings")}
SHOWN = 12  # changes that are named
# where a run is written or what it is called changes no number
NAMES_ONLY = ("name", "title", "language", "results", "audit", "frozen", "execution", "save_draws")
KEYS = ["election", "round", "as_of", "predictor", "area", "ballot", "candidate", "metric"]


@dataclass(frozen=True, kw_only=True)
class Run:
    """A folder of results: where its numbers come from, and the numbers."""

    folder: Path
    manifest: Mapping[str, Any]
    errors: pd.DataFrame


def load_run(folder: Path) -> Run:
    """A run from its folder.

    Raises
    ------
    ConfigError, DataError
        If the folder is no run, or a file of it cannot be read.
    """
    path = folder / "errors.parquet"
    if not path.is_file():
        raise ConfigError(
            f"{folder} is no run of a backtest: {path.name} is missing; give a folder such as "
            "results/2017_r1/2026-01-31_12-00-00"
        )
    manifest = read_manifest(folder)
    with said_if_changed(folder, manifest):
        return Run(folder=folder, manifest=manifest, errors=read_table(path))


def changes(one: Run, other: Run) -> dict[str, list[str]]:
    """What differs in code, data and settings, by name; only parts that do.

    Of predictors, only those count that both runs have: a new contestant changes nobody's
    numbers.
    """
    shared = set(_predictors(one)) & set(_predictors(other))
    found = {
        "code": _differing(_code(one, shared), _code(other, shared)),
        "data": _differing(one.manifest["data"], other.manifest["data"]),
        "settings": _differing(_settings(one, shared), _settings(other, shared)),
    }
    return {part: names for part, names in found.items() if names}


def changed_numbers(one: Run, other: Run) -> pd.DataFrame:
    """Largest difference of any score, by predictor of both runs, in the score's own unit.

    Returns
    -------
    pandas.DataFrame
        `predictor`, `same`, `different`, `only_first`, `only_second` (numbers of scores) and
        `largest` (with `score`, the one that differs most).
    """
    both = one.errors.merge(
        other.errors, on=KEYS, how="outer", suffixes=("_1", "_2"), indicator="where"
    )
    both["apart"] = (both["value_1"] - both["value_2"]).abs()
    moved, paired = both["apart"] > 0, both["where"].eq("both")
    both = both.assign(
        same=paired & ~moved,
        different=moved,
        only_first=both["where"].eq("left_only"),
        only_second=both["where"].eq("right_only"),
    )
    by_name = both.groupby("predictor")
    found = by_name[["same", "different", "only_first", "only_second"]].sum()
    worst = (
        both[moved].sort_values("apart", kind="stable").drop_duplicates("predictor", keep="last")
    )
    worst = worst.set_index("predictor").reindex(found.index)
    found["largest"], found["metric"] = worst["apart"].fillna(0.0), worst["metric"].fillna("")
    return found.reset_index()


def became_better(one: Run, other: Run) -> pd.DataFrame:
    """Mean errors of every predictor in both runs, over the votes that both runs score.

    The candidates are those of the ranking where both runs rank on the same ones, else the whole
    ballot. First the mean over candidates, then over votes.

    Returns
    -------
    pandas.DataFrame
        `predictor`, `votes`, `mae_1`, `mae_2`, `crps_1`, `crps_2` and `change` (of CRPS, below 0
        where the second run is better), in percentage points, the greatest improvement first.

    Raises
    ------
    DataError
        If there is no vote that a predictor forecasts in both runs.
    """
    ranked = [run.manifest["settings"].get("ranked_on") for run in (one, other)]
    ballot = "compared" if ranked[0] and ranked[0] == ranked[1] else "all"
    vote = [key for key in KEYS if key not in ("area", "ballot", "candidate", "metric")]
    means = []
    for run in (one, other):
        rows = run.errors[run.errors["area"].eq("national") & run.errors["ballot"].eq(ballot)]
        rows = rows[rows["metric"].isin(["absolute_error", "crps"])]
        means.append(100 * rows.pivot_table(index=vote, columns="metric", values="value"))
    both = means[0].add_suffix("_1").join(means[1].add_suffix("_2"), how="inner")
    if both.empty:
        raise DataError(
            f"{one.folder} and {other.folder} share no forecast of the same vote at the same "
            "moment, so no method can be compared; give two runs of one experiment"
        )
    both = both.rename(columns=lambda name: name.replace("absolute_error", "mae"))
    groups = both.groupby("predictor")
    rows = groups.mean().assign(votes=groups.size()).reset_index()
    rows["change"] = rows["crps_2"] - rows["crps_1"]
    kept = ["predictor", "votes", "mae_1", "mae_2", "crps_1", "crps_2", "change"]
    return rows.sort_values(["change", "predictor"], key=sorted_digits)[kept].reset_index(drop=True)


def ranked_together(one: Run, other: Run, despite: Collection[str]) -> pd.DataFrame:
    """The errors of both runs in one table, or a refusal that says which run is stale and why.

    Parameters
    ----------
    one, other : Run
        Predictors of both with the same numbers are one row; with other numbers the second
        run's are marked.
    despite : collection of str
        What may differ: exactly the parts that do.

    Raises
    ------
    DataError
        If another part differs, or one is named that does not.
    """
    found = changes(one, other)
    baseline = str(one.manifest["settings"].get("baseline", ""))
    for part in PARTS:
        if part in found and part not in despite:
            raise DataError(
                f"not ranked together: {one.folder} and {other.folder} were made with other "
                f"{part} ({_shortened(found[part])}), so '{baseline}' in the one is stale for the "
                f"other; run both again, or name what may differ: --despite {' '.join(found)}"
            )
    if spare := [part for part in despite if part not in found]:
        raise DataError(f"--despite names '{spare[0]}', which does not differ; leave it out")
    numbers = changed_numbers(one, other).set_index("predictor")
    second = other.errors.copy()
    moved = numbers.index[(numbers["different"] > 0)]
    same = [name for name in numbers.index if name not in moved]
    in_first = set(one.errors["predictor"])
    second = second[~(second["predictor"].isin(same) & second["predictor"].isin(in_first))]
    marked = second["predictor"].where(
        ~second["predictor"].isin(moved), second["predictor"] + " (second run)"
    )
    return pd.concat([one.errors, second.assign(predictor=marked)], ignore_index=True)


def runs_report(one: Run, other: Run, *, despite: Collection[str] | None = None) -> Report:
    """What changed between two runs, in sentences and tables for a terminal.

    Parameters
    ----------
    one, other : Run
        The first and the second.
    despite : collection of str, optional
        Rank the predictors of both together although these parts differ; no ranking if left out.

    Raises
    ------
    DataError
        As `ranked_together`.
    """
    found = changes(one, other)
    lines = [
        _("First run: {folder}", folder=str(one.folder)),
        _("Second run: {folder}", folder=str(other.folder)),
    ]
    for part, called in PARTS.items():
        if names := found.get(part, []):
            text = _shortened(names, SHOWN)
            lines.append(
                _("{part}: {n} changed ({names})", part=_(called), n=len(names), names=text)
            )
        else:
            lines.append(_("{part}: the same in both", part=_(called)))
    commits = [str(run.manifest.get("commit") or _("none recorded")) for run in (one, other)]
    if commits[0] != commits[1]:
        lines.append(_("Commit: {first} → {second}", first=commits[0], second=commits[1]))
    tables = [
        table(
            "numbers",
            changed_numbers(one, other),
            title=_("How many scores are the same, differ, or are in one run only"),
            columns={"largest": {"write": _largest, "numeric": False}},
            of="runs",
            show=["predictor", "same", "different", "only_first", "only_second", "largest"],
            terminal=True,
        )
    ]
    try:
        tables.append(
            table(
                "better",
                became_better(one, other),
                title=_("Means over the votes that both runs score"),
                columns={
                    "mae": {"write": _from_to("mae")},
                    "crps": {"write": _from_to("crps")},
                    "change": {"write": _verdict, "numeric": False},
                },
                of="runs",
                show=["predictor", "votes", "mae", "crps", "change"],
                notes=(_("On few votes, a change says little about the next election."),),
                terminal=True,
            )
        )
    except DataError as error:
        lines.append(f"{str(error)[0].upper()}{str(error)[1:]}.")
    if despite is not None:
        settings = one.manifest["settings"]
        rng = np.random.default_rng(int(settings["seed"]))
        try:
            series = series_of(load_election(name) for name in settings["elections"])
        except (ConfigError, DataError):
            series = {}  # of another machine: all elections count as one series
        both = ranked_together(one, other, despite)
        result = compare(both, str(settings["baseline"]), rng, series)
        title = _("The methods of both runs, ranked together")
        tables += comparison_tables(
            result.summary,
            result.by_round,
            result.by_vote,
            result.facts,
            title,
        )
    return Report(title=_("Two runs compared"), findings=tuple(lines), tables=tuple(tables))


def _from_to(key: str) -> Callable[[Mapping[Any, Any]], str]:
    return lambda row: f"{format_fixed(row[f'{key}_1'])} → {format_fixed(row[f'{key}_2'])}"


def _largest(row: Mapping[Any, Any]) -> str:
    return f"{format_significant(row['largest'], 3)} ({row['metric']})" if row["different"] else ""


def _verdict(row: Mapping[Any, Any]) -> str:
    change = row["change"]
    if not round(change, 2):
        return _("the same") if change == 0 else _("the same to within 0.01 points")
    if change < 0:
        return _("better by {size:.2f}", size=-change)
    return _("worse by {size:.2f}", size=change)


def _code(run: Run, shared: Collection[str]) -> dict[str, Any]:
    code = run.manifest["code"]
    predictors = {k: v for k, v in code["predictors"].items() if k in shared}
    return {"harness": code["harness"], "predictors": predictors}


def _settings(run: Run, shared: Collection[str]) -> dict[str, Any]:
    settings = {k: v for k, v in run.manifest["settings"].items() if k not in NAMES_ONLY}
    settings["predictors"] = {k: v for k, v in _predictors(run).items() if k in shared}
    return settings


def _predictors(run: Run) -> dict[str, Any]:
    return dict(run.manifest["settings"].get("predictors") or {})


def _differing(one: Any, other: Any, name: str = "") -> list[str]:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        keys = sorted({*map(str, one), *map(str, other)})
        return [
            found
            for key in keys
            for found in _differing(one.get(key), other.get(key), f"{name}/{key}" if name else key)
        ]
    if one == other:
        return []
    if isinstance(one or other, Mapping) and None in (one, other):
        return [f"{name}: only in the {'second' if one is None else 'first'} run"]
    is_sum = any(isinstance(value, str) and len(value) >= 40 for value in (one, other))
    return [name if is_sum else f"{name}: {one} → {other}"]


def _shortened(names: list[str], most: int = 4) -> str:
    more = _(" and {n} more", n=len(names) - most) if len(names) > most else ""
    return "; ".join(names[:most]) + more
