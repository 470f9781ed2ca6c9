"""What tells people apart is refused at every door; what only looks like it is not."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.cli.main import run_command
from bench.core import DataError, paths
from bench.data.collection import load_collection
from bench.data.collection_check import check_collection
from bench.data.columns import (
    APPROVALS_BY_VOTE,
    CANDIDATES,
    COLLECTION_TABLES,
    TABLES,
    VOTE_BY_GROUP,
)
from bench.data.declared import ORGANISATIONS, Declared, with_more
from bench.data.election import load_election
from bench.data.identifying import identifying, identifying_together
from bench.data.ingest.poll_file import read_polls
from bench.data.ingest.poll_map import PollMap
from bench.data.ingest.poll_update import planned_update
from bench.data.readers import PINS, SUMS, forget, is_as_shipped, pins, read_table
from bench.data.tables import polls_of
from bench.models.forecast_table import read_forecast
from tests.data.test_collection import freedonia, written
from tools.organisations import organisations

CASES = Path(__file__).parent / "cases"
LEAST_RECALL = 0.95
MOST_FALSE_ALARMS = 0.02
CANDIDATES_2017 = ("macron", "le_pen")
SURVEYS = {"approvals_by_vote": APPROVALS_BY_VOTE, "vote_by_group": VOTE_BY_GROUP}


def cases(name: str) -> list[dict[str, str]]:
    """The cases of one file of `tests/data/cases`."""
    with (CASES / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def measured(name: str, wanted: Sequence[str], got: Sequence[str]) -> tuple[float, float]:
    """Recall and rate of false alarms; the confusion table is printed."""
    table = pd.crosstab(pd.Series(wanted, name=name), pd.Series(got, name="")).reindex(
        index=["refused", "accepted"], columns=["refused", "accepted"], fill_value=0
    )
    print(f"\n{table}")
    rates = table["refused"] / table.sum(axis=1)
    return float(rates["refused"]), float(rates["accepted"])


def seen_in(cells: str) -> str:
    """What the detector says of the texts of a column."""
    texts, known = cells.split("|"), Declared().known("organisations")
    alone = (identifying(text, known) for text in texts)
    return next(filter(None, alone), "") or identifying_together(texts)


# The held-out part (people made up by Faker 40.63 in nine languages, citations by hand) was
# committed before the detector was written. What the detector made of it was counted, never read:
# it was tuned on the other part and on people that Faker makes up from other seeds.
@pytest.mark.parametrize("name", ["free_columns", "free_columns_held_out"])
def test_the_detector_finds_what_points_to_people_in_free_columns(name: str) -> None:
    rows = cases(name)
    got = ["refused" if seen_in(row["cells"]) else "accepted" for row in rows]
    recall, false_alarms = measured(name, [row["wanted"] for row in rows], got)
    assert len(rows) >= 100
    assert len({row["language"] for row in rows}) >= 8
    assert recall >= LEAST_RECALL
    assert false_alarms <= MOST_FALSE_ALARMS


def polls(folder: Path, case: dict[str, str]) -> Path:
    """A table of polls about two candidates with the columns of a case, cycled."""
    n = int(case["polls"])
    index = pd.MultiIndex.from_product([range(n), CANDIDATES_2017], names=["poll", "candidate"])
    rows = index.to_frame(index=False)
    rows = rows.assign(
        poll_id=[f"p{number}" for number in rows["poll"]],
        round=1,
        institute="Ifop",
        sponsor=None,
        mode="online",
        fieldwork_start=None,
        fieldwork_end=[f"2017-03-{1 + number % 28:02d}" for number in rows["poll"]],
        published_on="2017-04-01",
        basis="stated",
        sample_size=1000,
        sample_expressed=None,
        base=None,
        rolling="false",
        share=[0.6, 0.4] * n,
        source="notice",
    )
    by = rows["poll"] if case["per"] == "poll" else pd.Series(range(len(rows)))
    for name, values in json.loads(case["columns"]).items():
        of = pd.Series(range(len(rows))) if name == "share" else by
        rows[name] = [values[number % len(values)] for number in of]
    path = folder / "polls.csv"
    rows.drop(columns="poll").to_csv(path, index=False)
    declares = json.loads(case["declares"] or "{}")
    said = json.dumps({"further_columns": {"polls": declares}})
    (folder / "election.yaml").write_text(said, encoding="utf-8")
    return path


@pytest.mark.parametrize("case", cases("tables"), ids=lambda case: case["kind"])
def test_a_table_is_refused_if_it_is_about_people(tmp_path: Path, case: dict[str, str]) -> None:
    path = polls(tmp_path, case)
    if case["wanted"] == "accepted":
        assert len(read_table(path, TABLES["polls"], candidates=CANDIDATES_2017)) > 0
        return
    with pytest.raises(DataError) as caught:
        read_table(path, TABLES["polls"], candidates=CANDIDATES_2017)
    said = str(caught.value)
    assert "no column" in said or "art. 9(1)" in said
    if "art. 9(1)" in said:  # then no value is repeated
        values = {str(one) for some in json.loads(case["columns"]).values() for one in some}
        assert not any(value in said for value in values if len(value) > 4)


def test_forty_candidates_may_have_names(tmp_path: Path) -> None:
    names = [f"{a} {b}" for a in ("Ann", "Bea", "Carl", "Dora") for b in "ABCDEFGHIJ"]
    path = tmp_path / "candidates.csv"
    rows = pd.DataFrame({"candidate": [f"c{n}" for n in range(40)], "name": names})
    rows.assign(family="other", party=None, incumbent="false").to_csv(path, index=False)
    assert len(read_table(path, CANDIDATES)) == 40
    rows.assign(family="other", party=None, incumbent="false", email="x").to_csv(path, index=False)
    with pytest.raises(DataError, match="no column 'email' is known here"):
        read_table(path, CANDIDATES)


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
    "held_on": "2031-03-01",
}
RATINGS = {
    "source": "app",
    "round": 1,
    "day": [f"2031-03-{1 + n:02d}" for n in range(20)],
    "candidate": "ash",
    "favourable": 0.4,
    "unfavourable": 0.3,
    "n": 200,
    "published_on": "2031-04-01",
    "held_on": "2031-04-01",
    "provenance": None,
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
BY_GROUP = {
    "variable": "age",
    "group": [f"g{n // 2}" for n in range(12)],
    "candidate": ["ash", "birch"] * 6,
    "share": [0.6, 0.4] * 6,
    "source": None,
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
        ("app_support", APP, {"users": [40, 4, 12]}, "row 1: seems to hold a cell of 4 people"),
        ("ratings", RATINGS, {}, ""),
        ("ratings", RATINGS, {"n": [3, *[200] * 19]}, ""),  # one of twenty: a pilot
        ("ratings", RATINGS, {"n": [3] * 4 + [200] * 16}, "answers of 3 people"),
        ("ratings", RATINGS, {"favourable": [1.0, *[0.4] * 19], "unfavourable": 0.0}, ""),
        ("ratings", RATINGS, {"favourable": 1.0, "n": None}, "answers of one person"),
        ("ratings", RATINGS, {"favourable": 1.0, "unfavourable": 0.0}, "or time and again"),
        ("approvals", APPROVALS, {}, "answers of 3 people"),
        ("approvals", APPROVALS, {"ballots": 500}, ""),
        ("approvals", APPROVALS, {"basis": "official"}, ""),  # the state counted them
        ("approvals_by_vote", BY_VOTE, {}, ""),  # 2 of 400: of a group that is not small
        ("approvals_by_vote", BY_VOTE, {"ballots": 4}, "answers of 4 people"),
        ("vote_by_group", BY_GROUP, {}, ""),
        ("vote_by_group", BY_GROUP, {"share": [1.0, 0.0] * 6}, "answers of one person"),
        ("transfers", TRANSFERS, {}, ""),
        ("transfers", TRANSFERS, {"share": [1.0, 0.0, *[0.6, 0.4] * 5]}, ""),  # rounded
        ("transfers", TRANSFERS, {"share": [1.0, 0.0] * 6}, "answers of one person"),
    ],
)
def test_small_numbers_of_people_are_refused_and_official_counts_are_not(
    tmp_path: Path, name: str, rows: dict[str, Any], change: dict[str, Any], said: str
) -> None:
    path = tmp_path / f"{name}.parquet"
    pd.DataFrame(rows).assign(**change).to_parquet(path)
    table = (TABLES | SURVEYS)[name]
    if said:
        with pytest.raises(DataError, match=said):
            read_table(path, table)
    else:
        assert len(read_table(path, table)) > 0


def test_more_polls_than_an_institute_can_make_in_a_day_are_refused(tmp_path: Path) -> None:
    columns = {"fieldwork_end": ["2017-03-01"], "sample_size": [None]}
    case = {"polls": "60", "per": "poll", "columns": json.dumps(columns), "declares": ""}
    with pytest.raises(DataError, match="60 polls of one institute and day without a sample size"):
        read_table(polls(tmp_path, case), TABLES["polls"])


def shipped() -> Iterator[tuple[Path, Any]]:
    for folder in sorted(paths.datasets().iterdir()):
        many = (folder / "collection.yaml").is_file()
        tables = COLLECTION_TABLES if many else TABLES | {"candidates": CANDIDATES}
        places = (folder, folder / "inputs")
        for path in sorted(file for place in places for file in place.glob("*.*")):
            if path.stem in tables and path.suffix in (".csv", ".parquet"):
                yield path, tables[path.stem]


@pytest.mark.parametrize("name", sorted({path.stem for path, _ in shipped()}))
def test_everything_shipped_passes_the_gate(name: str) -> None:
    for path, table in shipped():
        if path.stem == name:
            read_table(path, table, check=True, short=True)


# ---- lists


def test_the_register_of_organisations_is_that_of_what_ships() -> None:
    rows = pd.read_csv(paths.datasets() / ORGANISATIONS)
    pd.testing.assert_frame_equal(rows, organisations(paths.datasets()), check_dtype=False)


INSTITUTE = {"polls": "20", "per": "poll", "columns": "{}", "declares": ""}


def test_an_institute_that_nobody_knows_is_named_with_the_line_that_declares_it(
    tmp_path: Path,
) -> None:
    case = INSTITUTE | {"columns": '{"institute": ["Nord", "IFOP", "Studio: 4"]}'}
    path = polls(tmp_path, case)
    with pytest.raises(DataError) as caught:
        read_table(path, TABLES["polls"])
    line = str(caught.value).split("`")[1]
    assert line == 'organisations: [Nord, "Studio: 4"]'
    (tmp_path / "election.yaml").write_text(f"name: x\n{line}\n", encoding="utf-8")
    forget()
    assert len(read_table(path, TABLES["polls"])) == 40


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("mode", "door to door", "no mode of asking that the bench knows"),
        ("base", "our readers", "no base that the bench knows"),
        ("sponsor", "Le Monde; Jo Doe", "'Jo Doe': no organisation that the bench knows"),
    ],
)
def test_modes_bases_and_sponsors_are_of_lists_too(
    tmp_path: Path, column: str, value: str, said: str
) -> None:
    path = polls(tmp_path, INSTITUTE | {"columns": json.dumps({column: [value]})})
    with pytest.raises(DataError, match=said):
        read_table(path, TABLES["polls"])


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("organisations: [jo.doe@example.org]", "a list of names"),
        ("organisations: Nord", "a list of names"),
        ("further_columns: {polls: {email: text}}", "of the kinds count, number, date"),
        ("further_columns: [email]", "of the kinds count, number, date"),
    ],
)
def test_what_declares_nothing_is_refused(tmp_path: Path, said: str, words: str) -> None:
    path = polls(tmp_path, INSTITUTE)
    (tmp_path / "election.yaml").write_text(said, encoding="utf-8")
    with pytest.raises(DataError, match=words):
        read_table(path, TABLES["polls"])


@pytest.mark.parametrize(
    "text",
    [
        "name: x\n",
        "name: x\norganisations: [Süd]\n",
        "name: x\norganisations:   # ours\n  - Süd\nvote_on: 2030-05-12\n",
    ],
)
def test_names_are_added_to_a_yaml_and_everything_else_stays(text: str) -> None:
    import yaml

    said = yaml.safe_load(with_more(text, ["Nord"], Path("election.yaml")))
    before = yaml.safe_load(text)
    assert set(said.pop("organisations")) == {"Nord", *before.pop("organisations", [])}
    assert said == before


# ---- doors


def test_a_list_of_sums_beside_the_data_vouches_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets = tmp_path / "datasets"
    shutil.copytree(paths.datasets() / "toy", datasets / "toy")
    shutil.copytree(paths.datasets() / "organisations", datasets / "organisations")
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


def test_a_collection_has_the_gate(tmp_path: Path) -> None:
    folder = written(tmp_path / "freedonia", freedonia())
    rows = pd.read_parquet(folder / "polls.parquet")
    rows.assign(respondent="x").to_parquet(folder / "polls.parquet")
    with pytest.raises(DataError, match="no column 'respondent' is known here"):
        check_collection(load_collection(folder))


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


def test_an_import_keeps_what_its_map_names_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "theirs.csv"
    path.write_text(
        "institute,fieldwork_end,candidate,share,interviewer\n"
        "Ifop,2026-08-01,Ana Rowe,0.6,Jo Doe\nIfop,2026-08-01,Bo Ek,0.4,Jo Doe\n"
    )
    assert "interviewer" not in read_polls(path, PollMap())


@pytest.mark.parametrize(
    ("cell", "said"),
    [("jo.doe@example.org", "an e-mail address"), ("06 12 34 56 78", "a phone number")],
)
def test_an_import_with_personal_data_writes_nothing(tmp_path: Path, cell: str, said: str) -> None:
    folder = tmp_path / "freedonia"
    folder.mkdir()
    (folder / "election.yaml").write_text("name: F\nvote_on: 2026-12-12\n", encoding="utf-8")
    head = "institute,fieldwork_end,sample_size,candidate,share,source\n"
    old = "Ifop,2026-08-01,1000,Ana Rowe,0.6,\nIfop,2026-08-01,1000,Bo Ek,0.4,\n"
    (folder / "polls.csv").write_text(head + old, encoding="utf-8")
    new = tmp_path / "new.csv"
    rows = (f"Ifop,2026-09-01,900,{who},0.5,{cell}\n" for who in ("Ana Rowe", "Bo Ek"))
    new.write_text(head + "".join(rows), encoding="utf-8")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(DataError, match=said):
        run_command("import", ["polls", str(new), "--into", str(folder), "--write"])
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_an_import_declares_the_organisations_that_are_new(tmp_path: Path) -> None:
    folder = tmp_path / "freedonia"
    folder.mkdir()
    facts = "name: F   # ours\nvote_on: 2026-12-12\norganisations: [Nord]\n"
    (folder / "election.yaml").write_text(facts, encoding="utf-8")
    head = "institute,sponsor,fieldwork_end,sample_size,candidate,share,mode\n"
    old = "Nord,,2026-08-01,1000,Ana Rowe,0.6,\nNord,,2026-08-01,1000,Bo Ek,0.4,\n"
    (folder / "polls.csv").write_text(head + old, encoding="utf-8")
    new = tmp_path / "new.csv"
    by = "Süd,Daily Thing; Le Monde,2026-09-01,900"
    new.write_text(head + f"{by},Ana Rowe,0.5,by owl\n{by},Bo Ek,0.5,by owl\n", encoding="utf-8")
    now = pd.Timestamp("2026-09-10")
    update = planned_update(folder, read_polls(new, PollMap()), new, now=now, accepted=["Süd"])
    assert update.declared == ("Süd", "Daily Thing")
    assert "mode is left empty where it is 'by owl'" in update.told[0]
    given = ["polls", str(new), "--into", str(folder), "--write", "--accept", "Süd"]
    assert run_command("import", given) == 0
    said = (folder / "election.yaml").read_text("utf-8")
    assert said.startswith("name: F   # ours\n")
    assert set(polls_of(load_election(f"{folder}/"))["institute"]) == {"Nord", "Süd"}
