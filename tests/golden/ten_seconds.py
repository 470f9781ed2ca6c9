"""The claim and the picture of every experiment: `python -m tests.golden.ten_seconds [results]`.

A reader gives each ten seconds. The list is made of the runs in a folder of results; experiments
without a run there keep the line that they have.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from bench.core.options import labels
from bench.site.charts import picture
from bench.site.content import Shown, experiments
from tests.golden.reference import ROOT

PAGE = ROOT / "docs" / "ten_seconds.md"
PICTURES = ROOT / "docs" / "pictures"
WIDTH = 520  # pixels
START, STOP = "<!-- ten_seconds -->\n\n", "\n\n<!-- /ten_seconds -->"


def listed() -> dict[str, str]:
    """The lines of the page as they are, by experiment."""
    text = PAGE.read_text(encoding="utf-8").split(START)[1].split(STOP)[0]
    return {
        found[1]: line for line in text.splitlines() if (found := re.search(r"/(\w+)\.png", line))
    }


def line_of(one: Shown, called: Mapping[str, str]) -> str:
    """The row of one experiment: its name, what it found, and its first chart."""
    claim = one.claims[0].replace("|", "\\|")
    name = called[one.name]
    return f"| {name} | {claim} | ![{name}](pictures/{one.name}.png) |"


def draw(one: Shown) -> bool:
    """Write the picture of an experiment; whether it has one."""
    from PIL import Image

    if chart := one.chart():
        found = picture(chart, WIDTH)
    elif one.pictures:
        found = one.pictures[0].read_bytes()
    else:
        return False
    with Image.open(BytesIO(found)) as drawn:
        small = drawn.convert("RGB")
        small.thumbnail((WIDTH, 2 * WIDTH))
        small.quantize(64).save(PICTURES / f"{one.name}.png", optimize=True)
    return True


def main(results: Path) -> None:
    """Bring the page up to the runs."""
    PICTURES.mkdir(exist_ok=True)
    lines = listed()
    found = [one for one in experiments(results) if one.run is not None and one.claims]
    called = labels("experiment", [one.name for one in found])
    lines |= {one.name: line_of(one, called) for one in found if draw(one)}
    rows = [lines[name] for name in sorted(lines)]
    block = "\n".join(
        ["| experiment | what it found | first chart |", "| --- | --- | --- |", *rows]
    )
    text = PAGE.read_text(encoding="utf-8")
    head, rest = text.split(START)
    PAGE.write_text(f"{head}{START}{block}{STOP}{rest.split(STOP)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "results")
