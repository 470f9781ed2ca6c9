"""Ratios: to the named peer where there is one, else to the fastest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.speed.report import ratios, written


def measured() -> dict[str, Any]:
    times = {
        ("read", "test_ours"): 3.0, ("read", "test_pandas_alone"): 2.0,
        ("read", "test_quick"): 1.0, ("grow", "test_a"): 4.0, ("grow", "test_b"): 1.0,
    }  # fmt: skip
    return {
        "machine_info": {"system": "Linux", "processor": "x86_64", "python_version": "3.11.7"},
        "benchmarks": [
            {"group": group, "name": name, "fullname": name, "stats": {"median": seconds}}
            for (group, name), seconds in times.items()
        ],
    }


def test_a_named_peer_counts_one_and_else_the_fastest() -> None:
    ratio = ratios(measured()).set_index("measured")["ratio"].to_dict()
    assert ratio == {"ours": 1.5, "pandas_alone": 1.0, "quick": 0.5, "a": 4.0, "b": 1.0}


def test_the_machine_is_described_and_not_named(tmp_path: Path) -> None:
    _, page = written(measured(), tmp_path)
    assert page.read_text().startswith("Medians on: x86_64, ? processors, Linux, Python 3.11.7.")
    assert "| read | ours | 1.5 | pandas_alone |" in page.read_text()
