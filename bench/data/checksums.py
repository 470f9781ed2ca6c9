"""SHA-256 sums: which files are the very ones that were checked when they were built."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

SUMS = "SHA256SUMS"


@cache
def _listed(sums: Path) -> dict[str, str]:
    if not sums.is_file():
        return {}
    lines = sums.read_text(encoding="utf-8").splitlines()
    pairs = (line.split(maxsplit=1) for line in lines if line.strip())
    return {name.strip(): digest for digest, name in pairs}


def sha256(path: Path) -> str:
    """The SHA-256 sum of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def is_as_shipped(path: Path) -> bool:
    """Whether the file's sum is the one listed in the `SHA256SUMS` of its election."""
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
