"""Cards: what a folder holds, where it is from, what may be done with it, and when it was known."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from bench.data.data_package import write_package
from tools.build_datasets.files import require, write_sums, write_table

HEADINGS = ("Source", "Licence", "Columns", "Quirks", "published_on")
ETALAB = "Votes and statistics of the French state: Licence Ouverte / Etalab 2.0."


@dataclass(kw_only=True)
class Part:
    """Some tables of a folder with everything that its card has to say about them.

    Parameters
    ----------
    tables : dict
        Table by path below the folder.
    columns : dict
        By the same paths: meaning by column; `<slug>` stands for one column per candidate.
    sources, licences, quirks, published_on : list of str
        Sentences, in the order in which they are printed.
    """

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    licences: list[str] = field(default_factory=list)
    quirks: list[str] = field(default_factory=list)
    published_on: list[str] = field(default_factory=list)


def write_folder(folder: Path, title: str, what: str, parts: list[Part]) -> None:
    """Write every table, the card, the checksums and the Data Package of one folder."""
    for part in parts:
        for path, table in part.tables.items():
            _check_documented(path, table, part.columns.get(path, {}))
            write_table(table, folder / path)
    write_card(folder, title, what, parts)
    write_sums(folder)
    write_package(folder)


def write_card(folder: Path, title: str, what: str, parts: list[Part]) -> None:
    """Write the card of a folder alone."""
    (folder / "CARD.md").write_text(_card(title, what, parts), encoding="utf-8")


def _check_documented(path: str, table: pd.DataFrame, meanings: dict[str, str]) -> None:
    open_ended = any(name.startswith("<") for name in meanings)
    silent = [c for c in table.columns if c not in meanings]
    gone = [c for c in meanings if c not in table.columns and not c.startswith("<")]
    require(not gone, path, f"the card explains columns that the table lacks: {gone}")
    require(open_ended or not silent, path, f"the card does not explain the columns {silent}")


def _card(title: str, what: str, parts: list[Part]) -> str:
    lines = [f"# {title}", "", what, "", "| table | rows |", "| --- | ---: |"]
    tables = {path: t for part in parts for path, t in part.tables.items()}
    lines += [f"| `{path}` | {len(tables[path]):,} |" for path in sorted(tables)]
    for heading in HEADINGS:
        lines += ["", f"## {heading}", ""]
        if heading == "Columns":
            lines += _columns(parts)
            continue
        attribute = {"Source": "sources", "Licence": "licences", "Quirks": "quirks"}
        said = [s for part in parts for s in getattr(part, attribute.get(heading, heading))]
        lines += [f"- {sentence}" for sentence in dict.fromkeys(said)] or ["Nothing to report."]
    return "\n".join(lines) + "\n"


def _columns(parts: list[Part]) -> list[str]:
    lines = []
    for path, meanings in sorted((p, m) for part in parts for p, m in part.columns.items()):
        lines += [f"`{path}`", ""]
        lines += [f"- `{name}`: {meaning}" for name, meaning in meanings.items()]
        lines += [""]
    return lines[:-1]
