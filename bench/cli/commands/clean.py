"""List what the bench has cached, and empty it on request; results are never touched.

Runs are never touched: `bench results` lists and deletes these.
"""

from __future__ import annotations

import argparse
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from bench.core.errors import ConfigError, did_you_mean
from bench.report.run_folder import UNFINISHED
from bench.runner.cache import ABANDONED_S, FOLDER

KINDS = {
    "cache": FOLDER,
    "cells": ".cells",
    "drawings": ".drawings",
    "unfinished": f"*/.*{UNFINISHED}",
}
"""Folders beside the runs that can go: what repeated runs read (`cells` and `drawings` are of
earlier versions), and what killed runs left."""


@dataclass(frozen=True)
class CachedFolder:
    """One folder that can be made again from code and data."""

    kind: str
    folder: Path
    files: int
    size: int
    newest: float

    @property
    def line(self) -> str:
        """One line of the list: kind, size, files, age and folder."""
        days = (time.time() - self.newest) / 86_400
        age = "today" if days < 1 else f"{days:.0f} days ago"
        return (
            f"{self.kind:<10} {self.size / 1e6:>9,.1f} MB {self.files:>8,} files  "
            f"last used {age:<13} {self.folder}"
        )


def main(arguments: list[str]) -> int:
    """Print every cache with its size; delete them with --yes."""
    parser = argparse.ArgumentParser(prog="bench clean", description=__doc__)
    parser.add_argument("kind", nargs="*", help=f"{', '.join(KINDS)} (default: all)")
    parser.add_argument("--yes", action="store_true", help="delete what is listed")
    parser.add_argument("--results", type=Path, default=Path("results"), help="where runs lie")
    options = parser.parse_args(arguments)
    for kind in options.kind:
        if kind not in KINDS:
            raise ConfigError(f"no cache is called '{kind}' ({did_you_mean(kind, KINDS)})")
    found = caches(options.results, options.kind or list(KINDS))
    if not found:
        print(f"nothing is cached in {options.results}")
        return 0
    print(*(cache.line for cache in found), sep="\n")
    total = f"{sum(cache.size for cache in found) / 1e6:,.1f} MB"
    if not options.yes:
        print(f"\n{total} in all; results stay. The same with --yes deletes what is listed")
        return 0
    for cache in found:
        shutil.rmtree(cache.folder)
    print(f"\n{total} deleted; the next run computes what it needs again")
    return 0


def caches(results: Path, kinds: list[str]) -> list[CachedFolder]:
    """The caches of these kinds beside the runs of a folder of results; links are left alone."""
    found = []
    for kind in kinds:
        for folder in sorted(results.glob(KINDS[kind])):
            if folder.is_symlink() or not folder.is_dir():
                continue
            facts = [path.lstat() for path in folder.rglob("*") if not path.is_dir()]
            newest = max((each.st_mtime for each in facts), default=folder.stat().st_mtime)
            if kind == "unfinished" and time.time() - newest < ABANDONED_S:
                continue  # a run may be writing there
            size = sum(each.st_size for each in facts)
            found.append(CachedFolder(kind, folder, len(facts), size, newest))
    return found
