"""The collections of Great Britain and Brazil against figures published elsewhere."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bench.core import DataError, paths
from bench.data.collection import load_collection
from bench.data.columns import COLLECTION_TABLES
from bench.data.election import load_election
from bench.data.task import Task
from tools.build_datasets.collections import Collection, Source, builders, write_collection
from tools.build_datasets.collections.great_britain import RECOUNTED
from tools.build_datasets.files import read_raw


def source(licence: str = "facts") -> Source:
    return Source(
        key="a", title="A", url_or_citation="a", licence=licence, published_on_rule="stated"
    )


def small(**changes: object) -> Collection:
    rows = pd.DataFrame(
        {
            "election": ["xx2024", "xx2020"],
            "poll_id": "p",
            "round": 1,
            "institute": "I",
            "fieldwork_end": "2020-01-01",
            "published_on": "2020-01-03",
            "basis": "rule",
            "rolling": False,
            "candidate": "ash",
            "share": 0.5,
            "source_key": "a",
            **changes,
        }
    )
    return Collection(name="xx", title="X", what="x", sources=[source()], tables={"polls": rows})


def test_a_builder_writes_the_columns_of_every_collection_and_known_licences(
    tmp_path: Path,
) -> None:
    lacking, free = small(), small()
    lacking.tables["polls"] = lacking.tables["polls"].drop(columns="basis")
    free.sources = [source("free")]
    for maker, words in (
        (small(shares=0.5), r"polls: has no columns \['shares'\]"),
        (lacking, r"polls: lacks the columns \['basis'\]"),
        (free, "a: licence 'free'"),
    ):
        with pytest.raises(DataError, match=words):
            write_collection(tmp_path, maker)


def test_the_same_rows_in_any_order_are_the_same_bytes(tmp_path: Path) -> None:
    collection = small()
    write_collection(tmp_path / "one", collection)
    collection.tables["polls"] = collection.tables["polls"].iloc[::-1]
    write_collection(tmp_path / "two", collection)
    first, two = ((tmp_path / name / "SHA256SUMS").read_text() for name in ("one", "two"))
    assert first == two


# percent of the vote in Great Britain and seats there: House of Commons Library,
# UK election statistics 1918-2023
@pytest.mark.parametrize(
    ("name", "percent", "seats"),
    [
        ("gb1983", (43.5, 28.3, 26.0), (397, 209, 23)),
        ("gb1987", (43.3, 31.5, 23.1), (376, 229, 22)),
        ("gb1997", (31.5, 44.3, 17.2), (165, 418, 46)),
        ("gb2010", (36.9, 29.7, 23.6), (306, 258, 57)),
    ],
)
def test_british_votes_and_seats_are_those_that_were_published(
    name: str, percent: tuple[float, ...], seats: tuple[int, ...]
) -> None:
    outcome = Task(name, 1, load_election(name).round(1).vote_on).outcome()
    parties = ["con", "lab", "lib"]
    assert (100 * outcome.share[parties]).round(1).tolist() == pytest.approx(percent, abs=0.11)
    won = outcome.areas.idxmax(axis=1).value_counts()
    # nationalists and independents are one, so that a seat of theirs may be counted against them
    assert won[parties].tolist() == pytest.approx(seats, abs=1)
    assert outcome.areas.sum().sum() == outcome.votes.sum()


def test_allies_count_as_conservatives_before_1955_too() -> None:
    """Seats of 1951: 321 less nine Ulster Unionists, 295 and 6 (politicsresources.net, ge51)."""
    outcome = Task("gb1951", 1, "1951-10-25").outcome()
    won = outcome.areas.idxmax(axis=1).value_counts()
    assert won[["con", "lab", "lib"]].tolist() == [312, 295, 6]
    moved = read_raw(RECOUNTED).astype({"votes": int})
    allied = moved["label"].str.contains("National Liberal|and Conservative|and Liberal")
    # Craig's National Liberals: two more than are labelled so, whose label is plain Conservative
    plain = moved["constituency"].isin(["Dewsbury", "Lanarkshire Motherwell"])
    plain |= moved["constituency"].isin(["Dundee East", "Gloucester"])
    sums = moved[allied | plain].groupby("election")["votes"].agg(["size", "sum"])
    assert sums.loc["gb1950"].tolist() == [55, pytest.approx(985_343, abs=50)]
    assert sums.loc["gb1951"].tolist() == [55, pytest.approx(1_058_138, abs=701)]


def test_no_british_constituency_counts_twice() -> None:
    areas = load_collection("great_britain").table("area_outcomes")
    sizes = areas.groupby("election")["area"].nunique()
    assert sizes[["gb1992", "gb1997", "gb2005", "gb2019"]].tolist() == [634, 641, 628, 632]


def test_polls_of_brazil_do_not_know_the_votes() -> None:
    for number, leading in ((1, 0.4603), (2, 0.5513)):
        task = Task(
            "br2018/president", number, load_election("br2018/president").round(number).vote_on
        )
        polls = task.evidence()["polls"]
        shares = polls.loc[polls["candidate"] == "bolsonaro", "share"]
        assert task.outcome().share["bolsonaro"] == pytest.approx(leading, abs=1e-4)
        assert (shares - leading).abs().min() > 0.001
        assert polls.groupby("poll_id")["share"].sum().between(0.85, 1.0001).all()


def test_runoff_polls_from_before_the_first_round_are_not_kept_by_who_stood() -> None:
    polls = load_collection("brazil").rows("polls", "br2022/president")
    last_interviews = polls.drop_duplicates(["round", "poll_id"]).groupby("round")["fieldwork_end"]
    assert last_interviews.size().to_dict() == {1: 135, 2: 38}
    assert last_interviews.min()[2] > load_election("br2022/president").round(1).vote_on


def test_counts_of_brazil_belong_to_their_owner_until_they_were_published() -> None:
    eve = "2018-10-06 20:00"
    assert Task("br2018/president", 1, eve).evidence()["buzz"].empty
    owned = Task("br2018/president", 1, eve, include_embargoed=["metrics"]).evidence()["buzz"]
    assert owned["day"].max() == pd.Timestamp("2018-10-05")
    assert owned["candidate"].nunique() == 5


@pytest.mark.parametrize("name", sorted(builders()))
def test_the_card_of_a_collection_explains_columns_as_the_schema_does(name: str) -> None:
    card = (paths.datasets() / name / "CARD.md").read_text(encoding="utf-8")
    for path in (paths.datasets() / name).glob("*.parquet"):
        meanings = COLLECTION_TABLES[path.stem].columns
        lines = "".join(f"- `{c}`: {meanings[c].meaning}\n" for c in pd.read_parquet(path))
        assert f"`{path.name}`\n\n{lines}" in card + "\n"
