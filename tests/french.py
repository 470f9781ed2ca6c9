"""A report in French holds no English: what the tests of every study ask."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure as Drawing
from matplotlib.text import Text as Words

from bench.core.language import use_language
from bench.core.options import elections, options
from bench.core.settings import Experiment
from bench.report.columns import registered
from bench.report.figure import Figure
from bench.report.report import FigureSection, Report, Sentences
from bench.report.tables import Table
from bench.runner.results import Results
from bench.studies.base import Study

# words that the other language has not
WORDS = "the of and with which from by was were are its than what who how is not this each".split()
FRENCH = re.compile(r"\b(les|des|une|dans|avec|sur|est|sont|qui|que|aux|par|du)\b")
ROOT = Path(__file__).parents[1]
HEADS = re.compile(r"(?m)^label [^:{}]+: ([^|{}\n]+)")
ENGLISH = re.compile(rf"\b({'|'.join(WORDS)})\b")
# columns of keys, names, and what a predictor says in its own words
FREE = {"why", "message", "notes", "findings", "predictor", "method", "estimator", "source"}
FREE |= {"name", "group", "record", "peer", "variant", "dataset", "assumption", "data_used_until"}
FREE |= {
    "election",
    "vote",
    "publisher",
    "instrument",
    "alternative",
    "reason",
    "file",
    "converted",
}


def reported_in_both(
    study: Study, experiment: Experiment, results: Results, english: Report | None = None
) -> Report:
    """The English report, once it is known that the French one says all of it in French.

    In both, a column has a label of its own, by which `to_frame` gives it.
    """
    english = english or study.report(experiment, results)
    with use_language("fr"):
        french = study.report(experiment, results)
        said = dict(_texts(french))
        drawn = {
            f"{name}: {text}": text
            for name, figure in french.figures.items()
            for text in words_of(figure)
        }
    found = untranslated(dict(_texts(english)), said, set(experiment.predictors))
    found |= {place: text for place, text in drawn.items() if is_foreign(text, "fr")}
    assert not found, "\n".join(f"{place}: {text}" for place, text in found.items())
    for one in (*english.tables, *french.tables):
        assert one.to_frame().columns.is_unique, (one.name, list(one.to_frame().columns))
    return english


def untranslated(
    english: Mapping[str, str], french: Mapping[str, str], keys: set[str]
) -> dict[str, str]:
    """By place, what is the same in both reports, or holds words that only English has."""
    return {
        place: text
        for place, text in french.items()
        if (text == english.get(place) and _is_sentence(text, keys)) or is_foreign(text, "fr")
    }


def words_of(figure: Figure | Callable[[str], Drawing]) -> list[str]:
    """Every text of a figure; what no description holds is drawn."""
    if not isinstance(figure, Figure):
        texts = figure("double").findobj(Words)
        return [text.get_text() for text in texts if text.get_visible() and text.get_text().strip()]
    found = [figure.title, figure.caption, figure.claim, figure.subtitle, figure.on_page]
    found += [*figure.panels.values(), *figure.legend, *figure.columns.values()]
    for axis in chain((figure.x, figure.y), *figure.axes.values()):
        ticks = axis.ticks if isinstance(axis.ticks, Sequence) and axis.write else ()
        found += [axis.label, *axis.names, *(axis.write(tick) for tick in ticks if axis.write)]
    for mark in figure.marks:
        if mark.text and mark.rows is not None:
            found += mark.rows[mark.text].dropna().astype(str).tolist()
    return [text for text in found if text.strip()]


@cache
def alike() -> frozenset[str]:
    """Labels of the French documents and registries: some are the same word in English."""
    labels = {"alternative", "chance", "conclusion", "instrument", "points"}
    for path in (ROOT / "bench").rglob("*.fr.md"):
        labels.update(text.strip() for text in HEADS.findall(path.read_text(encoding="utf-8")))
    labels.update(spec.label for spec in registered("fr").values())
    return frozenset(labels)


def is_foreign(text: str, language: str) -> bool:
    """Whether a text of a language holds words that only the other one has."""
    return bool((FRENCH if language == "en" else ENGLISH).search(text))


def _is_sentence(text: str, keys: set[str]) -> bool:
    """Whether it has words that are no names: small letters outside of keys and digests."""
    if text in alike():
        return False
    known = keys | set(options("predictor")) | set(elections())
    words = re.findall(
        r"\b[a-z]{3,}\b", " ".join(w for w in text.split() if w not in known and "_" not in w)
    )
    return len(words) > 0


def _texts(report: Report) -> Iterator[tuple[str, str]]:
    """Everything that people read, by place."""
    for name in ("title", "kicker", "source"):
        yield name, getattr(report, name)
    for number, finding in enumerate(report.findings):
        yield f"finding {number}", finding
    for number, (label, value) in enumerate(report.counts):
        yield f"count {number}", label
        yield f"value {number}", value
    for section in (*report.tables, *report.page_sections):
        yield from _of_section(section)
    for name, chart in report.charts.items():
        yield f"chart {name} caption", chart.caption
        for key, label in chart.columns.items():
            yield f"chart {name} {key}", label
    for moment in report.timeline:
        for number, finding in enumerate(moment.findings):
            yield f"{moment.date} finding {number}", finding


def _of_section(section: Any) -> Iterator[tuple[str, str]]:
    if isinstance(section, Table):
        yield from _of_table(section)
    elif isinstance(section, FigureSection):
        yield f"{section.name} reading", section.reading
        yield f"{section.name} heading", section.heading
    elif isinstance(section, Sentences):
        for number, line in enumerate((section.heading, section.nav, *section.lines)):
            yield f"{section.name} {number}", line


def _of_table(table: Table) -> Iterator[tuple[str, str]]:
    yield f"{table.name} title", table.title
    yield f"{table.name} heading", table.heading
    yield f"{table.name} nav", table.nav
    with_notes = [note for _value, notes in table.notes_with for note in notes]
    for number, note in enumerate((*table.notes, *with_notes)):
        yield f"{table.name} note {number}", note
    for block in table.blocks:
        yield f"{table.name} block {block.key}", block.heading
    for place, column in enumerate(table.columns):
        yield f"{table.name} label {column.key}", column.label
        yield f"{table.name} meaning {column.key}", column.meaning
        if not column.numeric and column.key not in FREE:
            for number, row in enumerate(table.rows):
                yield f"{table.name} {column.key} {number}", row.cells[place].text
