"""Collections: what is refused with place and remedy; members are elections like any other."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from bench.audit.counterfactual import demand_the_same
from bench.audit.look_ahead import audit
from bench.cli.commands import check, list_
from bench.core import ConfigError, DataError, paths
from bench.core.compose import predictor_settings
from bench.core.registry import make_predictor
from bench.data.collection import collections, every_election, load_collection
from bench.data.collection_check import check_collection
from bench.data.columns import COLLECTION_TABLES, TABLES
from bench.data.election import (
    election_names,
    folders_read,
    load_election,
    same_country_elections,
)
from bench.data.readers import forget
from bench.data.tables import replaced
from bench.data.task import Task, portable

Tables = dict[str, pd.DataFrame]
PARTIES = ("ash", "birch", "others")


def freedonia() -> Tables:
    """Three parliaments and one senator; of the first only shares are known."""
    members = {
        "fd2020": ("parliament", "2020-05-03"),
        "fd2024": ("parliament", "2024-05-05"),
        "fd2028": ("parliament", "2028-05-07"),
        "fd2024/senate/north": ("senate", "2024-05-05"),
    }
    elections = pd.DataFrame(
        [
            {
                "election": name,
                "round": 1,
                "title": f"Election {name}",
                "country": "FD",
                "kind": kind,
                "area": "north" if "/" in name else None,
                "system": "proportional",
                "vote_on": pd.Timestamp(day),
                "known_at": pd.Timestamp(day) + pd.Timedelta(hours=20),
                "polls_until": pd.NaT,
                "seats": 1,
                "valid_votes": None,
                "ranked": name != "fd2020",
                "unranked_because": "compiled later" if name == "fd2020" else None,
                "source_key": "gazette",
            }
            for name, (kind, day) in members.items()
        ]
    )
    people = pd.MultiIndex.from_product([members, PARTIES], names=["election", "candidate"])
    candidates = people.to_frame(index=False).assign(
        round=1, name=lambda t: t["candidate"].str.title(), family="other", party=None
    )
    candidates["incumbent"] = False
    outcomes = people.to_frame(index=False).assign(
        round=1, votes=[None] * 3 + [50, 30, 20] * 3, share=[0.5, 0.3, 0.2] * 4
    )
    outcomes["source_key"] = "gazette"
    polls = people.to_frame(index=False).assign(
        poll_id=lambda t: t["election"].str.replace("/", "_") + "_1",
        round=1,
        institute="Institute",
        sponsor=None,
        mode=None,
        fieldwork_start=pd.NaT,
        basis="rule",
        sample_size=1000,
        sample_expressed=None,
        base=None,
        rolling=False,
        share=[0.45, 0.35, 0.2] * 4,
        source=None,
        source_key="institute",
    )
    vote_on = polls["election"].map(elections.set_index("election")["vote_on"])
    polls["fieldwork_end"] = vote_on - pd.Timedelta(days=10)
    polls["published_on"] = polls["fieldwork_end"] + pd.Timedelta(days=2, hours=23, minutes=59)
    return {
        "elections": elections,
        "candidates": candidates,
        "outcomes": outcomes,
        "polls": polls,
    }


def written(folder: Path, tables: Tables, licence: str = "facts") -> Path:
    """The folder of a collection with these tables."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = {
        "collection": folder.name,
        "title": "Elections of Freedonia",
        "sources": [
            {"key": key, "title": key, "url_or_citation": key, "licence": licence}
            for key in ("gazette", "institute")
        ],
    }
    (folder / "collection.yaml").write_text(yaml.safe_dump(facts), encoding="utf-8")
    for name, rows in tables.items():
        columns = COLLECTION_TABLES[name].having(rows.columns).columns
        rows[list(columns)].sort_values("election", kind="stable").to_parquet(
            folder / f"{name}.parquet", index=False
        )
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "freedonia", freedonia())


def refused(folder: Path) -> str:
    with pytest.raises(DataError) as caught:
        check_collection(load_collection(folder))
    return str(caught.value)


