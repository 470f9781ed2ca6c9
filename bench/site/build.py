"""Writes the site: a folder of pages that works offline, in every language."""

from __future__ import annotations

import gzip
import posixpath
import re
import shutil
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.core.errors import ConfigError
from bench.core.language import LANGUAGES, N_, SOURCE, _, in_form, speaking, spoken
from bench.core.options import label, labels
from bench.core.write import write_text
from bench.report.charts import Chart, packed_charts
from bench.report.context import election_title
from bench.report.formatting import day, format_fixed, format_value, short_months
from bench.report.html.page import (
    FOLDER,
    environment,
    library,
    on_dark_paper,
    safe_json,
    with_shared_library,
)
from bench.site import charts, content

if TYPE_CHECKING:
    from jinja2 import Environment

MARK = ".election-bench-site"
LIBRARIES = ("markdown_it", "vl_convert")
TEMPLATES = Path(__file__).parent / "templates"
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
    results: Path, out: Path, *, languages: tuple[str, ...] = tuple(LANGUAGES), address: str = ""
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
    if missing := [name for name in LIBRARIES if find_spec(name) is None]:
        raise ConfigError(
            f"the site needs {' and '.join(missing)}, which are not installed; install the extra: "
            "pip install 'election-bench[site]'"
        )
    if out.exists() and any(out.iterdir()) and not (out / MARK).exists():
        raise ConfigError(
            f"{out} holds files that are no site of ours; name a new folder: --to FOLDER"
        )
    shown = content.experiments(results)
    _copied_anew(out, shown, languages)
    for code in languages:
        with speaking(code):
            pages = list(pages_of(shown))
            for page in pages:
                _write(out, page, languages, address)
        index = [[page.title, page.path, KINDS.get(page.kind, ""), page.words] for page in pages]
        script = f"window.PAGES={safe_json({'pages': index})}.pages;\n"
        write_text(out / f"pages.{code}.js", script)
    return out / "index.html"


def _copied_anew(out: Path, shown: list[content.Shown], languages: tuple[str, ...]) -> None:
    """Empty the folder; put style, script, pictures, tables and all reports there."""
    if out.exists():
        shutil.rmtree(out)
    write_text(out / MARK, "made by bench site; it is emptied when the site is made again\n")
    for source in (TEMPLATES / "site.js", FOLDER / "charts.js"):
        shutil.copyfile(source, out / source.name)
    styles = [path.read_text("utf-8") for path in (FOLDER / "page.css", TEMPLATES / "site.css")]
    write_text(out / "site.css", f"{styles[0]}{on_dark_paper()}\n{styles[1]}")
    write_text(out / "vega.js", gzip.decompress(library()).decode("utf-8"))
    for one in shown:
        folder = out / FILES / one.name
        folder.mkdir(parents=True)
        for path in (*one.pictures, *one.tables):
            shutil.copyfile(path, folder / path.name)
        with speaking(SOURCE):
            drawn = one.chart(most=10)
        if drawn:
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


def pages_of(shown: list[content.Shown]) -> Iterator[Page]:
    """Every page of the site, in the language that is spoken."""
    by_name = {one.name: one for one in shown}
    order = [name for name in FEATURED if name in by_name]
    rest = [name for name in by_name if name not in order]
    order += sorted(rest, key=lambda name: not by_name[name].picture)
    gallery = [by_name[name] for name in order]
    names = labels("experiment", order)
    yield Page(
        path="",
        title=_("What foresees an election?"),
        template="index.html",
        values={"gallery": gallery, "names": names},
        picture=f"{gallery[0].name}/{gallery[0].picture}" if gallery else "",
    )
    for one in gallery:
        chart = one.chart()
        yield Page(
            path=f"experiments/{one.name}",
            title=names[one.name],
            template="experiment.html",
            values={"one": one, "report": REPORT.format(spoken()) if one.run else ""},
            words=f"{one.name} {one.about}",
            picture=f"{one.name}/{one.picture}" if one.picture else "",
            charts={MAIN: chart} if chart else {},
        )
    yield from _elections(shown)
    yield from _methods(shown)
    yield from _documents()
    for kind, heading in KINDS.items():
        yield Page(path=kind, title=_(heading), template="list.html", values={"kind": kind})


def _elections(shown: list[content.Shown]) -> Iterator[Page]:
    for name, election in content.elections().items():
        about = [one.name for one in shown if name in one.elections]
        rounds = content.votes(election)
        drawn = {
            f"polls-{one['number']}": chart
            for one in rounds
            if (chart := charts.polls_over_time(election, one["number"]))
        }
        yield Page(
            path=f"elections/{name}",
            title=election_title(election.title),
            template="election.html",
            values={
                "rounds": rounds,
                "experiments": labels("experiment", about),
                "name": name,
            },
            words=" ".join([name, *(who for one in rounds for who, _share in one["rows"])]),
            charts=drawn,
        )


def _methods(shown: list[content.Shown]) -> Iterator[Page]:
    for name, facts in content.methods().items():
        record = content.record_of(name, shown)
        asked = [row["experiment"] for row in record]
        yield Page(
            path=f"methods/{name}",
            title=label("predictor", name),
            template="method.html",
            values={
                "name": name,
                "facts": facts,
                "family": _(facts["family"]),
                "record": record,
                "names": labels("experiment", asked),
            },
            words=f"{name} {facts['family']} {facts['about']}",
        )


def _documents() -> Iterator[Page]:
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


def _write(out: Path, page: Page, languages: tuple[str, ...], address: str) -> None:
    """Write a page in the language that is spoken."""
    tops = {code: "" if code == languages[0] else f"{code}/" for code in languages}
    top = tops[spoken()]
    place = f"{top}{page.path}".strip("/")

    def to_file(path: str) -> str:
        return _relative(path, place)

    def link(path: str) -> str:
        """A relative link to a page of this language; folders end with their index."""
        return to_file(f"{top}{path}/index.html")

    shared = f"{FILES}/{page.picture}" if page.picture else ""
    text = (
        _templates()
        .get_template(page.template)
        .render(
            **page.values,
            page=page,
            language=spoken(),
            others={code: to_file(f"{one}{page.path}/index.html") for code, one in tops.items()},
            link=link,
            to_file=to_file,
            picture=posixpath.join(address, shared) if address and shared else "",
            data=packed_charts(page.charts) if page.charts else "",
            columns={name: list(one.columns.values()) for name, one in page.charts.items()},
            months=",".join(short_months()),
            decimal=in_form("0.5")[1],
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
def _templates() -> Environment:
    """The templates of the site, and those of reports, which draw charts too."""
    from markdown_it import MarkdownIt
    from markupsafe import Markup

    found = environment(TEMPLATES)
    # raw HTML in a card or a page stays text
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    found.globals |= {"kinds": KINDS, "source": SOURCE, "languages": LANGUAGES}
    found.filters["markdown"] = lambda text: Markup(_scrolling(reader.render(text)))
    found.filters |= {"day": day, "fixed": format_fixed, "form": format_value}
    return found
