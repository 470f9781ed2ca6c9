"""Cards: what a folder holds, where it is from, what may be done with it, and when it was known."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from bench.data.election import found_in_words, load_election
from tools.build_datasets.data_package import write_package
from tools.build_datasets.files import require, write_sums, write_table

WORDS = Path(__file__).parent / "parts"
HEADINGS = {
    "Source": "sources",
    "Licence": "licences",
    "Found": "found",
    "Columns": "columns",
    "Quirks": "quirks",
    "published_on": "published_on",
}

FOUND_WORDS = (
    "How figures were found: `series`, by who counts or asks everybody regularly; `press`, printed "
    "on the day and found one by one; `hindsight`, public after the vote. `http` are pages."
)


@dataclass(kw_only=True)
class Part:
    """Some tables of a folder with everything that its card has to say about them.

    Parameters
    ----------
    tables : dict
        Table by path below the folder.
    columns : dict
        By the same paths: meaning by column; `<slug>` stands for one column per candidate.
    sources, licences, found, quirks, published_on : list of str
        Sentences, in the order in which they are printed.
    """

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    licences: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    quirks: list[str] = field(default_factory=list)
    published_on: list[str] = field(default_factory=list)


def words(name: str) -> dict[str, Any]:
    """What `parts/<name>.yaml` says."""
    said: dict[str, Any] = yaml.safe_load((WORDS / f"{name}.yaml").read_text(encoding="utf-8"))
    return said


def part(
    name: str,
    tables: Mapping[str, pd.DataFrame],
    year: int = 0,
    *,
    columns: Mapping[str, Mapping[str, Any]] | None = None,
    **figures: object,
) -> Part:
    """Some tables, with what `parts/<name>.yaml` says of them.

    Their columns are those that it explains, or else `parts/columns.yaml`, in that order; where
    explanations or sentences differ by year, the words of another year are left out.

    Parameters
    ----------
    name : str
        Of the YAML.
    tables : mapping of str to pandas.DataFrame
        By path below the folder.
    year : int
        Of the election.
    columns : mapping, optional
        Meaning by column, by path, where a schema of the bench says it.
    figures
        What stands in braces in the sentences; a list of sentences where braces stand alone.
    """
    said = words(name)
    general = {path: of for path, of in words("columns").items() if path in tables}
    meanings = {
        path: {column: str(_of_year(meaning, year)) for column, meaning in of.items()}
        for path, of in (general | said.get("columns", {}) | dict(columns or {})).items()
    }
    kinds = ("sources", "licences", "quirks", "published_on")
    return Part(
        tables={path: _in_order(table, meanings.get(path, {})) for path, table in tables.items()},
        columns=meanings,
        **{kind: list(sentences(said.get(kind, []), year, **figures)) for kind in kinds},
    )


def sentences(said: Iterable[Any], year: int = 0, **figures: object) -> Iterator[str]:
    """The sentences of a year with their figures.

    Examples
    --------
    >>> said = ["{n:,} polls.", {2017: "Seen twice."}, {2022: "Once.", "else": "Never."}, "{more}"]
    >>> list(sentences(said, 2022, n=1234, more=["A.", "B."]))
    ['1,234 polls.', 'Once.', 'A.', 'B.']
    """
    for sentence in said:
        one = _of_year(sentence, year)
        alone = figures.get(one.strip("{}")) if one else []
        if isinstance(alone, list):
            yield from alone
        else:
            yield one.format(**figures)


def _of_year(said: Any, year: int) -> Any:
    return said.get(year, said.get("else")) if isinstance(said, dict) else said


def _in_order(table: pd.DataFrame, meanings: dict[str, str]) -> pd.DataFrame:
    if "<slug>" in meanings:
        return table
    explained = [name for name in meanings if name in table.columns]
    return table[[*explained, *table.columns.difference(explained, sort=False)]]


def write_folder(
    folder: Path,
    title: str,
    what: str,
    parts: list[Part],
    texts: Mapping[str, str] | None = None,
) -> None:
    """Write a folder anew: every table and text, the card, the checksums and the Data Package."""
    emptied(folder)
    for name, text in (texts or {}).items():
        (folder / name).write_text(text, encoding="utf-8")
    for one in parts:
        for path, table in one.tables.items():
            _check_documented(path, table, one.columns.get(path, {}))
            write_table(table, folder / path)
    write_card(folder, title, what, [*parts, Part(found=found_sentences(folder))])
    write_sums(folder)
    write_package(folder)


def found_sentences(folder: Path) -> list[str]:
    """How each table of a folder of an election was found; nothing of any other folder."""
    if not (folder / "election.yaml").is_file():
        return []
    kinds = found_in_words(load_election(str(folder)))
    files = {path.stem: path.name for path in (folder / "inputs").glob("*")}
    return [f"`inputs/{files[table]}`: {words}." for table, words in kinds.items()]


def emptied(folder: Path) -> Path:
    """The folder, with nothing in it."""
    if folder.is_dir():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder


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
    for heading, kind in HEADINGS.items():
        said = [s for part in parts for s in getattr(part, kind)] if kind != "columns" else []
        if heading == "Found" and not said:
            continue  # of a folder without evidence
        lines += ["", f"## {heading}", ""]
        lines += [FOUND_WORDS, ""] if heading == "Found" else []
        if heading == "Columns":
            lines += _columns(parts)
            continue
        lines += [f"- {sentence}" for sentence in dict.fromkeys(said)] or ["Nothing to report."]
    return "\n".join(lines) + "\n"


def _columns(parts: list[Part]) -> list[str]:
    lines = []
    for path, meanings in sorted((p, m) for part in parts for p, m in part.columns.items()):
        lines += [f"`{path}`", ""]
        lines += [f"- `{name}`: {meaning}" for name, meaning in meanings.items()]
        lines += [""]
    return lines[:-1]
