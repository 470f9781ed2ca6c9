"""Plausible slips in what somebody brings: refused, said, or declared undetectable."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.core import ConfigError, DataError, paths
from bench.core.errors import letters, slug
from bench.data import schema
from bench.data.columns import TABLES
from bench.data.election import load_election, same_country_elections
from bench.data.election_folder import folder_names, unread_files
from bench.data.minimal_election import ShortForm
from bench.data.readers import forget, read_table
from bench.data.tables import doubts_of, outcome_of, polls_of, table_of
from bench.runner.runner import tasks_of
from predictors.forecast_file import ForecastFile
from tests.conftest import Compose
from tests.data.test_read import ASH, BIRCH, HEADER, PEOPLE
from tests.data.test_short_form import (
    BOTH,
    FIRST,
    HEAD,
    NORD,
    OUTCOME,
    PLAIN,
    POLLS,
    SPRING,
    TWO,
    VOTES,
    YAML,
)
from tests.evidence import evidence

DOCS = Path(__file__).parents[2] / "docs" / "own_election.md"
SHORT = {
    "one": (YAML, POLLS, OUTCOME),
    "two": (TWO, HEAD + FIRST, BOTH),
    "three": (YAML, PLAIN + NORD + SPRING, VOTES),
}
OUTCOMES = ("outcome", "national", "departements")
FORECAST = "candidate,share\nash,0.5\nbirch,0.3\ncedar,0.2\n"


def numbered(column: str, cells: list[str]) -> str:
    """The two polls with a further column."""
    rows = (PLAIN + NORD + SPRING).splitlines()
    return "".join(f"{row},{cell}\n" for row, cell in zip(rows, [column, *cells], strict=True))


SHARES = BOTH.replace("votes", "share").replace(",5", ",0.5").replace(",4", ",0.4")
SHARES = SHARES.replace(",25", ",0.15").replace(",35", ",0.35")

# which text of which file becomes what, and what is refused, in the short form of one round ...
REFUSED_OF_ONE = [
    ("polls", "0.45", "45%", ":3: column 'share' is 45%"),
    ("polls", "0.45", '"0,45"', ":2: column 'share' is 0.55"),
    ("polls", "0.45", "0,45", "line 3, saw 6"),
    ("polls", "0.45", "-0.45", ":3: column 'share' is -0.45"),
    ("polls", "0.", "", ":2: column 'share' is 55"),
    ("polls", "1000,bo", '"1,000",bo', ":3: column 'sample_size' is 1,000"),
    ("polls", "bo,0.45", "bob,0.45", ":3: on no ballot of this election: 'bob' (line 3)"),
    ("polls", "08,1000,bo", "08T20:00:00+02:00,1000,bo", ":3: column 'fieldwork_end' is 2030"),
    ("polls", "candidate,share", "candidate,part", "the column 'share' is missing"),
    ("election", YAML, "vote_on: 2030-05-12\n", "the key 'name' is missing"),
    ("election", YAML, "name: x\n", "give the day of the vote"),
    ("election", "2030-05-12", "soon", "`vote_on` is soon"),
    ("election", "vote_on", "kind: presidential\nvote_on", "did you mean 'president'?"),
    ("election", "vote_on", "tessted: []\nvote_on", "no key is called 'tessted'"),
    ("election", "vote_on", "names: {ann: Ann}\nvote_on", "`names` lists 'ann'"),
    ("election", YAML, TWO, "the column 'round' is missing"),
]
# ... of two ...
REFUSED_OF_TWO = [
    *(
        ("election", "name: x\n", f"name: x\n{key}\n", words)
        for key, words in (
            ("leave_out: [Cy Orr]", "`leave_out` names 'cy_orr'"),
            ("leave_out: {2: [Ana Rowe]}", "who is on the ballot of round 2"),
            ("leave_out: {3: [x]}", "`leave_out` names round '3'"),
            ("leave_out: x", "`leave_out` is x"),
            ("leave_out: [[x]]", "`leave_out.0.0` is ['x']"),
            ("tested: [Cy Orr]", "`tested` names 'cy_orr'"),
            ("families: {Ana Rowe: centr}", "'ana_rowe' is 'centr' (did you mean 'centre'?"),
            ("country: France", "`country` is France"),
            ("country: NO", "`country` is False"),
            ("country: FR\nfamilies: {Ana Rowe: pirates}", "known: centre, communist"),
            ("country: FR\nsame_as: {Ana Rowe: macro}", "(did you mean 'macron'?"),
            ("country: FR\nsame_as: {Ana Rowe: [x]}", "`same_as.Ana Rowe` is ['x']"),
            ("same_as: [x]", "`same_as` is ['x']"),
        )
    ),
    ("polls", FIRST, FIRST + FIRST, ":5: poll_id is r1_nord_2030-05-08_1000, candidate is ana"),
    ("polls", "2030-05-08", "2030-05-13", ":2: fieldwork_end is 2030-05-13"),
    ("polls", "1,Nord,2030-05-08,1000,Cy", ",Nord,2030-05-08,1000,Cy", ":4: column 'round' is e"),
    ("polls", "Cy Orr", "", ":4: column 'candidate' is empty"),
    ("polls", "0.25", "", ":4: column 'share' is empty"),
    ("outcome", "1,Cy Orr", "1,", "outcome.csv:4: column 'candidate' is empty"),
    ("outcome", ",25", ",", "outcome.csv:4: column 'votes' is empty"),
    ("outcome", ",35", ",25", "outcome.csv:3: round is 1, candidate is bo_ek, votes is 25"),
    ("outcome", ",52", ",48", "outcome.csv:5: round is 2, candidate is ana_rowe"),
    ("outcome", "2,Ana", "1,Bo Ek,2\n2,Ana", "outcome.csv:5: round is 1, candidate is bo_ek"),
    ("outcome", BOTH, SHARES, "outcome.csv:2: round is 1; accepted: shares"),
]
# ... and of one round with three candidates
REFUSED_OF_THREE = [
    *(
        ("outcome", VOTES, VOTES + f"{candidate},{n}\n", f":5: candidate is {slug(candidate)}")
        for candidate, n in (
            ("Total", 10000),
            ("Alle", 10150),  # nearly as many as all others together
            ("Total des suffrages", 300),
            ("Vote blanc", 300),
            ("Rejected ballots", 300),
            ("Null", 300),
            ("Abstention", 300),
            ("All votes cast", 9000),
            ("Electorate", 45000),
            ("Informal", 300),
            ("Write-in", 300),
        )
    ),
    *(
        ("outcome", "4100", cell, ":2: column 'votes' is " + cell)
        for cell in ("4.100", "0.41", "4100.5", "1e400", "1" + 30 * "0")
    ),
    ("polls", "0.25\n", "0.25\nNord,2030-05-08,1000,Undecided,0\n", "`leave_out: [Undecided]`"),
    ("polls", "0.4\n", "0.04\n", ":2: poll_id is r1_nord_2030-05-08_1000; accepted: polls"),
    ("polls", "2030-04", "1969-04", ":5: poll_id is r1_nord_1969"),
    ("polls", "1000", 9 * "1", ":2: sample_size is 111,111,111; accepted"),
    ("polls", "1000", "12.000", ":2: column 'sample_size' is 12.000"),
    (
        "polls",
        PLAIN + NORD + SPRING,
        numbered("sample_expressed", ["1100"] * 6),
        "is 1,000, sample_",
    ),
    ("polls", PLAIN + NORD + SPRING, numbered("poll_id", list("abcdef")), ":2: poll_id is a; acc"),
    ("polls", "05-08,1000,Cy", "05-07,1000,Cy", "1000; accepted: no poll of one candidate"),
]


# ... in a cell of the last line of a table of polls
REFUSED_IN_A_CELL = [
    (",0.4,", ",24.01,", "'share' is 24.01"),
    (",0.4,", ",-0.1,", "'share' is -0.1"),
    (",0.4,", ",nan,", "'share' is nan"),
    (",0.4,", ",,", "'share' is empty"),
    (",0.4,", ',"0,4",', "'share' is 0,4"),
    (",1000,", ",999.5,", "'sample_size' is 999.5"),
    (",1000,", ",12.000,", "'sample_size' is 12.000"),
    (",1000,", ",0,", "'sample_size' is 0"),
    ("2031-04-03", "3 April", "'fieldwork_end' is 3 April"),
    ("2031-04-01", "2031-04-05", "fieldwork_start is 2031-04-05"),
    ("2031-04-04", "2031-03-04", "fieldwork_end is 2031-04-03"),
    (",false,", ",perhaps,", "'rolling' is perhaps"),
    (",false,", ",,", "'rolling' is empty"),
    (",stated,", ",guessed,", "'basis' is guessed"),
    ("p1,1,", "p1,3,", "'round' is 3"),
    (",birch,", ",birtch,", "'candidate' is birtch"),
    (",birch,", ",ash,", "poll_id is p1, candidate is ash"),
    (",birch,", f",{'x' * 201},", "'candidate' is xxx"),
    (",0.4,s", f",0.4,{'x' * 2_001}", "'source' has"),
    (",800,", ",1100,", "sample_size is 1,000, sample_expressed is 1,100"),
]
# ... in the full form: what is replaced is a regular expression
REFUSED_IN_FULL = [
    ("candidates", ",green,", ",grean,", "the family of 'brook' is 'grean' (did you mean 'green'"),
    ("election", "country: XY", "country: XY\nkidn: president", "no key is called 'kidn'"),
    ("election", "n_advance: 2", "n_advance: 1", "n_advance is 1, and the ballot of round 2 has 2"),
    ("election", "n_advance: 2", "n_advance: 2\n    poll_until: 2031-04-05", "'poll_until'"),
    ("election", 'at: "2031-04-06', 'at: "2031-06-06', "at most 60 days after the vote"),
    ("departements", r"brook,587\n", "brook,5870\n", "votes of 'brook' sum to 9,711"),
    ("departements", r"\Z", "1,total,,,,brook,4428\n", "votes of 'brook' sum to 8,856"),
    ("ratings", "2031-03-22,", "2031-05-22,", "'day' on or before 'published_on'"),
    ("ratings", "1,2031-03-22,", "1,2013-03-22,", "days at most 8 years before the vote"),
    ("ratings", "0.7959", "0.9959", "fractions that sum to at most 1.02"),
    ("online_ballot", ",1029,", ",10290,", "'approvals' at most 'ballots'"),
    ("claims", "2031-03-28,", "2031-04-05,", "'day' on or before 'published_on'"),
    ("claims", r"0\.\d+,,vote_share", "0.6,,vote_share", "within publisher × round × published_on"),
    ("transfers", ",quill,", ",quil,", "'to' is quil but must be a candidate of this election"),
    ("transfers", ",abstention,", ",abstenton,", "(did you mean 'abstention'?"),
    ("transfers", ",brook,quill,", ",brok,quill,", "'from_candidate' is brok"),
    ("transfers", "pre_vote_int", "prevote_int", "(did you mean 'pre_vote_intention'?"),
    ("transfers", ",quoted,", ",qouted,", "'basis' is qouted"),
    ("claims", ",vote_share,", ",voteshare,", "(did you mean 'vote_share'?"),
    ("transfers", "0.348", "0.748", "within survey × published_on × kind × from_candidate"),
    ("areas", "0.1657,", "16.57,", "fractions of 0 to 1 where the unit is share"),
    ("buzz", "(?m)^2031-03-06,", "2032-03-06,", "'day' on or before 'published_on'"),
]
# ... and in a forecast made elsewhere, of a ballot of three
REFUSED_OF_FORECASTS = [
    ("", "", "candidate,first\nash,60\nbirch,40\n", "'first' is 60; accepted: a probability"),
    ("", "", "candidate,first\nash,0.9\nbirch,0.4\n", "chances of 'first' sum to 1.3000"),
    ("", "", "candidate,chance\nash,0.9\nbirch,0.1\n", "the column 'share' is missing"),
    ("", "", FORECAST.replace("0.3", "0.1"), "shares sum to 0.8000"),
    ("", "", "candidate,draw,share\nash,1,0.5\nbirch,2,0.5\n", "some of ash are missing"),
    ("", "", "model_id,candidate,share\na,ash,1\nb,ash,1\n", "set `model` to one of a, b"),
    ("", "", "published_on,candidate,share\n2013-04-01,ash,1\n", "at most 8 years before"),
]
REFUSED = [
    *(("one", *case) for case in REFUSED_OF_ONE),
    *(("two", *case) for case in REFUSED_OF_TWO),
    *(("three", *case) for case in REFUSED_OF_THREE),
    *(("cell", "polls", *case) for case in REFUSED_IN_A_CELL),
    *(("full", *case) for case in REFUSED_IN_FULL),
    ("full", "polls", "(?m)^(r2_plumb_2031_04_11),2,", r"\1,1,", "more people looks like: r2_plum"),
    *(("forecast", *case) for case in REFUSED_OF_FORECASTS),
]
SWAPPED = "0.35\nNord,2030-05-08,1000,Bo Ek,0.4"
# what a few honest tables look like is read, and said: the kinds of doubt, and what is named
SAID = [
    *(
        ("three", "polls", SPRING, SPRING + rows, words)
        for rows, words in (
            (NORD.replace("1000", "1001"), "twice: r1_nord"),
            (NORD.replace("1000", ""), "twice: r1_nord_2030-05-08 (polls.csv:8, Nord)"),
            (NORD.replace("05-08", "05-07"), "twice: r1_nord_2030-05-07_1000 (polls.csv:8, Nord)"),
            (NORD.replace("Nord", "NORD Süd"), "twice: r1_nord_sud"),
            (NORD.replace("2030", "2029"), "early: r1_nord_2029-05-08_1000 (polls.csv:8, Nord)"),
            (NORD.replace("Nord,2030-05-08,1000", "Süd,2030-05-08,200000"), "large: r1_sud"),
            (
                NORD.replace("1000", "900").replace("0.4", "0.7").replace("0.3", "0.0"),
                "apart: r1_n",
            ),
            (NORD.replace("0.4\n", "0.2\n").replace("05-08", "05-07"), "low: r1_n"),
        )
    ),
    ("three", "outcome", "4100", "41000", "far: ana_rowe, bo_ek"),
    ("three", "outcome", VOTES, VOTES + "NOTA,20\nBlanke,300\n", "unpolled: Blanke, NOTA"),
    ("three", "outcome", VOTES, VOTES + "ENSEMBLE,1000\n", "unpolled: ENSEMBLE"),
    ("three", "election", "vote_on", "kind: mayor\nvote_on", "new_kind: mayor"),
    ("three", "outcome", "00", "", "percent: 1"),
    (
        "two",
        "outcome",
        "0\n1,Bo Ek,35\n1,Cy Orr,25",
        "0\n1,Bo Ek,25\n1,Cy Orr,35",
        "percent+not_first: ",
    ),
    ("full", "national", "brook,4428", "brook,60000", "far+not_first: "),
    ("full", "areas", "departement,t", "departement,x", "codes: departement"),
    ("forecast", "", "", FORECAST.replace("cedar,0.2\n", "").replace("0.3", "0.5"), "2 of 3"),
    # read, and nothing is said
    ("three", "outcome", VOTES, VOTES + "Others,300\n", ""),
    ("three", "polls", SPRING, SPRING + NORD.replace("Nord", "Süd"), ""),
    ("three", "polls", PLAIN + NORD + SPRING, numbered("moe", ["0.03"] * 6), ""),
]
# what nothing in a file contradicts is read; docs/own_election.md says so in these words
UNDETECTABLE = [
    ("three", "outcome", "4100\nBo Ek,3300", "3300\nBo Ek,4100", "votes of two candidates swapped"),
    ("three", "polls", "0.4\nNord,2030-05-08,1000,Bo Ek,0.35", SWAPPED, "shares of two swapped"),
    ("three", "polls", "08,1000", "08,10000", "a sample size ten times too large"),
    ("three", "polls", "2030-05-08", "2030-04-12", "day and month swapped"),
    ("three", "polls", "Nord,2030-04", "Nrod,2030-04", "an institute misspelt"),
    ("full", "polls", "T00:00:00,rule", "T02:00:00,rule", "UTC for local time"),
    (
        "full",
        "ratings",
        "favourable,unfavourable",
        "unfavourable,favourable",
        "two columns swapped",
    ),
    ("full", "candidates", "Odile Brook", "Petra Hollow", "the name of another person"),
    ("full", "candidates", ",false", ",true", "who holds the office"),
    ("full", "buzz", ",1331.0,", ",1331000.0,", "one count a thousand times too large"),
    ("full", "departements", r"brook,587\n", "brook,58\n", "votes of an area that are too few"),
    (
        "forecast",
        "",
        "",
        "candidate,share\nash,0.3\nbirch,0.5\ncedar,0.2\n",
        "shares of two swapped",
    ),
]


def ids(cases: list[tuple[str, str, str, str, str]]) -> list[str]:
    return [f"{example}-{file}-{words[:40]}" for example, file, _, _, words in cases]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up election as somebody's own, its tables as text."""
    folder = tmp_path_factory.mktemp("full") / "own"
    toy = paths.datasets() / "toy"
    shutil.copytree(toy, folder, ignore=shutil.ignore_patterns("stations*", "*.json", "SHA*"))
    facts = (toy / "election.yaml").read_text("utf-8")
    facts = facts.replace("election: toy", "election: own").replace("country: XT", "country: XY")
    (folder / "election.yaml").write_text(facts, "utf-8")
    for path in (folder / "inputs").glob("*.parquet"):
        pd.read_parquet(path).to_csv(path.with_suffix(".csv"), index=False)
        path.unlink()
    return folder