def _set(table: str, row: int, column: str, value: object) -> Callable[[Tables], None]:
    def change(tables: Tables) -> None:
        tables[table][column] = tables[table][column].astype(object)
        tables[table].loc[row, column] = value

    return change


def _twice(table: str) -> Callable[[Tables], None]:
    def change(tables: Tables) -> None:
        tables[table] = pd.concat([tables[table], tables[table].iloc[[0]]], ignore_index=True)

    return change


def _without_last(table: str) -> Callable[[Tables], None]:
    def change(tables: Tables) -> None:
        tables[table] = tables[table].iloc[:-1]

    return change


def _two_rounds(tables: Tables) -> None:
    more = tables["elections"].iloc[[0]].assign(round=2, title="Runoff")
    tables["elections"] = pd.concat([tables["elections"], more], ignore_index=True)


BROKEN = {
    "an outcome that is no election's": (
        _set("outcomes", 0, "election", "fd2019"),
        ("outcomes.parquet, row 0", "election is fd2019"),
    ),
    "a poll that is no election's": (
        _set("polls", 3, "election", "fd204"),
        ("polls.parquet, row", "election is fd204"),
    ),
    "a poll of nobody": (
        _set("polls", 0, "candidate", "cedar"),
        ("polls.parquet, row 0", "election is fd2020, candidate is cedar"),
    ),
    "a round that was not held": (
        _set("polls", 0, "round", 2),
        ("polls.parquet, row 0", "election is fd2020, round is 2"),
    ),
    "two rows for one fact": (
        _twice("polls"),
        ("polls.parquet, row", "one row per election × poll_id × candidate"),
    ),
    "two outcomes of one candidate": (
        _twice("outcomes"),
        ("outcomes.parquet, row", "one row per election × round × candidate"),
    ),
    "an election twice": (
        _twice("elections"),
        ("elections.parquet, row", "one row per election × round"),
    ),
    "a source that nobody described": (
        _set("polls", 0, "source_key", "gazete"),
        ("polls.parquet, row 0", "source_key is gazete"),
    ),
    "shares that do not sum to 1": (
        _set("outcomes", 0, "share", 0.4),
        ("outcomes.parquet, row 0", "election is fd2020, round is 1"),
    ),
    "shares that the votes contradict": (
        _set("outcomes", 3, "votes", 90),
        ("outcomes.parquet, row", "election is fd2024, round is 1, votes is 90"),
    ),
    "votes of some candidates alone": (
        _set("outcomes", 3, "votes", None),
        ("outcomes.parquet, row", "election is fd2024, round is 1"),
    ),
    "an outcome that lacks a candidate": (
        _without_last("candidates"),
        ("outcomes.parquet", "election is fd2024/senate/north, candidate is others"),
    ),
    "a ballot that the outcome does not have": (
        _without_last("outcomes"),
        ("outcomes.parquet", "election is fd2024/senate/north, round is 1"),
    ),
    "a poll that was public before it ended": (
        _set("polls", 0, "published_on", pd.Timestamp("2020-01-01")),
        ("polls.parquet, row 0", "'fieldwork_end' on or before 'published_on'"),
    ),
    "an outcome that is known before the vote": (
        _set("elections", 0, "known_at", pd.Timestamp("2020-05-02")),
        ("elections.parquet, row 0", "'vote_on' on or before 'known_at'"),
    ),
    "a kind that nobody knows": (
        _set("elections", 0, "kind", "parlament"),
        ("elections.parquet, row 0", "column 'kind' is parlament", "parliament"),
    ),
    "a country in small letters": (
        _set("elections", 0, "country", "fd"),
        ("elections.parquet, row 0", "country is fd"),
    ),
    "a name with capitals": (
        _set("elections", 0, "election", "FD2020"),
        ("elections.parquet, row 0", "election is FD2020"),
    ),
    "one election with two titles": (
        _two_rounds,
        ("elections.parquet, row 0", "election is fd2020, title is Election fd2020"),
    ),
    "unranked without a reason": (
        _set("elections", 0, "unranked_because", None),
        ("elections.parquet, row 0", "election is fd2020"),
    ),
    "percent": (
        _set("polls", 0, "share", 45.0),
        ("polls.parquet, row 0", "not percent"),
    ),
    "more seats than candidates": (
        _set("elections", 0, "seats", 3),
        ("elections.parquet", "seats is 3", "1 to 2"),
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_collection_is_refused_with_place_and_remedy(what: str, tmp_path: Path) -> None:
    change, words = BROKEN[what]
    tables = freedonia()
    change(tables)
    said = refused(written(tmp_path / "freedonia", tables))
    for word in words:
        assert word in said, said


def test_evidence_held_after_it_was_published_is_refused(tmp_path: Path) -> None:
    day = pd.Timestamp("2024-05-01")
    buzz = pd.DataFrame(
        {
            "election": ["fd2024"],
            "day": day,
            "source": "trends",
            "community": None,
            "candidate": "ash",
            "measure": "searches",
            "value": 1.0,
            "published_on": day,
            "held_on": day + pd.Timedelta(days=1),
            "source_key": "institute",
        }
    )
    said = refused(written(tmp_path / "freedonia", freedonia() | {"buzz": buzz}))
    assert "buzz.parquet, row 0" in said
    assert "'held_on' on or before 'published_on'" in said


def test_an_unknown_licence_is_refused_with_the_nearest(tmp_path: Path) -> None:
    said = refused_at_load(written(tmp_path / "freedonia", freedonia(), licence="CC-BY-4"))
    assert "collection.yaml: `sources.0.licence` is CC-BY-4" in said
    assert "CC-BY-4.0" in said


def refused_at_load(folder: Path) -> str:
    with pytest.raises(DataError) as caught:
        load_collection(folder)
    return str(caught.value)


def test_a_file_that_was_changed_after_its_checksum_is_refused(folder: Path) -> None:
    (folder / "SHA256SUMS").write_text("0" * 64 + "  polls.parquet\n", encoding="utf-8")
    said = refused(folder)
    assert "polls.parquet: its checksum is not that of" in said
    assert "build it again" in said


def test_a_collection_without_its_register_is_refused(folder: Path) -> None:
    (folder / "elections.parquet").unlink()
    assert "elections.parquet is missing" in refused(folder)


def test_an_election_in_two_places_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path / "freedonia", freedonia())
    only = {name: rows[rows["election"] == "fd2024"] for name, rows in freedonia().items()}
    written(tmp_path / "sylvania", only)
    monkeypatch.setattr(paths, "datasets", lambda: tmp_path)
    with pytest.raises(DataError, match=r"election 'fd2024' is in .*sylvania too; accepted: one"):
        load_election("fd2024")
    with pytest.raises(DataError, match="fd2024"):
        same_country_elections(load_election("fd2020"))
    with pytest.raises(DataError, match="fd2024"):
        every_election()
    assert "fd2024" in refused(tmp_path / "freedonia")
    forget()


def test_a_broken_collection_is_refused_when_one_of_its_elections_is_read(tmp_path: Path) -> None:
    tables = freedonia()
    _set("polls", 0, "candidate", "cedar")(tables)
    folder = written(tmp_path / "freedonia", tables)
    with pytest.raises(DataError, match="election is fd2020, candidate is cedar"):
        Task(folder / "fd2024", 1, "2024-05-04").evidence()["polls"]


def test_no_election_of_that_name_is_told_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"did you mean 'gb1974_10'\? [\d,]+ are known"):
        load_election("gb1974_1")
    with pytest.raises(ConfigError, match="no collection is called 'great_britan'"):
        load_collection("great_britan")
    with pytest.raises(ConfigError, match="have no table 'pols'"):
        load_collection("great_britain").table("pols")


