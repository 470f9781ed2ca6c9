"""The table of claims: words of the report, pages with a day, and no number that was typed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd
import pytest

from bench.report.tables import Table
from bench.studies.report_2018.analysis import read_sources
from bench.studies.report_2018.claims import CELLS, links_of
from bench.studies.report_2018.facts import PAGE
from bench.studies.run import Run, load_run
from tests.french import ENGLISH
from tests.golden.reference import FOLDER

QUOTED = {"en": re.compile("“([^”]*)”"), "fr": re.compile("«\\s*([^»]*?)\\s*»")}
FIELDS = re.compile(r"{{.*?}}|{%.*?%}")
YEARS, LEVEL = re.compile(r"\b(19|20)\d\d\b"), re.compile(r"\(90\s?%\s?:")
NO_DIGIT = re.compile(r"[^0-9]")
NO_CLAIM = "primary_beyond"  # which the report does not make


def template_rows(language: str) -> Iterator[list[str]]:
    """The key and the cells of every claim as they stand in the document."""
    for line in PAGE.macros.path(language).read_text(encoding="utf-8").splitlines():
        if line.startswith("row "):
            key, _colon, cells = line.removeprefix("row ").partition(": ")
            yield [key, *cells.split(" | ")]


@pytest.fixture(scope="module")
def run() -> Run:
    """The reviewed result, whose claims stand on a page of the documentation too."""
    return load_run(FOLDER / "report_2018")


@pytest.fixture(scope="module")
def claims(run: Run) -> Table:
    """The table of claims in English."""
    return run.tables["claims"]


def test_every_quotation_is_verbatim() -> None:
    sources = read_sources()
    report = sources[sources["publisher"].eq("report of 2018")]
    quotes = report.groupby("claim")["quote"].apply(list)
    for row in template_rows("en"):
        key, claim = row[0], row[3]
        marked = QUOTED["en"].findall(claim)
        assert bool(marked) == (key != NO_CLAIM)
        for words in marked:
            assert any(words in quote for quote in quotes[key]), words
        for words in QUOTED["en"].findall(row[4]):
            assert report["quote"].str.contains(words, regex=False).any(), words


def test_the_french_page_has_the_same_claims_and_the_same_figures_in_its_quotations() -> None:
    english, french = ({row[0]: row for row in template_rows(code)} for code in ("en", "fr"))
    assert list(english) == list(french)
    for key, row in french.items():
        figures = [
            [NO_DIGIT.sub("", words) for words in QUOTED[code].findall(rows[3] + rows[4])]
            for code, rows in (("en", english[key]), ("fr", row))
        ]
        digits = [[one for one in found if one] for found in figures]
        assert digits[0] == digits[1]
        assert not any(ENGLISH.search(FIELDS.sub("", cell)) for cell in row[2:-1])
        assert row[-1] == english[key][-1]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_number_is_typed_into_a_claim(language: str) -> None:
    rows = list(template_rows(language))
    assert len(rows) >= 20
    for row in rows:
        assert len(row) == 1 + len(CELLS)
        *sentences, _experiment = row[2:]
        for cell in sentences:
            text = QUOTED[language].sub("", FIELDS.sub("", cell))
            assert not re.search(r"\d", LEVEL.sub("", YEARS.sub("", text))), cell


def test_every_claim_has_a_page_with_an_address_and_a_day(claims: Table) -> None:
    sources = read_sources()
    for key in (row[0] for row in template_rows("en")):
        read = sources[sources["claim"].eq(key)]
        assert (read["address"].str.startswith("http") & read["published_on"].ne("")).any(), key
        assert read["quote"].ne("").all()
    for row in claims.rows:
        links = row.cells[-1].links
        assert links
        assert all(address.startswith("http") for _words, address in links)


def test_addresses_are_links_on_the_page_and_in_markdown_and_data_in_the_csv(
    run: Run, claims: Table
) -> None:
    address = "https://medium.com/echobox/fillon-macron-big-data-6ba65cb67b21"
    link = f'<a href="{address}">Echobox, 22 April 2017</a>'
    assert link in run.page()
    assert link in claims.to_html()
    assert f"[Echobox, 22 April 2017]({address})" in claims.to_markdown()
    assert address in claims.to_csv()


def test_the_page_begins_with_the_claims(run: Run) -> None:
    assert run.shown.page_sections[0].name == "claims"


def test_a_page_that_is_quoted_twice_is_one_link() -> None:
    rows = [{"publisher": "LCP", "published_on": "2017-03-13", "address": "http://lcp.fr/a"}] * 2
    assert links_of(pd.DataFrame(rows)) == [("LCP, 13 March 2017", "http://lcp.fr/a")]
