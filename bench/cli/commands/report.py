"""Make tables, figures and page of a run again, without running it.

Of a backtest or of a study.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench.core.errors import ConfigError, did_you_mean
from bench.core.language import LANGUAGES
from bench.report.plotting.style import WIDTHS_IN
from bench.report.run_folder import ACCEPTED, said_if_changed


def main(arguments: list[str]) -> int:
    """Write the report of a run again."""
    parser = argparse.ArgumentParser(prog="bench report", description=__doc__)
    parser.add_argument("run", help=ACCEPTED)
    parser.add_argument("--to", type=Path, help="write into this folder, and leave the run alone")
    parser.add_argument("--results", type=Path, default=Path("results"), help="where runs lie")
    sizes = "every figure in these sizes too: single (3.5 inches), double (7.2), slide (11)"
    parser.add_argument("--sizes", nargs="+", default=[], metavar="SIZE", help=sizes)
    kinds = "every figure as these files too: pdf, png of 300 dpi (SVG always, PNG of the first)"
    parser.add_argument("--files", nargs="+", default=[], choices=["pdf", "png"], help=kinds)
    parser.add_argument(
        "--language",
        choices=list(LANGUAGES),
        help="of tables, figures and page (default: that of the run)",
    )
    parser.add_argument("--all", action="store_true", help="print every finding, table and note")
    parser.add_argument("--cite", action="store_true", help="print how to cite it, and no more")
    options = parser.parse_args(arguments)
    for size in options.sizes:
        if size not in WIDTHS_IN:
            raise ConfigError(f"no size is called '{size}' ({did_you_mean(size, WIDTHS_IN)})")
    from bench.studies.run import load_run

    run = load_run(options.run, options.results)
    if options.language:
        run = run.in_language(options.language)
    if options.cite:
        print(run.cite)
        print(f"of the run {run.folder}", file=sys.stderr)
        return 0
    assert run.folder is not None
    target: Path = options.to or run.folder
    with said_if_changed(run.folder, run.manifest):
        run.write_report(target, options.sizes, options.files)
        run.print(everything=options.all)
    print(f"report: {target}")
    return 0
