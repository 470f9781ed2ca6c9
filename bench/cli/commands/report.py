"""Make tables, figures and page of a kept run again, without running it; or a hubverse hub."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

from bench.core.errors import ConfigError, DataError, did_you_mean
from bench.report.plotting.style import WIDTHS_IN

ENDINGS = "the folder of a run, or the name of an experiment (its latest run)"


def main(arguments: list[str]) -> int:
    """Write the report of a run again."""
    parser = argparse.ArgumentParser(prog="bench report", description=__doc__)
    parser.add_argument("run", help=ENDINGS)
    parser.add_argument("--to", type=Path, help="write into this folder, and leave the run alone")
    parser.add_argument("--results", type=Path, default=Path("results"), help="where runs are kept")
    parser.add_argument("--hubverse", action="store_true", help="write a hub (hubverse.io) as well")
    parser.add_argument(
        "--sizes",
        nargs="+",
        default=[],
        metavar="SIZE",
        help="every figure in these sizes too: single, double, slide",
    )
    options = parser.parse_args(arguments)
    for size in options.sizes:
        if size not in WIDTHS_IN:
            raise ConfigError(f"no size is called '{size}' ({did_you_mean(size, WIDTHS_IN)})")
    run = find_run(options.run, options.results)
    target = options.to or run

    if study_of(run) != "backtest":
        from bench.studies.published import show_study_again

        if options.hubverse:
            raise ConfigError(f"{run} is a study; a hub can be made of a backtest only")
        show_study_again(run, target, options.sizes)
        print(f"\nreport: {target}")
        return 0
    from bench.studies.backtest.render import long_tables, show_again

    shown = show_again(run, target)
    errors, forecasts, methods = long_tables(run)
    if options.sizes:
        from bench.studies.backtest.render import figures_in_sizes

        figures_in_sizes(target, errors, forecasts, methods, shown, options.sizes)
    if options.hubverse:
        from bench.report.hubverse import write_hubverse

        written = write_hubverse(target / "hubverse", forecasts, [item.facts for item in shown])
        print(f"\nhub: {target / 'hubverse'} ({len(written)} files)")
    print(f"\nreport: {target}")
    return 0


def study_of(run: Path) -> str:
    """The study of a kept run, ``backtest`` if it is none.

    Raises
    ------
    DataError
        If its manifest cannot be read.
    """
    path = run / "manifest.json"
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["settings"]["study"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}: cannot be read ({error})") from error


def find_run(given: str, results: Path) -> Path:
    """The folder of a run, by its path or by the name of its experiment.

    Raises
    ------
    ConfigError
        If there is neither.
    """
    for folder in (Path(given), results / given):
        if (folder / "manifest.json").is_file():
            return folder
        if runs := _by_time(folder.glob("[!.]*/manifest.json")):
            return runs[-1]
    known = _by_time(results.glob("[!.]*/[!.]*/manifest.json"))
    if not known:
        raise ConfigError(f"no run is called '{given}': none is kept in {results} yet")
    names = sorted({run.parent.name for run in known})
    latest = ", ".join(run.as_posix() for run in reversed(known[-5:]))
    raise ConfigError(
        f"no run is called '{given}' ({did_you_mean(given, names)}); accepted: {ENDINGS}; latest "
        f"first: {latest}"
    )


def _by_time(manifests: Iterable[Path]) -> list[Path]:
    """The folders of runs, which are named after the time they were made, latest last."""
    return sorted((path.parent for path in manifests), key=lambda folder: folder.name)
