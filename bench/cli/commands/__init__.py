"""Commands around the one run, one file each; the first line of a file's docstring is its help."""

from __future__ import annotations

import ast
import importlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path


def command_names() -> dict[str, str]:
    """Every command with its one line of help, read without importing it.

    Examples
    --------
    >>> "verify" in command_names()
    True
    """
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem != "__init__":
            prose = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            found[path.stem.rstrip("_").replace("_", "-")] = prose.splitlines()[0]
    return found


def run_command(name: str, arguments: Sequence[str]) -> int:
    """Run a command; the exit status.

    Raises
    ------
    BenchError
        If the arguments cannot be used.
    """
    name = name.replace("-", "_")
    module = name if importlib.util.find_spec(f"bench.cli.commands.{name}") else f"{name}_"
    status: int = importlib.import_module(f"bench.cli.commands.{module}").main(list(arguments))
    return status
