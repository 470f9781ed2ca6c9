"""What Hydra has to be told: the types of the settings, and where guests keep their YAML."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.config_store import ConfigStore
from hydra.core.plugins import Plugins
from hydra.plugins.search_path_plugin import SearchPathPlugin

from bench import paths
from bench.contract.former_names import FORMER_NAMES
from bench.experiment import Experiment

CONFIG_GROUP = "bench.configs"


class GuestConfigs(SearchPathPlugin):  # type: ignore[misc]
    """Adds the config packages of installed guests to Hydra's search path."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Append one entry per guest."""
        for module in _guest_packages():
            search_path.append(provider=module, path=f"pkg://{module}")


def register() -> None:
    """Make the typed settings and the guests' folders known to Hydra."""
    store = ConfigStore.instance()
    store.store(name="bench_schema", node=Experiment)
    for former, present in FORMER_NAMES.items():
        # the present settings, and an empty entry under the former name for what overrides them
        node = {"defaults": [present, "_self_"], "predictors": {former: {}}}
        store.store(group="predictor", name=former, package="_global_", node=node)
    Plugins.instance().register(GuestConfigs)


def run(task: Callable[[Any], None]) -> None:
    """Compose the settings that `sys.argv` asks for, once or for every job of a sweep."""
    import hydra

    with _help_texts_as_they_are():
        hydra.main(version_base="1.3", config_path=str(paths.configs()), config_name="bench")(
            task
        )()


@contextmanager
def _help_texts_as_they_are() -> Iterator[None]:
    """Let Hydra 1.3 give argparse a help text that is no text, which Python 3.14 would refuse."""
    parser: Any = argparse.ArgumentParser
    check = getattr(parser, "_check_help", None)
    if check is None:
        yield
        return

    def check_texts(self: argparse.ArgumentParser, action: argparse.Action) -> None:
        if action.help is None or isinstance(action.help, str):
            check(self, action)

    parser._check_help = check_texts
    try:
        yield
    finally:
        parser._check_help = check


def options(group: str) -> list[str]:
    """Every option of a config group: ours, then the guests'."""
    folders = [paths.configs() / group]
    for module in _guest_packages():
        spec = importlib.util.find_spec(module)
        folders += (
            [Path(p) / group for p in (spec.submodule_search_locations or [])] if spec else []
        )
    return sorted({path.stem for folder in folders for path in folder.glob("*.yaml")})


def keys() -> list[str]:
    """The top-level settings."""
    return [entry.name for entry in fields(Experiment)]


def compose(*overrides: str) -> Experiment:
    """The settings that these overrides give, as the command line would compose them."""
    from hydra import compose as hydra_compose
    from hydra import initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra
    from omegaconf import OmegaConf

    register()
    current = GlobalHydra.instance()
    outer, current.hydra = current.hydra, None  # whoever is composing already goes on afterwards
    try:
        with initialize_config_dir(str(paths.configs()), version_base="1.3"):
            settings = OmegaConf.to_object(hydra_compose("bench", list(overrides)))
    finally:
        GlobalHydra.instance().hydra = outer
    assert isinstance(settings, Experiment)
    return settings


def predictor_settings(name: str) -> dict[str, Any]:
    """The shipped settings of one predictor, interpolations resolved."""
    found = compose(f"predictor=[{name}]").predictors
    return dict(found[name if name in found else FORMER_NAMES[name]] or {})


def scenario_settings(name: str) -> dict[str, Any]:
    """The shipped settings of one distortion."""
    return dict(compose(f"scenario=[{name}]").scenarios[name] or {})


def _guest_packages() -> list[str]:
    """The config packages of guests that can be found; a broken guest harms nobody else."""
    return [module for module in sorted(_guest_values()) if _found(module)]


def _guest_values() -> set[str]:
    return {point.value for point in entry_points(group=CONFIG_GROUP)}


def _found(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (Exception, SystemExit) as error:  # noqa: BLE001 - its parent package is run
        print(f"the settings of the guest '{module}' are left out: {error}", file=sys.stderr)
        return False
