"""Pages as documents: what they say, and the names that are refused before a run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypedDict

import pandas as pd
import pytest
import yaml

from bench.core.errors import DataError
from bench.core.language import use_language
from bench.report import document, macros
from bench.report.document import Document, Words, table_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.report import Sentences
from bench.report.tables import Table, table
from bench.studies.base import load_study, study_names
from tests.french import ROOT, is_foreign

ENGLISH = """
{% macro sign(state) %}{{ "yes" if state else "no" }}{% endmacro %}
> Made up

# {{ title }}
| Votes | {{ n }} |
{% if best %}
{{ best.name }} came closest.
{% else %}
Nobody came closest: {{ n|count("vote", "votes") }} | {{ sign(false) }}.
{% endif %}

## How wrong?
{{ table("errors") }}
title: Errors of {{ title }}
nav: Errors
label share: part | of the votes
value state late: too late
name mean: the mean
Below it.

## The shares
{{ figure("shares") }}
title: Shares
caption: n = {{ n }};
{% if best %}best {{ best.name }}.{% endif %}

x: percent
label share: Share
reading: Longer is more.

## What changed since
{{ lines("changed") }}
nav: Changes
{% if best %}
{{ best.name }} gained.
{% endif %}
Nothing else did.
"""
FRENCH = ENGLISH.replace("How wrong?", "Quelle erreur ?").replace(
    "Below it.", "En dessous : {{ n }}."
)


@dataclass(frozen=True)
class Best:
    name: str


class Facts(TypedDict):
    title: str
    source: str
    n: int
    best: Best | None


PAGE = Document("made_up", Facts, tables=("errors",), figures=("shares",))
FACTS = Facts(title="Toy", source="toy", n=3, best=Best("Ash"))
ROWS = pd.DataFrame({"method": ["mean", "other"], "share": [0.5, 0.25], "state": ["late", "ok"]})


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a study with a document in both languages."""
    monkeypatch.setattr(document, "STUDIES", tmp_path)
    folder = tmp_path / "made_up"
    folder.mkdir()
    (folder / "page.en.md").write_text(ENGLISH, "utf-8")
    (folder / "page.fr.md").write_text(FRENCH, "utf-8")
    document._template.cache_clear()
    macros._macros.cache_clear()
    return folder


def shares(words: Words) -> Figure:
    assert words.labels == {"share": "Share"}
    x = Axis(low=0)
    return Figure(x=x, axes={"": (x, Axis())}, marks=(Mark("bar", ROWS, "share", "method"),))


@pytest.mark.usefixtures("pages")
def test_a_page_says_what_its_document_says_from_top_to_bottom() -> None:
    PAGE.check()
    page = PAGE.report(FACTS, {"errors": table_of(ROWS)}, {"shares": shares})
    assert (page.title, page.kicker, page.counts) == ("Toy", "Made up", (("Votes", "3"),))
    assert page.findings == ("Ash came closest.",)
    errors, section, changed = page.page_sections
    assert (errors.name, errors.heading, errors.nav) == ("errors", "How wrong?", "Errors")
    (table,) = page.tables
    assert (table.title, table.notes) == ("Errors of Toy", ("Below it.",))
    assert [column.label for column in table.columns] == ["method", "part", "state"]
    assert table.columns[1].meaning == "of the votes"
    assert table.texts("state") == ["too late", "ok"]
    assert table.in_files.texts("method") == ["the mean", "other"]
    figure = page.figures["shares"]
    assert isinstance(figure, Figure)
    assert (figure.caption, figure.x.label, figure.x.low) == ("n = 3; best Ash.", "percent", 0)
    assert figure.axes[""][0] is figure.x  # a panel shares the axis with its label
    assert (section.heading, section.reading) == ("The shares", "Longer is more.")
    lines = ("Ash gained.", "Nothing else did.")
    assert changed == Sentences(
        name="changed", heading="What changed since", lines=lines, texts={"nav": "Changes"}
    )


@pytest.mark.parametrize(
    ("label", "meaning"),
    [("inside", "how much of it"), ("inside |", ""), ("inside | of what", "of what")],
)
def test_a_label_keeps_the_meaning_of_its_column_unless_a_bar_follows(
    pages: Path, label: str, meaning: str
) -> None:
    text = ENGLISH.replace("label share: part | of the votes", f"label dose: {label}")
    (pages / "page.en.md").write_text(text, "utf-8")
    rows = ROWS.assign(dose=["yes", "no"])
    column = PAGE.report(FACTS, {"errors": table_of(rows)}, {}).tables[0].columns[-1]
    assert column.label == "inside"
    assert column.meaning.startswith(meaning)
    assert bool(column.meaning) == bool(meaning)


