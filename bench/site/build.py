"""Writes the site: a folder of pages that works offline, in every language."""

from __future__ import annotations

import gzip
import posixpath
import re
import shutil
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.core.errors import ConfigError
from bench.core.language import N_, SOURCE
from bench.core.options import label, labels
from bench.core.write import write_text
from bench.report.charts import Chart
from bench.report.html.page import (
    library,
    on_dark_paper,
    packed_charts,
    safe_json,
    with_shared_library,
)
from bench.site import charts, content
from bench.site.words import NAMES, Language, languages_spoken

if TYPE_CHECKING:
    from jinja2 import Environment

MARK = ".election-bench-site"
FILES = "files"
REPORT = "report.{}.html"
MAIN = "main-chart"
FEATURED = ("2027_r1", "2017_r1", "track_record", "2022_r1")
KINDS = {
    "experiments": N_("Experiments"),
    "elections": N_("Elections"),
    "methods": N_("Methods"),
    "families": N_("Families"),
    "data": N_("Data"),
}


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of the site.

    Attributes
    ----------
    path : str
        Folder below the language, ``""`` for the first page, ``"methods/last_poll"``.
    title : str
    template : str
        Which template makes it.
    values : mapping
        What the template reads.
    words : str
        What the search finds it by, beside its title.
    picture : str
        Of the folder of files; shown where the page is shared.
    charts : mapping of str to Chart
        That the page draws, by the name of their place.
    """

    path: str
    title: str
    template: str
    values: dict[str, Any] = field(default_factory=dict)
    words: str = ""
    picture: str = ""
    charts: Mapping[str, Chart] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The part of the site: ``"methods"``; empty for the first page."""
        return self.path.partition("/")[0]


def build_site(
    results: Path, out: Path, *, languages: tuple[str, ...] = tuple(NAMES), address: str = ""
) -> Path:
    """Write the site into a folder of its own, which is emptied first.

    Parameters
    ----------
    results : Path
        Where runs lie; an experiment without one is shown by its reference results.
    out : Path
        New, empty, or made by this function.
    languages : tuple of str
        The first one lies at the top, the others in folders of their code.
    address : str
        Where the site will stand, for pages that are shared; relative if empty.

    Returns
    -------
    Path
        The first page.

    Raises
    ------
    ConfigError
        If the folder holds anything else, or the extra ``site`` is not installed.
    """
    speak = languages_spoken()
    if out.exists() and any(out.iterdir()) and not (out / MARK).exists():
        raise ConfigError(
            f"{out} holds files that are no site of ours; name a new folder: --to FOLDER"
        )
    shown = content.experiments(results)
    _copied_anew(out, shown, languages)
    for code in languages:
        language = speak(code)
        pages = list(pages_of(shown, language))
        for page in pages:
            top = "" if code == languages[0] else f"{code}/"
            _write(out, top, page, language, languages, address)
        index = [[page.title, page.path, KINDS.get(page.kind, ""), page.words] for page in pages]
        script = f"window.PAGES={safe_json({'pages': index})}.pages;\n"
        write_text(out / f"pages.{code}.js", script)
    return out / "index.html"


def _copied_anew(out: Path, shown: list[content.Shown], languages: tuple[str, ...]) -> None:
    """Empty the folder; put style, script, pictures, tables and all reports there."""
    if out.exists():
        shutil.rmtree(out)
    own = files("bench.site").joinpath("templates")
    style = files("bench.report.html").joinpath("page.css").read_text(encoding="utf-8")
    write_text(out / MARK, "made by bench site; it is emptied when the site is made again\n")
    own_style = own.joinpath("site.css").read_text(encoding="utf-8")
    write_text(out / "site.css", f"{style}{on_dark_paper()}\n{own_style}")
    write_text(out / "site.js", own.joinpath("site.js").read_text(encoding="utf-8"))
    write_text(out / "vega.js", gzip.decompress(library()).decode("utf-8"))
    drawing = files("bench.report.html").joinpath("charts.js").read_text(encoding="utf-8")
    write_text(out / "charts.js", drawing)
    for one in shown:
        folder = out / FILES / one.name
        folder.mkdir(parents=True)
        for path in (*one.pictures, *one.tables):
            shutil.copyfile(path, folder / path.name)
        if drawn := one.chart(Language(code=SOURCE), most=10):
            (folder / content.CHART).write_bytes(charts.picture(drawn))
        if one.run is None:
            continue
        for code in languages:
            written = one.run.folder / "report.html" if one.run.folder else None
            if written and written.is_file() and code == one.run.experiment.language:
                text = written.read_text(encoding="utf-8")
            else:
                text = one.runs[code].page()
            write_text(folder / REPORT.format(code), with_shared_library(text, "../../vega.js"))


def pages_of(shown: list[content.Shown], language: Language) -> Iterator[Page]:
    """Every page of the site in one language."""
    by_name = {one.name: one for one in shown}
    order = [name for name in FEATURED if name in by_name]
    rest = [name for name in by_name if name not in order]
    order += sorted(rest, key=lambda name: not by_name[name].picture)
    gallery = [by_name[name] for name in order]
    names = labels("experiment", order, language.code)
    yield Page(
        path="",
        title=language("What foresees an election?"),
        template="index.html",
        values={"gallery": gallery, "names": names},
        picture=f"{gallery[0].name}/{gallery[0].picture}" if gallery else "",
    )
    for one in gallery:
        chart = one.chart(language)
        yield Page(
            path=f"experiments/{one.name}",
            title=names[one.name],
            template="experiment.html",
            values={
                "one": one,
                "report": REPORT.format(language.code) if one.run else "",
            },
            words=f"{one.name} {one.about}",
            picture=f"{one.name}/{one.picture}" if one.picture else "",
            charts={MAIN: chart} if chart else {},
        )
    yield from _elections(shown, language)
    yield from _methods(shown, language)
    yield from _documents(language)
    for kind, heading in KINDS.items():
        yield Page(path=kind, title=language(heading), template="list.html", values={"kind": kind})


