"""What the pages of a reviewed result are made of, kept as a small run in its folder.

These are the tables and plain values that the report of its study reads, in both languages, and the
settings; nothing that another clock, processor or version of the code would change.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core.language import LANGUAGES
from bench.core.write import write_text
from bench.report.run_folder import MANIFEST, read_manifest, sums_written
from bench.runner.results import Results
from bench.studies.run import Run

CLOCK = "timings"  # a table of seconds
SECONDS = ["wall_s", "cpu_s"]
PUBLISHED = ("settings", "protection", "doubts", "frozen")  # of a manifest


class ReadTables(Mapping[str, pd.DataFrame]):
    """Tables that remember which of them were read.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self.tables = tables
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> pd.DataFrame:
        rows = self.tables[name]
        self.names.add(name)
        return rows

    def __contains__(self, name: object) -> bool:  # a mapping's own would read the table
        return name in self.tables

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)


def reproducible(run: Run) -> Run:
    """The run without what differs from one execution to the next."""
    tables = {}
    for name, rows in run.results.tables.items():
        if name == CLOCK:
            continue
        tables[name] = rows.drop(columns=SECONDS, errors="ignore")
    manifest = {key: run.manifest[key] for key in PUBLISHED if key in run.manifest}
    version = run.manifest["libraries"]["election-bench"]
    manifest |= {"libraries": {"election-bench": version}, "code": {}, "data": {}}
    return replace(run, results=replace(run.results, tables=tables), manifest=manifest)


def keep(run: Run, folder: Path) -> None:
    """Write what the pages of a run are made of; `load_run` reads it.

    Parameters
    ----------
    run : Run
    folder : Path
        Of the reviewed result.
    """
    run = reproducible(run)
    tables = ReadTables(run.results.tables)
    observed = replace(run, results=replace(run.results, tables=tables))
    for code in LANGUAGES:
        observed.in_language(code).page()
    read = {name: tables.tables[name] for name in tables.tables if name in tables.names}
    files = replace(run.results, tables=read).save(folder)
    manifest = {**run.manifest, "written": sums_written(folder, files)}
    write_text(folder / MANIFEST, json.dumps(manifest, indent=1, default=str) + "\n")


def reviewed(folder: Path) -> dict[str, pd.DataFrame]:
    """The tables, plain values and settings of a reviewed result; none where it has no pages."""
    if not (folder / MANIFEST).is_file():
        return {}
    return _frames(Results.load(folder), read_manifest(folder)["settings"])


def remade(run: Run, tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Of a run what `reviewed` gives of an earlier one, to be compared.

    Parameters
    ----------
    run : Run
    tables : mapping of str to pandas.DataFrame
        From `reviewed`.
    """
    run = reproducible(run)
    wanted = {name: rows for name, rows in run.results.tables.items() if f"kept_{name}" in tables}
    settings = json.loads(json.dumps(run.manifest["settings"], default=str))
    return _frames(replace(run.results, tables=wanted), settings)


def _frames(results: Results, settings: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    values = {"facts": dict(results.facts), "settings": dict(settings)}
    frames = {f"kept_{name}": rows for name, rows in results.tables.items()}
    return frames | {"kept_values": pd.DataFrame(_flat(values), columns=["key", "value"])}


def _flat(value: Any, key: str = "") -> list[tuple[str, Any]]:
    """Every plain value of nested ones, with the way to it."""
    if isinstance(value, Mapping):
        items: Any = value.items()
    elif isinstance(value, list | tuple):
        items = enumerate(value)
    else:
        return [(key, value)]
    return [pair for name, below in items for pair in _flat(below, f"{key}.{name}")]
