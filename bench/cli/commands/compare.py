"""Compare two runs: what changed in code, data, settings and numbers; rank them if comparable.

It says which method became better by how much, and ranks both together only if nothing else
changed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.core.assurance import use_assurance
from bench.core.language import LANGUAGES, SOURCE, use_language
from bench.report.compare_runs import PARTS, changed_numbers, changes, load_run, runs_report
from bench.report.run_folder import ACCEPTED, find_run, said_if_changed
from bench.report.terminal import print_report


def main(arguments: list[str]) -> int:
    """Print what changed; 1 if anything did and no ranking was asked for."""
    parser = argparse.ArgumentParser(prog="bench compare", description=__doc__)
    parser.add_argument("runs", nargs=2, metavar="RUN", help=ACCEPTED)
    parser.add_argument("--results", type=Path, default=Path("results"), help="where runs are kept")
    parser.add_argument("--rank", action="store_true", help="rank the predictors of both together")
    parser.add_argument(
        "--despite",
        nargs="+",
        default=[],
        choices=PARTS,
        help="what may differ between runs that are ranked: exactly what does",
    )
    parser.add_argument("--language", choices=LANGUAGES, default=SOURCE, help="of the report")
    options = parser.parse_args(arguments)
    one, other = (load_run(find_run(given, options.results)) for given in options.runs)
    words: dict[str, str] = {}
    for run in (other, one):
        words |= run.manifest.get("assurance", {})
    despite = options.despite if options.rank or options.despite else None
    with (
        use_language(options.language),
        use_assurance(words),
        said_if_changed(one.folder, one.manifest),
        said_if_changed(other.folder, other.manifest),
    ):
        print_report(runs_report(one, other, despite=despite), everything=True)
        if despite is not None:
            return 0
        moved = changed_numbers(one, other)["different"].any()
        return 1 if changes(one, other) or bool(moved) else 0
