"""Show one predictor, experiment or election: method, evidence, settings."""

from __future__ import annotations

import argparse
import inspect
import textwrap
from collections.abc import Callable

from bench import hydra_setup, paths
from bench.contract.errors import ConfigError, did_you_mean
from bench.data.election import election_names, load_election
from bench.hydra_setup import predictor_settings
from bench.registry import load_predictor


def main(arguments: list[str]) -> int:
    """Print what is known of a name."""
    parser = argparse.ArgumentParser(prog="bench show", description=__doc__)
    parser.add_argument("name")
    name = parser.parse_args(arguments).name
    shows: list[tuple[list[str], Callable[[str], str]]] = [
        (hydra_setup.options("predictor"), predictor),
        (hydra_setup.options("experiment"), experiment),
        (election_names(), election),
    ]
    for names, show in shows:
        if name in names:
            print(show(name))
            return 0
    known = [known for names, _ in shows for known in names]
    raise ConfigError(f"nothing is called '{name}' ({did_you_mean(name, known)})")


def predictor(name: str) -> str:
    """Method, evidence and settings of a predictor."""
    settings = predictor_settings(name)
    kind = load_predictor(str(settings.pop("method", name)))
    lines = [f"{name}: predictor of the family '{kind.family}'", ""]
    lines += [textwrap.indent(inspect.cleandoc(kind.__doc__ or ""), "  "), ""]
    lines.append(f"  reads     {', '.join(sorted(kind.needs)) or 'nothing'}")
    path = paths.configs() / "predictor" / f"{name}.yaml"
    lines.append(f"  settings  {'none' if not settings else ''}")
    if path.is_file():
        body = path.read_text(encoding="utf-8").splitlines()[1:]
        lines += [f"    {line}" for line in body if line != "{}"]
    else:
        lines += [f"    {key}: {value}" for key, value in settings.items()]
    return "\n".join(lines)


def experiment(name: str) -> str:
    """The YAML of an experiment."""
    path = paths.configs() / "experiment" / f"{name}.yaml"
    return path.read_text(encoding="utf-8").rstrip()


def election(name: str) -> str:
    """Rounds, ballots and tables of an election."""
    found = load_election(name)
    lines = [f"{name}: {found.title}", ""]
    names = found.people.set_index("candidate")["name"]
    for number, entry in found.rounds.items():
        lines.append(f"  round {number}, {entry.vote_on:%d %B %Y}, {entry.seats} get through")
        lines += [f"    {slug:<16} {names[slug]}" for slug in entry.candidates]
    lines += ["", f"  tables and sources: {found.folder / 'CARD.md'}"]
    return "\n".join(lines)