@pytest.fixture
def read(tmp_path: Path, full: Path) -> Callable[..., dict[str, str]]:
    """Read an example in which a text is replaced; what is doubted, by kind.

    Of an election the file that has changed is read, and where it is asked for the whole.
    """

    def _read(
        example: str, file: str, old: str, new: str, *, whole: bool = False
    ) -> dict[str, str]:
        if example == "cell":
            path = tmp_path / "polls.csv"
            path.write_text("\n".join([HEADER, ASH, BIRCH.replace(old, new, 1)]), "utf-8")
            read_table(path, TABLES["polls"], candidates=PEOPLE)
            return {}
        if example == "forecast":
            path = tmp_path / "f.csv"
            path.write_text(new, "utf-8")
            method = ForecastFile(path=str(path), model="", location="national", n_draws=9)
            vote = evidence("ash", "birch", "cedar")
            converted = method.predict(vote, np.random.default_rng(0)).converted
            return {"": converted} if "leave nothing" in converted else {}
        folder = tmp_path / "own"
        if example == "full":
            shutil.copytree(full, folder)
            replace_in(next(path for path in folder.rglob(f"{file}.*")), old, new)
        else:
            folder.mkdir()
            texts = dict(zip(("election", "polls", "outcome"), SHORT[example], strict=True))
            assert old in texts[file]
            texts[file] = texts[file].replace(old, new)
            for name, text in texts.items():
                suffix = "yaml" if name == "election" else "csv"
                (folder / f"{name}.{suffix}").write_text(text, "utf-8")
            is_one_cell = new.count("\n") == old.count("\n")
            if file == "outcome":
                assert len(ShortForm(folder).outcome)
            elif file == "polls" and is_one_cell:
                assert len(ShortForm(folder).checked_polls())
        election = load_election(str(folder))
        for table in TABLES if whole else TABLES.keys() & {file}:
            table_of(election, table)
        for number in election.rounds if whole or file in OUTCOMES else ():
            outcome_of(election, number)
        return {doubt["kind"]: doubt["polls"] for doubt in doubts_of(election)}

    return _read


