"""What the site shows: experiments with their runs, elections, methods, families, data cards."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from bench.core import paths
from bench.core.errors import BenchError
from bench.core.language import LANGUAGES, N_, SOURCE, _, spoken
from bench.core.options import files, first_comment, method_of, options
from bench.core.registry import load_predictor
from bench.data.election import Election, folder_names, load_election
from bench.data.tables import outcome_of
from bench.report.charts import Chart, errors_of
from bench.report.run_folder import runs_by_time
from bench.studies.run import Run, load_run
from bench.studies.track_record.plots import forest_chart

CHART = "chart.png"
ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "results" / "reference"
DOCS = ROOT / "docs"
ABOUT_ERRORS = N_(
    "Bars: error on the candidates compared. Rings: error on the whole ballot, where methods "
    "that name few are filled up by rule. In percentage points; shorter is better."
)
ABOUT_RECORD = N_(
    "Points: how large the error of a family of methods is compared with the last polls, over "
    "all elections for which both gave a forecast; lines: 95% intervals, none (hollow points) "
    "where there are too few election days to say."
)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One experiment: its latest run, and its reference results.

    Attributes
    ----------
    name : str
        Key of the experiment.
    run : Run or None
        The latest run in the folder of results.
    """

    name: str
    run: Run | None

    @property
    def about(self) -> str:
        """What the experiment is, in one sentence."""
        return first_comment("experiment", self.name)

    @cached_property
    def runs(self) -> dict[str, Run]:
        """The run by the language of its report."""
        return {code: self.run.in_language(code) for code in LANGUAGES} if self.run else {}

    @property
    def claims(self) -> tuple[str, ...]:
        """What the run found, in sentences; the first is the claim."""
        return self.runs[spoken()].findings if self.run else ()

    @property
    def reference(self) -> Path | None:
        """The folder of its reference results."""
        folder = REFERENCE / self.name
        return folder if folder.is_dir() else None

    @cached_property
    def pictures(self) -> tuple[Path, ...]:
        """The figure with which the report begins; without a run those of the reference."""
        if self.run is not None and self.run.folder is not None:
            path = self.run.folder / "figures" / f"{self.runs[SOURCE].shown.first}.png"
            return (path,) if path.is_file() else ()
        return tuple(sorted(self.reference.glob("*.png"))) if self.reference else ()

    @cached_property
    def record(self) -> pd.DataFrame | None:
        """Pairs of families of methods, where the experiment compares these over many elections."""
        table = self._table("pairs")
        return table if "verdict" in table else None

    def chart(self, *, most: int = 14) -> Chart | None:
        """The chart with which its report begins, or that shows its reference results.

        Parameters
        ----------
        most : int
            Methods shown at most.
        """
        if self.run is not None:
            shown = self.runs[spoken()].shown
            return shown.charts.get(shown.first)
        if self.headline is not None:
            return replace(errors_of(self.headline, most=most), caption=_(ABOUT_ERRORS))
        if self.record is not None:
            settings = self._settings["settings"]
            key = "label" if spoken() == SOURCE else f"label_{spoken()}"
            labels = {name: one[key] for name, one in settings["families"].items()}
            known = {"labels": labels, "reference": settings["reference"]}
            return replace(forest_chart(self.record, known), caption=_(ABOUT_RECORD))
        return None

    @cached_property
    def _settings(self) -> dict[str, Any]:
        """The YAML of the experiment."""
        return yaml.safe_load(files("experiment")[self.name].read_text(encoding="utf-8")) or {}

    @cached_property
    def picture(self) -> str:
        """The file of the one picture that stands for it; empty if it has none."""
        if self.chart() is not None:
            return CHART
        return self.pictures[0].name if self.pictures else ""

    @property
    def tables(self) -> tuple[Path, ...]:
        """Tables on file as CSV."""
        folder = self.run.folder / "tables" if self.run and self.run.folder else self.reference
        return tuple(sorted(folder.glob("*.csv"))) if folder else ()

    @property
    def elections(self) -> tuple[str, ...]:
        """Elections that it is about."""
        if self.run:
            return tuple(self.run.experiment.elections)
        return tuple(map(str, self._settings.get("elections") or ()))

    @cached_property
    def headline(self) -> pd.DataFrame | None:
        """Errors of every method that may be compared, where it is a backtest."""
        table = self._table("headline")
        needed = {"predictor", "family", "mae_pp", "mae_full_pp"}
        if not needed <= set(table.columns):
            return None
        return table[table["block"].ne("outside")] if "block" in table else table

    def _table(self, name: str) -> pd.DataFrame:
        """A table on file; without columns where there is none."""
        named = [path for path in self.tables if path.stem == name]
        return pd.read_csv(named[0]) if named else pd.DataFrame()


