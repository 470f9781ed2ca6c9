"""Boards: what a file may hold, whom its names mean, and every file that ships."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from bench.core import DataError, paths
from bench.data.board import (
    BOARD_SOURCES,
    claimed_rows,
    load_board,
    polled_rows,
    read_board_file,
)
from bench.data.election import election_names, load_election
from bench.data.readers import read_table
from bench.data.task import Task

HEADER = "source,public_on,address,election,round,person,quantity,quantile,value\n"
ROW = "seer,2031-04-01,page,toy,1,quill,elected,,.4\n"
SHIPPED = sorted(
    path for path in (paths.datasets() / "boards").glob("*/*.csv") if path.name != "sources.csv"
)


def written(folder: Path, text: str) -> Path:
    path = folder / "seer.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (ROW.replace("quill", "Qill"), "seer.csv:2: column 'person' is Qill .* mean 'quill'"),
        (ROW.replace(".4", "40"), "column 'value' is 40 but must be a fraction"),
        (ROW.replace("elected", "wins"), "column 'quantity' is wins .* through"),
        (ROW.replace("1,quill", "2,quill"), "accepted: round 1: standing and being elected"),
        (ROW.replace("elected,", "elected,.5"), "accepted: a level strictly between 0 and 1"),
        (ROW.replace("seer,", "sage,"), "source is sage; accepted: the name of the file"),
        (ROW.replace("toy", "fr2017"), "election is fr2017; accepted: toy"),
        (ROW.replace("2031-04-01", "2031-04-01T10:00Z"), "'public_on' is .* must be a date"),
        (
            ROW.replace("2031-04-01,page,toy,1,quill,elected", "2062-04-01,page,toy,1,quill,share"),
            "public_on is 2062-04-01 .* accepted: a moment before the result of the round",
        ),
        ("", "seer.csv: a header and no rows; add what the source states"),
        (ROW + ROW, "one row per source × public_on"),
        (
            "".join(ROW.replace("elected,,.4", f"share,{rest}") for rest in (".9,.2", ".1,.3")),
            "quantiles that do not fall while their level rises",
        ),
    ],
)
def test_what_a_board_cannot_read_is_refused_with_its_line(
    tmp_path: Path, row: str, words: str
) -> None:
    with pytest.raises(DataError, match=words):
        read_board_file(written(tmp_path, HEADER + row), load_election("toy"))


def test_names_become_keys_and_a_day_its_last_minute(tmp_path: Path) -> None:
    election = load_election("toy")
    names = dict(zip(election.people["candidate"], election.people["name"], strict=True))
    text = HEADER + ROW.replace("quill", names["quill"].upper())
    rows = read_board_file(written(tmp_path, text), election)
    assert rows["person"].tolist() == ["quill"]
    assert rows["public_on"].tolist() == [pd.Timestamp("2031-04-01T23:59")]


def test_a_hubverse_file_is_read_into_the_same_rows(tmp_path: Path) -> None:
    text = "reference_date,target,candidate,output_type,output_type_id,value\n" + "".join(
        f"2031-04-01,{rest}\n"
        for rest in (
            "vote share,quill,median,NA,.31",
            "vote share,quill,quantile,.1,.25",
            "vote share,quill,quantile,.9,.37",
            "elected,quill,pmf,yes,.4",
            "elected,quill,pmf,no,.6",
            "first,quill,pmf,yes,.7",
            "first,quill,pmf,no,.3",
        )
    )
    rows = read_board_file(written(tmp_path, text), load_election("toy"))
    stated = rows[["quantity", "quantile", "value"]].fillna(-1.0).values.tolist()
    assert stated == [
        *(["share", 0.5, 0.31], ["share", 0.1, 0.25], ["share", 0.9, 0.37]),
        ["elected", -1.0, 0.4],
    ]


def test_a_file_without_a_row_in_sources_is_refused(tmp_path: Path) -> None:
    shutil.copytree(paths.datasets() / "toy", tmp_path / "toy")
    election = load_election(tmp_path / "toy")
    assert load_board(election).statements.empty
    folder = tmp_path / "boards" / "toy"
    folder.mkdir(parents=True)
    written(folder, HEADER + ROW)
    columns = ",".join(BOARD_SOURCES.columns) + "\n"
    (folder / "sources.csv").write_text(f"{columns}sage,A sage,page,,facts,false,\n", "utf-8")
    with pytest.raises(DataError, match=re.escape("no row has the source 'seer'")):
        load_board(election)
    (folder / "sources.csv").write_text(f"{columns}seer,A seer,page,,facts,false,\n", "utf-8")
    assert load_board(election).statements["source"].tolist() == ["seer"]
    (folder / "seer.csv").rename(folder / "seer.CSV")
    assert load_board(election).statements["source"].tolist() == ["seer"]


def test_claims_and_polls_are_read_as_they_stand_in_their_tables() -> None:
    evidence = Task("fr2017", 1, "2017-03-02T20:00").evidence()
    prices = claimed_rows(evidence["claims"], "fr2017")
    betfair = prices[prices["source"].eq("betfair") & prices["person"].eq("fillon")]
    first = betfair.sort_values("public_on").iloc[0]
    assert (first["quantity"], first["value"], str(first["public_on"])) == (
        *("elected", 0.36, "2017-02-01 12:00:00"),
    )
    polls = evidence["polls"][evidence["polls"]["round"].eq(1)]
    rows = polled_rows(polls, "fr2017")
    of_institute = polls[polls["institute"].eq("Ifop")]
    last = of_institute[of_institute["fieldwork_end"].eq(of_institute["fieldwork_end"].max())]
    by_hand = last.loc[last["candidate"].eq("macron"), "share"].mean()
    stated = rows.loc[rows["source"].eq("Ifop") & rows["person"].eq("macron"), "value"]
    assert stated.tolist() == pytest.approx([by_hand])


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_file_that_ships_can_be_read_and_has_its_source(path: Path) -> None:
    """That of a pull request too."""
    [name] = {name for name in election_names() if name.partition("/")[0] == path.parent.name}
    election = load_election(name)
    assert len(read_board_file(path, election))
    sources = read_table(path.with_name("sources.csv"), BOARD_SOURCES, check=True)
    assert path.stem in set(sources["source"])
