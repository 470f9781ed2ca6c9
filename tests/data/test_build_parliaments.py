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


def europe_elects(folder: Path, published: str) -> pd.DataFrame:
    """One poll of Europe Elects, published on that day."""
    row = {
        "file": "at",
        "poll_id": "at-1",
        "pollster": "Gallup",
        "commissioners": "",
        "fieldwork_start": "2019-09-01",
        "fieldwork_end": "2019-09-03",
        "published": published,
        "scope": "N",
        "area": "",
        "sample_size": "1000",
        "party": "SPÖ",
        "share": 60.0,
        "other": "40",
        "no_response": "",
    }
    (folder / EUROPE_ELECTS).parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame([row]).to_parquet(folder / EUROPE_ELECTS)
    return europe_elects_polls(folder)[0]


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
    polls = europe_elects(tmp_path, published)
    assert polls.loc[0, "basis"] == basis
    assert polls.loc[0, "published_on"] == pd.Timestamp(moment)


def test_results_in_tables_of_polls_are_left_out(tmp_path: Path) -> None:
    tables = {
        "greece": "institute,date,nd,syriza\nEP Election,2014-05-25,60,40\nGPO,2014-05-20,60,40\n",
        "poland": "date,institute,dla,your_movement\n10-7- 2011,Acme,60,40\n",
    }
    (tmp_path / FOLDER).mkdir(parents=True)
    for country, name in FILES.items():
        text = tables.get(country, "date,institute,x\n2001-01-01,Acme,100\n")
        path = tmp_path / FOLDER / name
        path.write_text(text, encoding="utf-8")
        if path.suffix == ".parquet":
            pd.read_csv(path, dtype=str).to_parquet(path)
    polls, left_out = wikipedia_polls(tmp_path)
    assert left_out["a result in a table of polls"] == 1
    assert set(polls.loc[polls["file"].eq("greece"), "institute"]) == {"GPO"}
