"""Mutation testing: `make mutation`.

python -m tests.mutation                   # all mutants
python -m tests.mutation --open            # those that survived, had no test or were not run
python -m tests.mutation 'bench.metrics.*'   # some
python -m tests.mutation --report          # what the last run found, module by module
python -m tests.mutation --docs            # that, and its rows in docs/test_strength.md
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

from tests.mutation_loop import ONLY_OPEN, PATTERNS

FOLDER = Path("mutants")
DOCS = Path("docs/test_strength.md")
GOAL = 0.93  # of every package
PACKAGES = ("bench/core", "bench/data", "bench/metrics")
TABLE = re.compile(r"\| module \|.*?(?=\n\n)", re.DOTALL)
ROW = re.compile(r"\| `(.+)` \| ([\d,]+) \| ([\d,]+) \| .* \| (.*) \|")
KILLED = (1, 3)  # a test failed, or the code could not even be run
TIMED_OUT = (-24, -14, 24, 36, 152, 255)
FIRST = "bench.core.errors.x_did_you_mean__mutmut_1"


def main(arguments: list[str]) -> int:
    """Write the mutants, run them, report; 1 if a package misses the goal."""
    patterns = [word for word in arguments if not word.startswith("--")]
    if not {"--report", "--docs"} & set(arguments):
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
    if "--docs" in arguments:
        commit = subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], text=True)
        text = with_rates(DOCS.read_text("utf-8"), found_in(FOLDER), f"`{commit.strip()}`")
        DOCS.write_text(text, encoding="utf-8")
    return report(FOLDER)


def found_in(folder: Path) -> dict[str, Counter[str]]:
    """What became of the mutants of every module."""
    found = {}
    for meta in sorted(folder.rglob("*.meta")):
        codes = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
        if codes:
            name = meta.relative_to(folder).as_posix().removesuffix(".meta")
            found[name] = Counter(map(_what, codes.values()))
    return found


def report(folder: Path) -> int:
    """Print the kill rate of every module and package; 1 if a package misses the goal."""
    modules = found_in(folder)
    if not modules:
        print(f"{folder}: no mutants; run `make mutation`", file=sys.stderr)
        return 1
    packages = {
        package: sum((of for name, of in modules.items() if name.startswith(package)), Counter())
        for package in PACKAGES
    }
    total = sum(modules.values(), Counter())
    print(f"{'':<40} {'mutants':>8} {'killed':>7} {'rate':>6}")
    for name, of in [*modules.items(), *packages.items(), ("together", total)]:
        print(f"{name:<40} {of.total():>8} {of['killed']:>7} {_rate(of):>6.1%}")
    print(", ".join(f"{number} {what}" for what, number in total.most_common()))
    return int(any(_rate(of) < GOAL for of in packages.values() if of.total()))


def with_rates(text: str, found: dict[str, Counter[str]], commit: str) -> str:
    """The page with the rows of the modules that were run to the end; the others stay.

    The last column says on which commit a row was measured. Modules that are gone lose their row.
    """
    rows = {
        name: (Counter(killed=int(killed.replace(",", "")), mutants=int(n.replace(",", ""))), on)
        for name, n, killed, on in ROW.findall(text)
        if Path(name).exists()
    }
    for name, of in found.items():
        if not of["not run"]:
            rows[name] = Counter(killed=of["killed"], mutants=of.total()), commit
    sums = {f"**{package}**": package for package in PACKAGES} | {"**together**": "bench"}
    lines = [
        "| module | mutants | killed | rate | measured on |",
        "| --- | ---: | ---: | ---: | --- |",
    ]
    lines += [_row(f"`{name}`", *rows[name]) for name in sorted(rows)]
    for label, start in sums.items():
        counts = (of for name, (of, _) in rows.items() if name.startswith(start))
        lines.append(_row(label, sum(counts, Counter()), ""))
    return TABLE.sub(lambda _: "\n".join(lines), text, count=1)


def _row(label: str, of: Counter[str], on: str) -> str:
    rate = of["killed"] / of["mutants"]
    return f"| {label} | {of['mutants']:,} | {of['killed']:,} | {rate:.1%} | {on} |"


def _rate(of: Counter[str]) -> float:
    return of["killed"] / of.total() if of else 0.0


def _what(code: int | None) -> str:
    if code is None:
        return "not run"
    if code in KILLED or code in TIMED_OUT:
        return "killed"
    return "without a test" if code in (5, 33) else "survived"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
