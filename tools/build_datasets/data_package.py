"""A folder of data as a Data Package: what its tables hold, under which licence, from whom.

References
----------
Data Package standard, version 2.0, https://datapackage.org; Table Schema is a part of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from bench.core.write import write_text
from bench.data.atlas import FILES as ATLAS
from bench.data.columns import (
    CANDIDACIES,
    CANDIDATES,
    COLLECTION_TABLES,
    DEPARTEMENTS,
    NATIONAL,
    SLATES,
    TABLES,
    Column,
    Kind,
    Table,
)
from bench.data.readers import PACKAGE, read_yaml, sha256

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
MEDIA = {
    ".cff": "application/yaml",
    ".csv": "text/csv",
    ".geojson": "application/geo+json",
    ".parquet": "application/vnd.apache.parquet",
    ".yaml": "application/yaml",
}
CITATION = "CITATION.cff"  # of a folder that has a version of its own
CREDITS = Path(__file__).parent / "parts" / "credits.yaml"
# what a card says, the identifier of the licence, and where it can be read
LICENCES = (
    (r"Etalab 2\.0", "etalab-2.0", "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"),
    (r"\bMIT\b|licence of the project", "MIT", "https://opensource.org/license/mit"),
    (r"CC0-1\.0", "CC0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
    (r"CC[ -]BY[ -]4\.0", "CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/"),
    (r"CC[ -]BY-SA", "CC-BY-SA-4.0", "https://creativecommons.org/licenses/by-sa/4.0/"),
    (r"GPL-2\.0", "GPL-2.0-or-later", "https://www.gnu.org/licenses/gpl-2.0.html"),
    (r"GPL-3\.0", "GPL-3.0-only", "https://www.gnu.org/licenses/gpl-3.0.html"),
    (r"facts|counts|figures|public-domain", "other-pd", ""),
)
UNKNOWN = "notspecified"
TYPES: Mapping[Kind, str] = {
    "text": "string",
    "count": "integer",
    "number": "number",
    "flag": "boolean",
}
# how a value is written in CSV; codes such as 01 are text
WRITTEN = {
    "integer": r"-?(0|[1-9]\d*)",
    "number": r"-?(0|[1-9]\d*)(\.\d+)?(e-?\d+)?",
    "boolean": "true|false",
    "date": r"\d{4}-\d\d-\d\d",
    "datetime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
}

# how a value is stored in Parquet
STORED: Mapping[str, Callable[[pd.Series], bool]] = {
    "boolean": pd.api.types.is_bool_dtype,
    "integer": pd.api.types.is_integer_dtype,
    "number": pd.api.types.is_float_dtype,
    "datetime": pd.api.types.is_datetime64_any_dtype,
}


def write_package(folder: Path) -> None:
    """Write `datapackage.json` of a folder; the same folder gives the same bytes.

    Parameters
    ----------
    folder : Path
        With its tables, `CARD.md` and nothing that is still to be written.
    """
    words = json.dumps(package_of(folder), ensure_ascii=False, indent=1)
    write_text(folder / PACKAGE, words + "\n")


def package_of(folder: Path) -> dict[str, Any]:
    """What `datapackage.json` of a folder says.

    Parameters
    ----------
    folder : Path
        With a `CARD.md` that has the headings Source, Licence and Columns, and tables.

    Returns
    -------
    dict
        Title, licences and sources from the card; of every file its size and SHA-256; of every
        table the columns: type, range, words and key from the schemas that the bench holds them
        to, meaning from the card. Other columns are typed by what they hold. `credit` names who
        counted and who asked as briefly as a caption does.

    Examples
    --------
    >>> from bench.core import paths
    >>> found = package_of(paths.datasets() / "toy")
    >>> found["name"], [one["name"] for one in found["licenses"]]
    ('toy', ['MIT'])
    >>> polls = next(one for one in found["resources"] if one["path"] == "inputs/polls.csv")
    >>> polls["schema"]["primaryKey"], polls["schema"]["fields"][14]["constraints"]
    (['poll_id', 'candidate'], {'required': True, 'minimum': 0, 'maximum': 1})
    """
    card = (folder / "CARD.md").read_text(encoding="utf-8")
    title, what = card.removeprefix("# ").split("\n\n")[:2]
    parts = {part.partition("\n")[0]: part for part in card.split("\n## ")[1:]}
    meanings = dict(_meanings(parts["Columns"]))
    found = dict(re.findall(r"(?m)^- `([^`]+)`: (.+)\.$", parts.get("Found", "")))
    files = sorted(path for path in folder.rglob("*") if path.suffix in MEDIA and path.is_file())
    is_collection = (folder / "collection.yaml").is_file()
    credit = yaml.safe_load(CREDITS.read_text(encoding="utf-8")).get(folder.name)
    return {
        "$schema": PROFILE,
        "name": folder.name,
        "title": title,
        "description": what,
        "licenses": [one for words in _items(parts["Licence"]) for one in licences(words)],
        "sources": [{"title": words} for words in _items(parts["Source"])],
        **({"credit": credit} if credit else {}),
        **_version(folder),
        "resources": [
            _resource(path, folder, meanings, found, is_collection=is_collection)
            | _licences_of_file(path, parts["Licence"])
            for path in files
        ],
    }


def _version(folder: Path) -> dict[str, str]:
    path = folder / CITATION
    return {"version": read_yaml(path)["version"]} if path.is_file() else {}


def _licences_of_file(path: Path, card: str) -> dict[str, list[dict[str, str]]]:
    """The licences of a file that a sentence of the card names before its colon."""
    for sentence in _items(card):
        files, _, stated = sentence.partition(": ")
        if f"`{path.name}`" in files:
            return {"licenses": licences(stated)}
    return {}


def licences(words: str) -> list[dict[str, str]]:
    """The licences that a sentence of a card names; one that says so if it names none.

    Examples
    --------
    >>> [one["name"] for one in licences("pollsposition/data: MIT; Wikipedia: CC BY-SA.")]
    ['MIT', 'CC-BY-SA-4.0']
    >>> licences("As the folders that it is made from.")[0]["name"]
    'notspecified'
    """
    found = [(name, path) for pattern, name, path in LICENCES if re.search(pattern, words)]
    named = [one for one in found if one[1]] or found or [(UNKNOWN, "")]
    return [
        {"name": name, "title": words} | ({"path": path} if path else {}) for name, path in named
    ]


def _items(part: str) -> list[str]:
    return [line.removeprefix("- ") for line in part.splitlines() if line.startswith("- ")]


def _meanings(part: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Meaning by column by path, from the columns of a card."""
    for block in re.split(r"(?m)^(?=`)", part)[1:]:
        path = block.split("`")[1]
        yield path, dict(re.findall(r"(?m)^- `([^`]+)`: (.+)$", block))


