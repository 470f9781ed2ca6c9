"""Languages: the catalogue is whole, its sentences have the fields of the English ones."""

from __future__ import annotations

from datetime import date
from string import Formatter

import pytest

from bench.core import ConfigError, language
from bench.core.language import _, check_language, current_language, use_language
from bench.report.formatting import (
    day,
    format_fixed,
    format_probability,
    format_value,
    in_form,
    numbers_in,
    points,
)
from tools.catalogue import messages, translations


def test_every_message_is_said_in_french_and_nothing_else() -> None:
    said = {text for text, french in translations().items() if french}
    assert said == set(messages()), "run: python -m tools.catalogue, and translate what is empty"


def test_a_translation_has_the_fields_of_its_message() -> None:
    def fields(text: str) -> set[tuple[str | None, str | None]]:
        return {(name, form) for _text, name, form, _conversion in Formatter().parse(text) if name}

    for english, french in translations().items():
        assert fields(french) == fields(english), french


def test_sentences_numbers_and_days_take_the_form_of_the_language() -> None:
    with use_language("fr"):
        assert (in_form("1,234.5"), in_form("−0.5%")) == ("1\u202f234,5", "−0,5\u202f%")
        assert (format_fixed(1234.5, 1), format_probability(0.004)) == ("1\u202f234,5", "<1\u202f%")
        assert numbers_in(["1\u202f234,5 (0,9–1,5)"], "fr") == [1234.5]
        assert format_value(0.1234, "1%") == "12,3\u202f%"
        assert day(date(2017, 4, 23)) == "23 avril 2017"
        assert day(date(2017, 5, 1)) == "1er mai 2017"
        assert language.listed(list("abc")) == "a, b et c"
        assert language.listed(list("abc"), 1) == "a et 2 autres"
        assert points(1.26) == "1,3 point"
        assert language.typeset("« a » : 9 % ?") == "«\u00a0a\u00a0»\u00a0: 9\u202f%\u202f?"
        with use_language("en"):
            assert day(date(2017, 5, 1)) == "1 May 2017"
            assert language.listed(list("abc")) == "a, b and c"
            assert points(1.26) == "1.3 points"
    assert current_language() == "en"


def test_english_is_said_as_it_is_written() -> None:
    assert _("a {brace} and 90%") == "a {brace} and 90%"  # no values: nothing is filled in
    assert _("") == ""
    with use_language("fr"):
        assert _("") == ""
        assert _("no such sentence {n}", n=1) == "no such sentence 1"
    assert _("{x:.1f} {y} {z}", x=-0.5, y="a-b", z=-3) == "−0.5 a-b −3"
    assert _("{x:.1f} and {y:>3}", x=[-1, 2.5], y=("a",)) == "−1.0 and 2.5 and   a"
    assert language.N_("as it is") == "as it is"


def test_a_language_that_nobody_speaks_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"the language is 'de' \(known: en, fr\)"):
        check_language("de")
