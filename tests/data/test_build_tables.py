"""Claims, buzz, outlines, cards and the made-up elections."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bench.core.errors import ConfigError, DataError
from tools.build_datasets import toy
from tools.build_datasets.__main__ import build_all
from tools.build_datasets.cards import Part, write_folder
from tools.build_datasets.claims import moment
from tools.build_datasets.elections import RAW_OUTCOMES
from tools.build_datasets.files import write_table
from tools.build_datasets.inference import _check


@pytest.mark.parametrize(
    ("published", "iso", "publisher", "expected"),
    [
        ("2017-04-21 23:50 (final)", "2017-04-21", "filteris", "2017-04-21 23:50:00"),
        ("2017-04-21 (morning)", "2017-04-21", "filteris", "2017-04-21 12:00:00"),
        ("2018-03 (window)", "2018-03", "eth_twitter_sentiment", "2018-03-31 12:00:00"),
        ("2017-04 (before R1)", "2017-04", "echobox", "2017-04-22 23:00:00"),
    ],
)
def test_a_claim_is_known_at_its_hour_or_late(
    published: str, iso: str, publisher: str, expected: str
) -> None:
    assert str(moment(published, iso, publisher, 1)[1]) == expected


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_same_rows_give_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    day = pd.to_datetime(["2017-04-21"])
    frame = pd.DataFrame({"day": day, "published_on": day, "share": [0.5], "flag": [True]})
    first, second = (tmp_path / f"{name}.{suffix}" for name in "ab")
    write_table(frame, first)
    write_table(frame, second)
    assert first.read_bytes() == second.read_bytes()
    if suffix == "csv":
        assert first.read_text().splitlines()[1] == "2017-04-21,2017-04-21T00:00:00,0.5,true"


def test_a_column_that_the_card_does_not_explain_is_refused(tmp_path: Path) -> None:
    part = Part(tables={"t.csv": pd.DataFrame({"a": [1], "b": [2]})}, columns={"t.csv": {"a": "x"}})
    with pytest.raises(DataError, match=r"does not explain the columns \['b'\]"):
        write_folder(tmp_path, "title", "what", [part])


def test_margins_are_checked_against_the_truth() -> None:
    district = {"key": "d", "units": 2, "rows": 2, "columns": 2, "votes": 10, "margins_ok": True}
    votes = {"row": [3, 2, 1, 4], "column": [2, 2, 2, 4]}
    units = pd.concat(
        pd.DataFrame({"key": "d", "side": side, "votes": v}) for side, v in votes.items()
    )
    truth = pd.DataFrame({"key": "d", "votes": [3, 2, 1, 4]})
    assert _check(pd.DataFrame([district]), units, truth) == []
    with pytest.raises(DataError, match="margins differ by 1 votes"):
        _check(pd.DataFrame([district]), units, truth.assign(votes=[4, 2, 0, 4]))


def test_a_made_up_election_is_the_same_every_time_and_no_other(tmp_path: Path) -> None:
    names, sums = list(toy.NAMES), []
    for folder, name in [("again", names[0]), *zip(names, names, strict=True)]:
        (tmp_path / folder).mkdir()
        toy.write(tmp_path / folder, name)
        sums.append((tmp_path / folder / "SHA256SUMS").read_text())
    assert sums[0] == sums[1]
    assert len(set(sums)) == len(names)


def test_an_unknown_folder_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / RAW_OUTCOMES).write_text(
        "election,round,date,registered,voters,valid,candidate,party,votes\n"
        "2017,1,2017-04-23,9,8,7,Emmanuel Macron,En marche,7\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match="did you mean 'fr2017'"):
        build_all(tmp_path, tmp_path / "out", ["frr2017"])
