"""The atlas: equal to what ships, by other roads; opened by pandas and DuckDB as its page says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

import bench
from bench.cli.commands import atlas as command
from bench.core import paths
from bench.core.errors import ConfigError, DataError
from bench.data.atlas import FILES, FOLDER, SHARE_ALIKE, TABLES
from bench.data.election import folders_read, load_election
from bench.metrics.institutes import herding, institutes
from tools import atlas as build
from tools.register import every_election

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "atlas.md"
SHIPPED = paths.datasets() / FOLDER
MAX_BYTES = 20e6


@pytest.fixture(scope="module")
def polls() -> pd.DataFrame:
    return bench.atlas()


@pytest.fixture(scope="module")
def votes() -> pd.DataFrame:
    return bench.atlas("votes")


def test_what_ships_is_what_the_other_folders_give(tmp_path: Path) -> None:
    assert build.write(tmp_path).endswith("now version 1")
    rebuilt = tmp_path / FOLDER
    sums = [
        (folder / "SHA256SUMS").read_text("utf-8").splitlines() for folder in (rebuilt, SHIPPED)
    ]
    tables = [[line for line in lines if line.endswith(".parquet")] for lines in sums]
    assert tables[0] == tables[1], "python -m tools.atlas"
    assert {line.split("  ")[1] for line in tables[0]} <= set(FILES)
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < MAX_BYTES


def test_the_version_changes_only_with_the_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, votes: pd.DataFrame
) -> None:
    tables = {
        "polls": bench.atlas(election="fr1965"),
        "votes": votes[votes["election"].eq("fr2017")].reset_index(drop=True),
    }
    monkeypatch.setattr(build, "atlas_tables", lambda: tables)
    ends = ["now version 1", "still version 1"]
    assert [build.write(tmp_path).rpartition(", ")[2] for _ in ends] == ends
    tables["votes"] = tables["votes"].assign(title="another")
    ends = ["now version 2", "still version 2"]
    assert [build.write(tmp_path).rpartition(", ")[2] for _ in ends] == ends
    package = json.loads((tmp_path / FOLDER / "datapackage.json").read_text("utf-8"))
    assert package["version"] == "2"


def test_every_vote_that_ships_is_there_and_no_made_up_one(
    polls: pd.DataFrame, votes: pd.DataFrame
) -> None:
    register = every_election()
    register = register[~register["country"].str.startswith("X")]
    assert votes.set_index(["election", "round"]).index.is_unique
    assert set(zip(votes["election"], votes["round"], strict=True)) == set(
        zip(register["election"], register["round"], strict=True)
    )
    counted = polls.groupby(["election", "round"])["poll_id"].nunique()
    listed = votes.set_index(["election", "round"])["n_polls"]
    assert counted.eq(listed.reindex(counted.index)).all()
    assert listed.sum() == counted.sum()


def test_france_2017_from_its_own_files(polls: pd.DataFrame, votes: pd.DataFrame) -> None:
    folder = paths.datasets() / "fr2017"
    lines = pd.read_csv(folder / "inputs" / "polls.csv")
    national = pd.read_csv(folder / "outcome" / "national.csv")
    rows = polls[polls["election"].eq("fr2017")]
    assert len(rows) == len(lines)
    assert rows["asked"].sum() == pytest.approx(lines["share"].sum(), abs=1e-9)
    of_votes = votes[votes["election"].eq("fr2017")]
    assert of_votes["valid_votes"].tolist() == [36054394, 31381603]
    # an Ifop of the last evening: Le Pen 37 against 10,638,475 of 31,381,603 votes
    ifop = rows[rows["poll_id"].eq("fr2017_r2_ifop_2017_05_05_1")].set_index("candidate")
    assert ifop.loc["le_pen", "error"] == pytest.approx(0.37 - 10638475 / 31381603, abs=1e-6)
    # Juppé never stood: what was asked about him has no outcome
    asked = rows[rows["candidate"].eq("juppe")]
    assert len(asked) == lines["candidate"].eq("juppe").sum() > 0
    assert asked["ballot"].eq("hypothetical").all()
    assert asked[["valid", "outcome", "error"]].isna().all(axis=None)
    # whoever stood in the runoff, and no other pair, is compared there
    pairs = rows[rows["round"].eq(2) & rows["ballot"].eq("official")]
    assert set(pairs["candidate"]) == {"macron", "le_pen"}
    assert national.query("round == 1")["votes"].sum() == 36054394


@pytest.mark.parametrize(
    ("collection", "election"),
    [("germany", "de2012/landtag/nw"), ("united_states", "us2012/president/oh")],
)
def test_members_of_collections_poll_by_poll(
    polls: pd.DataFrame, collection: str, election: str
) -> None:
    folder = paths.datasets() / collection
    lines = pd.read_parquet(folder / "polls.parquet").query("election == @election")
    official = pd.read_parquet(folder / "outcomes.parquet").query("election == @election")
    share = dict(zip(official["candidate"], official["share"], strict=True))
    rows = polls[polls["election"].eq(election)]
    assert len(rows) == len(lines) > 20
    by_poll = dict(list(rows.groupby("poll_id")))
    for name, poll in lines.groupby("poll_id"):
        named = dict(zip(poll["candidate"], poll["share"], strict=True))
        whole, came = sum(named.values()), sum(share[person] for person in named)
        for row in by_poll[name].itertuples():
            expected = named[row.candidate] / whole - share[row.candidate] / came
            assert row.error == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("licence", ["ODbL-1.0", None])
def test_a_licence_that_nobody_judged_is_refused(votes: pd.DataFrame, licence: str | None) -> None:
    with pytest.raises(DataError, match="may stand among others"):
        build.by_licence({"votes": votes.assign(licence=licence)})


def test_open_votes_are_in_without_outcome(polls: pd.DataFrame, votes: pd.DataFrame) -> None:
    rows = polls[polls["election"].eq("fr2027")]
    assert rows["ballot"].eq("open").all()
    assert rows[["valid", "outcome", "error"]].isna().all(axis=None)
    is_open = votes["outcome"].eq("open")
    of_open = polls.merge(votes.loc[is_open, ["election", "round"]], on=["election", "round"])
    assert len(of_open) > 2000
    assert of_open["outcome"].isna().all()
    assert votes.loc[votes["election"].eq("fr2027"), "outcome"].tolist() == ["open", "open"]


def test_errors_of_a_poll_cancel_and_shares_sum_to_one(polls: pd.DataFrame) -> None:
    sums = (
        polls[polls["error"].notna()]
        .groupby(["election", "round", "poll_id"])[["valid", "error"]]
        .sum()
    )
    assert (sums["valid"] - 1).abs().max() < 2e-5
    assert sums["error"].abs().max() < 2e-5


def test_rows_that_must_not_mix_lie_apart() -> None:
    for name in FILES:
        if not (SHIPPED / name).is_file():
            continue
        stated = set(pd.read_parquet(SHIPPED / name)["licence"])
        ending = name.removesuffix(".parquet").partition("_")[2]
        apart = {licence for licence, end in SHARE_ALIKE.items() if end == f"_{ending}"}
        assert stated == apart or (not apart and not stated & set(SHARE_ALIKE))


def test_no_evidence_is_read_from_it() -> None:
    read = folders_read(load_election("fr2017")) + folders_read(load_election("de2013"))
    assert SHIPPED.resolve() not in [folder.resolve() for folder in read]
    source = "".join(path.read_text("utf-8") for path in (ROOT / "bench").rglob("*.py"))
    readers = re.findall(r"from bench\.data\.atlas import .+", source)
    assert set(readers) <= {
        "from bench.data.atlas import atlas",  # bench/__init__.py
        "from bench.data.atlas import TABLES, atlas",  # its command
    }


def test_the_page_explains_every_column_as_the_schema_does() -> None:
    page = PAGE.read_text("utf-8")
    for table in TABLES.values():
        for name, column in table.columns.items():
            assert f"| `{name}` | {column.meaning} |" in page


def test_the_lines_of_the_page_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"(?m)^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.S)
    with_pandas, with_duckdb = blocks[:2]
    names: dict[str, object] = {}
    exec(with_pandas, names)
    frame = names["polls"]
    assert isinstance(frame, pd.DataFrame)
    files = sorted(SHIPPED.glob("polls*.parquet"))
    assert len(frame) == sum(len(pd.read_parquet(path)) for path in files)
    pytest.importorskip("duckdb")
    exec(with_duckdb, names)
    counted = names["errors"]
    assert isinstance(counted, pd.DataFrame)
    ours = (
        frame[frame["days_before"].le(21)].groupby("kind")["error"].apply(lambda e: e.abs().mean())
    )
    assert dict(zip(counted["kind"], counted["error"], strict=True)) == pytest.approx(
        ours.to_dict()
    )


def test_the_command_writes_what_it_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--country", "fr", "--to", str(tmp_path / "fr.csv")]) == 0
    lines = pd.read_csv(tmp_path / "fr.csv", low_memory=False)
    assert set(lines["country"]) == {"FR"}
    assert f"{len(lines):,} rows" in capsys.readouterr().out
    command.main(["votes", "--election", "fr2017", "--to", str(tmp_path / "v.parquet")])
    assert pd.read_parquet(tmp_path / "v.parquet")["round"].tolist() == [1, 2]
    command.main([])
    assert re.search(r"DE\s+state_parliament", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--to", "a.xlsx"], r"accepted: a file in \.csv or \.parquet"),
        (["--country", "zz"], "no country 'ZZ'"),
        (["--election", "fr201"], "did you mean 'fr2012'"),
    ],
)
def test_what_it_cannot_do_is_refused_in_words(arguments: list[str], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        command.main(arguments)


def test_an_unknown_table_is_refused() -> None:
    with pytest.raises(ConfigError, match="did you mean 'polls'"):
        bench.atlas("poll")


def test_the_citation_names_the_version() -> None:
    cited = yaml.safe_load((SHIPPED / "CITATION.cff").read_text("utf-8"))
    package = json.loads((SHIPPED / "datapackage.json").read_text("utf-8"))
    assert cited["version"] == package["version"]
    for file in package["resources"]:
        assert ("licenses" in file) == file["path"].endswith(".parquet")


def test_the_page_has_the_figures_of_institutes(polls: pd.DataFrame) -> None:
    page = PAGE.read_text("utf-8")
    table = institutes(polls)
    is_apart = table["low"].gt(1) | table["high"].lt(1)
    n_intervals, n_ratios = table["low"].notna().sum(), table["spread_low"].notna().sum()
    assert f"{is_apart.sum()} of the {n_intervals} intervals do not hold it" in page
    assert f"chance would put {0.1 * n_intervals:.0f} there" in page
    n_below = table["spread_high"].lt(1).sum()
    assert f"{n_below} of the {n_ratios} intervals lie below 1" in page
    assert f"chance alone would put about {0.05 * n_ratios:.0f} there" in page
    pooled = herding(polls, ["country"]).set_index("country")
    for name, code in {"Germany": "DE", "the United States": "US", "France": "FR"}.items():
        n_votes, *exact = pooled.loc[code]
        ratio, low, high = (f"{value:.2f}".removeprefix("0") for value in exact)
        words = rf"{ratio} in\s{name} \((90 % )?{low} to {high}, {n_votes:.0f}( votes)?\)"
        assert re.search(words, page), words
