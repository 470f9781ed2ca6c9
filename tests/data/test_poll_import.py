"""Polls from files: the same again is nothing, a correction is a version, faults are sentences."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from bench.cli.commands.import_ import main
from bench.core import ConfigError, DataError, paths
from bench.data.cut import cut
from bench.data.election import load_election
from bench.data.ingest.poll_file import read_polls
from bench.data.ingest.poll_map import PollMap, read_map, shipped
from bench.data.ingest.poll_update import planned_update
from bench.data.ingest.poll_write import write_update
from bench.data.readers import SUMS, forget, sha256
from bench.data.tables import polls_of
from tests.data.open_election import open_election
from tools.build_datasets.files import write_sums

NOW = pd.Timestamp("2026-09-10T12:00:00")
HEAD = (
    "poll_id,hypothese,nom_institut,commanditaire,debut_enquete,fin_enquete,echantillon,population,"
)
HEAD += "rolling,tour,filename,candidat,parti,intentions\n"
ADULTS = "représentatif de la population française âgée de 18 ans et plus"
H42 = {  # the list of people of this name in datasets/fr2027
    "Nathalie Arthaud": 1,
    "Nicolas Dupont-Aignan": 3.5,
    "Raphaël Glucksmann": 12,
    "Marine Le Pen": 33,
    "Jean-Luc Mélenchon": 14,
    "Édouard Philippe": 19,
    "Bruno Retailleau": 8,
    "Fabien Roussel": 3,
    "Marine Tondelier": 3,
    "Éric Zemmour": 3.5,
}


def mieuxvoter(
    shares: dict[str, float] | None = None,
    *,
    name: str = "20260903_0905_el_A",
    institute: str = "ELABE",
    end: str = "2026-09-05",
    notice: str = "10300-pres-elabe-bfmtv-6-septembre.pdf",
    slate: str = "H42",
    size: int = 1500,
) -> str:
    """Rows of one poll as MieuxVoter writes them."""
    facts = f'{name},{slate},{institute},"BFMTV, La Tribune",2026-09-03,{end},{size},{ADULTS},,'
    rows = (shares or H42).items()
    return "".join(f"{facts}1er Tour,{notice},{person},,{part}\n" for person, part in rows)


def file_of(folder: Path, *polls: str) -> Path:
    path = folder / "presidentielle2027.csv"
    path.write_text(HEAD + "".join(polls), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def july(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The last months of the folder as it was then, to be left alone."""
    folder = tmp_path_factory.mktemp("july") / "fr2027"
    shutil.copytree(paths.datasets() / "fr2027", folder)
    path = folder / "inputs" / "polls.csv"
    polls = pd.read_csv(path, dtype=str, keep_default_na=False)
    recent = polls["fieldwork_end"].between("2026-04-01", "2026-07-10")
    polls[recent].to_csv(path, index=False, lineterminator="\n")
    write_sums(folder)
    return folder


@pytest.fixture
def fr2027(tmp_path: Path, july: Path) -> Path:
    """The folder of July, to be written into."""
    return shutil.copytree(july, tmp_path / "fr2027")


