"""Tokens and code lines, package by package, and words of documents: `python -m tools.count_lines`.

Comments, docstrings and blank lines do not count. The words of `bench` are those of its documents,
templates, YAML, scripts and styles; those of `docs` stand with and without generated tables.
"""

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("bench", "predictors", "tools", "tests")
TEXTS = (".md", ".yaml", ".html", ".js", ".css")
NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def code(source: str) -> tuple[int, int]:
    """How many tokens of a Python file are code, and on how many lines they stand.

    Examples
    --------
    >>> code('"About."\\nx = 1  # one\\n\\n# nothing\\ny = (\\n    2\\n)\\n')
    (8, 4)
    """
    docstrings = set(_docstring_lines(ast.parse(source)))
    n_tokens = 0
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in NO_CODE and token.start[0] not in docstrings:
            n_tokens += 1
            lines.update(range(token.start[0], token.end[0] + 1))
    return n_tokens, len(lines)


def _docstring_lines(tree: ast.AST) -> Iterator[int]:
    owners = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    for node in ast.walk(tree):
        if isinstance(node, owners) and ast.get_docstring(node, clean=False) is not None:
            docstring = node.body[0]
            yield from range(docstring.lineno, (docstring.end_lineno or docstring.lineno) + 1)


def words_of(paths: list[Path], left_out: str = "") -> int:
    """How many words files have, without what an expression matches."""
    texts = [path.read_text(encoding="utf-8") for path in paths]
    return sum(len((re.sub(left_out, "", text) if left_out else text).split()) for text in texts)


def main() -> None:
    """Print the table."""
    tokens: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    for top in PACKAGES:
        for path in (ROOT / top).rglob("*.py"):
            folders = path.relative_to(ROOT).parts[:-1]
            package = "tests" if top == "tests" else "/".join(folders[:2])
            n_tokens, n_lines = code(path.read_text(encoding="utf-8"))
            tokens[package] += n_tokens
            lines[package] += n_lines
    house = [package for package in tokens if re.match(r"(bench|predictors)\b", package)]
    print(f"{'':30}{'tokens':>10}{'lines':>10}")
    for package in sorted(tokens):
        print(f"{package:30}{tokens[package]:>10,}{lines[package]:>10,}")
    n_tokens, n_lines = (sum(counts[package] for package in house) for counts in (tokens, lines))
    print(f"{'bench and predictors in all':30}{n_tokens:>10,}{n_lines:>10,}")
    texts = [path for path in (ROOT / "bench").rglob("*") if path.suffix in TEXTS]
    print(f"{'words of texts in bench':30}{words_of(texts):>10,}")
    pages = list((ROOT / "docs").rglob("*.md"))
    print(f"{'words in docs':30}{words_of(pages):>10,}")
    generated = r"(?s)<!-- (\w+) -->\n.*?<!-- /\1 -->"
    print(f"{'without generated tables':30}{words_of(pages, generated):>10,}")


if __name__ == "__main__":
    main()
