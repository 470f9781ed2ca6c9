"""What tells people apart is refused; what only looks like it is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from bench.core import DataError, paths
from bench.data import privacy as personal
from bench.data.columns import CANDIDATES, TABLES
from bench.data.privacy import refuse_personal
from bench.data.readers import read_table

FIRST = ["Ann", "Bea", "Carl", "Dora", "Émile", "Fay", "Guy", "Hal"]
LAST = ["Ashe", "Birch", "D'Arcy", "Elm", "Fir", "Gorse", "Hazel", "Ivy", "Jay", "Kerr"]


def _table(**extra: list[object]) -> pd.DataFrame:
    rows = 40
    table = pd.DataFrame(
        {
            "source": ["app"] * rows,
            "day": [f"2031-03-{1 + n // 5:02d}" for n in range(rows)],
            "candidate": ["ash", "birch", "cedar", "elm", "fir"] * 8,
            "n": [1200 + n for n in range(rows)],
        }
    )
    return table.assign(**{k: (v * rows)[:rows] for k, v in extra.items()})


def _refused(table: pd.DataFrame) -> str:
    with pytest.raises(DataError) as caught:
        refuse_personal(
            table, Path("x.csv"), promised=["source", "day", "candidate", "n"], counts=["n"]
        )
    message = str(caught.value)
    assert "GDPR art. 9(1)" in message
    return message


@pytest.mark.parametrize(
    "column",
    [
        "email",
        "E-mail",
        "userId",
        "screen_name",
        "Author",
        "first_name",
        "NOM",
        "date_of_birth",
        "respondent_id",
        "IP address",
        "tweet_text",
        "Verbatim",
        "latitude",
        "phone number",
    ],
)
def test_a_column_that_says_so_is_refused(column: str) -> None:
    assert f"column '{column}'" in _refused(_table(**{column: ["x"]}))


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("ann.ashe+vote@mail.example.org", "e-mail addresses"),
        ("write to bea@example.fr today", "e-mail addresses"),
        ("06 12 34 56 78", "phone numbers"),
        ("06.12.34.56.78", "phone numbers"),
        ("0612345678", "phone numbers"),
        ("+33 6 12 34 56 78", "phone numbers"),
        ("(415) 555-0123", "phone numbers"),
        ("@ann_ashe", "account handles"),
        ("12 bis rue des Lilas, Lyon", "postal addresses"),
        ("221 Baker Street", "postal addresses"),
        ("192.168.1.17", "network addresses"),
    ],
)
@pytest.mark.parametrize("column", ["source", "note"])
def test_one_such_value_anywhere_is_enough(value: str, what: str, column: str) -> None:
    table = _table(note=["fine"])
    table.loc[17, column] = value
    message = _refused(table)
    assert f"column '{column}' seems to hold {what} (row 17)" in message
    assert value not in message


ONE_EACH: dict[str, tuple[list[object], str]] = {
    "hashes": ([f"{n:032x}" for n in range(40)], "an identifier for every row"),
    "uuids": (
        [f"0000{n:04x}-0000-4000-8000-000000000000" for n in range(40)],
        "an identifier for every row",
    ),
    "numbers": ([10_000_000 + n for n in range(40)], "an identifier for every row"),
    "names": ([f"{f} {s}" for f in FIRST for s in LAST][:40], "names of people"),
    "prose": (
        [f"I will never vote for number {n} again because of what was said" for n in range(40)],
        "free text",
    ),
    "links": ([f"https://twitter.com/u{n}/status/{n}" for n in range(40)], "links to accounts"),
}


@pytest.mark.parametrize("kind", ONE_EACH)
def test_a_value_of_its_own_in_every_row_is_refused(kind: str) -> None:
    values, what = ONE_EACH[kind]
    assert what in _refused(_table(label=values))


def test_a_row_per_person_is_refused() -> None:
    assert "column 'n' seems to hold one person per row" in _refused(_table(n=[1]))


@pytest.mark.parametrize(
    "values",
    [
        ["Emmanuel Macron", "Marine Le Pen", "François Fillon", "Jean-Luc Mélenchon"],
        ["Harris Interactive", "Opinion Way", "Kantar Sofres", "Ifop-Fiducial", "BVA Xsight"],
        ["Paris Match and Sud Radio", "Le Monde", "Le Figaro", "France 2, Radio France"],
        ["https://www.ifop.com/publication/x@y.z/?id=0612345678"],
        ["https://web.archive.org/web/20170421180000/https://twitter.com/Filteris/status/1"],
        ["2017-04-21T18:00:00"],
        ["0.2401"],
        ["01001", "2A004", "97411"],
        ["750101234", "010040001"],
        ["ifop_2017-04-21_r1"],
        ["registered voters, quota by sex, age and occupation (place of residence)"],
        ["12 % of those who rated", "wave 3"],
        [f"https://example.org/poll/{n}" for n in range(40)],
    ],
)
def test_what_only_looks_like_it_passes(values: list[object]) -> None:
    refuse_personal(_table(label=values), Path("x.csv"), promised=["source"], counts=["n"])


def _shipped() -> Iterator[Path]:
    for folder in sorted(paths.datasets().glob("*/inputs")):
        yield from (p for p in sorted(folder.iterdir()) if p.stem in TABLES)


@pytest.mark.parametrize("path", list(_shipped()), ids=lambda p: f"{p.parts[-3]}-{p.stem}")
def test_everything_shipped_passes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    real = personal.refuse_personal
    monkeypatch.setattr(
        "bench.data.privacy.refuse_personal", lambda *a, **k: seen.append(real(*a, **k))
    )
    read_table(path, TABLES[path.stem], check=True)
    assert seen == [None]


def test_all_candidates_of_all_elections_pass() -> None:
    for path in sorted(paths.datasets().glob("*/candidates.csv")):
        read_table(path, CANDIDATES, check=True)


def test_a_file_with_an_extra_column_is_refused_when_read(tmp_path: Path) -> None:
    rows = pd.read_parquet(paths.datasets() / "toy" / "inputs" / "buzz.parquet")
    path = tmp_path / "buzz.parquet"
    rows.assign(author="somebody").to_parquet(path)
    with pytest.raises(DataError, match="column 'author' seems to hold accounts by its name"):
        read_table(path, TABLES["buzz"])
