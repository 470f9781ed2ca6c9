"""France 2022 from raw rows: what is corrected, when it counts, what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.core.errors import DataError
from tools.build_datasets import nsppolls, ratings_2022, transfers
from tools.build_datasets.elections import RAW_2022, Election
from tools.build_datasets.elections import election_2022 as built_election
from tools.build_datasets.publication import publication

pytestmark = pytest.mark.golden  # a converter of raw sources that lie elsewhere

PEOPLE = ("macron", "le_pen", "melenchon")
NAMES = {"macron": "Emmanuel Macron", "le_pen": "Marine Le Pen", "melenchon": "Jean-Luc Mélenchon"}


@pytest.fixture
def election() -> Election:
    days = {1: pd.Timestamp("2022-04-10"), 2: pd.Timestamp("2022-04-24")}
    votes = [(1, name, 10) for name in PEOPLE] + [(2, name, 10) for name in PEOPLE[:2]]
    return Election(
        year=2022,
        vote_on=days,
        names=NAMES,
        rounds=pd.DataFrame(votes, columns=["round", "candidate", "votes"]),
        totals=pd.DataFrame(),
        people=pd.DataFrame({"candidate": PEOPLE}),
    )


def row(poll: str, name: str, share: float, **cells: object) -> dict[str, object]:
    return {
        "id": poll,
        "candidat": name,
        "intentions": share,
        "nom_institut": "Opinion Way",
        "commanditaire": "RTL, Orange",
        "debut_enquete": "2022-03-01",
        "fin_enquete": "2022-03-02",
        "echantillon": 1000,
        "population": "Certains d'aller voter",
        "rolling": False,
        "tour": "Premier tour",
        "hypothese": None,
        "sous_echantillon": 800.4,
    } | cells


MISENTERED = {
    "hypothese": "Hypothèse Bertrand-Jadot",
    "fin_enquete": "2020-07-01",
    "debut_enquete": "2020-06-30",
}


def source(
    folder: Path, monkeypatch: pytest.MonkeyPatch, rows: list[dict[str, object]], seen: str
) -> Path:
    wrong = row("20200630_0701_elb", "François Baroin", 12, **MISENTERED)
    path = folder / nsppolls.RAW
    path.parent.mkdir(parents=True)
    pd.DataFrame([wrong, *rows]).to_parquet(path)
    minutes = folder / "seen.csv"
    heads = "id,round,seen_on\n20200630_0701_elb,1,2020-07-02T10:00\n"
    minutes.write_text(heads + seen, encoding="utf-8")
    monkeypatch.setattr(nsppolls, "SEEN", minutes)
    return folder


def test_a_misentered_name_is_corrected_and_a_poll_without_record_or_error_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = source(tmp_path, monkeypatch, [], "")
    assert nsppolls.rows(raw)["candidate"].tolist() == ["Xavier Bertrand"]
    wrong = row("20200630_0701_elb", "François Baroin", 12, **MISENTERED)
    for rows, words in (
        ([wrong, row("20220302_ow", "Emmanuel Macron", 60)], "has no minute for"),
        ([wrong | {"candidat": "Xavier Bertrand"}], "drop its correction"),
    ):
        pd.DataFrame(rows).to_parquet(raw / nsppolls.RAW)
        with pytest.raises(DataError, match=words):
            nsppolls.rows(raw)


@pytest.mark.parametrize(
    ("end", "seen", "moment", "basis"),
    [
        ("2022-03-02", "2022-03-04 23:59", "2022-03-04 23:59:00", "stated"),
        ("2022-03-02", "2022-03-09 10:00", "2022-03-04 23:59:00", "rule"),
        ("2022-04-08", "2022-04-08 18:17", "2022-04-08 18:17:00", "stated"),
        ("2022-04-07", "2022-04-10 20:38", "2022-04-08 23:59:00", "rule"),
        ("2022-04-10", "2022-04-10 20:38", "2022-04-10 20:38:00", "stated"),
        ("2022-04-10", "2022-04-10 18:00", "2022-04-10 20:00:00", "rule"),
    ],
)
def test_a_poll_counts_from_its_record_within_two_days_and_the_law(
    election: Election, end: str, seen: str, moment: str, basis: str
) -> None:
    row = {"institute": "Acme", "sponsor": None, "sample_size": "1000", "rolling": "False"}
    row |= {"end": pd.Timestamp(end), "date_kind": "end", "notes": None}
    known, how = publication(pd.DataFrame([row | {"seen_on": pd.Timestamp(seen)}]), election)
    assert (str(known.iloc[0]), how.iloc[0]) == (moment, basis)


def test_a_question_without_a_source_is_refused(tmp_path: Path, election: Election) -> None:
    grade = {"candidat": "Marine Le Pen", "nom_institut": "IFOP", "hypothese": "another"}
    path = tmp_path / ratings_2022.GRADES
    path.parent.mkdir(parents=True)
    pd.DataFrame([grade]).to_csv(path, index=False)
    with pytest.raises(DataError, match="asks a question without a source"):
        ratings_2022.grades(tmp_path, election)


def test_another_number_of_volunteers_is_refused(
    tmp_path: Path, election: Election, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / ratings_2022.BY_DAY
    path.parent.mkdir(parents=True)
    path.write_text("time,official_vote,n\n2022-04-08,Marine Le Pen,8\n2022-04-09,blanc,7\n")
    approved = tmp_path / "approved.csv"
    approved.write_text("day,candidate,approvals,ballots\n2022-04-09,Marine Le Pen,3,6\n")
    monkeypatch.setattr(ratings_2022, "APPROVED", approved)
    with pytest.raises(DataError, match="is 8 but must be 2,076"):
        ratings_2022.volunteers(tmp_path, election)


def test_transfers_of_a_poll_that_is_not_there_are_refused(
    election: Election, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "transfers.csv"
    heads = "id,from_candidate,to,share_pct,seen_on\n"
    path.write_text(
        heads + "20220422_ips,Jean-Luc Mélenchon,Emmanuel Macron,41.0,2022-04-22T20:28\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(transfers, "SEEN_2022", path)
    polls_of_runoff = pd.DataFrame(
        {"round": [2], "poll_id": ["fr2022_r2_220421_ips_1"], "institute": "Ipsos"}
    )
    with pytest.raises(DataError, match="a survey is not among the polls"):
        transfers.transfers_2022(election, polls_of_runoff)


def test_returns_that_do_not_sum_to_what_was_proclaimed_are_refused(tmp_path: Path) -> None:
    folder = (tmp_path / RAW_2022).parent
    folder.mkdir(parents=True)
    votes = pd.DataFrame(
        {
            "round": [1, 1, 2, 2],
            "area": "01",
            "surname": ["MACRON", "LE PEN"] * 2,
            "first_name": "x",
            "votes": [40, 20, 35, 25],
        }
    )
    counts = {"registered": 100, "voters": 80, "valid": 60, "blank": 12, "null": 8}
    totals = pd.DataFrame({"round": [1, 2], "area": "01", "area_name": "Ain"} | counts)
    votes.to_csv(tmp_path / RAW_2022.format("votes"), index=False)
    totals.to_csv(tmp_path / RAW_2022.format("totals"), index=False)
    with pytest.raises(DataError, match="registered: is 100 but must be 48,747,876"):
        built_election(tmp_path)
    votes.assign(surname=np.where(votes["round"] == 1, "NOBODY", votes["surname"])).to_csv(
        tmp_path / RAW_2022.format("votes"), index=False
    )
    with pytest.raises(DataError, match=r"nobody stood who is called \['NOBODY'\]"):
        built_election(tmp_path)
