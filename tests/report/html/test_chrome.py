"""What every page says around its content: the words that it asks for, in both languages."""

from __future__ import annotations

import re
from string import Formatter

import yaml

from bench.report.html import FOLDER, chrome

USED = re.compile(r"chrome\.(\w+)\.(\w+)")


def test_the_templates_use_the_words_that_there_are() -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.html"))]
    used = {match for text in texts for match in USED.findall(text)}
    used |= {("page", "claim"), ("site", "all_results"), ("site", "home")}  # asked for by Python
    script = (FOLDER / "page.js").read_text(encoding="utf-8")
    for call in re.findall(r"say\((.*?)[,)]", script.replace("dark()", "")):
        used |= {("script", name) for name in re.findall(r'"(\w+)"', call)}
    assert used == {(place, name) for place, words in chrome("en").items() for name in words}


def test_every_word_stands_in_both_languages_with_the_same_fields() -> None:
    def fields(text: str) -> set[str]:
        return {name for _text, name, _form, _conversion in Formatter().parse(text) if name}

    places = yaml.safe_load((FOLDER / "words.yaml").read_text(encoding="utf-8"))
    for words in places.values():
        for text in words.values():
            assert set(text) == {"en", "fr"}
            assert fields(text["fr"]) == fields(text["en"])
