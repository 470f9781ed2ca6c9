"""Score sealed forecasts after the vote, from their records alone: terminal, tables and page.

It says when each was sealed, how many days before the vote, and what it scored.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import yaml

from bench.core.errors import ConfigError
from bench.core.language import LANGUAGES, SOURCE, use_language


def main(arguments: list[str]) -> int:
    """Print the scores of records of `bench freeze`, and write their page."""
    parser = argparse.ArgumentParser(prog="bench score", description=__doc__)
    parser.add_argument("sealed", nargs="+", type=Path, help="records of bench freeze")
    parser.add_argument("--election", help="where its outcome lies now, if not among the shipped")
    parser.add_argument(
        "--outcome",
        nargs="+",
        type=Path,
        default=[],
        metavar="FILE",
        help="official counts as published (ministry of the interior, TSE), a file per round",
    )
    parser.add_argument(
        "--same-as",
        type=_names,
        default={},
        metavar="'{NAME: KEY}'",
        help="whose name in them is whose key, or false for somebody new",
    )
    parser.add_argument("--out", type=Path, help="folder to write (default: RECORD.scored)")
    parser.add_argument(
        "--language", choices=list(LANGUAGES), default=SOURCE, help="of the page (default: en)"
    )
    options = parser.parse_args(arguments)
    from bench.audit.sealed_scores import score_sealed
    from bench.cli.sealed_scores.view import sealed_report
    from bench.report.report import write_report
    from bench.report.terminal import print_report

    target: Path = options.out or options.sealed[0].with_suffix(".scored")
    if target.exists():
        raise ConfigError(f"{target} exists; scores are not overwritten: give another --out")
    scores = score_sealed(options.sealed, options.election, options.outcome, options.same_as)
    with use_language(options.language):
        report = sealed_report(scores)
        target.mkdir(parents=True)
        write_report(target, report, scores.manifest, scores.cite)
        print_report(report, width=80, everything=True)
    sys.stdout.flush()
    print(f"\npage: {target / 'report.html'}", file=sys.stderr)
    return 0


def _names(text: str) -> dict[str, str | bool]:
    """Names and keys, as YAML."""
    try:
        names = yaml.safe_load(text)
    except yaml.YAMLError:
        names = None
    if not isinstance(names, dict) or not all(key is False or key for key in names.values()):
        raise argparse.ArgumentTypeError("accepted: '{NAME: KEY, NAME: false}'")
    return {str(name): key and str(key) for name, key in names.items()}
