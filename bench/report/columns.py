"""The one registry of columns: what each is called, what it means, how its values are written.

`columns.csv` holds a line per column of the data: label, form, and meaning with unit and better
direction. CSV files keep the keys of the data; every other form of a table shows the labels. A
study that means something of its own by a key hands its own `ColumnSpec` to `bench.report.tables`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

FORMS = {"probability": "%", "squared probability": "3", "nats": "2"}  # of metrics, by unit
BETTER = {
    "lower": "lower is better",
    "higher": "higher is better",
    "zero": "0 is best",
    "uniform": "best spread evenly",
}


@dataclass(frozen=True)
class ColumnSpec:
    """How a column is shown.

    Attributes
    ----------
    label, meaning : str
        Printed above the column; said where there is room, with unit and better direction.
    form : str
        As of `bench.report.formatting.format_value`.
    write : function, optional
        From the whole row to the text of the cell, where one value in one form does not say it.
    numeric : bool, optional
        Whether it stands to the right and is sorted by number; by the data if left out.
    in_files : bool
        Whether files and page show it, or a terminal alone: seconds differ from run to run.
    in_papers, in_terminal : bool
        Whether LaTeX and a terminal show it.
    spare : int
        In a terminal without room the columns with the lowest number go first; 0 stays.
    """

    label: str
    meaning: str = ""
    form: str = ""
    write: Callable[[Mapping[Any, Any]], str] | None = None
    numeric: bool | None = None
    in_files: bool = True
    in_papers: bool = True
    in_terminal: bool = True
    spare: int = 0


def column(key: str, **changes: Any) -> ColumnSpec:
    """What is known of a column, with changes; its key in words where nothing is known.

    Columns that are named as a metric, with ``_pp`` where they hold points, have label, meaning,
    unit and direction from `bench.metrics.registry`.

    Examples
    --------
    >>> column("mae_pp").label, column("a_new_column").label, column("mae_pp", form="3").form
    ('MAE', 'a new column', '3')
    >>> column("energy_pp").label, column("energy_pp").meaning
    ('Energy score', 'percentage points; lower is better')
    """
    known = registered().get(key) or _metric_column(key) or ColumnSpec(key.replace("_", " "))
    return replace(known, **changes) if changes else known


def _metric_column(key: str) -> ColumnSpec | None:
    """The column of a metric, if the key is the name of one."""
    from bench.metrics.registry import metrics

    metric = metrics().get(key.removesuffix("_pp"))
    if metric is None:
        return None
    unit = str(metric.unit).removeprefix("none")
    form = FORMS.get(metric.unit, "")
    if metric.unit == "fraction":
        unit, form = "percentage points", "2" if key.endswith("_pp") else "2pp"
    better = f"best near {metric.best:.0%}" if metric.direction == "level" else ""
    meaning = "; ".join(filter(None, (unit, BETTER.get(metric.direction, better))))
    return ColumnSpec(metric.label, meaning, form)


@cache
def registered() -> Mapping[str, ColumnSpec]:
    """Every column of the registry, by key."""
    text = files("bench.report").joinpath("columns.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["key"]: ColumnSpec(row["label"], row["meaning"], row["form"]) for row in rows}
