"""Languages: numbers, days and lists take their form, and an unknown language is refused."""

from __future__ import annotations

from datetime import date

import pytest

from bench.core import ConfigError, language
from bench.core.language import check_language, current_language, use_language
from bench.report.columns import numbers_in
from bench.report.formatting import (
    day,
    format_fixed,
    format_probability,
    format_value,
    in_form,
    points,
)


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


def test_a_language_that_nobody_speaks_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"the language is 'de' \(known: en, fr\)"):
        check_language("de")