def replace_in(path: Path, old: str, new: str) -> None:
    is_text = path.suffix != ".parquet"
    text = path.read_text("utf-8") if is_text else pd.read_parquet(path).to_csv(index=False)
    changed = re.sub(old, new, text)
    assert changed != text
    if is_text:
        path.write_text(changed, "utf-8")
    else:
        pd.read_csv(io.StringIO(changed), dtype={"area": str}).to_parquet(path)


@pytest.mark.parametrize(("example", "file", "old", "new", "words"), REFUSED, ids=ids(REFUSED))
def test_what_would_be_misread_is_refused_with_its_place(
    read: Callable[..., dict[str, str]], example: str, file: str, old: str, new: str, words: str
) -> None:
    with pytest.raises(DataError) as caught:
        read(example, file, old, new)
    assert words in str(caught.value)
    assert example != "cell" or ":3: " in str(caught.value)


@pytest.mark.parametrize(("example", "file", "old", "new", "words"), SAID, ids=ids(SAID))
def test_what_a_few_honest_tables_look_like_is_said(
    read: Callable[..., dict[str, str]], example: str, file: str, old: str, new: str, words: str
) -> None:
    found = read(example, file, old, new)
    kinds, _, named = words.rpartition(": ")
    assert found.keys() == (set(kinds.split("+")) if words else set())
    assert all(named in polls for polls in found.values())


