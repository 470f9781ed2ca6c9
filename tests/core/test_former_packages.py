"""A plug-in that imports by the names of an earlier version works, and is told so."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAD = "import warnings; warnings.simplefilter('always');"


def run(code: str) -> list[str]:
    """The warnings of a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", f"{HEAD} {code}"], check=True, capture_output=True, text=True
    )
    return [line for line in done.stderr.splitlines() if "FutureWarning" in line]


@pytest.mark.parametrize(
    ("former", "present"),
    [
        ("bench.contract import Evidence", "bench.core import Evidence"),
        ("bench.contract.errors import Abstain", "bench.core.errors import Abstain"),
        ("bench.contract.batch import BatchTable", "bench.core.batch import BatchTable"),
        ("bench.kit.poll_mean import poll_mean", "bench.models.polls.poll_table import poll_mean"),
        (
            "bench.kit.poll_batch import poll_batch",
            "bench.models.polls.poll_table import poll_batch",
        ),
        ("bench.kit.memory import Memory", "bench.models.memoize import Memory"),
        ("bench.kit.raking import fit_table", "bench.models.raking import fit_table"),
        ("bench.testing import check_predictor", "bench.audit import check_predictor"),
    ],
)
def test_a_former_name_is_the_same_thing_with_one_warning(former: str, present: str) -> None:
    package = former.split()[0].split(".")[1]
    told = run(f"from {former} as a; from {former} as again; from {present} as b; assert a is b")
    assert len(told) == 1
    assert f"bench.{package} is called" in told[0]


def test_a_module_keeps_its_own_name() -> None:
    run(
        "import bench.contract.errors as module; "
        "assert module.__spec__.name == module.__name__ == 'bench.core.errors'"
    )


def test_a_module_that_never_was_is_not_found() -> None:
    code = "import bench.contract.nothing"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "ModuleNotFoundError" in done.stderr