def experiments(results: Path) -> list[Shown]:
    """Every experiment that was run into a folder of results or has reference results.

    Parameters
    ----------
    results : Path
        Where runs lie.
    """
    latest = {run.parent.name: run for run in runs_by_time(results)}
    found = []
    for name in options("experiment"):
        run = None
        if name in latest:
            try:
                run = load_run(latest[name], results)
                run.findings  # noqa: B018 - a run of another version has no report any more
            except BenchError:
                run = None
        shown = Shown(name=name, run=run)
        if run is not None or shown.reference is not None:
            found.append(shown)
    return found


def record_of(method: str, shown: list[Shown]) -> list[dict[str, Any]]:
    """How a method did in every backtest that has a headline: errors, evidence's age."""
    rows = []
    for one in shown:
        table = one.headline
        if table is None:
            continue
        for row in table[table["predictor"].eq(method)].to_dict("records"):
            facts = {str(key): value for key, value in row.items()}
            rows.append({**facts, "experiment": one.name})
    return rows


def methods() -> dict[str, dict[str, Any]]:
    """Facts of every method by name: family, evidence, first line, settings as their YAML."""
    found = {}
    for name in options("predictor"):
        kind = load_predictor(method_of("predictor", name))
        path = paths.configs() / "predictor" / f"{name}.yaml"
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        body = [line for line in lines if not line.startswith(("# @package", "# label", "{}"))]
        found[name] = {
            "about": (kind.__doc__ or "").partition("\n")[0],
            "family": kind.family,
            "needs": sorted(needs) if isinstance(needs := kind.needs, frozenset) else [],
            "settings": "\n".join(body),
        }
    return found


def elections() -> dict[str, Election]:
    """Every election with a folder of its own, latest vote first; made-up ones last."""
    found = {name: load_election(name) for name in folder_names()}
    order = sorted(
        found, key=lambda name: (found[name].country == "XT", -_last_day(found[name]).toordinal())
    )
    return {name: found[name] for name in order}


def _last_day(election: Election) -> date:
    return max(one.vote_on for one in election.rounds.values())


def votes(election: Election) -> list[dict[str, Any]]:
    """The rounds of an election with their official shares, the most votes first."""
    rounds = []
    for number, this in election.rounds.items():
        rows: list[tuple[str, float]] = []
        try:
            share = outcome_of(election, number).share.sort_values(ascending=False, kind="stable")
            names = election.people.set_index("candidate")["name"]
            rows = [(str(names[str(key)]), float(value)) for key, value in share.items()]
        except BenchError:
            pass  # still to come
        rounds.append({"number": number, "day": this.vote_on, "seats": this.seats, "rows": rows})
    return rounds


def cards() -> dict[str, str]:
    """The card of every dataset, in Markdown."""
    found = sorted(paths.datasets().glob("*/CARD.md"))
    return {path.parent.name: path.read_text(encoding="utf-8") for path in found}


def licence_of(card: str) -> str:
    """What a card says under the heading of its licence, in one line.

    Examples
    --------
    >>> licence_of("## Licence\\n\\n- votes: open\\n- polls: facts\\n\\n## Quirks")
    'votes: open; polls: facts'
    """
    found = re.search(r"(?ms)^## Licence\n+(.*?)(?=^## |\Z)", card)
    lines = [line.strip("- ").rstrip(".") for line in (found[1] if found else "").splitlines()]
    return "; ".join(filter(None, lines))


def family_pages() -> dict[str, str]:
    """The page of every family of methods, in Markdown, by the stem of its file."""
    folder = DOCS / "families"
    pages = sorted(folder.glob("*.md")) if folder.is_dir() else []
    return {path.stem: path.read_text(encoding="utf-8") for path in pages if path.stem != "index"}
