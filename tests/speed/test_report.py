"""Ratios: to the named peer where there is one, else to the fastest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.speed.report import main, ratios, slower


def measured(ours: float = 3.0) -> dict[str, Any]:
    times = {
        ("read", "test_ours"): ours,
        ("read", "test_pandas_alone"): 2.0,
        ("read", "test_quick"): 1.0,
        ("grow", "test_a"): 4.0,
        ("grow", "test_b"): 1.0,
    }
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


def test_what_grew_beside_its_peer_is_named_and_not_written(tmp_path: Path) -> None:
    assert main(measured(), tmp_path) == 0
    page = (tmp_path / "speed.md").read_text()
    assert page.startswith("Medians on: x86_64, ? processors, Linux, Python 3.11.7.")
    assert "| read | ours | 1.5 | pandas_alone |" in page
    before = (tmp_path / "speed.csv").read_bytes()
    assert slower(ratios(measured(ours=6.0)), ratios(measured())) == [
        "read, ours: 3 of pandas_alone, 2.00 times what it was"
    ]
    assert main(measured(ours=6.0), tmp_path) == 1
    assert (tmp_path / "speed.csv").read_bytes() == before
    assert main(measured(ours=6.0), tmp_path, accept=True) == 0
    assert (tmp_path / "speed.csv").read_bytes() != before
