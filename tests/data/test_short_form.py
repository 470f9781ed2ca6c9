"""Three files make an election; what would be misread is refused with the remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from bench.contract import DataError
from bench.data.election import Election, load_election
from bench.data.evidence import evidence_for
from bench.data.outcome import outcome_of
from bench.data.reading import slug

YAML = "name: Election of Freedonia, 2030\nvote_on: 2030-05-12\n"
POLLS = """institute,fieldwork_end,sample_size,candidate,share
North & Co,2030-05-08,1000,Ána Rowe,0.55
North & Co,2030-05-08,1000,bo,0.45
"""
OUTCOME = "candidate,votes\nÁna Rowe,520\nbo,480\n"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def _write(yaml: str = YAML, polls: str = POLLS, outcome: str | None = OUTCOME) -> Path:
        folder = tmp_path / "freedonia"
        folder.mkdir(exist_ok=True)
        (folder / "election.yaml").write_text(yaml, encoding="utf-8")
        (folder / "polls.csv").write_text(polls, encoding="utf-8")
        if outcome is not None:
            (folder / "outcome.csv").write_text(outcome, encoding="utf-8")
        return folder

    return _write


def polls_of(folder: Path, moment: str = "2030-05-11", number: int = 1) -> pd.DataFrame:
    election = load_election(str(folder))
    return evidence_for(election, number, pd.Timestamp(moment))["polls"]


def refused(folder: Path) -> str:
    with pytest.raises(DataError) as caught:
        _read_all(folder)
    return str(caught.value)


def _read_all(folder: Path) -> None:
    polls_of(folder)
    outcome_of(load_election(str(folder)), 1)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("0.45", "45.0", "polls.csv:2: column 'share' is 55.0, which looks like percent"),
        ("0.45", "45%", "write `reading: {share: percent}` in election.yaml"),
        ("0.45", '"0,45"', ":3: column 'share' is 0,45, with a decimal comma"),
        ("0.45", "0,45", ":3: 6 cells under 5 column names; if commas are decimals"),
        ("bo,0.45", "bob,0.45", ":3: 1 name is on no ballot of this election: 'bob' (line 3), did you mean 'bo'?"),
        ("2030-05-08,1000,bo", "8 May,1000,bo", ":3: column 'fieldwork_end' is 8 May but must be"),
        ("candidate,share", "candidate,part", "the column 'share' is missing"),
        (",0.45", ",-0.45", ":3: column 'share' is -0.45 but must be"),
    ],
)
def test_what_would_be_misread_is_refused(write: Write, old: str, new: str, words: str) -> None:
    polls = POLLS.replace(old, new)
    assert words in refused(write(polls=polls.replace("0.55", "55.0") if new == "45.0" else polls))


@pytest.mark.parametrize(
    ("yaml", "words"),
    [
        ("vote_on: 2030-05-12\n", "the key 'name' is missing"),
        ("name: x\n", "give the day of the vote"),
        ("name: x\nvote_on: soon\n", "round 1 is on 'soon'; accepted: a date"),
        (YAML + "readin: {}\n", "no key is called 'readin' (did you mean 'reading'?"),
        (YAML + "reading: {share: per}\n", "accepted: 'fraction', 'percent'"),
        (YAML + "reading: {share: percent}\n", "take `share: percent` out"),
        (YAML + "names: {ann: Ann}\n", "`names` lists 'ann', who is on no ballot"),
        ("name: x\nrounds: {1: 2030-05-12, 2: 2030-05-26}\n", "the column 'round' is missing"),
    ],
)
def test_a_short_yaml_that_cannot_be_used_says_why(write: Write, yaml: str, words: str) -> None:
    assert words in refused(write(yaml=yaml))


def test_semicolons_are_refused_until_asked_for(write: Write) -> None:
    words = refused(write(polls=POLLS.replace(",", ";")))
    assert 'write `reading: {separator: ";"}` in election.yaml' in words


def test_a_european_file_is_converted_on_request(write: Write) -> None:
    reading = 'reading: {decimal: ",", separator: ";", share: percent, date: "%d.%m.%Y"}\n'
    polls = POLLS.replace(",", ";").replace("0.", "0,").replace("2030-05-08", "08.05.2030")
    polls = polls.replace("0,55", "55,5 %").replace("0,45", "44,5")
    folder = write(YAML + reading, polls, OUTCOME.replace(",", ";"))
    found = polls_of(folder)
    assert found["share"].tolist() == [0.555, 0.445]
    assert found["fieldwork_end"].eq(pd.Timestamp("2030-05-08")).all()
    assert outcome_of(load_election(str(folder)), 1).share.tolist() == [0.52, 0.48]


def test_everything_else_is_derived_by_rule(write: Write) -> None:
    folder = write()
    election: Election = load_election(str(folder))
    assert (election.name, election.country) == ("freedonia", "freedonia")
    assert election.people["candidate"].tolist() == ["ana_rowe", "bo"]
    assert election.people["name"].tolist() == ["Ána Rowe", "Bo"]
    assert election.round(1).seats == 1
    assert election.round(1).known_at == pd.Timestamp("2030-05-12T20:00")
    polls = polls_of(folder)
    assert polls["poll_id"].unique().tolist() == ["r1_north_co_2030-05-08_1000"]
    assert polls["published_on"].eq(pd.Timestamp("2030-05-09")).all()
    assert polls["basis"].eq("rule").all()


def test_a_poll_is_not_evidence_before_the_day_after_its_last_interview(write: Write) -> None:
    folder = write()
    assert len(polls_of(folder, "2030-05-08T23:59")) == 0
    assert len(polls_of(folder, "2030-05-09")) == 2


def test_rows_beside_the_ballot_are_left_out_on_request(write: Write) -> None:
    polls = POLLS + "North & Co,2030-05-08,1000,Don't know,0.02\n"
    assert "leave_out: [Don't know]" in refused(write(polls=polls.replace("0.55", "0.53")))


def test_left_out_rows_are_gone(write: Write) -> None:
    polls = POLLS.replace("0.55", "0.53") + "North & Co,2030-05-08,1000,Don't know,0.02\n"
    folder = write(YAML + 'leave_out: ["Don\'t know"]\n', polls)
    assert polls_of(folder)["candidate"].tolist() == ["ana_rowe", "bo"]


def test_shares_without_votes_count_as_an_outcome(write: Write) -> None:
    folder = write(outcome="candidate,share\nÁna Rowe,0.52\nbo,0.48\n")
    assert outcome_of(load_election(str(folder)), 1).share.tolist() == [0.52, 0.48]


def test_without_an_outcome_the_polls_make_the_ballot(write: Write) -> None:
    election = load_election(str(write(outcome=None)))
    assert election.round(1).candidates == ("ana_rowe", "bo")
    with pytest.raises(DataError, match="can be forecast but not scored"):
        outcome_of(election, 1)


def test_two_rounds_send_two_to_the_second(write: Write) -> None:
    lines = POLLS.splitlines()
    polls = "\n".join(["round," + lines[0], *("1," + x for x in lines[1:]),
                       "1,North & Co,2030-05-08,1000,Cy,0"]) + "\n"  # fmt: skip
    outcome = "round,candidate,votes\n1,Ána Rowe,5\n1,bo,4\n1,Cy,1\n2,Ána Rowe,6\n2,bo,4\n"
    yaml = "name: x\nrounds: {1: 2030-05-12, 2: 2030-05-26}\n"
    election = load_election(str(write(yaml, polls, outcome)))
    assert [election.round(number).seats for number in (1, 2)] == [2, 1]
    assert election.round(2).candidates == ("ana_rowe", "bo")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Ø", "o"),
        ("Παπάς", "pialphapialphafinal"),
        ("安", "n5b89"),
        ("2030", "n2030"),
        ("…", "nameless"),
        ("x" * 99, "x" * 60),
    ],
)
def test_a_name_in_any_script_gets_a_key(name: str, key: str) -> None:
    assert slug(name) == key


def test_a_poll_may_be_corrected_and_taken_back(write: Write) -> None:
    polls = (
        "institute,fieldwork_end,sample_size,candidate,share,corrected_on,withdrawn_on\n"
        "North,01/05/2030,1000,Ána Rowe,0.55,,\n"
        "North,01/05/2030,1000,bo,0.45,,\n"
        "North,01/05/2030,1000,Ána Rowe,0.52,04/05/2030,08/05/2030\n"
        "North,01/05/2030,1000,bo,0.48,04/05/2030,08/05/2030\n"
    )
    folder = write(f'{YAML}reading: {{date: "%d/%m/%Y"}}\n', polls)
    for moment, shares in (("03", [0.55, 0.45]), ("04", [0.52, 0.48]), ("08", [])):
        assert polls_of(folder, f"2030-05-{moment}")["share"].tolist() == shares


def test_a_draft_beside_an_election_is_no_business_of_it(write: Write) -> None:
    folder = write()
    for name, yaml in (("draft", "title: not ready\n"), ("broken", "name: [\n")):
        beside = folder.parent / name
        beside.mkdir()
        (beside / "election.yaml").write_text(yaml, encoding="utf-8")
    assert len(polls_of(folder)) == 2


def test_a_damaged_election_of_the_same_country_is_named_with_who_asks(write: Write) -> None:
    folder = write(YAML + "country: FD\n")
    beside = folder.parent / "earlier"
    beside.mkdir()
    (beside / "election.yaml").write_text("name: Earlier\ncountry: FD\n", encoding="utf-8")
    words = refused(folder)
    assert f"{beside / 'election.yaml'}" in words
    assert "freedonia learns from it: same country, beside" in words
    assert "mend it, or move it away" in words
