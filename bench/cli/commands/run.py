"""Run an experiment: `bench run NAME key=value …` is `bench +experiment=NAME key=value …`."""

from __future__ import annotations

import argparse

from bench.core.errors import ConfigError, did_you_mean
from bench.core.options import options


def main(arguments: list[str]) -> int:
    """Hand over to the one run; the exit status is 0 only if everything succeeded."""
    from bench.cli.main import run

    parser = argparse.ArgumentParser(prog="bench run", description=__doc__)
    parser.add_argument("name", help="what bench list experiments prints")
    parser.add_argument("settings", nargs=argparse.REMAINDER, help="key=value …, as without `run`")
    parsed, before = parser.parse_known_args(arguments)
    name = parsed.name.removeprefix("+experiment=")
    experiments = options("experiment")
    if name not in experiments:
        raise ConfigError(f"no experiment is called '{name}' ({did_you_mean(name, experiments)})")
    return run([f"+experiment={name}", *parsed.settings, *before])
