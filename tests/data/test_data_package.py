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
    as_stored,
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
    return [
        resource for resource in shipped(folder)["resources"] if resource.get("type") == "table"
    ]


@by_folder
def test_what_ships_is_what_the_folder_says_in_the_shape_of_the_standard(folder: Path) -> None:
    package = shipped(folder)
    assert package == package_of(folder), "python -m tools.build_datasets --packages"
    assert package["$schema"] == PROFILE
    jsonschema.Draft7Validator(STANDARD).validate(package)
    assert package["licenses"]
    assert package["sources"]
    listed = {resource["path"]: resource["hash"] for resource in package["resources"]}
    lines = (folder / SUMS).read_text("utf-8").splitlines()
    sums = {path: f"sha256:{digest}" for digest, path in (line.split("  ", 1) for line in lines)}
    del sums["CARD.md"]
    assert listed == sums


@by_folder
def test_every_column_is_explained_and_keys_are_keys(folder: Path) -> None:
    for resource in tables(folder):
        frame, schema = as_stored(folder / resource["path"]), resource["schema"]
        assert [field["name"] for field in schema["fields"]] == list(frame)
        assert all(field["description"] for field in schema["fields"])
        for key in [schema["primaryKey"]] if "primaryKey" in schema else []:
            assert not frame[key].isna().any(axis=None)
            assert not frame.duplicated(key).any()


def test_a_build_writes_it_beside_the_sums_and_no_run_counts_it(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        toy.write(tmp_path / name, "toy")
    first, two = ((tmp_path / name / PACKAGE).read_text("utf-8") for name in ("a", "b"))
    assert first.replace('"a"', '"b"', 1) == two
    assert PACKAGE not in (tmp_path / "a" / SUMS).read_text("utf-8")
    assert PACKAGE not in sums_of(tmp_path / "a")
    (tmp_path / "a" / PACKAGE).unlink()
    assert main(["--packages", "--into", str(tmp_path)]) == 0
    assert (tmp_path / "a" / PACKAGE).read_text("utf-8") == first


def test_another_column_changes_it(tmp_path: Path) -> None:
    toy.write(tmp_path, "toy")
    table = pd.read_csv(tmp_path / "outcome/totals.csv", dtype=str)
    table["area"] = "01"
    table.to_csv(tmp_path / "outcome/totals.csv", index=False)
    write_package(tmp_path)
    found = next(
        resource for resource in tables(tmp_path) if resource["path"] == "outcome/totals.csv"
    )
    assert found["schema"]["fields"][-1] == {"name": "area", "type": "string"}  # a code, no number
