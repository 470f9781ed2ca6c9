"""The builder of an election to come: refusals, days of notices, slates, candidacies, grades."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from bench.core import DataError
from tools.build_datasets import open_2027

pytestmark = pytest.mark.golden  # a converter of raw sources that lie elsewhere

Change = Callable[[pd.DataFrame], pd.DataFrame]
PLACE = "many/polls_france"
GROUP, WISH = open_2027.MAP.left_out
PEOPLE = {
    "Marine Le Pen": 36.0,
    "Édouard Philippe": 26.0,
    "Jean-Luc Mélenchon": 22.0,
    "Éric Zemmour": 16.0,
}


def _question(poll: str, slate: str | None, end: str, notice: str) -> pd.DataFrame:
    rows = pd.DataFrame({"candidat": list(PEOPLE), "intentions": list(PEOPLE.values())})
    return rows.assign(
        poll_id=poll,
        hypothese=slate,
        nom_institut="IFOP",
        commanditaire="JDD, RTL",
        debut_enquete=end,
        fin_enquete=end,
        echantillon=1000,
        population=next(iter(open_2027.BASES)),
        tour="1er Tour",
        filename=notice,
    )


def _polls() -> pd.DataFrame:
    return pd.concat(
        [
            _question("a", "H42", "2026-06-24", "10211-pres-iv-ifop-le-figaro-25-juin.pdf"),
            _question("b", None, "2026-06-11", "barometre-juin-2026.pdf"),
            _question(GROUP, "H17", "2026-02-06", "10141-pres-vote-lgbt-ifop-tetu-9-mars.pdf"),
            _question(WISH, "H78", "2026-07-09", "10228-pres-barometre-14-juillet.pdf"),
        ],
        ignore_index=True,
    )


LATER = """\
poll_id,tour,hypothese,nom_institut,commanditaire,debut_enquete,fin_enquete,echantillon,population,\
filename,Marine Le Pen,Édouard Philippe,Éric Zemmour
c,1er Tour,H43,Ipsos BVA,"CEVIPOF, Le Monde",2026-09-03,2026-09-09,13060,représentatif de la \
population française,10262-pres-ipsos-le-monde-13-septembre.pdf,54.5,45.5,
"""


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    def write(change: Change = lambda rows: rows) -> Path:
        folder = tmp_path / PLACE
        folder.mkdir(parents=True)
        change(_polls()).to_parquet(tmp_path / open_2027.POLLS)
        (tmp_path / "later.csv").write_text(LATER, encoding="utf-8")
        monkeypatch.setattr(open_2027, "LATER_POLLS", tmp_path / "later.csv")
        grades = pd.DataFrame(
            {
                "candidate": ["Marine Le Pen", "Rachida Dati"],
                "poll_type_id": "pt1",
                "institut": "IPSOS",
                "end_date": "2026-01-15",
                "nb_people": 1000,
                "poll_id": "ipsos_202601",
                **{
                    f"intention_mention_{number}": [value, value]
                    for number, value in enumerate((10, 20, 15, 5, 45, 5), start=1)
                },
            }
        )
        grades.to_parquet(tmp_path / open_2027.GRADES)
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: pd.concat([rows, rows.head(1)]), "names a candidate twice in"),
        (lambda rows: rows.replace("Éric Zemmour", "Zoé Nobody"), "no party is given for"),
        (lambda rows: rows.replace("1er Tour", "Tour"), "a round is none of"),
        (lambda rows: rows.replace(GROUP, "d"), "which the map leaves out"),
        (lambda rows: rows.replace("b", "c"), r"holds \['c'\], which"),
        (
            lambda rows: rows.drop(index=3).assign(hypothese="H42"),
            r"\['H42'\] has two lists",
        ),
    ],
)
def test_what_the_compilation_cannot_mean_is_refused(
    raw: Callable[..., Path], change: Change, words: str
) -> None:
    with pytest.raises(DataError, match=words):
        open_2027.build(raw(change))


def test_polls_are_dated_by_their_notice_or_by_rule_and_slates_are_named(
    raw: Callable[..., Path],
) -> None:
    part = open_2027._polls(raw())
    polls = part.tables["inputs/polls.csv"]
    first = polls.drop_duplicates("poll_id").set_index("poll_id")
    # questions of another kind are left out, later rows of the compilation read like the rest
    assert first["basis"].to_dict() == {"fra": "stated", "frb": "rule", "frc": "stated"}
    assert first["published_on"].to_dict() == {
        "fra": pd.Timestamp("2026-06-25T23:59"),
        "frb": pd.Timestamp("2026-06-13T23:59"),
        "frc": pd.Timestamp("2026-09-13T23:59"),
    }
    assert first["sponsor"].to_dict() == dict.fromkeys(["fra", "frb"], "JDD; RTL") | {
        "frc": "CEVIPOF; Le Monde"
    }
    assert first.loc["frc", ["sample_size", "base"]].tolist() == [13060, "adults"]
    rows = polls[polls["poll_id"] == "frc"].set_index("candidate")
    assert rows["share"].to_dict() == {"le_pen": 0.545, "philippe": 0.455}
    assert polls.loc[polls["poll_id"] == "fra", "share"].sum() == pytest.approx(1)
    assert part.tables["slates.csv"].groupby("slate")["candidate"].agg(list).to_dict() == {
        "H42": ["le_pen", "melenchon", "philippe", "zemmour"],
        "H43": ["le_pen", "philippe"],
    }


def test_grades_above_and_below_the_middle_are_the_two_sides(raw: Callable[..., Path]) -> None:
    rows = open_2027._grades(raw(), frozenset({"le_pen"})).tables["inputs/ratings.csv"]
    (row,) = rows.to_dict("records")
    # very and rather satisfied; rather and very dissatisfied; 15 neither, 5 no answer
    assert (row["favourable"], row["unfavourable"]) == (0.3, 0.5)
    assert row["published_on"] == pd.Timestamp("2026-01-17T23:59")