@pytest.mark.parametrize(
    ("example", "file", "old", "new", "words"), UNDETECTABLE, ids=ids(UNDETECTABLE)
)
def test_what_nothing_contradicts_is_declared(
    read: Callable[..., dict[str, str]], example: str, file: str, old: str, new: str, words: str
) -> None:
    assert read(example, file, old, new, whole=True) == {}
    assert words in " ".join(DOCS.read_text("utf-8").split())


# Romania 2019, five of 25 rows of a public list: of two people, or of the voters of one party
PAIRS = {
    "CURS": (0.65, 0.35),
    "USR": (0.442, 0.222),
    "USR 2": (0.398, 0.24),
    "IMAS": (0.526, 0.143),
    "IMAS 2": (0.121, 0.245),
}
FOUR = "candidate,votes\nAna Rowe,3800\nBo Ek,2200\nCy Orr,1500\nDee Fox,2500\n"


def test_polls_of_two_where_four_stand_are_named_with_institute_and_note(tmp_path: Path) -> None:
    noted = [f"{PLAIN.strip()},Remarks"]
    whole = dict.fromkeys(("Ana Rowe", "Bo Ek", "Cy Orr", "Dee Fox"), 0.25)
    polls = {"Nord": whole} | {
        name: dict(zip(whole, pair, strict=False)) for name, pair in PAIRS.items()
    }
    for day, (institute, shares) in enumerate(polls.items(), start=1):
        for person, share in shares.items():
            noted.append(
                f"{institute},2030-05-0{day},900,{person},{share},asked {institute} voters"
            )
    folder = own(tmp_path, YAML, "\n".join(noted), FOUR)
    with pytest.raises(DataError) as caught:
        polls_of(load_election(str(folder)))
    strays = [name for name, pair in PAIRS.items() if sum(pair) < 0.7]
    assert len(strays) == 4
    for name in PAIRS:
        quoted = f"{name}, “asked {name} voters”)"
        assert (quoted in str(caught.value)) == (name in strays)
    kept = [line for line in noted if not line.startswith(tuple(f"{name}," for name in strays))]
    (folder / "polls.csv").write_text("\n".join(kept), "utf-8")
    forget()
    assert "(polls.csv:6, CURS, “asked CURS voters”)" in doubts(folder)["pair"]


