"""Code lines of `bench`, `predictors`, `tools` and `tests`, package by package.

Python counts without docstrings, comments and blank lines, after ``ruff format`` without any
``# fmt: skip``: squeezed lines count as what they are. Views (YAML below `bench/studies`),
templates, and our own JavaScript and CSS count with their package, the catalogue of sentences by
itself; blank lines and lines of comment do not. Configurations and data do not count. The words of
the documentation are those of its Markdown.

    python -m tools.count_lines [CHECKOUT]
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

ROOTS = ("bench", "predictors", "tools", "tests")
TEXTS = (".j2", ".md", ".html", ".js", ".css")
COMMENT = re.compile(r"\s*(#|//|<!--.*-->\s*$|/\*.*\*/\s*$|\{#.*#\}\s*$|$)")
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
            package = _package(copy.relative_to(scratch))
            lines[package] += code_lines(copy.read_text(encoding="utf-8"))
    for path in (checkout / "bench").rglob("*"):
        if path.suffix in TEXTS or (path.suffix == ".yaml" and "studies" in path.parts):
            lines[_package(path.relative_to(checkout))] += text_lines(path.read_text("utf-8"))
        elif path.parent.name == "locale":
            lines["bench, locale"] += text_lines(path.read_text("utf-8"))
    return lines


def _package(path: Path) -> str:
    """``bench/core``; of the tests no more than ``tests``."""
    folders = path.parts[:-1][:2]
    return "/".join(folders[:1] if folders[0] == "tests" else folders)


def text_lines(text: str) -> int:
    """How many lines of a template, style, script, view or catalogue say something.

    Examples
    --------
    >>> text_lines("# about\\n\\n<p>\\n  <!-- why -->\\n</p>\\n")
    2
    """
    return sum(COMMENT.match(line) is None for line in text.splitlines())


def words(checkout: Path) -> tuple[int, int]:
    """How many words the pages of the documentation have, and those without generated tables."""
    pages = [page.read_text(encoding="utf-8") for page in (checkout / "docs").rglob("*.md")]
    written = [re.sub(r"(?s)<!-- (\w+) -->\n.*?<!-- /\1 -->", "", page) for page in pages]
    return sum(len(one.split()) for one in pages), sum(len(one.split()) for one in written)


def main(checkout: Path) -> None:
    """Print the table."""
    lines = count(checkout)
    for package in sorted(lines):
        print(f"{package:30}{lines[package]:>8,}")
    ours = [n for name, n in lines.items() if re.match(r"(bench|predictors)\b(?!,)", name)]
    print(f"{'bench and predictors in all':30}{sum(ours):>8,}")
    whole, by_hand = words(checkout)
    print(f"{'words in docs':30}{whole:>8,}")
    print(f"{'without generated tables':30}{by_hand:>8,}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1])
