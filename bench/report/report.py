"""What a run hands over to be shown, and everything that is written from it."""

from __future__ import annotations

import hashlib
import pickle
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.core.language import current_language
from bench.core.write import write_files
from bench.data.country import SilentPeriod
from bench.data.readers import sha256
from bench.report.charts import Chart, Moment
from bench.report.figure import DrawnBy, Figure
from bench.report.plotting.layout import Rendered, above_and_below, render
from bench.report.tables import Table, table_files
from bench.runner.cache import Cache, code_sum, key_of, pages_sum
from bench.runner.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

LEADING = 2  # figures with which a page begins
USUAL, NARROW = "double", "single"  # sizes of a page on a desk and on a telephone


@dataclass(frozen=True)
class FigureSection:
    """A section of a page with the figure of this name.

    Attributes
    ----------
    name : str
        Of the figure.
    reading : str
        How to read it, in two sentences.
    heading : str
        Of the section; the first clause of the figure's title where empty.
    nav : str
        In the list of contents; the heading where empty.
    """

    name: str
    reading: str = ""
    heading: str = ""
    nav: str = ""


@dataclass(frozen=True, kw_only=True)
class Sentences:
    """A section of a page with a list of sentences; `texts` are its words, by name."""

    name: str
    heading: str
    lines: tuple[str, ...]
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def nav(self) -> str:
        """What it is called in the list of contents; empty without such a word."""
        return self.texts.get("nav", "")


