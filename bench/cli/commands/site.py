"""Make a static site of reviewed results and runs, in English and French; it works offline.

A first page on who can be trusted, and the page of each experiment. The latest
run with an experiment's own settings stands for it, else the reviewed result; each says which.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.core.language import LANGUAGES
from bench.site import build_site


def main(arguments: list[str]) -> int:
    """Write the site and say where."""
    parser = argparse.ArgumentParser(prog="bench site", description=__doc__)
    parser.add_argument("--results", type=Path, default=Path("results"), help="where runs lie")
    parser.add_argument(
        "--to", type=Path, default=Path("build/web"), help="folder (default: build/web)"
    )
    parser.add_argument(
        "--languages",
        nargs="+",
        choices=list(LANGUAGES),
        default=list(LANGUAGES),
        help="that of index.html first (default: en fr)",
    )
    options = parser.parse_args(arguments)
    first = build_site(options.results, options.to, languages=options.languages)
    everything = [path for path in options.to.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in everything) / 1e6
    pages = sum(path.suffix == ".html" for path in everything)
    print(f"{pages} pages, {size:,.1f} MB: {first}")
    return 0
