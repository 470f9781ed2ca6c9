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

MATCHES = "election,candidate,polled,official,official_names,share,note\n"
AUSTRALIA = pd.Series(
    {
        "election": "au2019",
        "parlgov_country": "AUS",
        "kind": "parliament",
        "parlgov_date": "2019-05-18",
    }
)
PARLGOV = pd.DataFrame(
    {
        "country_name_short": "AUS",
        "election_type": "parliament",
        "election_date": "2019-05-18",
        "party_id": [1411, 184, 1253, 751],
        "vote_share": [28.0, 4.5, 33.3, None],
    }
)


def matched(candidate: str, official: str, share: float | None = None) -> pd.DataFrame:
    return pd.DataFrame([{"candidate": candidate, "official": official, "share": share}])


def tables(folder: Path, matches: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("elections", "parties"):
        (folder / f"{name}.csv").write_text("election\n", encoding="utf-8")
    (folder / "matches.csv").write_text(MATCHES + matches, encoding="utf-8")
    monkeypatch.setattr(parliaments, "TABLES", folder)


@pytest.mark.parametrize(
    ("second", "column"), [("coalition,LP,2", "polled"), ("coalition,NP,1", "official")]
)
def test_a_name_of_two_candidates_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second: str, column: str
) -> None:
    tables(tmp_path, f"au2019,liberal,LP,1,,,\nau2019,{second},,,\n", monkeypatch)
    with pytest.raises(DataError, match=f"{column} stands twice"):
        parliaments.read_tables()


@pytest.mark.parametrize("lists", ["999", "751", "1253;999"])
def test_a_match_without_an_official_result_is_refused(lists: str) -> None:
    with pytest.raises(DataError, match="ParlGov has no result of"):
        parliaments.official(PARLGOV, AUSTRALIA, matched("labor", lists))


def test_results_above_all_votes_are_refused() -> None:
    both = pd.concat([matched("labor", "1253", 70.0), matched("coalition", "1411;184")])
    with pytest.raises(DataError, match=r"add up to 102\.50 %"):
        parliaments.official(PARLGOV, AUSTRALIA, both)


def test_lists_of_one_candidate_are_added_up() -> None:
    found = parliaments.official(PARLGOV, AUSTRALIA, matched("coalition", "1411;184"))
    assert found == {"coalition": pytest.approx(0.325)}


def test_the_shipped_matching_table_names_everybody_once() -> None:
    elections, matches, parties = parliaments.read_tables()
    assert set(matches["election"]) == set(elections["election"])
    country = elections.set_index("election")["country"]
    known = set(zip(parties["country"], parties["candidate"], strict=True))
    used = set(zip(matches["election"].map(country), matches["candidate"], strict=True))
    assert used <= known
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


@pytest.mark.parametrize(("given", "size"), [("≥1000", 1000), ("600–700", None), ("", None)])
def test_sample_sizes_are_numbers_or_unknown(
    tmp_path: Path, given: str, size: float | None
) -> None:
    polls, _ = europe(tmp_path, [{"sample_size": given}, {"poll_id": "b", "pollster": "OGM"}])
    found = polls.set_index("poll_id")["sample_size"]["at_1"]
    assert pd.isna(found) if size is None else found == size


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
    canada = "date,lpc,cpc,institute\n2008-09-30,17,24,Nanos\n2015-10-18,60,40,Nanos\n"
    polls, left_out = earlier(tmp_path, greece=greece, norway=norway, canada=canada)
    assert left_out["a result in a table of polls"] == 1
    assert left_out["no institute (a monthly average)"] == 1
    assert left_out["shares whose whole cannot be told"] == 1
    assert set(polls[polls["file"] == "canada"]["fieldwork_end"]) == {pd.Timestamp("2015-10-18")}


def test_a_list_in_the_columns_of_two_members_counts_once(tmp_path: Path) -> None:
    poland = "date,institute,dla,your_movement,pis\n8 October 2015,TNS,10,10,90\n"
    polls, _ = earlier(tmp_path, poland=poland)
    found = polls[polls["file"] == "poland"].set_index("key")["share"].to_dict()
    assert found == {"dla": 0.1, "pis": 0.9}


def test_modes_and_rolling_samples_are_read_where_stated(tmp_path: Path) -> None:
    canada = "date,lpc,institute,polling_method\n2015-10-18,100,Nanos,telephone (rolling)\n"
    polls, _ = earlier(tmp_path, canada=canada)
    row = polls[polls["file"] == "canada"].iloc[0]
    assert row["mode"] == "live phone"
    assert row["rolling"]
