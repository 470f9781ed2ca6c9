"""The smallest broken files that were found: refused, or right.

`expected.csv` of the corpus says what refuses a file, or nothing where it is read.
"""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest

from bench.core.compose import as_typed, compose
from bench.data.election import load_election
from tests.fuzz.replay import ELECTION, replay

CORPUS = Path(__file__).parent / "corpus"
with (CORPUS / "expected.csv").open(encoding="utf-8", newline="") as stream:
    EXPECTED = {row["file"]: row["refused_with"] for row in csv.DictReader(stream)}
SECONDS = 5.0  # of the processor, on the slowest machine; a refusal takes hundredths


@pytest.mark.parametrize("file", EXPECTED)
def test_a_file_of_the_corpus(tmp_path: Path, file: str) -> None:
    name = file.partition("/")[0].replace("_", ".")
    before = time.process_time()
    said = replay(name, (CORPUS / file).read_bytes(), tmp_path)
    assert time.process_time() - before < SECONDS
    if not EXPECTED[file]:
        assert said is None
    else:
        assert said is not None
        assert name + EXPECTED[file] in said.replace("\n", " ")


@pytest.mark.parametrize("name", ["${oc.env:HOME}", "[it's é 🗳], a,b"])
def test_a_folder_may_have_any_name(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).mkdir()
    for file, content in ELECTION.items():
        (tmp_path / name / file).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    (given,) = compose(*as_typed(["+experiment=own", f"election={name}"])).elections
    assert given == name
    assert load_election(f"./{given}").title == "Freedonia"