def test_rows_of_words_stand_in_the_document(pages: Path) -> None:
    rows = "row rain: it | rained {{ n }} days\nrow sun: sun | shone: often\n  and long"
    text = ENGLISH.replace("Below it.", rows)
    (pages / "page.en.md").write_text(text, "utf-8")

    def weather(name: str, *, rows: dict[str, list[str]], **words: Any) -> Table:
        cells = pd.DataFrame(rows.values(), columns=["what", "how"])
        return table(name, cells.assign(state=list(rows)), **words)

    (made,) = PAGE.report(FACTS, {"errors": weather}, {}).tables
    assert made.texts("state") == ["rain", "sun"]
    assert made.texts("how") == ["rained 3 days", "shone: often"]
    assert made.notes == ("and long",)


def test_a_table_is_finished_once_it_has_its_words_and_a_figure_may_be_on_file_alone(
    pages: Path,
) -> None:
    text = ENGLISH.replace('figure("shares")', 'figure("shares", suffix="_2", on_page=false)')
    (pages / "page.en.md").write_text(text, "utf-8")

    def unsearchable(made: Table) -> Table:
        assert made.heading == "How wrong?"
        return replace(made, search=False)

    tables = {"errors": table_of(ROWS, finish=unsearchable)}
    page = PAGE.report(FACTS, tables, {"shares_2": shares})
    assert not page.tables[0].search
    assert list(page.figures) == ["shares_2"]
    assert "shares_2" not in [section.name for section in page.page_sections]


def test_panels_that_share_an_axis_share_the_labelled_one(pages: Path) -> None:
    x = Axis(low=0)
    figure = Figure(x=x, axes={"a": (x, Axis(names=["a"]))}, marks=())
    drawn = PAGE.report(FACTS, {}, {"shares": figure}).figures["shares"]
    assert isinstance(drawn, Figure)
    assert drawn.axes["a"][0] is drawn.x
    assert drawn.x.label == "percent"


@pytest.mark.usefixtures("pages")
def test_a_bar_in_a_finding_is_no_count_and_what_a_run_lacks_has_no_section() -> None:
    page = PAGE.report(FACTS | {"best": None}, {}, {})
    assert page.findings == ("Nobody came closest: 3 votes | no.",)
    assert [section.name for section in page.page_sections] == ["changed"]


@pytest.mark.usefixtures("pages")
def test_french_is_the_document_in_french_or_the_english_one_where_there_is_none(
    pages: Path,
) -> None:
    with use_language("fr"):
        page = PAGE.report(FACTS, {"errors": table_of(ROWS)}, {})
        assert page.tables[0].heading == "Quelle erreur\u202f?"
        assert page.tables[0].notes == ("En dessous\u00a0: 3.",)
        (pages / "page.fr.md").unlink()
        assert PAGE.languages == ["en"]
        assert PAGE.report(FACTS, {"errors": table_of(ROWS)}, {}).tables[0].notes == ("Below it.",)


def test_a_hard_space_of_french_ends_the_beginning_of_a_line_too(pages: Path) -> None:
    percent = FRENCH.replace("label share: part", "label share: % | des voix")
    (pages / "page.fr.md").write_text(percent, "utf-8")
    with use_language("fr"):
        page = PAGE.report(FACTS, {"errors": table_of(ROWS)}, {})
    assert [column.label for column in page.tables[0].columns] == ["méthode", "%", "state"]


@pytest.mark.usefixtures("pages")
def test_words_that_python_asks_for_are_macros() -> None:
    assert PAGE.text("sign", state=True) == "yes"
    with pytest.raises(DataError, match=r"page\.en\.md: the macro is 'sing' \(did you mean 'sign'"):
        PAGE.text("sing", state=True)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ('count("vote"', 'cuont("vote"', "the filter is 'cuont'"),
        ("Nobody came closest: {{ n|", "Nobody: {{ m|", "line 10: the name is 'm'"),
        ("{{ best.name }} came", "{{ best.nam }} came", "line 8: the field is 'nam'"),
        ('table("errors")', 'table("erors")', "the table is 'erors' (did you mean 'errors'"),
        ('figure("shares")', 'figure("share")', "the figure is 'share'"),
        ("caption: n", "captoin: n", "the word of a figure is 'captoin' (did you mean 'caption'"),
        ("nav: Errors", "navi: Errors", "the word of a table is 'navi'"),
        ("sign(false)", "sing(false)", "the name is 'sing'"),
        ('{{ table("errors") }}', "", "has no section of the table errors"),
        ("{% else %}", "{% esle %}", "unknown tag 'esle'"),
    ],
)
def test_a_misspelt_name_is_refused_in_every_branch_and_language(
    pages: Path, language: str, right: str, wrong: str, message: str
) -> None:
    path = pages / f"page.{language}.md"
    text = path.read_text("utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong), "utf-8")
    with pytest.raises(DataError) as refusal:
        PAGE.check()
    assert message in str(refusal.value)
    assert str(path) in str(refusal.value)


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("macro sign(state)", "macro sign(stand)", "the macro sign is not that"),
        ('## The shares\n{{ figure("shares") }}', "", "has no section of the figure shares"),
        (
            "## How wrong",
            '## Again\n{{ table("errors") }}\n\n## How wrong',
            "errors does not stand",
        ),
    ],
)
def test_a_translation_has_the_macros_and_sections_of_the_other_language(
    pages: Path, right: str, wrong: str, message: str
) -> None:
    path = pages / "page.fr.md"
    text = ENGLISH.replace(right, wrong)
    assert text != ENGLISH
    path.write_text(text.replace('"yes" if state', '"yes" if true'), "utf-8")
    with pytest.raises(DataError, match=r"page\.fr\.md") as refusal:
        PAGE.check()
    assert message in str(refusal.value)


