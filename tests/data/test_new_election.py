"""One file of polls becomes a folder that check accepts."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bench.cli.commands import check
from bench.cli.commands.new import main
from bench.core import ConfigError, DataError
from bench.data.election import load_election
from bench.data.task import Task

HEAD = "candidat,parti,intentions,id,nom_institut,commanditaire,debut_enquete,fin_enquete,"
HEAD += "echantillon,population,rolling,media,tour,hypothese,sous_echantillon\n"
WITH = {"Marine Le Pen": 30, "Emmanuel Macron": 28, "Zoé Newcomer": 22, "Jean-Luc Mélenchon": 20}
WITHOUT = {"Marine Le Pen": 40, "Emmanuel Macron": 35, "Dee Fox": 25}
PARTIES = {"Zoé Newcomer": "Parti socialiste"}


def poll(shares: dict[str, float], day: str, name: str, hypothesis: str, tour: str) -> str:
    facts = f"{name},Ifop,,{day},{day},1000,Français de plus de 18 ans,False,True,{tour},"
    return "".join(
        f"{person},{PARTIES.get(person, 'NA')},{part},{facts}{hypothesis},900\n"
        for person, part in shares.items()
    )


@pytest.fixture
def polls(tmp_path: Path) -> Path:
    path = tmp_path / "presidentielle.csv"
    first = "Premier tour"
    pair = {"Marine Le Pen": 45, "Emmanuel Macron": 55}
    path.write_text(
        HEAD
        + poll(WITHOUT, "2031-01-02", "a", "Old", first)
        + poll(WITHOUT, "2031-01-05", "b", "Old", first).replace("Ifop", "IFOP")
        + poll(WITHOUT, "2031-01-08", "c", "Old", first)
        + poll(WITH, "2031-05-02", "d", "New", first)
        + poll(WITH, "2031-05-09", "e", "New", first)
        + poll(pair, "2031-05-09", "e", "", "Deuxième tour"),
        encoding="utf-8",
    )
    return path


def created(polls: Path, *arguments: str, country: str = "") -> Path:
    folder = polls.parent / "fr2031"
    command = ["election", "fr2031", "--from", str(polls), "--map", "nsppolls"]
    command += ["--vote-on", "2031-05-11", "2031-05-25", "--country", country]
    assert main([*command, "--into", str(polls.parent), *arguments]) == 0
    return folder


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ([], "Its polls name Marine Le Pen, Emmanuel Macron, Dee Fox, .* or --slate and polled"),
        (["--slate", "Nwe"], "no poll has the hypothesis 'Nwe' .did you mean 'New'"),
        (["--vote-on", "11/05/2031"], "the day of the vote is '11/05/2031'; accepted"),
        (["--map", "nspols"], "no map is called 'nspols' .did you mean 'nsppolls'"),
        (["--outcome", "none.csv"], r"none.csv is not a file"),
        (["--vote-on", "2030-01-01"], "no poll of the first round was made before"),
    ],
)
def test_what_cannot_be_made_is_refused_and_nothing_is_left(
    polls: Path, more: list[str], words: str
) -> None:
    before = sorted(polls.parent.iterdir())
    with pytest.raises((ConfigError, DataError), match=words):
        created(polls, *more)
    assert sorted(polls.parent.iterdir()) == before


def test_the_folder_is_an_election_that_check_reads(
    polls: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = polls.read_text("utf-8")
    pair = {"Marine Le Pen": 70, "Emmanuel Macron": 30}
    polls.write_text(whole + poll(pair, "2031-04-09", "f", "New", "Premier tour"), "utf-8")
    with pytest.raises(
        DataError, match=r"csv:21, Ifop. with 100.*`left_out: {frf_premier_tour_new"
    ):
        created(polls, "--slate", "polled", country="FR")
    polls.write_text(whole, "utf-8")
    folder = created(polls, "--slate", "polled", country="FR")
    assert check.main([str(folder), "--quick"]) == 0
    assert "4 candidates, 2 get through" in capsys.readouterr().out
    task = Task(f"{folder.as_posix()}/", 1, "2031-05-10T20:00")
    assert task.ballot == ("le_pen", "macron", "melenchon", "zoe_newcomer")
    families = task.election.people.set_index("candidate")["family"].to_dict()
    assert families["zoe_newcomer"] == "socialist"  # by the party, others by what ships
    assert (families["le_pen"], families["dee_fox"]) == ("far_right", "other")
    # a poll that the rule would date after the vote counts from its eve
    rows = pd.read_csv(folder / "polls.csv")
    last = rows[rows["fieldwork_end"].eq("2031-05-09") & rows["round"].eq(1)]
    assert set(last["published_on"]) == {"2031-05-10T23:59:00"}
    assert "nsppolls/nsppolls: MIT." in (folder / "CARD.md").read_text("utf-8")
    with pytest.raises(ConfigError, match="exists; nothing is overwritten"):
        created(polls, "--slate", "polled")


def test_with_an_outcome_the_ballot_is_the_official_one(polls: Path, tmp_path: Path) -> None:
    official = (
        "round,candidate,share\n1,Marine Le Pen,0.4\n1,Emmanuel Macron,0.35\n1,Dee Fox,0.25\n"
    )
    (tmp_path / "official.csv").write_text(official, encoding="utf-8")
    folder = created(polls, "--outcome", str(tmp_path / "official.csv"))
    election = load_election(f"{folder.as_posix()}/")
    shares = {"dee_fox": 0.25, "emmanuel_macron": 0.35, "marine_le_pen": 0.4}
    assert election.outcome(1).share.round(2).to_dict() == shares
    assert election.people.set_index("candidate")["name"]["zoe_newcomer"] == "Zoé Newcomer"


def test_an_open_election_is_asked_slate_by_slate(
    polls: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = ("dee_fox", "emmanuel_macron", "marine_le_pen")
    new = ("emmanuel_macron", "jean_luc_melenchon", "marine_le_pen", "zoe_newcomer")
    folder = created(polls, "--slate", "open")
    files = {path.name for path in folder.iterdir()}
    assert files == {"CARD.md", "election.yaml", "polls.csv"}
    election = load_election(f"{folder.as_posix()}/")
    assert election.round(1).is_open
    assert Task(election, 1, "2031-05-10T20:00").ballot == new
    assert Task(election, 1, "2031-02-01T20:00", slate="s1").ballot == old
    assert check.main([str(folder), "--quick"]) == 0
    assert "polls have tested 2 ballots (slates)" in capsys.readouterr().out
    folder.rename(folder.with_name("fr2031_open"))
    assert load_election(f"{created(polls, '--slate', 'Old')}/").round(1).candidates == old


def test_parties_are_those_that_ship_by_key_and_short_name_and_others_have_a_near_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "liste.csv"
    path.write_text(
        "Institut;Zeitraum;Befragte;CDU;afd;SPD;Grüne;Partei X;Sonstige;Vorsprung\n"
        "INSA;12.02.2031–15.02.2031;1.005;30 %;21 %;15,5 %;13,5 %;11 %;9 %;9\n",
        encoding="utf-8",
    )
    command = ["election", "de2031", "--from", str(path), "--vote-on", "2031-02-23"]
    command += ["--country", "DE", "--kind", "parliament", "--slate", "everybody"]
    assert main([*command, "--into", str(tmp_path)]) == 0
    assert "Grüne (`same_as: {Grüne: gruene}`?), Partei X\n" in capsys.readouterr().out
    families = load_election(f"{tmp_path}/de2031/").people.set_index("candidate")["family"]
    expected = {"cdu_csu": "right", "afd": "far_right", "spd": "socialist"}
    assert families.to_dict() == {**expected, "grune": "other", "partei_x": "other"}


WIDE = """Institute;Date;N;Ana;Bo;Cy;Dan;Others;Notes
Nord;2030-05-01;1000;30 %;27 %;20 %;12 %;11 %;
Nord;2030-05-01;1000;70 %;10 %;8 %;5 %;7 %;SD voters only
Nord;2030-05-14;1000;33 %;27 %;20 %;18 %;;
Nord;2030-05-20;1000;53 %;47 %;;;;
Pulse;2030-05-20;1000;54 %;;46 %;;;
Pulse;2030-05-27;1000;52 %;48 %;;;;
"""
OFFICIAL = "round,candidate,votes\n1,Ana,310\n1,Bo,270\n1,Cy,230\n1,Dan,190\n2,Ana,520\n2,Bo,480\n"


def test_a_list_without_rounds_is_read_by_the_days_of_the_votes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "list.csv").write_text(WIDE, "utf-8")
    (tmp_path / "votes.csv").write_text(OFFICIAL, "utf-8")
    command = ["election", "own", "--from", str(tmp_path / "list.csv"), "--into", str(tmp_path)]
    command += ["--vote-on", "2030-05-12", "2030-05-26", "--outcome", str(tmp_path / "votes.csv")]
    assert main(command) == 0
    out = capsys.readouterr().out
    assert "  read as round 2: row 5, Nord, 2030-05-20\n" in out
    for poll in ("row 4, Nord, 2030-05-14", "row 6, Pulse, 2030-05-20", "row 7, Pulse, 2030-05-27"):
        assert f"  left out, as made after the vote: {poll}\n" in out
    assert "for somebody: r1_nord_2030_05_01 (polls.csv:2, Nord), r1_nord_2030_05_01_b" in out
    assert "“SD voters only”" in out
    assert "sum to less than" not in out  # with the others, who are in no row
    (tmp_path / "map.yaml").write_text("left_out: {r1_nord_2030_05_01_b: SD, r1_none: x}", "utf-8")
    assert main([*command, "--map", str(tmp_path / "map.yaml"), "--into", str(tmp_path / "b")]) == 0
    assert "1 left out, as the map says: {r1_nord_2030_05_01_b: SD}" in caplog.text
    assert "names no poll of the file: [r1_none]" in caplog.text
    assert "for somebody" not in capsys.readouterr().out
    task = Task(f"{tmp_path}/own/", 2, "2030-05-25T20:00")
    assert task.evidence()["polls"].query("round == 2")["share"].tolist() == [0.53, 0.47]
