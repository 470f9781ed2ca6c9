"""Official counts as published: sums, names that are asked about, half a count, refusals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.audit.preregistration import freeze
from bench.audit.sealed_scores import score_sealed
from bench.cli.commands import score
from bench.cli.sealed_scores.view import scores_by_seal
from bench.core.errors import DataError
from bench.data.election import load_election
from bench.data.ingest.official_count import official_outcomes, read_counts
from bench.data.minimal_election import flow
from bench.data.tables import outcome_of
from tests.conftest import Compose

HEAD = (
    "Code du département;Libellé du département;{state}Inscrits;Abstentions;% Abs/Ins;Votants;"
    "% Vot/Ins;Blancs;% Blancs/Ins;% Blancs/Vot;Nuls;% Nuls/Ins;% Nuls/Vot;Exprimés;% Exp/Ins;"
    "% Exp/Vot;"
)
BLOCK = "Sexe;Nom;Prénom;Voix;% Voix/Ins;% Voix/Exp"
NUMBERED = "Numéro de panneau {n};Nom candidat {n};Prénom candidat {n};Sexe candidat {n};Voix {n}"
COURT = '"ANO_ELEICAO";"NR_TURNO";"SG_UF";"DS_CARGO";"NM_CANDIDATO";"NM_URNA_CANDIDATO";'
COURT += '"QT_VOTOS_NOMINAIS"{valid}'
BRAZIL_2026 = [
    ("FLAVIO BOLSONARO", 56104503),
    ("LULA", 53879538),
    ("ESCRITOR AUGUSTO CURY", 3448569),
    ("RENAN SANTOS", 2675887),
    ("RONALDO CAIADO", 2605148),
    ("ZEMA", 326488),
    ("SAMARA", 122911),
    ("HERTZ DIAS", 43103),
    ("CLARIANA BARAO", 40043),
    ("EDMILSON COSTA", 22693),
    ("VETERINÁRIO WILSON GRASSI", 16881),
    ("RUI COSTA PIMENTA", 15024),
]
KNOWN = ("FLAVIO BOLSONARO", "LULA", "RENAN SANTOS", "RONALDO CAIADO", "ZEMA")


def ministry(path: Path, election: str, number: int, states: tuple[str, ...] = ()) -> Path:
    """The votes by département that ship, in the form in which the ministry publishes them."""
    loaded = load_election(election)
    names = loaded.people.set_index("candidate")["name"]
    areas = outcome_of(loaded, number).areas.astype(int)
    lines = [HEAD.format(state="Etat saisie;" if states else "") + BLOCK]
    for place, (area, votes) in enumerate(areas.iterrows()):
        n_valid = votes.sum()
        cells = [str(area), "Somewhere", *states[place : place + 1]]
        cells += [n_valid, 0, "0,00", n_valid, "100,00", 0, "0,00", "0,00", 0, "0,00", "0,00"]
        cells += [n_valid, "100,00", "100,00"]
        for key, n_votes in votes.items():
            first, _, last = names[key].partition(" ")
            cells += ["F", last.upper(), first, n_votes, "0,00", "0,00"]
        lines.append(";".join(map(str, cells)))
    path.write_text("\r\n".join(lines) + "\r\n", encoding="cp1252")
    return path


@pytest.mark.parametrize(("election", "number"), [("fr2017", 1), ("fr2017", 2), ("fr2022", 1)])
def test_the_ministry_s_file_gives_the_outcome_that_ships(
    tmp_path: Path, election: str, number: int
) -> None:
    loaded = load_election(election)
    (count,) = read_counts([ministry(tmp_path / "votes.txt", election, number)], [number])
    found = official_outcomes([count], loaded, {})[number]
    shipped = outcome_of(loaded, number)
    assert found.votes.to_dict() == shipped.areas.sum().to_dict()
    assert found.n_advance == shipped.n_advance
    assert count.is_final is None


def test_a_sheet_saved_with_its_titles_and_with_or_without_more_headings_is_read(
    tmp_path: Path,
) -> None:
    path = ministry(tmp_path / "votes.txt", "fr2017", 2)
    head, rows = path.read_text("cp1252").split("\n", 1)
    for columns in (BLOCK, ";" * 5):
        titled = f"Résultats par départements;;;\n;;;\n{head.strip()};{columns}\n{rows}"
        path.write_text(titled, encoding="cp1252")
        (count,) = read_counts([path], [2])
        assert count.votes["votes"].sum() == 31_381_603


def test_regions_leave_out_votes_and_are_refused(tmp_path: Path) -> None:
    path = ministry(tmp_path / "votes.txt", "fr2022", 1)
    text = path.read_text("cp1252")
    for code in ("Code de la région", "Code région"):
        path.write_text(text.replace("Code du département", code), encoding="cp1252")
        with pytest.raises(DataError, match=r"by region the votes from abroad .* accepted: by dé"):
            read_counts([path], [1])


@pytest.mark.parametrize(("state", "is_final"), [("Complet", True), ("Partiel", False)])
def test_the_file_of_france_as_a_whole_says_whether_it_is_final(
    tmp_path: Path, state: str, is_final: bool
) -> None:
    head = HEAD.replace("Code du département;Libellé du département", "Code du niveau;Libellé")
    numbers = "30;0;0,00;30;100,00;0;0,00;0,00;0;0,00;0,00;30;100,00;100,00"
    people = "F;LE PEN;Marine;20;1;1;M;MACRON;Emmanuel;10;1;1"
    path = tmp_path / "votes.txt"
    row = f"FE;France entière;{state};{numbers};{people}"
    path.write_text(f"{head.format(state='Etat saisie;')}{BLOCK}\n{row}\n", encoding="utf-8")
    (count,) = read_counts([path], [2])
    assert count.is_final is is_final


def test_files_since_2024_number_their_headings(tmp_path: Path) -> None:
    heads = [NUMBERED.format(n=n) for n in (1, 2, 3)]
    path = tmp_path / "votes.csv"
    path.write_text(
        ";".join(["Code département;Exprimés;% Exprimés/inscrits", *heads])
        + "\n01;60;1;1;LE PEN;Marine;F;40;2;MACRON;Emmanuel;M;20;;;;;"
        + "\n02;30;1;1;LE PEN;Marine;F;12;2;MACRON;Emmanuel;M;15;3;LASSALLE;Jean;M;3\n",
        encoding="utf-8",
    )
    (count,) = read_counts([path], [1])
    votes = {"Marine Le Pen": 52, "Emmanuel Macron": 35, "Jean Lassalle": 3}
    assert count.votes.set_index("candidate")["votes"].to_dict() == votes


def test_half_a_count_says_so(tmp_path: Path) -> None:
    states = ("Complet", "Complet", "Partiel", *["Complet"] * 104)
    (count,) = read_counts([ministry(tmp_path / "votes.txt", "fr2022", 1, states)], [1])
    assert count.counted == pytest.approx(106 / 107)
    assert count.is_final is False
    for final in ("n", "s"):
        path = court(tmp_path, 2018, [("JAIR BOLSONARO", 3), ("FERNANDO HADDAD", 2)], tf=final)
        (count,) = read_counts([path], [1])
        assert count.is_final is (final == "s")
        assert count.counted == pytest.approx(454489 / 454490)


def court(
    folder: Path, year: int, votes: Sequence[tuple[str, int]], total: int = 0, **other: str
) -> Path:
    """A count as the electoral court publishes it, in the form of an election."""
    content: dict[str, Any] = {"t": "1", "tf": "s", "cdabr": "br"} | other
    total = total or sum(n for _, n in votes)
    people = [{"n": "0", "nm": name, "vap": str(n)} for name, n in votes]
    if year == 2018:
        people = [{"n": "0", "nm": name, "v": str(n), "vap": "0"} for name, n in votes]
        content |= {"s": "454490", "st": "454489", "v": "1", "vv": str(total), "cand": people}
    elif year == 2022:
        content = {"pst": "100,00", "vv": str(total), "cand": people} | content
    else:
        sections = {"ts": "474271", "st": "474271", "pst": content.pop("pst", "100,00")}
        lists = [
            {"nm": "PARTIDO", "cand": [{**person, "nm": "SOME WHOLE NAME", "nmu": person["nm"]}]}
            for person in people
        ]
        offices = [{"cd": "1", "agr": [{"nm": "COLIGAÇÃO", "par": lists}]}]
        content |= {"carg": offices, "s": sections, "v": {"tv": "1", "vv": str(total)}}
    path = folder / f"{year}.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_a_file_cut_between_two_areas_is_not_called_the_whole_count(tmp_path: Path) -> None:
    path = ministry(tmp_path / "votes.txt", "fr2022", 1, ("Complet",) * 107)
    (whole,) = read_counts([path], [1])
    path.write_text("\n".join(path.read_text("cp1252").splitlines()[:51]), encoding="utf-8")
    (count,) = read_counts([path], [1])
    assert count.votes["votes"].sum() < whole.votes["votes"].sum()
    assert count.is_final is whole.is_final is None


def test_an_area_twice_is_refused(tmp_path: Path) -> None:
    path = ministry(tmp_path / "votes.txt", "fr2022", 1)
    text = path.read_text("cp1252")
    path.write_text(text + text.splitlines()[1], encoding="utf-8")
    with pytest.raises(DataError, match=r"votes.txt:109: the line stands there twice"):
        read_counts([path], [1])


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "candidate,votes\nA,1" + "0" * 10, ":2: votes are '10000000000'"),
        ("a.csv", f"candidate,votes\n{'A' * 200_000},1", "not as published .Error"),
        ("a.JSON", '{"vv": "1", "st": "0", "s": "0"', "cannot be read as JSON"),
        ("a.json", '{"cdabr": "br", "vv": "0", "st": "0", "s": "0"}', "as published .ZeroDiv"),
    ],
)
def test_damaged_files_are_refused_in_a_sentence(
    tmp_path: Path, name: str, text: str, words: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=words):
        read_counts([tmp_path / name], [1])


@pytest.mark.parametrize("typed", ["{a: b", "[a]", "{a: }", "{a: ''}", "true"])
def test_names_that_are_no_mapping_are_refused(
    typed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        score.main(["a.json", "--same-as", typed])
    assert "accepted: '{NAME: KEY, NAME: false}'" in capsys.readouterr().err


@pytest.mark.parametrize("year", [2018, 2022, 2026])
def test_the_court_s_file_is_read_in_the_form_of_each_election(tmp_path: Path, year: int) -> None:
    votes = [("LULA", 60), ("SIMONE D&apos;TEBET", 30), ("CIRO GOMES", 10)]
    (count,) = read_counts([court(tmp_path, year, votes)], [1])
    found = count.votes.set_index("candidate")["votes"].to_dict()
    assert found == {"Lula": 60, "Simone D'Tebet": 30, "Ciro Gomes": 10}
    assert count.is_final is True


def test_unknown_names_are_asked_about_and_never_guessed(tmp_path: Path) -> None:
    brazil = load_election("br2026/president")
    (count,) = read_counts([court(tmp_path, 2026, BRAZIL_2026)], [1])
    with pytest.raises(DataError) as asked:
        official_outcomes([count], brazil, {})
    words = str(asked.value)
    for name in ("Escritor Augusto Cury", "Samara", "Hertz Dias", "Rui Costa Pimenta"):
        assert f"{name}: " in words
    assert "Lula: " not in words
    assert "Zema: " not in words
    with pytest.raises(DataError, match=r"same_as gives Samara the key 'samira'; accepted: .*zema"):
        official_outcomes([count], brazil, {"Samara": "samira"})
    with pytest.raises(DataError, match=r"nobody in the file is called Samira"):
        official_outcomes([count], brazil, {"Samira": "others"})
    small = ("Samara", "Hertz Dias", "Clariana Barao", "Edmilson Costa", "Rui Costa Pimenta")
    same_as = dict.fromkeys((*small, "Veterinário Wilson Grassi"), "others")
    found = official_outcomes([count], brazil, same_as | {"Escritor Augusto Cury": "cury"})[1]
    assert found.votes.to_dict() == outcome_of(brazil, 1).votes.to_dict()
    with pytest.raises(DataError, match="is a second name of 'zema'; correct same_as"):
        official_outcomes([count], brazil, same_as | {"Escritor Augusto Cury": "zema"})
    new = official_outcomes([count], brazil, same_as | {"Escritor Augusto Cury": False})[1]
    assert new.votes["escritor_augusto_cury"] == 3448569


@pytest.mark.parametrize("since_2020", [False, True])
def test_the_court_s_table_is_summed_over_places_by_round(tmp_path: Path, since_2020: bool) -> None:
    path = tmp_path / "votacao_candidato_munzona_2018_BRASIL.csv"
    lines = [COURT.format(valid=';"QT_VOTOS_NOMINAIS_VALIDOS"' if since_2020 else "")]
    for number, place, office, votes in (
        (1, "AC", "Presidente", (10, 5, 2)),
        (1, "ZZ", "PRESIDENTE", (1, 0, 3)),
        (1, "AC", "Governador", (99, 99, 99)),
        (2, "AC", "Presidente", (12, 7)),
    ):
        people = (("JAIR MESSIAS BOLSONARO", "JAIR BOLSONARO"), ("FERNANDO HADDAD", "HADDAD"))
        for (whole, short), n in zip((*people, ("CIRO GOMES", "CIRO")), votes, strict=False):
            counted = f"{n + 9};{n}" if since_2020 else n  # of which some are not valid
            lines.append(f'2018;{number};"{place}";"{office}";"{whole}";"{short}";{counted}')
    path.write_text("\n".join(lines), encoding="latin-1")
    first, second = read_counts([path], [1, 2])
    brazil = load_election("br2018/president")
    votes = official_outcomes([first], brazil, {})[1].votes
    assert votes.to_dict() == {"bolsonaro": 11, "ciro": 5, "haddad": 5}
    votes = official_outcomes([second], brazil, {})[2].votes
    assert votes.to_dict() == {"bolsonaro": 12, "haddad": 7}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            (";Exprimés;", ";Suffrages;"),
            "no line heads the columns of a count that is known; accepted",
        ),
        ((";Voix;", ";Nombre;"), "no columns Nom, Prénom, Voix after Exprimés"),
        ((";MACRON;", ";MACRON;Emmanuel;"), ":2: votes are 'Emmanuel'; accepted: whole numbers"),
    ],
)
def test_columns_that_are_not_as_published_are_refused(
    tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    path = ministry(tmp_path / "votes.txt", "fr2017", 2)
    path.write_text(path.read_text("cp1252").replace(*change), encoding="cp1252")
    with pytest.raises(DataError, match=words):
        read_counts([path], [1, 2])


def test_votes_that_do_not_sum_and_the_file_of_another_round_are_refused(tmp_path: Path) -> None:
    path = ministry(tmp_path / "votes.txt", "fr2017", 2)
    lines = path.read_text("cp1252").split("\n")
    lines[3] = lines[3].replace(";LE PEN;Marine;", ";LE PEN;Marine;1", 1)
    (tmp_path / "wrong.txt").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(DataError, match=r"wrong.txt:4: the candidates have .* Exprimés says"):
        read_counts([tmp_path / "wrong.txt"], [1, 2])
    with pytest.raises(DataError, match="the candidates have 119,300,788 votes, vv says 5"):
        read_counts([court(tmp_path, 2026, BRAZIL_2026, total=5)], [1])
    with pytest.raises(DataError, match="votes of round 2; accepted"):
        read_counts([court(tmp_path, 2026, BRAZIL_2026, t="2")], [1])
    with pytest.raises(DataError, match="votes of 'sp'; accepted: of the country"):
        read_counts([court(tmp_path, 2022, [("LULA", 3), ("BOLSONARO", 2)], cdabr="sp")], [1])
    with pytest.raises(DataError, match="no votes for a president are counted"):
        read_counts([court(tmp_path, 2022, [("LULA", 0), ("BOLSONARO", 0)])], [1])
    (tmp_path / "other.json").write_text('{"cand": [{"name": "LULA"}]}', encoding="utf-8")
    with pytest.raises(
        DataError, match=r"other.json: not as published .KeyError.*accepted: a file"
    ):
        read_counts([tmp_path / "other.json"], [1])
    with pytest.raises(DataError, match="no votes of round 1; accepted: one file for each"):
        read_counts([court(tmp_path, 2026, BRAZIL_2026, t="2")], [1, 2])
    with pytest.raises(DataError, match="2 files of votes; accepted: one file for each of the"):
        read_counts([path, path], [2])
    france = load_election("fr2017")
    (runoff,) = read_counts([path], [1])
    with pytest.raises(DataError, match="votes of 2 people, which round 1 of fr2017 is not about"):
        official_outcomes([runoff], france, {})
    (first,) = read_counts([ministry(tmp_path / "first.txt", "fr2017", 1)], [2])
    with pytest.raises(DataError, match="votes of 11 people, which round 2 of fr2017"):
        official_outcomes([first], france, {})


@pytest.mark.parametrize("election", ["fr2017", "br2026/president"])
def test_a_seal_is_scored_against_a_file_as_against_the_outcome_that_ships(
    tmp_path: Path, composed: Compose, capsys: pytest.CaptureFixture[str], election: str
) -> None:
    settings = composed(
        "+experiment=quickstart",
        f"elections=[{election}]",
        "predictor=[uniform,last_poll]",
        "days_before=[7]",
        "n_draws=200",
    )
    sealed = tmp_path / "a.json"
    sealed.write_text(json.dumps(freeze(settings)), encoding="utf-8")
    path = (
        ministry(tmp_path / "votes.txt", "fr2017", 1)
        if election == "fr2017"
        else court(tmp_path, 2026, BRAZIL_2026)
    )
    typed = [str(sealed), "--outcome", str(path), "--out", str(tmp_path / "page")]
    if election != "fr2017":
        with pytest.raises(DataError, match=r'say whose key each is .*--same-as "\{Escritor'):
            score.main(typed)
        assert not (tmp_path / "page").exists()
        small = [name.title() for name, _ in BRAZIL_2026 if name not in KNOWN]
        names = dict.fromkeys(small, "others") | {"Escritor Augusto Cury": "cury"}
        typed += ["--same-as", flow(names)]
    assert score.main(typed) == 0
    printed = " ".join(capsys.readouterr().out.split())
    words = "the file does not say" if election == "fr2017" else "the whole count, as the file says"
    assert words in printed
    found = pd.read_csv(tmp_path / "page/tables/sealed_scores.csv")
    expected = score_sealed([sealed])
    both = scores_by_seal(expected)
    assert len(found) == len(both) == 2
    pd.testing.assert_series_equal(found["mae"], both["mae"].reset_index(drop=True), rtol=1e-4)
    if election != "fr2017":  # on the night, with fewer votes for one of them
        votes = [(name, n // 2) for name, n in BRAZIL_2026 if n < 5e7]
        votes += [("LULA", 9), ("FLAVIO BOLSONARO", 10**6)]
        court(tmp_path, 2026, votes, pst="12,50", tf="n")
        assert score.main([*typed, "--out", str(tmp_path / "night")]) == 0
        assert "not final, as the file says (12.50% of the areas" in " ".join(
            capsys.readouterr().out.split()
        )
        night = pd.read_csv(tmp_path / "night/tables/sealed_scores.csv")
        assert ((night["mae"] - found["mae"]).abs() > 1e-4).all()
