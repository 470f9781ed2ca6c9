"""Methods are found by name, and their settings are checked against their types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint
from typing import Literal

import pytest

from bench.core import ConfigError
from bench.core import registry as module
from bench.core.registry import PREDICTORS, typed
from predictors.uniform import Uniform


@dataclass(frozen=True)
class Settings:
    days: float | Literal["learned"] = 7.0
    n_draws: int = 1
    on: bool = False
    weights: Mapping[str, float] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    least: int | None = None
    rule: Literal["one", "two"] = "one"


def make(**settings: object) -> Settings:
    return typed(Settings, settings, "study 'x'", "x.yaml")


@pytest.mark.parametrize(
    ("setting", "value", "accepted"),
    [
        ("days", "lerned", "float, or learned"),
        ("days", True, "float, or learned"),
        ("n_draws", 1.5, "int"),
        ("n_draws", 0, "1 and above"),
        ("on", 1, "bool"),
        ("weights", [1], "keys with values"),
        ("sources", "ifop", "a list"),
        ("least", "few", "int, or null"),
        ("rule", "three", "one, two"),
    ],
)
def test_a_setting_of_another_type_is_refused(setting: str, value: object, accepted: str) -> None:
    with pytest.raises(ConfigError, match=f"{setting}.* of study 'x' is .*; accepted: {accepted}$"):
        make(**{setting: value})


def test_an_unknown_setting_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"study 'x' has no setting 'source'.*'sources'"):
        make(source=[])


def test_plain_values_become_those_of_the_type() -> None:
    found = make(days=3, n_draws=2, weights={"a": 1.0}, sources=["a", "b"], least=None, rule="two")
    assert found == Settings(3.0, 2, False, {"a": 1.0}, ("a", "b"), None, "two")
    assert isinstance(found.days, float)
    assert make(days="learned").days == "learned"


def plug_in(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    point = EntryPoint("mine", value, "bench.predictors")
    monkeypatch.setattr(module, "plug_ins", lambda group: {"mine": point})


def test_a_plug_in_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, "predictors.uniform:Uniform")
    assert PREDICTORS.make("mine", {}) == PREDICTORS.make("mine_too", {"method": "mine"})
    assert PREDICTORS.load("mine") is Uniform
    assert {"mine", "uniform"} <= set(PREDICTORS.names())


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("nothing.at.all:It", "plug-in predictor 'mine' .* fails while it is imported"),
        ("pathlib:Path", "defines 0 predictors; accepted: exactly one class that derives from"),
    ],
)
def test_a_broken_plug_in_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str, message: str
) -> None:
    plug_in(monkeypatch, value)
    with pytest.raises(ConfigError, match=message):
        PREDICTORS.load("mine")


def test_an_unknown_predictor_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"did you mean 'uniform'.*predictors/unifrom.py"):
        PREDICTORS.load("unifrom")
