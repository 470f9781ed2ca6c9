"""Three files make an election; what would be misread is refused with the remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from bench.core import DataError, paths
from bench.core.errors import slug
from bench.data.election import Election, load_election
from bench.data.evidence import evidence_for
from bench.data.tables import doubts_of, outcome_of

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
        (
            "0.45",
            "45.0",
            ":2: column 'share' is 55",
        ),
        ("0.45", "45%", ":3: column 'share' is 45%"),
        ("0.45", '"0,45"', ":2: column 'share' is 0.55"),
        ("1000,bo", '"1,000",bo', ":3: column 'sample_size' is 1,000"),
        ("0.45", "0,45", "line 3, saw 6"),
        (
            "bo,0.45",
            "bob,0.45",
            ":3: on no ballot of this election: 'bob' (line 3), did you mean 'bo'?",
        ),
        ("2030-05-08,1000,bo", "8 May,1000,bo", ":3: column 'fieldwork_end' is 8 May but must be"),
        (
            "2030-05-08,1000,bo",
            "2030-05-08T20:00:00+02:00,1000,bo",
            ":3: column 'fieldwork_end' is 2030-05-08T20:00:00+02:00 but must be a date",
        ),
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
        ("name: x\nvote_on: soon\n", "`vote_on` is soon; accepted: a date"),
        (YAML + "tessted: []\n", "no key is called 'tessted' (did you mean 'tested'?"),
        (YAML + "names: {ann: Ann}\n", "`names` lists 'ann', who is on no ballot"),
        ("name: x\nrounds: {1: 2030-05-12, 2: 2030-05-26}\n", "the column 'round' is missing"),
    ],
)
def test_a_short_yaml_that_cannot_be_used_says_why(write: Write, yaml: str, words: str) -> None:
    assert words in refused(write(yaml=yaml))


@pytest.mark.parametrize(
    ("encoding", "separator"),
    [("utf-8", ";"), ("utf-8-sig", ","), ("utf-16", "\t"), ("cp1252", "|")],
)
def test_a_file_of_a_spreadsheet_is_read_and_said(
    write: Write, encoding: str, separator: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = write()
    for name, text in (("polls.csv", POLLS), ("outcome.csv", OUTCOME)):
        words = text.replace(",", separator)
        if separator != ",":
            words = words.replace("0.55", "0,55").replace("0.45", "0,45")
        (folder / name).write_bytes(words.encode(encoding))
    assert polls_of(folder)["share"].tolist() == [0.55, 0.45]
    assert outcome_of(load_election(str(folder)), 1).share.tolist() == [0.52, 0.48]
    assert load_election(str(folder)).people["name"].tolist() == ["Ána Rowe", "Bo"]
    is_foreign, has_commas = encoding in ("utf-16", "cp1252"), separator != ","
    polls = str(folder / "polls.csv")
    said = [one for one in caplog.messages if one.startswith(polls)]
    wanted = [f"{polls}: read as {encoding}"] * is_foreign
    wanted += [
        f"{polls}: read as cells between {separator!r}",
        f"{polls}: 'share' read as numbers with decimal commas",
    ] * has_commas
    assert said == wanted


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
    with pytest.raises(DataError, match="not scored but forecast"):
        outcome_of(election, 1)


def test_two_rounds_send_two_to_the_second(write: Write) -> None:
    lines = POLLS.splitlines()
    polls = (
        "\n".join(
            [
                "round," + lines[0],
                *("1," + x for x in lines[1:]),
                "1,North & Co,2030-05-08,1000,Cy,0",
            ]
        )
        + "\n"
    )
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
        "North,2030-05-01,1000,Ána Rowe,0.55,,\n"
        "North,2030-05-01,1000,bo,0.45,,\n"
        "North,2030-05-01,1000,Ána Rowe,0.52,2030-05-04,2030-05-08\n"
        "North,2030-05-01,1000,bo,0.48,2030-05-04,2030-05-08\n"
    )
    folder = write(YAML, polls)
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


TWO = "name: x\nrounds: {1: 2030-05-12, 2: 2030-05-26}\n"
HEAD = "round,institute,fieldwork_end,sample_size,candidate,share\n"
BOTH = "round,candidate,votes\n1,Ana Rowe,40\n1,Bo Ek,35\n1,Cy Orr,25\n2,Ana Rowe,52\n2,Bo Ek,48\n"


def poll(number: int, shares: dict[str, float], day: str = "2030-05-08", size: int = 1000) -> str:
    return "".join(f"{number},Nord,{day},{size},{who},{part}\n" for who, part in shares.items())


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


def test_all_unknown_names_are_listed_at_once_with_what_to_paste(write: Write) -> None:
    more = poll(1, {"Dee Fox": 0.5, "Ana Row": 0.3, "autre": 0.1, "Eli Guy": 0.1}, "2030-03-01")
    words = refused(write(TWO, HEAD + FIRST + more, BOTH))
    assert "polls.csv:5: on no ballot of this election" in words
    assert "'Dee Fox' (line 5), 'Ana Row' (line 6), did you mean 'ana_rowe'?" in words
    assert "`tested: [Dee Fox, Eli Guy]`" in words
    assert "`leave_out: [autre]`" in words


def test_what_the_refusal_says_can_be_pasted(write: Write) -> None:
    more = poll(1, {"Ana Rowe": 0.5, "Dee Fox": 0.4, "autre": 0.1}, "2030-03-01")
    folder = write(TWO + "tested: [Dee Fox]\nleave_out: [autre]\n", HEAD + FIRST + more, BOTH)
    election = load_election(str(folder))
    assert "dee_fox" in set(election.people["candidate"])
    assert "dee_fox" not in election.round(1).candidates
    early = polls_of(folder).query("fieldwork_end < '2030-05-01'")
    # 0.5 and 0.4 of the 0.9 that are left
    assert early.set_index("candidate")["share"].round(6).to_dict() == {
        "ana_rowe": 0.555556,
        "dee_fox": 0.444444,
    }


def test_a_remainder_that_nobody_listed_stays_one_when_others_are_left_out(write: Write) -> None:
    polls = HEAD + FIRST + poll(1, {"Ana Rowe": 0.45, "Bo Ek": 0.35, "others": 0.1}, "2030-03-01")
    folder = write(TWO + "leave_out: [others]\n", polls, BOTH)
    early = polls_of(folder).query("fieldwork_end < '2030-05-01'")
    assert early["share"].round(6).tolist() == [0.5, 0.388889]  # / 0.9: 0.111 is of unlisted people


def test_tested_people_may_have_a_family_and_nobody_else_may(write: Write) -> None:
    polls = HEAD + FIRST + poll(1, {"Ana Rowe": 0.5, "Dee Fox": 0.5}, "2030-03-01")
    people = load_election(str(write(TWO + "tested: {Dee Fox: green}\n", polls, BOTH))).people
    assert people.set_index("candidate")["family"].to_dict()["dee_fox"] == "green"


@pytest.mark.parametrize(
    ("yaml", "words"),
    [
        ("leave_out: [Cy Orr]\n", "`leave_out` names 'cy_orr', who is on the ballot of round 1"),
        ("leave_out: [Cy Orr]\n", "another round alone, as `leave_out: {2: [NAME]}`"),
        ("leave_out: {2: [Ana Rowe]}\n", "who is on the ballot of round 2"),
        ("leave_out: {3: [x]}\n", "`leave_out` names round '3'; accepted: 1, 2"),
        ("leave_out: x\n", "`leave_out` is x"),
        ("leave_out: [[x]]\n", "`leave_out.0.0` is ['x']; accepted: text; quote it"),
        ("tested: [Cy Orr]\n", "`tested` names 'cy_orr', who stood"),
        ("families: {Ana Rowe: centr}\n", "'ana_rowe' is 'centr' (did you mean 'centre'?"),
        ("country: fr\n", "`country` is fr; accepted: a code"),
        ("country: France\n", "`country` is France"),
        ("country: NO\n", "`country` is False"),
        ("country: FR\nfamilies: {Ana Rowe: pirates}\n", "known: centre, communist, far_right"),
        ("country: FR\nsame_as: {Ana Rowe: macro}\n", "(did you mean 'macron'?"),
        ("country: FR\nsame_as: {Ana Rowe: [x]}\n", "`same_as.Ana Rowe` is ['x']; accepted: text"),
        ("same_as: [x]\n", "`same_as` is ['x']"),
    ],
)
def test_a_key_that_cannot_mean_that_is_refused(write: Write, yaml: str, words: str) -> None:
    assert words in refused(write(TWO + yaml, HEAD + FIRST, BOTH))


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


@pytest.mark.parametrize(
    ("polls", "outcome", "words"),
    [
        (
            FIRST + "1,Nord,2030-05-08,1000,Bo Ek,0.35\n",
            BOTH,
            ":5: poll_id is r1_nord_2030-05-08_1000, candidate is bo_ek",
        ),
        (FIRST.replace("2030-05-08", "2030-05-13"), BOTH, ":2: fieldwork_end is 2030-05-13"),
        (
            FIRST + ",Nord,2030-05-08,1000,Bo Ek,0.3\n",
            BOTH,
            ":5: column 'round' is empty; accepted",
        ),
        (FIRST + "1,Nord,2030-05-08,1000,,0.3\n", BOTH, ":5: column 'candidate' is empty but must"),
        (
            FIRST + "1,Nord,2030-05-07,1000,Bo Ek,\n",
            BOTH,
            ":5: column 'share' is empty but must be",
        ),
        (FIRST + "\n" + FIRST, BOTH, ":5: column 'round' is empty"),
        (FIRST, BOTH.replace("1,Cy Orr", "1,"), "outcome.csv:4: column 'candidate' is empty"),
        (FIRST, BOTH.replace(",25", ","), "outcome.csv:4: column 'votes' is empty"),
        (
            FIRST,
            BOTH.replace(",35", ",25"),
            "outcome.csv:3: round is 1, candidate is bo_ek, votes is 25",
        ),
        (FIRST, BOTH.replace(",52", ",48"), "outcome.csv:5: round is 2, candidate is ana_rowe"),
        (FIRST, BOTH + "1,Bo Ek,2\n", "outcome.csv:7: round is 1, candidate is bo_ek"),
        (
            FIRST,
            BOTH.replace("votes", "share")
            .replace(",", ",0.")
            .replace("0.candidate", "candidate")
            .replace("0.share", "share")
            .replace("0.Ana", "Ana")
            .replace("0.Bo", "Bo")
            .replace("0.Cy", "Cy")
            .replace("0.25", "0.15"),
            "outcome.csv:2: round is 1; accepted: shares",
        ),
    ],
)
def test_rows_that_cannot_be_are_refused_with_their_line(
    write: Write, polls: str, outcome: str, words: str
) -> None:
    assert words in refused(write(TWO, HEAD + polls, outcome))


def test_blanks_among_numbers_are_read_as_blanks(write: Write) -> None:
    more = "1,Nord,2030-05-07,,Ana Rowe,0.4\n1,Nord,2030-05-07,,Bo Ek,0.35\n"
    found = polls_of(write(TWO, HEAD + FIRST + more, BOTH))
    assert found["sample_size"].isna().tolist() == [False] * 3 + [True] * 2


def test_a_hypothesis_tells_ballots_of_one_poll_apart(write: Write) -> None:
    head = HEAD.replace("round,", "round,hypothesis,")
    rows = (FIRST + poll(1, {"Ana Rowe": 0.5, "Dee Fox": 0.5})).splitlines()
    parts = [f"1,{'' if n < 3 else 'with Dee'}{row[1:]}" for n, row in enumerate(rows)]
    folder = write(TWO + "tested: [Dee Fox]\n", head + "\n".join(parts) + "\n", BOTH)
    assert polls_of(folder)["poll_id"].nunique() == 2


def test_a_folder_without_polls_says_so(write: Write) -> None:
    folder = write()
    (folder / "polls.csv").unlink()
    assert "polls.csv: the file is missing; a folder with an election.yaml needs" in refused(folder)


def test_a_name_of_one_poll_that_is_near_another_is_a_misspelling(write: Write) -> None:
    rows = [poll(1, {"Raphaël Glucksmann": 0.5, "Ana Rowe": 0.5}, size=n) for n in (800, 900)]
    rows.append(poll(1, {"Raphael Glucksman": 0.5, "Ana Rowe": 0.5}))
    yaml = "name: x\nvote_on: 2030-05-12\n"
    words = refused(write(yaml, HEAD + "".join(rows), None))
    assert (
        "polls.csv:6: 'Raphael Glucksman' is in one poll only and looks like a misspelling" in words
    )
    assert "`names: {raphael_glucksman: Raphael Glucksman}`" in words
    both = write(
        yaml + "names: {raphael_glucksman: Raphael Glucksman}\n", HEAD + "".join(rows), None
    )
    assert len(load_election(str(both)).round(1).candidates) == 3


def test_two_near_names_in_one_poll_are_two_people(write: Write) -> None:
    rows = poll(1, {"Jean Martin": 0.5, "Jeanne Martin": 0.5})
    folder = write("name: x\nvote_on: 2030-05-12\n", HEAD + rows, None)
    assert load_election(str(folder)).round(1).candidates == ("jean_martin", "jeanne_martin")


def test_tested_people_are_not_on_the_ballot_of_an_open_election(write: Write) -> None:
    polls = HEAD + FIRST + poll(1, {"Ana Rowe": 0.5, "Dee Fox": 0.5}, size=9)
    election = load_election(str(write(TWO + "tested: [Dee Fox]\n", polls, None)))
    assert election.round(1).candidates == ("ana_rowe", "bo_ek", "cy_orr")
    assert election.round(1).seats == 2
    assert list(election.rounds) == [1]  # nobody knows yet who will be in the runoff


def test_the_runoff_of_an_open_election_is_of_those_whom_polls_ask_about(write: Write) -> None:
    polls = HEAD + FIRST + poll(2, {"Ana Rowe": 0.5, "Cy Orr": 0.5})
    election = load_election(str(write(TWO, polls, None)))
    assert election.round(2).candidates == ("ana_rowe", "cy_orr")


def test_between_the_rounds_the_first_two_are_in_the_runoff(write: Write) -> None:
    outcome = "".join(line + "\n" for line in BOTH.splitlines() if not line.startswith("2,"))
    election = load_election(str(write(TWO, HEAD + FIRST, outcome)))
    assert election.round(2).candidates == ("ana_rowe", "bo_ek")


FRENCH = (
    "candidate,votes\nMarine Le Pen,52\nEmmanuel Macron,48\n",
    HEAD + poll(1, {"Marine Le Pen": 0.5, "Emmanuel Macron": 0.5}),
)


def test_people_of_a_shipped_country_are_those_of_the_same_full_name(write: Write) -> None:
    folder = write(YAML + "country: FR\n", FRENCH[1], FRENCH[0])
    people = load_election(str(folder)).people.set_index("candidate")
    assert people["family"].to_dict() == {"le_pen": "far_right", "macron": "centre"}
    assert people["name"].to_dict() == {"le_pen": "Marine Le Pen", "macron": "Emmanuel Macron"}
    assert set(polls_of(folder)["candidate"]) == {"le_pen", "macron"}


def test_a_link_can_be_forbidden_and_forced(write: Write) -> None:
    yaml = YAML + "country: FR\nsame_as: {Marine Le Pen: false, Emmanuel Macron: hollande}\n"
    found = load_election(str(write(yaml, FRENCH[1], FRENCH[0]))).round(1).candidates
    assert found == ("hollande", "marine_le_pen")


def test_without_a_country_nobody_is_anybody_elsewhere(write: Write) -> None:
    found = load_election(str(write(YAML, FRENCH[1], FRENCH[0]))).round(1).candidates
    assert found == ("emmanuel_macron", "marine_le_pen")


def test_a_list_of_sums_of_ones_own_switches_nothing_off(tmp_path: Path) -> None:
    import hashlib
    import shutil

    folder = tmp_path / "mine"
    shutil.copytree(paths.datasets() / "toy", folder)
    polls = folder / "inputs" / "polls.csv"
    polls.write_text(polls.read_text().replace(",0.", ",-0.", 1))
    digest = hashlib.sha256(polls.read_bytes()).hexdigest()
    (folder / "SHA256SUMS").write_text(f"{digest}  inputs/polls.csv\n")
    with pytest.raises(DataError, match=r"polls\.csv:2: column 'share' is -0\."):
        polls_of(folder, "2031-04-05")


def test_every_shipped_family_is_known_and_every_known_one_is_used() -> None:
    from bench.models.families import FAMILIES

    files = sorted(paths.datasets().glob("*/candidates.csv"))
    found = {family for file in files for family in pd.read_csv(file)["family"]}
    assert found == set(FAMILIES)


THREE = "name: Election of Freedonia, 2030\nvote_on: 2030-05-12\n"
PLAIN = HEAD.removeprefix("round,")
NORD = poll(1, {"Ana Rowe": 0.4, "Bo Ek": 0.35, "Cy Orr": 0.25}).replace("1,Nord", "Nord")
SPRING = NORD.replace("0.35", "0.34").replace("05-08", "04-08")
VOTES = "candidate,votes\nAna Rowe,4100\nBo Ek,3300\nCy Orr,2600\n"
IN_PARTS = "; accepted: no poll of one candidate"


def numbered(column: str, cells: list[str]) -> str:
    """The two polls with a further column."""
    rows = (PLAIN + NORD + SPRING).splitlines()
    return "".join(f"{row},{cell}\n" for row, cell in zip(rows, [column, *cells], strict=True))


@pytest.mark.parametrize(
    ("polls", "outcome", "words"),
    [
        (None, VOTES.replace("4100", "4.100"), ":2: column 'votes' is 4.100"),
        (None, VOTES + "Total,10000\n", ":5: candidate is total"),
        (None, VOTES + "Alle,10000\n", ":5: candidate is alle, votes is 10000"),
        (None, VOTES + "Alle,10150\n", ":5: candidate is alle, votes is 10150"),
        (None, "candidate,votes\nAna,5\nBo,4\nGrand Total,11\n", ":4: candidate is grand_total"),
        *(
            (None, VOTES + f"{words},300\n", f"outcome.csv:5: candidate is {slug(words)}")
            for words in (
                "Total des suffrages",
                "Vote blanc",
                "Rejected ballots",
                "None of the above",
                "Schede nulle",
                "Bianche",
            )
        ),
        (None, "candidate,votes\nAna,5\nBo,4\nTotal,9\n", ":4: candidate is total"),
        (None, VOTES + "Blank,300\n", "outcome.csv:5: candidate is blank"),
        (None, VOTES + "Null,300\n", ":5: candidate is null"),
        (None, VOTES + "Abstention,300\n", ":5: candidate is abstention"),
        (SPRING + NORD + NORD[:20] + "0,Undecided,0\n", None, "`leave_out: [Undecided]`"),
        *(
            (None, VOTES.replace("4100", cell), ":2: column 'votes' is " + cell)
            for cell in ("0.41", "4.1", "4100.5", "1e400", "1" + 30 * "0")
        ),
        (None, VOTES.replace("4100", "0.41").replace("00", ""), ":2: column 'votes' is 0.41"),
        (
            NORD.replace("0.4\n", "0.04\n"),
            VOTES,
            ":2: poll_id is r1_nord_2030-05-08_1000; accepted: polls",
        ),
        (NORD + SPRING.replace("2030", "2003"), VOTES, ":5: poll_id is r1_nord_2003"),
        (NORD + SPRING.replace("2030", "1969"), VOTES, "at most 8 years before the vote"),
        (NORD.replace("1000", 9 * "1"), VOTES, ":2: sample_size is 111,111,111; accepted"),
        (NORD.replace("1000", "12.000"), VOTES, ":2: column 'sample_size' is 12.000"),
        (numbered("sample_expressed", ["1100"] * 6), VOTES, "is 1,000, sample_expressed is 1,100"),
        (
            NORD.replace("00,Bo", "01,Bo").replace("00,Cy", "02,Cy"),
            VOTES,
            ":2: poll_id is r1_nord_2030-05-08_1000" + IN_PARTS,
        ),
        (numbered("poll_id", list("abcdef")), VOTES, ":2: poll_id is a" + IN_PARTS),
        (NORD.replace("08,1000,Cy", "07,1000,Cy"), VOTES, "1000" + IN_PARTS),
    ],
)
def test_what_no_honest_table_looks_like_is_refused(
    write: Write, polls: str | None, outcome: str | None, words: str
) -> None:
    polls = NORD + SPRING if polls is None else polls
    head = "" if polls.startswith("institute") else PLAIN
    outcome = VOTES if outcome is None and "Undecided" not in polls else outcome
    assert words in refused(write(THREE, head + polls, outcome))


@pytest.mark.parametrize(
    ("more", "kinds"),
    [
        ("", {}),
        (NORD.replace("1000", "1001"), {"twice": "r1_nord"}),
        (NORD.replace("1000", ""), {"twice": "r1_nord_2030-05-08 (polls.csv:8)"}),
        (NORD.replace("05-08", "05-07"), {"twice": "r1_nord_2030-05-07_1000 (polls.csv:8)"}),
        (NORD.replace("Nord", "NORD Süd"), {"twice": "r1_nord_sud"}),
        (NORD.replace("Nord", "Süd"), {}),
        (NORD.replace("2030", "2029"), {"early": "r1_nord_2029-05-08_1000 (polls.csv:8)"}),
        (NORD.replace("Nord,2030-05-08,1000", "Süd,2030-05-08,200000"), {"large": "r1_sud"}),
        (NORD.replace("0.4\n", "0.2\n").replace("05-08", "05-07"), {"low": "r1_n"}),
    ],
)
def test_what_a_few_honest_tables_look_like_is_said(
    write: Write, more: str, kinds: dict[str, str]
) -> None:
    folder = write(THREE, PLAIN + NORD + SPRING + more, VOTES)
    facts = folder / "election.yaml"
    facts.write_text(facts.read_text("utf-8").replace("Süd]", "Süd, NORD Süd]"), encoding="utf-8")
    found = {one["kind"]: one["polls"] for one in doubts_of(load_election(str(folder)))}
    assert found.keys() == kinds.keys()
    assert all(polls in found[kind] for kind, polls in kinds.items())


def test_a_person_may_be_called_blanc_and_a_ballot_may_hold_others(write: Write) -> None:
    yaml = THREE + "names: {Blanc: Jean Blanc}\n"
    outcome = VOTES + "Blanc,300\nMichel Blanc,100\nOthers,200\n"
    people = load_election(str(write(yaml, PLAIN + NORD, outcome))).people
    assert {"Jean Blanc", "Michel Blanc", "Others"} <= set(people["name"])


@pytest.mark.parametrize(
    ("facts", "half"), [("", "Ana Rowe"), ("names: {Di Fox: Di Fox}", "Di Fox")]
)
def test_who_is_polled_or_named_may_have_half_of_the_votes(
    write: Write, facts: str, half: str
) -> None:
    votes = {"Ana Rowe": 2000, "Bo Ek": 2000, "Cy Orr": 1000} | {half: 0}
    votes[half] = sum(votes.values())
    outcome = "candidate,votes\n" + "".join(f"{who},{n}\n" for who, n in votes.items())
    folder = write(THREE + facts + "\n", PLAIN + NORD, outcome.replace("Bo Ek,2000", "Bo Ek,1999"))
    assert half in set(load_election(str(folder)).people["name"])


def test_what_ships_is_not_doubted() -> None:
    assert not doubts_of(load_election("fr2022"))
