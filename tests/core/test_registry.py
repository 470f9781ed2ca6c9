"""Methods are found by name, and their settings are checked against their types."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace
from typing import Literal

import pytest

from bench.core import ConfigError, Predictor
from bench.core import registry as module
from bench.core.registry import PREDICTORS, Registry, typed
from predictors.uniform import Uniform


@dataclass
class Method:
    """The class from which the methods of a made-up registry derive."""


def _installed(monkeypatch: pytest.MonkeyPatch, points: Mapping[str, EntryPoint]) -> None:
    groups = {"bench.predictors": points}
    monkeypatch.setattr(module, "plug_ins", lambda group: groups.get(group, {}))


def plug_in(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    _installed(monkeypatch, {"mine": EntryPoint("mine", value, "bench.predictors")})


def test_a_plug_in_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, "predictors.uniform:Uniform")
    assert PREDICTORS.make("mine", {}) == PREDICTORS.make("mine_too", {"method": "mine"})
    assert PREDICTORS.load("mine") is Uniform
    assert {"mine", "uniform"} <= set(PREDICTORS.names())


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("nothing.at.all:It", "plug-in predictor 'mine' .* fails while it is imported"),
        ("pathlib:Path", r"plug-in predictor 'mine' \(pathlib:Path\) defines 0 predictors"),
    ],
)
def test_a_broken_plug_in_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str, words: str
) -> None:
    plug_in(monkeypatch, value)
    with pytest.raises(ConfigError, match=words):
        PREDICTORS.load("mine")


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
    point = EntryPoint("a_plug_in", "made_up_methods.two:B", "bench.methods")
    asked = {"bench.methods": {"a_plug_in": point}}
    monkeypatch.setattr(module, "plug_ins", lambda group: asked.get(group, {}))
    return Registry(
        kind="method",
        package="made_up_methods",
        base=Method,
        config_group="way",
        group="bench.methods",
        besides=frozenset({"shared"}),
    )


def test_methods_are_the_files_of_the_package_and_plug_ins(methods: Registry[Method]) -> None:
    assert methods.names() == ["a_plug_in", "ends", "none", "one", "two"]
    assert methods.load("one").__name__ == "One"
    assert methods.load("a_plug_in").__name__ == "B"
    assert methods.kind_of("one", None) is methods.kind_of("x", {"method": "one"})
    assert type(methods.make("mine", {"method": "one"})) is methods.load("one")
    assert replace(methods, package="no_such_package").names() == ["a_plug_in"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("onne", "no method is called 'onne' (did you mean 'one'?"),
        ("shared", "no method is called 'shared' (known: "),
        ("none", "made_up_methods/none.py defines 0 methods"),
        ("two", "made_up_methods/two.py defines 2 methods"),
        ("ends", "made_up_methods/ends.py fails while it is imported: SystemExit: no licence"),
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
    of: Predictor | None = None
    nothing: None = None
    made: list[int] = field(default_factory=list)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"days": "lerned"}, "'days' of study 'x' is 'lerned'; accepted: float, or learned"),
        ({"days": True}, "'days' of study 'x' is True; accepted: float, or learned"),
        ({"n_days": 1.5}, "'n_days' of study 'x' is 1.5; accepted: int"),
        ({"n_days": 0}, "n_days of study 'x' is 0; accepted: days above 0"),
        ({"on": 1}, "on' of study 'x' is 1; accepted: bool"),
        ({"weights": [1]}, "weights' of study 'x' is [1]; accepted: keys with values"),
        ({"sources": "ifop"}, "sources' of study 'x' is 'ifop'; accepted: a list"),
        ({"least": "few"}, "least' of study 'x' is 'few'; accepted: int, or null"),
        ({"rule": "three"}, "rule' of study 'x' is 'three'; accepted: one, two"),
        ({"n_draws": -1}, "n_draws of study 'x' is -1; accepted: 0 and above"),
        ({"window_days": 0}, "window_days of study 'x' is 0; accepted: days above 0"),
        ({"window_days": float("nan")}, "window_days of study 'x' is nan; accepted: days above 0"),
        ({"nothin": 1}, "study 'x' has no setting 'nothin' (did you mean 'nothing'"),
        ({"nothing": 1}, "setting 'nothing' of study 'x' is 1; accepted: null"),
        ({"made": {}}, "setting 'made' of study 'x' is {}; accepted: a list"),
        ({"of": {"method": "dressed"}}, "predictor 'dressed' lacks the setting 'of'"),
        ({"of": {"method": "unifrom"}}, "no predictor is called 'unifrom' (did you mean"),
        ({"of": {"n": 1}}, "no predictor is called ''"),
        ({"of": {"method": "uniform", "n": 1}}, "predictor 'uniform' has no setting 'n'"),
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


def test_the_methods_of_settings_are_found_at_any_depth() -> None:
    inner = {"method": "b", "of": {"method": "c"}, "plain": {"x": 1}}
    assert module.methods_in("a", {"of": inner, "also": {"method": "d"}}) == ["a", "b", "c", "d"]
    assert module.methods_in("a", None) == ["a"]
    assert module.methods_in("a", {"method": "b"}) == ["b"]


def test_a_process_of_its_own_loads_what_it_was_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module._Now, "points", None)
    module.load_all_here({"mine": EntryPoint("mine", "predictors.uniform:Uniform", "any")})
    assert PREDICTORS.load("mine") is Uniform
    assert list(PREDICTORS.points()) == ["mine"]


def test_what_ships_lies_beside_the_bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert not module.is_shipped("__main__")
    points = {
        "theirs": EntryPoint("theirs", "elsewhere:Uniform", "bench.predictors"),
        "same": EntryPoint("same", "predictors.uniform:Uniform", "bench.predictors"),
        "inside": EntryPoint("inside", "elsewhere.uniform:Uniform", "bench.predictors"),
    }
    _installed(monkeypatch, points)
    assert [module.is_shipped(name) for name in points] == [False, True, False]
    (tmp_path / "uniform.py").touch()
    monkeypatch.setattr(module, "predictor_file", lambda name: tmp_path / f"{name}.py")
    assert not module.is_shipped("same")


def test_a_plug_in_takes_no_name_of_ours(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    points = {name: EntryPoint(name, "elsewhere:It", "any") for name in ("uniform", "theirs")}
    _installed(monkeypatch, points)
    assert list(PREDICTORS.points()) == ["theirs"]
    assert PREDICTORS.load("uniform") is Uniform
    assert module.is_shipped("uniform")
    assert "'uniform' of an installed package (elsewhere:It) is left out" in caplog.text


def test_what_does_not_ship_is_made_where_the_runner_says(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[object, ...]] = []
    remote = SimpleNamespace(
        kind=lambda *given: calls.append(given) or Uniform,
        made=lambda *given: calls.append(given) or Uniform(),
    )
    monkeypatch.setattr(module._Now, "remote", remote)
    _installed(monkeypatch, {"mine": EntryPoint("mine", "pathlib:Path", "bench.predictors")})
    assert PREDICTORS.load("mine") is Uniform
    settings = {"method": "dressed", "of": {"method": "mine"}}
    assert PREDICTORS.make("inner", settings) == Uniform()
    assert PREDICTORS.make("mine", {}) == Uniform()
    assert PREDICTORS.make("uniform", {}) == Uniform()
    assert PREDICTORS.load("uniform") is Uniform
    assert calls == [("mine",), ("inner", settings), ("mine", {})]
    monkeypatch.setattr(module._Now, "remote", None)
    with pytest.raises(ConfigError, match="runs in a process of its own"):
        PREDICTORS.load("mine")
