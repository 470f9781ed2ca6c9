"""One self-contained HTML file from the parts of a page: this file holds `write_page`."""

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.core.write import write_text
from bench.report.html.blocks import Page, texts_of
from bench.report.html.svg import dark_colours, shared_paths

if TYPE_CHECKING:
    from jinja2 import Environment


def write_page(path: Path, page: Page) -> Path:
    """Write a page as one HTML file that needs no network.

    Parameters
    ----------
    path
        Target, by custom ``report.html``.
    page
        Of a backtest (`bench.studies.backtest.page`) or of a study (`bench.report.report`).
    """
    return write_text(path, page_text(page))


def page_text(page: Page) -> str:
    """Text of the page; the same parts, the same bytes."""
    manifest = json.dumps(page.manifest, indent=2, ensure_ascii=False, default=str)
    values = {
        "page": page,
        "contents": texts_of(page.parts),
        "data": safe_json(page.data),
        "manifest": manifest if page.manifest else "",
        "dark": dark_colours(),
    }
    return shared_paths(_environment().get_template("page.html").render(values))


def _environment() -> "Environment":
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    room = files("bench.report.html")

    def load(name: str) -> str:
        return room.joinpath(name).read_text(encoding="utf-8")

    environment = Environment(
        loader=FunctionLoader(load), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    # style and script are files of this package, not data
    environment.globals["packaged"] = lambda name: Markup(load(name))
    environment.filters["trusted"] = Markup
    return environment


def safe_json(data: Mapping[str, Any] | str) -> str:
    """JSON that cannot end the script element it stands in.

    Examples
    --------
    >>> safe_json("</script>")
    '"\\\\u003c/script\\\\u003e"'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
