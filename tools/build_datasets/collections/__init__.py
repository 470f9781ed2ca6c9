"""Builders of collections: one module each, and what writes their tables, card and checksums."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from bench.core import paths
from bench.data.columns import COLLECTION_TABLES, LICENCES, Table
from tools.build_datasets.cards import Part, emptied, sentences, words, write_card
from tools.build_datasets.data_package import write_package
from tools.build_datasets.files import require, write_sums

DAYS = ("fieldwork_end", "day", "published_on")  # rows of an election are sorted by these


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where rows come from, and how they were dated.

    Parameters
    ----------
    key : str
        What `source_key` of a row names.
    title, url_or_citation : str
        Of the publication, and where it is: an address, a DOI, a commit.
    licence : str
        A word of `bench.data.columns.LICENCES`.
    published_on_rule, available_on_rule : str
        How the two moments of a row were found.
    found : str, optional
        How the figures were found (`bench.data.collection.FOUND`), where they are evidence.
    """

    key: str
    title: str
    url_or_citation: str
    licence: str
    published_on_rule: str
    available_on_rule: str = "the same as published_on"
    found: str | None = None


@dataclass(kw_only=True)
class Collection:
    """Everything that the folder of a collection holds.

    Parameters
    ----------
    name, title, what : str
        Folder name, title, and one or two sentences for the card.
    sources : list of Source
    tables : dict of str to pandas.DataFrame
        By name (`elections`, `candidates`, `outcomes`, `polls` …); columns that may be empty
        may be left out.
    quirks : list of str
        Sentences for the card: what was merged, left out or chosen, and why.
    """

    name: str
    title: str
    what: str
    sources: list[Source]
    tables: dict[str, pd.DataFrame]
    quirks: list[str] = field(default_factory=list)


def builders() -> dict[str, Callable[[Path], Collection]]:
    """The function `build` of every module here that has one, by the name of its collection."""
    modules = (
        importlib.import_module(f"{__name__}.{found.name}")
        for found in pkgutil.iter_modules(__path__)
    )
    return {
        module.__name__.rpartition(".")[2]: module.build
        for module in modules
        if hasattr(module, "build")
    }


def collection(name: str, tables: dict[str, pd.DataFrame], **figures: object) -> Collection:
    """A collection with its words in `parts/<name>.yaml` and the sources that it states.

    Parameters
    ----------
    name : str
    tables : dict of str to pandas.DataFrame
        By name.
    figures
        What stands in braces in the words, as in `cards.part`.
    """
    said = words(name)
    return Collection(
        name=name,
        title=said["title"],
        what=said["what"].format(**figures),
        sources=sources_of(name),
        tables=tables,
        quirks=list(sentences(said["quirks"], 0, **figures)),
    )


def sources_of(name: str) -> list[Source]:
    """The sources that `datasets/<name>/collection.yaml`, where they are written, states."""
    text = (paths.datasets() / name / "collection.yaml").read_text(encoding="utf-8")
    return [Source(**facts) for facts in yaml.safe_load(text)["sources"]]


def write_collection(folder: Path, made: Collection) -> None:
    """Write tables (sorted, typed, zstd), `collection.yaml`, card, checksums and Data Package.

    The same rows give the same bytes.

    Raises
    ------
    DataError
        If a table has no such column, or the written folder does not pass `bench check`.
    """
    emptied(folder)
    keys = [source.key for source in made.sources]
    require(len(set(keys)) == len(keys), made.name, "two sources have one key")
    for source in made.sources:
        require(source.licence in LICENCES, source.key, f"licence '{source.licence}'")
    for name, rows in made.tables.items():
        require(name in COLLECTION_TABLES, made.name, f"a collection has no table '{name}'")
        if len(rows):
            _write(_sorted(name, rows), COLLECTION_TABLES[name], folder / f"{name}.parquet")
    facts = {
        "collection": made.name,
        "title": made.title,
        "sources": [
            {key: said for key, said in asdict(source).items() if said is not None}
            for source in made.sources
        ],
    }
    words = yaml.safe_dump(facts, sort_keys=False, allow_unicode=True, width=100)
    (folder / "collection.yaml").write_text(words, encoding="utf-8")
    write_card(folder, made.title, made.what, [_part(made)])
    write_sums(folder)
    write_package(folder)


def _sorted(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the columns of the schema alone, by election, day and key."""
    table = COLLECTION_TABLES[name].having(rows.columns)
    strange = [column for column in rows.columns if column not in table.columns]
    require(not strange, name, f"has no columns {strange}")
    lacks = [c for c, one in table.columns.items() if c not in rows and not one.empty]
    require(not lacks, name, f"lacks the columns {lacks}")
    rows = rows.reindex(columns=list(table.columns))
    days = [day for day in DAYS if day in table.columns]
    by = list(dict.fromkeys(["election", *days, *table.key]))
    return rows.sort_values(by, kind="stable", na_position="first", ignore_index=True)


def _write(rows: pd.DataFrame, table: Table, path: Path) -> None:
    kinds = {
        "text": pa.dictionary(pa.int32(), pa.string()),
        "date": pa.timestamp("ms"),
        "flag": pa.bool_(),
        "count": pa.int64(),
        "number": pa.float64(),
    }
    arrays, fields = [], []
    for name, column in table.columns.items():
        values = rows[name]
        if column.kind == "date":
            values = pd.to_datetime(values).astype("datetime64[ms]")
        elif column.kind in ("count", "number"):
            values = pd.to_numeric(values)
            if column.kind == "count":
                values = values.astype("Int64")
        elif column.kind == "text":
            values = values.astype(object).where(values.notna(), None)
        kind = kinds[column.kind]
        plain = pa.string() if column.kind == "text" else kind
        array = pa.Array.from_pandas(values, type=plain)
        arrays.append(array.dictionary_encode() if column.kind == "text" else array)
        fields.append(pa.field(name, kind))
    made = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    pq.write_table(made, path, compression="zstd", compression_level=19, row_group_size=1 << 20)


def _part(made: Collection) -> Part:
    tables = {f"{name}.parquet": rows for name, rows in made.tables.items() if len(rows)}
    columns = {
        f"{name}.parquet": {
            column: one.meaning
            for column, one in COLLECTION_TABLES[name].having(rows.columns).columns.items()
        }
        for name, rows in made.tables.items()
        if len(rows)
    }
    return Part(
        tables=tables,
        columns=columns,
        sources=[f"{one.title} (`{one.key}`): {one.url_or_citation}." for one in made.sources],
        licences=[f"`{one.key}`: {one.licence}." for one in made.sources],
        found=[f"`{one.key}`: {one.found}." for one in made.sources if one.found],
        quirks=made.quirks,
        published_on=[
            f"`{one.key}`: {one.published_on_rule}; available_on: {one.available_on_rule}."
            for one in made.sources
        ],
    )
