"""What a run hands over to be shown, and everything that is written from it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.core.language import _
from bench.core.write import write_files
from bench.report.charts import Chart, Moment
from bench.report.plotting.layout import KINDS, Rendered, render
from bench.report.tables import Table, table_files

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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
    """

    name: str
    reading: str = ""
    heading: str = ""


@dataclass(frozen=True, kw_only=True)
class Sentences:
    """A section of a page with a list of sentences."""

    name: str
    heading: str
    lines: tuple[str, ...]
    nav: str = ""


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
    figures : mapping of str to function
        By name, a function of the size preset; a figure's caption states n, dates and
        uncertainty.
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
    charts : mapping of str to Chart
        By the name of a figure, what the page draws in its place.
    timeline : tuple of Moment
        Between which charts, tables and findings can be moved, earliest first; empty for one.
    """

    title: str
    findings: tuple[str, ...]
    tables: tuple[Table, ...]
    figures: Mapping[str, Callable[[str], Figure]] = field(default_factory=dict)
    source: str = ""
    kicker: str = ""
    counts: tuple[tuple[str, str], ...] = ()
    sections: tuple[Section, ...] = ()
    reading: Mapping[str, str] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)
    charts: Mapping[str, Chart] = field(default_factory=dict)
    timeline: tuple[Moment, ...] = ()

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
        one = self.page_sections[0] if self.page_sections else None
        return one.name if isinstance(one, FigureSection) else ""

    def beginning_with(self, first: Mapping[str, str]) -> Report:
        """The same, with the figure first that tells the story.

        Parameters
        ----------
        first : mapping of str to str
            Figures, each with how to read it; the first that the report has is taken.
        """
        sections = self.page_sections
        found = {one.name: one for one in sections if isinstance(one, FigureSection)}
        for name, reading in first.items():
            if name in found:
                one = found[name]
                begin = replace(one, reading=one.reading or _(reading))
                rest = [other for other in sections if other is not one]
                return replace(self, sections=(begin, *rest))
        return self


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """One figure in every size in which a run shows it.

    Attributes
    ----------
    name : str
        Of the figure and of its files.
    sizes : mapping of str to Rendered
        By size preset.
    """

    name: str
    sizes: Mapping[str, Rendered]

    @property
    def files(self) -> dict[str, bytes]:
        """Files by name: those of the usual size have no size in their name."""
        return {
            f"{self.name if size == USUAL else f'{self.name}_{size}'}.{kind}": content
            for size, one in self.sizes.items()
            if len(one.files) > 1
            for kind, content in one.files.items()
        }


def draw_figures(
    figures: Mapping[str, Callable[[str], Figure]],
    sizes: Sequence[str] = (),
    charted: Collection[str] = (),
    kinds: Sequence[str] = KINDS,
) -> list[Drawing]:
    """Draw every figure once, and again in the sizes that are asked for.

    Those that lead the page are drawn for narrow screens too; there the others can be moved
    sideways, as tables can.

    Parameters
    ----------
    figures : mapping of str to function
        By name, a function of the size preset.
    sizes : sequence of str
        Presets that get files of their own, ``NAME_slide.pdf``; ``"double"`` always has files.
    charted : collection of str
        Figures in whose place the page draws a chart, on screens of any width.
    kinds : sequence of str
        Which files; a page needs ``"svg"`` alone.
    """
    files_of = dict.fromkeys((USUAL, *sizes), kinds)
    return [
        Drawing(
            name=name,
            sizes={
                size: render(draw(size), files)
                for size, files in (
                    {NARROW: ("svg",), **files_of}
                    if number < LEADING and name not in charted
                    else files_of
                ).items()
            },
        )
        for number, (name, draw) in enumerate(figures.items())
    ]


def write_report(
    folder: Path,
    report: Report,
    manifest: Mapping[str, Any],
    cite: str,
    sizes: Sequence[str] = (),
) -> Path:
    """Write every table in four formats, every figure in three, and the page.

    Parameters
    ----------
    folder
        Of the run: `tables/`, `figures/` and `report.html` are written.
    report
        What the study hands over.
    manifest
        Of the run.
    cite
        How to cite it.
    sizes
        Size presets in which figures are written besides ``"double"``, such as ``"slide"``.
    """
    from bench.report.html.page import page_text

    drawings = draw_figures(report.figures, sizes, report.charts)
    files: dict[str, bytes | str] = {
        f"tables/{name}": text for name, text in table_files(*report.tables).items()
    }
    for drawing in drawings:
        files |= {f"figures/{name}": content for name, content in drawing.files.items()}
    files["report.html"] = page_text(report, drawings, manifest, cite)
    return write_files(folder, files)[-1]