def test_a_member_is_an_election_like_any_other(folder: Path) -> None:
    election = load_election(f"{folder}/fd2024/senate/north")
    assert (election.name, election.kind, election.area) == (
        "fd2024/senate/north",
        "senate",
        "north",
    )
    assert election.ranked
    assert election.round(1).candidates == PARTIES
    assert election.collection == "freedonia"
    assert load_election(str(election.address)).name == election.name
    first = load_election(f"{folder}/fd2020")
    assert (first.ranked, first.unranked_because) == (False, "compiled later")


def test_the_columns_of_evidence_are_those_of_a_folder(folder: Path) -> None:
    ours = Task(folder / "fd2024", 1, "2024-05-04 20:00").evidence()
    theirs = Task("toy", 1, "2031-04-05 20:00").evidence()
    for name in TABLES:
        columns = [name for name in theirs[name].columns if name != "withdrawn_on"]
        assert sorted(ours[name].columns) == sorted(columns), name
    for name in ("past_polls", "outcomes", "ballots"):
        assert sorted(ours[name].columns) == sorted(theirs[name].columns), name
        kinds = [ours[name][c].dtype.kind for c in ("vote_on", "election")]
        assert kinds == [theirs[name][c].dtype.kind for c in ("vote_on", "election")]


def test_a_member_learns_from_its_country_and_kind_as_far_as_known(folder: Path) -> None:
    address = f"{folder}/fd2024"
    earlier = Task(address, 1, "2024-05-04 20:00").evidence()
    assert set(earlier["past_polls"]["election"]) == {"fd2020"}
    assert set(earlier["outcomes"]["election"]) == {"fd2020"}
    assert set(earlier["ballots"]["election"]) == {"fd2020", "fd2024"}
    same = [one.name for one in same_country_elections(load_election(address))]
    assert same == ["fd2020", "fd2028"]
    assert folders_read(load_election(address))[0] == folder


