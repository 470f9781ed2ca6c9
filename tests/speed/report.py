"""Measured times as ratios: `python -m tests.speed.report MEASURED.json` writes results/speed/.

Within a group everything is divided by the time of its peer (the name says `alone` or `imports`),
or else of the fastest. Seconds tell one machine from another, ratios do not.
"""

from __future__ import annotations

import json
import platform
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from bench.report.write import write_csv, write_text

FOLDER = Path(__file__).resolve().parents[2] / "results" / "speed"
PEERS = ("alone", "imports")


def ratios(measured: dict[str, Any]) -> pd.DataFrame:
    """Group, name, ratio to the peer, and the peer, from the JSON of pytest-benchmark."""
    rows = [
        {
            "group": found["group"] or found["fullname"].split("::")[0],
            "measured": found["name"].removeprefix("test_"),
            "seconds": found["stats"]["median"],
        }
        for found in measured["benchmarks"]
    ]
    table = pd.DataFrame(rows)
    parts = []
    for _, part in table.groupby("group", sort=False):
        named = part[part["measured"].str.contains("|".join(PEERS))]
        peer = (named if len(named) else part.nsmallest(1, "seconds")).iloc[0]
        parts.append(part.assign(ratio=part["seconds"] / peer["seconds"], peer=peer["measured"]))
    return pd.concat(parts, ignore_index=True)[["group", "measured", "ratio", "peer", "seconds"]]


def machine(measured: dict[str, Any]) -> str:
    """The machine in one line, without its name."""
    about = measured["machine_info"]
    cpu = about.get("cpu", {})
    return (
        f"{cpu.get('brand_raw', about.get('processor') or 'unknown processor')}, "
        f"{cpu.get('count', '?')} processors, {about['system']}, "
        f"Python {about.get('python_version', platform.python_version())}"
    )


def written(measured: dict[str, Any], folder: Path) -> list[Path]:
    """Write speed.csv and speed.md."""
    table = ratios(measured)
    lines = [f"Medians on: {machine(measured)}.", "", "| group | measured | ratio | of |"]
    lines.append("| --- | --- | ---: | --- |")
    for row in table.to_dict("records"):
        lines.append(f"| {row['group']} | {row['measured']} | {row['ratio']:.3g} | {row['peer']} |")
    return [
        write_csv(folder / "speed.csv", table),
        write_text(folder / "speed.md", "\n".join(lines) + "\n"),
    ]


if __name__ == "__main__":
    for path in written(json.loads(Path(sys.argv[1]).read_text()), FOLDER):
        print(path)
    print(path.read_text())
