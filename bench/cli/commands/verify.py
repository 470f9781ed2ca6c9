"""Compare published figures with ours: passed, failed, or differing for a stated reason."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable

from bench.studies.published_figures import (
    by_fact,
    chance_figures,
    horizon_figures,
    poll_errors,
    verify,
)


def main(arguments: list[str]) -> int:
    """Print every figure; 1 if one differs by more than it may."""
    parser = argparse.ArgumentParser(prog="bench verify", description=__doc__)
    parser.add_argument("--failures", action="store_true", help="print only what does not pass")
    options = parser.parse_args(arguments)
    found = verify([*horizon_figures(poll_errors()), *chance_figures()])
    print(f"{'figure':<68} {'published':>12} {'ours':>12} {'difference':>11}  status")
    for item in found:
        if options.failures and item.status == "pass":
            continue
        print(
            f"{item.what[:68]:<68} {item.published:>12.7g} {item.ours:>12.7g} "
            f"{item.difference:>+11.2g}  {item.status}"
        )
        if item.status == "differs":
            print(
                f"    published {item.published:.7g}, ours {item.ours:.7g}, because {item.reason}"
            )
        elif item.status != "pass":
            print(f"    {item.reason or item.source}")
    facts = by_fact(found)
    print(
        f"\n{len(facts)} independent facts ({_counted(facts.values())}), "
        f"{len(found)} figures ({_counted(item.status for item in found)})"
    )
    return 1 if "FAIL" in facts.values() else 0


def _counted(statuses: Iterable[str]) -> str:
    return ", ".join(f"{n} {status}" for status, n in sorted(Counter(statuses).items()))
