"""What stands in for predictors that do not ship with the bench: their code runs elsewhere.

A predictor's own process says what its class is called, reads and is set by; that is checked here
and made into a class of ours, which looks like the predictor and asks that process.
"""

from __future__ import annotations

import json
import keyword
from collections.abc import Mapping
from dataclasses import field, fields, is_dataclass, make_dataclass, replace
from functools import cache
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from bench.core import Abstain, ConfigError, Evidence, Forecast, ForecastError, Predictor
from bench.core.arrays import FloatArray
from bench.core.evidence import EvidenceBatch
from bench.core.registry import PREDICTORS, is_shipped, methods_in, now, typed
from bench.core.settings import Execution
from bench.runner import workers
from bench.runner.attempt import Elsewhere, Prediction, check_shares, checked, failure, plain
from bench.runner.reach import files_named, package_of
from bench.runner.workers import Recipe

LONGEST_WORDS = 20_000  # characters of a docstring


class Foreign(Elsewhere):
    """Stands in for a predictor whose code runs in a sandbox."""

    recipe: ClassVar[Recipe]
    ours: ClassVar[bool] = False
    until: ClassVar[pd.Timestamp | None] = None

    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        """The forecast that its process gives, checked."""
        said = self.asked(evidence.only(self.needs), rng, Execution())
        if said.forecast is None:
            raise _error_of(said)
        return said.forecast

    def knows_until(self) -> pd.Timestamp | None:
        """As it said when it was made."""
        return self.until

    def asked(
        self,
        asked: Evidence | EvidenceBatch,
        rng: np.random.Generator,
        execution: Execution,
        *,
        alike: bool = False,
    ) -> Prediction:
        """What its process says, checked; parameters as of `bench.runner.workers.ask`."""
        answer = workers.ask(self.recipe, asked, rng, execution, alike=alike)
        return believed(answer, asked, self.ours)


class ForeignInBatches(Foreign):
    """Stands in for one that reads batches too."""

    def predict_batch(self, batch: EvidenceBatch) -> FloatArray:
        """The shares that its process gives, checked."""
        said = self.asked(batch.only(self.needs), np.random.default_rng(0), Execution())
        if said.shares is None:
            raise _error_of(said)
        return said.shares


def _error_of(said: Prediction) -> Exception:
    if said.status == "abstained":
        return Abstain(said.message)
    return ForecastError(f"{said.message}\n{said.trace}".strip())


def believed(
    answer: workers.Answer, asked: Evidence | EvidenceBatch, ours: bool = False
) -> Prediction:
    """The answer of a worker, all of which is checked here once more."""
    said = replace(answer.prediction, unranked="" if ours else answer.unranked)
    evidence = asked.evidence if isinstance(asked, EvidenceBatch) else asked
    try:
        if said.forecast is not None:
            whole = checked(said.forecast, evidence.candidates, evidence.seats)
            said = replace(said, forecast=whole)
        if isinstance(asked, EvidenceBatch):
            if said.status != "failed":
                check_shares(said.shares, asked.candidates, asked.size)
        elif said.shares is not None:
            raise ForecastError("predict returned shares of a batch; accepted: a Forecast")
    except Exception as error:  # noqa: BLE001 - the answer can hold anything
        return replace(failure(error), unranked=said.unranked)
    read = said.tables_read & set(evidence.tables)
    for name in read:
        evidence[name]
    return replace(said, tables_read=read, data_used_until=evidence.data_used_until)


def kind(method: str) -> type[Predictor]:
    """The class that stands in for a foreign predictor's.

    Raises
    ------
    ConfigError
        If it cannot be imported, or is not what the bench can use.
    """
    point = PREDICTORS.points().get(method)
    module = f"{PREDICTORS.package}.{method}" if point is None else point.module
    return _kind(method, "" if point is None else point.value, module, tuple(package_of(module)))


@cache
def _kind(method: str, point: str, module: str, files: tuple[str, ...]) -> type[Predictor]:
    points = ((method, point),) if point else ()
    recipe = Recipe(name=method, method=method, points=points, files=files)
    said = workers.facts(recipe, now())
    try:
        return _class(said["kind"], module)
    except Exception as error:
        raise ConfigError(
            f"predictor '{method}' describes itself in no usable way: {error}"
        ) from error