@pytest.fixture(scope="module")
def with_elabe(july: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with a poll written into it."""
    folder = tmp_path_factory.mktemp("elabe")
    written(shutil.copytree(july, folder / "fr2027"), file_of(folder, mieuxvoter()))
    return folder / "fr2027"


def planned(folder: Path, path: Path, *accepted: str, imported_at: pd.Timestamp = NOW):
    rows = read_polls(path, shipped("mieuxvoter"))
    return planned_update(folder, rows, path, imported_at=imported_at, accepted=accepted)


def written(folder: Path, path: Path, imported_at: pd.Timestamp = NOW) -> None:
    write_update(
        planned(folder, path, imported_at=imported_at), shipped("mieuxvoter"), path, imported_at
    )


def content(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.parametrize(
    ("poll", "words"),
    [
        (mieuxvoter(end="2026-10-05", notice="x.pdf"), "interviews on 2026-10-05, which has not"),
        (
            mieuxvoter(notice="10300-pres-elabe-20-septembre.pdf"),
            r"csv:2: the poll 'fr20260903_0905_el_a' was published on 2026-09-20, which has not",
        ),
        (mieuxvoter({**H42, "Jordan Bardella": 0}, slate="H99"), "had withdrawn on 2026-07-07"),
        (mieuxvoter({**H42, "Raphaël Gluksmann": 1}, slate=""), "line 12: .*mean 'glucksmann'"),
        (mieuxvoter({**H42, "Zoé Newcomer": 1}, slate=""), "candidates.csv: zoe_newcomer,Zoé N"),
        (mieuxvoter(institute="Elab"), "the institute 'Elab' .*did you mean 'Elabe'"),
        (mieuxvoter({"Marine Le Pen": 33, "Édouard Philippe": 19}, slate=""), "sum to 0.520"),
        (mieuxvoter({**H42, "Marine Le Pen": 66}), "poll_id is fr20260903_0905_el_a"),
        (mieuxvoter({**H42, "Marine Le Pen": 330}), "column 'share' is 3.3 "),
        (mieuxvoter({**H42, "Sarah Knafo": 0.5}), "the slate 'H42' is another list in"),
        (mieuxvoter() + mieuxvoter(), "one row per poll_id"),
        (mieuxvoter(end="5 septembre"), "column 'fieldwork_end' is 5 septembre"),
    ],
)
def test_a_fault_is_named_and_nothing_is_written(
    july: Path, tmp_path: Path, poll: str, words: str
) -> None:
    before = content(july)
    with pytest.raises(DataError, match=words):
        planned(july, file_of(tmp_path, poll))
    assert content(july) == before


def test_what_is_right_although_it_looks_wrong_can_be_accepted(july: Path, tmp_path: Path) -> None:
    shares = {**H42, "Jordan Bardella": 33.0}
    del shares["Marine Le Pen"]
    path = file_of(tmp_path, mieuxvoter(shares, slate="", institute="New Institute"))
    update = planned(july, path, "fr20260903_0905_el_a", "New Institute")
    assert [change.kind for change in update.changes] == ["new"]


def test_a_volunteer_adds_a_poll_and_later_an_update_with_a_correction_and_a_duplicate(
    fr2027: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole walk by commands, with the diff before, and nothing lost after."""
    old = polls_of(load_election(f"{fr2027.as_posix()}/"))
    first = file_of(tmp_path, mieuxvoter())
    command = ["polls", str(first), "--from", "mieuxvoter", "--into", str(fr2027)]
    before = content(fr2027)
    assert main(command) == 0
    assert "+ new  fr20260903_0905_el_a: Elabe" in capsys.readouterr().out
    assert content(fr2027) == before
    assert main([*command, "--write"]) == 0
    after = content(fr2027)
    assert main([*command, "--write"]) == 0  # the same again is nothing
    assert content(fr2027) == after

    corrected = mieuxvoter({**H42, "Marine Le Pen": 33.5, "Édouard Philippe": 18.5})
    another = mieuxvoter(name="20260907_0908_if_A", institute="IFOP", end="2026-09-08")
    file_of(tmp_path, corrected, another.replace("6-septembre", "9-septembre"))
    capsys.readouterr()
    assert main([*command, "--write"]) == 0
    change = "le_pen 33 -> 33.5; philippe 19 -> 18.5"
    assert f"~ corrected  fr20260903_0905_el_a: {change}" in capsys.readouterr().out

    new = polls_of(load_election(f"{fr2027.as_posix()}/"))
    keys = ["poll_id", "candidate", "share", "published_on", "institute", "sample_size"]
    unchanged = new[new["corrected_on"].isna()].merge(old[keys], on=keys)
    assert len(unchanged) == len(old)  # nothing lost
    poll = new[new["poll_id"].eq("fr20260903_0905_el_a") & new["candidate"].eq("le_pen")]
    assert sorted(poll["share"]) == [0.33, 0.335]  # the old figure stands, with the new beside it
    assert new["poll_id"].nunique() == old["poll_id"].nunique() + 2
    card = (fr2027 / "CARD.md").read_text("utf-8")
    assert f"fr20260903_0905_el_a, corrected: {change}." in card
    assert f"| `inputs/polls.csv` | {len(new):,} |" in card
    for line in (fr2027 / SUMS).read_text("utf-8").splitlines():
        digest, name = line.split(maxsplit=1)
        assert sha256(fr2027 / name) == digest, name


def test_a_forecast_of_an_earlier_moment_sees_the_figure_of_then(
    with_elabe: Path, tmp_path: Path
) -> None:
    fr2027 = shutil.copytree(with_elabe, tmp_path / "fr2027")
    path = file_of(tmp_path, mieuxvoter({**H42, "Marine Le Pen": 34.0, "Édouard Philippe": 18}))
    written(fr2027, path, NOW + pd.Timedelta(days=3))
    polls = polls_of(load_election(f"{fr2027.as_posix()}/"))
    shares = []
    for day in ("2026-09-07", "2026-09-12", "2026-09-14"):
        public = cut(polls, pd.Timestamp(day), key=["poll_id", "candidate"])
        rows = public[
            public["poll_id"].eq("fr20260903_0905_el_a") & public["candidate"].eq("le_pen")
        ]
        shares.append(rows["share"].tolist())
    assert shares == [[0.33], [0.33], [0.34]]
    assert planned(fr2027, path, imported_at=NOW + pd.Timedelta(days=9)).is_nothing


def test_another_list_under_the_same_name_is_held_back(with_elabe: Path, tmp_path: Path) -> None:
    shares = {person: part for person, part in H42.items() if person != "Éric Zemmour"}
    update = planned(with_elabe, file_of(tmp_path, mieuxvoter(shares, slate="")))
    (change,) = update.changes
    assert change.kind == "held back"
    assert "without zemmour, with nobody; if the old one is wrong, fill its" in change.words
    assert update.is_nothing


def test_a_poll_that_was_withdrawn_here_does_not_come_back_by_itself(
    with_elabe: Path, tmp_path: Path
) -> None:
    path = file_of(tmp_path, mieuxvoter())
    fr2027 = shutil.copytree(with_elabe, tmp_path / "fr2027")
    table = fr2027 / "inputs" / "polls.csv"
    rows = pd.read_csv(table, dtype=str)
    is_corrected = rows["poll_id"].eq("fr20260903_0905_el_a")
    rows.assign(withdrawn_on=pd.Series("2026-09-20", rows.index).where(is_corrected)).to_csv(
        table, index=False
    )
    forget()
    (change,) = planned(fr2027, path, imported_at=NOW + pd.Timedelta(days=20)).changes
    assert change.kind == "held back"
    assert change.words.startswith("was withdrawn here on 2026-09-20")


def europe_elects(folder: Path, scope: str, **shares: str) -> Path:
    """A file of Europe Elects with one poll of Elabe."""
    path = folder / f"{scope}.csv"
    head = "Polling Firm,Commissioners,Fieldwork Start,Fieldwork End,Scope,Sample Size,"
    head += "Sample Size Qualification,Participation,Precision,"
    facts = f"Elabe,,2026-09-03,2026-09-05,{scope},1500,Provided,Not Available,0.5%,"
    cells = [head + ",".join(shares), facts + ",".join(shares.values())]
    path.write_text("\n".join(cells) + "\n", encoding="utf-8")
    return path


def test_figures_of_another_compilation_correct_nothing(with_elabe: Path, tmp_path: Path) -> None:
    shares = {person.split()[-1]: f"{part}%" for person, part in H42.items()} | {"Mélenchon": "13%"}
    path = europe_elects(tmp_path, "Presidential", **shares, Lecornu="Not Available", Other="1%")
    update = planned_update(
        with_elabe, read_polls(path, shipped("europe-elects")), path, imported_at=NOW
    )
    (change,) = update.changes
    assert change.kind == "held back"
    assert change.words.startswith("melenchon 14 -> 13, against MieuxVoter")
    assert update.is_nothing


def test_rows_of_another_kind_are_left_out_on_request(tmp_path: Path) -> None:
    path = europe_elects(tmp_path, "Presidential", LE_PEN="33%", RN="Not Available", Other="67%")
    national = europe_elects(tmp_path, "National", LE_PEN="Not Available", RN="31%", Other="69%")
    path.write_text(
        path.read_text("utf-8") + national.read_text("utf-8").split("\n", 1)[1], "utf-8"
    )
    poll_map = shipped("europe-elects").model_copy(update={"only": {"Scope": ("Presidential",)}})
    assert read_polls(path, poll_map)["candidate"].tolist() == ["LE_PEN"]
    with pytest.raises(DataError, match="no row is of those that the map asks for"):
        read_polls(path, poll_map.model_copy(update={"only": {"Scope": ("Regional",)}}))


def test_nsppolls_rows_are_read_with_pairs_hypotheses_and_nobody(tmp_path: Path) -> None:
    facts = '20220102_0105r_ow,Opinion Way,"Les Echos, Kea",2022-01-02,2022-01-05,1501,'
    facts += "Inscrits sur les listes électorales,True,True"
    path = tmp_path / "presidentielle.csv"
    path.write_text(
        "candidat,parti,intentions,id,nom_institut,commanditaire,debut_enquete,fin_enquete,"
        "echantillon,population,rolling,media,tour,hypothese,sous_echantillon\n"
        f"Marine Le Pen,RN,16.0,{facts},Premier tour,NA,1245.83\n"
        f"autre,NA,1.0,{facts},Premier tour,NA,1245.83\n"
        f"Marine Le Pen,RN,43,{facts},Deuxième tour,M / LP,900\n",
        encoding="utf-8",
    )
    rows = read_polls(path, shipped("nsppolls"))
    assert rows["round"].tolist() == ["1", "2"]
    assert rows["share"].astype(float).tolist() == [0.16, 0.43]
    assert rows["poll_id"].nunique() == 2
    names = ["sponsor", "base", "rolling", "sample_expressed", "published_on", "basis"]
    expected = ["Les Echos; Kea", "registered", "true", "1246", "2022-01-07T23:59:00", "rule"]
    assert rows.iloc[0][names].tolist() == expected


MAP = """title: My list
columns: {Firm: institute, Until: fieldwork_end, N: sample_size, Who: candidate, Pct: share}
share: percent
date: "%d/%m/%Y"
names: {Q.: quill}
nobody: [Others]
"""
ROWS = """Firm;Until;N;Who;Pct
Plumb & Daughters;30/03/2019;1.000;Q.;40,5
Plumb & Daughters;30/03/2019;1.000;Thorne;30
Plumb & Daughters;30/03/2019;1.000;Hollow;20
Plumb & Daughters;30/03/2019;1.000;Others;9,5
"""


def test_a_map_of_ones_own_reads_any_other_file(tmp_path: Path) -> None:
    folder = open_election(tmp_path)
    (tmp_path / "map.yaml").write_text(MAP, encoding="utf-8")
    path = tmp_path / "polls.csv"
    path.write_text(ROWS.replace("1.000", "1000"), encoding="utf-8")
    rows = read_polls(path, read_map(tmp_path / "map.yaml"))
    update = planned_update(folder, rows, path, imported_at=pd.Timestamp("2019-04-01"))
    (change,) = update.changes
    assert change.rows["candidate"].tolist() == ["quill", "thorne", "hollow"]
    assert change.rows["share"].astype(float).tolist() == [0.405, 0.3, 0.2]
    assert change.rows["published_on"].unique().tolist() == ["2019-04-01T00:00:00"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("colums: {}", "no key is called 'colums' .did you mean 'columns'"),
        ("columns: {Firm: instute}", "`columns.Firm` is instute; .*did you mean 'inst"),
        ("lag_days: soon", "`lag_days` is soon"),
        ("nobody: Others", "`nobody` is Others"),
        ("share: points", "`share` is points; .*'fraction' or 'percent'"),
        ("date: '%Q%%%s'", "accepted: a pattern of day, month and year"),
        ("published_in: {column: x, pattern: '('}", "`published_in.pattern` is .; acc"),
        ("published_in: {column: x, pattern: 'a'}", "two groups"),
    ],
)
def test_a_map_that_cannot_be_is_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "map.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=words):
        read_map(tmp_path / "map.yaml")


