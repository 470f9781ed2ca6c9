"""Signs that hide or turn a line, and signs that no font has, on the way to people."""

from __future__ import annotations

import io
import unicodedata
import warnings

import pandas as pd
import pytest

from bench.core.read import visible
from bench.core.settings import Experiment
from bench.report.html.page import page_text
from bench.report.plotting import layout
from bench.report.report import Report
from bench.report.tables import TEX_ESCAPES, TEX_KEPT, Table, latex_text, table, table_files
from bench.report.terminal import print_report

ESCAPE, TURN, NARROW, FIRE = "\x1b]0;owned\x07", "\u202e", "\u200b", "\N{FIRE}"
NAME = f"Ana {ESCAPE}Ro{TURN}we{NARROW} {FIRE}"


def hostile() -> Table:
    rows = pd.DataFrame({"candidate": ["ana", "bo"], "share": [0.52, 0.48]})
    names = {"ana": NAME, "bo": "Björn Åse"}
    return table("errors", rows, title=f"Errors of {NAME}", names=names, notes=(NAME,))


CLASSES = {
    "control": ("\x1b", "(U+001B)"),
    "control of the second set": ("\x9b", "(U+009B)"),
    "turns the line": ("\u202e", "(U+202E)"),
    "isolates": ("\u2066", "(U+2066)"),
    "half a letter": ("\ud800", "(U+D800)"),
    "no width": ("\u200b", ""),
    "joins": ("\u200d", ""),
    "soft hyphen": ("\xad", ""),
    "byte order mark": ("\ufeff", ""),
    "separates lines": ("\u2028", " "),
    "no-break space": ("\xa0", "~"),
    "emoji": ("\N{FIRE}", "(U+1F525)"),
    "private": ("\ue000", "(U+E000)"),
    "nobody's": ("\u0378", "(U+0378)"),
    "accent of its own": ("\u0301", "á"),
    "letter of Latin": ("ł", "ł"),
    "letter of another script": ("Я", "Я"),
    "punctuation": ("“", "“"),
    "currency": ("€", "€"),
    "optional argument": ("[", "{[}"),
    "star": ("*", "{*}"),
}


@pytest.mark.parametrize("kind", CLASSES)
def test_what_latex_cannot_set_is_replaced(kind: str) -> None:
    sign, written = CLASSES[kind]
    expected = "áb" if kind == "accent of its own" else f"a{written}b"
    assert latex_text(f"a{sign}b") == expected


def test_latex_gets_no_sign_but_letters_and_those_it_knows() -> None:
    signs = [*range(0x3000), *range(0xD800, 0xFFFF, 7), *range(0x1F000, 0x1FAFF)]
    known = set(TEX_KEPT)
    for number in signs:
        for sign in latex_text(f"x{chr(number)}x"):
            plain = " " <= sign <= "~" or sign in known
            assert plain or unicodedata.category(sign)[0] in "LM", hex(number)


def test_every_sign_that_latex_acts_upon_has_an_escape() -> None:
    assert set("\\~^#$%&_{}") <= set(TEX_ESCAPES)


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


def test_emoji_are_drawn_as_boxes_without_a_word() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = _drawn(size="double")
        files = layout.render(figure, ("svg",)).files
    assert FIRE.encode() in files["svg"]


@layout.styled
def _drawn(*, size: str) -> object:
    figure, axes, _ = layout.sheet(size, 1.0, title=f"Errors of {FIRE}", caption=f"Of {FIRE}.")
    axes[0, 0].set_xlabel(FIRE)
    return figure
