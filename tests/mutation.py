"""How many mutants the tests kill: reads what mutmut left; `make mutation` runs both."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

GOAL = 0.9
KILLED = (1, 3)  # exit statuses of pytest: a test failed, or the code could not even be run
TIMED_OUT = (-24, 24, 36, 152, 255)


def main(folder: Path) -> int:
    """Print the kill rate of every module; 1 if all together miss the goal."""
    total: Counter[str] = Counter()
    print(f"{'module':<34} {'mutants':>8} {'killed':>7} {'rate':>6}")
    for meta in sorted(folder.rglob("*.meta")):
        codes = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
        found = Counter(_what(code) for code in codes.values())
        total += found
        if count := sum(found.values()):
            name = meta.relative_to(folder).as_posix().removesuffix(".meta")
            print(f"{name:<34} {count:>8} {found['killed']:>7} {found['killed'] / count:>6.1%}")
    count = sum(total.values())
    if not count:
        print(f"{folder}: no mutants; run `make mutation`", file=sys.stderr)
        return 1
    rate = total["killed"] / count
    print(f"{'together':<34} {count:>8} {total['killed']:>7} {rate:>6.1%}")
    print(", ".join(f"{number} {what}" for what, number in total.most_common()))
    return 0 if rate >= GOAL else 1


def _what(code: int | None) -> str:
    if code is None:
        return "not run"
    if code in KILLED or code in TIMED_OUT:
        return "killed"
    return "without a test" if code in (5, 33) else "survived"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "mutants")))
