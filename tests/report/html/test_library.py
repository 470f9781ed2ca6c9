"""The library that draws charts is what the tool makes of vl-convert, and fits into a page."""

from __future__ import annotations

import gzip

import pytest

from bench.report.html.page import library
from tools.chart_library import bundle


def test_the_library_can_stand_in_a_page() -> None:
    text = gzip.decompress(library()).decode("utf-8")
    assert text.startswith("/*! Vega ")
    assert "</script" not in text
    assert "window.vegaEmbed=" in text


@pytest.mark.golden
def test_the_library_is_what_the_tool_makes() -> None:
    assert gzip.decompress(bundle()) == gzip.decompress(library())
