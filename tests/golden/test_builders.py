"""What ships is what the builders make of the raw sources, where these lie in a given folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from bench.core import ConfigError, DataError, paths
from bench.data.readers import sha256
from tools.build_datasets.__main__ import build_all

SOURCES = os.environ.get("ELECTION_BENCH_SOURCES", "")
UNCOUNTED = ("CARD.md", "datapackage.json", "SHA256SUMS")

pytestmark = [
    pytest.mark.golden,
    pytest.mark.skipif(not SOURCES, reason="ELECTION_BENCH_SOURCES names no folder"),
]


@pytest.mark.parametrize("name", sorted(p.parent.name for p in paths.datasets().glob("*/CARD.md")))
def test_every_table_is_built_as_it_ships(name: str, tmp_path: Path) -> None:
    for profile in paths.datasets().glob("*/country.yaml"):  # written by hand, in no raw source
        (tmp_path / profile.parent.name).mkdir()
        shutil.copy(profile, tmp_path / profile.parent.name)
    try:
        build_all(Path(SOURCES), tmp_path, [name])
    except ConfigError as error:
        pytest.skip(str(error))  # made by another tool
    except DataError as error:
        if "no such raw file" not in str(error):
            raise
        pytest.skip(str(error))
    differing = []
    for path in (tmp_path / name).rglob("*"):
        if path.is_dir() or path.name in UNCOUNTED:
            continue
        shipped = paths.datasets() / path.relative_to(tmp_path)
        if not shipped.is_file() or sha256(shipped) != sha256(path):
            differing.append(shipped.relative_to(paths.datasets()).as_posix())
    assert differing == []
