"""Writing what a file of polls changes: tables, card and sums, all of it or nothing."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from bench.core.write import csv_text, write_bytes, write_text
from bench.data.columns import TABLES
from bench.data.election import load_election
from bench.data.election_folder import SHORT, is_short
from bench.data.ingest.poll_map import PollMap
from bench.data.ingest.poll_update import ADDED, Update
from bench.data.readers import SUMS, forget
from bench.data.tables import polls_of


def write_update(
    update: Update, poll_map: PollMap, source: Path, imported_at: pd.Timestamp
) -> list[Path]:
    """Write what `planned_update` found, after a copy with it was read whole; the files written.

    Raises
    ------
    DataError
        If the election could not be read with it; then nothing was written.
    """
    folder = update.election.folder
    short = is_short(folder)
    table = SHORT if short else "inputs/polls.csv"
    texts = {table: csv_text(_trimmed(update.after, short))}
    if update.slates:
        texts["slates.csv"] = _slates_text(folder / "slates.csv", update.slates)
    card = folder / "CARD.md"
    if card.is_file():
        texts["CARD.md"] = _card(card.read_text("utf-8"), update, poll_map, source, imported_at)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as place:
        copy = Path(place) / folder.name
        shutil.copytree(folder, copy)
        for name, text in texts.items():
            write_text(copy / name, text)
        polls_of(load_election(f"{copy.as_posix()}/"))
        if (folder / SUMS).is_file():
            texts[SUMS] = _sums((folder / SUMS).read_text("utf-8"), texts)
    written = [write_bytes(folder / name, text.encode("utf-8")) for name, text in texts.items()]
    forget()
    return written


def _trimmed(rows: pd.DataFrame, short: bool) -> pd.DataFrame:
    """Without columns of versions that nobody needs, and of short forms without empty ones."""
    out = rows.drop(columns=["written"], errors="ignore")
    if short and "written" in rows:
        out["candidate"] = rows["written"]
    optional = [*out] if short else [name for name in TABLES["polls"].versions if name in out]
    empty = [name for name in optional if out[name].isna().all()]
    return out.drop(columns=empty)


def _slates_text(path: Path, new: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    text = path.read_text("utf-8")
    lines = [f"{name},{candidate}" for name, candidates in new for candidate in candidates]
    return text.rstrip("\n") + "\n" + "\n".join(lines) + "\n"


def _card(
    text: str, update: Update, poll_map: PollMap, source: Path, imported_at: pd.Timestamp
) -> str:
    """The card with its counts of rows and a line about the import."""
    counts = {"inputs/polls.csv": len(update.after), SHORT: len(update.after)}
    if update.slates:
        n_rows = sum(len(candidates) for _, candidates in update.slates)
        stated = re.search(r"\| `slates\.csv` \| ([\d,]+) \|", text)
        if stated:
            n_rows += int(stated[1].replace(",", ""))
        counts["slates.csv"] = n_rows
    for name, count in counts.items():
        row = rf"(\| `{re.escape(name)}` \| )[\d,]+( \|)"
        text = re.sub(row, rf"\g<1>{count:,}\g<2>", text)
    numbers = {kind: len(update.of(kind)) for kind in ADDED}
    words = [f"{number} {kind}" for kind, number in numbers.items() if number]
    counted = ", ".join(words)
    credit = poll_map.credit or poll_map.title or "by hand"
    lines = [f"- {imported_at:%Y-%m-%d}, `{source.name}` ({credit}): {counted}."]
    for change in update.of("corrected"):
        lines.append(f"  - {change.poll_id}, corrected: {change.words}.")
    if "\n## Imports\n" not in text:
        text = text.rstrip("\n") + "\n\n## Imports\n"
        lines = ["", *lines]
    return text.rstrip("\n") + "\n" + "\n".join(lines) + "\n"


def _sums(text: str, changed: dict[str, str]) -> str:
    sums = {}
    for line in text.splitlines():
        total, name = line.split(maxsplit=1)
        sums[name] = total
    for name, content in changed.items():
        sums[name] = hashlib.sha256(content.encode()).hexdigest()
    lines = [f"{total}  {name}\n" for name, total in sorted(sums.items())]
    return "".join(lines)
