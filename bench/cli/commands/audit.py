"""Audit predictors for look-ahead.

What was not public at the cut is replaced by poison, and the same forecast demanded.
"""

from __future__ import annotations

import argparse
import textwrap

from bench.core.assurance import MARK
from bench.core.compose import as_typed, compose
from bench.core.errors import ConfigError
from bench.core.registry import third_party

UNSEEN = (
    "What no audit sees: a method or a setting chosen after looking at the outcome. Only a record "
    "made before the vote shows that (python -m bench freeze --help)."
)


def main(arguments: list[str]) -> int:
    """Print a verdict per predictor and vote; 1 if one leaks or cannot be audited."""
    parser = argparse.ArgumentParser(prog="bench audit", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="predictors, also as predictor=NAME (default: all)"
    )
    parser.add_argument(
        "--experiment", default="2017_r1", help="votes and dates (default: 2017_r1)"
    )
    parser.add_argument(
        "--time-limit",
        type=float,
        default=600.0,
        metavar="SECONDS",
        help="of every answer (default: 600); each predictor is asked six times a vote",
    )
    options = parser.parse_args(arguments)
    from bench.audit.look_ahead import verdicts_of

    names = [name for text in options.names for name in _names(text)]
    chosen = [f"predictor=[{','.join(names)}]"] if names else []
    limit = f"execution.time_limit_s={options.time_limit}"
    settings = compose(*as_typed([f"+experiment={options.experiment}", limit, *chosen]))
    guests = third_party(settings.predictors)
    leaks = 0
    is_open = False
    print(f"{'predictor':<24} {'verdict':<9} {'data until':<17} vote")
    for verdict in verdicts_of(settings):
        until = verdict.data_used_until
        until_text = "–" if until is None else f"{until:%Y-%m-%d %H:%M}"
        hides_nothing = verdict.predictor in guests and not verdict.files_hidden
        status = verdict.status + (MARK if hides_nothing else "")
        print(f"{verdict.predictor:<24} {status:<9} {until_text:<17} {verdict.vote}")
        messages = verdict.findings or (verdict.message,)
        for words in filter(None, messages):
            print(textwrap.indent("\n".join(textwrap.wrap(words, 92)), "    "))
        leaks += verdict.status in ("leaks", "fails")
        is_open |= hides_nothing
    if is_open:
        print("\n§ Files were not hidden: nothing kept the method from opening an outcome.")
    print("\n" + textwrap.fill(UNSEEN, 100))
    return 1 if leaks else 0


def _names(text: str) -> list[str]:
    key, equals, value = text.partition("=")
    if equals and key.lstrip("+") != "predictor":
        raise ConfigError(f"'{text}' is not a predictor; accepted: NAME or predictor=NAME")
    listed = value if equals else key
    names = [name.strip() for name in listed.strip("[]").split(",")]
    return [name for name in names if name]
