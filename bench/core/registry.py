"""Name to class: predictors found by file name here, by entry point in guest packages."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar

from bench.core.errors import ConfigError, did_you_mean
from bench.core.former_names import present_name
from bench.core.predictor import Predictor

GROUP = "bench.predictors"
T = TypeVar("T")


def predictor_methods() -> list[str]:
    """Names of every method that can be loaded: files in `predictors/`, then guests."""
    spec = importlib.util.find_spec("predictors")
    places = list(spec.submodule_search_locations or []) if spec else []
    own = {module.name for module in pkgutil.iter_modules(places)}
    return sorted(own | set(_guests()))


def load_predictor(method: str) -> type[Predictor]:
    """The class of a method.

    Parameters
    ----------
    method : str
        A file name of `predictors/` without its ending, or an entry point's name.

    Raises
    ------
    ConfigError
        If nothing has that name, or what has it is not one Predictor.
    """
    guests = _guests()
    if method in guests:
        return _load_guest(method, guests[method])
    method = present_name(method)
    if method not in predictor_methods():
        raise ConfigError(
            f"no predictor is called '{method}' ({did_you_mean(method, predictor_methods())}); "
            f"add predictors/{method}.py, or install a package whose entry points in the group "
            f"'{GROUP}' have that name"
        )
    try:
        module = importlib.import_module(f"predictors.{method}")
    except (Exception, SystemExit) as error:
        raise ConfigError(
            f"predictors/{method}.py fails while it is imported: {type(error).__name__}: {error}"
        ) from error
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Predictor)
        and value.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise ConfigError(
            f"predictors/{method}.py defines {len(found)} predictors; accepted: exactly one class "
            "that derives from bench.core.Predictor"
        )
    return found[0]


def make_predictor(name: str, settings: dict[str, Any]) -> Predictor:
    """A predictor from its YAML: `method` (default: the name itself) and the class's fields.

    Raises
    ------
    ConfigError
        If a setting is unknown, missing, of a wrong type, or a number of draws or days not above 0.
    """
    given = dict(settings)
    kind = load_predictor(str(given.pop("method", name)))
    return typed(kind, given, f"predictor '{name}'", f"configs/predictor/{name}.yaml")


def typed(kind: type[T], settings: Mapping[str, Any], owner: str, where: str) -> T:
    """An instance of a dataclass from plain settings, each checked against its type.

    Parameters
    ----------
    kind : type
        A dataclass; fields of the types float, int, str, bool, tuple, dict, and `Learned`.
    settings : mapping
        Its fields by name, as YAML gives them: lists for tuples.
    owner : str
        Whose settings they are, for the error: ``"predictor 'last_poll'"``.
    where : str
        The file in which the defaults stand.

    Raises
    ------
    ConfigError
        If a setting is unknown, missing, of a wrong type, or a number of draws or days not above 0.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Settings:
    ...     half_life_days: float
    >>> typed(Settings, {"half_life_days": 7}, "study 'x'", "x.yaml")
    Settings(half_life_days=7.0)
    """
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    for key in settings:
        if key not in known:
            raise ConfigError(f"{owner} has no setting '{key}' ({did_you_mean(key, known)})")
    given = {}
    for key, field in known.items():
        if key not in settings:
            if field.default is MISSING and field.default_factory is MISSING:
                raise ConfigError(
                    f"{owner} lacks the setting '{key}'; its default stands in {where}"
                )
            continue
        given[key] = _typed(owner, key, settings[key], _kind(field.type))
        _refuse_out_of_range(owner, key, given[key])
    return kind(**given)


def _refuse_out_of_range(owner: str, key: str, value: Any) -> None:
    """Refuse settings that mean the same everywhere and cannot be obeyed."""
    if not isinstance(value, int | float):
        return
    if key == "n_draws" and value < 1:
        raise ConfigError(f"n_draws of {owner} is {value}; accepted: 1 and above")
    if key.endswith("_days") and not value > 0:
        raise ConfigError(f"{key} of {owner} is {value:g}; accepted: days above 0")


_KINDS: dict[str, tuple[type, ...]] = {
    "float": (int, float),
    "int": (int,),
    "str": (str,),
    "bool": (bool,),
}


def _kind(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)


def _typed(owner: str, key: str, value: Any, kind: str) -> Any:
    if kind.startswith("tuple") and isinstance(value, list):
        return tuple(value)
    if "Learned" in kind:
        if value == "learned":
            return value
        kind = kind.split(" | ")[0]
        if isinstance(value, str):
            raise ConfigError(
                f"setting '{key}' of {owner} is {value!r}; accepted: {kind}, or learned"
            )
    if kind in _KINDS:
        right = isinstance(value, _KINDS[kind]) and (kind == "bool" or not isinstance(value, bool))
        if not right:
            raise ConfigError(f"setting '{key}' of {owner} is {value!r}; accepted: {kind}")
        return float(value) if kind == "float" else value
    if kind.startswith(("tuple", "dict", "Mapping")):
        accepted = "a list" if kind.startswith("tuple") else "keys with values"
        if not isinstance(value, dict if accepted != "a list" else tuple):
            raise ConfigError(f"setting '{key}' of {owner} is {value!r}; accepted: {accepted}")
    return value


@cache
def _guests() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _load_guest(method: str, point: EntryPoint) -> type[Predictor]:
    try:
        kind = point.load()
    except (Exception, SystemExit) as error:
        raise ConfigError(
            f"the guest predictor '{method}' ({point.value}) fails while it is imported: "
            f"{type(error).__name__}: {error}"
        ) from error
    if not (isinstance(kind, type) and issubclass(kind, Predictor)):
        raise ConfigError(
            f"the entry point '{method}' of the group '{GROUP}' names {point.value}; accepted: "
            "a class that derives from bench.core.Predictor"
        )
    return kind
