"""The registry of metrics: one decorated function each, found by itself, described by itself."""

from __future__ import annotations

import importlib
import inspect
import math
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from bench.core.errors import ConfigError, did_you_mean
from bench.core.registry import plug_ins

Level = Literal["candidate", "summary", "event", "area"]
Direction = Literal["lower", "higher", "zero", "level", "uniform", "none"]
Unit = Literal["fraction", "log odds", "probability", "squared probability", "nats", "none"]
Function = TypeVar("Function", bound=Callable[..., Any])

PACKAGE = "bench.metrics"
PLUG_INS = "bench.metrics"  # entry points: a module whose import registers metrics
LEVELS: tuple[Level, ...] = ("candidate", "summary", "event", "area")
INPUTS = {
    "share": "point forecast [..., C], fractions that sum to 1 on the ballot",
    "outcome": "official result [..., C], fractions that sum to 1 on the ballot",
    "draws": "all draws, [..., S, C]",
    "joint_draws": "the first 1,000 draws, [..., S, C], for scores that compare all pairs of draws",
    "n_draws": "number of draws S; 0 where chances are stated and not counted",
    "n_advance": "how many candidates get through",
    "chance_elected": "probability of every candidate to win the office in the end, [..., C]",
    "chance_first": "probability of every candidate to come first, [..., C]",
    "chance_qualify": "probability of every candidate to get through, [..., C]",
    "chance_majority": "probability of every candidate to have a majority, [..., C]",
    "drawn_elected": "whether each draw elects the candidate, [..., C, S]",
    "drawn_first": "whether each draw has the candidate first, [..., C, S]",
    "drawn_qualify": "whether the candidate gets through in each draw, [..., C, S]",
    "drawn_majority": "whether each draw gives the candidate a majority, [..., C, S]",
    "elected": "1 for who won the office in the end, [..., C]",
    "came_first": "1 for who came first, [..., C]",
    "qualified": "1 for those who got through, [..., C]",
    "had_majority": "1 for who had more than half of the valid votes, [..., C]",
    "area_share": "forecast shares of every area, [U, C]",
    "area_outcome": "official shares of every area, [U, C]",
    "area_votes": "valid votes of every area, [U]",
}


_REGISTERED: dict[str, Metric] = {}


def _undecorated(*arguments: object) -> object:
    raise TypeError("a metric is computed by the function that it decorates")


@dataclass(frozen=True)
class Metric:
    """A metric: what is computed, and what people must know to read it; a decorator of functions.

    The function takes arrays with any leading dimensions, checks them, and returns one value per
    candidate (levels ``candidate`` and ``area``) or one per ballot. Its docstring has a formula,
    indented, and a section References. It is registered and returned unchanged.

    Attributes
    ----------
    name : str
        Its value of the column `metric`.
    label, label_fr : str
        For people, in English and French; English where the French is missing.
    unit : str
        ``"fraction"`` is of the valid votes: reports show it in points.
    range : (float, float)
        Least and greatest value.
    direction : str
        Which way is better: ``"lower"``, ``"higher"``, ``"zero"`` (signed), ``"level"`` (best at
        `best` on average), ``"uniform"`` (evenly spread), ``"none"`` (describes, does not rate).
    level : str
        ``"candidate"`` (a value per candidate and ballot), ``"summary"`` (one per ballot),
        ``"event"`` (one per vote, on the full ballot), ``"area"`` (per candidate, from its areas).
    best : float
        Where ``"level"`` is best; NaN otherwise.
    inputs : mapping
        Input by parameter, where the two names differ.
    options : mapping
        Arguments of the function that are settings.
    point : callable, optional
        What is taken for a forecast without draws; its parameters are names of `INPUTS`.
    positive : bool
        Whether it exists only where every share, forecast and official, is above 0.
    each_area : bool
        Whether it is also stored for every area.
    of_order : bool
        Whether it reads no more of a point forecast than who is before whom: what is scored of a
        forecast that claims no shares (`Forecast.order_only`).
    function : callable
        What is decorated; its parameters without default, renamed by `inputs`, are names of
        `INPUTS`.

    Raises
    ------
    ConfigError
        As a decorator: if another function has the name, a parameter is no input, or the
        docstring lacks the formula or the source.

    Examples
    --------
    >>> found = metrics()["crps"]
    >>> found.label, found.needs, found.direction
    ('CRPS', ('draws', 'outcome'), 'lower')
    """

    name: str
    _: KW_ONLY
    label: str
    label_fr: str = ""
    unit: Unit
    range: tuple[float, float]
    direction: Direction
    level: Level
    best: float = math.nan
    inputs: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)
    point: Callable[..., Any] | None = None
    positive: bool = False
    each_area: bool = False
    of_order: bool = False
    function: Callable[..., Any] = _undecorated

    def __call__(self, function: Function) -> Function:
        """Register a function as this metric."""
        registered = replace(self, function=function)
        _refuse(registered)
        _REGISTERED[self.name] = registered
        return function

    def label_in(self, language: str) -> str:
        """What people call it in a language."""
        return (self.label_fr if language == "fr" else "") or self.label

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """Inputs of the function."""
        names = [name for name in required(self.function) if name not in self.options]
        return tuple(self.inputs.get(name, name) for name in names)

    @cached_property
    def point_needs(self) -> tuple[str, ...]:
        """Inputs of `point`."""
        return () if self.point is None else required(self.point)

    @property
    def module(self) -> str:
        """Where the function stands."""
        return self.function.__module__

    @property
    def formula(self) -> str:
        """The first formula of the docstring, in one line; empty where there is none."""
        formula = re.search(r"\n\n((?: {4}.+\n?)+)", _doc(self.function))
        return " ".join(formula[1].split()) if formula else ""

    @property
    def meaning(self) -> str:
        """The first line of the docstring."""
        return _doc(self.function).split("\n", 1)[0]

    @property
    def source(self) -> str:
        """The references of the docstring, in one line."""
        return _source(_doc(self.function), self.module)


