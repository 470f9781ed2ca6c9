"""A static site: a first page made of the tables of its runs, and the page of each run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from bench.audit.preregistration import WHAT_WALLS
from bench.core.compose import compose
from bench.core.errors import BenchError, ConfigError
from bench.core.language import LANGUAGES, current_language, use_language
from bench.core.moments import NOW
from bench.core.options import fact, files, label, labels, options
from bench.core.read import MAX_BYTES_OF_YAML, read_text
from bench.core.write import write_text
from bench.report.html import chrome, environment
from bench.report.html.page import SiteLinks, inline_svg, on_dark_paper
from bench.report.macros import RUN_WORDS
from bench.report.plotting.layout import render
from bench.report.report import NARROW, FigureSection, Report, Section, Sentences
from bench.report.run_folder import REVIEWED, published_settings, reviewed_results, runs_by_time
from bench.report.silence import Notice, notices_of
from bench.report.tables import Block, Table
from bench.site.front import FRONT, facts_of
from bench.studies.run import Run, load_run

MARK = ".election-bench-site"
FEATURED = ("2027_r1", "track_record", "2017_r1", "report_2018", "2022_r1")
UNCOUNTED = frozenset({"execution", "language"})  # settings that change no number
Menu = Sequence[tuple[str, str]]
ROWS, COLUMNS = 6, 4  # of a table on the index
LONG = 80  # letters of a cell for which the index has no room


def build_site(results: Path, out: Path, *, languages: Sequence[str] = tuple(LANGUAGES)) -> Path:
    """Write the site into a folder of its own, which is emptied first.

    Parameters
    ----------
    results : Path
        Where runs lie, and reviewed results in the folder `reference` there. Of each experiment
        the latest run with its own settings is shown, else the reviewed result, else the latest
        run; each is labelled as what it is.
    out : Path
        New, empty, or made by this function.
    languages : sequence of str
        That of ``index.html`` first; the others have an ``index.CODE.html``.

    Returns
    -------
    Path
        The index.

    Raises
    ------
    ConfigError
        If the folder holds anything else, or a run has a method that does not ship and did not
        pass the audit behind a wall.
    DataError
        If a reviewed result cannot be read.
    """
    if out.exists() and any(out.iterdir()) and not (out / MARK).exists():
        raise ConfigError(
            f"{out} holds files that are no site of ours; name a new folder: --to FOLDER"
        )
    FRONT.check()
    runs = {run.experiment.name: run for run in _runs_shown(results)}
    if out.exists():
        shutil.rmtree(out)
    write_text(out / MARK, "made by bench site; it is emptied when the site is made again\n")
    index = {code: f"index{'' if code == languages[0] else f'.{code}'}.html" for code in languages}
    for code in index:
        with use_language(code):
            _write_in(code, runs, index, out)
    return out / index[languages[0]]


def _write_in(code: str, runs: Mapping[str, Run], index: Mapping[str, str], out: Path) -> None:
    """Write the first page in a language, and the pages that are in this one.

    A page of a language that the site does not have belongs to the first.
    """
    in_language = {name: run.in_language(code) for name, run in runs.items()}
    front = FRONT.report(facts_of(in_language), {}, {})
    entries = {name: _entry(run, code, front) for name, run in in_language.items()}
    menu = _menu(front, index[code], entries)
    for name, run in in_language.items():
        if run.language == code or run.language not in index:
            _write_page(run, out / name, index, menu)
    pictured = [section.texts.get("picture", "") for section in _sections(front)]
    languages = [(index[other], other, LANGUAGES[other]) for other in index if other != code]
    values = {
        "front": front,
        "entries": entries,
        "questions": _by_question(entries),
        "pictures": {name: _picture(in_language[name]) for name in pictured if name},
        "site": SiteLinks(menu, languages, search=index[code]),
        "language": code,
        "chrome": chrome(code),
        "dark": on_dark_paper(),
    }
    write_text(out / index[code], environment().get_template("site.html").render(values))


class Entry(NamedTuple):
    """A line of the first page about a run, and what a search looks at."""

    title: str
    address: str
    language: str
    claim: str
    standing: str
    searched: str
    notices: list[Notice]


class Picture(NamedTuple):
    """An element of SVG, how to read it, and a table."""

    svg: str
    reading: str
    table: Table | None


def _runs_shown(results: Path) -> Iterator[Run]:
    """Of the experiments of the index in their order the run that stands for each."""
    folders: dict[str, list[Path]] = {}
    for folder in reversed(runs_by_time(results)):
        folders.setdefault(folder.parent.name, []).append(folder)
    reviewed = reviewed_results(results)
    unlisted = (name for name in options("experiment") if name not in FEATURED)
    for name in (*FEATURED, *unlisted):
        runs = [run for folder in folders.get(name, ()) if (run := _readable(folder, results))]
        own = [run for run in runs if not changed_settings(run.manifest)]
        if own or (runs and name not in reviewed):
            run = (own or runs)[0]
            _refuse_unaudited(run)
            yield run
        elif name in reviewed:
            yield load_run(reviewed[name], results)


def _readable(folder: Path, results: Path) -> Run | None:
    """A run with its report; None for one of another version, which has no report any more."""
    try:
        run = load_run(folder, results)
        return run if run.shown else None
    except BenchError:
        return None


def changed_settings(manifest: Mapping[str, Any]) -> set[str]:
    """The settings of a run in which it differs from its experiment.

    How and in which language it was computed counts for nothing, nor does the moment of an
    experiment that is about the present.

    Raises
    ------
    ConfigError
        If there is no such experiment.
    """
    settings = manifest["settings"]
    name = settings["name"]
    own = published_settings(compose(f"+experiment={name}"))
    ignored = UNCOUNTED | {"as_of"} if is_about_the_present(name) else UNCOUNTED
    keys = (own.keys() | settings.keys()) - ignored
    return {key for key in keys if own.get(key) != settings.get(key)}


def is_about_the_present(experiment: str) -> bool:
    """Whether an experiment is made with what is public now."""
    settings = yaml.safe_load(read_text(files("experiment")[experiment], MAX_BYTES_OF_YAML))
    return NOW in (settings.get("as_of") or ())


def _standing(run: Run) -> dict[str, Any]:
    """What the text `standing` has to know: whether a run was reviewed, and what was asked."""
    settings = run.manifest["settings"]
    is_live = is_about_the_present(settings["name"])
    made_on = None
    if run.folder is not None and run.folder.parent.name != REVIEWED:
        made_on = date.fromisoformat(run.folder.name.partition("_")[0])
    return {
        "made_on": made_on,
        "evidence_until": datetime.fromisoformat(settings["as_of"][-1]) if is_live else None,
        "changed": bool(changed_settings(run.manifest)),
    }


def _refuse_unaudited(run: Run) -> None:
    """Refuse to publish what nothing vouches for."""
    if run.left_out:
        words = ", ".join(f"{name} (assurance: {run.assurance[name]})" for name in run.left_out)
        raise ConfigError(
            f"{run.folder}: {words} cannot stand on a site; accepted: methods that ship, and others"
            f" that passed an audit behind a wall. {WHAT_WALLS.capitalize()}, and run it again "
            "with audit=true, or remove the run"
        )


def _menu(front: Report, file: str, entries: Mapping[str, Entry]) -> list[tuple[str, str]]:
    """Addresses, from the folder of the site, and words of what every page leads to."""
    words = chrome(current_language())["site"]
    menu = [(file, words["home"])]
    for section in _sections(front):
        if section.nav:
            name = _linked(section)
            menu.append((entries[name].address, section.nav))
    return [*menu, (f"{file}#all", words["all_results"])]


def _linked(section: Sentences) -> str:
    """The experiment to which a section of the first page leads."""
    return section.texts["link"].partition(" | ")[0].partition("#")[0]


def _sections(front: Report) -> list[Sentences]:
    return [section for section in front.page_sections if isinstance(section, Sentences)]


def _write_page(run: Run, folder: Path, index: Mapping[str, str], menu: Menu) -> None:
    """Write the page of a run, with what leads on from there."""
    home = index.get(run.language, next(iter(index.values())))
    others = [code for code in index if code != run.language and run.is_written_in(code)]
    site = SiteLinks(
        menu=[(f"../{address}", words) for address, words in menu],
        languages=[(f"report.{code}.html", code, LANGUAGES[code]) for code in others],
        search=f"../{home}",
    )
    write_text(folder / f"report.{run.language}.html", run.page(site, stills=False))


def _entry(run: Run, code: str, front: Report) -> Entry:
    """What the first page says of a run, in the current language."""
    name, is_translated = run.experiment.name, run.language == code
    leading = [section for section in _sections(front) if _linked(section) == name]
    headings = [f"{section.heading} {section.nav}" for section in leading]
    methods = labels("predictor", run.experiment.predictors)
    notices = notices_of(run.shown.silent_periods)
    findings = () if notices else run.findings  # a search of what is withheld would tell it
    return Entry(
        title=label("experiment", name),
        address=f"{name}/report.{run.language}.html",
        language=run.language,
        claim=run.findings[0] if is_translated else RUN_WORDS.text("only_english"),
        standing=RUN_WORDS.text("standing", **_standing(run)),
        searched=" ".join([name, run.shown.title, *headings, *findings, *methods.values()]),
        notices=notices,
    )


def _by_question(entries: Mapping[str, Entry]) -> dict[str, list[Entry]]:
    """Entries by the question that their experiments answer, in the current language."""
    questions: dict[str, list[Entry]] = {}
    for name, entry in entries.items():
        question = FRONT.text("question", words=fact("experiment", name, "question"))
        questions.setdefault(question, []).append(entry)
    return questions


def _picture(run: Run) -> Picture:
    """The first figure and the beginning of the first table of a page."""
    sections = run.shown.page_sections
    figure = next(section for section in sections if isinstance(section, FigureSection))
    drawn = render(run.figure(figure.name, NARROW))
    return Picture(inline_svg(drawn, "picture-"), figure.reading, excerpt(sections))


def excerpt(sections: Sequence[Section]) -> Table | None:
    """The beginning of the first table of a page, as far as a card has room for it."""
    for table in (section for section in sections if isinstance(section, Table)):
        rows = [row for row in table.rows if not row.hidden and not row.look]
        if rows:
            return _narrow(replace(table, blocks=(Block("", tuple(rows[:ROWS])),)).in_files)
    return None


def _narrow(table: Table) -> Table:
    """The columns that name a row, and the first of a terminal after them whose cells are short."""
    after = []
    for place, column in enumerate(table.columns):
        longest = max(len(row.cells[place].text) for row in table.rows)
        if place > table.name_at and column.in_terminal and longest <= LONG:
            after.append(place)
    naming = range(table.name_at + 1)
    return table.at([*naming, *after[: max(COLUMNS - len(naming), 1)]])
