"""Name to class to instance: files of a package here, entry points of installed plug-ins."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, fields
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Generic,
    Literal,
    Protocol,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from bench.core.errors import ConfigError, did_you_mean
from bench.core.options import is_brought, options, package_folders, predictor_file
from bench.core.predictor import Predictor
from bench.core.read import announce

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

T = TypeVar("T")
PREDICTORS_FOLDER = Path(__file__).resolve().parents[2] / "predictors"


@cache
def plug_ins(group: str) -> Mapping[str, EntryPoint]:
    """The entry points of a group, such as ``bench.predictors``, by name."""
    return {point.name: point for point in entry_points(group=group)}


@dataclass(frozen=True, kw_only=True)
class Registry(Generic[T]):
    """All methods of one kind: one file each in a package, or one entry point in a plug-in.

    Parameters
    ----------
    kind : str
        What they are called in errors: ``"predictor"``.
    package : str
        The package that holds one module per method: ``"predictors"``.
    base : type
        The class from which each derives.
    config_group : str
        The folder of `configs` that holds their settings: ``"predictor"``.
    group : str
        The group of entry points in which plug-ins name theirs: ``"bench.predictors"``.
    besides : frozenset of str
        Modules of the package that hold no method.

    Examples
    --------
    >>> PREDICTORS.make("uniform", {})
    Uniform()
    """

    kind: str
    package: str
    base: type[T]
    config_group: str
    group: str
    besides: frozenset[str] = frozenset()

    def names(self) -> list[str]:
        """Names of every method that can be loaded, in alphabetical order."""
        return sorted(self._own() | set(self.points()))

    def _own(self) -> set[str]:
        modules = pkgutil.iter_modules(package_folders(self.package))
        return {module.name for module in modules} - self.besides

    def points(self) -> Mapping[str, EntryPoint]:
        """The entry points of plug-ins, by name; a name that ships is logged and skipped."""
        points = plug_ins(self.group)
        shadowed = self._own() & set(points) if points else set()
        for name in sorted(shadowed):
            announce(
                f"the {self.kind} '{name}' of an installed package ({points[name].value}) is left "
                "out: one that ships has that name; give it another"
            )
        return {name: point for name, point in points.items() if name not in shadowed}

    def load(self, method: str) -> type[T]:
        """The class of a method.

        Raises
        ------
        ConfigError
            If nothing has that name, if its module fails while it is imported, or if it does not
            hold one class of this kind.
        """
        point = self.points().get(method)
        module = f"{self.package}.{method}"
        file = f"{module.replace('.', '/')}.py"
        is_imported = module in sys.modules and method not in self.besides
        if point is None and not is_imported and method not in self.names():
            raise ConfigError(
                f"no {self.kind} is called '{method}' ({did_you_mean(method, self.names())}); add "
                f"{file}, or install a package whose entry points in the group '{self.group}' "
                "have that name"
            )
        source = f"the plug-in {self.kind} '{method}' ({point.value})" if point else file
        try:
            loaded = point.load() if point else importlib.import_module(module)
        except (Exception, SystemExit) as error:
            raise ConfigError(
                f"{source} fails while it is imported: {type(error).__name__}: {error}"
            ) from error
        candidates = [loaded] if point else vars(loaded).values()
        classes = []
        for candidate in candidates:
            if not isinstance(candidate, type) or not issubclass(candidate, self.base):
                continue
            if point or candidate.__module__ == module:
                classes.append(candidate)
        if len(classes) != 1:
            raise ConfigError(
                f"{source} defines {len(classes)} {self.kind}s; accepted: exactly one class that "
                f"derives from {self.base.__module__}.{self.base.__name__}"
            )
        return classes[0]

    def kind_of(self, name: str, settings: Mapping[str, Any] | None) -> type[T]:
        """The class that the settings of a YAML go with: that of `method`, or of its own name."""
        return self.load(method_of(name, settings))

    def make(self, name: str, settings: Mapping[str, Any]) -> T:
        """An instance from its YAML: `method` (default: the name itself) and the class's fields.

        Raises
        ------
        ConfigError
            If nothing has that name, or as :func:`typed`.
        """
        field_values = {key: value for key, value in settings.items() if key != "method"}
        kind = self.kind_of(name, settings)
        config_file = f"configs/{self.config_group}/{name}.yaml"
        return typed(kind, field_values, f"{self.kind} '{name}'", config_file)


class Remote(Protocol):
    """What makes predictors whose code runs in a process of its own."""

    def kind(self, method: str) -> type[Predictor]:
        """The class that stands in for a method's."""
        ...

    def make(self, name: str, settings: Mapping[str, Any]) -> Predictor:
        """What stands in for a predictor with these settings."""
        ...