metric = Metric


def _refuse(new: Metric) -> None:
    namesake = _REGISTERED.get(new.name)
    if namesake is not None and _place(namesake.function) != _place(new.function):
        raise ConfigError(
            f"two metrics are called '{new.name}': {_place(namesake.function)} and "
            f"{_place(new.function)}; rename one"
        )
    for need in (*new.needs, *new.point_needs):
        if need not in INPUTS:
            raise ConfigError(
                f"metric '{new.name}' needs '{need}', which no forecast has "
                f"({did_you_mean(need, INPUTS)}); name the parameter so, or map it by inputs="
            )
    for part, text in (("formula (indented)", new.formula), ("section References", new.source)):
        if not text:
            raise ConfigError(
                f"metric '{new.name}': the docstring of {_place(new.function)} has no {part}"
            )


def metrics() -> Mapping[str, Metric]:
    """All metrics by name: by level, then file by file of `bench.metrics`, then plug-ins.

    A plug-in is an entry point of the group ``bench.metrics`` that names a module whose import
    registers metrics.

    Examples
    --------
    >>> [name for name, metric in metrics().items() if metric.level == "area"]
    ['area_absolute_error']
    """
    return _sorted(len(_discover()), len(_REGISTERED))


def modules() -> list[str]:
    """Modules that register metrics: the files of this package that say so, then plug-ins."""
    points = plug_ins(PLUG_INS).values()
    return [*own_modules(), *sorted(point.module for point in points)]


@cache
def own_modules() -> tuple[str, ...]:
    """The files of this package in which a function is decorated; the others stay unread.

    Examples
    --------
    >>> "bench.metrics.shares" in own_modules(), "bench.metrics.arrays" in own_modules()
    (True, False)
    """
    files = sorted(Path(__file__).parent.glob("*.py"))
    return tuple(
        f"{PACKAGE}.{file.stem}"
        for file in files
        if re.search(rb"^@metric\(", file.read_bytes(), re.MULTILINE)
    )


@cache
def required(function: Callable[..., Any]) -> tuple[str, ...]:
    """Names of the parameters without a default.

    Examples
    --------
    >>> required(lambda draws, outcome, fair=True: None)
    ('draws', 'outcome')
    """
    parameters = inspect.signature(function).parameters.values()
    return tuple(p.name for p in parameters if p.default is inspect.Parameter.empty)


@cache
def _discover() -> list[str]:
    places = modules()
    for module in places:
        importlib.import_module(module)
    return places


@cache
def _sorted(n_modules: int, n_metrics: int) -> Mapping[str, Metric]:
    """In an order that does not depend on who imported what first."""
    places = {module: place for place, module in enumerate(_discover())}

    def order(entry: Metric) -> tuple[int, int]:
        return LEVELS.index(entry.level), places.get(entry.module, len(places))

    return MappingProxyType({m.name: m for m in sorted(_REGISTERED.values(), key=order)})


def _doc(function: Callable[..., Any]) -> str:
    return inspect.getdoc(function) or ""


def _source(doc: str, module: str) -> str:
    """The section References; where it is "As `function`", that of this function."""
    section = re.search(r"References\n-+\n(.+?)(\n\n|\Z)", doc, re.DOTALL)
    text = " ".join(section[1].split()) if section else ""
    pointer = re.match(r"As `(?:([\w.]+)\.)?(\w+)`", text)
    if pointer is None:
        return text
    return _source(_doc(getattr(sys.modules[pointer[1] or module], pointer[2])), module)


def _place(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{getattr(function, '__qualname__', type(function).__name__)}"