def test_columns_are_those_of_the_map_and_others_are_left(tmp_path: Path) -> None:
    path = tmp_path / "polls.csv"
    path.write_text("institute,candidate,share\nA,b,0.5\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"no column is 'fieldwork_end'; the file has institute"):
        read_polls(path, PollMap())
    path.write_text(
        "institute,fieldwork_end,candidate,share,interviewer\nA,2026-08-01,b,0.5,Jo Doe\n"
    )
    assert "interviewer" not in read_polls(path, PollMap())


def test_the_command_says_what_it_lacks(tmp_path: Path, july: Path) -> None:
    path = file_of(tmp_path, mieuxvoter())
    for file, name, into, words in (
        ("x.csv", "mieuxvote", july, "no map is called 'mieuxvote' .did you mean"),
        ("x.csv", "mieuxvoter", july, "x.csv is not a file"),
        (str(path), "mieuxvoter", tmp_path, "is not the folder of an election"),
    ):
        with pytest.raises(ConfigError, match=words):
            main(["polls", file, "--from", name, "--into", str(into)])


def test_the_page_for_volunteers_is_true_to_the_letter(fr2027: Path, tmp_path: Path) -> None:
    page = (paths.datasets().parent / "docs" / "add_a_poll.md").read_text(encoding="utf-8")
    for name, text in re.findall(r'^```\w+ title="([^"]+)"\n(.*?)^```$', page, re.M | re.S):
        (tmp_path / name).write_text(text, encoding="utf-8")
    read_map(tmp_path / "mine.yaml")
    before = content(fr2027)
    assert main(["polls", str(tmp_path / "poll.csv"), "--into", str(fr2027), "--write"]) == 0
    after = content(fr2027)
    assert after != before
    assert main(["polls", str(tmp_path / "poll.csv"), "--into", str(fr2027), "--write"]) == 0
    assert content(fr2027) == after


def test_a_short_folder_takes_polls_in_the_spelling_it_has(tmp_path: Path) -> None:
    folder = tmp_path / "freedonia"
    folder.mkdir()
    facts = "name: F\nvote_on: 2026-12-12\ncandidates: [Ana Rowe, Björn Åse]\n"
    (folder / "election.yaml").write_text(facts, encoding="utf-8")
    head = "institute,fieldwork_end,sample_size,candidate,share\n"
    old = "Nord,2026-08-08,1000,Ana Rowe,0.52\nNord,2026-08-08,1000,Björn Åse,0.48\n"
    (folder / "polls.csv").write_text(head + old, encoding="utf-8")
    path = tmp_path / "new.csv"
    lines = "Nord,2026-09-08,900,ANA ROWE,0.55\nNord,2026-09-08,900,Bjorn Ase,0.45\n"
    path.write_text(head + old + lines, encoding="utf-8")
    update = planned_update(folder, read_polls(path, PollMap()), path, imported_at=NOW)
    assert [change.kind for change in update.changes] == ["unchanged", "new"]
    write_update(update, PollMap(), path, NOW)
    election = load_election(f"{folder.as_posix()}/")
    assert set(election.people["name"]) == {"Ana Rowe", "Björn Åse"}
    assert polls_of(election)["poll_id"].nunique() == 2
    again = planned_update(folder, read_polls(path, PollMap()), path, imported_at=NOW)
    assert again.is_nothing


def test_who_left_by_the_file_and_not_by_the_folder_is_told_with_the_line_to_add(
    july: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "presidentielle2027.csv"
    text = HEAD.replace("parti,", "parti,retrait_candidature,")
    for line in mieuxvoter().splitlines():
        facts, part = line.rsplit(",", 1)
        text += f"{facts},{'2026-09-08' if 'Zemmour' in facts else ''},{part}\n"
    path.write_text(text, encoding="utf-8")
    assert main(["polls", str(path), "--from", "mieuxvoter", "--into", str(july)]) == 0
    out = capsys.readouterr().out
    assert "zemmour,withdrawn,2026-09-08T23:59:00,rule,MieuxVoter" in out


WIDE = "Pollster;Dates;Sample size;Ana Rowe;Bo Ek;Others;Lead;Note\n"
LINES = "Nord;28 Oct – 2 Nov 2029;1 010;52,5%;41%;3%;9;by phone\nSüd;5 Nov 2029;;0,5%;–;;;\n"


def test_a_wide_public_list_is_read_by_its_headings(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(WIDE + LINES.replace("–;;;", ";;;"), encoding="utf-8")
    rows = read_polls(path, PollMap())
    columns = ["institute", "fieldwork_end", "sample_size", "candidate", "share", "notes"]
    assert rows[columns].to_numpy().tolist() == [
        ["Nord", "2029-11-02", "1010", "Ana Rowe", "0.525", "by phone"],
        ["Nord", "2029-11-02", "1010", "Bo Ek", "0.41", "by phone"],
        ["Süd", "2029-11-05", None, "Ana Rowe", "0.005", None],
    ]


@pytest.mark.parametrize(
    ("text", "poll_map", "words"),
    [
        (WIDE + LINES, {"candidates": ["Ana Rowe", "Note"]}, "list.csv:2: column 'Note' is by pho"),
        (WIDE + LINES, {"candidates": ["Ana Row"]}, "the column 'Ana Row', which the map names"),
        (
            WIDE + LINES,
            {"columns": {"Pollster": "institute", "Dates": "fieldwork_end"}}
            | {"candidates_after": "Bo Ek"},
            "'Note' is by phone, which is no share; .* `candidates: .Others, Lead.`",
        ),
        (WIDE.replace("Note", "Firm") + LINES, {}, "'Pollster' and 'Firm' may both be the column"),
        (
            WIDE + "Nord;02/03/2029;1010;52%;41%;3%;9;\n",
            {},
            'which may be two days; .* `date: "%d/%m/%Y"` or `date: "%m/%d/%Y"`',
        ),
    ],
)
def test_what_a_wide_list_leaves_open_is_asked_with_the_line_to_write(
    tmp_path: Path, text: str, poll_map: dict[str, object], words: str
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text.replace("–;;;", ";;;"), encoding="utf-8")
    with pytest.raises(DataError, match=words):
        read_polls(path, PollMap.model_validate(poll_map))
