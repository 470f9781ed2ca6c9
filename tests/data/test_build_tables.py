"""Claims, buzz, outlines, cards and the made-up elections."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bench.core.errors import ConfigError, DataError
from tools.build_datasets import toy
from tools.build_datasets.__main__ import build_all
from tools.build_datasets.cards import HEADINGS, WORDS, Part, sentences, write_folder
from tools.build_datasets.claims import moment, place
from tools.build_datasets.elections import RAW_OUTCOMES
from tools.build_datasets.files import slug, write_table
from tools.build_datasets.france import thin
from tools.build_datasets.inference import _check

TOOLS = WORDS.parents[1]


@pytest.mark.parametrize(
    ("words", "rank"),
    [("1-2", 1), ("2nd on web, 4th on FB/Twitter", 2), ("top three", 1), ("5", 5), (None, None)],
)
def test_places(words: str | None, rank: int | None) -> None:
    assert place(words) == rank


@pytest.mark.parametrize(
    ("published", "iso", "publisher", "expected"),
    [
        ("2017-04-21 23:50 (final)", "2017-04-21", "filteris", "2017-04-21 23:50:00"),
        ("2017-04-21 (morning)", "2017-04-21", "filteris", "2017-04-21 12:00:00"),
        ("2017-04-27 (approx)", "2017-04-27", "smi", "2017-04-27 23:00:00"),
        ("2017-04-23", "2017-04-23", "google_trends", "2017-04-23 14:00:00"),
        ("2018-03 (window)", "2018-03", "eth_twitter_sentiment", "2018-03-31 12:00:00"),
        ("2017-04 (before R1)", "2017-04", "echobox", "2017-04-22 23:00:00"),
    ],
)
def test_a_claim_is_known_at_its_hour_or_late(
    published: str, iso: str, publisher: str, expected: str
) -> None:
    assert str(moment(published, iso, publisher, 1)[1]) == expected


def test_slugs_are_ascii() -> None:
    assert slug("Île-de-France") == "ile_de_france"


def test_outlines_drop_points_that_fall_together() -> None:
    ring = [[[0.0, 0.0], [0.0001, 0.0], [1.0, 1.0], [0.0, 0.0]]]
    assert thin([ring]) == [[[[0.0, 0.0], [1.0, 1.0], [0.0, 0.0]]]]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_same_rows_give_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    frame = pd.DataFrame({"day": pd.to_datetime(["2017-04-21"]), "share": [0.5], "flag": [True]})
    for name in "ab":
        write_table(frame, tmp_path / f"{name}.{suffix}")
    first, second = (tmp_path / f"{n}.{suffix}" for n in "ab")
    assert first.read_bytes() == second.read_bytes()


def test_a_known_day_is_written_with_its_hour(tmp_path: Path) -> None:
    day = pd.to_datetime(["2017-04-21"])
    write_table(pd.DataFrame({"day": day, "published_on": day}), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text().splitlines()[1] == "2017-04-21,2017-04-21T00:00:00"


def test_a_column_that_the_card_does_not_explain_is_refused(tmp_path: Path) -> None:
    part = Part(tables={"t.csv": pd.DataFrame({"a": [1], "b": [2]})}, columns={"t.csv": {"a": "x"}})
    with pytest.raises(DataError, match=r"does not explain the columns \['b'\]"):
        write_folder(tmp_path, "title", "what", [part])


def test_a_card_counts_its_rows_and_has_every_heading(tmp_path: Path) -> None:
    part = Part(tables={"t.csv": pd.DataFrame({"a": range(1234)})}, columns={"t.csv": {"a": "x"}})
    write_folder(tmp_path, "title", "what", [part])
    card = (tmp_path / "CARD.md").read_text()
    assert "| `t.csv` | 1,234 |" in card
    assert all(f"\n## {heading}\n" in card for heading in HEADINGS)


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


def test_a_made_up_election_is_the_same_every_time(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        toy.write(tmp_path / name, "toy")
    sums = [(tmp_path / name / "SHA256SUMS").read_text() for name in ("a", "b")]
    assert sums[0] == sums[1]


def test_made_up_elections_differ(tmp_path: Path) -> None:
    votes = set()
    for name in toy.NAMES:
        (tmp_path / name).mkdir()
        toy.write(tmp_path / name, name)
        votes.add((tmp_path / name / "outcome/national.csv").read_text())
    assert len(votes) == 3


def test_an_unknown_folder_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / RAW_OUTCOMES).write_text(
        "election,round,date,registered,voters,valid,candidate,party,votes\n"
        "2017,1,2017-04-23,9,8,7,Emmanuel Macron,En marche,7\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match="did you mean 'fr2017'"):
        build_all(tmp_path, tmp_path / "out", ["frr2017"])


def test_every_part_is_one_that_a_builder_writes() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in TOOLS.rglob("*.py"))
    names = {path.stem for path in WORDS.glob("*.yaml")}
    assert {name for name in names if f'"{name}"' not in code} == set()


def test_sentences_of_other_years_are_left_out() -> None:
    said = ["{n:,} polls.", {2017: "Seen."}, {2022: None, "else": "Never."}, "{more}"]
    assert list(sentences(said, 2017, n=1234, more=["A.", "B."])) == [
        "1,234 polls.",
        "Seen.",
        "Never.",
        "A.",
        "B.",
    ]
    assert list(sentences(said, 2022, n=0, more=[])) == ["0 polls."]