class _Predictors(Registry[Predictor]):
    """Predictors: those that ship are loaded here, all others where `Remote` says."""

    def names(self) -> list[str]:
        """As of any registry, with the objects of `use_objects`."""
        return sorted({*super().names(), *_Sources.objects})

    def points(self) -> Mapping[str, EntryPoint]:
        """As of any registry; in a process of one method those of `load_all_here`."""
        return super().points() if _Sources.points is None else _Sources.points

    def load(self, method: str) -> type[Predictor]:
        """As for any registry; of a third party's what stands in for it."""
        if method in _Sources.objects:
            return type(_Sources.objects[method])
        if _Sources.points is not None or is_shipped(method) or method not in self.names():
            return super().load(method)
        return _Sources.remote.kind(method)

    def make(self, name: str, settings: Mapping[str, Any]) -> Predictor:
        """As for any registry; of what a package brings, what stands in for it."""
        if name in _Sources.objects:
            return _Sources.objects[name]
        method = method_of(name, settings)
        is_apart = method in self.names() and not is_shipped(method)
        if _Sources.points is not None or not (is_apart or is_brought(self.config_group, name)):
            return super().make(name, settings)
        return _Sources.remote.make(name, settings)


class _Sources:
    """Where predictors that do not ship come from, in this process."""

    remote: Remote  # set by `bench.runner.process`
    points: Mapping[str, EntryPoint] | None = None
    objects: Mapping[str, Predictor] = {}


def use_remote(remote: Remote) -> None:
    """Set what makes the predictors that do not ship."""
    _Sources.remote = remote


def load_all_here(points: Mapping[str, EntryPoint]) -> None:
    """Load every predictor in this process from now on, plug-ins from these entry points."""
    _Sources.points = points


@contextmanager
def use_objects(predictors: Mapping[str, Predictor]) -> Iterator[None]:
    """Let predictors that somebody made in Python be found by name, while this lasts.

    Raises
    ------
    ConfigError
        If one has the name of a method that is installed.
    """
    for name in predictors:
        if name in (*PREDICTORS.names(), *options("predictor")):
            raise ConfigError(
                f"an object is called '{name}', which is the name of a method that is installed; "
                f"give it another: predictors={{'my_{name}': …}}"
            )
    before, _Sources.objects = _Sources.objects, {**_Sources.objects, **predictors}
    try:
        yield
    finally:
        _Sources.objects = before


def is_object(method: str) -> bool:
    """Whether a predictor is an object of `use_objects`."""
    return method in _Sources.objects


def method_of(name: str, settings: Mapping[str, Any] | None) -> str:
    """The method that some settings go with: `method`, or their own name.

    Examples
    --------
    >>> method_of("harris", {"method": "poll_subset"}), method_of("uniform", None)
    ('poll_subset', 'uniform')
    """
    return str((settings or {}).get("method", name))


def files_in(name: str, settings: Mapping[str, Any] | None) -> list[Path]:
    """The files that the settings of a predictor name."""
    values = settings or {}
    named = PREDICTORS.kind_of(name, settings).files
    return [Path(str(values[key])).expanduser() for key in named if values.get(key)]


def is_shipped(method: str) -> bool:
    """Whether the file of a predictor lies in the package `predictors` beside `bench`.

    What comes under an entry point does not ship.

    Examples
    --------
    >>> is_shipped("uniform"), is_shipped("a_method_of_yours")
    (True, False)
    """
    file = predictor_file(method)
    return file.is_file() and file.parent.samefile(PREDICTORS_FOLDER)


def third_party(predictors: Mapping[str, Any]) -> list[str]:
    """The names of the predictors, by their settings, whose method does not ship.

    Nor does one whose YAML comes with a package, whatever its method. Settings of one's own for a
    method that ships (typed, or in a YAML of one's own) leave it one that ships.

    Examples
    --------
    >>> third_party({"uniform": {}, "mine": {"method": "a_guest"}})
    ['mine']
    """
    names = []
    for name, settings in predictors.items():
        comes_from_elsewhere = is_object(name) or is_brought("predictor", name)
        if comes_from_elsewhere or not is_shipped(method_of(name, settings)):
            names.append(name)
    return names


PREDICTORS: Registry[Predictor] = _Predictors(
    kind="predictor",
    package="predictors",
    base=Predictor,  # type: ignore[type-abstract]
    config_group="predictor",
    group="bench.predictors",
)
predictor_methods = PREDICTORS.names
load_predictor = PREDICTORS.load
kind_of = PREDICTORS.kind_of
make_predictor = PREDICTORS.make


