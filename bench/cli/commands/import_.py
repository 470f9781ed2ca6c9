"""Take polls from a file into an election, and tell what is new or corrected before writing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from bench.core.errors import ConfigError
from bench.data.ingest.poll_file import read_polls
from bench.data.ingest.poll_map import PollMap, read_map, shipped, shipped_maps
from bench.data.ingest.poll_update import Update, planned_update
from bench.data.ingest.poll_write import write_update

SIGNS = {"new": "+", "corrected": "~", "held back": "!"}


def main(arguments: list[str]) -> int:
    """Say what a file would change, and write it if asked to."""
    options = _parser().parse_args(arguments)
    file, source = options.file, options.source
    if file is None and source and Path(source).is_file():  # --from FILE, in our own columns
        file, source = Path(source), None
    poll_map = chosen_map(source, options.map)
    if options.only:
        poll_map = poll_map.model_copy(update={"only": {**poll_map.only, **_only(options.only)}})
    if file is None or not file.is_file():
        raise ConfigError(f"{file} is not a file; download it first: nothing is fetched by itself")
    if not (options.into / "election.yaml").is_file():
        raise ConfigError(
            f"{options.into} is not the folder of an election (it has no election.yaml)"
        )
    now = pd.Timestamp.now().floor("s")
    rows = read_polls(file, poll_map)
    update = planned_update(options.into, rows, file, imported_at=now, accepted=options.accept)
    print("\n".join(in_words(update, file, poll_map)))
    if update.is_nothing:
        return 0
    if not (options.write or _agreed()):
        print("nothing was written; --write writes it")
        return 0
    written = write_update(update, poll_map, file, now)
    print(*(f"wrote  {path}" for path in written), sep="\n")
    print(f"next   bench check {options.into}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench import", description=__doc__)
    parser.add_argument("what", choices=["polls"])
    parser.add_argument("file", nargs="?", type=Path, help="CSV or Parquet, downloaded before")
    parser.add_argument(
        "--from", dest="source", help=f"whose columns: {', '.join(shipped_maps())} (default: ours)"
    )
    parser.add_argument("--map", help="a map of your own, a YAML file")
    parser.add_argument(
        "--only", action="append", default=[], metavar="COLUMN=WORD", help="rows that count"
    )
    parser.add_argument("--into", type=Path, required=True, help="the folder of the election")
    parser.add_argument(
        "--yes", "--write", dest="write", action="store_true", help="write without asking"
    )
    parser.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="NAME",
        help="a poll or an institute that is right although it is refused",
    )
    return parser


def chosen_map(source: str | None, map_option: str | None) -> PollMap:
    """The map of a name, of a file, or that of our own columns.

    Raises
    ------
    ConfigError
        If both are given, or there is no such map.
    """
    if source and map_option:
        raise ConfigError("give --from NAME or --map FILE, not both")
    if map_option and Path(map_option).is_file():
        return read_map(Path(map_option))
    name = source or map_option
    return shipped(name) if name else PollMap()


def _only(pairs: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Words by column of the file.

    Examples
    --------
    >>> _only(["Scope=National", "Scope=European"])
    {'Scope': ('National', 'European')}
    """
    words_by_column: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        column, sign, word = pair.partition("=")
        if not sign:
            raise ConfigError(f"--only is '{pair}'; accepted: COLUMN=WORD, such as Scope=National")
        words_by_column[column] = (*words_by_column.get(column, ()), word)
    return words_by_column


def in_words(update: Update, file: Path, poll_map: PollMap) -> list[str]:
    """What would change, a line for every poll that does."""
    kinds = ("unchanged", *SIGNS)
    counts = ", ".join(f"{len(update.of(kind))} {kind}" for kind in kinds if update.of(kind))
    of = f" ({poll_map.title}, {poll_map.licence})" if poll_map.title else ""
    n = len(update.changes)
    lines = [f"{file}{of}: {n} poll{'' if n == 1 else 's'}: {counts or 'none'}"]
    for kind, sign in SIGNS.items():
        for change in update.of(kind):
            lines.append(f"  {sign} {kind}  {change.poll_id}: {change.words}")
    lines += [f"  + slate  {name}: {', '.join(candidates)}" for name, candidates in update.slates]
    if update.left:
        lines.append("  ! the file says who has left the race; add to candidacies.csv:")
        lines += [f"      {line}" for line in update.left]
    if update.is_nothing:
        lines.append(f"nothing to write: {update.election.folder} holds all of it")
    return lines


def _agreed() -> bool:
    if not sys.stdin.isatty():
        return False
    return input("write it? [y/N] ").strip().lower() in ("y", "yes")
