"""Data Packages say what lies in the folders, in the standard's shape; the tables obey them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest

from bench.core import paths
from bench.data.readers import PACKAGE, SUMS, sums_of
from tools.build_datasets import toy
from tools.build_datasets.__main__ import main
from tools.build_datasets.data_package import (
    PROFILE,
    WRITTEN,
    as_stored,
    licences,
    package_of,
    write_package,
)

FOLDERS = sorted(card.parent for card in paths.datasets().glob("*/CARD.md"))
by_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
# published by the standard, without its words: https://datapackage.org/profiles/2.0
STANDARD = json.loads((Path(__file__).parent / "datapackage-2.0.json").read_text("utf-8"))


def shipped(folder: Path) -> dict[str, Any]:
    package: dict[str, Any] = json.loads((folder / PACKAGE).read_text("utf-8"))
    return package


def tables(folder: Path) -> list[dict[str, Any]]:
    return [one for one in shipped(folder)["resources"] if one.get("type") == "table"]


@by_folder
def test_what_ships_is_what_the_folder_says(folder: Path) -> None:
    assert shipped(folder) == package_of(folder), "python -m tools.build_datasets --packages"


@by_folder
def test_it_has_the_shape_of_the_standard(folder: Path) -> None:
    package = shipped(folder)
    assert package["$schema"] == PROFILE
    jsonschema.Draft7Validator(STANDARD).validate(package)
    assert package["licenses"]
    assert package["sources"]
    names = [resource["name"] for resource in package["resources"]]
    assert len(set(names)) == len(names)


@by_folder
def test_every_file_but_the_card_is_in_it_with_its_sum(folder: Path) -> None:
    listed = {one["path"]: one["hash"] for one in shipped(folder)["resources"]}
    lines = (folder / SUMS).read_text("utf-8").splitlines()
    sums = {path: f"sha256:{digest}" for digest, path in (line.split("  ", 1) for line in lines)}
    del sums["CARD.md"]
    assert listed == sums


@by_folder
def test_every_column_is_explained_and_its_cells_are_as_it_says(folder: Path) -> None:
    for resource in tables(folder):
        frame, schema = as_stored(folder / resource["path"]), resource["schema"]
        assert [field["name"] for field in schema["fields"]] == list(frame)
        for field in schema["fields"]:
            assert field["description"], field["name"]
            refuse_other_cells(frame[field["name"]], field, is_csv=resource["format"] == "csv")
        for key in [schema["primaryKey"]] if "primaryKey" in schema else []:
            assert not frame[key].isna().any(axis=None)
            assert not frame.duplicated(key).any()
        for key in schema.get("uniqueKeys", []):
            assert not frame.duplicated(key).any()


def refuse_other_cells(cells: pd.Series, field: dict[str, Any], *, is_csv: bool) -> None:
    rules = field.get("constraints", {})
    assert not (rules.get("required") and cells.isna().any())
    filled = cells.dropna()
    if is_csv and field["type"] in WRITTEN:
        assert filled.astype(str).str.fullmatch(WRITTEN[field["type"]]).all(), field["name"]
    if "enum" in rules:
        assert set(filled) <= set(rules["enum"])
    if {"minimum", "maximum"} & set(rules):
        numbers = pd.to_numeric(filled)
        least, most = rules.get("minimum", -float("inf")), rules.get("maximum", float("inf"))
        assert numbers.between(least, most).all()


def test_a_licence_that_a_card_does_not_name_is_said_to_be_missing() -> None:
    words = "Online ballots: the repositories state nothing."
    assert licences(words) == [{"name": "notspecified", "title": words}]


def test_a_build_writes_it_beside_the_sums_and_no_run_counts_it(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        toy.write(tmp_path / name, "toy")
    one, two = ((tmp_path / name / PACKAGE).read_text("utf-8") for name in ("a", "b"))
    assert one.replace('"a"', '"b"', 1) == two
    assert PACKAGE not in (tmp_path / "a" / SUMS).read_text("utf-8")
    assert PACKAGE not in sums_of(tmp_path / "a")
    (tmp_path / "a" / PACKAGE).unlink()
    assert main(["--packages", "--into", str(tmp_path)]) == 0
    assert (tmp_path / "a" / PACKAGE).read_text("utf-8") == one


def test_another_column_changes_it(tmp_path: Path) -> None:
    toy.write(tmp_path, "toy")
    table = pd.read_csv(tmp_path / "outcome/totals.csv", dtype=str)
    table["area"] = "01"
    table.to_csv(tmp_path / "outcome/totals.csv", index=False)
    write_package(tmp_path)
    found = next(one for one in tables(tmp_path) if one["path"] == "outcome/totals.csv")
    assert found["schema"]["fields"][-1] == {"name": "area", "type": "string"}  # a code, no number