def test_polls_dated_by_rule_move_with_the_lag(folder: Path) -> None:
    public = {
        lag: len(Task(folder / "fd2024", 1, "2024-04-28", poll_lag_days=lag).evidence()["polls"])
        for lag in (1, 2, 4)
    }
    assert public == {1: 3, 2: 3, 4: 0}  # interviews until 25 April, cut at midnight of the 28th
    past = Task(folder / "fd2028", 1, "2028-04-20", poll_lag_days=4).evidence()["past_polls"]
    assert set(past["published_on"].dt.day) == {27, 29}


def test_shares_without_votes_stay_shares(folder: Path) -> None:
    shares = Task(folder / "fd2020", 1, "2020-05-01").outcome()
    assert shares.votes.isna().all()
    assert shares.share.round(6).to_dict() == {"ash": 0.5, "birch": 0.3, "others": 0.2}
    votes = Task(folder / "fd2024", 1, "2024-05-01").outcome()
    assert votes.votes.tolist() == [50, 30, 20]
    assert votes.share.tolist() == [0.5, 0.3, 0.2]


def test_rounded_shares_are_divided_by_their_sum(tmp_path: Path) -> None:
    tables = freedonia()
    _set("outcomes", 0, "share", 0.5005)(tables)
    outcome = Task(written(tmp_path / "fd", tables) / "fd2020", 1, "2020-05-01").outcome()
    assert outcome.share.sum() == pytest.approx(1, abs=1e-12)
    assert outcome.share["ash"] == pytest.approx(0.5005 / 1.0005)


FRENCH = ("fr2017", "fr2027")


def test_parts_and_keys_are_those_of_the_collection(folder: Path) -> None:
    assert Task("gb2015", 1, "2015-05-06").part["election"] == "gb2015"
    elsewhere = Task(folder / "fd2024/senate/north", 1, "2024-05-04")
    assert load_election(elsewhere.part["election"]).name == "fd2024/senate/north"
    assert portable(load_election("toy").address) == "toy"
    assert Task(folder / "fd2024", 1, "2024-05-04") != Task(folder / "fd2020", 1, "2024-05-04")
    britain = Task("gb2015", 1, "2015-05-06").folders
    assert britain[0].name == "great_britain"
    assert len(britain) == len(set(britain)) <= 2  # hashed once, not per election


def test_a_vote_depends_on_no_election_whose_ballot_is_open() -> None:
    names = {year: {one.name for one in folders_read(load_election(year))} for year in FRENCH}
    assert "fr2027" not in names["fr2017"]
    assert names["fr2027"] == names["fr2017"] | {"fr2027"}


