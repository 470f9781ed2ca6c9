"""Settings from YAML files and from what people typed, composed by Hydra."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from hydra.core.config_store import ConfigStore

from bench.core import paths
from bench.core.errors import ConfigError, DataError, did_you_mean
from bench.core.options import BROUGHT, files, is_brought, options, plug_in_folders
from bench.core.read import MAX_BYTES_OF_YAML, read_text
from bench.core.settings import HOUR, Execution, Experiment

GROUPS = ("experiment", "predictor", "execution", "electorate", "instrument", "distortion")
FLAGS_WITH_A_WORD = (
    *("-c", "--cfg", "-p", "--package", "-i", "--info", "-cd", "--config-dir"),
    *("-sc", "--shell-completion"),
)
NO_NAME = re.compile(r"[-+]?[\d._]+(e[-+]?\d+)?|[-+]?\.?(inf|nan)|true|false|null", re.IGNORECASE)
QUOTED = "'as_of=[\"2017-04-01T20:00\"]'"
KINDS = {
    "bool": "true or false",
    "float": "a number",
    "int": "a whole number",
    "int | None": "a whole number, or null",
    "list[int]": "a list in brackets, such as [1,2]",
    "list[str]": "a list in brackets, such as '{key}=[\"{value}\"]'",
    "str": "a text",
    "dict[str, Any]": "settings by name, as settings.name=value",
}


def register() -> None:
    """Make the typed settings, and those that plug-ins bring, known to Hydra."""
    store = ConfigStore.instance()
    store.store(name="bench_schema", node=Experiment)
    for group in BROUGHT:
        store.repo.pop(group, None)  # of plug-ins that were there before
        for name, path in files(group).items():
            if path.is_relative_to(paths.configs()):
                continue
            with suppress(ConfigError):  # of one that is chosen, `in_plain_words` says why
                place = f"{BROUGHT[group]}.{name}" if BROUGHT[group] else "_global_"
                store.store(name, _brought(group, path), group, place, provider=str(path))


def _plain(path: Path) -> dict[str, Any]:
    """What a YAML of settings holds, nothing in it interpolated; errors as of `_brought`."""
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    try:
        text = read_text(path, MAX_BYTES_OF_YAML)
        settings: Any = OmegaConf.to_container(OmegaConf.create(text), resolve=False)
    except (DataError, RecursionError, ValueError, yaml.YAMLError, OmegaConfBaseException) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    if not isinstance(settings, dict):
        raise ConfigError(f"{path} holds {type(settings).__name__}; accepted: settings by name")
    return settings


def _brought(group: str, path: Path) -> dict[str, Any]:
    """The settings in a YAML of a plug-in, which are plain data.

    Those of a method stand under its name, wherever its YAML says that they belong. An experiment
    sets the keys of an experiment and chooses among the options; it tells Hydra nothing else.

    Raises
    ------
    ConfigError
        If the file cannot be read, or holds what no plug-in may set.
    """
    settings = _plain(path)
    if "${" in str(settings):
        raise ConfigError(f"{path} holds an interpolation (${{…}}); accepted: plain values")
    if group == "experiment":
        refused = set(settings) - {*keys(), "defaults"}
        for name in settings.get("predictors") or ():
            if not is_brought("predictor", name):
                raise ConfigError(
                    f"{path} sets predictors.{name}, which is none that a package brings; accepted:"
                    " other settings of what ships in a YAML of its own, with its `method`"
                )
    else:
        refused = set(settings) & {"defaults"}
    for key in refused:
        raise ConfigError(f"{path}: no setting is called '{key}' ({did_you_mean(key, keys())})")
    choices = settings.get("defaults", [])
    chosen = [f"override /{group}" for group in GROUPS[1:]]
    for choice in choices if isinstance(choices, list) else [choices]:
        is_override = isinstance(choice, dict) and set(choice) <= set(chosen)
        if choice != "_self_" and not is_override:
            raise ConfigError(f"{path}: defaults hold {choice!r}; accepted: {', '.join(chosen)}")
    return settings


def keys() -> list[str]:
    """The top-level settings."""
    return [entry.name for entry in fields(Experiment)]


def as_typed(arguments: Sequence[str]) -> list[str]:
    """The settings that a person typed, as Hydra wants them; what it cannot mean is refused.

    `election=FOLDER` becomes the setting `elections`, quoted so that any path will do. Moments and
    days before the vote, with their hour, exclude each other: whichever is given replaces what the
    experiment has.

    Raises
    ------
    ConfigError
        If a name is unknown, or both moments and days are given.

    Examples
    --------
    >>> as_typed(["+experiment=own", "election=my folder", "days_before=[2]"])
    ['+experiment=own', "elections=['my folder']", 'as_of=[]', 'days_before=[2]']
    >>> as_typed(["+experiment=own", "as_of=['2031-04-01T20:00']"])
    ['+experiment=own', 'days_before=[]', "as_of=['2031-04-01T20:00']", "hour='23:59'"]
    """
    arguments = [_election_as_list(argument) for argument in arguments]
    _refuse_typos(arguments)
    if sum(argument.startswith("+experiment=") for argument in arguments) > 1:
        raise ConfigError("+experiment= is given twice; accepted: one experiment")
    typed_values = dict(argument.partition("=")[::2] for argument in arguments)
    cleared = {}
    for key in ("as_of", "days_before"):
        cleared[key] = not typed_values.get(key, "[]").strip("[] ")
    if not any(cleared.values()):
        raise ConfigError(
            f"as_of={typed_values['as_of']} and days_before={typed_values['days_before']} "
            "both say when the forecasts are made; leave one of them out"
        )
    # what is added stands beside what was typed: argparse wants settings in one row, before or
    # after flags such as --cfg
    for key, other_key in (("as_of", "days_before"), ("days_before", "as_of")):
        if not cleared[key] and other_key not in typed_values:
            arguments.insert(_place_of(key, arguments), f"{other_key}=[]")
    if not cleared["as_of"] and "hour" not in typed_values:
        arguments.insert(_place_of("as_of", arguments) + 1, f"hour='{HOUR}'")
    removals = _unchosen(arguments, typed_values)
    if removals:
        place = _place_of("predictor", arguments) + 1
        arguments[place:place] = removals
    return arguments


def _place_of(key: str, arguments: Sequence[str]) -> int:
    return next(i for i, text in enumerate(arguments) if text.startswith(f"{key}="))


def _unchosen(arguments: Sequence[str], typed_values: Mapping[str, str]) -> list[str]:
    """Removes what an experiment sets of predictors that were not chosen with `predictor=[…]`.

    Examples
    --------
    >>> typed = {"+experiment": "2017_r1_bias", "predictor": "[quota_poll,app_ratings]"}
    >>> _unchosen([], typed)[:2]
    ['~predictors.online_ballot', '~predictors.attention_share']
    """
    path = files("experiment").get(typed_values.get("+experiment", ""))
    if path is None or "predictor" not in typed_values:
        return []
    own = _plain(path).get("predictors") or {}
    chosen = {name.strip(" []'\"") for name in typed_values["predictor"].split(",")}
    return [
        f"~predictors.{name}"
        for name in own
        if name not in chosen and not any(f"predictors.{name}" in text for text in arguments)
    ]


def _election_as_list(argument: str) -> str:
    key, equals, value = argument.partition("=")
    if key != "election" or not equals:
        return argument
    plain = value.strip("'\"")
    # a name of a folder is no interpolation
    plain = plain.replace("\\", "/").replace("'", "\\'").replace("${", "\\${")
    return f"elections=['{plain}']"


def _refuse_typos(arguments: Sequence[str]) -> None:
    """Refuse names of settings that Hydra would add or misread; those of options Hydra refuses."""
    valid_names = {*keys(), "+experiment", "election", *GROUPS[1:]}
    nested = _nested_settings(arguments)
    for before, argument in zip(["", *arguments], arguments, strict=False):
        if argument.startswith("-") or before in FLAGS_WITH_A_WORD:
            continue
        key, equals, value = argument.partition("=")
        if not equals and not key.startswith("~"):
            is_experiment = argument in options("experiment")
            raise ConfigError(
                f"'{argument}' is not a setting"
                + (f", it is an experiment: +experiment={argument}" if is_experiment else "")
                + "; accepted: +experiment=NAME, key=value (bench list experiments, bench --help)"
            )
        if key == "experiment":
            raise ConfigError(f"an experiment is chosen with a plus: +experiment={value}")
        top = re.split(r"[@./\[]", key.lstrip("+~"))[0]
        if top not in (*valid_names, "experiment", "hydra"):
            if key in nested:
                raise ConfigError(f"'{key}' stands below another: {nested[key]}={value}")
            raise ConfigError(f"no setting is called '{top}' ({did_you_mean(top, valid_names)})")
        if key.startswith("~") and top in (*keys(), *GROUPS[1:]) and "." not in key:
            raise ConfigError(f"'{argument}' takes a whole setting away; accepted: {top}=…")
        if key in GROUPS and value.startswith("["):  # Hydra looks for "${" in each of the names
            _refuse_numbers(key, value)


def _nested_settings(arguments: Sequence[str]) -> dict[str, str]:
    """By last word, the settings below another one of the experiment, but those of predictors."""
    chosen = [word.partition("=")[2] for word in arguments if word.startswith("+experiment=")]
    nested = {entry.name: f"execution.{entry.name}" for entry in fields(Execution)}
    experiments = files("experiment")
    for name in experiments.keys() & set(chosen):
        for top, below in _plain(experiments[name]).items():
            if isinstance(below, dict) and top != "predictors":
                nested |= {key: f"{top}.{key}" for key in below}
    return nested


def _refuse_numbers(group: str, value: str) -> None:
    for name in value.strip("[] ").split(","):
        if NO_NAME.fullmatch(name.strip()):
            raise ConfigError(
                f"{group} is {value}; accepted: names in brackets, such as "
                f"{group}=[{next(iter(options(group)))}], and '{name.strip()}' is none"
            )


def in_plain_words(error: BaseException) -> str:
    """The error of Hydra or OmegaConf as a sentence in the words of the settings.

    Examples
    --------
    >>> from omegaconf.errors import ValidationError
    >>> text = "Value 'abc' of type 'str' could not be converted to Integer; full_key: seed"
    >>> in_plain_words(ValidationError(text))
    "seed is 'abc'; accepted: a whole number"
    """
    text = " ".join(f"{error} {error.__cause__ or ''}".split())
    typed = getattr(error, "override", None)
    if type(error).__name__ == "OverrideParseException":
        return (
            f"'{typed}' cannot be read; accepted: key=value, lists in brackets, and the whole in "
            f"quotes for the shell: {QUOTED}"
        )
    if match := re.search(r"Could not (?:load|find) '(\w+)/([^']*)'", text):
        group, name = match.groups()
        if name in options(group):
            try:  # one of a plug-in, which `register` left out
                _brought(group, files(group)[name])
            except ConfigError as refusal:
                return str(refusal)
        return f"no {group} is called '{name}' ({did_you_mean(name, options(group))})"
    if match := re.search(r"full_key: ([\w.\[\]-]+)", text):
        return _error_of_key(match.group(1), text)
    return text.split(" Config search path")[0]


def _error_of_key(key: str, text: str) -> str:
    if "Interpolation" in text:
        return f"{key}: {text.split(' full_key')[0]}"
    if re.search(r"Key '[^']*' (?:is not in struct|not in )", text):
        return _unknown_key(key)
    return _refused_value(key, text)


def _unknown_key(key: str) -> str:
    top, _, below = key.partition(".")
    if top == "predictors" and below:
        name, _, setting = below.partition(".")
        if setting and name in options("predictor"):
            hint = did_you_mean(setting, [*_plain(files("predictor")[name]), "method"])
            return f"predictor '{name}' has no setting '{setting}' ({hint})"
        return (
            f"no predictor of this run is called '{name}', so {key} sets nothing; add it to "
            f"the contestants: 'predictor=[…,{name}]'"
        )
    if top == "settings" and below:
        return (
            f"no setting is called '{key}' in this experiment; check the spelling, or add it "
            f"by ++{key}=…"
        )
    valid_keys = keys()
    if top == "execution":
        valid_keys = [f"execution.{entry.name}" for entry in fields(Execution)]
    return f"no setting is called '{key}' ({did_you_mean(key, valid_keys)})"


def _refused_value(key: str, text: str) -> str:
    """The sentence about a value of a wrong type, from Hydra's error."""
    kinds = {
        **{entry.name: str(entry.type) for entry in fields(Experiment)},
        **{f"execution.{entry.name}": str(entry.type) for entry in fields(Execution)},
    }
    plain_key = re.sub(r"\[.*", "", key)
    kind = kinds.get(plain_key, "")
    if kind not in KINDS:
        return text.split(" full_key")[0]
    match = re.search(r"Value '(.*?)' of type", text)
    match = match or re.search(r"override \S*?=('.*?'|\S+)", text)
    value = match[1].strip("'") if match else "…"
    if value == "null" and kind.startswith("list"):
        return f"{key} is null; accepted: a list in brackets, which may be empty: {key}=[]"
    wrong = f"is {value!r}" if match else "cannot be that"
    return f"{key} {wrong}; accepted: {KINDS[kind].format(key=plain_key, value=value)}"


