"""Pages and tables in HTML: templates, style and scripts in this folder."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bench.core.language import LANGUAGE, SEMICOLON, SOURCE, typeset

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).parent
Chrome = Mapping[str, Mapping[str, str]]


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
    templates.globals["semicolon"] = lambda: SEMICOLON[LANGUAGE.get()]
    return templates


@cache
def chrome(language: str) -> Chrome:
    """What every page says around its content, by the place where it stands and by name.

    Examples
    --------
    >>> chrome("fr")["page"]["contents"]
    'Sommaire'
    """
    import yaml

    places = yaml.safe_load((FOLDER / "words.yaml").read_text(encoding="utf-8"))
    texts: dict[str, dict[str, str]] = {}
    for place, words in places.items():
        texts[place] = {name: text.get(language, text[SOURCE]) for name, text in words.items()}
        if language == "fr":
            texts[place] = {name: typeset(text) for name, text in texts[place].items()}
    return texts
