"""Polls of parliaments under the slugs of the matching table, and results from ParlGov."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bench.core.errors import DataError
from tools.build_datasets.collections import parliaments
from tools.build_datasets.collections.parliament_polls import (
    EUROPE_ELECTS,
    FILES,
    FOLDER,
    europe_elects_polls,
    wikipedia_polls,
)

pytestmark = pytest.mark.golden  # a converter of raw sources that lie elsewhere

MATCHES = "election,candidate,polled,official,official_names,share,note\n"
PARLGOV = pd.DataFrame(
    {
        "country_name_short": "AUS",
        "election_type": "parliament",
        "election_date": "2019-05-18",
        "party_id": [1411, 184, 1253, 751],
        "vote_share": [28.0, 4.5, 33.3, None],
    }
)


@pytest.mark.parametrize(
    ("second", "column"), [("coalition,LP,2", "polled"), ("coalition,NP,1", "official")]
)
def test_a_name_of_two_candidates_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second: str, column: str
) -> None:
    for name in ("elections", "parties"):
        (tmp_path / f"{name}.csv").write_text("election\n", encoding="utf-8")
    rows = f"au2019,liberal,LP,1,,,\nau2019,{second},,,\n"
    (tmp_path / "matches.csv").write_text(MATCHES + rows, encoding="utf-8")
    monkeypatch.setattr(parliaments, "TABLES", tmp_path)
    with pytest.raises(DataError, match=f"{column} stands twice"):
        parliaments.read_tables()


def official(*matches: tuple[str, str, float | None]) -> dict[str, float]:
    election = {"election": "au2019", "parlgov_country": "AUS", "kind": "parliament"}
    election = pd.Series(election | {"parlgov_date": "2019-05-18"})
    columns = ["candidate", "official", "share"]
    return parliaments.official(PARLGOV, election, pd.DataFrame(matches, columns=columns))


def test_lists_of_one_candidate_are_added_up_if_each_has_a_result() -> None:
    both = ("coalition", "1411;184", None)
    assert official(both) == {"coalition": pytest.approx(0.325)}
    for lists in ("999", "751", "1253;999"):
        with pytest.raises(DataError, match="ParlGov has no result of"):
            official(("labor", lists, None))
    with pytest.raises(DataError, match=r"add up to 102\.50 %"):
        official(("labor", "1253", 70.0), both)


def test_the_shipped_matching_table_names_everybody_once() -> None:
    elections, matches, parties = parliaments.read_tables()
    assert set(matches["election"]) == set(elections["election"])
    country = elections.set_index("election")["country"]
    pairs = set(zip(parties["country"], parties["candidate"], strict=True))
    used = set(zip(matches["election"].map(country), matches["candidate"], strict=True))
    assert used <= pairs
    corrected = matches[matches["share"].notna()]
    assert corrected["note"].notna().all()


def europe(folder: Path, rows: list[dict[str, object]]) -> tuple[pd.DataFrame, dict[str, int]]:
    usual = {
        "file": "at",
        "poll_id": "at-1",
        "pollster": "Gallup",
        "commissioners": "",
        "fieldwork_start": "2019-09-01",
        "fieldwork_end": "2019-09-03",
        "published": "",
        "scope": "N",
        "area": "",
        "sample_size": "1000",
        "party": "SPÖ",
        "share": 60.0,
        "other": "40",
        "no_response": "",
    }
    (folder / EUROPE_ELECTS).parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame([{**usual, **row} for row in rows]).to_parquet(folder / EUROPE_ELECTS)
    polls, left_out = europe_elects_polls(folder)
    return polls, dict(left_out)


def test_further_scenarios_regions_and_runoffs_are_left_out(tmp_path: Path) -> None:
    polls, left_out = europe(
        tmp_path,
        [
            {},
            {"poll_id": "at-2", "share": 55.0},
            {"poll_id": "at-3", "scope": "N2", "pollster": "Market"},
            {"poll_id": "at-4", "area": "VLG", "pollster": "OGM"},
        ],
    )
    assert polls["poll_id"].tolist() == ["at_1"]
    assert left_out["a further scenario of the same poll"] == 1


def test_a_year_is_no_date_and_a_month_ends_with_its_last_day(tmp_path: Path) -> None:
    polls, left_out = europe(
        tmp_path,
        [
            {"fieldwork_end": "2019"},
            {"poll_id": "at-2", "fieldwork_start": "2019-02", "fieldwork_end": "2019-02"},
        ],
    )
    assert left_out["only a year for a date"] == 1
    row = polls.iloc[0]
    assert row["fieldwork_end"] == pd.Timestamp("2019-02-28")
    assert row["published_on"] == pd.Timestamp("2019-03-02 23:59")
    assert pd.isna(row["fieldwork_start"])


@pytest.mark.parametrize(
    ("published", "basis", "moment"),
    [
        ("2019-09-04", "stated", "2019-09-04 23:59"),
        ("", "rule", "2019-09-05 23:59"),
        ("2019-09-02", "rule", "2019-09-05 23:59"),  # before the last interview: a slip
    ],
)
def test_publication_is_stated_or_two_days_after_the_last_interview(
    tmp_path: Path, published: str, basis: str, moment: str
) -> None:
    polls, _ = europe(tmp_path, [{"published": published}])
    assert polls.loc[0, "basis"] == basis
    assert polls.loc[0, "published_on"] == pd.Timestamp(moment)


def test_seats_become_shares_in_the_netherlands_alone(tmp_path: Path) -> None:
    seats = {"share": 30.0, "other": "120"}
    polls, left_out = europe(
        tmp_path, [{**seats, "file": "nl", "poll_id": "nl-1"}, {**seats, "poll_id": "at-1"}]
    )
    assert polls[["poll_id", "share"]].values.tolist() == [["nl_1", 0.2]]
    assert left_out["shares whose whole cannot be told"] == 1


def test_sample_sizes_are_numbers_or_unknown(tmp_path: Path) -> None:
    sizes = {"a": "≥1000", "b": "600–700", "c": ""}
    polls, _ = europe(
        tmp_path, [{"poll_id": key, "pollster": key, "sample_size": sizes[key]} for key in sizes]
    )
    found = polls.drop_duplicates("poll_id").set_index("poll_id")["sample_size"]
    assert found["a"] == 1000
    assert found[["b", "c"]].isna().all()


def earlier(folder: Path, **tables: str) -> tuple[pd.DataFrame, dict[str, int]]:
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    for file, name in FILES.items():
        text = tables.get(file, "date,institute,x\n2001-01-01,Acme,100\n")
        if file == "poland" and file not in tables:
            text = "date,institute,dla,your_movement\n10-7- 2011,Acme,60,40\n"
        if name.endswith(".parquet"):
            rows = [line.split(",") for line in text.splitlines()]
            pd.DataFrame(rows[1:], columns=rows[0]).to_parquet(folder / FOLDER / name)
        else:
            (folder / FOLDER / name).write_text(text, encoding="utf-8")
    polls, left_out = wikipedia_polls(folder)
    return polls, dict(left_out)


def test_results_averages_and_shifted_columns_are_left_out(tmp_path: Path) -> None:
    greece = "institute,date,nd,syriza\nEP Election,2014-05-25,60,40\nGPO,2014-05-20,60,40\n"
    norway = "institute,date,ap,h\nNA,9-2013,60,40\nNorstat,31 Aug 2017,60,40\n"
    canada = "date,lpc,cpc,institute,polling_method\n2008-09-30,17,24,Nanos,\n"
    canada += "2015-10-18,60,40,Nanos,telephone (rolling)\n"
    polls, left_out = earlier(tmp_path, greece=greece, norway=norway, canada=canada)
    assert left_out["a result in a table of polls"] == 1
    assert left_out["no institute (a monthly average)"] == 1
    assert left_out["shares whose whole cannot be told"] == 1
    rows = polls[polls["file"] == "canada"]
    assert set(rows["fieldwork_end"]) == {pd.Timestamp("2015-10-18")}
    assert rows.iloc[0][["mode", "rolling"]].tolist() == ["live phone", True]
