"""Measured times as ratios: `python -m tests.speed.report MEASURED.json` writes results/speed/.

Within a group everything is divided by the time of its peer (the name says `alone` or `imports`),
or else of the fastest. Seconds tell one machine from another, ratios do not. Ratios are compared
with those that lie in results/speed/ already: what has grown beyond `GUARD` times is named, nothing
is written, and the exit status is 1; `--accept` after the file writes all the same.
"""

from __future__ import annotations

import json
import platform
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core.write import write_csv, write_text

FOLDER = Path(__file__).resolve().parents[2] / "results" / "speed"
PEERS = ("alone", "imports")
GUARD = 1.5  # two runs on one idle machine differ by up to a quarter


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


def slower(now: pd.DataFrame, before: pd.DataFrame) -> list[str]:
    """What takes more of its peer's time than before, in words; empty if nothing does."""
    both = now.merge(before, on=["group", "measured", "peer"], suffixes=("", "_before"))
    both["growth"] = both["ratio"] / both["ratio_before"]
    return [
        f"{row['group']}, {row['measured']}: {row['ratio']:.3g} of {row['peer']}, "
        f"{row['growth']:.2f} times what it was"
        for row in both[both["growth"] > GUARD].to_dict("records")
    ]


def machine(measured: dict[str, Any]) -> str:
    """The machine in one line, without its name."""
    about = measured["machine_info"]
    cpu = about.get("cpu", {})
    return (
        f"{cpu.get('brand_raw', about.get('processor') or 'unknown processor')}, "
        f"{cpu.get('count', '?')} processors, {about['system']}, "
        f"Python {about.get('python_version', platform.python_version())}"
    )


def written(table: pd.DataFrame, where: str, folder: Path) -> list[Path]:
    """Write speed.csv and speed.md."""
    lines = [f"Medians on: {where}.", "", "| group | measured | ratio | of |"]
    lines.append("| --- | --- | ---: | --- |")
    for row in table.to_dict("records"):
        lines.append(f"| {row['group']} | {row['measured']} | {row['ratio']:.3g} | {row['peer']} |")
    return [
        write_csv(folder / "speed.csv", table),
        write_text(folder / "speed.md", "\n".join(lines) + "\n"),
    ]


def main(measured: dict[str, Any], folder: Path, *, accept: bool = False) -> int:
    """Compare with what lies in the folder, then write; the exit status."""
    table = ratios(measured)
    known = folder / "speed.csv"
    grown = slower(table, pd.read_csv(known)) if known.is_file() else []
    for words in grown:
        print(f"slower: {words}", file=sys.stderr)
    if grown and not accept:
        print(table.to_string(index=False))
        return 1
    *_, page = written(table, machine(measured), folder)
    print(page.read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    sys.exit(main(given, FOLDER, accept="--accept" in sys.argv[2:]))
