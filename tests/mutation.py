"""Mutation testing: `make mutation`.

python -m tests.mutation                   # all mutants
python -m tests.mutation --open            # those that survived, had no test or were not run
python -m tests.mutation 'bench.metrics.*'   # some
python -m tests.mutation --report          # what the last run found, module by module
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

from tests.mutation_loop import ONLY_OPEN, PATTERNS

FOLDER = Path("mutants")
GOAL = 0.9
KILLED = (1, 3)  # a test failed, or the code could not even be run
TIMED_OUT = (-24, -14, 24, 36, 152, 255)
FIRST = "bench.core.errors.x_did_you_mean__mutmut_1"


def main(arguments: list[str]) -> int:
    """Write the mutants, run them, report; 1 if the goal is missed."""
    patterns = [word for word in arguments if not word.startswith("--")]
    if "--report" not in arguments:
        # mutmut writes the mutants, times the tests and checks with one mutant that all is well
        mutmut = [
            sys.executable,
            "-m",
            "tests.mutmut_of_metrics",
            "run",
            "--max-children",
            "1",
            FIRST,
        ]
        subprocess.run(mutmut, check=True)
        settings = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["tool"]["mutmut"]
        command = [sys.executable, "-m", "pytest", "--rootdir=.", "--tb=native"]
        command += ["-p", "tests.mutation_loop"]
        command += settings["pytest_add_cli_args_test_selection"] + settings["pytest_add_cli_args"]
        places = [str(FOLDER.resolve()), *filter(None, [os.environ.get("PYTHONPATH")])]
        variables = {"MUTANT_UNDER_TEST": "", "PYTHONPATH": os.pathsep.join(places)}
        variables |= {PATTERNS: " ".join(patterns) or "*"}
        variables |= {ONLY_OPEN: "1"} if "--open" in arguments else {}
        subprocess.run(command, cwd=FOLDER, env={**os.environ, **variables}, check=True)
    return report(FOLDER)


def report(folder: Path) -> int:
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
    sys.exit(main(sys.argv[1:]))
