"""Code lines of `bench`, `predictors` and `tools`, package by package.

Lines that hold nothing but a docstring, a comment or white space do not count. Before counting, a
copy loses every ``# fmt: skip`` and goes through ``ruff format``: squeezed lines count as what they
are.

    python tools/count_lines.py [CHECKOUT]
"""

import ast
import io
import re
import shutil
import subprocess
import sys
import tempfile
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOTS = ("bench", "predictors", "tools")
SKIPS = re.compile(r"[ \t]*# fmt: ?(skip|off|on)\b.*")
NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def code_lines(source: str) -> int:
    """How many lines of a Python file hold code.

    Parameters
    ----------
    source
        The text of the file.

    Returns
    -------
    int
        Lines with at least one token that is neither comment nor docstring.

    Examples
    --------
    >>> code_lines('"About."\\nx = 1  # one\\n\\n# nothing\\ny = (\\n    2\\n)\\n')
    4
    """
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines - set(_docstring_lines(ast.parse(source))))


def _docstring_lines(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        first = node.body[0] if node.body else None
        if (
            isinstance(first, ast.Expr)
            and isinstance(first.value, ast.Constant)
            and isinstance(first.value.value, str)
        ):
            yield from range(first.lineno, (first.end_lineno or first.lineno) + 1)


def count(checkout: Path) -> Counter[str]:
    """Code lines of each package of a checkout, under its folder, e.g. ``bench/core``."""
    lines: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as scratch:
        for root in ROOTS:
            if not (checkout / root).is_dir():
                continue
            for path in (checkout / root).rglob("*.py"):
                copy = Path(scratch) / path.relative_to(checkout)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_text(SKIPS.sub("", path.read_text(encoding="utf-8")), encoding="utf-8")
        shutil.copy(checkout / "pyproject.toml", scratch)
        ruff = [sys.executable, "-m", "ruff", "format", "--quiet", "--no-cache", scratch]
        subprocess.run(ruff, check=True)
        for copy in Path(scratch).rglob("*.py"):
            folder = copy.relative_to(scratch).parts[:-1][:2]
            lines["/".join(folder)] += code_lines(copy.read_text(encoding="utf-8"))
    return lines


def main(checkout: Path) -> None:
    """Print the table."""
    lines = count(checkout)
    for package in sorted(lines):
        print(f"{package:30}{lines[package]:>8,}")
    print(f"{'in all':30}{lines.total():>8,}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1])
