"""How many attacks on every promise the tests try: the table of SECURITY.md."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROMISES: Mapping[str, Sequence[str]] = {
    "No forecast uses what was not public": (
        *("audit/test_cheats.py", "audit/test_look_ahead.py", "audit/test_counterfactual.py"),
        *("audit/test_conformance.py", "data/test_cut.py", "data/test_memory_and_audits.py"),
    ),
    "A method reads, writes and reaches nothing else": (
        *("runner/test_process.py", "runner/test_tampering.py", "core/test_registry.py"),
        *("core/test_options.py", "core/test_compose.py"),
    ),
    "A bad method costs its own rows only": ("runner/test_isolation.py", "fuzz/test_hostile.py"),
    "What is finished is kept, and a run ends in a sentence": (
        *("runner/test_resume.py", "runner/test_ends.py", "runner/test_cache.py"),
        *("cli/test_surroundings.py", "report/test_run_folder.py"),
    ),
    "A slip is refused or said": (
        *(
            "data/test_slips.py",
            "data/test_short_form.py",
            "data/test_read.py",
            "core/test_read.py",
        ),
        *("predictors/test_forecast_file.py", "fuzz/test_settings.py"),
    ),
    "A damaged or hostile file is refused": (
        *("fuzz/test_corpus.py", "fuzz/test_any_file.py", "fuzz/test_tables.py"),
        "data/test_yaml.py",
    ),
    "A sealed forecast is the one that is scored": (
        *("audit/test_frozen.py", "audit/test_sealed_scores.py", "audit/test_record_format.py"),
        "cli/test_freeze.py",
    ),
    "No table holds persons": ("data/test_personal.py",),
}


def tried() -> str:
    """One row per promise: cases, those that are held, those that are declared."""
    every, declared = _cases(), _cases("-k", "xfail or is_declared")
    lines = ["| promise | tried | held | declared |", "| --- | ---: | ---: | ---: |"]
    for promise, files in PROMISES.items():
        n, open_ones = (sum(cases.get(one, 0) for one in files) for cases in (every, declared))
        lines.append(f"| {promise} | {n} | {n - open_ones} | {open_ones} |")
    return "\n".join(lines)


def _cases(*options: str) -> dict[str, int]:
    """Cases by file, those of `make golden` among them."""
    files = [f"tests/{one}" for many in PROMISES.values() for one in many]
    asked = [sys.executable, "-m", "pytest", "--collect-only", "-qq", "-n", "0", *options, *files]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    rows = [line.rpartition(": ") for line in done.stdout.splitlines() if line.startswith("tests/")]
    return {name.removeprefix("tests/"): int(n) for name, _, n in rows}