def typed(kind: type[T], settings: Mapping[str, Any], owner: str, config_file: str) -> T:
    """An instance of a dataclass from plain settings, each checked against its type.

    Parameters
    ----------
    kind : type
        A dataclass; fields of the types float, int, str, bool, tuple, dict, literals and unions
        of these.
    settings : mapping
        Its fields by name, as YAML gives them: lists for tuples.
    owner : str
        Whose settings they are, for the error: ``"predictor 'last_poll'"``.
    config_file : str
        The file in which the defaults stand.

    Raises
    ------
    ConfigError
        If a setting is unknown, missing, of a wrong type, or a number of draws or days not above 0.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Settings:
    ...     half_life_days: float
    >>> typed(Settings, {"half_life_days": 7}, "study 'x'", "x.yaml")
    Settings(half_life_days=7.0)
    >>> @dataclass(frozen=True)
    ... class Pairs:
    ...     pairs: tuple[tuple[str, str], ...]
    >>> typed(Pairs, {"pairs": [["a", "b"]]}, "study 'x'", "x.yaml")
    Pairs(pairs=(('a', 'b'),))
    >>> typed(Settings, {"half_life_days": "long"}, "study 'x'", "x.yaml")
    Traceback (most recent call last):
    ...
    bench.core.errors.ConfigError: setting 'half_life_days' of study 'x' is 'long'; accepted: float
    """
    from pydantic import ValidationError

    try:
        model = _model_of(kind).model_validate(dict(settings))  # type: ignore[arg-type]
    except ValidationError as error:
        raise _refusal(error, kind, settings, owner, config_file) from error
    values = {name: _as_tuples(getattr(model, name)) for name in settings}
    for field in fields(kind):  # type: ignore[arg-type]
        value = values.get(field.name)
        if isinstance(value, int | float):
            _refuse_beyond_limits(field.name, value, field.metadata.get("least", 1), owner)
    return kind(**values)


def _as_tuples(value: Any) -> Any:
    """A tuple whose lists are tuples too; anything else as it is."""
    if not isinstance(value, tuple):
        return value
    return tuple(tuple(inner) if isinstance(inner, list) else inner for inner in value)


@cache
def _model_of(kind: type[Any]) -> type[BaseModel]:
    """The fields of a dataclass as a model of pydantic, which checks what YAML gives for them."""
    from pydantic import ConfigDict, Strict, create_model

    types_of = get_type_hints(kind)
    columns: dict[str, Any] = {}
    for field in fields(kind):
        annotation = types_of[field.name]
        if get_origin(annotation) is tuple:  # a list in YAML; who reads it knows what it may hold
            annotation = Annotated[tuple, Strict(False)]
        is_needed = field.default is MISSING and field.default_factory is MISSING
        columns[field.name] = (annotation, ... if is_needed else None)
    config = ConfigDict(
        strict=True, extra="forbid", arbitrary_types_allowed=True, protected_namespaces=()
    )
    return create_model(kind.__name__, __config__=config, **columns)


def _refusal(
    error: ValidationError,
    kind: type[Any],
    settings: Mapping[str, Any],
    owner: str,
    config_file: str,
) -> ConfigError:
    """What is wrong with the settings, in one sentence; a misspelt key goes first."""
    mistakes = error.errors(include_url=False)
    superfluous = [mistake for mistake in mistakes if mistake["type"] == "extra_forbidden"]
    mistake = (superfluous or mistakes)[0]
    key, *place = map(str, mistake["loc"])
    if superfluous:
        names = [field.name for field in fields(kind)]
        return ConfigError(f"{owner} has no setting '{key}' ({did_you_mean(key, names)})")
    if mistake["type"] == "missing":
        return ConfigError(
            f"{owner} lacks the setting '{key}'; its default stands in {config_file}"
        )
    accepted = _described(get_type_hints(kind)[key])
    if place and isinstance(settings[key], list | Mapping):
        accepted += f" ({'.'.join(place)}: {mistake['msg']})"
    return ConfigError(f"setting '{key}' of {owner} is {settings[key]!r}; accepted: {accepted}")


def _refuse_beyond_limits(key: str, value: float, minimum: int, owner: str) -> None:
    if key == "n_draws" and value < minimum:
        raise ConfigError(f"n_draws of {owner} is {value}; accepted: {minimum} and above")
    if key.endswith("_days") and not value > 0:
        raise ConfigError(f"{key} of {owner} is {value:g}; accepted: days above 0")


def _described(kind: Any) -> str:
    origin = get_origin(kind) or kind
    if origin in (Union, types.UnionType):
        return ", or ".join(map(_described, get_args(kind)))
    if origin is Literal:
        return ", ".join(map(str, get_args(kind)))
    if origin is types.NoneType:
        return "null"
    words = {tuple: "a list", list: "a list", dict: "keys with values", Mapping: "keys with values"}
    return str(words.get(origin) or getattr(origin, "__name__", origin))