def own(tmp_path: Path, yaml: str, polls: str, outcome: str) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    for name, text in (("election.yaml", yaml), ("polls.csv", polls), ("outcome.csv", outcome)):
        (folder / name).write_text(text, "utf-8")
    return folder


def doubts(folder: Path) -> dict[str, str]:
    return {doubt["kind"]: doubt["polls"] for doubt in doubts_of(load_election(str(folder)))}


def test_who_is_declared_needs_no_poll_and_must_be_in_the_outcome(tmp_path: Path) -> None:
    yaml = YAML + "candidates: [Ana Rowe, Bo Ek, Cy Orr, Dee Fox]\n"
    folder = own(tmp_path, yaml, PLAIN + NORD, VOTES + "Dee Fox,300\n")
    assert doubts(folder) == {}
    (folder / "outcome.csv").write_text(VOTES + "Dee Fox,300\nBlanke,300\n", "utf-8")
    forget()
    with pytest.raises(DataError, match=r"'blanke' is among `candidates` or in outcome.csv, not"):
        load_election(str(folder))


@pytest.mark.parametrize(
    "name",
    [
        *("Outcome.csv", "outcomes.csv", "outcome.csv.txt", "outcome.txt", "results.xlsx"),
        *("outcome/departements.csv", "outcome/national.csv", "inputs/rating.csv"),
    ],
)
def test_a_file_of_data_that_nothing_reads_is_named(tmp_path: Path, name: str) -> None:
    folder = own(tmp_path, YAML, PLAIN + NORD, VOTES)
    for quiet in ("README.md", "notes.txt", "CARD.md", ".~lock.polls.csv#", "map.yaml"):
        (folder / quiet).write_text("x", "utf-8")
    assert unread_files(folder) == []
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("candidate,votes\nAna Rowe,1\n", "utf-8")
    assert unread_files(folder) == [name]
    if name == "Outcome.csv":
        assert doubts(folder) == {"unread": name}


