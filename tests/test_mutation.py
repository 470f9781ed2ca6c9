"""The rates of `make mutation` reach the page, and a package below the goal fails."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tests import mutation

PAGE = """Before.

| module | mutants | killed | rate | measured on |
| --- | ---: | ---: | ---: | --- |
| `bench/core/gone.py` | 5 | 5 | 100.0% | `old` |
| `bench/core/predictor.py` | 1,000 | 900 | 90.0% | `old` |
| `bench/data/cut.py` | 100 | 99 | 99.0% | `old` |
| **together** | 1 | 1 | 100.0% | |

After."""


def test_rows_of_modules_that_were_run_to_the_end_are_replaced_and_summed() -> None:
    found = {
        "bench/core/predictor.py": Counter({"killed": 1940, "survived": 55, "without a test": 5}),
        "bench/data/cut.py": Counter({"killed": 1, "not run": 103}),
        "bench/metrics/shares.py": Counter({"survived": 100}),
    }
    assert mutation.with_rates(PAGE, found, "`new`").splitlines()[2:-2] == [
        "| module | mutants | killed | rate | measured on |",
        "| --- | ---: | ---: | ---: | --- |",
        "| `bench/core/predictor.py` | 2,000 | 1,940 | 97.0% | `new` |",
        "| `bench/data/cut.py` | 100 | 99 | 99.0% | `old` |",
        "| `bench/metrics/shares.py` | 100 | 0 | 0.0% | `new` |",
        "| **bench/core** | 2,000 | 1,940 | 97.0% |  |",
        "| **bench/data** | 100 | 99 | 99.0% |  |",
        "| **bench/metrics** | 100 | 0 | 0.0% |  |",
        "| **together** | 2,200 | 2,039 | 92.7% |  |",
    ]


@pytest.mark.parametrize(("survivors", "code"), [(7, 0), (8, 1)])
def test_each_package_must_reach_the_goal_by_itself(
    survivors: int, code: int, tmp_path: Path
) -> None:
    for name, left in (("core/a.py", 0), ("metrics/b.py", survivors)):
        codes = {str(k): 0 if k < left else 1 for k in range(100)}
        path = tmp_path / "bench" / f"{name}.meta"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"exit_code_by_key": codes}), encoding="utf-8")
    assert mutation.report(tmp_path) == code


def test_without_mutants_there_is_nothing_to_report(tmp_path: Path) -> None:
    assert mutation.report(tmp_path) == 1
