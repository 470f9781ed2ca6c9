"""Words that Python asks for: every name that it asks for is a macro, with these values."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import bench
from bench.core.errors import DataError
from bench.report.document import SHARED_WORDS, Document, Source
from bench.report.macros import RUN_WORDS, VOTE_WORDS, Macros

ROOT = Path(inspect.getfile(bench)).parent


def modules() -> Iterator[ModuleType]:
    """Every module of the bench that asks a document for words."""
    for path in sorted(ROOT.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if ".text(" in text or ".lines(" in text:
            yield importlib.import_module(
                ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
            )


def calls(module: ModuleType) -> Iterator[tuple[Document, ast.Call]]:
    """Calls that ask a document of a module for the words of a macro."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner = node.func.value
        words = getattr(module, owner.id, None) if isinstance(owner, ast.Name) else None
        if isinstance(words, Macros):
            words = Document(words.folder, object, name=words.name)
        if isinstance(words, Document) and node.func.attr in ("text", "lines"):
            yield words, node


@cache
def own_macros(document: Document) -> dict[str, set[str]]:
    """Parameters of the macros that a document defines itself."""
    file = Source.read(document, "en").files[document.macros.path("en")]
    return {macro.name: {argument.name for argument in macro.args} for macro in file.nodes["Macro"]}


def test_every_macro_that_python_asks_for_exists_and_takes_these_values() -> None:
    n_calls = 0
    for module in modules():
        for document, call in calls(module):
            name = call.args[0]
            if not isinstance(name, ast.Constant):
                continue
            macros = own_macros(document)
            place = f"{module.__file__}, line {call.lineno}"
            assert name.value in macros, place
            values = {keyword.arg for keyword in call.keywords if keyword.arg is not None}
            assert values <= macros[name.value], place
            n_calls += 1
    assert n_calls > 50


@pytest.mark.parametrize("document", SHARED_WORDS, ids=lambda document: document.name)
def test_words_that_all_pages_share_stand_in_both_languages(document: Document) -> None:
    document.check()
    assert document.languages == ["en", "fr"]


def test_a_macro_that_is_not_there_is_refused_with_the_file_and_one_that_is_alike() -> None:
    with pytest.raises(DataError, match=r"run_words\.en\.md: the macro is 'doubts' .*'doubt'"):
        RUN_WORDS.text("doubts")


def test_a_macro_may_end_within_a_sentence() -> None:
    values = {"n": 4, "by_rule": 1, "questions": 4}
    assert VOTE_WORDS.text("polls_public", **values).endswith(
        "4 polls were public; the publication of 25% of them is dated by rule, not by their source."
    )
