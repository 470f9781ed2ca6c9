"""SHA-256 sums: which files are the very ones that were checked when they were built."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from bench.core import paths
from bench.core.errors import DataError
from bench.data.memory import remembered

SUMS = "SHA256SUMS"


@remembered()
def _listed(sums: Path) -> dict[str, str]:
    if not sums.is_file():
        return {}
    # a line that is no sum vouches for nothing: its table is checked in full
    lines = sums.read_text(encoding="utf-8", errors="replace").splitlines()
    pairs = (line.split(maxsplit=1) for line in lines)
    return {pair[1].strip(): pair[0] for pair in pairs if len(pair) == 2}


def sha256(path: Path) -> str:
    """The SHA-256 sum of a file, in hexadecimal; read once while size and time stay the same."""
    try:
        facts = path.stat()
        return _sum(path, facts.st_size, facts.st_mtime_ns, facts.st_ino)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error


@cache
def _sum(path: Path, size: int, modified_ns: int, inode: int) -> str:
    del size, modified_ns, inode
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def is_as_shipped(path: Path) -> bool:
    """Whether the file lies in the shipped `datasets/` with the sum of its `SHA256SUMS`.

    A list of sums in any other folder vouches for nothing: its files are checked in full.
    """
    if not path.resolve().is_relative_to(paths.datasets().resolve()):
        return False
    for folder in path.parents[:2]:
        listed = _listed(folder / SUMS)
        name = path.relative_to(folder).as_posix()
        if name in listed:
            return sha256(path) == listed[name]
    return False


def sums_of(folder: Path) -> dict[str, str]:
    """Sum by relative path of every table below a folder, for the manifest."""
    if (folder / "candidates.csv").is_file() or not (folder / "polls.csv").is_file():
        files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != SUMS)
    else:  # the short form may lie in a folder with anything else
        names = ("election.yaml", "outcome.csv", "polls.csv")
        files = [folder / name for name in names if (folder / name).is_file()]
    return {path.relative_to(folder).as_posix(): sha256(path) for path in files}


def sum_of(folders: Iterable[Path]) -> str:
    """One sum over the names and contents of all files below some folders, in any order."""
    named = {
        f"{folder.name}/{name}": digest
        for folder in folders
        for name, digest in sums_of(folder).items()
    }
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(named.items()))
    return hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()
