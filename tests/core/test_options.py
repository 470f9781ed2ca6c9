"""What can be chosen is read from files, without importing it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bench.core import options, paths
from bench.core.language import use_language


@pytest.fixture
def configs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of settings, and one of a plug-in that is found and not imported."""
    ours, theirs = tmp_path / "ours", tmp_path / "plug_in" / "conf"
    written = {
        ours / "predictor" / "b.yaml": "# @package _global_\n#  label: Bé: all\n# label_fr: Bè\n"
        "# What b does: all.\n\nx: 1\n# not the head\n",
        ours / "predictor" / "of_two_words.yaml": "# label_fr: en français\nx: 1\n",
        ours / "predictor" / "in_english.yaml": "# label: polls\nx: 1\n",
        theirs / "predictor" / "b.yaml": "# label: Theirs\n",
        theirs / "predictor" / "theirs.yaml": "# label: bé:  ALL\n# From elsewhere.\nx: 1\n",
        theirs.parent / "__init__.py": "raise SystemExit('a plug-in was imported')\n",
    }
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(paths, "configs", lambda: ours)
    monkeypatch.syspath_prepend(tmp_path)
    values = ["plug_in.conf", "plug_in.nowhere", "no_such_package", "plug_in.conf", "sys"]
    given = [SimpleNamespace(value=value) for value in values]
    monkeypatch.setattr(options, "entry_points", lambda group: given)
    options.plug_in_folders.cache_clear()
    yield ours
    options.plug_in_folders.cache_clear()


def test_options_are_ours_then_those_of_plug_ins_which_take_no_name_or_label(
    configs: Path,
) -> None:
    assert options.options("predictor") == ["b", "in_english", "of_two_words", "theirs"]
    assert options.options("of_nothing") == []
    assert options.files("predictor")["b"] == configs / "predictor" / "b.yaml"
    assert "plug_in" not in sys.modules
    assert options.header("predictor", "b")[1:] == ("label_fr: Bè", "What b does: all.")
    assert options.header("predictor", "nobody") == ()
    assert options.first_comment("predictor", "theirs") == "From elsewhere."
    assert options.first_comment("predictor", "in_english") == ""
    assert options.label("predictor", "theirs") == "bé:  ALL (theirs)"
    theirs = options.files("predictor")["theirs"]
    theirs.unlink()
    os.mkfifo(theirs)
    assert options.label("predictor", "theirs") == "Theirs"
    assert options.method_of("predictor", "theirs") == "theirs"


def test_labels_are_said_in_the_language_or_in_english_or_made_of_the_key(configs: Path) -> None:
    english = {
        "b": "Bé: all",
        "of_two_words": "Of two words",
        "in_english": "polls",
        "nobody_s": "Nobody s",
    }
    names = list(english)
    french = {**english, "b": "Bè", "of_two_words": "en français"}
    assert options.labels("predictor", names) == english
    assert options.labels("predictor", names, "fr") == french
    with use_language("fr"):
        assert options.labels("predictor", names) == french
        assert options.labels("predictor", names, "en") == english


@pytest.mark.parametrize(
    ("body", "facts"),
    [
        ('"""What it does.\n\n    More."""\n    family: str = "x"', {"family": "x"}),
        ("family: str = 'a'\nclass B:\n    family: str = 'b'\nx = 1", {"family": "b"}),
        ("needs: object = frozenset({'polls'})", {"needs": frozenset({"polls"})}),
        ("needs: object = {*('polls',), 'areas'}", {"needs": frozenset({"polls", "areas"})}),
        ("needs: object = POLLS", None),
    ],
)
def test_facts_of_a_class_are_read_without_importing_it(
    tmp_path: Path, body: str, facts: Mapping[str, Any] | None
) -> None:
    path = tmp_path / "method.py"
    path.write_text(f"raise SystemExit('imported')\nclass A:\n    {body}\n", encoding="utf-8")
    found = options.class_facts(path, family="", needs=frozenset())
    empty = {"family": "", "needs": frozenset()}
    assert found == (None if facts is None else {**empty, **facts})