def _resource(
    path: Path,
    folder: Path,
    meanings: Mapping[str, dict[str, str]],
    found_as: Mapping[str, str],
    *,
    is_collection: bool,
) -> dict[str, Any]:
    inside = path.relative_to(folder).as_posix()
    found: dict[str, Any] = {
        "name": re.sub(r"[^a-z0-9._-]", "-", inside.rpartition(".")[0].lower()),
        "path": inside,
        "format": path.suffix.removeprefix("."),
        "mediatype": MEDIA[path.suffix],
        "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256(path)}",
    }
    if path.suffix in (".csv", ".parquet"):
        found["type"] = "table"
        table = _table(inside, is_collection=is_collection)
        found["schema"] = _schema(path, table, meanings.get(inside, {}))
        keys = [inside] if not is_collection or table is None else _source_keys(path)
        if words := {key: found_as[key] for key in keys if key in found_as}:
            found["found"] = words.get(inside, words)
    if path.suffix != ".parquet":
        found["encoding"] = "utf-8"
    return found


def _source_keys(path: Path) -> list[str]:
    """The sources of the rows of a table of a collection, by their keys."""
    frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    return sorted(map(str, frame["source_key"].unique())) if "source_key" in frame else []


def _table(inside: str, *, is_collection: bool) -> Table | None:
    """The schema that the bench holds a file to; None if it is held to none."""
    where, _, name = inside.rpartition("/")
    stem = name.partition(".")[0]
    if is_collection:
        return COLLECTION_TABLES.get(stem)
    if where == "inputs":
        return TABLES.get(stem)
    outcomes = {"national": NATIONAL, "departements": DEPARTEMENTS}
    people = {"candidates": CANDIDATES, "candidacies": CANDIDACIES, "slates": SLATES}
    in_folder = {f"{key}.csv": table for key, table in people.items()} | ATLAS
    return outcomes.get(stem) if where == "outcome" else in_folder.get(inside)


def as_stored(path: Path) -> pd.DataFrame:
    """A table as it lies in a file: cells of CSV as text, empty ones missing.

    Parameters
    ----------
    path : Path
        CSV or Parquet.

    Examples
    --------
    >>> from bench.core import paths
    >>> as_stored(paths.datasets() / "toy" / "candidates.csv")["incumbent"].unique().tolist()
    ['false', 'true']
    """
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])


def _schema(path: Path, table: Table | None, meanings: dict[str, str]) -> dict[str, Any]:
    frame, is_csv = as_stored(path), path.suffix == ".csv"
    known = table.having(frame.columns) if table else None
    columns = dict(known.columns) if known else {}
    rest = next((words for name, words in meanings.items() if name.startswith("<")), "")
    fields = [
        _field(frame[name], columns.get(name), meanings.get(name, rest), is_csv=is_csv)
        for name in map(str, frame.columns)
    ]
    found: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    if known and set(known.key) <= set(frame.columns):
        # a primary key has no empty cell; keys of ours may
        whole = not any(columns[name].empty for name in known.key)
        found |= {"primaryKey": list(known.key)} if whole else {"uniqueKeys": [list(known.key)]}
    return found


def _field(
    cells: pd.Series, column: Column | None, meaning: str, *, is_csv: bool
) -> dict[str, Any]:
    found: dict[str, Any] = {"name": cells.name, "type": _type(cells, column, is_csv=is_csv)}
    if words := meaning or (column.meaning if column else ""):
        found["description"] = words
    if column is None:
        return found
    limits = {"minimum": column.least, "maximum": column.most}
    constraints: dict[str, Any] = {} if column.empty else {"required": True}
    constraints |= {key: _plain(value) for key, value in limits.items() if value is not None}
    constraints |= {"enum": list(column.among)} if column.among else {}
    return found | ({"constraints": constraints} if constraints else {})


def _plain(value: float) -> float | int:
    return int(value) if value == int(value) else value


def _type(cells: pd.Series, column: Column | None, *, is_csv: bool) -> str:
    """A type of Table Schema, from the kind of the column, or from what stands in it."""
    if column is not None and column.kind != "date":
        return TYPES[column.kind]
    if is_csv:
        texts = cells.dropna()
        kinds = [kind for kind in WRITTEN if column is None or kind.startswith("date")]
        fitting = (kind for kind in kinds if texts.str.fullmatch(WRITTEN[kind]).all())
        return next(fitting, "any" if column else "string")
    return next((kind for kind, test in STORED.items() if test(cells)), "string")
