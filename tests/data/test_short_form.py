"""Three files make an election; what would be misread is refused with the remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from bench.core import DataError, paths
from bench.data.election import Election, load_election
from bench.data.evidence import evidence_for
from bench.data.slates import slates_at
from bench.data.tables import outcome_of

YAML = "name: Election of Freedonia, 2030\nvote_on: 2030-05-12\n"
TWO = "name: x\nrounds: {1: 2030-05-12, 2: 2030-05-26}\n"
POLLS = """institute,fieldwork_end,sample_size,candidate,share
North & Co,2030-05-08,1000,Ána Rowe,0.55
North & Co,2030-05-08,1000,bo,0.45
"""
OUTCOME = "candidate,votes\nÁna Rowe,520\nbo,480\n"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def _write(yaml: str = YAML, polls: str = POLLS, outcome: str | None = OUTCOME) -> Path:
        folder = tmp_path / str(len(list(tmp_path.iterdir()))) / "freedonia"  # always another
        folder.mkdir(parents=True)
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
        polls_of(folder)
    return str(caught.value)


@pytest.mark.parametrize(
    ("encoding", "separator", "n_said"),
    [("utf-8", ";", 2), ("utf-8-sig", ",", 0), ("cp1252", "\t", 3)],
)
def test_a_file_of_a_spreadsheet_is_read_and_said(
    write: Write, encoding: str, separator: str, n_said: int, caplog: pytest.LogCaptureFixture
) -> None:
    folder = write()
    for name, text in (("polls.csv", POLLS), ("outcome.csv", OUTCOME)):
        if separator != ",":
            text = text.replace(",", separator).replace("0.", "0,")
        (folder / name).write_bytes(text.encode(encoding))
    assert polls_of(folder)["share"].tolist() == [0.55, 0.45]
    assert outcome_of(load_election(str(folder)), 1).share.tolist() == [0.52, 0.48]
    assert load_election(str(folder)).people["name"].tolist() == ["Ána Rowe", "Bo"]
    messages = [
        message for message in caplog.messages if message.startswith(f"{folder / 'polls.csv'}: ")
    ]
    assert len(messages) == n_said


def test_everything_else_is_derived_by_rule(write: Write) -> None:
    folder = write()
    (folder.parent / "broken").mkdir()  # no business of this election
    (folder.parent / "broken" / "election.yaml").write_text("name: [\n")
    election: Election = load_election(str(folder))
    assert (election.name, election.country) == ("freedonia", "freedonia")
    assert election.people["candidate"].tolist() == ["ana_rowe", "bo"]
    assert election.people["name"].tolist() == ["Ána Rowe", "Bo"]
    assert election.round(1).n_advance == 1
    assert election.round(1).known_at == pd.Timestamp("2030-05-12T20:00")
    polls = polls_of(folder)
    assert polls["poll_id"].unique().tolist() == ["r1_north_co_2030-05-08_1000"]
    assert polls["published_on"].eq(pd.Timestamp("2030-05-09")).all()
    assert polls["basis"].eq("rule").all()
    assert polls_of(folder, "2030-05-08T23:59").empty


def test_shares_without_votes_count_as_an_outcome(write: Write) -> None:
    folder = write(outcome="candidate,share\nÁna Rowe,0.52\nbo,0.48\n")
    assert outcome_of(load_election(str(folder)), 1).share.tolist() == [0.52, 0.48]


def test_without_an_outcome_the_ballot_is_stated_and_what_the_refusal_says_can_be_pasted(
    write: Write,
) -> None:
    polls = POLLS + "".join(
        f"South,2030-05-07,1000,{person},{share}\n"
        for person, share in {"Ána Rowe": 0.4, "bo": 0.3, "Lead": 0.2, "NSPP": 0.1}.items()
    )
    words = refused(write(polls=polls, outcome=None))
    assert "to paste: `candidates: [Ána Rowe, bo, Lead]` and `leave_out: [NSPP]`; " in words
    pasted = YAML + "candidates: [Ána Rowe, bo]\nleave_out: [Lead, NSPP]\n"
    election = load_election(str(write(pasted, polls, None)))
    assert election.round(1).candidates == ("ana_rowe", "bo")
    with pytest.raises(DataError, match="not scored but forecast"):
        outcome_of(election, 1)
    never_polled = pasted.replace("bo]", "bo, Zoé Åse]")
    people = load_election(str(write(never_polled, polls, None))).people
    assert people["name"].tolist() == ["Ána Rowe", "Bo", "Zoé Åse"]
    slip = write(YAML + "candidates: [Ána Rowe, bo, Lead, NSPP]\n", polls, None)
    assert "'NSPP' among `candidates` is a word for nobody" in refused(slip)
    folder = write(YAML + "candidates: [Ána Rowe, bo]\n", polls, None)
    assert "on no ballot of this election: 'Lead' (line 6), 'NSPP'" in refused(folder)
    folder = write(outcome=None)
    (folder / "Outcome.csv").write_text(OUTCOME, "utf-8")
    assert "there is no outcome.csv (in the folder and not read: Outcome.csv)" in refused(folder)


def test_an_open_ballot_is_any_list_that_polls_tested(write: Write) -> None:
    yaml = YAML + "candidates: open\ntested: {Dee Fox: green}\n"
    lists = {"North": {"Ána Rowe": 0.6, "bo": 0.4}, "South": {"Ána Rowe": 0.7, "Cy Day": 0.3}}
    polls = POLLS.splitlines()[0] + "\n"
    for institute, shares in lists.items():
        for candidate, share in shares.items():
            polls += f"{institute},2030-05-08,1000,{candidate},{share}\n"
    election = load_election(str(write(yaml, polls, None)))
    assert election.round(1).is_open
    assert not election.ranked
    assert election.people["name"].tolist() == ["Ána Rowe", "Bo", "Cy Day", "Dee Fox"]
    slates = slates_at(election, 1, pd.Timestamp("2030-05-11"))
    assert {slate.candidates for slate in slates} == {("ana_rowe", "bo"), ("ana_rowe", "cy_day")}
    undecided = polls.replace("Cy Day", "NSPP")
    assert "'NSPP' (line 5)" in refused(write(yaml, undecided, None))
    words = refused(write(yaml, polls.replace("Cy Day", "bo"), OUTCOME))
    assert "'ana_rowe' is among `candidates` or in outcome.csv, not in both" in words


def test_a_poll_may_be_corrected_and_taken_back(write: Write) -> None:
    polls = (
        "institute,fieldwork_end,sample_size,candidate,share,corrected_on,withdrawn_on\n"
        "North,2030-05-01,1000,Ána Rowe,0.55,,\n"
        "North,2030-05-01,1000,bo,0.45,,\n"
        "North,2030-05-01,1000,Ána Rowe,0.52,2030-05-04,2030-05-08\n"
        "North,2030-05-01,1000,bo,0.48,2030-05-04,2030-05-08\n"
    )
    folder = write(YAML, polls)
    for moment, shares in (("03", [0.55, 0.45]), ("04", [0.52, 0.48]), ("08", [])):
        assert polls_of(folder, f"2030-05-{moment}")["share"].tolist() == shares


def test_a_damaged_election_of_the_same_country_is_named_with_who_asks(write: Write) -> None:
    folder = write(YAML + "country: FD\n")
    neighbour = folder.parent / "earlier"
    neighbour.mkdir()
    (neighbour / "election.yaml").write_text("name: Earlier\ncountry: FD\n", encoding="utf-8")
    words = refused(folder)
    assert f"{neighbour / 'election.yaml'}" in words
    assert "freedonia learns from it" in words


HEAD = "round,institute,fieldwork_end,sample_size,candidate,share\n"
BOTH = "round,candidate,votes\n1,Ana Rowe,40\n1,Bo Ek,35\n1,Cy Orr,25\n2,Ana Rowe,52\n2,Bo Ek,48\n"


def poll(number: int, shares: dict[str, float], day: str = "2030-05-08", size: int = 1000) -> str:
    return "".join(
        f"{number},Nord,{day},{size},{person},{part}\n" for person, part in shares.items()
    )


FIRST = poll(1, {"Ana Rowe": 0.4, "Bo Ek": 0.35, "Cy Orr": 0.25})


def test_a_runoff_poll_may_name_any_pair_of_the_first_ballot(write: Write) -> None:
    pairs = poll(2, {"Ana Rowe": 0.6, "Cy Orr": 0.4}) + poll(
        2, {"Bo Ek": 0.5, "Cy Orr": 0.5}, size=9
    )
    folder = write(TWO, HEAD + FIRST + pairs, BOTH)
    before = evidence_for(load_election(str(folder)), 1, pd.Timestamp("2030-05-11"))["past_polls"]
    runoff = before[before["round"] == 2]
    found = runoff.groupby("poll_id")["candidate"].agg(list).tolist()
    assert found == [["ana_rowe", "cy_orr"], ["bo_ek", "cy_orr"]]
    assert load_election(str(folder)).round(2).candidates == ("ana_rowe", "bo_ek")


def test_somebody_of_the_first_round_may_be_left_out_of_runoff_polls(write: Write) -> None:
    polls = (
        HEAD
        + FIRST
        + poll(2, {"Ana Rowe": 0.6, "Cy Orr": 0.4})
        + poll(2, {"Ana Rowe": 0.5, "Bo Ek": 0.5}, size=9)
    )
    folder = write(TWO + "leave_out: {2: [Cy Orr]}\n", polls, BOTH)
    after = polls_of(folder, "2030-05-13", number=2)
    assert after["candidate"].tolist() == ["ana_rowe", "bo_ek"]
    # one pair alone may have been picked by the outcome
    assert polls_of(folder, number=2).empty
    assert "cy_orr" in set(polls_of(folder)["candidate"])


def test_thousands_are_not_read_as_decimals_of_a_weighted_count(write: Write) -> None:
    head = HEAD.replace(",candidate", ",sample_expressed,candidate")
    yaml = YAML + "candidates: [Ana Rowe, Bo Ek]\n"
    rows = "1,Nord,2030-05-08,1000,{0},Ana Rowe,0.6\n1,Nord,2030-05-08,1000,{0},Bo Ek,0.4\n"
    assert (
        polls_of(write(yaml, head + rows.format("900.5"), None))["sample_expressed"].eq(900).all()
    )
    for cell in ("12.000", "900,5"):
        words = refused(write(yaml, head + rows.format(f'"{cell}"'), None))
        assert f":2: column 'sample_expressed' is {cell}" in words


def test_blanks_among_numbers_are_read_as_blanks(write: Write) -> None:
    second = "1,Nord,2030-05-07,,Ana Rowe,0.4\n1,Nord,2030-05-07,,Bo Ek,0.35\n"
    polls = polls_of(write(TWO, HEAD + FIRST + second, BOTH))
    assert polls["sample_size"].isna().tolist() == [False] * 3 + [True] * 2


def test_unknown_names_are_listed_at_once_and_what_the_refusal_says_can_be_pasted(
    write: Write,
) -> None:
    shares = {"Ana Rowe": 0.45, "Dee Fox": 0.35, "others": 0.1}
    polls = HEAD + FIRST + poll(1, shares, "2030-03-01")
    words = refused(write(TWO, polls.replace("Bo Ek", "Bo Ekk"), BOTH))
    assert "'Bo Ekk' (line 3), did you mean 'bo_ek'?, 'Dee Fox' (line 6), 'others'" in words
    assert "`tested: [Dee Fox]` and `leave_out: [others]`" in words
    folder = write(TWO + "tested: {Dee Fox: green}\nleave_out: [others]\n", polls, BOTH)
    election = load_election(str(folder))
    assert election.people.set_index("candidate")["family"]["dee_fox"] == "green"
    assert "dee_fox" not in election.round(1).candidates
    early = polls_of(folder).query("fieldwork_end < '2030-05-01'")
    # of the 0.9 that are left; what is missing then is of people whom nobody listed
    assert early.set_index("candidate")["share"].round(4).to_dict() == {
        "ana_rowe": 0.5,
        "dee_fox": 0.3889,
    }


def test_a_hypothesis_tells_ballots_of_one_poll_apart(write: Write) -> None:
    head = HEAD.replace("round,", "round,hypothesis,")
    rows = (FIRST + poll(1, {"Ana Rowe": 0.5, "Dee Fox": 0.5})).splitlines()
    parts = [f"1,{'' if n < 3 else 'with Dee'}{row[1:]}" for n, row in enumerate(rows)]
    folder = write(TWO + "tested: [Dee Fox]\n", head + "\n".join(parts) + "\n", BOTH)
    assert polls_of(folder)["poll_id"].nunique() == 2


def test_a_near_name_of_one_poll_is_a_misspelling_unless_said_or_in_the_same_poll(
    write: Write,
) -> None:
    rows = [poll(1, {"Raphaël Glucksmann": 0.5, "Ana Rowe": 0.5}, size=n) for n in (800, 900)]
    rows.append(poll(1, {"Raphael Glucksman": 0.5, "Ana Rowe": 0.5}))
    yaml = YAML + "candidates: [Raphaël Glucksmann, Raphael Glucksman, Ana Rowe]\n"
    assert "polls.csv:6: 'Raphael Glucksman' is in one" in refused(
        write(yaml, HEAD + "".join(rows), None)
    )
    named = yaml + "names: {raphael_glucksman: Raphael Glucksman}\n"
    both = write(named, HEAD + "".join(rows), None)
    assert len(load_election(str(both)).round(1).candidates) == 3
    yaml = YAML + "candidates: [Jean Martin, Jeanne Martin]\n"
    two = write(yaml, HEAD + poll(1, {"Jean Martin": 0.5, "Jeanne Martin": 0.5}), None)
    assert load_election(str(two)).round(1).candidates == ("jean_martin", "jeanne_martin")


FIRST_ROUND = BOTH.split("2,")[0]
PAIR = poll(2, {"Ana Rowe": 0.5, "Cy Orr": 0.5})
ANOTHER_PAIR = poll(2, {"Ana Rowe": 0.5, "Bo Ek": 0.5}, size=9)


@pytest.mark.parametrize(
    ("more", "outcome", "n_advance", "runoff"),
    [
        ("", BOTH, [2, 1], ("ana_rowe", "bo_ek")),
        ("", FIRST_ROUND, [2, 1], ("ana_rowe", "bo_ek")),  # who came first and second
        (PAIR, None, [2, 1], ("ana_rowe", "cy_orr")),  # whom polls ask about
        ("", None, [2], None),  # nobody knows yet
        (PAIR + ANOTHER_PAIR, None, [2], None),  # nor where polls ask about several pairs
    ],
)
def test_who_is_in_the_runoff_is_known_as_far_as_it_can_be(
    write: Write,
    more: str,
    outcome: str | None,
    n_advance: list[int],
    runoff: tuple[str, ...] | None,
) -> None:
    tested = poll(1, {"Ana Rowe": 0.5, "Dee Fox": 0.5}, size=9)
    yaml = TWO + "tested: [Dee Fox]\ncandidates: [Ana Rowe, Bo Ek, Cy Orr]\n"
    folder = write(yaml, HEAD + FIRST + tested + more, outcome)
    election = load_election(str(folder))
    assert [vote.n_advance for vote in election.rounds.values()] == n_advance
    assert election.round(1).candidates == ("ana_rowe", "bo_ek", "cy_orr")
    assert runoff is None or election.round(2).candidates == runoff


SAME = "same_as: {Marine Le Pen: false, Emmanuel Macron: hollande}\n"


@pytest.mark.parametrize(
    ("yaml", "ballot"),
    [
        ("country: FR\n", ("le_pen", "macron")),
        ("country: FR\n" + SAME, ("hollande", "marine_le_pen")),
        ("", ("emmanuel_macron", "marine_le_pen")),
    ],
)
def test_people_of_a_shipped_country_are_those_of_the_same_full_name_unless_it_is_said(
    write: Write, yaml: str, ballot: tuple[str, ...]
) -> None:
    polls = HEAD + poll(1, {"Marine Le Pen": 0.5, "Emmanuel Macron": 0.5})
    outcome = "candidate,votes\nMarine Le Pen,52\nEmmanuel Macron,48\n"
    election = load_election(str(write(YAML + yaml, polls, outcome)))
    assert election.round(1).candidates == ballot
    if yaml == "country: FR\n":
        people = election.people.set_index("candidate")
        assert people["family"].to_dict() == {"le_pen": "far_right", "macron": "centre"}


def test_every_shipped_family_is_known_and_every_known_one_is_used() -> None:
    from bench.models.families import FAMILIES

    files = sorted(paths.datasets().glob("*/candidates.csv"))
    families = {family for file in files for family in pd.read_csv(file)["family"]}
    assert families == set(FAMILIES)


PLAIN = HEAD.removeprefix("round,")
NORD = poll(1, {"Ana Rowe": 0.4, "Bo Ek": 0.35, "Cy Orr": 0.25}).replace("1,Nord", "Nord")
SPRING = NORD.replace("0.35", "0.34").replace("05-08", "04-08")
VOTES = "candidate,votes\nAna Rowe,4100\nBo Ek,3300\nCy Orr,2600\n"


def test_a_folder_without_polls_says_so(write: Write) -> None:
    folder = write()
    (folder / "polls.csv").unlink()
    assert "polls.csv: the file is missing" in refused(folder)


def test_a_person_may_be_called_blanc_or_have_half_of_the_votes(write: Write) -> None:
    yaml = YAML + "names: {Blanc: Jean Blanc}\n"
    outcome = VOTES + "Blanc,300\nMichel Blanc,100\nOthers,200\n"
    people = load_election(str(write(yaml, PLAIN + NORD, outcome))).people
    assert {"Jean Blanc", "Michel Blanc", "Others"} <= set(people["name"])
    yaml = YAML + "names: {Di Fox: Di Fox}\n"
    half = load_election(str(write(yaml, PLAIN + NORD, VOTES + "Di Fox,10000\n"))).people
    assert "Di Fox" in set(half["name"])
