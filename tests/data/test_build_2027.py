"""The builder of an election to come: what the compilation cannot mean."""

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
