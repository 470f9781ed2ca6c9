"""Who says what of one vote, how old it is, and after it how far everybody was off.

Dated forecasts of others stand in `boards/ELECTION` beside the election, ours are made as of the
same moments.
"""

from __future__ import annotations

import argparse
import sys

from bench.cli.commands.forecast import experiment_of, moment_as_list
from bench.cli.main import run_and_save, status_of
from bench.data.election import load_election
from bench.data.task import is_over

OPEN, OVER = "2027_board", "2022_board"
"""Experiments whose methods and moments the board of any election takes."""
WIDTH = 80


def main(arguments: list[str]) -> int:
    """Print a board and write its page; 3 if a predictor failed."""
    parser = argparse.ArgumentParser(prog="bench board", description=__doc__)
    parser.add_argument("election", help="a name that bench list elections prints, or a folder")
    parser.add_argument("settings", nargs="*", help="as for a run: as_of=2026-07-12T20:00 …")
    parser.add_argument("--all", action="store_true", help="print every finding, table and note")
    options = parser.parse_intermixed_args(arguments)
    election = load_election(options.election)
    name = OVER if is_over(election, min(election.rounds)) else OPEN
    typed = [moment_as_list(setting) for setting in options.settings]
    done = run_and_save(experiment_of(options.election, typed, name=name), ["board", *arguments])
    done.print(width=WIDTH, everything=options.all)
    sys.stdout.flush()
    assert done.folder is not None
    print(f"\npage: {done.folder / 'report.html'}", file=sys.stderr)
    return status_of(done)