def test_no_shipped_folder_holds_a_file_that_nothing_reads() -> None:
    assert [name for name in folder_names() if unread_files(paths.datasets() / name)] == []


def test_equal_polls_are_compared_once_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(schema, "letters", lambda name: asked.append(name) or letters(name))
    equal = "".join(NORD.replace("1000", str(1000 + size)) for size in range(50))
    assert doubts(own(tmp_path, YAML, PLAIN + equal, VOTES))["twice"].endswith(" … (50)")
    assert len(asked) == 50


def test_too_many_neighbours_are_refused_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.data.election.MAX_BESIDE", 3)
    for year in range(2030, 2034):
        place = tmp_path / str(year)
        place.mkdir()
        yaml = YAML.replace("2030", str(year)) + 'country: "ZZ"\n'
        folder = own(place, yaml, (PLAIN + NORD).replace("2030", str(year)), VOTES)
        folder.rename(tmp_path / f"vote_{year}")
        election = load_election(str(tmp_path / f"vote_{year}"))
        if year < 2033:
            assert len(same_country_elections(election)) == year - 2030
    with pytest.raises(DataError, match=r"more than 3 elections of ZZ lie there.*a collection"):
        same_country_elections(election)


def test_the_opponent_in_a_duel_is_a_candidate(tmp_path: Path) -> None:
    path = tmp_path / "duels.csv"
    head = "source,round,day,candidate,opponent,wins,n,published_on,available_on\n"
    path.write_text(head + "app,1,2031-03-01,ash,birtch,20,30,2031-03-02,2031-03-02\n", "utf-8")
    with pytest.raises(DataError, match=r"'opponent' is birtch .* \(did you mean 'birch'\?"):
        read_table(path, TABLES["duels"], candidates=PEOPLE)


def test_a_copy_is_a_version_of_its_vote_and_one_key_is_run_once(
    tmp_path: Path, composed: Compose
) -> None:
    toy = load_election("toy")
    shutil.copytree(toy.folder, tmp_path / "toy")
    copied = load_election(str(tmp_path / "toy"))
    assert [neighbour.name for neighbour in same_country_elections(copied)] == [
        "toy_prior2",
        "toy_prior1",
    ]
    with pytest.raises(ConfigError, match=f"{toy.folder} and {copied.folder}, both of the key"):
        tasks_of(composed("+experiment=own", f"elections=[toy,{copied.folder}]"))
    twice = tasks_of(composed("+experiment=own", f"elections=[toy,{toy.folder}]"))
    assert len(twice) == len(tasks_of(composed("+experiment=own", "elections=[toy]")))
