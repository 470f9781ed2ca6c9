"""Only aggregates enter: closed columns, and no group of fewer than five respondents."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.core import DataError, paths
from bench.data.columns import KNOWN, TABLES
from bench.data.election import load_election
from bench.data.readers import PINS, SUMS, forget, is_as_shipped, pins, read_table
from bench.data.tables import polls_of
from bench.models.forecast_table import read_forecast

CANDIDATES_2017 = ("macron", "le_pen")
N_POLLS = 20


def polls(folder: Path, **columns: Any) -> Path:
    """A file of twenty polls about two candidates; columns hold a value, or one per row."""
    index = pd.MultiIndex.from_product([range(N_POLLS), CANDIDATES_2017])
    rows = pd.DataFrame(
        {
            "poll_id": [f"p{number}" for number in index.get_level_values(0)],
            "round": 1,
            "institute": "Ifop",
            "sponsor": None,
            "mode": "online",
            "fieldwork_start": None,
            "fieldwork_end": "2017-03-01",
            "published_on": "2017-04-01",
            "basis": "stated",
            "sample_size": 1000,
            "sample_expressed": None,
            "base": None,
            "rolling": "false",
            "candidate": index.get_level_values(1),
            "share": [0.6, 0.4] * N_POLLS,
            "source": "notice",
        }
    )
    path = folder / "polls.csv"
    rows.assign(**columns).to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    "columns",
    [
        {"notes": "two questions", "institute": "YouGov/Sunday Times", "base": "our own words"},
        {"poll_id": [f"Ifop no. {n // 2} #2" for n in range(2 * N_POLLS)]},
        {"sample_size": None},  # all polls of one institute and day
        {"share": [1.0, 0.0] * N_POLLS},  # rounded, of a thousand people
        {"share": [1.0, 0.0] * N_POLLS, "sample_size": 5},
    ],
)
def test_an_honest_table_is_read(tmp_path: Path, columns: dict[str, Any]) -> None:
    read = read_table(polls(tmp_path, **columns), TABLES["polls"], candidates=CANDIDATES_2017)
    assert len(read) == 2 * N_POLLS
    assert set(read) == set(TABLES["polls"].columns)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"respondent": "x"}, "no column 'respondent' is known here"),
        ({"j1@example.org": "x"}, "no column 'j1@example.org' is known here"),
        ({"sample_size": 4}, "polls.csv:2: poll_id is p0; accepted: opinions of"),
        (
            {"sample_size": [*[1000] * 38, 1, 1]},
            "polls.csv:40: poll_id is p19; accepted: opinions of",
        ),
        ({"sample_size": None, "sample_expressed": 2}, "accepted: opinions of"),
        (
            {"sample_size": None, "share": [*[0.6, 0.4] * (N_POLLS - 1), 0, 1]},
            "csv:40: poll_id is p19; accepted: answers of",
        ),
    ],
)
def test_a_table_about_persons_is_refused(
    tmp_path: Path, columns: dict[str, Any], said: str
) -> None:
    with pytest.raises(DataError, match=said):
        read_table(polls(tmp_path, **columns), TABLES["polls"], candidates=CANDIDATES_2017)


APP = {
    "source": "app",
    "round": 1,
    "day": "2031-03-01",
    "account_age_days": 0,
    "age": "18-29",
    "sex": "women",
    "past_vote": "ash",
    "candidate": ["ash", "birch", "cedar"],
    "users": [40, 0, 12],
    "votes": [50, 0, 13],
    "published_on": "2031-03-02",
    "available_on": "2031-03-01",
}
APPROVALS = {
    "place": ["Here", "Here"],
    "candidate": ["ash", "birch"],
    "approvals": [1, 2],
    "ballots": 3,
    "share": [0.5, 0.5],
    "basis": "declared",
    "published_on": "2031-04-01",
    "source": None,
}
BY_VOTE = {
    "declared_vote": ["ash", "ash", "birch", "birch"],
    "ballots": 400,
    "candidate": ["ash", "birch"] * 2,
    "approvals": [380, 2, 3, 390],
}
TRANSFERS = {
    "survey": [f"s{n // 2}" for n in range(12)],
    "published_on": "2031-04-01",
    "kind": "surveyed",
    "from_candidate": "ash",
    "to": ["birch", "cedar"] * 6,
    "share": [0.6, 0.4] * 6,
    "basis": "quoted",
    "source": None,
}


@pytest.mark.parametrize(
    ("name", "rows", "change", "said"),
    [
        ("app_support", APP, {}, ""),
        ("app_support", APP, {"users": [40, 4, 12]}, "row 1: source is app"),
        ("approvals", APPROVALS, {}, "accepted: opinions of"),
        ("approvals", APPROVALS, {"ballots": 500}, ""),
        ("approvals", APPROVALS, {"basis": "official"}, ""),  # the state counted them
        ("approvals_by_vote", BY_VOTE, {}, ""),  # 2 of 400: of a group that is not small
        ("approvals_by_vote", BY_VOTE, {"ballots": 4, "approvals": 2}, "accepted: opinions of"),
        ("transfers", TRANSFERS, {}, ""),
        ("transfers", TRANSFERS, {"share": [1.0, 0.0, *[0.6, 0.4] * 5]}, ""),  # rounded
        ("transfers", TRANSFERS, {"share": [1.0, 0.0] * 6}, "accepted: answers of"),
    ],
)
def test_small_groups_are_refused_and_official_counts_are_not(
    tmp_path: Path, name: str, rows: dict[str, Any], change: dict[str, Any], said: str
) -> None:
    path = tmp_path / f"{name}.parquet"
    pd.DataFrame(rows).assign(**change).to_parquet(path)
    table = (TABLES | {"approvals_by_vote": KNOWN["approvals_by_vote"]})[name]
    if said:
        with pytest.raises(DataError, match=said):
            read_table(path, table)
    else:
        assert len(read_table(path, table)) > 0


# ---- doors


def test_a_list_of_sums_beside_the_data_vouches_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets = tmp_path / "datasets"
    shutil.copytree(paths.datasets() / "toy", datasets / "toy")
    monkeypatch.setattr(paths, "datasets", lambda: datasets)
    forget()
    polls_file = datasets / "toy" / "inputs" / "polls.csv"
    assert is_as_shipped(polls_file)
    rows = pd.read_csv(polls_file).assign(email="ann@example.org")
    rows.to_csv(polls_file, index=False)
    sums = datasets / "toy" / SUMS
    digest = hashlib.sha256(polls_file.read_bytes()).hexdigest()
    lines = [line for line in sums.read_text().splitlines() if "polls.csv" not in line]
    sums.write_text("\n".join([*lines, f"{digest}  inputs/polls.csv"]) + "\n")
    forget()
    try:
        assert not is_as_shipped(polls_file)
        with pytest.raises(DataError, match="no column 'email' is known here"):
            polls_of(load_election("toy"))
    finally:
        forget()


def test_the_sums_of_what_ships_are_pinned_in_the_package() -> None:
    found = {
        path.parent.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths.datasets().glob(f"*/{SUMS}")
    }
    assert found == pins(), "run `python -m tools.build_datasets --packages`"
    assert PINS.is_relative_to(Path(paths.__file__).parents[1])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("candidate,share,email,name\nash,0.6,x,y\n", "'email' is no part of a forecast"),
        (
            "candidate,output_type,output_type_id,value,email\nash,mean,,0.6,x\n",
            "'email' is no part of a forecast",
        ),
        ("candidate,share,model_id\nash,0.6,jo@example.org\n", "'model_id' is no key"),
    ],
)
def test_a_forecast_file_has_the_gate(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        read_forecast(path)
