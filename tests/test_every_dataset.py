"""Every folder of `datasets/`: checksums, cards, columns, ranges, keys, dates and totals."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from bench.core.compose import compose
from bench.data.collection import collections, load_collection
from bench.data.columns import TABLES
from bench.data.cut import owner_of
from bench.data.election import OTHERS, load_election
from bench.data.readers import read_table
from bench.data.tables import table_of
from bench.models.families import FAMILIES
from tools.build_datasets import last_polls
from tools.build_datasets.cards import found_sentences

DATASETS = Path(__file__).parents[1] / "datasets"
FOLDERS = sorted(p.name for p in DATASETS.iterdir() if p.is_dir())
ELECTIONS = sorted(p.parent.name for p in DATASETS.glob("*/election.yaml"))
OPEN = ["fr2027"]  # elections that are still to come
DECIDED = [name for name in ELECTIONS if (DATASETS / name / "outcome" / "totals.csv").is_file()]
DATES = ("day", "published_on", "available_on", "fieldwork_start", "fieldwork_end", "vote_on")
STATION_KEY = ["departement", "commune", "station"]
PUBLISHED_2017 = {
    1: {"registered": 47582183, "voters": 37003728, "blank": 659997, "null": 289337}
    | {"valid": 36054394, "macron": 8656346, "le_pen": 7678491, "fillon": 7212995}
    | {"melenchon": 7059951, "hamon": 2291288, "dupont_aignan": 1695000, "lassalle": 435301}
    | {"poutou": 394505, "asselineau": 332547, "arthaud": 232384, "cheminade": 65586},
    2: {"registered": 47568693, "voters": 47568693 - 12101366, "blank": 3021499}
    | {"null": 1064225, "valid": 31381603, "macron": 20743128, "le_pen": 10638475},
}


def read(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    frame = pd.read_csv(path, keep_default_na=False, na_values=[""])
    for name in DATES:
        if name in frame:
            frame[name] = pd.to_datetime(frame[name], format="ISO8601")
    return frame


def facts(name: str) -> dict[int, dict[str, object]]:
    return yaml.safe_load((DATASETS / name / "election.yaml").read_text("utf-8"))["rounds"]


def inputs() -> list[Path]:
    return sorted(p for p in DATASETS.glob("*/inputs/*") if p.stem in TABLES)


def label(path: Path) -> str:
    return path.relative_to(DATASETS).as_posix()


@pytest.mark.parametrize("name", FOLDERS)
def test_checksums_match_and_cover_every_file(name: str) -> None:
    folder = DATASETS / name
    lines = (folder / "SHA256SUMS").read_text("utf-8").splitlines()
    listed = {path: digest for digest, path in (line.split("  ", 1) for line in lines)}
    files = {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in folder.rglob("*")
        if p.is_file() and p.name not in ("SHA256SUMS", "datapackage.json")
    }
    assert files == listed


@pytest.mark.parametrize("path", inputs(), ids=label)
def test_every_table_of_evidence_keeps_the_schema_and_names_people_of_its_election(
    path: Path,
) -> None:
    people = set(read(path.parents[1] / "candidates.csv")["candidate"])
    table = read_table(path, TABLES[path.stem], candidates=people, check=True)
    assert len(table)
    if path.stem == "polls":
        asked = table.groupby("poll_id")
        assert (asked[["round", "published_on", "institute"]].nunique() == 1).all(axis=None)
        assert (asked.size()[asked["round"].first().eq(2)] == 2).all()
    if path.stem == "transfers":
        groups = ["survey", "published_on", "kind", "from_candidate"]
        assert (table.groupby(groups)["share"].sum() <= 1.015).all()


OWNERS = {"transfers": "survey", "areas": "level", "approvals": "place"}


def kinds_of(rows: pd.DataFrame, table: str, said: Mapping[str, str]) -> pd.Series:
    """How each row was found, by the longest name with which its source or publisher begins."""
    names = rows[OWNERS.get(table, owner_of(rows))].astype(str)

    def kind(name: str) -> str | None:
        fitting = [key for key in said if name.startswith(key)]
        return said[max(fitting, key=len)] if fitting else said.get(OTHERS)

    return names.map({name: kind(name) for name in names.unique()})


def public_before(rows: pd.DataFrame, known_at: pd.Series) -> pd.Series:
    """Which rows were public before the outcome of their round, by round, else of the last."""
    names = rows["election"].astype(str)
    moments = names.map(known_at.groupby("election").max())
    if "round" in rows:
        votes = pd.MultiIndex.from_arrays([names, rows["round"]])
        moments = pd.Series(known_at.reindex(votes).to_numpy(), index=rows.index).fillna(moments)
    return rows["published_on"] < moments


@pytest.mark.parametrize("name", ELECTIONS)
def test_the_ballot_that_is_named_was_counted_before_the_vote_and_published_after(
    name: str,
) -> None:
    election = load_election(name)
    ballots = table_of(election, "online_ballot")
    known_at = election.round(1).known_at
    late = ballots[ballots["available_on"].lt(known_at) & ballots["published_on"].gt(known_at)]
    named = [election.embargoed_ballot] if election.embargoed_ballot else []
    assert sorted(late["source"].unique()) == named


@pytest.mark.parametrize("name", ELECTIONS)
def test_every_table_says_how_it_was_found_and_its_dates_agree(name: str) -> None:
    election = load_election(name)
    known = pd.Series(
        {(name, number): this.known_at for number, this in election.rounds.items()}
    ).rename_axis(["election", "round"])
    tables = {path.stem for path in inputs() if path.parents[1].name == name}
    assert election.found.keys() == tables
    for table in tables:
        rows, said = table_of(election, table), election.found[table]
        kinds, before = kinds_of(rows, table, said), public_before(rows, known)
        assert kinds.notna().all(), table
        # whatever of a source was public before the vote is no hindsight, and without that it is
        owner = rows[OWNERS.get(table, owner_of(rows))]
        ever = before.groupby(owner, observed=True).transform("any")
        assert (kinds.ne("hindsight") == ever).all(), table
        assert set(kinds) == set(said.values()), f"{table} names a source without rows"


@pytest.mark.parametrize("name", collections())
def test_every_source_of_evidence_of_a_collection_says_how_it_was_found(name: str) -> None:
    collection = load_collection(name)
    known = collection.elections.set_index(["election", "round"])["known_at"]
    frames = []
    for table in TABLES:
        if len(rows := collection.table(table)):
            kept = rows[["election", "source_key", "published_on"]]
            frames.append(kept.assign(before=public_before(rows, known)))
    ever = pd.concat(frames).groupby("source_key", observed=True)["before"].any()
    for key, before in ever.items():
        kind = collection.sources[str(key)].found
        assert kind in (("series", "press") if before else ("hindsight",)), key
    stated = {key for key, source in collection.sources.items() if source.found}
    assert stated == set(map(str, ever.index))


def test_what_a_run_is_given_in_hindsight_was_found_in_hindsight() -> None:
    given: set[str] = set()
    for family in compose("+experiment=track_record").settings["families"].values():
        given |= set(family.get("hindsight", ()))
    given |= set(compose("+experiment=attention").settings.get("hindsight", ()))
    assert "google_trends" in given
    kinds = {
        (name, key): load_collection(name).sources[key].found
        for name in collections()
        for key in given & load_collection(name).sources.keys()
    }
    kinds |= {
        (name, key): said[key]
        for name in ELECTIONS
        for said in load_election(name).found.values()
        for key in given & said.keys()
    }
    assert len(kinds) > 2
    # searches of February 2017, which anybody could draw then: asked beside the German ones
    others = {one for one, kind in kinds.items() if kind != "hindsight"}
    assert others == {("fr2017", "google_trends")}


def test_cards_say_what_the_folders_say() -> None:
    for folder in [DATASETS / name for name in [*ELECTIONS, *collections()]]:
        card = (folder / "CARD.md").read_text("utf-8")
        part = card.partition("## Found\n")[2].partition("\n## ")[0]
        said = [line.removeprefix("- ") for line in part.splitlines() if line.startswith("- ")]
        if folder.name in ELECTIONS:
            assert said == found_sentences(folder)
        else:
            sources = load_collection(folder.name).sources.values()
            assert said == [f"`{one.key}`: {one.found}." for one in sources if one.found]


@pytest.mark.parametrize(("earlier", "later"), [("fr2017", "fr2022"), ("fr2022", "fr2027")])
def test_people_keep_their_slugs(earlier: str, later: str) -> None:
    before, now = (read(DATASETS / f"{name}/candidates.csv") for name in (earlier, later))
    same = before.merge(now, on="name", suffixes=("_before", "_now"))
    assert {"le_pen", "melenchon"} <= set(same["candidate_now"])
    assert (same["candidate_before"] == same["candidate_now"]).all()


@pytest.mark.parametrize("name", ELECTIONS)
def test_the_ballot_is_alphabetical_and_its_people_are_known(name: str) -> None:
    people = read(DATASETS / name / "candidates.csv")
    assert list(people) == ["candidate", "name", "family", "party", "incumbent"]
    assert people["candidate"].is_unique
    assert set(people["family"]) <= set(FAMILIES)
    assert people["candidate"].str.fullmatch(r"[a-z][a-z0-9_]*").all()
    listed: set[str] = set()
    for number, entry in facts(name).items():
        is_open = name in OPEN and entry["candidates"] == "open"
        ballot = [] if is_open else list(entry["candidates"])  # type: ignore[call-overload]
        assert ballot == sorted(set(ballot))
        assert entry["n_advance"] == (2 if number < len(facts(name)) else 1)
        assert str(entry["known_at"]).startswith(str(entry["vote_on"]))
        listed |= set(ballot)
    # polls also tested people who did not stand
    tested = set(read(DATASETS / name / "inputs/polls.csv")["candidate"])
    assert listed <= set(people["candidate"]) <= listed | tested


@pytest.mark.parametrize("name", DECIDED)
def test_the_runoff_is_between_the_first_two(name: str) -> None:
    votes = read(DATASETS / name / "outcome/national.csv")
    first = votes[votes["round"] == 1].nlargest(2, "votes")["candidate"]
    assert set(first) == set(facts(name)[2]["candidates"])  # type: ignore[call-overload]


@pytest.mark.parametrize("name", DECIDED)
def test_national_votes_are_the_valid_votes(name: str) -> None:
    votes = read(DATASETS / name / "outcome/national.csv")
    totals = read(DATASETS / name / "outcome/totals.csv").set_index("round")
    assert votes.groupby("round")["votes"].sum().to_dict() == totals["valid"].to_dict()
    assert (totals["voters"] - totals["valid"] == totals["blank_and_null"]).all()
    assert (totals["voters"] <= totals["registered"]).all()
    counted = totals.dropna(subset=["blank", "null"])
    assert (counted["blank"] + counted["null"] == counted["blank_and_null"]).all()


@pytest.mark.parametrize("name", DECIDED)
def test_departements_agree_with_the_nation(name: str) -> None:
    areas = read(DATASETS / name / "outcome/departements.parquet")
    assert not areas.duplicated(["round", "area", "candidate"]).any()
    for number, rows in areas.groupby("round"):
        assert set(rows["candidate"]) == set(facts(name)[int(str(number))]["candidates"])  # type: ignore[call-overload]
        by_area = rows.groupby("area").agg(votes=("votes", "sum"), valid=("valid", "first"))
        assert (by_area["votes"] == by_area["valid"]).all()
    votes = read(DATASETS / name / "outcome/national.csv").set_index(["round", "candidate"])
    gap = votes["votes"] - areas.groupby(["round", "candidate"])["votes"].sum()
    whole = name in {"fr2012", "fr2017", "fr2022"} or name.startswith("toy")
    assert (gap == 0).all() if whole else (gap > 0).all()


def test_the_last_polls_of_french_elections_are_those_of_published_lists() -> None:
    compared, absent = 0, {}
    for name in (name for name in DECIDED if name.startswith("fr")):
        polls = read(DATASETS / name / "inputs/polls.csv")
        for number, rows in polls.groupby("round"):
            both = last_polls.figures(rows, int(name[2:]), int(str(number)))
            compared += len(both)
            other = [one for one in both if not one.agrees]
            assert all(np.isnan(one.ours) for one in other), [str(one) for one in other]
            if other:
                absent[name, number] = len(other)
    assert compared == 325
    # a poll of Ifop in 1981; small candidates in polls that the compilations have in part
    assert absent == {("fr1981", 1): 2, ("fr2012", 1): 12}


@pytest.mark.parametrize("name", ["fr2002", "fr2007", "fr2012", "fr2017", "fr2022"])
def test_nothing_tells_which_question_of_a_sample_mattered_in_the_end(name: str) -> None:
    polls = read(DATASETS / name / "inputs/polls.csv")
    named = polls.groupby("poll_id")["candidate"].agg(lambda names: tuple(sorted(names)))
    sample, number = (
        named.index.str.rsplit("_", n=1).str[0],
        named.index.str.rsplit("_", n=1).str[1],
    )
    asked = named.to_frame("who").assign(sample=sample, number=number.astype(int))
    assert asked["sample"].duplicated().any()
    for _, questions in asked.groupby("sample"):
        assert list(questions.sort_values("number")["who"]) == sorted(questions["who"])


def test_errors_reported_to_the_compilers_of_2022_are_corrected() -> None:
    polls = read(DATASETS / "fr2022/inputs/polls.csv").set_index(["poll_id", "candidate"])["share"]
    assert polls["fr2022_r2_210127_0128_ips_1"].to_dict() == {"le_pen": 0.44, "macron": 0.56}
    assert polls["fr2022_r1_210305_0311_ifp_1"]["lassalle"] == 0.015
    told = read(DATASETS / "fr2022/inputs/transfers.csv")
    keys = ["survey", "from_candidate", "to"]
    share = told.set_index(keys)["share"]
    assert share["ipsos_220414_0416r", "jadot", "le_pen"] == 0.07
    assert share["ifop_220410_0411r", "le_pen", "le_pen"] == 0.98
    sums = told.groupby(["survey", "published_on", "from_candidate"])["share"].sum()
    assert sums.between(0.985, 1.015).all()
    assert (told["published_on"] < "2022-04-23").all()


def test_outcomes_of_2022_are_those_proclaimed() -> None:
    votes = read(DATASETS / "fr2022/outcome/national.csv").set_index(["round", "candidate"])
    totals = read(DATASETS / "fr2022/outcome/totals.csv").set_index("round")
    # Conseil constitutionnel, decisions 2022-195 PDR and 2022-197 PDR
    assert totals.loc[1].to_dict() == {
        "registered": 48747876,
        "voters": 35923707,
        "blank": 543609,
        "null": 247151,
        "blank_and_null": 790760,
        "valid": 35132947,
    }
    assert totals.loc[2, ["registered", "voters", "valid"]].tolist() == [
        48752339,
        35096478,
        32057325,
    ]
    assert votes.loc[(1, "melenchon"), "votes"] == 7712520
    assert votes.loc[2]["votes"].to_dict() == {"le_pen": 13288686, "macron": 18768639}
    areas = read(DATASETS / "fr2022/outcome/departements.parquet")
    before = read(DATASETS / "fr2017/outcome/departements.parquet")
    assert set(areas["area"]) == set(before["area"])
    assert areas.groupby("round")["area"].nunique().to_dict() == {1: 107, 2: 107}


def test_approvals_of_a_place_stand_beside_all_its_votes() -> None:
    places = {}
    for path in DATASETS.glob("*/inputs/approvals.csv"):
        rows = read(path)
        assert (rows["approvals"] <= rows["ballots"]).all()
        assert (rows.groupby("place")["ballots"].nunique() == 1).all()
        assert rows.groupby("place")["share"].sum().between(0.9999, 1.0001).all()
        places[path.parents[1].name] = rows.set_index(["place", "candidate"])
    assert {name: len(set(rows.index.get_level_values(0))) for name, rows in places.items()} == {
        "fr2002": 2,
        "fr2007": 1,
        "fr2017": 5,
        "fr2022": 2,
    }
    # each ballot of sixteen names approves of three and a third
    orsay = places["fr2002"].loc["Orsay"]
    assert len(orsay) == 16
    assert round(orsay["approvals"].sum() / orsay["ballots"].iloc[0], 2) == 3.33
    # the online ballot of 2017 is the one that its declared votes are about
    online = places["fr2017"].loc["vote.imag.fr"]["approvals"]
    ballot = read(DATASETS / "fr2017/inputs/online_ballot.csv").set_index("candidate")["approvals"]
    assert online.to_dict() == ballot.to_dict()


def test_2027_has_no_outcome_and_days_that_the_constitution_allows() -> None:
    assert not (DATASETS / "fr2027/outcome").exists()
    days = {number: entry["vote_on"] for number, entry in facts("fr2027").items()}
    assert days == {1: "2027-04-18", 2: "2027-05-02"}
    # 20 to 35 days before the term ends on 13 May 2027 (Constitution, article 7), on a Sunday
    first = pd.Timestamp(str(days[1]))
    assert first.day_name() == "Sunday"
    assert 20 <= (pd.Timestamp("2027-05-13") - first).days <= 35


@pytest.mark.parametrize(
    ("institute", "size", "moment"),
    [  # moments that press pages of the day state
        ("Ipsos", 15887, "2017-03-09"),
        ("Ipsos", 11601, "2017-04-19"),
        ("Odoxa", 964, "2017-03-19"),
        ("BVA", 1431, "2017-03-24"),
    ],
)
def test_polls_are_public_on_the_day_that_pages_state(
    institute: str, size: int, moment: str
) -> None:
    polls = read(DATASETS / "fr2017/inputs/polls.csv")
    rows = polls[(polls["institute"] == institute) & (polls["sample_size"] == size)]
    assert set(rows["published_on"].dt.strftime("%Y-%m-%d")) == {moment}
    assert set(rows["basis"]) == {"stated"}


@pytest.mark.parametrize("name", [n for n in ELECTIONS if n >= "fr1981" and n < "toy"])
def test_no_poll_becomes_public_while_the_law_forbids_it(name: str) -> None:
    polls = read(DATASETS / name / "inputs/polls.csv")
    eve = 1 if name >= "fr2002" else 7
    for entry in facts(name).values():
        vote = pd.Timestamp(str(entry["vote_on"]))
        banned = polls["published_on"].between(
            vote - pd.Timedelta(days=eve), vote + pd.Timedelta(hours=20), inclusive="left"
        )
        assert not banned.any()


@pytest.mark.parametrize(
    ("number", "as_of", "public", "later"),
    [  # one by one, with reasons, in the card
        (1, "2017-04-21T20:00", 13, 0),
        (2, "2017-05-05T20:00", 6, 4),
    ],
)
def test_the_last_polls_of_2017_on_the_last_legal_evening(
    number: int, as_of: str, public: int, later: int
) -> None:
    polls = read(DATASETS / "fr2017/inputs/polls.csv")
    polls = polls[polls["round"] == number]
    ballot = set(facts("fr2017")[number]["candidates"])  # type: ignore[call-overload]
    polls = polls.groupby("poll_id").filter(lambda poll: set(poll["candidate"]) <= ballot)
    day = pd.Timestamp(as_of).normalize()
    last = polls[polls["fieldwork_end"] >= day - pd.Timedelta(days=2)]
    last = last.drop_duplicates("poll_id")
    came = last["published_on"] <= pd.Timestamp(as_of)
    assert (int(came.sum()), int((~came).sum())) == (public, later)


@pytest.mark.parametrize("number", [1, 2])
def test_the_stations_of_2017_sum_to_the_proclaimed_totals(number: int) -> None:
    table = read(DATASETS / f"fr2017/outcome/stations_r{number}.parquet")
    assert len(table) == 69242
    assert {n: int(table[n].sum()) for n in PUBLISHED_2017[number]} == PUBLISHED_2017[number]


@pytest.mark.parametrize("name", ["fr2017", "toy", "toy_prior1", "toy_prior2"])
def test_stations_match_one_to_one_between_the_rounds(name: str) -> None:
    first, second = (
        read(DATASETS / name / f"outcome/stations_r{n}.parquet").set_index(STATION_KEY)
        for n in (1, 2)
    )
    assert first.index.is_unique
    assert first.index.equals(second.index)
    for table in (first, second):
        assert (table["blank"] + table["null"] + table["valid"] == table["voters"]).all()
        assert (table.loc[table["annulled"], "valid"] == 0).all()


@pytest.mark.parametrize(
    "path", sorted((DATASETS / "fr2012/outcome").glob("c*.parquet")), ids=label
)
def test_the_finer_areas_of_2012_sum_to_the_nation(path: Path) -> None:
    table = read(path)
    votes = read(DATASETS / "fr2012/outcome/national.csv")
    votes = votes[votes["round"] == int(path.stem[-1])]
    expected = dict(zip(votes["candidate"], votes["votes"], strict=True))
    assert {name: int(table[name].sum()) for name in expected} == expected


def test_later_revisions_are_unknown_in_april_2017() -> None:
    areas = read(DATASETS / "fr2017/inputs/areas.parquet")
    known = areas[areas["published_on"] < "2017-04-23"]
    assert set(known["vintage"]) == {"RP2013"}
    sums = known.groupby("area")["value"].sum()
    assert np.allclose(sums, 1, atol=1e-4)


def test_approvals_of_the_online_ballot_are_crossed_with_every_declared_vote() -> None:
    table = read(DATASETS / "fr2017/outcome/approvals_by_vote.csv")
    ballot = facts("fr2017")[1]["candidates"]
    assert len(table) == len(table[["declared_vote", "candidate"]].drop_duplicates()) == 121
    assert set(table["declared_vote"]) == set(table["candidate"]) == set(ballot)  # type: ignore[call-overload]
    assert (table["approvals"] <= table["ballots"]).all()
    public = read(DATASETS / "fr2017/inputs/online_ballot.csv").set_index("candidate")["approvals"]
    assert table.groupby("candidate")["approvals"].sum().to_dict() == public.to_dict()


def test_the_margins_of_ecological_inference_are_those_of_the_truth() -> None:
    folder = DATASETS / "ei_truth"
    elections = read(folder / "elections.parquet").set_index("key")
    assert len(elections) == 211
    units, truth = read(folder / "units.parquet"), read(folder / "truth.parquet")
    off = set()
    for side in ("row", "column"):
        given = units[units["side"] == side].groupby(["key", "position"])["votes"].sum()
        true = truth.groupby(["key", side])["votes"].sum()
        assert len(given) == len(true)
        off |= set(given.index[given.to_numpy() != true.to_numpy()].get_level_values("key"))
    assert off == set(elections.index[~elections["margins_ok"]])
    totals = units.groupby(["key", "unit", "side"])["votes"].sum().unstack()
    assert (totals["row"] == totals["column"]).all()
    assert (
        truth.groupby("key")["votes"].sum().equals(elections["votes"].astype("int64"))
        or (truth.groupby("key")["votes"].sum() == elections["votes"]).all()
    )


def test_rows_that_stood_at_the_election_before_are_named_once_and_exist() -> None:
    folder = DATASETS / "ei_truth"
    elections = read(folder / "elections.parquet")[["key", "dataset"]]
    rows = read(folder / "labels.parquet").query("side == 'row'").merge(elections, on="key")
    labels = {str(name): set(part["label"]) for name, part in rows.groupby("dataset")}
    now, then = labels["ei_NZ_2005"], labels["ei_NZ_2002"]
    same = read(folder / "rows_before.csv")
    assert set(same["dataset"]) == {"ei_NZ_2005"}
    assert set(same["dataset_before"]) == {"ei_NZ_2002"}
    assert not same["label"].duplicated().any()
    assert not same["label_before"].duplicated().any()
    assert set(same["label"]) <= now
    assert set(same["label_before"]) <= then
    spelt_alike = {(name, name) for name in now & then}
    assert spelt_alike <= set(zip(same["label"], same["label_before"], strict=True))


def test_every_claim_of_the_report_of_2018_has_a_quoted_source() -> None:
    sources = pd.read_csv(DATASETS / "report_2018/sources.csv", dtype=str, keep_default_na=False)
    assert list(sources) == "claim publisher published_on address quote read_on".split()
    assert (sources.drop(columns="published_on") != "").all(axis=None)
    assert not sources.duplicated().any()
    assert sources["address"].str.match(r"https?://\S+$").all()
    assert sources["read_on"].str.fullmatch(r"\d{4}-\d\d-\d\d").all()
    assert sources["published_on"].str.fullmatch(r"(\d{4}(-\d\d){0,2})?").all()
    assert (sources["published_on"] < sources["read_on"]).all()
    assert sources["quote"].str.len().max() < 300  # a sentence or two, no more
    of_report = sources["publisher"].eq("report of 2018")
    assert sources.loc[of_report, "address"].nunique() == 1
    # what the report does not speak of: polls before the primary, seats of the National Assembly
    beyond = set(sources["claim"]) - set(sources.loc[of_report, "claim"])
    assert beyond == {"primary_beyond", "seats_2017"}
    # no page outside the report was found for one
    alone = set(sources["claim"]) - set(sources.loc[~of_report, "claim"])
    assert alone == {"ipsos_lmp", "cambridge", "vedel_efficient"}


def test_apps_and_watchers_are_held_to_what_they_said_before_the_vote() -> None:
    keys = ["publisher", "round", "published_on", "candidate"]
    claims = read(DATASETS / "fr2017/inputs/claims.csv")
    places = claims[claims["quantity"].eq("rank")].set_index(keys)["rank"].sort_index()
    for app in ("gov", "multivote"):  # one article about both; who is second, it leaves open
        order = places[app, 1, pd.Timestamp("2017-03-28T12:00")].to_dict()
        assert order == {"fillon": 1, "le_pen": 2, "macron": 2}
    level = places["vigiglobe", 1, pd.Timestamp("2017-04-20T12:00")].to_dict()
    assert level == {"fillon": 1, "le_pen": 4, "macron": 1, "melenchon": 1}
    after = claims[claims["publisher"].eq("dataswarm") & claims["round"].eq(1)]
    assert (after["published_on"] > "2017-04-23T20:00").all()
    first = read(DATASETS / "fr2016_primary_right/inputs/claims.csv").set_index("publisher")
    before = first[first["published_on"] < "2016-11-20"]
    duel = before.loc[["gov"]].query("round == 2").set_index("candidate")["rank"]
    assert duel.to_dict() == {"fillon": 1, "juppe": 2}
    assert before.loc[["gov"]].query("round == 1")["quantity"].tolist() == ["claim"]
    assert before.loc["visibrain", ["candidate", "rank"]].tolist() == ["sarkozy", 1]