def _elections(shown: list[content.Shown], language: Language) -> Iterator[Page]:
    for name, election in content.elections().items():
        about = [one.name for one in shown if name in one.elections]
        rounds = content.votes(election)
        drawn = {
            f"polls-{one['number']}": chart
            for one in rounds
            if (chart := charts.polls_over_time(election, one["number"], language))
        }
        yield Page(
            path=f"elections/{name}",
            title=language.election(election.title),
            template="election.html",
            values={
                "rounds": rounds,
                "experiments": labels("experiment", about, language.code),
                "name": name,
            },
            words=" ".join([name, *(who for one in rounds for who, _ in one["rows"])]),
            charts=drawn,
        )


def _methods(shown: list[content.Shown], language: Language) -> Iterator[Page]:
    for name, facts in content.methods().items():
        record = content.record_of(name, shown)
        asked = [row["experiment"] for row in record]
        yield Page(
            path=f"methods/{name}",
            title=label("predictor", name, language.code),
            template="method.html",
            values={
                "name": name,
                "facts": facts,
                "family": language(facts["family"]),
                "record": record,
                "names": labels("experiment", asked, language.code),
            },
            words=f"{name} {facts['family']} {facts['about']}",
        )


def _documents(language: Language) -> Iterator[Page]:
    families = content.family_pages()
    for stem, text in families.items():
        title, body = _title_of(_relinked(text, families))
        yield Page(
            path=f"families/{stem}", title=title, template="document.html", values={"text": body}
        )
    for name, card in content.cards().items():
        title, body = _title_of(card)
        yield Page(
            path=f"data/{name}",
            title=title,
            template="document.html",
            values={"text": body, "licence": content.licence_of(card)},
            words=name,
        )


def _relinked(text: str, pages: Container[str]) -> str:
    """A page of the documentation whose links lead to pages of the site, or are plain words.

    Examples
    --------
    >>> _relinked("[apps](apps.md#what), [all](../metrics.md), [web](https://x.org)", {"apps"})
    '[apps](../apps/index.html#what), all, [web](https://x.org)'
    """

    def relinked(found: re.Match[str]) -> str:
        words, target, part = found[1], found[2], found[3] or ""
        return f"[{words}](../{target}/index.html{part})" if target in pages else words

    return re.sub(r"\[([^\]]+)\]\((?!https?:)([^)#]*?)(?:\.md)?(#[^)]*)?\)", relinked, text)


def _title_of(text: str) -> tuple[str, str]:
    """The first heading of a page in Markdown, and the rest."""
    head, _, body = text.strip().partition("\n")
    return head.removeprefix("# ").strip(), body


def _write(
    out: Path,
    top: str,
    page: Page,
    language: Language,
    languages: tuple[str, ...],
    address: str,
) -> None:
    place = f"{top}{page.path}".strip("/")

    def link(path: str) -> str:
        """A relative link to a page of this language; folders end with their index."""
        return _relative(f"{top}{path}/index.html", place)

    def to_file(path: str) -> str:
        return _relative(path, place)

    others = {
        code: _relative(
            f"{'' if code == languages[0] else code + '/'}{page.path}/index.html", place
        )
        for code in languages
    }
    shared = f"{FILES}/{page.picture}" if page.picture else ""
    text = (
        _environment()
        .get_template(page.template)
        .render(
            **page.values,
            page=page,
            _=language,
            language=language,
            others=others,
            languages=NAMES,
            link=link,
            to_file=to_file,
            picture=posixpath.join(address, shared) if address and shared else "",
            kinds=KINDS,
            source=SOURCE,
            data=packed_charts(page.charts) if page.charts else "",
            columns={name: list(one.columns.values()) for name, one in page.charts.items()},
        )
    )
    write_text(out / place / "index.html", text)


def _relative(path: str, place: str) -> str:
    """A path of the site as seen from a page in a folder of it.

    Examples
    --------
    >>> _relative("methods/last_poll/index.html", "fr/methods/uniform")
    '../../../methods/last_poll/index.html'
    >>> _relative("/index.html", "")
    'index.html'
    """
    return posixpath.relpath(path.strip("/") or ".", place or ".")


def _scrolling(html: str) -> str:
    """A document whose tables and listings can be moved sideways, by keyboard too.

    Examples
    --------
    >>> _scrolling("<pre>a</pre>")
    '<pre tabindex="0">a</pre>'
    """
    numbers = count(1)

    def opened(table: re.Match[str]) -> str:
        words = f'tabindex="0" role="region" aria-label="Table {next(numbers)}"'
        return f'<div class="scroll" {words}>{table[0]}'

    html = re.sub("<table>", opened, html).replace("</table>", "</table></div>")
    return html.replace("<pre>", '<pre tabindex="0">')


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markdown_it import MarkdownIt
    from markupsafe import Markup

    folder = files("bench.site").joinpath("templates")
    shared = files("bench.report.html")  # of reports, which draw charts too

    def load(name: str) -> str:
        path = folder.joinpath(name)
        path = path if path.is_file() else shared.joinpath(name)
        return path.read_text(encoding="utf-8")

    environment = Environment(
        loader=FunctionLoader(load),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # raw HTML in a card or a page stays text
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    environment.filters["markdown"] = lambda text: Markup(_scrolling(reader.render(text)))
    environment.filters["json"] = lambda value: Markup(safe_json(value))
    return environment
