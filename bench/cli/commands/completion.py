"""Print the lines that make your shell complete `bench`: commands, names and settings."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

from bench.cli.commands import clean, list_
from bench.cli.main import command_names
from bench.core.options import elections, options

SHELLS = {
    "bash": 'add to ~/.bashrc: eval "$(bench completion bash)"',
    "zsh": 'add to ~/.zshrc, after compinit: eval "$(bench completion zsh)"',
    "fish": "run once: bench completion fish > ~/.config/fish/completions/bench.fish",
}


def main(arguments: list[str]) -> int:
    """Print the script of one shell."""
    parser = argparse.ArgumentParser(
        prog="bench completion",
        description=__doc__,
        epilog="; ".join(SHELLS.values()),
    )
    parser.add_argument("shell", choices=sorted(SHELLS))
    print(_hydra(f"install={parser.parse_args(arguments).shell}"))
    return 0


def answer(arguments: list[str]) -> int:
    """What the shell's script asks: `query=SHELL`, with the line in COMP_LINE."""
    verb, _, shell = " ".join(arguments).partition("=")
    if verb != "query":
        print(_hydra(*arguments))
        return 0
    line = os.environ.get("COMP_LINE", "")
    print(("\n" if shell == "fish" else " ").join(suggestions(line)))
    return 0


def suggestions(line: str) -> list[str]:
    """Words that may stand where the line ends.

    Examples
    --------
    >>> suggestions("bench ver")
    ['verify']
    >>> suggestions("bench list ele")
    ['elections']
    """
    given = line.split()[1:]
    word = "" if not given or line.endswith(" ") else given.pop()
    if given and given[0] in command_names():
        names = ARGUMENTS.get(given[0], list)()
        return [name for name in names if name.startswith(word)]
    commands = [] if given else [name for name in command_names() if name.startswith(word)]
    if commands and word:
        return commands
    return [*commands, *_hydra("query=bash", line=line).split()]


def _names() -> list[str]:
    return sorted({*options("predictor"), *options("experiment"), *elections()})


def _runs() -> list[str]:
    return sorted(path.parent.as_posix() for path in Path().glob("results/*/*/manifest.json"))


ARGUMENTS: dict[str, Callable[[], list[str]]] = {
    "completion": lambda: sorted(SHELLS),
    "clean": lambda: list(clean.KINDS),
    "list": lambda: list(list_.KINDS),
    "new": lambda: ["predictor"],
    "compare": _runs,
    "open": _runs,
    "report": _runs,
    "show": _names,
}


def _hydra(request: str, line: str = "") -> str:
    """What Hydra's own completion prints."""
    from bench.cli import hydra_setup

    hydra_setup.register()
    before, out = sys.argv, io.StringIO()
    sys.argv = [Path(before[0]).name if request.startswith("query") else "bench", "-sc", request]
    os.environ["COMP_LINE"] = line
    try:
        with redirect_stdout(out):
            hydra_setup.run(lambda config: None)
    finally:
        sys.argv = before
    return out.getvalue().rstrip()
