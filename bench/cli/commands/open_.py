"""Open the page of a run in the browser: the latest run, or the one that you name."""

from __future__ import annotations

import argparse
import webbrowser
from pathlib import Path

from bench.core.errors import ConfigError
from bench.report.run_folder import ACCEPTED, find_run, runs_by_time

PAGE = "report.html"


def main(arguments: list[str]) -> int:
    """Print where the page lies, and hand it to the browser where there is one."""
    parser = argparse.ArgumentParser(prog="bench open", description=__doc__)
    parser.add_argument("run", nargs="?", help=f"{ACCEPTED} (default: the latest of all)")
    parser.add_argument("--results", type=Path, default=Path("results"), help="where runs lie")
    parser.add_argument("--print", action="store_true", help="say where it lies, open nothing")
    options = parser.parse_args(arguments)
    if options.run:
        run = find_run(options.run, options.results)
    elif runs := runs_by_time(options.results):
        run = runs[-1]
    else:
        raise ConfigError(f"no run lies in {options.results} yet; the first: bench run quickstart")
    page = run / PAGE
    if not page.is_file():
        raise ConfigError(f"{run} has no {PAGE}; it is made again with: bench report {run}")
    print(page)
    if not options.print and not webbrowser.open(page.resolve().as_uri()):
        print("no browser could be started here; open the file by hand")
    return 0
