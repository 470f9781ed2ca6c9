"""Tables from public histories: the first minute counts, the last figures stand."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from bench.core.errors import DataError
from tools.build_datasets.gather import polls_seen, transfers

pytestmark = pytest.mark.golden  # a converter of raw sources that lie elsewhere


def git(clone: Path, *command: str, time: str = "2022-04-01T08:00:00+0000") -> None:
    facts = {"NAME": "a", "EMAIL": "a@example.org", "DATE": time}
    environment = {
        f"GIT_{role}_{key}": v for role in ("AUTHOR", "COMMITTER") for key, v in facts.items()
    }
    done = ["git", "-C", str(clone), "-c", "commit.gpgsign=false", *command]
    subprocess.run(done, check=True, capture_output=True, env=os.environ | environment)


def commit(clone: Path, name: str, content: str, time: str) -> None:
    (clone / name).write_text(content, encoding="utf-8")
    git(clone, "add", name)
    git(clone, "commit", "-m", "x", time=time)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    return tmp_path


def poll(key: str, size: int = 1000) -> dict[str, object]:
    rounds = [{"tour": "Premier tour"}, {"tour": None}]
    return {
        "id": key,
        "nom_institut": "A",
        "fin_enquete": "2022-03-31",
        "echantillon": size,
        "tours": rounds,
    }


def test_a_poll_counts_from_its_first_commit_under_any_key(clone: Path) -> None:
    name = "presidentielle.json"
    with pytest.raises(DataError, match="git log: "):
        polls_seen(clone / "nothing")
    commit(clone, name, "[]", "2022-03-31T08:00:01+0000")
    with pytest.raises(DataError, match=r"presidentielle\.json has no poll"):
        polls_seen(clone)
    commit(clone, name, json.dumps([poll("old")]), "2022-04-01T08:00:01+0000")
    commit(clone, name, "[{", "2022-04-02T08:00:00+0000")
    commit(clone, name, json.dumps([poll("new"), poll("b", 900)]), "2022-04-03T22:30:00+0200")
    assert polls_seen(clone).to_numpy().tolist() == [
        ["b", 1, "2022-04-03T22:30"],
        ["new", 1, "2022-04-01T10:01"],  # Paris, rounded up
    ]


def test_a_corrected_cell_has_its_last_figure_and_its_first_minute(clone: Path) -> None:
    heads = "\ufeffid,candidat_T1,choix_T2,part,id_sondage\n"
    commit(clone, "reports.csv", heads + "1,J,M,74,p\n", "2022-04-19T12:00:00+0200")
    commit(clone, "reports.csv", heads + "1,J,M,7,p\n2,J,L,5,p\n", "2022-04-19T22:00:00+0200")
    assert transfers(clone).to_numpy().tolist() == [
        ["p", "J", "L", 5, "2022-04-19T22:00"],
        ["p", "J", "M", 7, "2022-04-19T12:00"],
    ]
