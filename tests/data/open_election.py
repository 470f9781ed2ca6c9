"""The made-up election as it was before its vote, in the past of whoever runs the tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

from bench.core import paths

YEARS_BACK = 12  # from 2031 to 2019
VOTE_ON = "2019-04-06"
AS_OF = "2019-04-01T20:00"
REPEATED, WITHOUT = "r1_plumb_2031_02_25", "brook"
CANDIDACIES = "candidate,status,published_on,basis,source\n"
DATES = ("fieldwork_start", "fieldwork_end", "published_on", "day", "available_on")


def open_election(folder: Path, *, candidacies: str = "", future: bool = False) -> Path:
    """Write an open election `toy_open` without outcome, with its polls and two slates.

    Parameters
    ----------
    folder : Path
        Where its folder is made.
    candidacies : str
        Rows of `candidacies.csv`.
    future : bool
        Whether it keeps its dates in 2031.
    """
    target = folder / "toy_open"
    shutil.copytree(paths.datasets() / "toy", target)
    shutil.rmtree(target / "outcome")
    for name in ("SHA256SUMS", "CARD.md"):
        (target / name).unlink()
    back = 0 if future else YEARS_BACK
    for path in sorted((target / "inputs").glob("*.csv")):
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        for column in DATES:
            if column in table and back:
                table[column] = [_earlier(text, back) for text in table[column]]
        if path.stem == "polls":
            table = _with_another_slate(table)
        table.to_csv(path, index=False)
    (target / "election.yaml").write_text(_facts(2031 - back), encoding="utf-8")
    if candidacies:
        (target / "candidacies.csv").write_text(CANDIDACIES + candidacies, encoding="utf-8")
    return target


def _earlier(text: str, years: int) -> str:
    moment = pd.Timestamp(text) if text else None
    if moment is None:
        return text
    return (moment - pd.DateOffset(years=years)).isoformat().removesuffix("T00:00:00")


def _with_another_slate(polls: pd.DataFrame) -> pd.DataFrame:
    """The polls, and one sample asked once more without one of the candidates."""
    repeated = polls[polls["poll_id"].eq(REPEATED) & polls["candidate"].ne(WITHOUT)]
    return pd.concat([polls, repeated.assign(poll_id="p_without_brook")], ignore_index=True)


def _facts(year: int) -> str:
    lines = ["election: toy_open", 'name: "Made-up election, before it"', "country: XT", "rounds:"]
    for number, days, n_advance in ((1, ("03-30", "04-06"), 2), (2, ("04-13", "04-20"), 1)):
        first, last = (f"{year}-{day}" for day in days)
        lines += [
            f"  {number}:",
            f'    vote_on: "{last}"',
            f'    possible_days: ["{first}", "{last}"]',
            f'    known_at: "{last}T20:00:00"',
            f"    n_advance: {n_advance}",
            "    candidates: open",
        ]
    return "\n".join(lines) + "\n"
