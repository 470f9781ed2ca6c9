"""Languages: the catalogue is whole, its sentences have the fields of the English ones."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from bench.core import ConfigError
from bench.core.language import Message, _, check_language, in_form, ngettext, speaking, spoken
from bench.report.formatting import day, format_fixed, format_probability, number_in
from bench.studies import study_names
from tools.catalogue import FRENCH, Id, forms_of, messages


@pytest.fixture(scope="module")
def catalogue() -> dict[Id, tuple[str, ...]]:
    with FRENCH.open("rb") as file:
        known = [one for one in read_po(file, locale="fr") if one.id]
    assert not [one.id for one in known if one.fuzzy]
    return {one.id: forms_of(one) for one in known}


def test_every_message_is_said_in_french_and_nothing_else(
    catalogue: dict[Id, tuple[str, ...]],
) -> None:
    said = {text for text, forms in catalogue.items() if all(forms)}
    assert said == set(messages()), "run: python -m tools.catalogue, and translate what is empty"


def test_a_translation_has_the_fields_of_its_message(
    catalogue: dict[Id, tuple[str, ...]],
) -> None:
    def fields(text: str) -> set[tuple[str | None, str | None]]:
        return {(name, form) for _text, name, form, _conversion in Formatter().parse(text) if name}

    for text, forms in catalogue.items():
        for english, french in zip((text,) if isinstance(text, str) else text, forms, strict=True):
            assert fields(french) == fields(english), french


def test_sentences_numbers_and_days_take_the_form_of_the_language() -> None:
    with speaking("fr"):
        assert _("{n} more", n=3) == "3 autres"
        assert ngettext("{n:,} vote", "{n:,} votes", 0) == "0 scrutin"
        assert ngettext("{n:,} vote", "{n:,} votes", 51400) == "51\u202f400 scrutins"
        assert _("“{name}”", name=["a", "b"]) == "«\u00a0a et b\u00a0»"
        assert (in_form("1,234.5"), in_form("−0.5%")) == ("1\u202f234,5", "−0,5\u202f%")
        assert (format_fixed(1234.5, 1), format_probability(0.004)) == ("1\u202f234,5", "<1\u202f%")
        assert number_in("1\u202f234,5 (0,9–1,5)") == 1234.5
        assert day(date(2017, 4, 23)) == "23 avril 2017"
        assert day(date(2017, 5, 1)) == "1er mai 2017"
        with speaking("en"):
            assert day(date(2017, 5, 1)) == "1 May 2017"
    assert spoken() == "en"


def test_a_message_is_english_until_it_is_told() -> None:
    with speaking("fr"):
        inner = Message("{n} votes", n=1200)
        kept = Message("{votes} in {elections}", votes=inner, elections=Message("1 election"))
        assert kept == "1200 votes in 1 election"
        back = Message.of(json.loads(json.dumps(kept.to_json())))
        assert back.told() == kept.told() == "1200 scrutins dans 1 élection"
        assert Message.of("as an earlier version kept it").told() == "as an earlier version kept it"


def test_a_language_that_nobody_speaks_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"the language is 'de' \(known: en, fr\)"):
        check_language("de")


def test_every_study_is_held_to_a_whole_french_report() -> None:
    root = Path(__file__).parents[1] / "studies"
    for name in study_names():
        found = [*(root / name).glob("*.py"), root / f"test_{name}.py"]
        texts = [path.read_text(encoding="utf-8") for path in found if path.is_file()]
        assert any("reported_in_both(" in text for text in texts), name
