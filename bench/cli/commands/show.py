"""Show one predictor, experiment, distortion or election: method, evidence, settings."""

from __future__ import annotations

import argparse
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from itertools import dropwhile
from pathlib import Path
from typing import Any

from bench.cli.commands.list_ import collections, distortions, members
from bench.core import paths
from bench.core.compose import predictor_settings
from bench.core.errors import ConfigError, did_you_mean
from bench.core.options import duration, files, first_comment, label, options
from bench.core.read import MAX_BYTES_OF_YAML, read_text
from bench.core.registry import load_predictor
from bench.data.election import election_names, found_in_words, load_election
from bench.report.formatting import days_in_words
from bench.report.terminal import WIDTH
from bench.runner import process  # noqa: F401 - loads what does not ship


def main(arguments: list[str]) -> int:
    """Print what is known of a name."""
    parser = argparse.ArgumentParser(prog="bench show", description=__doc__)
    parser.add_argument("name", help="what bench list prints, or an election folder")
    name = parser.parse_args(arguments).name
    shows: list[tuple[list[str], Callable[[str], str]]] = [
        (options("predictor"), predictor),
        (options("experiment"), experiment),
        (options("distortion"), distortion),
        (election_names(), election),
        (list(collections()), collection),
    ]
    for names, show in shows:
        if name in names:
            print(show(name))
            return 0
    if Path(name).expanduser().is_dir():
        print(election(f"{Path(name).expanduser().as_posix()}/"))
        return 0
    all_names = [all_names for names, _ in shows for all_names in names]
    raise ConfigError(
        f"nothing is called '{name}' ({did_you_mean(name, all_names)}); accepted: a name that "
        "bench list prints, or the folder of an election"
    )


def predictor(name: str) -> str:
    """Method, evidence and settings of a predictor."""
    settings = predictor_settings(name)
    kind = load_predictor(str(settings.pop("method", name)))
    words = label("predictor", name)
    lines = [f"{name}: {words}, predictor of the family '{kind.family}'", ""]
    lines += [textwrap.indent(inspect.cleandoc(kind.__doc__ or ""), "  "), ""]
    lines.append(f"  reads     {', '.join(sorted(kind.needs)) or 'nothing'}")
    path = paths.configs() / "predictor" / f"{name}.yaml"
    lines.append(f"  settings  {'none' if not settings else ''}")
    if path.is_file():
        body = path.read_text(encoding="utf-8").splitlines()
        out = ("# @package", "# label", "{}")
        lines += [f"    {_resolved(line, settings)}" for line in body if not line.startswith(out)]
    else:
        lines += [f"    {key}: {value}" for key, value in settings.items()]
    return "\n".join(lines)


def _resolved(line: str, settings: dict[str, Any]) -> str:
    """A line of the YAML with the value that a reference to another setting has.

    Examples
    --------
    >>> _resolved("half_life_days: ${poll_half_life_days}", {"half_life_days": 7.0})
    'half_life_days: 7.0   # follows poll_half_life_days'
    """
    match = re.fullmatch(r"(\w+): \$\{(\w+)\}(.*)", line)
    if match is None:
        return line
    key, setting, comment = match.groups()
    return f"{key}: {settings[key]}   # follows {setting}{comment.replace('#', ';')}"


def experiment(name: str) -> str:
    """What it asks, how long it takes, and its settings."""
    first = f"{name}: {label('experiment', name)}. {first_comment('experiment', name)}"
    time = duration(name) or "not measured"
    command = f"bench run {name}   # processor time, nothing cached: {time}"
    settings = _settings("experiment", name)
    return "\n".join([*textwrap.wrap(first, WIDTH), "", command, "", *settings])


def distortion(name: str) -> str:
    """What it does to which evidence, and its settings."""
    (line,) = [words for _heading, key, words in distortions() if key == name]
    return "\n".join([*textwrap.wrap(f"{name}: {line}", WIDTH), "", *_settings("distortion", name)])


def _settings(group: str, name: str) -> Iterator[str]:
    """The lines of a YAML below its head."""
    text = read_text(files(group)[name], MAX_BYTES_OF_YAML).rstrip()
    return dropwhile(lambda line: line.startswith("#"), text.splitlines())


def collection(name: str) -> str:
    """Title and elections of a collection."""
    lines = [f"  {member}  {title}" for _heading, member, title in members(name)]
    return "\n".join([f"{name}: {collections()[name]}", "", *lines])


def election(name: str) -> str:
    """Rounds, ballots and tables of an election."""
    loaded = load_election(name)
    lines = [f"{loaded.name}: {loaded.title}", ""]
    names = loaded.people.set_index("candidate")["name"]
    for number, entry in loaded.rounds.items():
        through = "one wins" if entry.n_advance == 1 else f"{entry.n_advance} go through"
        days = days_in_words(entry.possible_days or (entry.vote_on,))
        lines.append(f"  round {number}, {days}, {through}")
        if entry.is_open:
            lines.append("    the ballot is open: bench check says which slates polls have tested")
        lines += [f"    {slug:<16} {names[slug]}" for slug in entry.candidates]
    kinds = found_in_words(loaded)
    if kinds:
        lines += ["", "  tables, and how their figures were found:"]
        lines += [f"    {table:<16} {words}" for table, words in kinds.items()]
    card = loaded.folder / "CARD.md"
    lines += ["", f"  tables and sources: {card if card.is_file() else loaded.folder}"]
    return "\n".join(lines)
