"""Name to class: distortions and instruments by file name here, by entry point in guests."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import fields
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar

from bench.core import ConfigError
from bench.core.errors import did_you_mean
from bench.simulation import distortions, instruments
from bench.simulation.distortions import Distortion
from bench.simulation.instruments import Instrument

T = TypeVar("T")
EXTRA = ("doses", "priors", "unread_by")  # of the study, not of the distortion or instrument
SHARED = {"polls"}  # files beside the instruments that hold none


def distortion_methods() -> list[str]:
    """Names of every distortion: files here, then guests of the group `bench.distortions`."""
    return _methods(distortions.__path__, "bench.distortions")


def instrument_methods() -> list[str]:
    """Names of every instrument: files here, then guests of the group `bench.instruments`."""
    return [m for m in _methods(instruments.__path__, "bench.instruments") if m not in SHARED]


def make_distortion(name: str, settings: Mapping[str, Any]) -> Distortion:
    """A distortion from its YAML: `method` (default: the name) and the fields.

    Raises
    ------
    ConfigError
        If nothing has that name, or a setting is unknown or missing.
    """
    given = {key: value for key, value in settings.items() if key not in EXTRA}
    return _make(name, given, Distortion, "distortions", "scenario")


def make_instrument(name: str, settings: Mapping[str, Any]) -> Instrument:
    """An instrument from its YAML: `method` (default: the name) and the fields.

    Raises
    ------
    ConfigError
        If nothing has that name, or a setting is unknown or missing.
    """
    given = {key: value for key, value in settings.items() if key not in EXTRA}
    return _make(name, given, Instrument, "instruments", "instrument")  # type: ignore[type-abstract]


def _make(name: str, given: dict[str, Any], base: type[T], folder: str, group: str) -> T:
    kind = _load(str(given.pop("method", name)), base, folder)
    known = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    for key in given:
        if key not in known:
            raise ConfigError(
                f"{group} '{name}' has no setting '{key}' ({did_you_mean(key, known)})"
            )
    if missing := [key for key in known if key not in given]:
        raise ConfigError(
            f"{group} '{name}' lacks the setting '{missing[0]}'; its default stands in "
            f"configs/{group}/{name}.yaml"
        )
    tidy = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    return kind(**tidy)


def _load(method: str, base: type[T], folder: str) -> type[T]:
    guests = _guests(f"bench.{folder}")
    if method in guests:
        found = [guests[method].load()]
    else:
        methods = distortion_methods() if folder == "distortions" else instrument_methods()
        if method not in methods:
            raise ConfigError(
                f"no {folder[:-1]} is called '{method}' ({did_you_mean(method, methods)}); add "
                f"bench/simulation/{folder}/{method}.py, or install a package whose entry points in "
                f"the group 'bench.{folder}' have that name"
            )
        module = importlib.import_module(f"bench.simulation.{folder}.{method}")
        found = [
            value
            for value in vars(module).values()
            if isinstance(value, type) and value.__module__ == module.__name__
        ]
    if len(found) != 1 or not issubclass(found[0], base):
        raise ConfigError(
            f"'{method}' must name exactly one class that derives from {base.__name__}"
        )
    kind: type[T] = found[0]
    return kind


def _methods(places: Any, group: str) -> list[str]:
    return sorted({module.name for module in pkgutil.iter_modules(places)} | set(_guests(group)))


def _guests(group: str) -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=group)}
