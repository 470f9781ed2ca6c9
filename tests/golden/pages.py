"""Generated tables of README and a few pages: `python -m tests.golden.pages [block ...]`."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from bench.studies.run import load_run
from tests.golden import track_record, tutorial
from tests.golden.reference import FOLDER, ROOT, readme_block
from tests.published import figures


def published() -> str:
    """Every published figure, by source, and ours beside."""
    tables: dict[str, list[list[str]]] = {}
    for figure in figures():
        ours, rows = figure.compute(), tables.setdefault(figure.source, [])
        if figure.printed == "0" and not figure.because:  # of two packages, of which bits differ
            rows.append([figure.what, "0", f"below {figure.tolerance:g}", "", ""])
        else:
            gap = round(ours - float(figure.printed), 9)  # below that it is the machine's
            cells = [figure.printed, f"{ours:.8g}", f"{gap:+.2g}" if gap else "0"]
            rows.append([figure.what, *(cell.replace("-", "−") for cell in cells), figure.because])
    heads = ["figure", "published", "ours", "difference", "why"]
    return "\n\n".join(f"**{source}**\n\n{table(heads, rows)}" for source, rows in tables.items())


def report_claims() -> str:
    """What the bench finds on each claim of the report of 2018, with its sources."""
    claims = load_run(FOLDER / "report_2018").tables["claims"]
    lines = claims.to_markdown().splitlines()
    return "\n".join(line for line in lines if line.startswith("|"))


RECORD_LAB = "../results/reference/track_record.md"
BLOCKS: dict[str, tuple[str, Callable[[], str]]] = {
    "headline": ("../README.md", readme_block),
    "record": ("../README.md", track_record.in_readme),
    "record_findings": ("track_record.md", track_record.sentences),
    "record_pairs": (RECORD_LAB, track_record.pairs),
    "record_countries": (RECORD_LAB, track_record.countries),
    "record_days": (RECORD_LAB, track_record.moments),
    "record_sensitivity": (RECORD_LAB, track_record.sensitivity),
    "errors_of_record": (RECORD_LAB, track_record.errors_of_record),
    "intervals_of_record": (RECORD_LAB, track_record.coverage),
    "report_claims": ("report_2018.md", report_claims),
    **{name: ("tutorial.md", partial(tutorial.printed, name)) for name in tutorial.COMMANDS},
    "published": ("../results/reference/published.md", published),
}


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def path_of(name: str) -> Path:
    """The page that shows a block."""
    return ROOT / "docs" / BLOCKS[name][0]


def shown(name: str) -> str:
    """A block as its page has it now."""
    page = path_of(name).read_text(encoding="utf-8")
    block = re.search(rf"<!-- {name} -->\n\n(.*?)\n\n<!-- /{name} -->", page, flags=re.DOTALL)
    assert block is not None, f"{path_of(name)} has no markers of {name}"
    return block[1]


def make(name: str) -> None:
    """Put a block anew into its page."""
    page, block = path_of(name), BLOCKS[name][1]()
    start, stop = f"<!-- {name} -->\n\n", f"\n\n<!-- /{name} -->"
    text = page.read_text(encoding="utf-8")
    page.write_text(
        text.replace(f"{start}{shown(name)}{stop}", f"{start}{block}{stop}"), encoding="utf-8"
    )


def main(arguments: list[str] | None = None) -> int:
    """Make blocks anew, or with ``--check`` name those that differ: then the status is 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden.pages", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if one differs")
    parser.add_argument("block", nargs="*", help="all if left out")
    options = parser.parse_args(arguments)
    stale = []
    for name in options.block or BLOCKS:
        if not options.check:
            make(name)
        elif shown(name) != BLOCKS[name][1]():
            stale.append(name)
            page = path_of(name).resolve().relative_to(ROOT)
            print(f"{page}: {name} differs; run python -m tests.golden.pages {name}")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
