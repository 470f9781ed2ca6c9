"""Collections: what is refused with place and remedy; members are elections like any other."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from bench.audit.look_ahead import audit
from bench.cli.commands import check, list_
from bench.core import ConfigError, DataError, paths
from bench.core.compose import predictor_settings
from bench.core.registry import make_predictor
from bench.data.collection import collections, load_collection
from bench.data.collection_check import check_collection
from bench.data.columns import TABLES
from bench.data.election import (
    election_names,
    folders_read,
    load_election,
    same_country_elections,
)
from bench.data.readers import forget
from bench.data.task import Task, portable
from tools.register import every_election

Tables = dict[str, pd.DataFrame]
PARTIES = ("ash", "birch", "others")
LATER = ("es2023", "pl2023", "nl2023", "gb2024", "at2024", "de2025", "pt2025", "br2026/president")
"""Votes after June 2023 that entered, each by name."""


def freedonia() -> Tables:
    """Three parliaments and one senator; of the first only shares are known."""
    members = {
        "fd2020": ("parliament", "2020-05-03"),
        "fd2024": ("parliament", "2024-05-05"),
        "fd2028": ("parliament", "2028-05-07"),
        "fd2024/senate/north": ("senate", "2024-05-05"),
    }
    elections = pd.DataFrame.from_dict(members, "index", columns=["kind", "vote_on"])
    elections = elections.rename_axis("election").reset_index()
    name, vote_on = elections["election"], pd.to_datetime(elections.pop("vote_on"))
    elections = elections.assign(
        round=1,
        title="Election " + name,
        country="FD",
        area=[None, None, None, "north"],
        system="proportional",
        vote_on=vote_on,
        known_at=vote_on + pd.Timedelta(hours=20),
        polls_until=pd.NaT,
        n_advance=1,
        valid_votes=None,
        ranked=name != "fd2020",
        unranked_because=["compiled later", None, None, None],
        source_key="gazette",
    )
    people = pd.MultiIndex.from_product([members, PARTIES], names=["election", "candidate"])
    rows = people.to_frame(index=False).assign(round=1)
    candidates = rows.assign(
        name=rows["candidate"].str.title(), family="other", party=None, incumbent=False
    )
    votes = [None] * 3 + [50, 30, 20] * 3
    outcomes = rows.assign(votes=votes, share=[0.5, 0.3, 0.2] * 4, source_key="gazette")
    ended = rows["election"].map(dict(zip(name, vote_on, strict=True))) - pd.Timedelta(days=10)
    polls = rows.assign(
        poll_id=rows["election"].str.replace("/", "_") + "_1",
        institute="Institute",
        fieldwork_start=pd.NaT,
        fieldwork_end=ended,
        published_on=ended + pd.Timedelta(days=2, hours=23, minutes=59),
        basis="rule",
        sample_size=1000,
        rolling=False,
        share=[0.45, 0.35, 0.2] * 4,
        source_key="institute",
        **dict.fromkeys(["sponsor", "mode", "sample_expressed", "base", "source"]),
    )
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
        rows.sort_values("election", kind="stable").to_parquet(
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


BUZZ_DAY = pd.Timestamp("2024-05-01")
BUZZ = {
    "election": ["fd2024"],
    "day": BUZZ_DAY,
    "source": "trends",
    "community": None,
    "candidate": "ash",
    "measure": "searches",
    "value": 1.0,
    "published_on": BUZZ_DAY,
    "available_on": BUZZ_DAY + pd.Timedelta(days=1),
    "source_key": "institute",
}


def _buzz(tables: Tables) -> None:
    tables["buzz"] = pd.DataFrame(BUZZ)


def _runoff(tables: Tables) -> None:
    runoff = tables["elections"].iloc[[0]].assign(round=2, title="Runoff")
    tables["elections"] = pd.concat([tables["elections"], runoff], ignore_index=True)


# what is done to the tables, the table that is named, and the key of the row or what is wrong
BROKEN = [
    (_set("outcomes", 0, "election", "fd2019"), "outcomes", "election is fd2019"),
    (_set("polls", 3, "election", "fd204"), "polls", "election is fd204"),
    (_set("polls", 0, "candidate", "cedar"), "polls", "election is fd2020, candidate is cedar"),
    (_set("polls", 0, "round", 2), "polls", "election is fd2020, round is 2"),
    (_twice("polls"), "polls", "one row per election × poll_id × candidate"),
    (_twice("outcomes"), "outcomes", "one row per election × round × candidate"),
    (_twice("elections"), "elections", "one row per election × round"),
    (_set("polls", 0, "source_key", "gazete"), "polls", "source_key is gazete"),
    (_set("outcomes", 0, "share", 0.4), "outcomes", "election is fd2020, round is 1"),
    (_set("outcomes", 3, "votes", 90), "outcomes", "fd2024, round is 1, votes is 90"),
    (_set("outcomes", 3, "votes", None), "outcomes", "election is fd2024, round is 1"),
    (_without_last("candidates"), "outcomes", "fd2024/senate/north, candidate is others"),
    (_without_last("outcomes"), "outcomes", "election is fd2024/senate/north, round is 1"),
    (_set("polls", 0, "published_on", pd.Timestamp("2020-01-01")), "polls", "'fieldwork_end'"),
    (_set("elections", 0, "known_at", pd.Timestamp("2020-05-02")), "elections", "'vote_on' on or"),
    (_set("elections", 0, "kind", "parlament"), "elections", "column 'kind' is parlament"),
    (_set("elections", 0, "country", "fd"), "elections", "country is fd"),
    (_set("elections", 0, "election", "FD2020"), "elections", "election is FD2020"),
    (_runoff, "elections", "election is fd2020, title is Election fd2020"),
    (_set("elections", 0, "unranked_because", None), "elections", "election is fd2020"),
    (_set("polls", 0, "share", 45.0), "polls", "not percent"),
    (_set("elections", 0, "n_advance", 3), "elections", "n_advance is 3"),
    (
        lambda t: t["polls"].insert(0, "respondent", "x"),
        "polls",
        "no column 'respondent' is known here",
    ),
    (_buzz, "buzz", "'available_on' on or before 'published_on'"),
]


@pytest.mark.parametrize(("change", "table", "words"), BROKEN)
def test_a_broken_collection_is_refused_with_its_place(
    change: Callable[[Tables], None], table: str, words: str, tmp_path: Path
) -> None:
    tables = freedonia()
    change(tables)
    if table in ("elections", "outcomes"):  # which are judged without the others
        del tables["polls"]
    message = refused(written(tmp_path / "freedonia", tables))
    assert f"{table}.parquet" in message
    assert words in message


def test_files_that_are_not_those_of_the_collection_are_refused(folder: Path) -> None:
    (folder / "SHA256SUMS").write_text("0" * 64 + "  polls.parquet\n", encoding="utf-8")
    assert "polls.parquet: its checksum is not that of" in refused(folder)
    (folder / "SHA256SUMS").unlink()
    (folder / "elections.parquet").unlink()
    assert "elections.parquet is missing" in refused(folder)
    second = written(folder.parent / "other", freedonia(), licence="CC-BY-4")
    assert "collection.yaml: `sources.0.licence` is CC-BY-4" in refused(second)


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


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: load_election("gb1974_1"), "did you mean 'gb1974_10'"),
        (lambda: load_collection("great_britan"), "no collection is called 'great_britan'"),
        (lambda: load_collection("great_britain").table("pols"), "have no table 'pols'"),
    ],
)
def test_what_has_another_name_is_told_with_the_nearest(
    ask: Callable[[], object], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        ask()


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
    evidence = Task(folder / "fd2024", 1, "2024-05-04 20:00").evidence()
    toy_evidence = Task("toy", 1, "2031-04-05 20:00").evidence()
    for name in TABLES:
        columns = [name for name in toy_evidence[name].columns if name != "withdrawn_on"]
        assert sorted(evidence[name].columns) == sorted(columns), name
    for name in ("past_polls", "outcomes", "ballots"):
        assert sorted(evidence[name].columns) == sorted(toy_evidence[name].columns), name
        kinds = [evidence[name][c].dtype.kind for c in ("vote_on", "election")]
        assert kinds == [toy_evidence[name][c].dtype.kind for c in ("vote_on", "election")]


def test_a_member_learns_from_its_country_and_kind_as_far_as_known(folder: Path) -> None:
    address = f"{folder}/fd2024"
    earlier = Task(address, 1, "2024-05-04 20:00").evidence()
    assert set(earlier["past_polls"]["election"]) == {"fd2020"}
    assert set(earlier["outcomes"]["election"]) == {"fd2020"}
    assert set(earlier["ballots"]["election"]) == {"fd2020", "fd2024"}
    names = [election.name for election in same_country_elections(load_election(address))]
    assert names == ["fd2020", "fd2028"]
    assert folders_read(load_election(address))[0] == folder


def test_polls_dated_by_rule_move_with_the_lag(folder: Path) -> None:
    public = {
        lag: len(Task(folder / "fd2024", 1, "2024-04-28", poll_lag_days=lag).evidence()["polls"])
        for lag in (1, 2, 4)
    }
    assert public == {1: 3, 2: 3, 4: 0}  # interviews until 25 April, cut at midnight of the 28th
    past = Task(folder / "fd2028", 1, "2028-04-20", poll_lag_days=4).evidence()["past_polls"]
    assert set(past["published_on"].dt.day) == {27, 29}


def test_shares_without_votes_stay_shares_and_sum_to_one(tmp_path: Path) -> None:
    tables = freedonia()
    _set("outcomes", 0, "share", 0.5005)(tables)
    folder = written(tmp_path / "fd", tables)
    outcome = Task(folder / "fd2020", 1, "2020-05-01").outcome()
    assert outcome.votes.isna().all()
    assert outcome.share.to_dict() == pytest.approx(
        {"ash": 0.5005 / 1.0005, "birch": 0.3 / 1.0005, "others": 0.2 / 1.0005}, abs=1e-12
    )
    votes = Task(folder / "fd2024", 1, "2024-05-01").outcome()
    assert votes.votes.tolist() == [50, 30, 20]
    assert votes.share.tolist() == [0.5, 0.3, 0.2]


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
    names = {year: {place.name for place in folders_read(load_election(year))} for year in FRENCH}
    assert "fr2027" not in names["fr2017"]
    assert names["fr2027"] == names["fr2017"] | {"fr2027"}


def test_audits_find_members_clean(folder: Path) -> None:
    predictors = {"last_poll": make_predictor("last_poll", predictor_settings("last_poll"))}
    verdicts = audit(predictors, Task(folder / "fd2024", 1, "2024-05-01"))
    assert [verdict.status for verdict in verdicts] == ["passed"]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name == "great_britain" else pytest.mark.golden)
        for name in collections()
    ],
)
def test_shipped_collections_are_whole(name: str) -> None:
    check_collection(load_collection(name))


def test_every_election_is_in_the_register_once() -> None:
    elections = every_election()
    assert not elections.duplicated(["election", "round"]).any()
    assert set(elections["election"]) == set(election_names())
    is_open = elections["unranked_because"].str.contains("ballot is open")
    assert elections.loc[is_open, "election"].unique().tolist() == ["fr2027"]
    assert elections.loc[~is_open, "n_candidates"].ge(2).all()
    late = elections.loc[elections["vote_on"] > "2023-06-30"]
    late = late[~late["country"].str.startswith("X")]
    assert set(late["election"]) == {"us2024/president", "fr2027", *LATER}
    french = elections[elections["country"].eq("FR") & elections["collection"].eq("")]
    parliaments = french.loc[french["kind"].ne("president"), "election"]
    assert not any(load_election(name).teaches for name in parliaments)
    assert elections["vote_on"].is_monotonic_increasing


def test_list_and_check_know_collections_in_either_format(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert list_.main(["great_britain"]) == 0
    assert "gb1974_10" in capsys.readouterr().out
    for path in folder.glob("*.parquet"):
        pd.read_parquet(path).to_csv(path.with_suffix(".csv"), index=False)
        path.unlink()
    assert check.main([str(folder)]) == 0
    assert "polls: 12 rows about 4 elections" in capsys.readouterr().out
    assert check.main([f"{folder}/fd2020", "--quick"]) == 0
    assert "as shares alone: " in capsys.readouterr().out
    assert len(Task(folder / "fd2024", 1, "2024-05-04").evidence()["polls"]) == 3


def test_a_copy_elsewhere_counts_what_ships_once(tmp_path: Path) -> None:
    copy = tmp_path / "mine"
    shutil.copytree(paths.datasets() / "great_britain", copy)
    election = load_election(f"{copy}/gb2015")
    names = [neighbour.name for neighbour in same_country_elections(election)]
    assert len(names) == len(set(names))
    assert "gb2010" in names
    assert np.all([neighbour.folder == copy for neighbour in same_country_elections(election)])


def test_an_election_brought_along_learns_from_a_collection(tmp_path: Path) -> None:
    folder = tmp_path / "gb2031"
    folder.mkdir()
    facts = "name: General election of 2031\ncountry: GB\nkind: {kind}\nvote_on: 2031-07-03\n"
    facts += "candidates: [Conservatives, Labour, Liberals]\n"
    (folder / "election.yaml").write_text(facts.format(kind="parliament"), encoding="utf-8")
    shares = {"Conservatives": 0.2, "Labour": 0.39, "Liberals": 0.12}
    rows = [f"YouGov,2031-06-29,2000,{name},{share}" for name, share in shares.items()]
    header = "institute,fieldwork_end,sample_size,candidate,share"
    (folder / "polls.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    election = load_election(str(folder))
    assert election.kind == "parliament"
    assert election.round(1).candidates == ("con", "lab", "lib")
    past = Task(election, 1, "2031-07-02").evidence()["past_polls"]
    assert set(past["election"]) == set(load_collection("great_britain").table("polls")["election"])
    (folder / "election.yaml").write_text(facts.format(kind="parlament"), encoding="utf-8")
    forget()
    with pytest.raises(DataError, match="`kind` is parlament"):
        load_election(str(folder))