def _class(told: Mapping[str, Any], module: str) -> type[Predictor]:
    """A class of ours from what a foreign process says of its own."""
    settings = []
    for name, facts in told["settings"].items():
        if not name.isidentifier() or keyword.iskeyword(name) or hasattr(Foreign, name):
            raise ValueError(f"it has a setting '{plain(name)}'")
        default: dict[str, Any] = {} if facts["needed"] else {"default": None}
        mine: Any = field(metadata={"least": int(facts["least"])}, **default)
        settings.append((name, object, mine))
    name = str(told["name"])
    return make_dataclass(
        name if name.isidentifier() else "Predictor",
        settings,
        bases=(ForeignInBatches if told["batch"] is True else Foreign,),
        namespace={
            "__doc__": plain(str(told["doc"]))[:LONGEST_WORDS],
            "__module__": module,
            "family": plain(str(told["family"]))[:100],
            "level_of": plain(str(told["level_of"]))[:100],
            "needs": frozenset(map(str, told["needs"])),
            "files": frozenset(map(str, told["files"])),
        },
        frozen=True,
        kw_only=True,
    )


def made(name: str, settings: Mapping[str, Any]) -> Predictor:
    """What stands in for a predictor with these settings, made in its own process.

    Raises
    ------
    ConfigError
        If it cannot be, or a setting is refused, here or there.
    """
    given = _without(settings)
    method = methods_in(name, settings)[0]
    where = f"configs/{PREDICTORS.config_group}/{name}.yaml"
    stand_in = typed(kind(method), given, f"{PREDICTORS.kind} '{name}'", where)
    return _asking(stand_in, name, {**given, "method": method})


def _asking(stand_in: Predictor, name: str, settings: Mapping[str, Any]) -> Predictor:
    """The stand-in with what its process says of the instance."""
    try:
        text = json.dumps(settings, sort_keys=True, allow_nan=True)
    except TypeError as error:
        raise ConfigError(f"a setting of predictor '{name}' is no plain value: {error}") from error
    known = PREDICTORS.points()
    methods = methods_in(name, settings)
    points = {one: known[one].value for one in methods if one in known}
    packages = [package_of(known[one].module) for one in methods if one in known]
    files = {place for places in packages for place in places} | files_named(name, settings)
    recipe = Recipe(
        name=name,
        method=methods[0],
        settings=text,
        points=tuple(sorted(points.items())),
        files=tuple(sorted(files)),
    )
    said = workers.facts(recipe, now())
    try:
        told = said["made"]
        facts: dict[str, Any] = {
            "recipe": recipe,
            "ours": all(map(is_shipped, methods)),
            "needs": frozenset(map(str, told["needs"])),
            "level_of": plain(str(told["level_of"]))[:100],
            "until": _moment(told["knows_until"]),
        }
    except Exception as error:
        raise ConfigError(
            f"predictor '{name}' describes itself in no usable way: {error}"
        ) from error
    for key, value in facts.items():
        object.__setattr__(stand_in, key, value)
    return stand_in


def _moment(told: str | None) -> pd.Timestamp | None:
    moment = None if told is None else pd.Timestamp(told)
    if moment is not None and (pd.isna(moment) or moment.tz is not None):
        raise ValueError("it knows until a moment that is no local time")
    return moment


def stand_in_of(predictor: Predictor) -> Foreign:
    """What asks a process of its own, in place of a predictor that is here.

    Raises
    ------
    ConfigError
        If it is none that can be made from its settings, by the name of its method.
    """
    return _stand_in(json.dumps(_settings_of(predictor)))


@cache
def _stand_in(text: str) -> Foreign:
    settings = json.loads(text)
    name = settings["method"]
    there = _asking(kind(name)(**_without(settings)), name, settings)
    assert isinstance(there, Foreign)
    return there


def _without(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if key != "method"}


def _settings_of(predictor: Predictor) -> dict[str, Any]:
    """The settings of a predictor, as a YAML would hold them."""
    package, _, method = type(predictor).__module__.partition(".")
    if package != PREDICTORS.package or not is_dataclass(predictor):
        raise ConfigError(
            f"execution.isolate=true needs predictors that are made by their names, and "
            f"{type(predictor).__name__} was made by whoever asks; set execution.isolate=false"
        )
    given = {entry.name: getattr(predictor, entry.name) for entry in fields(predictor)}
    return {"method": method, **{key: _plain(value) for key, value in given.items()}}


def _plain(value: Any) -> Any:
    if isinstance(value, Predictor):
        return _settings_of(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def is_ours(predictor: object) -> bool:
    """Whether a predictor that is here ships with the bench, with all that it holds."""
    package, _, method = type(predictor).__module__.partition(".")
    inner = fields(predictor) if is_dataclass(predictor) else ()
    held = [getattr(predictor, one.name) for one in inner]
    return (
        package == PREDICTORS.package
        and is_shipped(method)
        and all(is_ours(one) for one in held if isinstance(one, Predictor))
    )
