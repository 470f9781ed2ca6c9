"""Pages and tables in HTML: templates, style and scripts in this folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bench.core.language import _
from bench.report.text import Text

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).parent


@cache
def environment() -> Environment:
    """The templates of this folder; whatever is not marked as trusted is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    templates = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # style and script are files of this package, not data
    templates.globals["packaged"] = lambda name: Markup((FOLDER / name).read_text(encoding="utf-8"))
    templates.filters["trusted"] = Markup
    templates.globals |= {"_": _, "shared": Text()}
    return templates
