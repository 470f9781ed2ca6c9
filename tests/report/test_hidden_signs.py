"""Signs that hide or turn a line, and signs that no font has, on the way to people."""

from __future__ import annotations

import io
import unicodedata

import pandas as pd

from bench.core.read import visible
from bench.core.settings import Experiment
from bench.report.html.page import page_text
from bench.report.report import Report
from bench.report.tables import TEX_KEPT, Table, latex_text, table, table_files
from bench.report.terminal import print_report

ESCAPE, TURN, NARROW, FIRE = "\x1b]0;owned\x07", "\u202e", "\u200b", "\N{FIRE}"
NAME = f"Ana {ESCAPE}Ro{TURN}we{NARROW} {FIRE}"


def hostile() -> Table:
    rows = pd.DataFrame({"candidate": ["ana", "bo"], "share": [0.52, 0.48]})
    names = {"ana": NAME, "bo": "Björn Åse"}
    return table("errors", rows, title=f"Errors of {NAME}", names=names, notes=(NAME,))


def test_what_latex_cannot_set_is_replaced() -> None:
    for sign, written in (
        *(("\x1b", "(U+001B)"), ("\u202e", "(U+202E)"), ("\ud800", "(U+D800)")),
        *(("\u200b", ""), ("\u2028", " "), ("\xa0", "~"), ("\N{FIRE}", "(U+1F525)")),
        *(("ł", "ł"), ("Я", "Я"), ("€", "€"), ("[", "{[}"), ("*", "{*}")),
    ):
        assert latex_text(f"a{sign}b") == f"a{written}b"
    assert latex_text("a\u0301b") == "áb"


def test_latex_gets_no_sign_but_letters_and_those_it_knows() -> None:
    signs = [*range(0x3000), *range(0xD800, 0xFFFF, 7), *range(0x1F000, 0x1FAFF)]
    known = set(TEX_KEPT)
    for number in signs:
        for sign in latex_text(f"x{chr(number)}x"):
            plain = " " <= sign <= "~" or sign in known
            assert plain or unicodedata.category(sign)[0] in "LM", hex(number)


def test_no_file_of_a_table_holds_a_hidden_sign() -> None:
    files = table_files(hostile())
    for name in ("errors.md", "errors.tex", "errors.html"):
        assert visible(files[name]) == files[name], name
        assert "Bj" in files[name]
    assert r"\x1b]0;owned\x07" in files["errors.html"]
    assert "(U+001B){]}0;owned" in files["errors.tex"] or "(U+001B)]0;owned" in files["errors.tex"]


def test_no_terminal_is_told_what_to_do() -> None:
    said = io.StringIO()
    report = Report(
        title=f"Run of {NAME}", findings=(f"{NAME} came closest.",), tables=(hostile(),)
    )
    print_report(report, file=said)
    assert visible(said.getvalue()) == said.getvalue()
    assert r"\x1b]0;owned\x07" in said.getvalue()


def test_no_page_holds_a_hidden_sign() -> None:
    report = Report(
        title=f"Run of {NAME}", findings=(f"{NAME} came closest.",), tables=(hostile(),)
    )
    page = page_text(report, [], {"title": NAME}, "")
    assert visible(page) == page
    assert "Björn Åse" in page


def test_a_title_is_without_signs_that_nobody_sees() -> None:
    assert Experiment(title=f"x{ESCAPE}{TURN}\xa0y{NARROW}").title == "x ]0;owned  y"
