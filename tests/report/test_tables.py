"""Tables for papers and spreadsheets."""

import csv
import io
import re

import pandas as pd
import pytest

from bench.report import tables
from bench.report.tables import Table, table_files
from tests.made_up_run import Run
from tests.studies.backtest.pages import headline_table

NASTY = '<script>alert("x")</script> & =a_b|c\\d'


@pytest.fixture(scope="module")
def headline(whole_run: Run) -> Table:
    """The headline table of a run with two predictors whose names are attacks."""
    run = whole_run.copy()
    attacks = {"uniform": NASTY, "last_poll": "=HYPERLINK(1)"}
    for rows in (run.errors, run.forecasts, run.methods):
        rows["predictor"] = rows["predictor"].replace(attacks)
    return headline_table(run.vote())


def test_html_escapes_names(headline: Table) -> None:
    text = headline.to_html()
    assert "<script" not in text
    assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; &amp; =a b|c\\d" in text


def test_markdown_escapes_names(headline: Table) -> None:
    text = headline.to_markdown()
    assert "<script" not in text
    assert "a b\\|c\\\\d" in text


def test_every_markdown_row_has_as_many_cells_as_the_head(headline: Table) -> None:
    lines = [x for x in headline.to_markdown().splitlines() if x[:1] == "|"]
    counts = {len(re.findall(r"(?<!\\)\|", line)) for line in lines}
    assert len(counts) == 1


def test_every_latex_row_has_as_many_cells_as_the_head(headline: Table) -> None:
    body = headline.to_latex()
    rows = body.split(r"\midrule")[1].split(r"\bottomrule")[0].splitlines()
    counts = {len(re.findall(r"(?<!\\)&", r)) for r in rows if r.endswith(r"\\") and "&" in r}
    head = body.split(r"\toprule")[1].split(r"\midrule")[0]
    assert counts == {len(re.findall(r"(?<!\\)&", head))}


def test_latex_braces_balance(headline: Table) -> None:
    text = re.sub(r"\\[{}]", "", headline.to_latex())
    assert text.count("{") == text.count("}")


def test_csv_holds_full_precision_and_no_formula(headline: Table) -> None:
    text = table_files(headline)["headline.csv"]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {r["predictor"] for r in rows} >= {"'=HYPERLINK(1)"}
    assert float(rows[0]["mae_pp"]) == headline.data.loc[0, "mae_pp"]
    assert headline.to_csv() == text


def test_only_addresses_of_the_web_become_links() -> None:
    pairs = [[("a page", "https://example.org/a?b=1&c=2")], [("b", "javascript:alert(1)")], []]
    rows = pd.DataFrame({"what": ["a page", "b", "c"], "to": pairs})
    made = tables.table("t", rows, title="T", show=["what"], columns={"what": {"links": "to"}})
    assert [len(row.cells[0].links) for row in made.rows] == [1, 0, 0]
    text = made.to_html()
    assert '<a href="https://example.org/a?b=1&amp;c=2">a page</a>' in text
    assert "javascript" not in text
    assert "| [a page](https://example.org/a?b=1&c=2) |" in made.to_markdown()
