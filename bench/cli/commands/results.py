"""List what lies in `results/`: runs, pages and caches with their sizes; delete old runs."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from bench.cli.commands.clean import KINDS, caches
from bench.core.errors import ConfigError
from bench.core.options import label
from bench.report.run_folder import runs_by_time


def main(arguments: list[str]) -> int:
    """Print a line per experiment; with --keep N name older runs, with --yes delete them."""
    parser = argparse.ArgumentParser(prog="bench results", description=__doc__)
    parser.add_argument("--results", type=Path, default=Path("results"), help="where runs lie")
    parser.add_argument(
        "--keep", type=int, metavar="N", help="name all but the latest N runs of each experiment"
    )
    parser.add_argument("--yes", action="store_true", help="delete the runs that --keep names")
    options = parser.parse_args(arguments)
    if options.keep is not None and options.keep < 0:
        raise ConfigError(f"--keep is {options.keep}; accepted: a whole number of at least 0")
    if options.yes and options.keep is None:
        raise ConfigError("--yes deletes what --keep N names; give --keep N with it")
    by_experiment: dict[str, list[Path]] = {}
    for run in runs_by_time(options.results):
        by_experiment.setdefault(run.parent.name, []).append(run)
    if options.keep is not None:
        return _delete_older(by_experiment, options.keep, options.yes)
    if not by_experiment:
        print(f"no run lies in {options.results} yet; the first: bench run quickstart")
    for name, runs in sorted(by_experiment.items()):
        size = sum(map(_size, runs))
        print(f"{name:<24} {len(runs):>3} runs {size / 1e6:>8,.1f} MB  {label('experiment', name)}")
        print(f"  latest: {runs[-1]}")
    cached = sum(cache.size for cache in caches(options.results, list(KINDS)))
    print(f"\ncached: {cached / 1e6:,.1f} MB (bench clean empties it; runs stay)")
    return 0


def _delete_older(by_experiment: dict[str, list[Path]], keep: int, delete: bool) -> int:
    old = [run for runs in by_experiment.values() for run in runs[: max(0, len(runs) - keep)]]
    size = sum(map(_size, old))
    print(*old, f"{len(old)} runs, {size / 1e6:,.1f} MB", sep="\n")
    if old and not delete:
        print("nothing is deleted yet: the same with --yes deletes them")
    for run in old if delete else []:
        shutil.rmtree(run)
        if run.parent.is_dir() and not any(run.parent.iterdir()):
            run.parent.rmdir()
    return 0


def _size(folder: Path) -> int:
    """Bytes of the files of a folder; links are not followed."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())
