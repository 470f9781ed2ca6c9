"""What the commands of the tutorial print in 80 columns: the headline and its table."""

from __future__ import annotations

import io

import bench
from bench.report.terminal import print_report

FEW = "predictor=[last_poll,app_ratings,attention_share,last_election,uniform]"
COMMANDS: dict[str, tuple[str, ...]] = {
    "tutorial_quickstart": ("quickstart",),
    "tutorial_eve": ("2017_r1", FEW),
    "tutorial_march": ("2017_r1", FEW, 'as_of=["2017-03-01T20:00"]'),
}
NOTES = "Columns left out to fit"  # the first line below the table


def printed(block: str) -> str:
    """The command of a block, and what it prints down to the notes."""
    experiment, *overrides = COMMANDS[block]
    out = io.StringIO()
    print_report(bench.run(experiment, *overrides).shown, file=out, width=80)
    shown, _, rest = out.getvalue().partition(f"\n{NOTES}")
    assert rest, f"{block}: the terminal no longer says '{NOTES}'"
    typed = [f"'{one}'" if "[" in one else one for one in overrides]
    command = " \\\n    ".join([f"$ bench run {experiment}", *typed])
    lines = [line.rstrip() for line in shown.rstrip().splitlines()]
    return "\n".join(["```text", command, "", *lines, "…", "```"])