def test_what_a_document_includes_is_checked_too(pages: Path) -> None:
    (pages / "page.fr.md").unlink()
    with (pages / "page.en.md").open("a", encoding="utf-8") as file:
        file.write('\n{% include "more.en.md" %}\n')
    (pages / "more.en.md").write_text("{{ title }} {{ titel }}", "utf-8")
    with pytest.raises(DataError, match=r"more\.en\.md, line 1: the name is 'titel'"):
        PAGE.check()


def test_macros_that_pages_share_are_imported_by_name(pages: Path) -> None:
    (pages / "page.fr.md").unlink()
    (pages / "words.en.md").write_text("{% macro caution() %}Made up.{% endmacro %}", "utf-8")
    text = '{% from "words.en.md" import caution %}' + ENGLISH
    text = text.replace("Below it.", "{{ caution() }}")
    (pages / "page.en.md").write_text(text, "utf-8")
    PAGE.check()
    page = PAGE.report(FACTS, {"errors": table_of(ROWS)}, {})
    assert page.tables[0].notes == ("Made up.",)
    (pages / "page.en.md").write_text(text.replace("caution", "cuation"), "utf-8")
    with pytest.raises(DataError, match=r"page\.en\.md, line 1: the macro is 'cuation'"):
        PAGE.check()


@pytest.mark.parametrize("study", study_names())
def test_every_document_names_only_what_there_is(study: str) -> None:
    load_study(study).check_documents()


TAGS = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
KEYED = re.compile(r"(?m)^(label|value|name|row|block) [^:{}\n]+:")
QUOTED = (
    "The 2017 Presidential Election: The arrival of targeted political speech in French politics"
)


def texts_as_written() -> Iterator[tuple[Path, str, str]]:
    """Every file of words, the language of a line of it, and the line without tags and keys."""
    for path in (ROOT / "bench").rglob("*.??.md"):
        text = KEYED.sub("", TAGS.sub(" ", path.read_text(encoding="utf-8")))
        yield from ((path, path.name[-5:-3], line) for line in text.splitlines())
    report = ROOT / "bench" / "report"
    chrome = report / "html" / "words.yaml"
    for words in yaml.safe_load(chrome.read_text(encoding="utf-8")).values():
        for of_languages in words.values():
            yield from ((chrome, language, text) for language, text in of_languages.items())
    for path in (report / "columns.csv", report / "values.csv"):
        for key, column in pd.read_csv(path, keep_default_na=False).items():
            if str(key).startswith(("label", "meaning")):
                language = "fr" if str(key).endswith("_fr") else "en"
                yield from ((path, language, text) for text in column)
    for path in (ROOT / "configs").rglob("*.yaml"):
        heads = re.findall(r"(?m)^# (?:label|title)(_fr)?: (.*)", path.read_text(encoding="utf-8"))
        yield from ((path, "fr" if suffix else "en", text) for suffix, text in heads)


def test_no_text_of_one_language_stands_among_those_of_the_other() -> None:
    texts = list(texts_as_written())
    assert {language for _path, language, _text in texts} == {"en", "fr"}
    foreign = [
        (str(path), text)
        for path, language, text in texts
        if is_foreign(text.replace(QUOTED, ""), language)
    ]
    assert not foreign


def test_a_document_may_lie_outside_the_studies(pages: Path) -> None:
    beside = Document(pages, Facts, tables=("errors",), figures=("shares",))
    assert beside.languages == ["en", "fr"]
    report = beside.report(FACTS, {"errors": table_of(ROWS)}, {"shares": shares})
    assert report.findings == ("Ash came closest.",)
