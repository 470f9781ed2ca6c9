"""What the commands of the tutorial print in 80 columns."""

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


def printed(block: str) -> str:
    """The command of a block, and what it prints."""
    experiment, *overrides = COMMANDS[block]
    out = io.StringIO()
    print_report(bench.run(experiment, *overrides).shown, file=out, width=80)
    typed = [f"'{one}'" if "[" in one else one for one in overrides]
    command = " \\\n    ".join([f"$ bench run {experiment}", *typed])
    lines = [line.rstrip() for line in out.getvalue().rstrip().splitlines()]
    return "\n".join(["```text", command, "", *lines, "```"])
