"""Methods are found by name, and their settings are checked against their types."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace
from typing import Literal

import pytest

from bench.core import ConfigError
from bench.core import registry as module
from bench.core.registry import PREDICTORS, Registry, typed
from predictors.uniform import Uniform


@dataclass
class Method:
    """The class from which the methods of a made-up registry derive."""


def _installed(monkeypatch: pytest.MonkeyPatch, brought: Mapping[str, str]) -> None:
    points = {name: EntryPoint(name, value, "any") for name, value in brought.items()}
    monkeypatch.setattr(module, "plug_ins", lambda group: points)


@pytest.fixture
def methods(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry[Method]:
    """A registry of a package with a method, and files that hold none or fail."""
    derived = "from tests.core.test_registry import Method\n"
    sources = {
        "__init__": "",
        "one": f"{derived}class One(Method): ...\n",
        "two": f"{derived}class A(Method): ...\nclass B(Method): ...\n",
        "none": "X = 1\n",
        "ends": "raise SystemExit('no licence')\n",
        "shared": "",
    }
    for name, source in sources.items():
        path = tmp_path / "made_up_methods" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(source)
        monkeypatch.delitem(sys.modules, f"made_up_methods.{name}", raising=False)
    monkeypatch.delitem(sys.modules, "made_up_methods", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    brought = {
        "theirs": "made_up_methods.two:B",
        "one": "pathlib:Path",
        "gone": "nothing.at.all:It",
        "another": "pathlib:Path",
    }
    _installed(monkeypatch, brought)
    return Registry(
        kind="method",
        package="made_up_methods",
        base=Method,
        config_group="way",
        group="methods",
        besides=frozenset({"shared"}),
    )


def test_methods_are_the_files_of_the_package_and_plug_ins_that_take_no_name_of_ours(
    methods: Registry[Method], caplog: pytest.LogCaptureFixture
) -> None:
    assert methods.names() == ["another", "ends", "gone", "none", "one", "theirs", "two"]
    assert methods.load("one").__name__ == "One"
    assert "'one' of an installed package (pathlib:Path) is left out" in caplog.text
    assert methods.load("theirs").__name__ == "B"
    assert type(methods.make("mine", {"method": "one"})) is methods.load("one")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("onne", "no method is called 'onne' (did you mean 'one'?"),
        ("shared", "no method is called 'shared' (known: "),
        ("none", "made_up_methods/none.py defines 0 methods"),
        ("two", "made_up_methods/two.py defines 2 methods"),
        ("ends", "made_up_methods/ends.py fails while it is imported: SystemExit: no licence"),
        ("gone", "the plug-in method 'gone' (nothing.at.all:It) fails while it is imported"),
        ("another", "the plug-in method 'another' (pathlib:Path) defines 0 methods"),
    ],
)
def test_what_is_no_method_is_refused(methods: Registry[Method], name: str, words: str) -> None:
    with pytest.raises(ConfigError, match=f"^{re.escape(words)}"):
        methods.load(name)


@dataclass(frozen=True, kw_only=True)
class Limits:
    n_draws: int = field(default=5, metadata={"least": 0})
    window_days: float = 1.0
    days: float | Literal["learned"] = 7.0
    n_days: int = 1
    on: bool = False
    weights: Mapping[str, float] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    least: int | None = None
    rule: Literal["one", "two"] = "one"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"days": "lerned"}, "'days' of study 'x' is 'lerned'; accepted: float, or learned"),
        ({"n_days": 1.5}, "'n_days' of study 'x' is 1.5; accepted: int"),
        ({"n_days": 0}, "n_days of study 'x' is 0; accepted: days above 0"),
        ({"on": 1}, "on' of study 'x' is 1; accepted: bool"),
        ({"weights": [1]}, "weights' of study 'x' is [1]; accepted: keys with values"),
        ({"sources": "ifop"}, "sources' of study 'x' is 'ifop'; accepted: a list"),
        ({"least": "few"}, "least' of study 'x' is 'few'; accepted: int, or null"),
        ({"rule": "three"}, "rule' of study 'x' is 'three'; accepted: one, two"),
        ({"n_draws": -1}, "n_draws of study 'x' is -1; accepted: 0 and above"),
        ({"window_days": float("nan")}, "window_days of study 'x' is nan; accepted: days above 0"),
        ({"rul": 1}, "study 'x' has no setting 'rul' (did you mean 'rule'"),
    ],
)
def test_a_setting_of_another_type_or_beyond_its_limit_is_refused(
    settings: dict[str, object], words: str
) -> None:
    with pytest.raises(ConfigError, match=re.escape(words)):
        typed(Limits, settings, "study 'x'", "x.yaml")


@dataclass
class Drawing:
    n_draws: int = 1


def test_draws_are_one_at_least_unless_the_method_says_otherwise() -> None:
    with pytest.raises(ConfigError, match="n_draws of study 'x' is 0; accepted: 1 and above"):
        typed(Drawing, {"n_draws": 0}, "study 'x'", "x.yaml")


def test_what_ships_lies_beside_the_bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _installed(monkeypatch, {"same": "predictors.uniform:Uniform"})
    assert [module.is_shipped(name) for name in ("uniform", "same", "__main__")] == [True, 0, 0]
    (tmp_path / "uniform.py").touch()
    monkeypatch.setattr(module, "predictor_file", lambda name: tmp_path / f"{name}.py")
    assert not module.is_shipped("uniform")


def test_what_does_not_ship_is_made_where_the_runner_says(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[object, ...]] = []
    remote = SimpleNamespace(
        kind=lambda *arguments: calls.append(arguments) or Uniform,
        make=lambda *arguments: calls.append(arguments) or Uniform(),
    )
    monkeypatch.setattr(module._Sources, "remote", remote)
    _installed(monkeypatch, {"mine": "pathlib:Path"})
    settings = {"method": "mine"}
    assert PREDICTORS.load("mine") is PREDICTORS.load("uniform") is Uniform
    assert PREDICTORS.make("row", settings) == PREDICTORS.make("uniform", {}) == Uniform()
    assert calls == [("mine",), ("row", settings)]