def test_tables_are_assembled_only_when_they_are_read(folder: Path) -> None:
    asked: list[str] = []

    def heard(name: str, rows: pd.DataFrame) -> pd.DataFrame:
        asked.append(name)
        return rows

    evidence = Task(folder / "fd2024", 1, "2024-05-04").evidence()
    with replaced(heard):
        assert len(evidence.only({"polls"})["polls"]) == 3
    assert asked == ["polls"]


def test_audits_find_members_clean_and_see_what_leaks(folder: Path) -> None:
    task = Task(folder / "fd2024", 1, "2024-05-01")
    demand_the_same(task)
    predictors = {"last_poll": make_predictor("last_poll", predictor_settings("last_poll"))}
    assert [verdict.status for verdict in audit(predictors, task)] == ["passed"]


def test_shipped_collections_are_whole() -> None:
    for name in collections():
        check_collection(load_collection(name))


def test_every_election_is_in_the_register_once() -> None:
    known = every_election()
    assert not known.duplicated(["election", "round"]).any()
    assert set(known["election"]) == set(election_names())
    is_open = known["unranked_because"].str.contains("ballot is open")
    assert known.loc[is_open, "election"].unique().tolist() == ["fr2027"]
    assert known.loc[~is_open, "n_candidates"].ge(2).all()
    french = every_election(country="FR", collection="")
    assert french["kind"].eq("president").all()
    assert every_election(kind="parliament", country="GB")["vote_on"].is_monotonic_increasing


def test_bench_list_and_check_know_collections(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert list_.main(["great_britain"]) == 0
    assert "gb1974_10" in capsys.readouterr().out
    assert check.main([str(folder)]) == 0
    said = capsys.readouterr().out
    assert "FD, parliament: 3 elections, 2 of them may be ranked" in said
    assert "polls: 12 rows about 4 elections" in said
    assert check.main([f"{folder}/fd2020", "--quick"]) == 0
    said = capsys.readouterr().out
    assert "as shares alone: " in said


def test_a_collection_may_be_written_as_csv(folder: Path) -> None:
    for path in folder.glob("*.parquet"):
        pd.read_parquet(path).to_csv(path.with_suffix(".csv"), index=False)
        path.unlink()
    check_collection(load_collection(folder))
    assert len(Task(folder / "fd2024", 1, "2024-05-04").evidence()["polls"]) == 3


def test_a_copy_elsewhere_counts_what_ships_once(tmp_path: Path) -> None:
    copy = tmp_path / "mine"
    shutil.copytree(paths.datasets() / "great_britain", copy)
    election = load_election(f"{copy}/gb2015")
    names = [one.name for one in same_country_elections(election)]
    assert len(names) == len(set(names))
    assert "gb2010" in names
    assert np.all([one.folder == copy for one in same_country_elections(election)])


def test_an_election_brought_along_learns_from_a_collection(tmp_path: Path) -> None:
    folder = tmp_path / "gb2024"
    folder.mkdir()
    facts = "name: General election of 2024\ncountry: GB\nkind: {kind}\nvote_on: 2024-07-04\n"
    (folder / "election.yaml").write_text(facts.format(kind="parliament"), encoding="utf-8")
    shares = {"Conservatives": 0.2, "Labour": 0.39, "Liberals": 0.12}
    rows = [f"YouGov,2024-06-30,2000,{name},{share}" for name, share in shares.items()]
    header = "institute,fieldwork_end,sample_size,candidate,share"
    (folder / "polls.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    election = load_election(str(folder))
    assert election.kind == "parliament"
    assert election.round(1).candidates == ("con", "lab", "lib")
    past = Task(election, 1, "2024-07-03").evidence()["past_polls"]
    assert set(past["election"]) == set(load_collection("great_britain").table("polls")["election"])
    (folder / "election.yaml").write_text(facts.format(kind="parlament"), encoding="utf-8")
    forget()
    with pytest.raises(DataError, match="kind is 'parlament' \\(did you mean 'parliament'"):
        load_election(str(folder))