def compose(*overrides: str) -> Experiment:
    """The settings that these overrides give, as the command line would compose them.

    Raises
    ------
    ConfigError
        If a name, a key or a value cannot be used.
    """
    from hydra import compose as hydra_compose
    from hydra import initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    register()
    current = GlobalHydra.instance()
    outer, current.hydra = current.hydra, None  # whoever is composing already goes on afterwards
    try:
        with initialize_config_dir(str(paths.configs()), version_base="1.3"):
            config = hydra_compose("bench", list(overrides))
    except (HydraException, OmegaConfBaseException, ValueError) as error:  # of a group set to null
        raise ConfigError(in_plain_words(error)) from error
    finally:
        GlobalHydra.instance().hydra = outer
    return experiment_of(config, overrides)


def experiment_of(config: Any, arguments: Sequence[str]) -> Experiment:
    """The settings that Hydra composed, typed.

    Parameters
    ----------
    config : DictConfig
    arguments : sequence of str
        What was typed. `execution.wrap` is a command, so that it must stand there or in the
        environment (`BENCH_WRAP`); a file of somebody else's may not hold one.

    Raises
    ------
    ConfigError
        If a value cannot be used.
    """
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    try:
        experiment = OmegaConf.to_object(config)
    except OmegaConfBaseException as error:
        raise ConfigError(in_plain_words(error)) from error
    assert isinstance(experiment, Experiment)
    execution = experiment.execution
    if any(argument.lstrip("+").startswith("execution.wrap=") for argument in arguments):
        return experiment
    if execution.wrap:
        raise ConfigError(
            "execution.wrap stands in a YAML file; accepted: on the command line, or in the "
            "environment variable BENCH_WRAP"
        )
    execution.wrap = shlex.split(os.environ.get("BENCH_WRAP", ""))
    return experiment


def predictor_settings(name: str) -> dict[str, Any]:
    """The shipped settings of one predictor, interpolations resolved."""
    return deepcopy(_shipped_settings(name, plug_in_folders()))


@cache
def _shipped_settings(name: str, plug_ins: tuple[Path, ...]) -> dict[str, Any]:
    del plug_ins  # with others, another may be meant
    return dict(compose(f"predictor=[{name}]").predictors[name] or {})
