"""How templates of words are read: their filters, and what they refuse."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bench.core.language import listed
from bench.report.formatting import FILTERS, refuse_unrounded

if TYPE_CHECKING:
    from jinja2 import Environment

SHARED = Path(__file__).parent


@cache
def environment(*folders: Path) -> Environment:
    """Where templates of these folders are read, with the filters.

    Templates test facts and write numbers by filters: ``n(2)`` fixed decimals, ``pct(1)`` a
    fraction in percent, ``sig(3)`` significant digits, ``chance`` a probability, ``form("2pp")``
    any form of `bench.report.formatting.format_value`, ``day`` a date, ``listing`` names in a row
    of words, ``label("predictor")`` what a key is called, ``quoted("predictor")`` the same of one
    or many in quotation marks, ``count("poll", "polls")`` a number with its noun, ``points`` one
    with that of percentage points. A number without a filter is refused, as is an unknown name.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    jinja = Environment(
        loader=FileSystemLoader(folders),
        undefined=StrictUndefined,
        finalize=refuse_unrounded,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.filters |= {**FILTERS, "listing": listing}
    return jinja


def listing(names: Sequence[str], max_names: int = 0) -> str:
    """Names in a row of words; those beyond `max_names`, where given, as a number."""
    return listed([str(name) for name in names], max_names)