Section = Table | FigureSection | Sentences


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a run found; terminal, files and page are made of it alone.

    Attributes
    ----------
    title : str
        Heading of the page.
    findings : tuple of str
        What was found, in sentences with their uncertainty.
    tables : tuple of Table
        From `bench.report.tables.table`, the most important first; each is written in four formats.
    warnings : tuple of str
        Findings that no screen leaves out: doubts about the data, what kept methods from it.
    figures : mapping of str to Figure
        By name; one that no description can hold is a function of the size preset. A figure's
        caption states n, dates and uncertainty.
    source : str
        One line that names the sources of evidence and outcome.
    kicker : str
        Small line above the heading.
    counts : tuple of (str, str)
        Label and value of what was asked: dates, replicates, elections.
    sections : tuple of Section
        What stands on the page, in order. A table of `tables` that is left out here is on file
        only; one that is only here is on the page only. If empty: a figure, a table, then the
        other figures and tables.
    reading : mapping of str to str
        How to read each figure of the usual order, in two sentences, by its name.
    headings : mapping of str to str
        Of the sections of figures in the usual order, by name; the first clause of a figure's
        title where one is missing.
    maps : mapping of str to Chart
        By the name of a figure, what the page draws in its place where no description says it.
    timeline : tuple of Moment
        Between which charts, tables and findings can be moved, earliest, or smallest dose, first;
        empty for one.
    silent_periods : tuple of SilentPeriod
        When a law forbids to publish what it shows of votes.
    """

    title: str
    findings: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    warnings: tuple[str, ...] = ()
    figures: Mapping[str, Figure | Callable[[str], Drawing]] = field(default_factory=dict)
    source: str = ""
    kicker: str = ""
    counts: tuple[tuple[str, str], ...] = ()
    sections: tuple[Section, ...] = ()
    reading: Mapping[str, str] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)
    maps: Mapping[str, Chart] = field(default_factory=dict)
    timeline: tuple[Moment, ...] = ()
    silent_periods: tuple[SilentPeriod, ...] = ()

    @property
    def printed(self) -> tuple[Table, ...]:
        """The tables of a terminal: those marked so, or else the first that is not barred."""
        marked = tuple(table for table in self.tables if table.terminal)
        return marked or tuple(table for table in self.tables if table.terminal is None)[:1]

    @cached_property
    def charts(self) -> Mapping[str, Chart]:
        """By the name of a figure, what the page draws in its place."""
        from bench.report.vega import chart_of

        described = {
            name: chart_of(figure)
            for name, figure in self.figures.items()
            if isinstance(figure, Figure) and figure.columns
        }
        return {**described, **self.maps}

    @property
    def page_sections(self) -> tuple[Section, ...]:
        """`sections`, or the usual order."""
        if self.sections:
            return self.sections
        figures = [
            FigureSection(name, self.reading.get(name, ""), self.headings.get(name, ""))
            for name in self.figures
        ]
        return (*figures[:1], *self.tables[:1], *figures[1:], *self.tables[1:])

    @property
    def first(self) -> str:
        """The figure with which the page begins; empty if it begins with something else."""
        section = self.page_sections[0] if self.page_sections else None
        return section.name if isinstance(section, FigureSection) else ""

    def beginning_with(self, first: Mapping[str, str]) -> Report:
        """The same, with the figure first that tells the story.

        Parameters
        ----------
        first : mapping of str to str
            Figures, each with how to read it; the first that the report has is taken.
        """
        sections = self.page_sections
        figure_sections = {
            section.name: section for section in sections if isinstance(section, FigureSection)
        }
        for name, reading in first.items():
            if name in figure_sections:
                leading = figure_sections[name]
                begin = replace(leading, reading=leading.reading or reading)
                rest = [section for section in sections if section is not leading]
                return replace(self, sections=(begin, *rest))
        return self

    def claiming(self, rest: Report) -> Report:
        """The same with the claims of another: its findings, by date too, and titles of figures.

        Parameters
        ----------
        rest : Report
            Of some rows of this one; where it says nothing, its first finding stands.
        """
        findings_then = {moment.as_of: moment.findings for moment in rest.timeline}
        timeline = [
            replace(moment, findings=findings_then.get(moment.as_of, rest.findings[:1]))
            for moment in self.timeline
        ]
        figures = {
            name: _claiming(figure, rest.figures.get(name), rest.title)
            for name, figure in self.figures.items()
        }
        return replace(self, findings=rest.findings, figures=figures, timeline=tuple(timeline))


AnyFigure = Figure | Callable[[str], "Drawing"]


def _claiming(figure: AnyFigure, claiming: AnyFigure | None, otherwise: str) -> AnyFigure:
    """A figure with the title and the claim of another; with a title of no claim without one."""
    if isinstance(figure, Figure):
        if isinstance(claiming, Figure):
            return replace(figure, title=claiming.title, claim=claiming.claim)
        return replace(figure, title=otherwise, claim="")
    if isinstance(figure, DrawnBy) and "claim" in figure.settings:
        claim = claiming.settings["claim"] if isinstance(claiming, DrawnBy) else otherwise
        return replace(figure, settings={**figure.settings, "claim": claim})
    return figure


Drawings = dict[str, dict[str, Rendered]]
"""By name of a figure and size preset, in the order of the report."""


def draw_figures(
    report: Report,
    sizes: Sequence[str] = (),
    kinds: Sequence[str] = (),
    *,
    on_file: bool = True,
    stills: bool = True,
    store: Path | None = None,
) -> Drawings:
    """Draw every figure of a report once, and again in the sizes that are asked for.

    Those that lead the page, and have no chart there, are drawn for narrow screens too; there the
    others can be moved sideways, as tables can.

    Parameters
    ----------
    report : Report
    sizes : sequence of str
        Presets beside ``"double"``.
    kinds : sequence of str
        Files of every figure beside its SVG: ``"pdf"``, ``"png"``.
    on_file : bool
        Whether the figure with which the page begins is a PNG too.
    stills : bool
        Whether figures in whose place a page has a chart are drawn too, for readers without
        scripts; if not, they have words and no files.
    store : Path, optional
        Cache of drawings, by the description of the figure and the sums of all code.
    """
    drawings: Drawings = {}
    for number, (name, draw) in enumerate(report.figures.items()):
        if not stills and name in report.charts and isinstance(draw, Figure):
            title, caption = above_and_below(draw.title, draw.caption, draw.claim)
            words = Rendered(title=title, caption=caption, box=(0, 0, 0, 0), files={})
            drawings[name] = {USUAL: words}
            continue
        is_first = on_file and name == (report.first or next(iter(report.figures)))
        files = dict.fromkeys(("svg", *kinds, *(["png"] if is_first else [])))
        kinds_by_size = dict.fromkeys((USUAL, *sizes), tuple(files))
        if number < LEADING and name not in report.charts:
            kinds_by_size.setdefault(NARROW, ("svg",))
        drawings[name] = {
            size: _drawn(draw, size, files, store) for size, files in kinds_by_size.items()
        }
    return drawings


def _drawn(
    draw: Callable[[str], Drawing], size: str, kinds: Sequence[str], store: Path | None
) -> Rendered:
    """A figure as files, from the cache where the same description was drawn before."""
    described = _bytes_of((draw, size, tuple(kinds), current_language()))
    if store is None or not described or not isinstance(draw, Figure | DrawnBy):
        return render(draw(size), kinds)
    file_sums = [sha256(file) for file in draw.files] if isinstance(draw, DrawnBy) else []
    code = [code_sum(), pages_sum(), version("matplotlib")]
    sums = [hashlib.sha256(described).hexdigest(), *file_sums, *code]
    cache, key = Cache(store), key_of({"drawing": sums})
    cached = cache.get(key)
    if cached is None:
        rendered = render(draw(size), kinds)
        texts = {kind: b64encode(content).decode() for kind, content in rendered.files.items()}
        cache.put(key, Results(facts={**vars(rendered), "files": texts}))
        return rendered
    files = {kind: b64decode(text) for kind, text in cached.facts["files"].items()}
    return Rendered(**{**cached.facts, "box": tuple(cached.facts["box"]), "files": files})


def _bytes_of(described: object) -> bytes:
    """Equal bytes are the same description; none where it holds code without a name."""
    try:
        return pickle.dumps(described)
    except (pickle.PicklingError, AttributeError, TypeError):
        return b""


def write_report(
    folder: Path,
    report: Report,
    manifest: Mapping[str, Any],
    cite: str,
    sizes: Sequence[str] = (),
    kinds: Sequence[str] = (),
    store: Path | None = None,
) -> Path:
    """Write every table in four formats, every figure, how to cite the run, and the page.

    Parameters
    ----------
    folder
        Of the run: `tables/`, `figures/`, `cite.bib` and `report.html` are written.
    report
        What the study hands over.
    manifest
        Of the run.
    cite
        How to cite it.
    sizes
        Size presets of figures besides ``"double"``, in files such as ``NAME_slide.svg``.
    kinds, store
        As of `draw_figures`.
    """
    from bench.report.html.page import page_text

    drawings = draw_figures(report, sizes, kinds, store=store)
    sentence, _, bibtex = cite.partition("\n\n")
    files: dict[str, bytes | str] = {
        f"tables/{name}": f"% {sentence}\n{text}" if name.endswith(".tex") else text
        for name, text in table_files(*report.tables).items()
    }
    for name, drawn in drawings.items():
        for size in dict.fromkeys((USUAL, *sizes)):
            stem = name if size == USUAL else f"{name}_{size}"
            files |= {
                f"figures/{stem}.{kind}": content for kind, content in drawn[size].files.items()
            }
    if bibtex:
        files["cite.bib"] = f"{bibtex}\n"
    files["report.html"] = page_text(report, drawings, manifest, cite)
    return write_files(folder, files)[-1]
